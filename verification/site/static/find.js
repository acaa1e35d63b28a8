// How words are compared, in the list of claims and in the search: Greek letters are spelt out, "eq. (13)" is "(13)".
window.saddlecheckWords = (function () {
  "use strict";
  const GREEK = { "ρ": "rho", "μ": "mu", "µ": "mu", "λ": "lambda", "γ": "gamma", "η": "eta", "σ": "sigma", "τ": "tau", "ℓ": "l", "∇": "grad ", "²": "^2", "³": "^3", "−": "-", "≥": ">=", "≤": "<=", "’": "'" };
  const plain = text => text.toLowerCase().replace(/[ρμµλγηστℓ∇²³−≥≤’]/g, c => GREEK[c] || c)
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\*\*/g, "^").replace(/\\/g, "")
    .replace(/\b(?:eqs?|equations?)\.? ?\(/g, "(").replace(/\bth(?:m|eor)\. ?(?=\d)/g, "theorem ").replace(/\s+/g, " ").trim();
  return { plain, words: text => plain(text).split(" ").filter(Boolean) };
})();
