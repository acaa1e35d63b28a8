// The page: its state lives in the address, every control writes the state, every change asks for one frame.
const $ = id => document.getElementById(id);
const STEPS = 2000, RUNS = 12, BASIN_STEPS = 4000, SIGMA = 4;
const state = { loss: LOSSES[0].id, typed: "", rule: "sam", rho: 0.4, lr: 0.02, momentum: 0, sigma: 0, batches: "same", compare: false, basins: false, runs: [], selected: 0, view: null, step: STEPS };
let loss = LOSSES[0], points = [], focus = null, wanted = false, scriptMs = 0;
const pictures = [new Picture($("left"), "SAM"), new Picture($("right"), "gradient descent")];
const map = new StabilityMap($("map"));
const dark = matchMedia("(prefers-color-scheme: dark)");
const rhoMax = () => loss.rhoMax || 2;

const css = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
let palette = null;
function colours() {
  if (palette && palette.dark === dark.matches) return palette;
  const light = !dark.matches;
  palette = {
    dark: dark.matches, name: light ? "light" : "dark", ground: css("ground"), ink: css("ink"), quiet: css("quiet"),
    plate: light ? "rgba(255,255,255,.82)" : "rgba(16,20,25,.8)", grid: light ? "rgba(30,50,70,.12)" : "rgba(220,230,245,.12)",
    axis: light ? "rgba(30,50,70,.42)" : "rgba(220,230,245,.42)", arrow: light ? "rgba(22,32,43,.62)" : "rgba(232,236,241,.66)",
    low: light ? [122, 170, 205] : [18, 44, 66], high: light ? [252, 249, 240] : [96, 84, 62],
    attracts: css("attracts"), repels: css("repels"), neutral: css("neutral"), held: css("held"), shifted: css("held"), leaves: css("repels"), moving: css("quiet"), ascent: css("repels"),
    runs: light ? ["#a3005c", "#00477a", "#6b3d00", "#3d006b"] : ["#ff8ac4", "#8fd0ff", "#ffd08a", "#cdb0ff"],
    mapIn: light ? [110, 190, 165] : [22, 104, 82], mapOut: light ? [240, 190, 150] : [116, 56, 20],
    mapLong: light ? [205, 190, 225] : [74, 58, 104], mapFlat: light ? [225, 225, 225] : [60, 66, 74],
    basins: light ? [[150, 205, 190], [250, 210, 160], [175, 200, 235], [225, 185, 215], [225, 225, 160], [195, 215, 150], [235, 180, 170], [180, 220, 230], [210, 200, 190]]
      : [[20, 84, 68], [110, 70, 20], [32, 66, 110], [94, 46, 78], [88, 88, 26], [60, 84, 24], [110, 48, 40], [24, 84, 98], [78, 70, 60]],
    undecided: light ? [235, 235, 235] : [44, 48, 54], gone: light ? [255, 255, 255] : [20, 24, 29],
  };
  return palette;
}

const settings = () => ({ rule: state.rule, rho: state.rho, lr: state.lr, momentum: state.momentum, sigma: state.sigma, batches: state.batches });
const rounded = v => String(+v.toPrecision(4)).replace("-", "−");

// Sliders: rho linear, lr logarithmic from 1e-4 to 1.
const LR = { low: 1e-4, ratio: 1e4 };
function showControls() {
  $("loss").value = state.typed ? "typed" : state.loss;
  $("rule").value = state.rule;
  $("rho").value = (1000 * state.rho) / rhoMax();
  $("lr").value = (1000 * Math.log(state.lr / LR.low)) / Math.log(LR.ratio);
  $("momentum").value = state.momentum;
  $("rho").disabled = state.rule === "gd";
  $("compare").checked = state.compare;
  $("basins").checked = state.basins;
  $("rho-out").value = rounded(state.rho);
  $("lr-out").value = rounded(state.lr);
  $("momentum-out").value = rounded(state.momentum);
  $("sigma").value = state.sigma;
  $("sigma-out").value = rounded(state.sigma);
  $("batches").value = state.batches;
  $("batches").disabled = !(state.sigma > 0) || state.rule === "gd";
  $("step").value = state.step;
  $("step-out").value = state.step < STEPS ? state.step : "whole run";
  // A slider's own number means nothing: what it stands for is said instead.
  for (const name of ["rho", "lr", "momentum", "sigma", "step"]) $(name).setAttribute("aria-valuetext", $(`${name}-out`).value);
  $("shown").textContent = loss.formula;
  $("right").hidden = !state.compare;
  $("pictures").classList.toggle("two", state.compare);
  $("source").textContent = loss.points ? (loss.line ? "Certified samples of curves of critical points." : "All of them, certified.") : "Found by Newton’s method in the box shown; not certified.";
}

function judged(s) {
  return points.map((at, index) => ({ at, index, ...judge(loss, s, at, points, loss.view.half) }));
}

function listPoints(list) {
  const shown = loss.line ? list.filter((p, k) => p.kind !== "degenerate" || k === state.selected) : list, left = list.length - shown.length;
  $("more").textContent = left ? `and ${left} samples of a curve of them` : "";
  $("points").replaceChildren(...shown.map(p => {
    const item = document.createElement("li"), button = document.createElement("button"), small = document.createElement("small"), verdict = document.createElement("b");
    button.type = "button";
    button.dataset.state = p.state;
    button.dataset.kind = p.kind;
    button.setAttribute("aria-pressed", String(p.index === state.selected));
    verdict.className = "s-" + p.state;
    verdict.textContent = `${STATE[p.state].mark} ${STATE[p.state].word}`;
    const threshold = p.threshold !== null && state.rule === "sam" ? ` · threshold ρ* = ${rounded(p.threshold)}` : "";
    small.textContent = `eigenvalues ${p.spectrum.map(rounded).join(", ")}${threshold}; ${p.why}`;
    button.append(verdict, `${p.kind} (${p.at.map(rounded).join(", ")})`, small);
    button.onclick = () => { state.selected = p.index; change(); };
    item.append(button);
    return item;
  }));
}

// The verdict on the selected point, beside the picture; and rho's threshold there as a tick under its slider.
let told = "";
function tell(main) {
  const p = main.points[state.selected], star = $("rho-star");
  star.hidden = !(p && p.threshold !== null && state.rule === "sam" && p.threshold <= rhoMax());
  if (!star.hidden) star.style.setProperty("--at", p.threshold / rhoMax());
  $("verdict").replaceChildren();
  if (!p) return;
  const word = document.createElement("b");
  word.className = "s-" + p.state;
  word.textContent = `${STATE[p.state].mark} ${STATE[p.state].word}`;
  $("verdict").append(`${p.kind} (${p.at.map(rounded).join(", ")}) `, word);
  const key = JSON.stringify([loss.formula, state.rule, p.index]), now = `${key} ${p.state}`;
  if (told.startsWith(key + " ") && now !== told && p.state !== "moving") $("status").textContent = `The ${p.kind} at (${p.at.map(rounded).join(", ")}) now ${STATE[p.state].says}.`;
  if (p.state !== "moving") told = now;
}

function scene(s) {
  const c = colours();
  return {
    loss, settings: s, view: state.view, colours: c, points: judged(s), selected: state.selected, focus, basins: state.basins, rhoMax: rhoMax(),
    step: state.step,
    runs: state.runs.map((start, k) => ({ path: trajectory(loss, s, start, STEPS, k + 1), colour: c.runs[k % c.runs.length] })),
  };
}

let listed = "";
function frame() {
  wanted = false;
  const begin = performance.now(), s = settings(), main = scene(s);
  pictures[0].label = RULES[state.rule].title;
  pictures[0].draw(main);
  if (state.compare) pictures[1].draw(scene({ ...s, rule: "gd" }));
  map.draw(main, main.points[state.selected]);
  tell(main);
  const key = JSON.stringify([main.points.map(p => [p.state, p.why, p.at]), state.selected, state.rule]);
  if (key !== listed) { listed = key; listPoints(main.points); }
  if (state.basins) askBasins();
  if (pictures.some(p => p.flashing)) redraw();
  scriptMs = performance.now() - begin;
}
function redraw() { if (!wanted) { wanted = true; requestAnimationFrame(frame); } }
function change() { showControls(); laterAddress(); redraw(); }

function choose(next) {
  loss = next;
  loss.ascent ||= loss.gradient; // without noise both see the same
  state.view = { ...loss.view };
  state.selected = 0;
  focus = null;
  points = loss.points || criticalPoints(loss, state.view);
  const saddle = points.findIndex(p => KIND(eigenvalues(loss.hessian(p[0], p[1]))) === "saddle");
  state.selected = Math.max(0, saddle);
}

function typeFormula(text) {
  const field = $("formula");
  try {
    const read = readLoss(text);
    state.typed = text;
    choose(read);
    $("error").textContent = "";
    field.removeAttribute("aria-invalid");
    return true;
  } catch (error) {
    if (!(error instanceof BadFormula)) throw error;
    $("error").textContent = error.message;
    field.setAttribute("aria-invalid", "true");
    return false;
  }
}

function drop(at) {
  if (!state.runs.some(r => r[0] === at[0] && r[1] === at[1])) state.runs = [...state.runs.slice(-(RUNS - 1)), at];
  state.step = STEPS;
  change();
  const end = trajectory(loss, settings(), at, STEPS, state.runs.length).slice(-2);
  const left = end.some(v => !(Math.abs(v) < AWAY));
  $("status").textContent = `A run of ${STEPS} steps from (${at.map(rounded).join(", ")}) ${left ? "leaves" : `ends at (${end.map(rounded).join(", ")})`}.`;
}

// Starts that are spread over the view, each a golden angle on from the last.
function another() {
  const k = state.runs.length, angle = 2.39996 * k, far = 0.8 * state.view.half * Math.sqrt((k + 0.5) / RUNS);
  return state.runs.some(r => r[0] === loss.start[0] && r[1] === loss.start[1])
    ? [state.view.x + far * Math.cos(angle), state.view.y + far * Math.sin(angle)] : [...loss.start];
}
