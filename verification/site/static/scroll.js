// What scrolls sideways can be reached with the keyboard: long formulas, wide pictures, tables and code get a place in the tab order.
(function () {
  "use strict";
  function mark() {
    const boxes = document.querySelectorAll("div.math, div.wide, div.table-wrapper, div.highlight pre");
    for (const [i, box] of boxes.entries()) {
      if (box.scrollWidth <= box.clientWidth + 1) continue;
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      const what = box.matches("pre") ? "code" : box.matches(".wide") ? "picture" : box.matches(".table-wrapper") ? "table" : "formula";
      box.setAttribute("aria-label", `${what} ${i + 1}, scrolls sideways`);
    }
  }
  addEventListener("load", mark);
  // The theme leaves its landmarks without names, so that a screen reader could not tell them apart.
  const names = {".sidebar-drawer": "site", ".toc-drawer": "this page", ".sidebar-search-container": "site"};
  for (const [chosen, name] of Object.entries(names)) document.querySelector(chosen)?.setAttribute("aria-label", name);
  addEventListener("resize", mark);
})();
