"""The polynomial core of a proof by certificate: its cases, products and identities, each a step for Coq."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saddlecheck.theory.checker import positivity
from saddlecheck.theory.checker.facts import Sign, key, sign
from saddlecheck.theory.proof_assistant.reading import TracedRefutation


class Core:
    """The polynomial core: which atoms and facts it uses, and its proof."""

    def __init__(self, reading: TracedRefutation, certificate: Any) -> None:
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
        """The tactics for a node of the certificate, whose facts are hypotheses."""
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
        """The names that the facts of an alternative get."""
        names = [f"f_{start + k}" for k in range(len(facts))] or ["_"]
        whole = names[-1]
        for each in reversed(names[:-1]):
            whole = f"[{each} {whole}]"
        return whole

    def leaf(self, facts: list[Any], products: Any, multiples: Any) -> list[str]:
        """The tactics for a leaf: its products have signs, its multiples vanish, and the sum of all is 0."""
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
        """The tactic that a multiple of what vanishes by a hypothesis vanishes."""
        left, right = (self.reading.polynomial(each, self.written) for each in (poly, factor))
        return f"pose proof (times_zero ({left}) ({right}) {name}) as e_{n}."

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
        """Return the multiples that make a sum vanish: each equation's name, its polynomial, and the factor.

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
            proof = (
                f"assert (same : {side} = 1) by "
                "(rewrite ?exp_power, <- ?exp_plus; apply exp_zero; simpl INR; lra); lra."
            )
        else:
            proof = (
                f"assert (same : {sides[0]} = {sides[1]}) by "
                "(rewrite ?exp_power, <- ?exp_plus; f_equal; simpl INR; lra); lra."
            )
        self.extra[name] = (text, proof)
        self.said[name] = f"{self.reading.polynomial(left - right, self.reading.terms_of)} = 0"
        return name


def _cleared(ring: Any, total: Any, r: int, b: Any) -> tuple[Any, Any, Any]:
    """Return a polynomial without r = 1/b: t with r^h t + factor (1 - r b) = total, and the factor and r^h.

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
