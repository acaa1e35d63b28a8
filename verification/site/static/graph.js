// The graph around one claim, drawn as SVG: left what it rests on, right what rests on it. Each box leads to its claim.
(function () {
  "use strict";
  const svg = document.getElementById("graph-picture"), G = window.SADDLECHECK_GRAPH;
  if (!svg || !G) return;
  const NS = "http://www.w3.org/2000/svg", choice = document.getElementById("graph-claim"), about = document.getElementById("graph-about");
  const HOW = ["cites", "is read by", "is repaired by"], GAP = 62, HIGH = 50;
  const make = (name, attributes, ...inside) => { const e = document.createElementNS(NS, name); for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v); e.append(...inside); return e; };
  document.getElementById("graph-claims").append(...Object.entries(G.claims).map(([id, [title]]) => new Option(title, id)));
  const known = id => Object.hasOwn(G.claims, id);

  // Words on at most two lines of `room` characters.
  function lines(words, room) {
    const out = [""];
    for (const word of words.split(" ")) {
      if (!out.at(-1)) out[out.length - 1] = word;
      else if ((out.at(-1) + " " + word).length <= room) out[out.length - 1] += " " + word;
      else if (out.length < 2) out.push(word);
      else { out[1] = out[1].slice(0, room - 1) + "…"; break; }
    }
    return out;
  }

  function box(id, x, y, wide, centre) {
    const [title, verdict] = G.claims[id], room = Math.floor(wide / 7.1);
    const text = [make("text", { x: x + 12, y: y + 16, class: "id" }, id.length > room ? id.slice(0, room - 1) + "…" : id),
      ...lines(title, room).map((line, k) => make("text", { x: x + 12, y: y + 30 + 14 * k }, line))];
    const link = make("a", { href: centre ? `../claims/${id}.html` : `#${id}`, class: `v-${verdict}${centre ? " centre" : ""}` },
      make("title", {}, `${title}: ${verdict.replaceAll("-", " ")}${centre ? "; open its page" : "; put it in the middle"}`),
      make("rect", { x, y, width: wide, height: HIGH, rx: 6 }), make("rect", { x, y, width: 5, height: HIGH, rx: 2, class: "stripe" }), ...text);
    return link;
  }

  function draw() {
    const asked = decodeURIComponent(location.hash.slice(1)), id = known(asked) ? asked : G.first;
    const below = G.edges.filter(e => e[0] === id), above = G.edges.filter(e => e[1] === id);
    const wide = Math.max(300, svg.parentElement.clientWidth), narrow = wide < 700;
    const boxWide = narrow ? wide - 24 : Math.min(290, (wide - 120) / 3);
    svg.replaceChildren();
    choice.value = id;
    const columns = [below.map(e => [e[1], e[2]]), [[id, ""]], above.map(e => [e[0], e[2]])];
    const tall = Math.max(...columns.map(c => c.length), 1) * GAP;
    const at = (column, row) => narrow
      ? [12, 26 + GAP * (row + [0, columns[0].length, columns[0].length + 1][column]) + 26 * column]
      : [[0, (wide - boxWide) / 2, wide - boxWide][column], 26 + (tall - columns[column].length * GAP) / 2 + GAP * row];
    const heads = ["it rests on", "", "rests on it"], centre = at(1, 0), parts = [];
    columns.forEach((column, c) => {
      const top = at(c, 0);
      if (heads[c]) parts.push(make("text", { x: top[0], y: top[1] - 8, class: "head" }, column.length ? `${heads[c]} (${column.length})` : `${c ? "nothing rests on it" : "it rests on nothing else"}`));
      column.forEach(([name, how], row) => {
        const [x, y] = at(c, row);
        if (how !== "" && !narrow) {
          const [x1, y1] = c === 0 ? [x + boxWide, y + HIGH / 2] : [centre[0] + boxWide, centre[1] + HIGH / 2];
          const [x2, y2] = c === 0 ? [centre[0], centre[1] + HIGH / 2] : [x, y + HIGH / 2], half = (x1 + x2) / 2;
          parts.unshift(make("path", { d: `M${x1},${y1} C${half},${y1} ${half},${y2} ${x2},${y2}`, class: `edge how-${how}` }, make("title", {}, HOW[how])));
        }
        parts.push(box(name, x, y, boxWide, c === 1));
      });
    });
    const height = narrow ? at(2, Math.max(columns[2].length, 1))[1] : tall + 32;
    svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
    svg.setAttribute("height", height);
    svg.append(...parts);
    about.textContent = `${id}: ${G.claims[id][0]}. It rests on ${below.length}, and ${above.length} rest on it.`;
  }
  choice.addEventListener("change", () => { const id = choice.value.trim(); if (known(id)) location.hash = id; else about.textContent = `No claim is called ${id}; choose one of the list.`; });
  addEventListener("hashchange", draw);
  new ResizeObserver(draw).observe(svg.parentElement);
  draw();
})();
