"""Functions of elements of a field of atoms, their derivatives, and their limits at removable singularities.

The exponentials of one monomial m are powers of one atom exp(m/N), so that exp(a + b) = exp(a) exp(b) and
exp(a/2)^2 = exp(a) hold by themselves. A power b^e is exp(e ln(b)); ln splits b into irreducible factors of known
sign, and exp(ln(f)/N) is the N-th root of f. For an integer e the signs do not matter: then ln(f) is formal, an index
of f that occurs only in exponents such as n ln(f).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from math import lcm
from operator import add, mul
from typing import Any

from flint import fmpq, fmpz

from saddlecheck.theory.checker.atoms import GENS, NONNEGATIVE, NONZERO, ONE, POSITIVE, RING, Field, Poly, Ratio, Unreached

ODD: dict[str, Callable[[Ratio], Ratio]] = {  # odd functions that are 0 at 0, smooth everywhere, and their derivatives
    "erf": lambda z: exp(-z * z) * z.field.ratio(2) / root(pi(z.field), 2),
    "erfi": lambda z: exp(z * z) * z.field.ratio(2) / root(pi(z.field), 2),
    "atan": lambda z: (z.field.ratio(1) + z * z) ** -1,
}
_ROUNDS = 8  # derivatives taken to resolve a singularity
_FACTORED = 10**30  # integers up to here are split into primes


def pi(field: Field) -> Ratio:
    """The number pi, an atom."""
    i = field.atom("pi")
    field.learn(GENS[i], POSITIVE)
    return field.ratio(GENS[i])


def exp(arg: Ratio) -> Ratio:
    """The exponential: the product of those of the argument's monomials."""
    parts = (_exponential(c, m) for c, m in _monomials(arg))
    return reduce(mul, parts, arg.field.ratio(1))


def _monomials(arg: Ratio) -> Iterator[tuple[Any, Ratio]]:
    """The terms c m of an argument, m a monomial over a denominator. The whole part is split off: it is unique."""
    for p, den in zip(divmod(arg.num, arg.den), (ONE, arg.den), strict=True):
        for exps, c in p.to_dict().items():
            yield c, Ratio(arg.field, RING.from_dict({exps: fmpq(1)}), den)


def _exponential(c: Any, m: Ratio) -> Ratio:
    field, (p, q) = m.field, (int(c.p), int(c.q))
    base = field.single(m.num) if m.den == 1 else None
    formal = [i for i in field.used(m.num * m.den) if field.atoms[i].kind == "formal"]
    if formal and not (q == 1 and m.den == 1 and integral(Ratio(field, m.num, GENS[formal[0]]))):
        raise Unreached("a base of unknown sign with an exponent that is no integer")
    if base is not None and base.kind in ("log", "formal") and q == 1:
        return base.args[0] ** p

    def tie(new: int, old: int | None, n: int) -> None:
        if base is not None and base.kind == "log":
            field.relations[new] = (field.atoms[new].root, base.args[0].num)
        if old is not None:
            field.relations[old] = (1, GENS[new] ** n)

    i = _fine("exp", m, q, tie)
    return field.ratio(GENS[i]) ** (p * field.atoms[i].root // q)


def _fine(kind: str, m: Ratio, q: int, tie: Callable[[int, int | None, int], None]) -> int:
    """The atom kind(m/N) with N a multiple of q; `tie` relates it to the coarser one that it replaces, if any."""
    field = m.field
    old = field.finest.get((kind, str(m)))
    n = lcm(q, 1 if old is None else field.atoms[old].root)
    if old is not None and n == field.atoms[old].root:
        return old
    new = field.finest[kind, str(m)] = field.atom(kind, m, root=n)
    tie(new, old, 1 if old is None else n // field.atoms[old].root)
    return new


def integral(e: Ratio, *, natural: bool = False) -> bool:
    """Whether an exponent is an integer for all values of its symbols (or a natural number, term by term)."""
    kinds = {"integer"} | ({"nonnegative"} if natural else set())
    whole = e.den == 1 and all(c.q == 1 and (c > 0 or not natural) for c in e.num.coeffs())
    return whole and all(kinds <= e.field.atoms[i].kinds for i in e.field.used(e.num))


def power(base: Ratio, e: Ratio) -> Ratio:
    """base^e for an exponent that is a rational number, an integer symbol, or anything over a positive base."""
    field = base.field
    if e.num.is_constant():
        c = e.num.leading_coefficient() if e.num != 0 else fmpq(0)
        if c.q == 1:
            if c < 0:
                field.owe(base, NONZERO)
            return base ** int(c)
        if base.num == 0 and c > 0:
            return base
        field.owe(base, POSITIVE if c < 0 else NONNEGATIVE)
        return exp(e * ln(base))
    if integral(e):
        if not integral(e, natural=True):
            field.owe(base, NONZERO)
        return exp(e * ln(base, formal=True))
    field.owe(base, POSITIVE)
    return exp(e * ln(base))


def root(base: Ratio, n: int) -> Ratio:
    """The n-th root of a nonnegative base."""
    return power(base, base.field.ratio(Fraction(1, n)))


def ln(b: Ratio, *, formal: bool = False) -> Ratio:
    """The logarithm, split over the irreducible factors; b is known to be positive unless it is formal."""
    field, sign, unsigned = b.field, 1, ONE
    total = field.ratio(0)
    if b.num == 0:
        raise Unreached("a power of zero, or its logarithm")
    for poly, side in ((b.num, 1), (b.den, -1)):
        c, factors = poly.factor()
        sign *= 1 if c > 0 else -1
        for part, up in ((abs(int(c.p)), side), (int(c.q), -side)):
            primes = fmpz(part).factor() if part <= _FACTORED else [(fmpz(part), 1)]
            for prime, k in primes:
                total += field.ratio(k * up) * _log(field, RING.constant(fmpq(prime)), formal)
        for f, k in factors:
            signs = field.sign(f)
            if formal or signs <= NONNEGATIVE:
                total += field.ratio(k * side) * _log(field, f, formal)
            elif not signs & POSITIVE:
                sign *= (-1) ** k
                total += field.ratio(k * side) * _log(field, -f, formal)
            else:
                odd = k % 2
                unsigned = unsigned * f**odd
                total += field.ratio((k - odd * side) * side) * _log(field, absolute(field.ratio(f)).num, formal)
    if not formal and unsigned.is_constant() and sign < 0:
        raise Unreached("a root or logarithm of what is not positive")
    if sign < 0 or not unsigned.is_constant():
        total += _log(field, sign * unsigned, formal)
    return total


def _log(field: Field, f: Poly, formal: bool) -> Ratio:
    atom = field.single(f)
    if f == 1:
        return field.ratio(0)
    if atom is not None and atom.kind == "exp" and (formal or field.sign(f) <= NONNEGATIVE):
        return atom.args[0] / field.ratio(atom.root)
    kind = "formal" if formal and not field.sign(f) <= POSITIVE else "log"
    return field.ratio(GENS[field.atom(kind, field.ratio(f))])


def absolute(b: Ratio) -> Ratio:
    """The absolute value, factor by factor."""
    field = b.field
    result = field.ratio(1)
    for poly, side in ((b.num, 1), (b.den, -1)):
        c, factors = poly.factor()
        result *= field.ratio(abs(c)) ** side
        for f, k in factors:
            signs = field.sign(f)
            strict = not field.names(f) & field.moving
            if k % 2 == 0 or signs <= (NONNEGATIVE if strict else POSITIVE):
                size = field.ratio(f)
            elif not signs & POSITIVE and (strict or 0 not in signs):
                size = field.ratio(-f)
            else:
                i = field.atom("abs", field.ratio(f))
                field.relations[i] = (2, f * f)
                size = field.ratio(GENS[i])
            result *= size ** (k * side)
    return result if b.num != 0 else field.ratio(0)


def sine_cosine(arg: Ratio) -> tuple[Ratio, Ratio]:
    """Sine and cosine, by the addition theorems over the argument's monomials."""
    field = arg.field
    s, c = field.ratio(0), field.ratio(1)
    for coefficient, m in _monomials(arg):
        s1, c1 = map(field.ratio, _multiple(m, int(coefficient.p), int(coefficient.q)))
        s, c = s * c1 + c * s1, c * c1 - s * s1
    return s, c


def _multiple(m: Ratio, p: int, q: int) -> tuple[Poly, Poly]:
    """sin(p m/q) and cos(p m/q) by de Moivre's theorem."""
    field = m.field

    def tie(new: int, old: int | None, n: int) -> None:
        cosine = field.atom("cos", m, root=field.atoms[new].root)
        field.relations[new] = (2, 1 - GENS[cosine] ** 2)
        if old is not None:
            coarse = field.atom("cos", m, root=field.atoms[old].root)
            s, c = _turned(GENS[new], GENS[cosine], n)
            field.relations[old], field.relations[coarse] = (1, s), (1, c)

    i = _fine("sin", m, q, tie)
    k = p * field.atoms[i].root // q
    s, c = _turned(GENS[i], GENS[field.atom("cos", m, root=field.atoms[i].root)], abs(k))
    return (s if k > 0 else -s), c


def _turned(s: Poly, c: Poly, k: int) -> tuple[Poly, Poly]:
    if k > 40:
        raise Unreached(f"the sine of {k} times an angle")
    return reduce(lambda sc, _: (sc[0] * c + sc[1] * s, sc[1] * c - sc[0] * s), range(k), (0 * ONE, ONE))


def odd(kind: str, arg: Ratio) -> Ratio:
    """One of the functions of `ODD`."""
    if arg.num == 0:
        return arg
    if arg.num.leading_coefficient() < 0:
        return -odd(kind, -arg)
    return arg.field.ratio(GENS[arg.field.atom(kind, arg)])


def function(name: str, args: tuple[Ratio, ...], orders: tuple[int, ...]) -> Ratio:
    """An unknown function, differentiated so often by each of its arguments."""
    return args[0].field.ratio(GENS[args[0].field.atom("function", *args, name=name, orders=orders)])


def slope(r: Ratio, x: str) -> Ratio:
    """The derivative by the symbol x."""
    num, den = (r.field.ratio(p) for p in (r.num, r.den))
    return (_slope(r.field, r.num, x) * den - num * _slope(r.field, r.den, x)) / den**2


def _slope(field: Field, p: Poly, x: str) -> Ratio:
    parts = (field.ratio(p.derivative(i)) * _atom_slope(field, i, x) for i in field.used(p))
    return reduce(add, parts, field.ratio(0))


def _atom_slope(field: Field, i: int, x: str) -> Ratio:
    atom, here = field.atoms[i], field.ratio(GENS[i])
    if x not in atom.names or atom.kind == "symbol":
        return field.ratio(int(x in atom.names))
    inner = [slope(a, x) for a in atom.args]
    if atom.kind == "function":
        bumped = (tuple(o + (j == k) for j, o in enumerate(atom.orders)) for k in range(len(inner)))
        return reduce(add, (function(atom.name, atom.args, o) * d for o, d in zip(bumped, inner, strict=True)))
    (arg,), (d,) = atom.args, inner
    n = field.ratio(atom.root)
    if atom.kind == "exp":
        return here * d / n
    if atom.kind in ("sin", "cos"):
        s, c = sine_cosine(arg / n)
        return (c if atom.kind == "sin" else -s) * d / n
    if atom.kind in ODD:
        return ODD[atom.kind](arg) * d
    field.owe(arg, NONZERO)
    return (here / arg if atom.kind == "abs" else arg**-1) * d


def limit(r: Ratio, x: str, at: Ratio, rounds: int = _ROUNDS) -> Ratio:
    """The value at x = at, or the limit by l'Hopital's rule where the denominator vanishes there."""
    field = r.field
    for _ in range(rounds):
        num, den = (_value(field, p, x, at) for p in (r.num, r.den))
        if den.num != 0:
            field.owe(den, NONZERO)
            return num / den
        if num.num != 0:
            break
        r = _slope(field, r.num, x) / _slope(field, r.den, x)
    raise Unreached("no value or limit at the point")


def _value(field: Field, p: Poly, x: str, at: Ratio) -> Ratio:
    new = {i: _atom_value(field, i, x, at) for i in field.used(p) if x in field.atoms[i].names}
    if all(value.den == 1 for value in new.values()):
        return field.ratio(p.compose(*(new[i].num if i in new else g for i, g in enumerate(GENS)), ctx=RING))
    total = field.ratio(0)
    for exps, c in p.to_dict().items():
        rest = RING.from_dict({tuple(0 if i in new else k for i, k in enumerate(exps)): c})
        total += reduce(mul, (value ** exps[i] for i, value in new.items()), field.ratio(rest))
    return total


def _atom_value(field: Field, i: int, x: str, at: Ratio) -> Ratio:
    atom = field.atoms[i]
    if atom.kind == "symbol":
        return at
    args = tuple(limit(a, x, at) / field.ratio(atom.root) for a in atom.args)
    if atom.kind == "function":
        return function(atom.name, args, atom.orders)
    if atom.kind == "log":
        field.owe(args[0], POSITIVE)
    made = {
        "exp": exp, "log": ln, "formal": lambda b: ln(b, formal=True), "abs": absolute,
        "sin": lambda b: sine_cosine(b)[0], "cos": lambda b: sine_cosine(b)[1],
    }  # fmt: skip
    return made[atom.kind](args[0]) if atom.kind in made else odd(atom.kind, args[0])
