"""Formulas as facts about the signs of polynomials.

A polynomial's generators are atoms: symbols, and terms that are no polynomial (an exponential, a root, 1/b, a
derivative, …). Of those the facts say what defines them and no more: 1/b times b is 1 or b is 0, and so on, so that a
premise that is not defined somewhere says nothing false there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from math import comb
from typing import Any, NamedTuple

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from saddlecheck.theory.checker.tree import RELATIONS, Damaged, Tree, children

Polynomial = Any  # python-flint ships no types
_NEGATED = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}
_WRITTEN = {"Equality": "=", "Unequality": "!=", "StrictLessThan": "<", "LessThan": "<=",
            "StrictGreaterThan": ">", "GreaterThan": ">="}  # fmt: skip
_REAL_VALUED = frozenset({"exp", "log", "Abs", "Max", "Min", "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf",
                          "erfi", "sign"})  # fmt: skip
_LIMITS = frozenset({"Derivative", "Coefficient"})
_ATOMS = (
    _LIMITS | _REAL_VALUED | {"Symbol", "Pi", "Exp1", "Pow", "Prop"}
)  # the heads of terms for which there are generators
_LARGEST = 200_000  # terms of a power; what is larger would only cost memory


class Sign(NamedTuple):
    """A polynomial and its relation to zero: > >= = or !=."""

    poly: Polynomial
    relation: str


class Cases(NamedTuple):
    """Alternatives, each a list of facts: all facts of at least one of them hold."""

    alternatives: list[list[Any]]


Facts = list[Any]  # of Sign and Cases


def sign(poly: Polynomial, relation: str) -> Sign:
    """The fact that a polynomial has this relation to zero; < and <= are turned round."""
    return Sign(-poly, relation.replace("<", ">")) if "<" in relation else Sign(poly, relation)


def natural_power(poly: Polynomial, exponent: int) -> Polynomial:
    """A natural power. Raises Damaged if it could have very many terms."""
    if comb(len(poly) + exponent, exponent) > _LARGEST:
        raise Damaged(f"no certificate covers the power {exponent} of a polynomial with {len(poly)} terms")
    return poly**exponent


def key(poly: Polynomial) -> Any:
    """A polynomial as nested tuples, equal for equal polynomials of one ring."""
    return tuple((powers, int(c.p), int(c.q)) for powers, c in poly.terms())


@dataclass
class Refutation:
    """What would hold at a point of the premises where the conclusion fails or is not defined.

    The conclusion is defined where its denominators are nonzero, its radicands nonnegative and the arguments of its
    logarithms positive; what an implication concludes, where its condition holds. That a derivative or a Taylor
    coefficient exists is the matter of the step that states it: the conclusion may speak only of those of which a
    premise does, behind no other conditions.

    atoms: what each generator stands for.  inverse: for an atom 1/b the polynomial b.  exponent: for an atom exp(a)
    the polynomial a.  undefined: where the formulas read so far are not defined.  where: the facts behind which what is
    being read has to be defined.
    """

    premises: list[Tree]
    conclusion: Tree
    facts: Facts = field(default_factory=list)
    atoms: dict[Any, int] = field(default_factory=dict)
    inverse: dict[int, Polynomial] = field(default_factory=dict)
    exponent: dict[int, Polynomial] = field(default_factory=dict)
    undefined: dict[Any, Facts] = field(default_factory=dict)
    where: Facts = field(default_factory=list)

    def __post_init__(self) -> None:
        size = _most_atoms([*self.premises, self.conclusion])
        self.ring = fmpq_mpoly_ctx.get([("a", size)], Ordering.degrevlex)
        known = [limit for premise in self.premises for limit in _limits(premise)]
        for limit, guards in _limits(self.conclusion):
            if not any(limit == other and needed <= guards for other, needed in known):
                raise Damaged(f"no premise says that the {limit[0]} in the conclusion exists")
        for premise in self.premises:
            facts = self.read(premise, holds=True)
            self.facts += facts
        self.undefined.clear()
        fails = self.read(self.conclusion, holds=False)
        self.facts += [Cases([fails, *self.undefined.values()])] if self.undefined else fails

    def read(self, tree: Tree, *, holds: bool) -> Facts:
        """The facts that say that a formula holds, or that it does not."""
        head, *args = tree
        if head == "Not":
            return self.read(args[0], holds=not holds)
        if head == "Implies":
            condition = self.read(args[0], holds=not holds)
            outer, self.where = self.where, [*self.where, *self.read(args[0], holds=True)]
            conclusion = self.read(args[1], holds=holds)
            self.where = outer
            return [Cases([condition, conclusion])] if holds else [*condition, *conclusion]
        if head == "Equivalent":
            both = [("Or", ("Not", one), other) for one, other in (args, args[::-1])]
            return self.read(("And", *both), holds=holds)
        if head in ("And", "Or"):
            parts = [self.read(arg, holds=holds) for arg in args]
            return [fact for part in parts for fact in part] if (head == "And") == holds else [Cases(parts)]
        if head == "Boolean":
            return [] if args[0] == holds else [Cases([])]
        if head == "Prop":  # a proposition in words is a letter: an atom that is 1 if it is true, else 0
            return [sign(self.atom(tree), ">" if holds else "<=")]
        if head not in RELATIONS:
            raise Damaged(f"no certificate covers the formula {head}")
        relation = _WRITTEN[head] if holds else _NEGATED[_WRITTEN[head]]
        return [sign(self.term(args[0]) - self.term(args[1]), relation)]

    def term(self, tree: Tree) -> Polynomial:
        """A real expression as a polynomial in atoms."""
        head, *args = tree
        if head == "Rational":
            return self.ring.constant(fmpq(args[0].numerator, args[0].denominator))
        if head == "Symbol" or head in _LIMITS:  # what those bind is not looked at
            return self.atom(tree)
        if head == "Pi":
            return self.atom(tree, lambda pi: [sign(pi - 3, ">"), sign(4 - pi, ">")])
        if head == "Exp1":
            return self.exponential(self.ring.constant(1))
        if head == "Pow":
            return self.power(*args)
        if head not in _REAL_VALUED | {"Add", "Mul"}:
            raise Damaged(f"no certificate covers the term {head} {str(args[:1])[1:40]}")
        parts = [self.term(arg) for arg in children(tree)]
        if head in ("Max", "Min") and not parts:
            raise Damaged(f"a {head} of nothing is no real number")
        if head in ("Add", "Mul"):
            result = self.ring.constant(int(head == "Mul"))
            for part in parts:
                result = result + part if head == "Add" else result * part
            return result
        if head == "exp":
            return self.exponential(parts[0])
        if head == "log":
            self.needs(sign(parts[0], "<="))
        parts = [*parts, -parts[0]] if head == "Abs" else parts
        return self.atom((head, *map(key, parts)), lambda value: _largest_or_smallest(head, value, parts))

    def power(self, base: Tree, exponent: Tree) -> Polynomial:
        """A power: of the base, of a root or an inverse of it, or an atom where the exponent is no number."""
        body = self.term(base)
        if exponent[0] != "Rational":
            if exponent[0] == "Mul" and exponent[1] == ("Rational", -1) and all(map(_natural, exponent[2:])):
                exponent, body = ("Mul", *exponent[2:]), self.reciprocal(body)  # b^-n = (1/b)^n
            elif not _natural(exponent):
                self.needs(sign(body, "<="))
            return self.atom(("Pow", key(body), key(self.term(exponent))))
        p, q = exponent[1].numerator, exponent[1].denominator
        if base[0] == "Mul" and p < 0 and q == 1:  # 1/(x y) = (1/x) (1/y): fewer atoms
            return self.term(("Mul", *(("Pow", factor, exponent) for factor in base[1:])))
        if q > 1:
            self.needs(sign(body, "<"))
            radicand = body
            body = self.atom(("root", q, key(radicand)), lambda root: [
                Cases([[sign(root, ">="), sign(natural_power(root, q) - radicand, "=")], [sign(radicand, "<")]])
            ])  # fmt: skip
        return natural_power(body if p >= 0 else self.reciprocal(body), abs(p))

    def reciprocal(self, body: Polynomial) -> Polynomial:
        """1/body."""
        scale = body.leading_coefficient() if body else fmpq(1)
        if (body := body / scale) == 1:
            return self.ring.constant(1 / scale)
        self.needs(sign(body, "="))
        value = self.atom(("inverse", key(body)), lambda r: [Cases([[sign(r * body - 1, "=")], [sign(body, "=")]])])
        self.inverse[self.atoms["inverse", key(body)]] = body
        return value / scale

    def exponential(self, exponent: Polynomial) -> Polynomial:
        """The positive atom exp(exponent)."""
        value = self.atom(("exp", key(exponent)), lambda e: [sign(e, ">")])
        self.exponent[self.atoms["exp", key(exponent)]] = exponent
        return value

    def atom(self, meaning: Any, definition: Callable[[Polynomial], Facts] = lambda _: []) -> Polynomial:
        """The generator that stands for a term; its definition becomes a fact where the term is first met."""
        new = meaning not in self.atoms
        value = self.ring.gen(self.atoms.setdefault(meaning, len(self.atoms)))
        self.facts += definition(value) if new else []
        return value

    def needs(self, refused: Sign) -> None:
        """Note that what is being read is not defined where this fact holds: behind the conditions around it.

        What is needed behind several nests of conditions is asked for behind those with which all of them begin.
        """
        name = (key(refused.poly), refused.relation)
        before = self.undefined.get(name, [refused, *self.where])[1:]
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(before, self.where, strict=False))
        self.undefined[name] = [refused, *(fact for fact, _ in shared)]


def _most_atoms(formulas: list[Tree]) -> int:
    """A bound for the number of atoms: in a large ring everything is slow."""
    # A sum or a product is no atom, a power may give a root and its inverse, and an inverted product gives one inverse
    # for each factor. What stands in a derivative is not looked at.
    count, seen, todo = 0, set[Tree](), list(formulas)
    while todo:
        node = todo.pop()
        if node[0] in _ATOMS:
            if node in seen:
                continue
            seen.add(node)
            count += 1 + _factors(node[1]) if node[0] == "Pow" else 1
        if node[0] not in _LIMITS:
            todo += children(node)
    return count


def _factors(tree: Tree) -> int:
    return sum(map(_factors, tree[1:])) if tree[0] == "Mul" else 1


def _limits(tree: Tree, guards: frozenset[Tree] = frozenset()) -> Iterator[tuple[Tree, frozenset[Tree]]]:
    """The derivatives and Taylor coefficients in a formula, each with the conditions behind which it stands."""
    if tree[0] in _LIMITS:
        yield tree, guards
        return
    if tree[0] == "Implies":
        yield from _limits(tree[1], guards)
        yield from _limits(tree[2], guards | {tree[1]})
        return
    for part in children(tree):
        yield from _limits(part, guards)


def _largest_or_smallest(head: str, value: Polynomial, parts: list[Polynomial]) -> Facts:
    """That the value is the largest of the parts (|t| is that of t and -t), or the smallest; else nothing."""
    if head not in ("Abs", "Max", "Min"):
        return []
    bounds = [sign(value - part, "<=" if head == "Min" else ">=") for part in parts]
    return [*bounds, Cases([[sign(value - part, "=")] for part in parts])]


def _natural(exponent: Tree) -> bool:
    """Whether an exponent is a sum or product of natural numbers and symbols for such."""
    head, *args = exponent
    if head in ("Add", "Mul"):
        return all(map(_natural, args))
    if head == "Rational":
        return bool(args[0].denominator == 1 and args[0] >= 0)
    return head == "Symbol" and {"integer", "nonnegative"} <= {word for word, said in args[1] if said}
