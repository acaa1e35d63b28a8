// What scrolls sideways can be reached with the keyboard: long formulas, wide pictures, tables and code get a place in the tab order.
(function () {
  "use strict";
  function mark() {
    for (const box of document.querySelectorAll("div.math, div.wide, div.table-wrapper, div.highlight pre")) {
      if (box.scrollWidth <= box.clientWidth + 1) continue;
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      const what = box.matches("pre") ? "code" : box.matches(".wide") ? "picture" : box.matches(".table-wrapper") ? "table" : "formula";
      box.setAttribute("aria-label", `${what}, scrolls sideways`);
    }
  }
  addEventListener("load", mark);
  addEventListener("resize", mark);
})();
