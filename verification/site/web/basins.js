// Basins: rows of cells in slices of a few milliseconds, so that the page stays responsive.
let basinJob = null; // what is being computed: {key, picture}
const BASIN_CELLS = 96; // across
const basinRows = picture => Math.max(1, Math.round((BASIN_CELLS * picture.height) / picture.width));
// All that the cells depend on; of the picture's size only its shape, by which the plane is cut out of the view.
const basinKey = (picture, s) => JSON.stringify([loss.formula, s.rule, s.rule === "gd" ? 0 : s.rho, s.lr, s.momentum, state.view, basinRows(picture), colours().name]);
function askBasins() {
  const jobs = [[pictures[0], settings()], ...(state.compare ? [[pictures[1], { ...settings(), rule: "gd" }]] : [])]
    .filter(([p, s]) => !p.basin || p.basin.key !== basinKey(p, s));
  if (!jobs.length) return;
  // Without noise: a basin is where a run without it ends.
  const [picture, s] = jobs[0], key = basinKey(picture, s);
  if (basinJob && basinJob.key === key && basinJob.picture === picture) return;
  const job = (basinJob = { key, picture }), w = BASIN_CELLS, h = basinRows(picture);
  const cells = document.createElement("canvas"), c = colours();
  cells.width = w;
  cells.height = h;
  const image = new ImageData(w, h), near = Math.max(0.02 * state.view.half, RULES[s.rule].rate ? 0 : 3 * s.lr * s.rho);
  let row = 0;
  (function slice() {
    if (!state.basins) basinJob = null;
    if (job !== basinJob) return;
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
    basinJob = null;
    redraw();
  })();
}
const basinsDone = () => !state.basins || pictures.slice(0, state.compare ? 2 : 1).every((p, k) => p.basin && p.basin.key === basinKey(p, k ? { ...settings(), rule: "gd" } : settings()));
