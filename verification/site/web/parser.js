// A loss that a visitor types, read by a whitelist and never evaluated as code: the grammar of the Python reader.
// Its value, gradient and Hessian come from second-order forward differentiation: a jet is [f, fx, fy, fxx, fxy, fyy].
const LIMITS = { length: 2000, depth: 40, digits: 50, exponent: 60, degree: 64 };

class BadFormula extends Error {}

const FUNCTIONS = {
  // name: z -> [f(z), f'(z), f''(z)]
  sqrt: z => { const r = Math.sqrt(z); return [r, 0.5 / r, -0.25 / (r * z)]; },
  exp: z => { const e = Math.exp(z); return [e, e, e]; },
  log: z => [Math.log(z), 1 / z, -1 / (z * z)],
  sin: z => [Math.sin(z), Math.cos(z), -Math.sin(z)],
  cos: z => [Math.cos(z), -Math.sin(z), -Math.cos(z)],
  tan: z => { const t = Math.tan(z), s = 1 + t * t; return [t, s, 2 * t * s]; },
  tanh: z => { const t = Math.tanh(z), s = 1 - t * t; return [t, s, -2 * t * s]; },
  sigmoid: z => { const s = 1 / (1 + Math.exp(-z)), d = s * (1 - s); return [s, d, d * (1 - 2 * s)]; },
  softplus: z => { const s = 1 / (1 + Math.exp(-z)); return [Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), s, s * (1 - s)]; },
};

function tokens(text) {
  if (text.length > LIMITS.length) throw new BadFormula(`The formula has ${text.length} characters; at most ${LIMITS.length} are read.`);
  const found = [];
  const pattern = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?)(?![\w.])|([A-Za-z][A-Za-z0-9_]{0,30})(?!\w)|(\*\*|[-+*/()]))/y;
  const source = text.trimEnd();
  if (!source) throw new BadFormula("The formula is empty; write one, as in x**2 - y**2.");
  for (let at = 0; at < source.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match) {
      const odd = source.slice(at).trimStart().slice(0, 12);
      const hint = /^[\d.]+[A-Za-z]/.test(odd) ? `write ${odd.match(/^[\d.]+/)[0]}*${odd.match(/[A-Za-z]\w*/)[0]}` : odd[0] === "^" ? "powers are written **" : "only numbers, names, + - * / ** and ( ) are";
      throw new BadFormula(`“${odd}” is not part of a formula; ${hint}.`);
    }
    const [, number, name, sign] = match;
    found.push(number ? { kind: "number", text: number } : name ? { kind: "name", text: name } : { kind: sign, text: sign });
  }
  return found;
}

function numberValue(text) {
  const [digits, exponent = "0"] = text.split(/[eE]/);
  if (digits.replace(".", "").length > LIMITS.digits || Math.abs(+exponent) > LIMITS.exponent)
    throw new BadFormula(`The number ${text.slice(0, 20)} has more than ${LIMITS.digits} digits or an exponent beyond ${LIMITS.exponent}; shorten it.`);
  return Number(text);
}

// sum := product (± product)*;  product := signed (*|/ signed)*;  signed := ±signed | power;  power := atom [** signed]
function parseFormula(text) {
  const list = tokens(text), names = new Set();
  let at = 0;
  const peek = () => (at < list.length ? list[at].kind : "end");
  const slip = () => new BadFormula("The formula is not complete or has a slip near “" + (list[at] ? list[at].text : "its end") + "”; check its parentheses.");
  const expect = kind => { if (peek() !== kind) throw slip(); at += 1; };
  const deeper = depth => { if (depth > LIMITS.depth) throw new BadFormula(`The formula nests deeper than ${LIMITS.depth} levels; write it with fewer parentheses.`); return depth + 1; };

  function chain(next, signs, depth) {
    let left = next(depth);
    while (signs.includes(peek())) { const op = list[at++].kind; left = { op, left, right: next(depth) }; }
    return left;
  }
  const sum = depth => chain(product, ["+", "-"], deeper(depth));
  const product = depth => chain(signed, ["*", "/"], depth);
  function signed(depth) {
    deeper(depth);
    if (peek() === "-") { at += 1; return { op: "negate", left: signed(depth + 1) }; }
    if (peek() === "+") { at += 1; return signed(depth + 1); }
    const base = atom(depth);
    if (peek() !== "**") return base;
    at += 1;
    return { op: "**", left: base, right: signed(depth + 1) };
  }
  function atom(depth) {
    const token = list[at];
    if (peek() === "number") { at += 1; return { op: "number", value: numberValue(token.text) }; }
    if (peek() === "(") { at += 1; const inner = sum(depth); expect(")"); return inner; }
    if (peek() !== "name") throw slip();
    at += 1;
    const called = peek() === "(";
    if (Object.hasOwn(FUNCTIONS, token.text)) {
      if (!called) throw new BadFormula(`${token.text} is a function: write ${token.text}(x).`);
      at += 1;
      const left = sum(depth);
      expect(")");
      return { op: "call", name: token.text, left };
    }
    if (called) throw new BadFormula(`${token.text} is not a function that is known here; use ${Object.keys(FUNCTIONS).join(", ")}.`);
    if (token.text === "pi") return { op: "number", value: Math.PI };
    if (token.text.includes("__")) throw new BadFormula(`${token.text} cannot name a variable; use a letter, then letters, digits or single _.`);
    names.add(token.text);
    return { op: "name", name: token.text };
  }
  const tree = sum(0);
  if (at < list.length) throw slip();
  const order = [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (order.length !== 2)
    throw new BadFormula(`A picture needs two variables, the formula has ${order.length}${order.length ? " (" + order.slice(0, 5).join(", ") + ")" : ""}; write one as in x**2 - y**2.`);
  return { tree, variables: order };
}

const J = {
  constant: c => [c, 0, 0, 0, 0, 0],
  plus: (a, b, s) => a.map((v, i) => v + s * b[i]),
  times: (a, b) => [
    a[0] * b[0], a[1] * b[0] + a[0] * b[1], a[2] * b[0] + a[0] * b[2],
    a[3] * b[0] + 2 * a[1] * b[1] + a[0] * b[3],
    a[4] * b[0] + a[1] * b[2] + a[2] * b[1] + a[0] * b[4],
    a[5] * b[0] + 2 * a[2] * b[2] + a[0] * b[5],
  ],
  through: (a, [f, d, dd]) => [
    f, d * a[1], d * a[2], d * a[3] + dd * a[1] * a[1], d * a[4] + dd * a[1] * a[2], d * a[5] + dd * a[2] * a[2],
  ],
  power: n => z => [Math.pow(z, n), n === 0 ? 0 : n * Math.pow(z, n - 1), n === 0 || n === 1 ? 0 : n * (n - 1) * Math.pow(z, n - 2)],
};

// A tree as a function (x, y) -> jet, by closures.
function jetOf(node, variables) {
  if (node.op === "number") { const c = J.constant(node.value); return () => c; }
  if (node.op === "name") return variables[0] === node.name ? (x => [x, 1, 0, 0, 0, 0]) : ((x, y) => [y, 0, 1, 0, 0, 0]);
  const left = jetOf(node.left, variables);
  if (node.op === "negate") return (x, y) => left(x, y).map(v => -v);
  if (node.op === "call") { const f = FUNCTIONS[node.name]; return (x, y) => { const a = left(x, y); return J.through(a, f(a[0])); }; }
  if (node.op === "**") {
    const n = constantOf(node.right);
    if (n === null || !Number.isFinite(n) || Math.abs(n) > LIMITS.degree)
      throw new BadFormula(`An exponent must be a number up to ${LIMITS.degree}, as in x**2 or x**0.5; write exp(y*log(x)) for others.`);
    const f = J.power(n);
    return (x, y) => { const a = left(x, y); return J.through(a, f(a[0])); };
  }
  const right = jetOf(node.right, variables);
  if (node.op === "+") return (x, y) => J.plus(left(x, y), right(x, y), 1);
  if (node.op === "-") return (x, y) => J.plus(left(x, y), right(x, y), -1);
  if (node.op === "*") return (x, y) => J.times(left(x, y), right(x, y));
  const inverse = J.power(-1);
  return (x, y) => { const b = right(x, y); return J.times(left(x, y), J.through(b, inverse(b[0]))); };
}

// The value of a constant rational expression, else null.
function constantOf(node) {
  if (node.op === "number") return node.value === Math.PI ? null : node.value;
  if (node.op === "name" || node.op === "call") return null;
  const a = constantOf(node.left), b = node.right ? constantOf(node.right) : 0;
  if (a === null || b === null || (node.op === "**" && !Number.isInteger(b))) return null; // exponents are rational
  return { negate: -a, "+": a + b, "-": a - b, "*": a * b, "/": a / b, "**": Math.pow(a, b) }[node.op];
}

// A typed loss in the form of the generated ones: variables, value, gradient, hessian. Throws BadFormula.
function readLoss(text) {
  const { tree, variables } = parseFormula(text);
  const jet = jetOf(tree, variables);
  return {
    id: "typed", name: "your formula", formula: text.trim(), variables, points: null, line: false,
    value: (x, y) => jet(x, y)[0],
    gradient: (x, y) => { const j = jet(x, y); return [j[1], j[2]]; },
    hessian: (x, y) => { const j = jet(x, y); return [j[3], j[4], j[5]]; },
    view: { x: 0, y: 0, half: 3 }, start: [-2, -0.1], rho: 0.5, lr: 0.02,
  };
}
