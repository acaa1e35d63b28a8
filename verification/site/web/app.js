// The page: its state lives in the address, every control writes the state, every change asks for one frame.
const $ = id => document.getElementById(id);
const STEPS = 2000, RUNS = 12, BASIN_STEPS = 4000;
const state = { loss: LOSSES[0].id, typed: "", rule: "sam", rho: 0.4, lr: 0.02, momentum: 0, compare: false, basins: false, runs: [], selected: 0, view: null };
let loss = LOSSES[0], points = [], focus = null, wanted = false, scriptMs = 0;
const pictures = [new Picture($("left"), "SAM"), new Picture($("right"), "GD")];
const map = new StabilityMap($("map"));
const dark = matchMedia("(prefers-color-scheme: dark)");
const RULE = { gd: "GD", sam: "SAM", normalised: "normalised SAM" };
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
    attracts: css("attracts"), repels: css("repels"), neutral: css("neutral"), held: css("held"), leaves: css("repels"),
    runs: light ? ["#a3005c", "#00477a", "#6b3d00", "#3d006b"] : ["#ff8ac4", "#8fd0ff", "#ffd08a", "#cdb0ff"],
    mapIn: light ? [110, 190, 165] : [22, 104, 82], mapOut: light ? [240, 190, 150] : [116, 56, 20],
    mapLong: light ? [205, 190, 225] : [74, 58, 104], mapFlat: light ? [225, 225, 225] : [60, 66, 74],
    basins: light ? [[150, 205, 190], [250, 210, 160], [175, 200, 235], [225, 185, 215], [225, 225, 160], [195, 215, 150], [235, 180, 170], [180, 220, 230], [210, 200, 190]]
      : [[20, 84, 68], [110, 70, 20], [32, 66, 110], [94, 46, 78], [88, 88, 26], [60, 84, 24], [110, 48, 40], [24, 84, 98], [78, 70, 60]],
    undecided: light ? [235, 235, 235] : [44, 48, 54], gone: light ? [255, 255, 255] : [20, 24, 29],
  };
  return palette;
}

const settings = () => ({ rule: state.rule, rho: state.rho, lr: state.lr, momentum: state.momentum });
const rounded = v => String(+v.toPrecision(4)).replace("-", "−");

// Sliders: rho linear, lr logarithmic from 1e-4 to 1.
const LR = { low: 1e-4, ratio: 1e4 };
function showControls() {
  $("loss").value = state.typed ? "typed" : state.loss;
  document.querySelector(`[name="rule"][value="${state.rule}"]`).checked = true;
  $("rho").value = (1000 * state.rho) / rhoMax();
  $("lr").value = (1000 * Math.log(state.lr / LR.low)) / Math.log(LR.ratio);
  $("momentum").value = state.momentum;
  $("rho").disabled = state.rule === "gd";
  $("compare").checked = state.compare;
  $("basins").checked = state.basins;
  $("rho-out").value = rounded(state.rho);
  $("lr-out").value = rounded(state.lr);
  $("momentum-out").value = rounded(state.momentum);
  $("shown").textContent = loss.formula;
  $("right").hidden = !state.compare;
  $("pictures").classList.toggle("two", state.compare);
  $("source").textContent = loss.points ? (loss.line ? "Certified samples of curves of critical points." : "All of them, certified.") : "Found by Newton’s method in the box shown; not certified.";
}

function judged(s) {
  return points.map((at, index) => ({ at, index, ...judge(loss, s, at) }));
}

function listPoints(list) {
  const box = $("points");
  box.replaceChildren(...list.map(p => {
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

function scene(s) {
  const c = colours();
  return {
    loss, settings: s, view: state.view, colours: c, points: judged(s), selected: state.selected, focus, basins: state.basins, rhoMax: rhoMax(),
    basinKey: JSON.stringify([loss.formula, s, state.view, c.name]),
    runs: state.runs.map((start, k) => ({ path: trajectory(loss, s, start, STEPS), colour: c.runs[k % c.runs.length] })),
  };
}

let listed = "";
function frame() {
  wanted = false;
  const begin = performance.now(), s = settings(), main = scene(s);
  pictures[0].label = RULE[state.rule];
  pictures[0].draw(main);
  if (state.compare) pictures[1].draw(scene({ ...s, rule: "gd" }));
  map.draw(main, main.points[state.selected]);
  const key = JSON.stringify([main.points.map(p => [p.state, p.why, p.at]), state.selected, state.rule]);
  if (key !== listed) { listed = key; listPoints(main.points); }
  if (state.basins) askBasins();
  scriptMs = performance.now() - begin;
}
function redraw() { if (!wanted) { wanted = true; requestAnimationFrame(frame); } }
function change() { showControls(); writeAddress(); redraw(); }

// Basins: rows of cells in slices of a few milliseconds, so that the page stays responsive.
let basinJob = 0;
function askBasins() {
  const jobs = [[pictures[0], settings()], ...(state.compare ? [[pictures[1], { ...settings(), rule: "gd" }]] : [])]
    .filter(([p, s]) => !p.basin || p.basin.key !== JSON.stringify([loss.formula, s, state.view, colours().name]));
  if (!jobs.length) return;
  const [picture, s] = jobs[0], job = ++basinJob, w = 96, h = Math.max(1, Math.round((96 * picture.height) / picture.width));
  const key = JSON.stringify([loss.formula, s, state.view, colours().name]), cells = document.createElement("canvas"), c = colours();
  cells.width = w;
  cells.height = h;
  const image = new ImageData(w, h), near = Math.max(0.02 * state.view.half, s.rule === "normalised" ? 3 * s.lr * s.rho : 0);
  let row = 0;
  (function slice() {
    if (job !== basinJob || !state.basins) return;
    const until = performance.now() + 12;
    while (row < h && performance.now() < until) {
      for (let i = 0; i < w; i++) {
        const [x, y] = picture.toPlane(state.view, ((i + 0.5) / w) * picture.width, ((row + 0.5) / h) * picture.height);
        const end = destination(loss, s, points, x, y, BASIN_STEPS, near);
        image.data.set([...(end === -2 ? c.gone : end === -1 ? c.undecided : c.basins[end % c.basins.length]), 255], 4 * (row * w + i));
      }
      row += 1;
    }
    $("status").textContent = row < h ? `Basins: ${Math.round((100 * row) / h)} %` : `A colour for each point at which a run of ${BASIN_STEPS} steps ends; grey: at none of them; the ground's colour: gone.`;
    if (row < h) { setTimeout(slice); return; }
    cells.getContext("2d").putImageData(image, 0, 0);
    picture.basin = { key, canvas: cells };
    redraw();
  })();
}

function choose(next) {
  loss = next;
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

// The address: everything that the picture depends on, so that a link shows the same.
function writeAddress() {
  const q = new URLSearchParams();
  if (state.typed) q.set("f", state.typed); else q.set("loss", state.loss);
  for (const k of ["rule", "rho", "lr", "momentum"]) q.set(k, String(state[k]));
  if (state.compare) q.set("compare", "1");
  if (state.basins) q.set("basins", "1");
  q.set("point", String(state.selected));
  q.set("view", [state.view.x, state.view.y, state.view.half].map(v => +v.toPrecision(8)).join(","));
  if (state.runs.length) q.set("runs", state.runs.map(r => r.map(v => +v.toPrecision(12)).join(",")).join(";"));
  history.replaceState(null, "", "#" + q.toString());
}
const within = (text, low, high, otherwise) => { const v = text === null || text === "" ? NaN : Number(text); return v >= low && v <= high ? v : otherwise; };
function readAddress() {
  const q = new URLSearchParams(location.hash.slice(1)), known = LOSSES.find(l => l.id === q.get("loss"));
  state.typed = "";
  if (known) state.loss = known.id;
  if (!(q.get("f") && ($("formula").value = q.get("f"), typeFormula(q.get("f"))))) choose(LOSSES.find(l => l.id === state.loss));
  if (q.get("rule") in RULE) state.rule = q.get("rule");
  state.rho = within(q.get("rho"), 0, 100, loss.rho);
  state.lr = within(q.get("lr"), LR.low, 1, loss.lr);
  state.momentum = within(q.get("momentum"), 0, 0.99, 0);
  state.compare = q.get("compare") === "1";
  state.basins = q.get("basins") === "1";
  state.selected = Math.min(points.length - 1, within(q.get("point"), 0, 1000, state.selected));
  const view = (q.get("view") || "").split(",").map(Number);
  if (view.length === 3 && view.every(Number.isFinite) && view[2] > 0) state.view = { x: view[0], y: view[1], half: view[2] };
  const runs = (q.get("runs") || "").split(";").map(r => r.split(",").map(Number)).filter(r => r.length === 2 && r.every(Number.isFinite));
  state.runs = runs.length ? runs.slice(0, RUNS) : [[...loss.start]];
}

function drop(at) {
  state.runs = [...state.runs.slice(-(RUNS - 1)), at];
  change();
  const end = trajectory(loss, settings(), at, STEPS).slice(-2);
  $("status").textContent = `A run of ${STEPS} steps from (${at.map(rounded).join(", ")}) ends at (${end.map(rounded).join(", ")}).`;
}
