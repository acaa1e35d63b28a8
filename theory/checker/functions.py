"""Functions of elements of a field of atoms.

The exponentials of one monomial m are powers of one atom exp(m/N), so that exp(a + b) = exp(a) exp(b) and
exp(a/2)^2 = exp(a) hold by themselves. A power b^e is exp(e ln(b)). Here ln splits b into irreducible factors of known
sign, and exp(ln(f)/N) is the N-th root of f. For an integer e the signs do not matter: then ln(f) is formal, an index
of f that occurs only in exponents such as n ln(f).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from math import lcm
from operator import mul
from typing import Any

from flint import fmpq, fmpz

from saddlecheck.theory.checker.atoms import GENS, ONE, RING, Field, Poly, Ratio, Unreached, factored
from saddlecheck.theory.checker.signs import ANY, NONNEGATIVE, NONZERO, POSITIVE

_FACTORED = 10**30  # integers up to here are split into primes
_TURNS = 40  # the largest multiple of an angle that is expanded


def pi(field: Field) -> Ratio:
    """The number pi, an atom."""
    i = field.atom("pi")
    field.learn(GENS[i], POSITIVE)
    return field.ratio(GENS[i])


def exp(arg: Ratio) -> Ratio:
    """The exponential: the product of those of the argument's terms."""
    return reduce(mul, (_exponential(c, m) for c, m in _terms(arg)), arg.field.ratio(1))


def _terms(arg: Ratio) -> Iterator[tuple[Any, Ratio]]:
    """The terms c m of an argument. The polynomial part is split off, so that the terms are the same ones each time."""
    for p, den in zip(divmod(arg.num, arg.den), (ONE, arg.den), strict=True):
        for exps, c in p.to_dict().items():
            yield c, Ratio(arg.field, RING.from_dict({exps: fmpq(1)}), den)


def _exponential(c: Any, m: Ratio) -> Ratio:
    field, (p, q) = m.field, (int(c.p), int(c.q))
    base = field.single(m)
    formal = [i for i in field.used(m.num * m.den) if field.atoms[i].kind == "formal"]
    if formal and not (q == 1 and is_integer(m / field.ratio(GENS[formal[0]]))):
        raise Unreached("a base of unknown sign under an exponent that is no integer")
    if base is not None and base.kind in ("log", "formal") and q == 1:
        return base.args[0] ** p

    def relate(new: int, old: int | None, n: int) -> None:
        if base is not None and base.kind == "log":
            field.relations[new] = (field.atoms[new].root, base.args[0].num)
        if old is not None:
            field.relations[old] = (1, GENS[new] ** n)

    i = _finest("exp", m, q, relate)
    return field.ratio(GENS[i]) ** (p * field.atoms[i].root // q)


def _finest(kind: str, m: Ratio, q: int, relate: Callable[[int, int | None, int], None]) -> int:
    """The atom kind(m/N) with N a multiple of q. `relate` ties a new one to the coarser one before, if there is one."""
    field = m.field
    old = field.finest.get((kind, str(m)))
    n = lcm(q, 1 if old is None else field.atoms[old].root)
    if old is not None and n == field.atoms[old].root:
        return old
    new = field.finest[kind, str(m)] = field.atom(kind, m, root=n)
    relate(new, old, 1 if old is None else n // field.atoms[old].root)
    return new


def is_integer(e: Ratio, *, natural: bool = False) -> bool:
    """Whether an exponent is an integer, or a natural number, term by term."""
    declared = {"integer"} | ({"nonnegative"} if natural else set())
    whole = e.den == 1 and all(c.q == 1 and (c > 0 or not natural) for c in e.num.coeffs())
    return whole and all(declared <= e.field.atoms[i].declared for i in e.field.used(e.num))


def power(base: Ratio, e: Ratio, note: Any = None) -> Ratio:
    """base^e for an integer e, or for a base that is positive (where e is a positive number: not negative)."""
    field = base.field
    if e.num.is_constant() and e.den == 1:
        c = fmpq(e.num.leading_coefficient()) if e.num != 0 else fmpq(0)
        if c.q == 1:
            if c < 0:
                field.ask(base, NONZERO, note, divisor=True)
            return base ** int(c.p)
        field.ask(base, POSITIVE if c < 0 else NONNEGATIVE, note)
        return base if base.num == 0 else exp(e * ln(base))
    if not is_integer(e):
        field.ask(base, POSITIVE, note)
        return exp(e * ln(base))
    if not is_integer(e, natural=True):
        field.ask(base, NONZERO, note)
    return exp(e * ln(base, formal=True))


def square_root(base: Ratio) -> Ratio:
    """The square root of a base that is not negative."""
    return power(base, base.field.ratio(Fraction(1, 2)))


def ln(b: Ratio, *, formal: bool = False) -> Ratio:
    """The logarithm of a positive b, split over the irreducible factors; or the formal one of any b."""
    if b.num == 0:
        raise Unreached("a power of zero, or its logarithm")
    field, sign, unsigned = b.field, 1, ONE
    total = field.ratio(0)
    for poly, side in ((b.num, 1), (b.den, -1)):
        c, factors = factored(poly)
        sign *= 1 if c > 0 else -1
        for part, up in ((abs(int(c.p)), side), (int(c.q), -side)):
            for prime, k in fmpz(part).factor() if part <= _FACTORED else [(part, 1)]:
                total += field.ratio(k * up) * _log(field, RING.constant(prime), formal)
        for f, k in factors:
            signs = field.sign(f)
            if formal or signs <= NONNEGATIVE:
                total += field.ratio(k * side) * _log(field, f, formal)
            elif not signs & POSITIVE:
                sign *= (-1) ** k
                total += field.ratio(k * side) * _log(field, -f, formal)
            else:  # f^k = |f|^k for an even k; else one f stays, and the product of those that stay has a sign
                stays = k % 2
                unsigned = unsigned * f**stays
                total += field.ratio(k * side - stays) * _log(field, absolute(field.ratio(f)).num, formal)
    if not formal and sign < 0 and unsigned.is_constant():
        raise Unreached("a root or a logarithm of a negative number")
    return total + _log(field, sign * unsigned, formal)


def _log(field: Field, f: Poly, formal: bool) -> Ratio:
    if f == 1:
        return field.ratio(0)
    signs, atom = field.sign(f), field.single(field.ratio(f))
    if atom is not None and atom.kind == "exp" and (formal or signs <= NONNEGATIVE):
        return atom.args[0] / field.ratio(atom.root)
    return field.ratio(GENS[field.atom("formal" if formal and not signs <= POSITIVE else "log", field.ratio(f))])


def absolute(b: Ratio) -> Ratio:
    """The absolute value, factor by factor."""
    if b.num == 0:
        return b
    field = b.field
    result = field.ratio(1)
    for poly, side in ((b.num, 1), (b.den, -1)):
        c, factors = factored(poly)
        result *= field.ratio(abs(c)) ** side
        for f, k in factors:
            signs, moves = field.sign(f), field.names(f) & field.moving
            if 0 in signs and moves:
                signs = ANY
            if k % 2 == 0 or signs <= NONNEGATIVE:
                size = f
            elif not signs & POSITIVE:
                size = -f
            else:
                if moves:
                    field.ask(field.ratio(f), NONZERO)  # it has a kink there
                i = field.atom("abs", field.ratio(f))
                field.relations[i] = (2, f * f)
                size = GENS[i]
            result *= field.ratio(size) ** (k * side)
    return result


def sine_cosine(arg: Ratio) -> tuple[Ratio, Ratio]:
    """Sine and cosine, by the addition theorems over the argument's terms."""
    field = arg.field
    s, c = field.ratio(0), field.ratio(1)
    for factor, m in _terms(arg):
        s1, c1 = map(field.ratio, _multiple(m, int(factor.p), int(factor.q)))
        s, c = s * c1 + c * s1, c * c1 - s * s1
    return s, c


def _multiple(m: Ratio, p: int, q: int) -> tuple[Poly, Poly]:
    """sin(p m/q) and cos(p m/q) by de Moivre's theorem."""
    field = m.field

    def relate(new: int, old: int | None, n: int) -> None:
        cosine = field.atom("cos", m, root=field.atoms[new].root)
        field.relations[new] = (2, 1 - GENS[cosine] ** 2)
        if old is not None:
            coarse = field.atom("cos", m, root=field.atoms[old].root)
            s, c = _turned(GENS[new], GENS[cosine], n)
            field.relations[old], field.relations[coarse] = (1, s), (1, c)

    i = _finest("sin", m, q, relate)
    k = p * field.atoms[i].root // q
    s, c = _turned(GENS[i], GENS[field.atom("cos", m, root=field.atoms[i].root)], abs(k))
    return (s if k > 0 else -s), c


def _turned(s: Poly, c: Poly, k: int) -> tuple[Poly, Poly]:
    if k > _TURNS:
        raise Unreached(f"the sine of {k} times an angle")
    return reduce(lambda sc, _: (sc[0] * c + sc[1] * s, sc[1] * c - sc[0] * s), range(k), (0 * ONE, ONE))


# Odd functions that vanish at 0 and are smooth everywhere, with their derivatives.
ODD: dict[str, Callable[[Ratio], Ratio]] = {
    "erf": lambda z: exp(-z * z) * z.field.ratio(2) / square_root(pi(z.field)),
    "erfi": lambda z: exp(z * z) * z.field.ratio(2) / square_root(pi(z.field)),
    "atan": lambda z: (z.field.ratio(1) + z * z) ** -1,
}


def odd(kind: str, arg: Ratio) -> Ratio:
    """One of the functions of `ODD`."""
    if arg.num == 0:
        return arg
    if arg.num.leading_coefficient() < 0:
        return -odd(kind, -arg)
    return arg.field.ratio(GENS[arg.field.atom(kind, arg)])
