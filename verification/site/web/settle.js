// Where runs that start beside a point come to rest, for rules without a rate there: measured in slices, kept by setting.
// A run is looked at in blocks. It rests where the mean of a block has ceased to move: on the point, or circling it, or at
// another place nearby, as normalised SAM does beside a minimum that is much flatter in one direction.
const SETTLE = { starts: 4, block: 2000, blocks: 120, reach: 1e-3 };
const settledRuns = new Map();
let settleQueue = [], settleBusy = false;

const settleKey = (loss, s, point) => JSON.stringify([loss.formula, s.rule, s.rho, s.lr, s.momentum, point]);

// What is known by now: {state, why}; asks for the rest of the measurement where it is not done.
function settled(loss, settings, point, spectrum, near) {
  const key = settleKey(loss, settings, point);
  if (!settledRuns.has(key)) {
    settleQueue = settleQueue.filter(job => job.stamp === settleStamp(loss, settings));
    if (!settleQueue.some(job => job.key === key)) settleQueue.push({ key, stamp: settleStamp(loss, settings), loss, settings: { ...settings, sigma: 0 }, point, near });
    if (!settleBusy) { settleBusy = true; setTimeout(settleSlice, 120); }
    return { state: "moving", why: "being measured by runs from beside it" };
  }
  return settledRuns.get(key);
}
const settleStamp = (loss, s) => JSON.stringify([loss.formula, s.rule, s.rho, s.lr, s.momentum]);

function settleSlice() {
  const until = performance.now() + 12;
  while (settleQueue.length && performance.now() < until) {
    const job = settleQueue[0];
    job.runs ||= Array.from({ length: SETTLE.starts }, (_, k) => {
      const angle = 0.3 + (2 * k * Math.PI) / SETTLE.starts;
      return { s: [job.point[0] + SETTLE.reach * Math.cos(angle), job.point[1] + SETTLE.reach * Math.sin(angle), 0, 0], blocks: 0, before: null, moved: Infinity, end: null };
    });
    const open = job.runs.find(run => !run.end);
    if (open) settleBlock(job, open);
    else {
      if (settledRuns.size > 400) settledRuns.clear();
      settledRuns.set(job.key, settleVerdict(job));
      settleQueue.shift();
      redraw();
    }
  }
  if (settleQueue.length) setTimeout(settleSlice); else settleBusy = false;
}

function settleBlock(job, run) {
  let mx = 0, my = 0, radius = 0;
  const { s } = run;
  for (let n = 0; n < SETTLE.block; n++) {
    advance(job.loss, job.settings, s);
    mx += s[0] / SETTLE.block;
    my += s[1] / SETTLE.block;
  }
  if (!(Math.hypot(s[0] - job.point[0], s[1] - job.point[1]) < job.near.gone)) { run.end = { gone: true, at: [s[0], s[1]] }; return; }
  radius = Math.hypot(s[0] - mx, s[1] - my);
  const step = run.before ? Math.hypot(mx - run.before[0], my - run.before[1]) : Infinity;
  // Steps that shrink by a factor add up to a geometric series: what is left of the way is its rest.
  const factor = step / run.moved, left = factor < 1 ? (step * factor) / (1 - factor) : Infinity;
  run.before = [mx, my];
  run.moved = step;
  run.blocks += 1;
  const still = step < 1e-9 * job.near.scale || (left < 1e-3 * job.near.scale && step < 1e-3 * job.near.scale);
  if (still || run.blocks >= SETTLE.blocks) run.end = { gone: false, still, at: [mx, my], radius };
}

function settleVerdict({ runs, point, near }) {
  const ends = runs.map(run => run.end), say = ([x, y]) => `(${rounded(x)}, ${rounded(y)})`;
  const away = ([x, y]) => Math.hypot(x - point[0], y - point[1]);
  const far = ends.find(e => e.gone || near.others.some(o => Math.hypot(o[0] - e.at[0], o[1] - e.at[1]) < away(e.at)));
  if (far) return { state: "leaves", why: far.gone ? "measured: a run from beside it left" : `measured: a run from beside it went to ${say(far.at)}` };
  const mean = [0, 1].map(k => ends.reduce((sum, e) => sum + e.at[k], 0) / ends.length);
  const apart = Math.max(...ends.map(e => Math.hypot(e.at[0] - mean[0], e.at[1] - mean[1])));
  if (ends.some(e => !e.still)) return { state: "neutral", why: `measured: still moving after ${SETTLE.block * SETTLE.blocks} steps, at ${say(ends.find(e => !e.still).at)}` };
  if (Math.max(...ends.map(e => away(e.at))) <= near.allowed) return { state: "held", why: `measured: ${SETTLE.starts} runs from beside it stay, at rest or circling` };
  if (apart >= 0.02 * near.scale) return { state: "leaves", why: `measured: runs from beside it go apart, one to ${say(ends[0].at)}` };
  return { state: "shifted", why: `measured: held at a distance of ${rounded(away(mean))}, at ${say(mean)}` };
}
