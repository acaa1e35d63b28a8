"""The script that closes a goal by a stored certificate: its cases, products and identities, each a step for Coq.

A core about polynomials in as many real numbers as there are atoms is proved first, then applied to the atoms' terms;
each fact that it uses is shown from the hypothesis, the definition or the denied goal from which it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saddlecheck.theory.checker import positivity
from saddlecheck.theory.checker.facts import Cases, Sign, key, sign
from saddlecheck.theory.checker.tree import Tree
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant.existence import Obligation
from saddlecheck.theory.proof_assistant.reading import Reading, Source, replaced

Named = tuple[str, Tree]  # a hypothesis


class Proof:
    """The tactics that prove a goal from hypotheses, by a certificate.

    Args:
        premises: The hypotheses of which the certificate speaks, in its order.
        goal: What it proves.
        certificate: Nested lists, see theory/checker/positivity.py.
    """

    def __init__(self, premises: Sequence[Named], goal: Tree, certificate: Any) -> None:
        self.premises, self.goal, self.certificate = premises, goal, certificate
        self.reading = Reading([tree for _, tree in premises], goal)

    def covers(self, needed: Obligation) -> bool:
        """Whether the certificate proves an obligation besides the goal: it is about the goal's own terms."""
        return needed.tree is not None and _place(self.reading, needed.tree) in self.reading.alternatives

    def script(self, needed: Sequence[Obligation]) -> list[str]:
        """The tactics for the goal with these obligations in front.

        Args:
            needed: Obligations that the certificate covers.

        Returns:
            Lines, each a complete tactic.
        """
        reading, sources = self.reading, self.reading.sources()
        core = Core(reading, self.certificate)
        proofs = [_origin(reading, self.premises, self.goal, needed, sources[i], reading.facts[i]) for i in core.used]
        # A derivative is one thing, whose parts no equation may touch.
        hidden = [f"set (opaque_{i} := {text}) in *; clearbody opaque_{i}." for i, text in reading.opaque.items()]
        lines = ["apply NNPP; intro denied.", *hidden, *core.lines]
        if not core.used and not core.extra:
            return [*lines, f"exact ({' '.join(['core', *core.arguments()])})."]
        lines.append(f"apply ({' '.join(['core', *core.arguments()])}); clear core.")
        return lines + [f"- {proof}" for proof in [*proofs, *(proof for _, proof in core.extra.values())]]


class Core:
    """The polynomial core: which atoms and facts it uses, and its proof."""

    def __init__(self, reading: Reading, certificate: Any) -> None:
        self.reading, self.certificate = reading, certificate
        self.used_set, self.extra, self.left = set[int](), dict[str, tuple[str, str]](), False
        self.said: dict[str, str] = {}
        self.written = {i: f"a_{i}" for i in range(len(reading.atoms))}
        body = self.body()
        self.used = sorted(self.used_set)
        facts = [reading.fact(reading.facts[i], self.written) for i in self.used]
        facts += [text for text, _ in self.extra.values()]
        self.atoms = [
            i for i in self.written if any(self._mentions(text, i) for text in (*facts, *body, self.conclusion()))
        ]
        names = [f"f_{i}" for i in self.used] + list(self.extra)
        quantified = f"forall {' '.join(self.written[i] for i in self.atoms)} : R, " if self.atoms else ""
        arrows = "".join(f"({text}) -> " for text in facts)
        self.lines = [f"assert (core : {quantified}{arrows}{self.conclusion()}).", "{"]
        if self.atoms or names:
            self.lines.append(f"  intros {' '.join([*(self.written[i] for i in self.atoms), *names])}.")
        self.lines += [*body, "}"]

    def arguments(self) -> list[str]:
        """The terms that are put for the core's atoms."""
        return [f"({self.reading.terms_of[i]})" for i in self.atoms]

    def body(self) -> list[str]:
        """The proof of what the core concludes."""
        return self.close(self.reading.facts, self.certificate, 1)

    def conclusion(self) -> str:
        """What the core concludes."""
        return "False"

    def _mentions(self, text: str, i: int) -> bool:
        return self.written[i] in text.replace("(", " ").replace(")", " ").split()

    def name(self, i: int) -> str:
        """A fact's name, noted as used if it stands in the core's premises."""
        if i < len(self.reading.facts):
            self.used_set.add(i)
        return f"f_{i}"

    def close(self, facts: list[Any], node: Any, depth: int) -> list[str]:
        pad = "  " * depth
        kind, *rest = node
        if kind == "sum":
            return [pad + line for line in self.leaf(facts, *rest)]
        lines = []
        if kind == "cases":
            alternatives = list(facts[rest[0]].alternatives)
            children = rest[1:]
            split = self.name(rest[0])
        else:
            poly = positivity.polynomial(self.reading, rest[0])
            alternatives = [[sign(poly, relation)] for relation, _ in rest[1:]]
            children = [child for _, child in rest[1:]]
            split = f"s_{len(facts)}_{depth}"
            said = " \\/ ".join(self.reading.fact(alternative[0], self.written) for alternative in alternatives)
            shown = self.reading.polynomial(poly, self.written)
            lines.append(
                f"{pad}assert ({split} : {said}) by (destruct (Rtotal_order ({shown}) 0) as [|[|]]; cases_lra)."
            )
        patterns = [self.pattern(alternative, len(facts)) for alternative in alternatives]
        if not alternatives:
            return [*lines, f"{pad}destruct {split}."]
        whole = patterns[-1]
        for pattern in reversed(patterns[:-1]):
            whole = f"[{pattern} | {whole}]"
        if len(patterns) > 1 or whole.startswith("["):
            lines.append(f"{pad}destruct {split} as {whole}.")
        else:
            lines.append(f"{pad}pose proof {split} as {whole}.")
        for alternative, child in zip(alternatives, children, strict=True):
            lines += [f"{pad}{{", *self.close([*facts, *alternative], child, depth + 1), f"{pad}}}"]
        return lines

    def pattern(self, facts: Sequence[Any], start: int) -> str:
        names = [f"f_{start + k}" for k in range(len(facts))] or ["_"]
        whole = names[-1]
        for each in reversed(names[:-1]):
            whole = f"[{each} {whole}]"
        return whole

    def leaf(self, facts: list[Any], products: Any, multiples: Any) -> list[str]:
        lines, total = [], self.reading.ring.constant(0)
        for n, (number, powers, squares) in enumerate(products):
            term, poly = self.product(facts, powers, squares)
            if term:
                lines.append(f"pose proof {term} as p_{n}.")
            total += positivity._number(number) * poly
        for n, (i, data) in enumerate(multiples):
            factor = positivity.polynomial(self.reading, data)
            total += facts[i].poly * factor
            lines.append(self.multiple(n, self.name(i), facts[i].poly, factor))
        offset = len(multiples)
        for name, poly, factor in self.missing(facts, total):
            lines.append(self.multiple(offset, name, poly, factor))
            offset += 1
        return [*lines, "lra."]

    def multiple(self, n: int, name: str, poly: Any, factor: Any) -> str:
        return f"pose proof (times_zero ({self.reading.polynomial(poly, self.written)}) ({self.reading.polynomial(factor, self.written)}) {name}) as e_{n}."

    def product(self, facts: list[Any], powers: Any, squares: Any) -> tuple[str, Any]:
        """A proof term that a product is positive, or not negative; and the product."""
        poly, strict, parts = self.reading.ring.constant(1), not squares, []
        for i, k in powers:
            fact = facts[i]
            poly *= fact.poly**k
            name = self.name(i)
            if fact.relation == "!=":
                square = f"(nonzero_square _ {name})"
                parts.append((True, square if k == 2 else f"(pow_lt _ {k // 2} {square})"))
            elif fact.relation == ">":
                parts.append((True, name if k == 1 else f"(pow_lt _ {k} {name})"))
            else:
                strict = False
                parts.append((False, f"(Rge_le _ _ {name})" if k == 1 else f"(pow_le _ {k} (Rge_le _ _ {name}))"))
        for data in squares:
            root = positivity.polynomial(self.reading, data)
            poly *= root**2
            parts.append((False, f"(pow2_ge_0 ({self.reading.polynomial(root, self.written)}))"))
        if not parts:
            return "", poly
        term = ""
        for sharp, part in parts:
            part = part if strict or not sharp else f"(Rlt_le _ _ {part})"
            combine = "Rmult_lt_0_compat" if strict else "Rmult_le_pos"
            term = f"({combine} _ _ {term} {part})" if term else part
        return term, poly

    def missing(self, facts: list[Any], total: Any) -> list[tuple[str, Any, Any]]:
        """The multiples that make a sum vanish.

        Of r b = 1 for inverses, s^2 = b for roots, and exp(a) exp(b) = exp(a + b).
        """
        reading, ring = self.reading, self.reading.ring
        equations = {key(f.poly): i for i, f in enumerate(facts) if isinstance(f, Sign) and f.relation == "="}
        found: list[tuple[str, Any, Any]] = []
        lift, roots = ring.constant(1), reading.roots
        for i in sorted({*reading.inverse, *roots}, reverse=True):
            relation = ring.gen(i) ** 2 - roots[i] if i in roots else ring.gen(i) * reading.inverse[i] - 1
            if not total or int(total.degrees()[i]) <= int(i in roots) or key(relation) not in equations:
                continue
            name = self.name(equations[key(relation)])
            quotient, rest = divmod(total, relation)
            if not rest:
                return [*found, (name, relation, -quotient * lift)]
            if i in roots:
                total, factor = _reduced(ring, total, i, roots[i])
                found.append((name, relation, factor * lift))
            else:
                total, factor, power = _cleared(ring, total, i, reading.inverse[i])
                found.append((name, relation, factor * lift))
                lift = lift * power
        return found + self.merged(total, lift)

    def merged(self, total: Any, lift: Any) -> list[tuple[str, Any, Any]]:
        """The multiples of equations between products of exponentials with the same sum of exponents."""
        reading, ring = self.reading, self.reading.ring
        groups: dict[Any, dict[Any, Any]] = {}
        for powers, c in total.terms():
            exponent, mine, others = ring.constant(0), [0] * len(powers), list(powers)
            for i, a in reading.exponent.items():
                exponent, mine[i], others[i] = exponent + powers[i] * a, powers[i], 0
            group = groups.setdefault(key(exponent), {})
            part = ring.from_dict({tuple(others): c})
            group[tuple(mine)] = group.get(tuple(mine), ring.constant(0)) + part
        found = []
        self.left = any(sum(group.values(), ring.constant(0)) for group in groups.values())
        for group in groups.values():
            first, *rest = sorted(group)
            for monomial in rest:
                left, right = ring.from_dict({monomial: 1}), ring.from_dict({first: 1})
                name = self.exponentials(left, right)
                found.append((name, left - right, -group[monomial] * lift))
        return found

    def exponentials(self, left: Any, right: Any) -> str:
        """The name of an extra premise of the core: that a product of exponentials equals another one."""
        text = f"{self.reading.polynomial(left - right, self.written)} = 0"
        for name, (known, _) in self.extra.items():
            if known == text:
                return name
        name = f"x_{len(self.extra)}"
        sides = [self.reading.polynomial(side, self.reading.terms_of) for side in (left, right)]
        if "1" in sides:
            side = sides[0] if sides[1] == "1" else sides[1]
            proof = f"assert (same : {side} = 1) by (rewrite ?exp_power, <- ?exp_plus; apply exp_zero; simpl INR; lra); lra."
        else:
            proof = (
                f"assert (same : {sides[0]} = {sides[1]}) by "
                "(rewrite ?exp_power, <- ?exp_plus; f_equal; simpl INR; lra); lra."
            )
        self.extra[name] = (text, proof)
        self.said[name] = f"{self.reading.polynomial(left - right, self.reading.terms_of)} = 0"
        return name


def _cleared(ring: Any, total: Any, r: int, b: Any) -> tuple[Any, Any, Any]:
    """A polynomial without r = 1/b: t with r^h t + factor (1 - r b) = total, and the factor and r^h.

    total = r^h (b^h total) - ((r b)^h - 1) total, and b^h total is without r but for multiples of r b - 1.
    """
    h = int(total.degrees()[r])
    cleared, multiple = ring.constant(0), ring.constant(0)
    geometric = [sum((ring.gen(r) ** j * b**j for j in range(i)), ring.constant(0)) for i in range(h + 1)]
    for powers, c in total.terms():
        i = int(powers[r])
        monomial = ring.from_dict({(*powers[:r], 0, *powers[r + 1 :]): c})
        cleared += monomial * b ** (h - i)
        multiple += monomial * b ** (h - i) * geometric[i]
    power = ring.gen(r) ** h
    return cleared, geometric[h] * total - power * multiple, power


def _reduced(ring: Any, total: Any, s: int, b: Any) -> tuple[Any, Any]:
    """A polynomial linear in s, where s^2 = b; and the factor with total + factor (s^2 - b) = it."""
    reduced, factor = ring.constant(0), ring.constant(0)
    for powers, c in total.terms():
        half, odd = divmod(int(powers[s]), 2)
        monomial = ring.from_dict({(*powers[:s], odd, *powers[s + 1 :]): c})
        reduced += monomial * b**half
        factor -= monomial * sum((ring.gen(s) ** (2 * (half - 1 - i)) * b**i for i in range(half)), ring.constant(0))
    return reduced, factor


def _origin(
    reading: Reading, premises: Sequence[Named], goal: Tree, needed: Sequence[Obligation], source: Source, fact: Any
) -> str:
    """The tactic that proves a fact with the atoms' terms put in."""
    if source.kind == "atom":
        return _definition(reading, source)
    if source.kind == "premise":
        name, tree = premises[source.number]
        return _shown(reading, tree, True, source.place, name) + "."
    return _denied(reading, goal, needed, fact, source.place) + "."


def _definition(reading: Reading, source: Source) -> str:
    meaning = next(m for m, i in reading.atoms.items() if i == source.number)
    inner = reading.terms_of[source.number].partition(" ")[2]
    if meaning[0] == "exp":
        return "apply exp_pos."
    if meaning[0] == "inverse":
        return f"destruct (inverse_cases {inner}); cases_lra."
    if meaning[0] == "root":
        return f"destruct (root_cases {inner}) as [[? ?] | ?]; [left; split; lra | right; lra]."
    if meaning[0] == "Pi":
        return "destruct pi_bounds; lra."
    if meaning[0] == "Abs":
        return "unfold Rabs; repeat destruct Rcase_abs; cases_lra."
    if meaning[0] in ("Max", "Min"):
        return "unfold Rmax, Rmin; repeat destruct Rle_dec; cases_lra."
    raise Untranslatable(f"the definition of {meaning[0]}")


def _shown(reading: Reading, tree: Tree, holds: bool, place: int, name: str) -> str:
    """The tactic that proves the fact at a place in `read(tree)` from the hypothesis that the formula holds, or not."""
    head, *args = tree
    if head == "Not":
        return (
            _shown(reading, args[0], False, place, name)
            if holds
            else f"apply NNPP in {name}; " + _shown(reading, args[0], True, place, name)
        )
    if head == "Implies":
        if holds:
            branches = [(args[0], False), (args[1], True)]
            return f"apply imply_to_or in {name}; " + _cases(reading, branches, name)
        return _both(reading, [(args[0], True), (args[1], False)], place, name, f"apply imply_to_and in {name}; ")
    if head == "Equivalent":
        parts = [("Implies", args[0], args[1]), ("Implies", args[1], args[0])]
        if holds:
            return _both(reading, [(part, True) for part in parts], place, name, "")
        return f"unfold iff in {name}; apply not_and_or in {name}; " + _cases(
            reading, [(part, False) for part in parts], name
        )
    if head in ("And", "Or"):
        branches = [(arg, holds) for arg in args]
        if (head == "And") == holds:
            steps = "" if holds else f"apply not_or_and in {name}; "
            return _both(reading, branches, place, name, steps)
        return _cases(reading, branches, name, "" if holds else f"apply not_and_or in {name}; ")
    if head == "Boolean":
        return f"destruct {name}" if not args[0] and holds else f"destruct ({name} I)"
    before = f"apply NNPP in {name}; " if not holds and head == "Unequality" else ""
    equations = [equation for arg in args for equation in reading.equations(arg)]
    apart = head == ("Unequality" if holds else "Equality")
    return before + replaced(equations, f" in {name}") + (f"intro zero; apply {name}; lra" if apart else "lra")


def _both(reading: Reading, parts: Sequence[tuple[Tree, bool]], place: int, name: str, before: str) -> str:
    """The fact at a place in the facts of several formulas of a conjunction."""
    for n, (part, holds) in enumerate(parts):
        count = len(reading.read(part, holds=holds))
        if place < count:
            last = n == len(parts) - 1
            steps = ""
            for _ in range(n):
                steps += before + f"destruct {name} as [_ {name}]; "
            if not last:
                steps += before + f"destruct {name} as [{name} _]; "
            elif n == 0:
                steps = ""
            return steps + _shown(reading, part, holds, place, name)
        place -= count
    raise Untranslatable("a fact without an origin")


def _cases(reading: Reading, parts: Sequence[tuple[Tree, bool]], name: str, before: str = "") -> str:
    """A disjunction of conjunctions of facts, from one of formulas."""
    if not parts:
        return f"destruct {name}"
    head, *rest = parts
    here = _all(reading, *head, name)
    if not rest:
        return here
    others = _cases(reading, rest, name, before)
    return f"{before}destruct {name} as [{name} | {name}]; [left; {here} | right; {others}]"


def _all(reading: Reading, tree: Tree, holds: bool, name: str) -> str:
    """All facts of a formula, joined by "and"."""
    count = len(reading.read(tree, holds=holds))
    if not count:
        return "exact I"
    proofs = [f"({_shown(reading, tree, holds, k, name)})" for k in range(count)]
    text = proofs[-1]
    for proof in reversed(proofs[:-1]):
        text = f"(split; [{proof} | {text}])"
    return text


def _denied(reading: Reading, goal: Tree, needed: Sequence[Obligation], fact: Any, place: int) -> str:
    """The denied goal, or one of its obligations, as a fact."""
    if not isinstance(fact, Cases) or not reading.alternatives:
        return _shown(reading, goal, False, place, "denied")
    text = f"left; {_all(reading, goal, False, 'denied')}"
    for each in reversed(needed):
        unmet = _unmet(reading, each, reading.alternatives)
        text = f"apply not_and_or in denied; destruct denied as [denied | denied]; [{unmet} | {text}]"
    return text


def _place(reading: Reading, tree: Tree) -> Any:
    """What a certificate calls the place where an obligation fails."""
    relation, term, _ = tree
    poly = reading.term(term)
    refused = {"Unequality": "=", "GreaterThan": "<", "StrictGreaterThan": "<="}[relation]
    if refused == "=":
        poly = poly / poly.leading_coefficient() if poly else poly
    found = sign(poly, refused)
    return key(found.poly), found.relation


def _unmet(reading: Reading, each: Obligation, alternatives: list[Any]) -> str:
    """The alternative that an unmet obligation is."""
    guards = "".join("apply imply_to_and in denied; destruct denied as [_ denied]; " for _ in each.guards)
    index = alternatives.index(_place(reading, each.tree)) + 1  # type: ignore[arg-type]  # it is covered
    choose = "right; " * index + ("left; " if index < len(alternatives) else "")
    return guards + choose + _shown(reading, each.tree, False, 0, "denied")  # type: ignore[arg-type]
