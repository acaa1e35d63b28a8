// The font may come after the text was first laid out, and then moves it: a page is shown once the font is there.
(d => {
  const root = d.documentElement, show = () => { root.style.visibility = ""; };
  root.style.visibility = "hidden";
  d.addEventListener("DOMContentLoaded", () => d.fonts.load('1em "STIX Two Math"').then(show, show));
  setTimeout(show, 2000);
})(document);
