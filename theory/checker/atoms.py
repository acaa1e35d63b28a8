"""Rational functions over Q in atoms: symbols, exponentials, roots, logarithms, absolute values, sines, functions.

Each atom is a generator of one polynomial ring; a root r of f has the relation r^N = f, an absolute value a^2 = f^2, a
sine s^2 = 1 - c^2, and every polynomial is reduced by them. What is zero then is zero wherever no denominator is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

RING = fmpq_mpoly_ctx.get([f"g{i}" for i in range(64)], Ordering.lex)
GENS = RING.gens()
ONE = RING.constant(1)
Poly = Any  # fmpq_mpoly: python-flint ships no types
Sign = frozenset[int]  # the signs that a number may have
ANY, NONZERO, NONNEGATIVE, POSITIVE = map(frozenset, ({-1, 0, 1}, {-1, 1}, {0, 1}, {1}))
_LARGEST = 1_000_000  # products of terms in one multiplication


class Unreached(Exception):
    """What the normal forms do not cover; the message says what."""


@dataclass(frozen=True)
class Atom:
    """A generator: what it is, of which arguments, and the symbols that it depends on.

    root: the N of exp(m/N), sin(m/N), cos(m/N).  orders: how often a function is differentiated by each argument.
    kinds: what a symbol is declared to be.
    """

    kind: str
    args: tuple[Ratio, ...]
    names: frozenset[str]
    name: str = ""
    root: int = 1
    orders: tuple[int, ...] = ()
    kinds: frozenset[str] = frozenset()


class Ratio:
    """A quotient of polynomials in lowest terms. Where the tree it comes from is defined, its denominator is not 0."""

    def __init__(self, field: Field, num: Poly, den: Poly = ONE) -> None:
        num, den = field.reduced(num), field.reduced(den)
        if den == 0:
            raise Unreached("a denominator is zero")
        if not den.is_constant():
            common = num.gcd(den)
            num, den = num / common, den / common
        lead = den.leading_coefficient()
        self.field, self.num, self.den = field, num / lead, den / lead

    def __add__(self, other: Ratio) -> Ratio:
        if self.den == other.den:
            return Ratio(self.field, self.num + other.num, self.den)
        return Ratio(self.field, self.num * other.den + other.num * self.den, self.den * other.den)

    def __mul__(self, other: Ratio) -> Ratio:
        if max(len(self.num) * len(other.num), len(self.den) * len(other.den)) > _LARGEST:
            raise Unreached("the polynomials grow too large")
        return Ratio(self.field, self.num * other.num, self.den * other.den)

    def __pow__(self, k: int) -> Ratio:
        size = max(len(self.num), len(self.den))
        if abs(k) > 10_000 or (size > 1 and size * abs(k) > 3000):
            raise Unreached(f"a power {k}, which is too large")
        num, den = (self.num, self.den) if k >= 0 else (self.den, self.num)
        return Ratio(self.field, num ** abs(k), den ** abs(k))

    def __truediv__(self, other: Ratio) -> Ratio:
        return self * other**-1

    def __neg__(self) -> Ratio:
        return Ratio(self.field, -self.num, self.den)

    def __sub__(self, other: Ratio) -> Ratio:
        return self + -other

    def __str__(self) -> str:
        return f"({self.num})/({self.den})"


class Field:
    """The atoms of one identity, what is known of their signs, and what has to hold for the steps to be allowed.

    owed: the obligations, polynomials and the signs that they must have.  moving: variables of the derivatives
    around; a sign that is used below has to be strict, so that it holds in a neighbourhood.
    """

    def __init__(self) -> None:
        self.atoms: list[Atom] = []
        self.relations: dict[int, tuple[int, Poly]] = {}  # generator -> (N, its N-th power)
        self.known: dict[str, tuple[Poly, Sign]] = {}  # of monic polynomials
        self.owed: dict[str, tuple[Poly, Sign]] = {}
        self.moving: frozenset[str] = frozenset()
        self.finest: dict[tuple[str, str], int] = {}  # kind and m -> the atom kind(m/N) with the largest N
        self._index: dict[Any, int] = {}

    def ratio(self, value: Any) -> Ratio:
        """A rational number or a polynomial as an element."""
        if hasattr(value, "numerator"):
            value = RING.constant(fmpq(int(value.numerator), int(value.denominator)))
        return Ratio(self, value)

    def atom(self, kind: str, *args: Ratio, name: str = "", root: int = 1, orders: tuple[int, ...] = (),
             kinds: frozenset[str] = frozenset()) -> int:  # fmt: skip
        """The number of an atom, which is made if it is new."""
        key = (kind, name, root, orders, *map(str, args))
        if key not in self._index:
            if len(self.atoms) == len(GENS):
                raise Unreached(f"more than {len(GENS)} different terms")
            names = frozenset({name} if kind == "symbol" else ()).union(*(self.names(a.num, a.den) for a in args))
            self._index[key] = len(self.atoms)
            self.atoms.append(Atom(kind, args, names, name, root, orders, kinds))
        return self._index[key]

    def used(self, p: Poly) -> list[int]:
        """The generators that occur in a polynomial."""
        return [i for i, degree in enumerate(p.degrees()[: len(self.atoms)]) if degree > 0]

    def names(self, *polys: Poly) -> frozenset[str]:
        """The symbols that polynomials depend on, also within atoms."""
        return frozenset[str]().union(*(self.atoms[i].names for p in polys for i in self.used(p)))

    def single(self, p: Poly) -> Atom | None:
        """The atom that a polynomial consists of, if it is a generator."""
        used = self.used(p)
        return self.atoms[used[0]] if len(used) == 1 and p == GENS[used[0]] else None

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

    def sign(self, p: Poly) -> Sign:
        """The signs that a polynomial may have, from those of its factors and of each factor's terms."""
        c, factors = p.factor()
        return reduce(_times, (_power(self._sign(f), k) for f, k in factors), _sign_of(c))

    def _sign(self, p: Poly) -> Sign:
        found, mine = self._sum(p), p.to_dict()
        for q, known in self.known.values() if len(mine) > 1 and len(found) > 1 else ():
            terms = q.to_dict()
            for c in {str(mine[e] / terms[e]): mine[e] / terms[e] for e in terms if e in mine}.values():
                found &= _plus(_times(known, _sign_of(c)), self._sum(p - c * q))
        return found

    def _sum(self, p: Poly) -> Sign:
        terms = (
            reduce(_times, (_power(self._generator_sign(i), k) for i, k in enumerate(exps) if k), _sign_of(c))
            for exps, c in p.to_dict().items()
        )
        return reduce(_plus, terms, frozenset({0}))

    def _generator_sign(self, i: int) -> Sign:
        atom, found = self.atoms[i], self.noted(GENS[i])
        if atom.kind == "abs":
            return found & (NONNEGATIVE if 0 in self.noted(atom.args[0].num) else POSITIVE)
        if atom.kind == "exp":
            base = self.single(atom.args[0].num)
            if base is not None and base.kind == "log":  # a root
                return found & (NONNEGATIVE if 0 in self.noted(base.args[0].num) else POSITIVE)
            formal = [self.atoms[j] for j in self.used(atom.args[0].num) if self.atoms[j].kind == "formal"]
            signs = (ANY if 0 in self.noted(f.args[0].num) else NONZERO for f in formal)
            return found & (next(signs) if formal else POSITIVE)
        return found

    def noted(self, p: Poly) -> Sign:
        """What was learnt of the sign of a polynomial."""
        if p.is_constant():
            return _sign_of(p.leading_coefficient())
        lead = p.leading_coefficient()
        return _times(self.known.get(str(p / lead), (p, ANY))[1], _sign_of(lead))

    def learn(self, p: Poly, sign: Sign) -> None:
        """Note the sign of a polynomial, and what follows for its factors."""
        c, factors = p.factor()
        facts = [(f, NONZERO) for f, _ in factors] if 0 not in sign else []
        unclear = [f for f, k in factors if k % 2 and len(self.sign(f) - {0}) > 1]
        rest = reduce(_times, (_power(self.sign(f), k) for f, k in factors if f not in unclear), _sign_of(c))
        if 0 not in sign or 0 not in rest:
            facts.append((reduce(mul, unclear, ONE), _times(sign, rest - {0})))
        for q, found in facts:
            if not q.is_constant():
                lead = q.leading_coefficient()
                self.known[str(q / lead)] = (q / lead, self.noted(q / lead) & _times(found, _sign_of(lead)))

    def owe(self, value: Ratio, sign: Sign) -> None:
        """Ask for a sign: nothing to do where it is known; else it is an obligation, and known from then on."""
        p = value.num if sign == NONZERO else value.num * value.den
        if p == 0 and 0 not in sign:
            raise Unreached("zero as a denominator, a base or the argument of a logarithm")
        for part in [f for f, _ in p.factor()[1]] or [p] if sign == NONZERO else [p]:
            strict = sign - {0} if self.names(part) & self.moving else sign
            if not self.sign(part) <= strict:
                self.owed[f"{part} {sorted(strict)}"] = (part, strict)
                self.learn(part, strict)


def _sign_of(c: Any) -> Sign:
    return frozenset({(c > 0) - (c < 0)})


def _times(a: Sign, b: Sign) -> Sign:
    return frozenset(x * y for x in a for y in b)


def _power(a: Sign, k: int) -> Sign:
    return frozenset(x**k for x in a)


def _plus(a: Sign, b: Sign) -> Sign:
    pairs = [ANY if x * y < 0 else frozenset({x or y}) for x in a for y in b]
    return frozenset[int]().union(*pairs)
