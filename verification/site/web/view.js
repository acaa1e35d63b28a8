// Drawing one picture of the plane: the loss as shaded bands, the descent field, critical points, runs, basins.
const STATE = {
  attracts: { mark: "●", word: "attracts", says: "attracts" },
  repels: { mark: "○", word: "repels", says: "repels" },
  neutral: { mark: "◐", word: "undecided", says: "is undecided" },
  held: { mark: "◉", word: "holds", says: "holds runs" },
  shifted: { mark: "◎", word: "holds nearby", says: "holds runs nearby" },
  leaves: { mark: "○", word: "does not hold", says: "does not hold" },
  moving: { mark: "…", word: "measuring", says: "is being measured" },
};

class Picture {
  constructor(canvas, label) {
    this.canvas = canvas;
    this.label = label;
    this.context = canvas.getContext("2d");
    this.shade = document.createElement("canvas");
    this.shadeKey = "";
    this.basin = null; // {key, canvas}
    this.states = new Map(); // of each point, and since when: a change shines for a moment
  }

  resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2), box = this.canvas.getBoundingClientRect();
    this.width = Math.max(1, box.width);
    this.height = Math.max(1, box.height);
    if (this.canvas.width !== Math.round(this.width * ratio) || this.canvas.height !== Math.round(this.height * ratio)) {
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = Math.round(this.height * ratio);
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  scale(view) { return Math.min(this.width, this.height) / (2 * view.half); }
  toScreen(view, x, y) { const s = this.scale(view); return [this.width / 2 + (x - view.x) * s, this.height / 2 - (y - view.y) * s]; }
  toPlane(view, px, py) { const s = this.scale(view); return [view.x + (px - this.width / 2) / s, view.y - (py - this.height / 2) / s]; }

  draw(scene) {
    this.resize();
    const { view, colours } = scene, c = this.context;
    c.fillStyle = colours.ground;
    c.fillRect(0, 0, this.width, this.height);
    if (!(scene.basins && this.drawBasin(scene))) this.drawShade(scene);
    this.drawGrid(scene);
    this.drawField(scene);
    this.drawLabels(scene);
    for (const run of scene.runs) this.drawRun(scene, run);
    scene.points.forEach(p => this.drawPoint(scene, p));
    this.drawTurns(scene);
    if (scene.step < STEPS) for (const run of scene.runs) this.drawStep(scene, run);
    if (scene.focus) this.drawFocus(scene);
    c.font = "600 14px system-ui, sans-serif";
    const text = this.label, wide = Math.min(c.measureText(text).width, this.width - 34);
    c.fillStyle = colours.plate;
    c.fillRect(this.width - wide - 22, 8, wide + 14, 24);
    c.fillStyle = colours.ink;
    c.fillText(text, this.width - wide - 15, 25, wide);
  }

  // Bands of equal steps of a logarithm of the loss above its lowest: computed when the loss or the view changes, not for each frame.
  drawShade(scene) {
    const { loss, view, colours } = scene, w = 220, h = Math.max(1, Math.round((220 * this.height) / this.width));
    const key = [loss.id, loss.formula, view.x, view.y, view.half, w, h, colours.name].join();
    if (key !== this.shadeKey) {
      this.shadeKey = key;
      this.shade.width = w;
      this.shade.height = h;
      const image = new ImageData(w, h), values = new Float64Array(w * h);
      for (let j = 0; j < h; j++) for (let i = 0; i < w; i++) {
        const [x, y] = this.toPlane(view, ((i + 0.5) / w) * this.width, ((j + 0.5) / h) * this.height);
        values[j * w + i] = loss.value(x, y);
      }
      // From the lowest value of the picture, one per cent of it being the unit: bands then lie near a minimum too.
      const sorted = values.filter(Number.isFinite).sort(), low = sorted[0] ?? 0, unit = (sorted[Math.floor(0.01 * sorted.length)] ?? 1) - low || 1e-9;
      const span = Math.log1p(((sorted[Math.floor(0.97 * sorted.length)] ?? 1) - low) / unit) || 1;
      for (let k = 0; k < w * h; k++) {
        const t = Math.log1p((values[k] - low) / unit) / span;
        const band = Number.isFinite(t) ? Math.floor(Math.min(0.999, Math.max(0, t)) * 14) / 13 : 1;
        for (let q = 0; q < 3; q++) image.data[4 * k + q] = colours.low[q] + (colours.high[q] - colours.low[q]) * band;
        image.data[4 * k + 3] = 255;
      }
      this.shade.getContext("2d").putImageData(image, 0, 0);
    }
    this.context.imageSmoothingEnabled = true;
    this.context.drawImage(this.shade, 0, 0, this.width, this.height);
  }

  drawBasin(scene) {
    if (!this.basin || this.basin.key !== basinKey(this, scene.settings)) return false;
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(this.basin.canvas, 0, 0, this.width, this.height);
    return true;
  }

  // Every `step` a line of the grid, where it is on the screen, and the text of its label.
  ticks(view) {
    const raw = view.half / 2.5, ten = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(k => k * ten).find(k => k >= raw);
    const [x0, y1] = this.toPlane(view, 0, 0), [x1, y0] = this.toPlane(view, this.width, this.height);
    const all = (low, high, place) => Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => {
      const k = Math.ceil(low / step) + i;
      return { at: place(k * step), zero: k === 0, text: String(+(k * step).toPrecision(6)).replace("-", "−") };
    });
    return { across: all(x0, x1, v => this.toScreen(view, v, 0)[0]), up: all(y0, y1, v => this.toScreen(view, 0, v)[1]) };
  }

  drawGrid({ view, colours }) {
    const c = this.context, { across, up } = this.ticks(view);
    const line = (zero, x1, y1, x2, y2) => { c.strokeStyle = zero ? colours.axis : colours.grid; c.beginPath(); c.moveTo(x1, y1); c.lineTo(x2, y2); c.stroke(); };
    c.lineWidth = 1;
    for (const t of across) line(t.zero, t.at, 0, t.at, this.height);
    for (const t of up) line(t.zero, 0, t.at, this.width, t.at);
  }

  // Over the field, so that no arrow runs through a number.
  drawLabels({ view, colours, loss }) {
    const c = this.context, { across, up } = this.ticks(view);
    c.font = "12px system-ui, sans-serif";
    const text = (s, px, py) => { c.fillStyle = colours.plate; c.fillRect(px - 2, py - 11, c.measureText(s).width + 4, 14); c.fillStyle = colours.quiet; c.fillText(s, px, py); };
    for (const t of across) text(t.text, t.at + 3, this.height - 6);
    for (const t of up) if (t.at > 24 && t.at < this.height - 30) text(t.text, 4, t.at - 3);
    text(loss.variables[0], this.width - 22, this.height - 22);
    text(loss.variables[1], 26, 46); // below the title, which is as wide as a narrow picture
  }

  drawField({ loss, settings, view, colours }) {
    const c = this.context, gap = 34;
    c.strokeStyle = c.fillStyle = colours.arrow;
    c.lineWidth = 1.2;
    c.beginPath();
    for (let px = gap / 2; px < this.width; px += gap) for (let py = gap / 2; py < this.height; py += gap) {
      const [x, y] = this.toPlane(view, px, py), g = RULES[settings.rule].descended(loss, settings.rho, x, y), size = Math.hypot(g[0], g[1]);
      if (!(size > 0) || !Number.isFinite(size)) continue;
      const length = 5 + 8 * (size / (size + 1)), ux = -g[0] / size, uy = g[1] / size;
      const ex = px + ux * length, ey = py + uy * length;
      c.moveTo(px - ux * length, py - uy * length);
      c.lineTo(ex, ey);
      c.moveTo(ex - 4.5 * ux + 2.6 * uy, ey - 4.5 * uy - 2.6 * ux);
      c.lineTo(ex, ey);
      c.lineTo(ex - 4.5 * ux - 2.6 * uy, ey - 4.5 * uy + 2.6 * ux);
    }
    c.stroke();
  }

  drawRun({ view, colours, step }, { path: whole, colour }) {
    const c = this.context, path = step < STEPS ? whole.slice(0, 2 * step + 2) : whole;
    for (const [style, wide] of [[colours.plate, 5], [colour, 2.2]]) {
      c.strokeStyle = style;
      c.lineWidth = wide;
      c.lineJoin = "round";
      c.beginPath();
      let before = null;
      for (let k = 0; k < path.length; k += 2) {
        const [px, py] = this.toScreen(view, path[k], path[k + 1]);
        if (before && Math.hypot(px - before[0], py - before[1]) < 0.4 && k < path.length - 2) continue;
        if (before) c.lineTo(px, py); else c.moveTo(px, py);
        before = [px, py];
      }
      c.stroke();
    }
    const dot = (k, radius, fill) => {
      const [px, py] = this.toScreen(view, path[k], path[k + 1]);
      c.fillStyle = fill; c.strokeStyle = colours.plate; c.lineWidth = 1.5;
      c.beginPath(); c.arc(px, py, radius, 0, 7); c.fill(); c.stroke();
    };
    dot(0, 5, colour);
    if (step >= STEPS) dot(path.length - 2, 3.5, colours.ink);
  }

  drawPoint({ view, colours, selected }, p) {
    const [px, py] = this.toScreen(view, p.at[0], p.at[1]), c = this.context;
    const r = p.kind === "degenerate" ? 5 : 8;
    c.lineWidth = 2.5;
    c.strokeStyle = colours[p.state];
    c.fillStyle = colours.plate;
    c.beginPath();
    if (p.kind === "saddle") { c.moveTo(px, py - r - 1); c.lineTo(px + r + 1, py); c.lineTo(px, py + r + 1); c.lineTo(px - r - 1, py); c.closePath(); }
    else if (p.kind === "maximum") { c.moveTo(px, py - r); c.lineTo(px + r, py + r - 2); c.lineTo(px - r, py + r - 2); c.closePath(); }
    else c.arc(px, py, r, 0, 7);
    c.fill();
    if (p.state === "attracts" || p.state === "held" || p.state === "shifted") { c.fillStyle = colours[p.state]; c.fill(); }
    c.stroke();
    if (p.state === "held") { c.fillStyle = colours.plate; c.beginPath(); c.arc(px, py, 3, 0, 7); c.fill(); }
    if (p.index === selected) { c.strokeStyle = colours.ink; c.lineWidth = 1.5; c.beginPath(); c.arc(px, py, r + 6, 0, 7); c.stroke(); }
  }

  // A point whose state has just changed under the same rule and loss shines for a moment.
  drawTurns({ points, view, colours, loss, settings }) {
    const now = performance.now(), c = this.context, calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.flashing = false;
    for (const p of points) {
      const key = [loss.formula, settings.rule, p.index].join(), before = this.states.get(key);
      if (!before || (before.state !== p.state && p.state !== "moving")) this.states.set(key, { state: p.state, since: before && before.state !== "moving" ? now : -1e9 });
      const age = (now - this.states.get(key).since) / 900;
      if (age >= 1 || calm) continue;
      this.flashing = true;
      const [px, py] = this.toScreen(view, p.at[0], p.at[1]);
      c.globalAlpha = 1 - age;
      c.strokeStyle = colours[p.state];
      c.lineWidth = 4;
      c.beginPath(); c.arc(px, py, 10 + 34 * age, 0, 7); c.stroke();
      c.globalAlpha = 1;
    }
    if (this.states.size > 500) this.states.clear();
  }

  // One step: w, the ascent to the perturbed weight, the gradient there, and the step that it makes of w.
  drawStep({ view, colours, loss, settings, step }, { path, colour }) {
    const c = this.context, k = Math.min(step, path.length / 2 - 1), w = [path[2 * k], path[2 * k + 1]];
    const p = RULES[settings.rule].perturbed(loss, settings.rho, ...w), g = RULES[settings.rule].descended(loss, settings.rho, ...w);
    const [wx, wy] = this.toScreen(view, ...w), [px, py] = this.toScreen(view, ...p), size = Math.hypot(g[0], g[1]);
    const arrow = (x1, y1, x2, y2, style, wide, dash) => {
      const far = Math.hypot(x2 - x1, y2 - y1);
      if (!(far > 1) || !Number.isFinite(far)) return;
      const ux = (x2 - x1) / far, uy = (y2 - y1) / far;
      c.strokeStyle = style; c.lineWidth = wide; c.setLineDash(dash);
      c.beginPath(); c.moveTo(x1, y1); c.lineTo(x2, y2); c.stroke();
      c.setLineDash([]);
      c.beginPath(); c.moveTo(x2 - 9 * ux + 5 * uy, y2 - 9 * uy - 5 * ux); c.lineTo(x2, y2); c.lineTo(x2 - 9 * ux - 5 * uy, y2 - 9 * uy + 5 * ux); c.stroke();
    };
    const dot = (x, y, r, fill) => { c.fillStyle = fill; c.strokeStyle = colours.plate; c.lineWidth = 2; c.beginPath(); c.arc(x, y, r, 0, 7); c.fill(); c.stroke(); };
    const long = 46, dx = size > 0 ? (-g[0] / size) * long : 0, dy = size > 0 ? (g[1] / size) * long : 0;
    arrow(wx, wy, px, py, colours.ascent, 2.5, []);
    arrow(px, py, px + dx, py + dy, colours.ink, 2, []);
    arrow(wx, wy, wx + dx, wy + dy, colours.ink, 2, [4, 4]);
    dot(px, py, 5, colours.ascent);
    dot(wx, wy, 6.5, colour);
    c.fillStyle = colours.ink;
    c.font = "600 13px system-ui, sans-serif";
    c.fillText("w", wx - 16, wy + 15);
    if (Math.hypot(px - wx, py - wy) > 14) c.fillText("wᵖ", px + 9, py - 7);
  }

  drawFocus({ colours, focus, view }) {
    const c = this.context, [px, py] = this.toScreen(view, focus[0], focus[1]);
    c.strokeStyle = colours.ink;
    c.lineWidth = 2;
    c.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { c.moveTo(px + 4 * dx, py + 4 * dy); c.lineTo(px + 13 * dx, py + 13 * dy); }
    c.stroke();
  }
}
