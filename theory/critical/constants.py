"""Constants that are zero in a form that hides it: sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)) is no coefficient.

A number E built from integers by + - * / and k-th roots is a quotient of two algebraic integers whose conjugates are
bounded by u(E) and l(E).  With D the product of the degrees of its distinct roots,

    E != 0   implies   |E| >= 1 / (l(E) u(E)^(D^2 - 1)),

so one enclosure that is narrower and contains zero proves E = 0.  (C. Burnikel, S. Funke, K. Mehlhorn, S. Schirra,
S. Schmitt, A separation bound for real algebraic expressions, ESA 2001.)  For other constants nothing of the kind is
known: what an enclosure does not separate from zero stays undecided.
"""

from collections.abc import Sequence
from math import prod

import sympy as sp

from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.errors import BadLoss

_BITS = (128, 1024)
_MAX_BITS = 100_000


def is_zero(constant: sp.Expr) -> bool | None:
    """Whether a constant is exactly zero; None where that is not decided."""
    if constant.is_Rational:
        return bool(constant == 0)
    import flint  # only a formula with irrational constants needs it

    from saddlecheck.theory.engines.enclose import real

    try:
        program = Tape([constant], ())
    except BadLoss:
        return None
    bound = _separation(constant)
    needed = () if bound is None or bound > _MAX_BITS else (bound + 64,)
    for bits in (*_BITS, *needed):
        with flint.ctx.workprec(bits):
            value = program((), real)[0]
            if value.is_finite() and not value.contains(0):
                return False
            if bound is not None and value.is_finite() and value.abs_upper() < flint.arb(2) ** -bound:
                return True
    return None


def without_zeros(expr: sp.Expr) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """The expression without terms whose coefficient is exactly zero, and the coefficients that stay undecided."""
    undecided: list[sp.Expr] = []

    def cleaned(add: sp.Add) -> sp.Expr:
        groups: dict[sp.Expr, list[sp.Expr]] = {}
        expanded = sp.expand(add) if _small(add) else sp.expand_mul(add)
        for term in sp.Add.make_args(expanded):
            factor, rest = term.as_independent(*add.free_symbols, as_Add=False)
            groups.setdefault(rest, []).append(factor)
        found = {rest: is_zero(sp.Add(*factors)) for rest, factors in groups.items() if _doubtful(factors)}
        undecided.extend(sp.Add(*groups[rest]) for rest, zero in found.items() if zero is None)
        if True not in found.values():
            return add
        return sp.Add(*(rest * sp.Add(*factors) for rest, factors in groups.items() if not found.get(rest)))

    if not _irrational(expr):
        return expr, ()
    result = expr.replace(lambda e: e.is_Add, cleaned)
    if result.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
        raise BadLoss("the formula divides by a constant that is exactly zero; correct the denominator.")
    return result, tuple(dict.fromkeys(undecided))


def _small(add: sp.Add) -> bool:
    """Whether multiplying it out is a matter of milliseconds."""
    powers = (p.exp for p in add.atoms(sp.Pow) if p.base.is_Add)
    return add.count_ops() < 100 and all(abs(k) <= 4 for k in powers if k.is_number)


def _doubtful(factors: Sequence[sp.Expr]) -> bool:
    return sum(not f.is_Rational for f in factors) > 0 and (len(factors) > 1 or factors[0].has(sp.Add))


def _irrational(expr: sp.Expr) -> bool:
    return any(e.is_number and not e.is_Rational for e in sp.preorder_traversal(expr))


def _separation(constant: sp.Expr) -> int | None:
    """Bits b such that the constant is zero or at least 2^-b in size; None unless it is built by roots."""
    roots: set[tuple[sp.Expr, int]] = set()

    def sizes(e: sp.Expr) -> tuple[float, float]:
        """Logarithms (base 2, from above) of u and l."""
        if e.is_Rational:
            return _bits(e.p), _bits(e.q)
        if e.is_Add:
            parts = [sizes(a) for a in e.args]
            below = sum(low for _, low in parts)
            return max(up + below - low for up, low in parts) + len(parts), below
        if e.is_Mul:
            parts = [sizes(a) for a in e.args]
            return sum(up for up, _ in parts), sum(low for _, low in parts)
        if e.is_Pow and e.exp.is_Rational:
            up, low = sizes(e.base)
            if e.exp < 0:
                up, low = low, up
            if e.exp.q > 1:
                roots.add((e.base, int(e.exp.q)))
            share = abs(e.exp.p) / e.exp.q
            return up * share, low * share
        raise ValueError("not built by roots")

    try:
        up, low = sizes(constant)
    except ValueError:
        return None
    degree = prod(q for _, q in roots)
    return int(low + up * (degree**2 - 1)) + 1


def _bits(n: int) -> float:
    return float(max(1, abs(int(n)).bit_length()))
