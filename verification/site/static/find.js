// How words are compared, in the list of claims and in the search: Greek letters are spelt out, "eq. (13)" is "(13)".
window.saddlecheckWords = (function () {
  "use strict";
  const GREEK = { "ρ": "rho", "μ": "mu", "µ": "mu", "λ": "lambda", "γ": "gamma", "η": "eta", "σ": "sigma", "τ": "tau", "ℓ": "l", "∇": "grad ", "²": "^2", "³": "^3", "−": "-", "≥": ">=", "≤": "<=", "’": "'" };
  const plain = text => text.toLowerCase().replace(/[ρμµλγηστℓ∇²³−≥≤’]/g, c => GREEK[c] || c)
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\*\*/g, "^").replace(/\\/g, "")
    .replace(/\b(?:eqs?|equations?)\.? ?\(/g, "(").replace(/\bth(?:m|eor)\. ?(?=\d)/g, "theorem ").replace(/\s+/g, " ").trim();
  // Words as they are compared, and for each of their signs its place in the text: Greek letters are longer spelt out.
  const placed = text => {
    const places = [], flat = [...text].map((c, i) => { const said = (GREEK[c] || c).toLowerCase(); places.push(...Array(said.length).fill(i)); return said; }).join("");
    return { flat, places };
  };
  return { plain, placed, words: text => plain(text).split(" ").filter(Boolean) };
})();
