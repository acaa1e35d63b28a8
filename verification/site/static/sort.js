// Tables of the class "sortable": each head becomes a button that sorts the rows by its column; numbers as numbers.
(function () {
  "use strict";
  const value = cell => cell.dataset.sort || cell.textContent.trim();
  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)], [p, q] = [Number(x), Number(y)];
    return x !== "" && y !== "" && Number.isFinite(p) && Number.isFinite(q) ? p - q : x.localeCompare(y, "en", { numeric: true });
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0], first = [...body.rows];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      // Up, down, and back to the order in which the page came.
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort"), next = now === "ascending" ? "descending" : now === "descending" ? "" : "ascending";
        for (const h of heads) h.removeAttribute("aria-sort");
        const rows = next ? [...first].sort((a, b) => compare(a.cells[column], b.cells[column])) : first;
        if (next) head.setAttribute("aria-sort", next);
        if (next === "descending") rows.reverse();
        body.append(...rows);
      });
    });
  }
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.from).textContent, said = button.textContent;
      try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
      catch { getSelection().selectAllChildren(document.getElementById(button.dataset.from)); button.textContent = "Selected: copy it"; }
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  }
})();
