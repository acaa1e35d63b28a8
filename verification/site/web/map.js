// The (rho, lr) plane of the selected critical point: where it attracts, with a cross at the current settings.
class StabilityMap {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.key = "";
    this.cells = document.createElement("canvas");
  }

  // Logarithmic in lr over four decades, linear in rho.
  range(scene) { return { rho: scene.rhoMax, low: 1e-4, high: 1 }; }
  at(scene, fx, fy) {
    const r = this.range(scene);
    return [r.rho * Math.min(1, Math.max(0, fx)), r.low * (r.high / r.low) ** Math.min(1, Math.max(0, 1 - fy))];
  }

  draw(scene, point) {
    const ratio = Math.min(devicePixelRatio || 1, 2), box = this.canvas.getBoundingClientRect(), c = this.context;
    const width = Math.max(1, box.width), height = Math.max(1, box.height), { colours, settings } = scene;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = colours.ground;
    c.fillRect(0, 0, width, height);
    c.font = "12px system-ui, sans-serif";
    if (!point || settings.rule === "normalised") {
      c.fillStyle = colours.quiet;
      const lines = point ? ["Normalised SAM is not differentiable at", "a critical point: its state is measured", "by runs, and has no map in closed form."] : ["Select a critical point."];
      lines.forEach((line, k) => c.fillText(line, 14, 30 + 18 * k));
      return;
    }
    const w = 120, h = 90, key = [point.spectrum.join(), settings.rule, settings.momentum, scene.rhoMax, colours.name].join();
    if (key !== this.key) {
      this.key = key;
      this.cells.width = w;
      this.cells.height = h;
      const image = new ImageData(w, h);
      for (let j = 0; j < h; j++) for (let i = 0; i < w; i++) {
        const [rho, lr] = this.at(scene, (i + 0.5) / w, (j + 0.5) / h), ways = point.spectrum.map(v => direction({ ...settings, rho, lr }, v));
        const counted = point.kind === "degenerate" ? ways.filter((s, k) => Math.abs(point.spectrum[k]) > 1e-8) : ways;
        const colour = counted.includes("pushed out") ? colours.mapOut : counted.includes("step too long") ? colours.mapLong : counted.length && !counted.includes("flat") ? colours.mapIn : colours.mapFlat;
        image.data.set([...colour, 255], 4 * (j * w + i));
      }
      this.cells.getContext("2d").putImageData(image, 0, 0);
    }
    c.imageSmoothingEnabled = false;
    c.drawImage(this.cells, 0, 0, width, height);
    const r = this.range(scene), px = (settings.rho / r.rho) * width, py = (1 - Math.log(settings.lr / r.low) / Math.log(r.high / r.low)) * height;
    c.strokeStyle = colours.plate; c.lineWidth = 5;
    const cross = () => { c.beginPath(); c.moveTo(px - 10, py); c.lineTo(px + 10, py); c.moveTo(px, py - 10); c.lineTo(px, py + 10); c.stroke(); };
    cross();
    c.strokeStyle = colours.ink; c.lineWidth = 2;
    cross();
    c.fillStyle = colours.plate;
    for (const [text, x, y] of [["η 1", 6, 16], ["η 0.0001, ρ 0", 6, height - 7], [`ρ ${+r.rho.toPrecision(3)}`, width - 44, height - 7]]) {
      c.fillStyle = colours.plate;
      c.fillRect(x - 3, y - 12, c.measureText(text).width + 6, 16);
      c.fillStyle = colours.ink;
      c.fillText(text, x, y);
    }
  }
}
