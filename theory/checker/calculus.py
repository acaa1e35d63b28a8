"""Derivatives of elements of a field of atoms, and their limits at removable singularities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add, mul

from saddlecheck.theory.checker.atoms import GENS, RING, Field, Poly, Ratio, Unreached
from saddlecheck.theory.checker.functions import ODD, absolute, exp, ln, odd, sine_cosine
from saddlecheck.theory.checker.signs import NONZERO, POSITIVE

ROUNDS = 8  # derivatives that are taken to resolve a singularity


def slope(r: Ratio, x: str) -> Ratio:
    """The derivative by the symbol x."""
    num, den = r.field.ratio(r.num), r.field.ratio(r.den)
    return (_slope(r.field, r.num, x) * den - num * _slope(r.field, r.den, x)) / den**2


def _slope(field: Field, p: Poly, x: str) -> Ratio:
    parts = (field.ratio(p.derivative(i)) * _atom_slope(field, i, x) for i in field.used(p))
    return reduce(add, parts, field.ratio(0))


def _atom_slope(field: Field, i: int, x: str) -> Ratio:
    atom, here = field.atoms[i], field.ratio(GENS[i])
    if x not in atom.names or atom.kind == "symbol":
        return field.ratio(int(x in atom.names))
    inner = [slope(arg, x) for arg in atom.args]
    (arg,), (d,), n = atom.args, inner, field.ratio(atom.root)
    if atom.kind == "exp":
        return here * d / n
    if atom.kind in ODD:
        return ODD[atom.kind](arg) * d
    if atom.kind in ("sin", "cos"):
        s, c = sine_cosine(arg / n)
        return (c if atom.kind == "sin" else -s) * d / n
    field.ask(arg, NONZERO)  # a logarithm (under a root: of what is not zero) or an absolute value
    return d / arg if atom.kind != "abs" else here * d / arg


def limit(r: Ratio, x: str, at: Ratio, rounds: int = ROUNDS) -> Ratio:
    """The value at x = at or, where the denominator vanishes there, the limit by l'Hopital's rule."""
    field = r.field
    for _ in range(rounds):
        num, den = _value(field, r.num, x, at), _value(field, r.den, x, at)
        if den.num != 0:
            field.ask(den, NONZERO, divisor=True)
            return num / den
        if num.num != 0:
            break
        if (apart := _apart(r, x, at, rounds)) is not None:
            return apart
        r = _slope(field, r.num, x) / _slope(field, r.den, x)
    raise Unreached("no value or limit at the point")


def _apart(r: Ratio, x: str, at: Ratio, rounds: int) -> Ratio | None:
    """The limit as a sum over the powers of an exponential whose exponent is 0/0 there, such as exp(log(1 + x)/x).

    Its derivatives have ever higher poles, so that l'Hopital's rule alone would not end.

    Returns:
        The limit; None if there is no such exponential, or if a term of the sum has no limit.
    """
    field = r.field
    for i in field.used(r.num):
        arg = field.atoms[i].args[0] if field.atoms[i].kind == "exp" else field.ratio(1)
        if x in field.names(arg.den) and _value(field, arg.den, x, at).num == 0:
            parts: dict[int, Poly] = {}
            for exps, c in r.num.to_dict().items():
                k, rest = exps[i], RING.from_dict({(*exps[:i], 0, *exps[i + 1 :]): c})
                parts[k] = parts.get(k, 0) + rest
            base = _atom_value(field, i, x, at)
            try:
                terms = [limit(Ratio(field, p, r.den), x, at, rounds) * base**k for k, p in parts.items()]
            except Unreached:
                return None
            return reduce(add, terms)
    return None


def _value(field: Field, p: Poly, x: str, at: Ratio) -> Ratio:
    return put(field, p, {i: _atom_value(field, i, x, at) for i in field.used(p) if x in field.atoms[i].names})


def put(field: Field, p: Poly, values: Mapping[int, Ratio]) -> Ratio:
    """A polynomial with elements put for generators."""
    if all(value.den == 1 for value in values.values()):
        return field.ratio(p.compose(*(values[i].num if i in values else g for i, g in enumerate(GENS)), ctx=RING))
    total = field.ratio(0)
    for exps, c in p.to_dict().items():
        rest = RING.from_dict({tuple(0 if i in values else k for i, k in enumerate(exps)): c})
        total += reduce(mul, (value ** exps[i] for i, value in values.items()), field.ratio(rest))
    return total


def _atom_value(field: Field, i: int, x: str, at: Ratio) -> Ratio:
    atom = field.atoms[i]
    if atom.kind == "symbol":
        return at
    args = tuple(limit(arg, x, at) / field.ratio(atom.root) for arg in atom.args)
    if atom.kind == "log":
        field.ask(args[0], POSITIVE)
    if atom.kind in ("log", "formal"):
        return ln(args[0], formal=atom.kind == "formal")
    if atom.kind in ("sin", "cos"):
        return sine_cosine(args[0])[atom.kind == "cos"]
    if atom.kind == "exp":
        return exp(args[0])
    return absolute(args[0]) if atom.kind == "abs" else odd(atom.kind, args[0])
