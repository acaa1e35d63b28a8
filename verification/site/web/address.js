// The address: everything that the picture depends on, so that a link shows the same. A link is a stranger's: each of its
// parts is checked, and what does not fit is left out.
const AWAY = 1e3, SPAN = [1e-4, 1e3];
const within = (text, low, high, otherwise) => { const v = text === null || text.trim() === "" ? NaN : Number(text); return v >= low && v <= high ? v : otherwise; };
const oneOf = (table, name, otherwise) => (name !== null && Object.hasOwn(table, name) ? name : otherwise);

let addressTimer = 0;
// Browsers allow few changes of the address in a while: it is written once the last change is a moment old.
function laterAddress() { clearTimeout(addressTimer); addressTimer = setTimeout(writeAddress, 200); }

function writeAddress() {
  clearTimeout(addressTimer);
  const q = new URLSearchParams();
  if (state.typed) q.set("f", state.typed); else q.set("loss", state.loss);
  for (const k of ["rule", "rho", "lr", "momentum"]) q.set(k, String(state[k]));
  if (state.sigma > 0) { q.set("noise", String(state.sigma)); q.set("batches", state.batches); }
  if (state.compare) q.set("compare", "1");
  if (state.basins) q.set("basins", "1");
  q.set("point", String(state.selected));
  q.set("view", [state.view.x, state.view.y, state.view.half].map(v => +v.toPrecision(8)).join(","));
  q.set("runs", state.runs.map(r => r.map(v => +v.toPrecision(12)).join(",")).join(";"));
  try { history.replaceState(null, "", "#" + q.toString()); } catch { /* refused: the picture matters more */ }
}

function readAddress() {
  const q = new URLSearchParams(location.hash.slice(1)), known = LOSSES.find(l => l.id === q.get("loss")), empty = location.hash.length < 2;
  state.typed = "";
  state.loss = known ? known.id : LOSSES[0].id;
  if (!(q.get("f") && ($("formula").value = q.get("f"), typeFormula(q.get("f"))))) choose(LOSSES.find(l => l.id === state.loss));
  state.rule = oneOf(RULES, q.get("rule"), "sam");
  state.rho = within(q.get("rho"), 0, rhoMax(), loss.rho);
  state.lr = within(q.get("lr"), LR.low, 1, loss.lr);
  state.momentum = within(q.get("momentum"), 0, 0.99, 0);
  state.sigma = within(q.get("noise"), 0, SIGMA, 0);
  state.batches = oneOf(BATCHES, q.get("batches"), "same");
  state.compare = empty || q.get("compare") === "1"; // without an address the page opens on its most striking picture
  state.basins = empty || q.get("basins") === "1";
  const chosen = within(q.get("point"), 0, points.length - 1, state.selected);
  state.selected = Number.isInteger(chosen) ? chosen : state.selected;
  const view = (q.get("view") || "").split(",");
  const [x, y, half] = [[0, -AWAY, AWAY], [1, -AWAY, AWAY], [2, ...SPAN]].map(([k, low, high]) => within(view[k] ?? null, low, high, null));
  if (view.length === 3 && x !== null && y !== null && half !== null) state.view = { x, y, half };
  const runs = (q.get("runs") || "").split(";").map(r => r.split(",").map(v => within(v, -AWAY, AWAY, null))).filter(r => r.length === 2 && !r.includes(null));
  state.runs = runs.length ? runs.slice(0, RUNS) : q.has("runs") ? [] : [[...loss.start]];
  state.step = STEPS;
}
