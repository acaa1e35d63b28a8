"""Rational functions over Q in atoms: symbols, exponentials, roots, logarithms, absolute values, sines.

Each atom is a generator of one polynomial ring. A root r of f has the relation r^N = f, an absolute value a^2 = f^2, a
sine s^2 = 1 - c^2, and every polynomial is reduced by them. A numerator that is reduced to zero is zero at every point
where the tree that it comes from is defined; the converse is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import comb
from operator import add, mul
from typing import Any, NamedTuple

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from saddlecheck.theory.checker.signs import ANY, NONNEGATIVE, NONZERO, POSITIVE, Sign, of_product, of_sum

RING = fmpq_mpoly_ctx.get([f"g{i}" for i in range(64)], Ordering.lex)
GENS = RING.gens()
ONE = RING.constant(1)
Poly = Any  # fmpq_mpoly: python-flint ships no types
_LARGEST = 200_000  # the most products of terms in one multiplication
_KEPT = 4096  # polynomials whose factors are kept
_FACTORS: dict[str, tuple[Any, tuple[tuple[Poly, int], ...]]] = {}


class Unreached(Exception):
    """What the normal forms do not cover; the message says what."""


@dataclass(frozen=True)
class Atom:
    """A generator: a kind of function, its arguments, and the symbols that it depends on.

    root: the N of exp(m/N), sin(m/N) and cos(m/N).  declared: what a symbol is declared to be.
    """

    kind: str
    args: tuple[Ratio, ...]
    names: frozenset[str]
    name: str = ""
    root: int = 1
    declared: frozenset[str] = frozenset()


class Asked(NamedTuple):
    """A sign that must hold. note: the tree that it is of, if there is one.  divisor: see `Field.ask`."""

    poly: Poly
    sign: Sign
    note: Any
    divisor: bool


class Ratio:
    """A quotient of polynomials in lowest terms. Where the tree it comes from is defined, the denominator is not 0.

    terms: of a sum that was just made, for its sign.
    """

    def __init__(self, field: Field, num: Poly, den: Poly = ONE) -> None:
        num = field.reduced(num)
        if den is not ONE:
            num, den = _lowest(num, field.reduced(den))
        self.field, self.num, self.den = field, num, den
        self.terms: tuple[Ratio, ...] = ()

    def __add__(self, other: Ratio) -> Ratio:
        if self.den == other.den:
            return Ratio(self.field, self.num + other.num, self.den)
        return Ratio(self.field, self.num * other.den + other.num * self.den, self.den * other.den)

    def __mul__(self, other: Ratio) -> Ratio:
        if max(len(self.num) * len(other.num), len(self.den) * len(other.den)) > _LARGEST:
            raise Unreached("the polynomials grow too large")
        whole = self.den is ONE and other.den is ONE
        return Ratio(self.field, self.num * other.num, ONE if whole else self.den * other.den)

    def __pow__(self, k: int) -> Ratio:
        terms = max(len(self.num), len(self.den))
        if abs(k) > 10_000 or comb(abs(k) + terms - 1, terms - 1) > _LARGEST:
            raise Unreached(f"a power {k} that is too large")
        num, den = (self.num, self.den) if k >= 0 else (self.den, self.num)
        return Ratio(self.field, num ** abs(k), ONE if den is ONE else den ** abs(k))

    def __truediv__(self, other: Ratio) -> Ratio:
        return self * other**-1

    def __neg__(self) -> Ratio:
        return Ratio(self.field, -self.num, self.den)

    def __sub__(self, other: Ratio) -> Ratio:
        return self + -other

    def __str__(self) -> str:
        return f"({self.num})/({self.den})"


def factored(p: Poly) -> tuple[Any, tuple[tuple[Poly, int], ...]]:
    """The content and the irreducible factors of a polynomial.

    They are kept: flint takes a hundred times as long for them as for the text of the polynomial, and the signs of the
    same few are asked for again and again.

    Returns:
        The content, and each factor with its multiplicity.
    """
    text = str(p)  # there is one ring, so that no two polynomials have one text
    if text not in _FACTORS:
        if len(_FACTORS) >= _KEPT:
            _FACTORS.clear()
        content, factors = p.factor()
        _FACTORS[text] = content, tuple(factors)
    return _FACTORS[text]


def _lowest(num: Poly, den: Poly) -> tuple[Poly, Poly]:
    """A quotient in lowest terms, its denominator monic: ONE itself where it is constant, which is much of the time."""
    if den == 0:
        raise Unreached("a denominator is zero")
    if not den.is_constant():
        common = num.gcd(den)
        num, den = num / common, den / common
    lead = den.leading_coefficient()
    return num / lead, ONE if den.is_constant() else den / lead


class Field:
    """The atoms of one identity, what is known of their signs, and what is asked of them.

    asked: the signs that must hold for the steps to be allowed and are not known.  moving: the variables of the
    derivatives around. A sign that is used there has to be strict, so that it holds in a neighbourhood of the point.
    near: those of them that run through the neighbourhood of a point.  reserved: names that no new variable may get.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = frozenset(reserved)
        self.atoms: list[Atom] = []
        self.relations: dict[int, tuple[int, Poly]] = {}  # generator -> (N, its N-th power)
        self.finest: dict[tuple[str, str], int] = {}  # kind and m -> the atom kind(m/N) with the largest N
        self.known: Mapping[str, tuple[Poly, Sign]] = {}  # of monic polynomials; another object with each change
        self._signs: tuple[Mapping[str, Any], dict[str, Sign]] = self.known, {}  # what follows from it, where asked
        self.asked: list[Asked] = []
        self.moving: frozenset[str] = frozenset()
        self.near: frozenset[str] = frozenset()
        self._index: dict[Any, int] = {}

    def ratio(self, value: Any) -> Ratio:
        """A rational number or a polynomial as an element."""
        if hasattr(value, "numerator"):
            value = RING.constant(fmpq(int(value.numerator), int(value.denominator)))
        return Ratio(self, value)

    def atom(
        self, kind: str, *args: Ratio, name: str = "", root: int = 1, declared: frozenset[str] = frozenset()
    ) -> int:
        """The number of an atom, which is made if it is new."""
        key = (kind, name, root, *map(str, args))
        if key not in self._index:
            if len(self.atoms) == len(GENS):
                raise Unreached(f"more than {len(GENS)} different terms")
            names = frozenset({name} if kind == "symbol" else ()).union(*(self.names(a.num * a.den) for a in args))
            self._index[key] = len(self.atoms)
            self.atoms.append(Atom(kind, args, names, name, root, declared))
        return self._index[key]

    def used(self, p: Poly) -> list[int]:
        """The generators that occur in a polynomial."""
        return [i for i, degree in enumerate(p.degrees()[: len(self.atoms)]) if degree > 0]

    def names(self, p: Poly) -> frozenset[str]:
        """The symbols that a polynomial depends on, also within atoms."""
        return frozenset[str]().union(*(self.atoms[i].names for i in self.used(p)))

    def single(self, r: Ratio) -> Atom | None:
        """The atom that an element is, if it is one."""
        used = self.used(r.num) if len(r.num) == 1 and r.den == 1 else []
        return self.atoms[used[0]] if len(used) == 1 and r.num == GENS[used[0]] else None

    def reduced(self, p: Poly) -> Poly:
        """The polynomial with the relations applied until none applies."""
        while self.relations and not p.is_constant():
            degrees = p.degrees()
            due = next((i for i, (power, _) in self.relations.items() if degrees[i] >= power), None)
            if due is None:
                break
            power, value = self.relations[due]
            parts: dict[int, dict[tuple[int, ...], Any]] = {}
            for exps, c in p.to_dict().items():
                k, left = divmod(exps[due], power)
                parts.setdefault(k, {})[(*exps[:due], left, *exps[due + 1 :])] = c
            p = reduce(add, (RING.from_dict(terms) * value**k for k, terms in parts.items()))
        return p

    def unused(self, name: str) -> str:
        """A name like this one that no symbol has."""
        while name in self.reserved:
            name += "'"
        self.reserved |= {name}
        return name

    # What is known of signs

    def sign(self, p: Poly) -> Sign:
        """The signs that a polynomial may have, from those of its factors, of their terms, and of what was learnt."""
        if self._signs[0] is not self.known:
            self._signs = self.known, {}
        found, text = self._signs[1], str(p)
        if text not in found:
            c, factors = factored(p)
            found[text] = of_product(c, ((self._factor_sign(f), k) for f, k in factors))
        return found[text]

    def _factor_sign(self, p: Poly) -> Sign:
        found = self._terms_sign(p)
        if len(found) == 1:
            return found
        mine = p.to_dict()
        for q, known in self.known.values():
            if len(q) == 1:
                continue  # the sign of a generator is in that of each term
            terms = q.to_dict()
            for c in {mine[e] / terms[e] for e in terms.keys() & mine}:
                found &= of_sum([of_product(c, [(known, 1)]), self._terms_sign(p - c * q)])
        return found

    def _terms_sign(self, p: Poly) -> Sign:
        terms, known = p.to_dict().items(), len(self.atoms)
        return of_sum(
            of_product(c, ((self._generator_sign(i), k) for i, k in enumerate(e[:known]) if k)) for e, c in terms
        )

    def _generator_sign(self, i: int) -> Sign:
        atom, found = self.atoms[i], self.learnt(GENS[i])
        if atom.kind == "abs":
            return found & (NONNEGATIVE if 0 in self._plain_sign(atom.args[0].num) else POSITIVE)
        if atom.kind != "exp":
            return found
        inner = [self.atoms[j] for j in self.used(atom.args[0].num)]
        bases = [self._plain_sign(b.args[0].num) for b in inner if b.kind in ("log", "formal")]  # of roots and powers
        zero, formal = any(0 in sign for sign in bases), any(b.kind == "formal" for b in inner)
        return found & {(0, 0): POSITIVE, (0, 1): NONNEGATIVE, (1, 0): NONZERO, (1, 1): ANY}[formal, zero]

    def _plain_sign(self, p: Poly) -> Sign:
        """The signs by the terms alone: they consist of older atoms, so that this ends."""
        return self.learnt(p) & self._terms_sign(p)

    def learnt(self, p: Poly) -> Sign:
        """What was learnt of the sign of a polynomial as it stands."""
        if p.is_constant():
            return of_product(p.leading_coefficient(), [])
        lead = p.leading_coefficient()
        return of_product(lead, [(self.known.get(str(p / lead), (p, ANY))[1], 1)])

    def learn(self, p: Poly, sign: Sign) -> None:
        """Note the sign of a polynomial, and what follows for its factors."""
        c, factors = factored(p)
        facts = [(f, NONZERO) for f, _ in factors] if 0 not in sign else []
        unclear = [f for f, k in factors if k % 2 and len(self.sign(f) - {0}) > 1]
        rest = of_product(c, ((self.sign(f), k) for f, k in factors if f not in unclear))
        if 0 not in sign or 0 not in rest:
            facts.append((reduce(mul, unclear, ONE), of_product(1, [(sign, 1), (rest - {0}, 1)])))
        for q, found in facts:
            if not q.is_constant():
                lead = q.leading_coefficient()
                before, monic = self.learnt(q / lead), q / lead
                if (now := before & of_product(lead, [(found, 1)])) != before:
                    self.known = {**self.known, str(monic): (monic, now)}

    def ask(self, value: Ratio, sign: Sign, note: Any = None, *, divisor: bool = False) -> None:
        """Ask for a sign. Where it is not known it is put on the list `asked`, and counts as known from then on.

        divisor: it may vanish at single points that a limit passes over. What was learnt of a divisor near a point is
        not enough for others, which are asked for once more at the point.

        Raises:
            Unreached: it is 0 where it must not be.
        """
        p = value.num if sign == NONZERO else value.num * value.den
        strict = sign - {0} if self.names(p) & self.moving else sign
        if p == 0 and 0 not in strict:
            raise Unreached("zero as a denominator, as a base or as the argument of a logarithm")
        near = not divisor and not self.names(p).isdisjoint(self.near)
        if self.sign(p) <= strict and not near:
            return
        if near or not value.terms or not of_sum(self.sign(t.num * t.den) for t in value.terms) <= strict:
            self.asked.append(Asked(p, strict, note, divisor))
        self.learn(p, strict)
