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
  const kinds = ["section", "voice", "verdict"];
  form.hidden = false;

  const pressed = kind => buttons.filter(b => b.dataset[kind] && b.getAttribute("aria-pressed") === "true").map(b => b.dataset[kind]);

  function show() {
    const chosen = Object.fromEntries(kinds.map(kind => [kind, pressed(kind)]));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const row of rows) {
      const fits = kinds.every(kind => !chosen[kind].length || chosen[kind].includes(row.dataset[kind]));
      const text = row.textContent.toLowerCase();
      row.hidden = !(fits && words.every(word => text.includes(word)));
      visible += !row.hidden;
    }
    count.textContent = visible === rows.length ? `${visible} claims` : `${visible} of ${rows.length} claims`;
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
    search.value = state.get("q") || "";
    show();
  }

  form.addEventListener("submit", event => event.preventDefault());
  search.addEventListener("input", () => write(show()));
  for (const b of buttons) b.addEventListener("click", () => {
    b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
    write(show());
  });
  addEventListener("hashchange", read);
  read();
})();
