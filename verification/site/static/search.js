// The search: every claim, paper and guide lies in search-data.js, so that it works from disk. The query is in the address.
(function () {
  "use strict";
  const field = document.getElementById("search-words"), list = document.getElementById("search-found"), status = document.getElementById("search-status");
  if (!field || !window.SADDLECHECK_SEARCH) return;
  const { plain, placed, words } = window.saddlecheckWords, MOST = 60;
  // An entry is [title, address, kind, text]; a phrase counts more than its words, a title more than a text.
  const entries = window.SADDLECHECK_SEARCH.map(([title, address, kind, text, weight]) =>
    ({ title, address, kind, text, weight, inTitle: plain(title), inKind: plain(kind), inText: plain(text) }));
  // A word begins where it is asked for, and a number ends there: "1/mu" is not in "11/mu", nor "Theorem 2" in "Theorem 21",
  // and 2 is no exponent and no part of 1.2.
  const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const alone = text => new RegExp((/^\d/.test(text) ? "(?<![\\w^.])" : /^\w/.test(text) ? "(?<!\\w)" : "") + escaped(text) + (/\d$/.test(text) ? "(?!\\d)" : ""));

  function score(e, phrase, parts) {
    let sum = 0;
    for (const part of parts) {
      const here = (part.test(e.inTitle) ? 6 : 0) + (part.test(e.inKind) ? 4 : 0) + (part.test(e.inText) ? 1 : 0);
      if (!here) return 0;
      sum += here;
    }
    return sum + (e.inTitle.search(phrase) === 0 ? 20 : 0) + (phrase.test(e.inTitle) ? 40 : 0) + (phrase.test(e.inKind) ? 30 : 0) + (phrase.test(e.inText) ? 10 : 0) + e.weight;
  }

  // What stands around the first place of the phrase, or else of one of its words.
  function excerpt(text, asked) {
    const { flat, places } = placed(text), match = asked.map(word => word.exec(flat)).find(Boolean);
    const at = match ? places[match.index] : 0, end = match ? places[match.index + match[0].length - 1] + 1 : 0;
    // Words are not cut: the excerpt begins after a blank, and ends before one.
    const from = at > 70 ? text.indexOf(" ", at - 70) + 1 : 0, rest = from + 220 < text.length ? Math.max(end, text.lastIndexOf(" ", from + 220)) : text.length, p = document.createElement("p"), mark = document.createElement("mark");
    mark.textContent = text.slice(at, end);
    p.append(from ? "… " : "", text.slice(from, at), mark, text.slice(end, rest), rest < text.length ? " …" : "");
    return p;
  }

  function show() {
    const asked = words(field.value);
    list.replaceChildren();
    if (!asked.length) { status.textContent = ""; return; }
    const whole = plain(field.value), phrase = alone(whole), parts = asked.map(alone);
    const found = entries.map(e => [score(e, phrase, parts), e]).filter(([s]) => s > 0).sort((a, b) => b[0] - a[0]);
    status.textContent = found.length ? `${found.length} found${found.length > MOST ? `, the first ${MOST} shown` : ""}` : "Nothing found. Try fewer words, an equation such as (13), or an author.";
    for (const [, e] of found.slice(0, MOST)) {
      const item = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("span");
      link.href = e.address;
      link.textContent = e.title;
      kind.className = "muted";
      kind.textContent = e.kind;
      item.append(link, " ", kind, excerpt(e.text, [phrase, ...parts.filter((_, i) => !/^\d+$/.test(asked[i]))])); // a number by itself says nothing
      list.append(item);
    }
  }

  field.value = new URLSearchParams(location.search).get("q") || "";
  field.form.addEventListener("submit", event => { event.preventDefault(); show(); });
  field.addEventListener("input", () => {
    try { history.replaceState(null, "", "?q=" + encodeURIComponent(field.value)); } catch { /* a browser may forbid it on files */ }
    show();
  });
  show();
})();
