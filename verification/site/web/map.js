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
    if (!point || !RULES[settings.rule].rate) {
      c.fillStyle = colours.quiet;
      const lines = point ? ["This rule has no rate of decay beside a", "critical point: its state is measured by", "runs, and has no map in closed form."] : ["Select a critical point."];
      lines.forEach((line, k) => c.fillText(line, 14, 30 + 18 * k));
      return;
    }
    const w = 360, h = 240, key = [point.spectrum.join(), settings.rule, settings.momentum, scene.rhoMax, colours.name].join();
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
    // Ticks: rho in quarters below, the learning rate in decades on the left.
    const tick = (text, x, y) => { c.fillStyle = colours.plate; c.fillRect(x - 2, y - 11, c.measureText(text).width + 4, 14); c.fillStyle = colours.ink; c.fillText(text, x, y); };
    c.strokeStyle = colours.ink; c.lineWidth = 1;
    for (let k = 0; k <= 4; k++) {
      const x = (k / 4) * width, text = k ? String(+((k / 4) * r.rho).toPrecision(3)) : "ρ 0";
      c.beginPath(); c.moveTo(x, height); c.lineTo(x, height - 5); c.stroke();
      tick(text, Math.min(Math.max(4, x - c.measureText(text).width / 2), width - c.measureText(text).width - 4), height - 8);
    }
    for (let k = 0; k < 4; k++) {
      const y = (k / 4) * height;
      c.beginPath(); c.moveTo(0, y); c.lineTo(5, y); c.stroke();
      tick(k ? `0.${"0".repeat(k - 1)}1` : "η 1", 8, Math.max(13, y + 4));
    }
  }
}
