"""Where the facts of a certificate come from: each is an atom's definition, a part of a premise, or the denied goal.

A certificate speaks of polynomials in atoms. Here each atom gets the Coq term that it stands for, and each term that
Coq writes otherwise than the polynomial is equal to it by an equation with a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Any

from saddlecheck.theory.checker.facts import Polynomial, Refutation, Sign
from saddlecheck.theory.checker.tree import Tree, children
from saddlecheck.theory.proof_assistant import terms

Equation = tuple[str, str, str]  # a Coq term, what it equals, and the tactic that proves it
_ATOMS = frozenset({*terms._CALLS, "Max", "Min", "Exp1"})
_OPAQUE = frozenset({"Derivative", "Coefficient"})  # what is within them is no part of an arithmetic formula


@dataclass(frozen=True)
class Source:
    """A fact's origin: kind "atom" (its number), "premise" (its number) or "denied", and the place among its facts."""

    kind: str
    number: int
    place: int


@dataclass
class TracedRefutation(Refutation):
    """A refutation that notes what its atoms are and where its facts come from."""

    terms_of: dict[int, str] = field(default_factory=dict)
    opaque: dict[int, str] = field(default_factory=dict)
    roots: dict[int, Polynomial] = field(default_factory=dict)
    alternatives: list[Any] = field(default_factory=list)
    defined: dict[int, list[Any]] = field(default_factory=dict)
    read_at_top: list[list[Any]] = field(default_factory=list)
    _within: list[Tree] = field(default_factory=list)
    _depth: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.alternatives = list(self.undefined)

    def read(self, tree: Tree, *, holds: bool) -> list[Any]:
        """The facts of a formula; those of whole premises are noted in their order."""
        self._depth += 1
        found = super().read(tree, holds=holds)
        self._depth -= 1
        if self._depth == 0:
            self.read_at_top.append(found)
        return found

    def term(self, tree: Tree) -> Polynomial:
        """A term as a polynomial in atoms."""
        self._within.append(tree)
        try:
            return super().term(tree)
        finally:
            self._within.pop()

    def atom(self, meaning: Any, definition: Callable[[Polynomial], Any] = lambda _: []) -> Polynomial:
        """The generator for a term; what it is in Coq is noted when it is first met."""
        new, before = meaning not in self.atoms, len(self.facts)
        value = super().atom(meaning, definition)
        if new:
            i = self.atoms[meaning]
            if meaning[0] == "root":
                self.roots[i] = self.term(self._within[-1][1])
            self.defined[i] = self.facts[before:]
            tree = self._within[-1]
            self.terms_of[i] = f"opaque_{i}" if tree[0] in _OPAQUE else self._written(meaning)
            if tree[0] in _OPAQUE:
                self.opaque[i] = terms.term(tree)
        return value

    def _written(self, meaning: Any) -> str:
        """An atom as Coq writes it. What is inverted, or under a root, is written as it stands or as its polynomial."""
        tree = self._within[-1]
        if meaning[0] not in ("inverse", "root"):
            return self._with_canonical_arguments(tree)
        poly = self._body if meaning[0] == "inverse" else self.term(tree[1])
        literal = tree[2][1].denominator == 1 or meaning[0] == "root"
        literal = literal and self.term(tree[1]) == poly and not list(self.equations(tree[1]))
        if literal:
            return terms.term(
                ("Pow", tree[1], ("Rational", Fraction(-1) if meaning[0] == "inverse" else Fraction(1, 2)))
            )
        inner = self.polynomial(poly, self.terms_of)
        return f"/ ({inner})" if meaning[0] == "inverse" else f"sqrt ({inner})"

    def _with_canonical_arguments(self, tree: Tree) -> str:
        """A function's value, its arguments as they stand or, where Coq writes a part otherwise, as polynomials."""
        head, args = tree[0], children(tree)
        if head in _OPAQUE or not any(any(self.equations(arg)) for arg in args):
            return terms.term(tree)
        parts = [f"({self.polynomial(self.term(arg), self.terms_of)})" for arg in args]
        if head in terms._CALLS:
            return f"{terms._CALLS[head]} {parts[0]}"
        if head in ("Max", "Min"):
            *first, last = parts
            return "".join(f"R{head.lower()} {part} (" for part in first) + last + ")" * len(first)
        natural = terms._natural(args[1])
        return f"Rpower {parts[0]} {parts[1]}" if natural is None else f"{parts[0]} ^ ({natural[0]})"

    def reciprocal(self, body: Polynomial) -> Polynomial:
        """1/body."""
        self._body = body / body.leading_coefficient() if body else body
        return super().reciprocal(body)

    def sources(self) -> list[Source]:
        """For each fact, where it comes from."""
        where: dict[int, Source] = {}
        for i, found in self.defined.items():
            where |= {id(fact): Source("atom", i, k) for k, fact in enumerate(found)}
        for i, found in enumerate(self.read_at_top[:-1]):
            where |= {id(fact): Source("premise", i, k) for k, fact in enumerate(found)}
        where |= {id(fact): Source("denied", 0, k) for k, fact in enumerate(self.read_at_top[-1])}
        return [where.get(id(fact), Source("denied", 0, 0)) for fact in self.facts]

    def argument(self, i: int) -> str:
        """What an atom that is an inverse or a root is of, as an argument of a lemma."""
        inner = self.terms_of[i].partition(" ")[2]
        return inner if " " not in inner or _is_bracketed(inner) else f"({inner})"

    def polynomial(self, poly: Polynomial, written: Mapping[int, str]) -> str:
        """A polynomial as a Coq term, given the terms of its atoms."""
        text = ""
        for powers, c in poly.terms():
            factors = []
            for i, k in enumerate(powers):
                if k:
                    base = written[i] if written[i].isidentifier() else f"({written[i]})"
                    factors.append(base if k == 1 else f"{base} ^ {k}")
            size = abs(c)
            number = str(int(size.p)) if size.q == 1 else f"({int(size.p)} / {int(size.q)})"
            factors = factors if size == 1 and factors else [number, *factors]
            sign = "-" if c < 0 else "+"
            text += f" {sign} {' * '.join(factors)}" if text else f"{'- ' if c < 0 else ''}{' * '.join(factors)}"
        return text or "0"

    def fact(self, fact: Any, written: Mapping[int, str]) -> str:
        """A fact as a Coq formula."""
        if isinstance(fact, Sign):
            return f"{self.polynomial(fact.poly, written)} {'<>' if fact.relation == '!=' else fact.relation} 0"
        cases = [self.all_of(alternative, written) for alternative in fact.alternatives]
        return " \\/ ".join(f"({case})" for case in cases) if cases else "False"

    def all_of(self, facts: Sequence[Any], written: Mapping[int, str]) -> str:
        """Facts joined by "and"."""
        return terms.conjunction([self.fact(fact, written) for fact in facts]) if facts else "True"

    def equations(self, tree: Tree) -> Iterator[Equation]:
        """The outermost parts of a term that Coq writes otherwise than their polynomial, and why they agree."""
        if tree[0] in _OPAQUE or not children(tree):
            return
        if tree[0] in _ATOMS or (tree[0] == "Pow" and not _is_natural_power(tree)):
            left, poly = terms.term(tree), self.term(tree)
            right = self.polynomial(poly, self.terms_of)
            atom = next((i for i in self.terms_of if poly == self.ring.gen(i)), None)
            if atom is None or self.terms_of[atom] != left:
                yield left, right, self._agree(tree)
            return
        for part in children(tree):
            yield from self.equations(part)

    def _agree(self, tree: Tree) -> str:
        """The tactic that proves that a part is its polynomial."""
        if tree[0] in _ATOMS or tree[2][0] != "Rational":
            inner = [e for part in children(tree) for e in self.equations(part)]
            return f"{replaced(inner)}{'repeat ' if tree[0] in ('Max', 'Min') else ''}f_equal; lra"
        base = tree[1]
        if tree[2][1].denominator > 1:
            root = ("Pow", base, ("Rational", Fraction(1, 2)))
            if tree != root:
                return f"{replaced(self.equations(root))}rewrite <- ?pow_inv; lra"
            return f"{replaced(self.equations(base))}f_equal; lra"
        if base[0] == "Mul":
            inner = [e for factor in base[1:] for e in self.equations(("Pow", factor, tree[2]))]
            return f"rewrite <- ?pow_inv, ?Rinv_mult, ?Rpow_mult_distr, ?pow_inv; {replaced(inner)}lra"
        body = self.term(base)
        scale = body.leading_coefficient()
        monic = self.polynomial(body / scale, self.terms_of)
        number = self.polynomial(self.ring.constant(scale), self.terms_of)
        first = replaced(self.equations(base))
        written = next((self.terms_of[i] for i, b in self.inverse.items() if b == body / scale), "")
        parts = f"replace ({terms.term(base)}) with ({number} * ({monic})) by ({first}lra); "
        return f"{parts}rewrite <- ?pow_inv, ?Rinv_mult; {self._as_written(written, monic)}lra"

    def _as_written(self, inverse: str, monic: str) -> str:
        """The inverse of a monic polynomial as its atom is written."""
        return (
            f"replace (/ ({monic})) with ({inverse}) by (f_equal; lra); "
            if inverse and inverse != f"/ ({monic})"
            else ""
        )


def replaced(equations: Iterable[Equation], where: str = "") -> str:
    """The tactics that put right sides for left sides, in the goal or in a hypothesis."""
    # What contains others comes first: it is an atom, and its parts are not to be touched.
    ordered = sorted(dict.fromkeys(equations), key=lambda equation: -len(equation[0]))
    return "".join(f"replace ({left}) with ({right}){where} by ({proof}); " for left, right, proof in ordered)


def _is_bracketed(text: str) -> bool:
    """Whether one pair of brackets holds a whole text."""
    depths = accumulate((c == "(") - (c == ")") for c in text)
    return text.startswith("(") and all(depth > 0 for depth in list(depths)[:-1])


def _is_natural_power(tree: Tree) -> bool:
    return bool(tree[2][0] == "Rational" and tree[2][1].denominator == 1 and tree[2][1] >= 0)


__all__ = ["Equation", "Source", "TracedRefutation", "replaced"]
