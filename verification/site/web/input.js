// Mouse, touch and keys on the picture and on the map; the controls; the start.
function zoom(picture, factor, px, py) {
  const before = picture.toPlane(state.view, px, py);
  state.view = { ...state.view, half: Math.min(1e3, Math.max(1e-4, state.view.half * factor)) };
  const after = picture.toPlane(state.view, px, py);
  state.view = { ...state.view, x: state.view.x + before[0] - after[0], y: state.view.y + before[1] - after[1] };
  change();
}

function bindPicture(picture) {
  const canvas = picture.canvas, down = new Map();
  let moved = false, spread = 0;
  const place = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  const distance = () => { const [a, b] = [...down.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    if (down.size === 1) moved = false;
    if (down.size === 2) { spread = distance(); moved = true; }
  });
  canvas.addEventListener("pointermove", event => {
    if (!down.has(event.pointerId)) return;
    const before = down.get(event.pointerId), now = place(event);
    if (down.size === 1) {
      if (!moved && Math.hypot(now[0] - before[0], now[1] - before[1]) < 6) return;
      moved = true;
      const s = picture.scale(state.view);
      state.view = { ...state.view, x: state.view.x - (now[0] - before[0]) / s, y: state.view.y + (now[1] - before[1]) / s };
    }
    down.set(event.pointerId, now);
    if (down.size === 2) {
      const wide = distance(), [a, b] = [...down.values()];
      zoom(picture, spread / Math.max(1, wide), (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
      spread = wide;
    }
    change();
  });
  canvas.addEventListener("pointerup", event => {
    if (down.size === 1 && !moved) select(picture, place(event));
    down.delete(event.pointerId);
  });
  canvas.addEventListener("pointercancel", event => down.delete(event.pointerId));
  // The wheel scrolls the page, as everywhere; with Ctrl, and by a pinch on a touchpad, it zooms.
  canvas.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) { $("status").textContent = "Hold Ctrl to zoom with the wheel."; return; }
    event.preventDefault();
    zoom(picture, Math.exp(event.deltaY * 0.0015), ...place(event));
  }, { passive: false });
  canvas.addEventListener("blur", () => { focus = null; redraw(); });
  canvas.addEventListener("keydown", event => {
    const step = state.view.half / 20, at = focus || [state.view.x, state.view.y];
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (Object.hasOwn(moves, event.key)) {
      focus = [at[0] + moves[event.key][0], at[1] + moves[event.key][1]];
      $("status").textContent = `Cross-hair at (${focus.map(rounded).join(", ")}), the loss is ${rounded(loss.value(...focus))}.`;
    }
    else if (event.key === "Enter" || event.key === " ") drop([...at]);
    else if (event.key === "+" || event.key === "=") zoom(picture, 0.8, picture.width / 2, picture.height / 2);
    else if (event.key === "-") zoom(picture, 1.25, picture.width / 2, picture.height / 2);
    else if (event.key === "0") { state.view = { ...loss.view }; change(); } else return;
    event.preventDefault();
    redraw();
  });
}

// A click on a critical point selects it, elsewhere it drops a run.
function select(picture, [px, py]) {
  const near = points.findIndex(p => { const [qx, qy] = picture.toScreen(state.view, p[0], p[1]); return Math.hypot(px - qx, py - qy) < 11; });
  if (near >= 0) { state.selected = near; change(); } else drop(picture.toPlane(state.view, px, py));
}

function bindMap() {
  const canvas = $("map");
  const move = event => {
    const box = canvas.getBoundingClientRect();
    const [rho, lr] = map.at({ rhoMax: rhoMax() }, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    if (state.rule !== "gd") state.rho = rho;
    state.lr = Math.min(1, lr);
    change();
    $("status").textContent = `ρ = ${rounded(state.rho)}, η = ${rounded(state.lr)}.`;
  };
  canvas.addEventListener("pointerdown", event => { canvas.setPointerCapture(event.pointerId); move(event); });
  canvas.addEventListener("pointermove", event => { if (event.buttons) move(event); });
  canvas.addEventListener("keydown", event => {
    const k = { ArrowLeft: ["rho", -1], ArrowRight: ["rho", 1], ArrowUp: ["lr", 1], ArrowDown: ["lr", -1] }[event.key];
    if (!k) return;
    event.preventDefault();
    if (k[0] === "rho") state.rho = Math.min(rhoMax(), Math.max(0, state.rho + (k[1] * rhoMax()) / 100));
    else state.lr = Math.min(1, Math.max(LR.low, state.lr * 1.1 ** k[1]));
    change();
    $("status").textContent = `ρ = ${rounded(state.rho)}, η = ${rounded(state.lr)}.`;
  });
}

function bindControls() {
  for (const l of LOSSES) $("loss").append(new Option(l.name, l.id));
  for (const [name, rule] of Object.entries(RULES)) $("rule").append(new Option(rule.title, name));
  for (const [name, words] of Object.entries(BATCHES)) $("batches").append(new Option(words, name));
  const own = new Option("your formula", "typed");
  own.hidden = true;
  $("loss").append(own);
  $("loss").onchange = event => {
    state.typed = "";
    state.loss = event.target.value;
    choose(LOSSES.find(l => l.id === state.loss));
    Object.assign(state, { rho: loss.rho, lr: loss.lr, runs: [[...loss.start]] });
    $("error").textContent = "";
    change();
  };
  $("formula").onchange = event => { if (event.target.value.trim() && typeFormula(event.target.value)) { state.runs = [[...loss.start]]; change(); } };
  $("rule").onchange = event => { state.rule = event.target.value; change(); };
  $("sigma").oninput = event => { state.sigma = Number(event.target.value); change(); };
  $("batches").onchange = event => { state.batches = event.target.value; change(); };
  $("step").oninput = event => { stop(); state.step = Number(event.target.value); change(); };
  $("step").max = STEPS;
  $("sigma").max = SIGMA;
  $("play").onclick = play;
  $("save").onclick = save;
  $("rho").oninput = event => { state.rho = (rhoMax() * event.target.value) / 1000; change(); };
  $("lr").oninput = event => { state.lr = LR.low * LR.ratio ** (event.target.value / 1000); change(); };
  $("momentum").oninput = event => { state.momentum = Number(event.target.value); change(); };
  $("compare").onchange = event => { state.compare = event.target.checked; change(); };
  $("basins").onchange = event => { state.basins = event.target.checked; $("status").textContent = ""; change(); };
  $("clear").onclick = () => { stop(); state.runs = []; $("status").textContent = ""; change(); };
  $("home").onclick = () => { state.view = { ...loss.view }; change(); };
  $("example").onclick = () => drop(another());
  $("share").onclick = async () => {
    writeAddress();
    try { await navigator.clipboard.writeText(location.href); $("status").textContent = "The link is copied."; }
    catch { $("status").textContent = "The address bar holds the link; copy it from there."; }
  };
  const key = [["mapIn", "attracts"], ["mapOut", "a direction pushes out"], ["mapLong", "step too long"], ["mapFlat", "undecided"]];
  const fill = () => $("key").replaceChildren(...key.map(([name, word]) => {
    const item = document.createElement("li"), swatch = document.createElement("i");
    swatch.style.background = `rgb(${colours()[name].join(",")})`;
    item.append(swatch, word);
    return item;
  }));
  fill();
  dark.addEventListener("change", () => { fill(); redraw(); });
}

bindControls();
pictures.forEach(bindPicture);
bindMap();
readAddress();
change();
addEventListener("hashchange", () => { stop(); readAddress(); showControls(); redraw(); });
new ResizeObserver(redraw).observe($("pictures"));

// For the tests and the curious: the functions that draw the picture, and what the last frame cost.
window.saddlecheck = {
  LOSSES, RULES, readLoss, trajectory, judge, criticalPoints, STEPS, state,
  lastFrame: () => scriptMs, basinsDone, sampled, advance,
  measuring: () => settleBusy,
  loss: () => loss,
  points: () => judged(settings()),
  runs: () => state.runs.map((start, k) => trajectory(loss, settings(), start, STEPS, k + 1).slice(-2)),
};
