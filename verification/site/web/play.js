// A run step by step: play and scrub, and the picture with its controls as a file.
let playing = 0;
function play() {
  if (playing) { stop(); return; }
  if (!state.runs.length) drop(another());
  if (state.step >= STEPS) state.step = 0;
  $("play").textContent = "Pause";
  let last = performance.now();
  // The first steps one by one, later ones faster: they tell less.
  const tick = now => {
    const rate = 10 + 0.25 * state.step, more = ((now - last) / 1000) * rate;
    if (more >= 1) { last = now; state.step = Math.min(STEPS, state.step + Math.floor(more)); showControls(); redraw(); }
    if (state.step >= STEPS) { stop(); return; }
    playing = requestAnimationFrame(tick);
  };
  playing = requestAnimationFrame(tick);
}
function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  $("play").textContent = "Play";
}

function save() {
  const shown = pictures.slice(0, state.compare ? 2 : 1).map(p => p.canvas), out = document.createElement("canvas"), c = out.getContext("2d"), foot = 44;
  out.width = shown.reduce((sum, s) => sum + s.width, 0);
  out.height = shown[0].height + foot;
  c.fillStyle = colours().ground;
  c.fillRect(0, 0, out.width, out.height);
  let x = 0;
  for (const s of shown) { c.drawImage(s, x, 0); x += s.width; }
  c.fillStyle = colours().ink;
  c.font = "20px system-ui, sans-serif";
  const noise = state.sigma > 0 ? `, noise ${rounded(state.sigma)}, ${BATCHES[state.batches]}` : "";
  c.fillText(`${loss.name}: ${RULES[state.rule].title}, ρ = ${rounded(state.rho)}, η = ${rounded(state.lr)}, γ = ${rounded(state.momentum)}${noise} · saddlecheck`, 14, out.height - 15, out.width - 28);
  out.toBlob(blob => {
    const link = document.createElement("a"), address = URL.createObjectURL(blob);
    link.href = address;
    link.download = `${loss.id}-${state.rule}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    $("status").textContent = `The picture is saved as ${link.download}.`;
  });
}
