// Mini-batches: a batch's gradient is the loss's own and a Gaussian of deviation sigma in each coordinate, drawn anew a step.
const BATCHES = {
  same: "the same batch in both gradients",
  independent: "another batch for the ascent",
  exact: "the full gradient for the ascent",
};

// Uniform numbers from a seed (mulberry32), so that a link shows the same run.
function uniform(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Pairs of independent standard normals (Box and Muller).
function normals(seed) {
  const u = uniform(seed);
  return () => { const r = Math.sqrt(-2 * Math.log(1 - u())), a = 2 * Math.PI * u(); return [r * Math.cos(a), r * Math.sin(a)]; };
}

// The loss as a run with mini-batches sees it; without noise the loss itself.
function sampled(loss, settings, seed) {
  if (!(settings.sigma > 0)) return loss;
  const draw = normals(seed), sigma = settings.sigma;
  let batch = [0, 0];
  const shifted = ([gx, gy], [a, b]) => [gx + sigma * a, gy + sigma * b];
  return {
    next() { batch = draw(); },
    gradient: (x, y) => shifted(loss.gradient(x, y), batch),
    ascent: (x, y) => settings.batches === "exact" ? loss.ascent(x, y) : shifted(loss.ascent(x, y), settings.batches === "same" ? batch : draw()),
  };
}
