// The discrete optimisers, and what the linear theory says of a critical point.
// settings: {rule: a name of RULES, rho, lr, momentum, sigma, batches: a name of BATCHES}

// RULES, printed from the theory: descended(loss, rho, x, y), the gradient that is descended; perturbed, where it is taken;
// rate(lambda, rho), null for rules without one.

// One step of the state [x, y, mx, my], in place: m = momentum m + gradient; w = w - lr m.
function advance(loss, settings, s) {
  if (loss.next) loss.next();
  const g = RULES[settings.rule].descended(loss, settings.rho, s[0], s[1]);
  s[2] = settings.momentum * s[2] + g[0];
  s[3] = settings.momentum * s[3] + g[1];
  s[0] -= settings.lr * s[2];
  s[1] -= settings.lr * s[3];
}

// Returns flat [x0, y0, x1, y1, ...] until steps are done or w leaves 1e6.
function trajectory(exact, settings, start, steps, seed = 1) {
  const path = [start[0], start[1]], s = [start[0], start[1], 0, 0], loss = sampled(exact, settings, seed);
  for (let n = 0; n < steps; n++) {
    advance(loss, settings, s);
    if (!(Math.abs(s[0]) < 1e6 && Math.abs(s[1]) < 1e6)) break;
    path.push(s[0], s[1]);
  }
  return path;
}

// Eigenvalues of a symmetric 2x2 matrix [a, b, c] = ((a, b), (b, c)), ascending.
function eigenvalues([a, b, c]) {
  const mean = (a + c) / 2, radius = Math.hypot((a - c) / 2, b);
  return [mean - radius, mean + radius];
}

// The rate at which a displacement along an eigendirection decays.
const rate = (settings, lambda) => RULES[settings.rule].rate(lambda, settings.rho);

const LEVEL = 1e-9;

// A direction: stable if 0 < lr a < 2 (1 + momentum); one with a zero eigenvalue or a zero rate decides nothing.
function direction(settings, lambda) {
  const a = rate(settings, lambda), size = Math.abs(lambda) + settings.rho * lambda * lambda;
  if (Math.abs(a) <= LEVEL * Math.max(size, LEVEL)) return "flat";
  if (a < 0) return "pushed out";
  return settings.lr * a < 2 * (1 + settings.momentum) ? "pulled in" : "step too long";
}

const KIND = ([low, high]) => {
  const zero = 1e-8 * Math.max(1, Math.abs(low), Math.abs(high));
  if (Math.abs(low) < zero || Math.abs(high) < zero) return "degenerate";
  return low > 0 ? "minimum" : high < 0 ? "maximum" : "saddle";
};

// State of a critical point: {kind, spectrum, state, why, threshold}; state attracts | repels | neutral, and where it is
// measured held | shifted | leaves | moving.
function judge(loss, settings, point, others = [], half = 1) {
  const spectrum = eigenvalues(loss.hessian(point[0], point[1]));
  const kind = KIND(spectrum);
  // Beyond the largest 1/|lambda| of the negative eigenvalues constant-rho SAM has only positive rates.
  const negative = spectrum.filter(v => v < -1e-8);
  const threshold = negative.length ? Math.max(...negative.map(v => -1 / v)) : null;
  if (!RULES[settings.rule].rate) {
    const steepest = Math.max(...spectrum.map(Math.abs)), apart = others.filter(o => o !== point);
    const near = { scale: half, gone: 3 * half, others: apart, allowed: Math.max(2 * SETTLE.reach, 4 * settings.lr * settings.rho * steepest) };
    return { kind, spectrum, threshold, ...settled(loss, settings, point, spectrum, near) };
  }
  const ways = spectrum.map(v => direction(settings, v));
  // Along a curve of critical points nothing moves: its own direction does not count, the others do.
  const counted = kind === "degenerate" ? ways.filter((w, i) => Math.abs(spectrum[i]) > 1e-8) : ways;
  const state = counted.some(w => w === "pushed out" || w === "step too long") ? "repels"
    : counted.length && counted.every(w => w === "pulled in") ? "attracts" : "neutral";
  const why = ways.includes("pushed out") ? "a direction with a negative rate pushes away"
    : ways.includes("step too long") ? "the step is too long for the steepest direction"
    : state === "attracts" ? "every rate is positive and the step is short enough" : "a rate is zero: the linear part decides nothing";
  return { kind, spectrum, threshold, state, why };
}

// Zeros of the gradient in a box, by Newton's method from a grid; for typed losses, so without a certificate.
function criticalPoints(loss, view) {
  const found = [];
  for (let i = 0; i <= 14; i++) for (let j = 0; j <= 14; j++) {
    let x = view.x + view.half * (i / 7 - 1), y = view.y + view.half * (j / 7 - 1), size = Infinity;
    for (let n = 0; n < 40; n++) {
      const [gx, gy] = loss.gradient(x, y), [a, b, c] = loss.hessian(x, y);
      size = Math.hypot(gx, gy);
      const det = a * c - b * b;
      if (!(size > 1e-13) || Math.abs(det) < 1e-14) break;
      x -= (c * gx - b * gy) / det;
      y -= (a * gy - b * gx) / det;
    }
    const inside = Math.abs(x - view.x) <= 1.5 * view.half && Math.abs(y - view.y) <= 1.5 * view.half;
    if (size < 1e-9 && inside && found.every(p => Math.hypot(p[0] - x, p[1] - y) > 1e-5 * Math.max(1, view.half))) found.push([x, y]);
    if (found.length >= 40) return found;
  }
  return found;
}

// Where a run from (x, y) ends: the index of the critical point it is near, -1 undecided, -2 gone.
function destination(loss, settings, points, x, y, steps, near) {
  const s = [x, y, 0, 0];
  for (let n = 1; n <= steps; n++) {
    advance(loss, settings, s);
    if (!(Math.abs(s[0]) < 1e3 && Math.abs(s[1]) < 1e3)) return -2;
    if (n % 16 === 0 || n === steps)
      for (let k = 0; k < points.length; k++) if (Math.hypot(points[k][0] - s[0], points[k][1] - s[1]) < near) return k;
  }
  return -1;
}
