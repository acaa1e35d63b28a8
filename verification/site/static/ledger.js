// The dashboard's filters. Their state lives in the address, so that a filtered list can be linked to.
(function () {
  "use strict";
  const root = document.getElementById("ledger");
  if (!root) return;
  const rows = [...root.querySelectorAll("tbody tr")];
  const form = root.querySelector(".filters");
  const search = document.getElementById("ledger-search");
  const count = document.getElementById("ledger-count");
  const buttons = [...form.querySelectorAll("button")];
  const paper = document.getElementById("ledger-paper"); // only where there are several
  const kinds = ["paper", "section", "voice", "verdict"];
  const { plain, words } = window.saddlecheckWords;
  const texts = new Map(rows.map(row => [row, plain(row.textContent)]));
  form.hidden = false;

  const pressed = kind => kind === "paper" ? (paper && paper.value ? [paper.value] : []) : buttons.filter(b => b.dataset[kind] && b.getAttribute("aria-pressed") === "true").map(b => b.dataset[kind]);

  function show() {
    const chosen = Object.fromEntries(kinds.map(kind => [kind, pressed(kind)]));
    const asked = words(search.value);
    let visible = 0;
    for (const row of rows) {
      const fits = kinds.every(kind => !chosen[kind].length || chosen[kind].includes(row.dataset[kind]));
      row.hidden = !(fits && asked.every(word => texts.get(row).includes(word)));
      visible += !row.hidden;
    }
    count.textContent = visible === rows.length ? `${visible} claims` : `${visible} of ${rows.length} claims`;
    for (const group of form.querySelectorAll("[data-of]")) group.hidden = chosen.paper.length > 0 && !chosen.paper.includes(group.dataset.of);
    return chosen;
  }

  function write(chosen) {
    const parts = kinds.filter(kind => chosen[kind].length).map(kind => `${kind}=${chosen[kind].join(",")}`);
    if (search.value) parts.push(`q=${encodeURIComponent(search.value)}`);
    history.replaceState(null, "", "#" + parts.join("&"));
  }

  function read() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const b of buttons) {
      const kind = kinds.find(k => b.dataset[k]);
      b.setAttribute("aria-pressed", String((state.get(kind) || "").split(",").includes(b.dataset[kind])));
    }
    if (paper) paper.value = [...paper.options].some(o => o.value === state.get("paper")) ? state.get("paper") : "";
    search.value = state.get("q") || "";
    show();
  }

  form.addEventListener("submit", event => event.preventDefault());
  search.addEventListener("input", () => write(show()));
  if (paper) paper.addEventListener("change", () => write(show()));
  for (const b of buttons) b.addEventListener("click", () => {
    b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
    write(show());
  });
  addEventListener("hashchange", read);
  read();
})();
