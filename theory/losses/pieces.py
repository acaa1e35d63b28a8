"""Where on a component the transverse eigenvalues are all positive, all negative, of both signs, or partly zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

_SMT_SECONDS = 1.0


@dataclass(frozen=True)
class Piece:
    """Part of a component: its kind ("minimum", "maximum", "saddle", "flat" or "undecided") and where it holds."""

    kind: str
    where: sp.Basic


def pieces(
    transverse: Sequence[sp.Expr],
    graph: dict[sp.Symbol, sp.Expr] | None,
    variables: Sequence[sp.Symbol],
    equations: Sequence[sp.Expr],
) -> tuple[Piece, ...]:
    """The kinds of a component and where they hold.

    transverse: coefficients of the polynomial whose roots, all real, are the transverse eigenvalues.  Exact intervals
    where the component is a graph over one variable or the coefficients are constant; else conditions on signs.
    """
    free = set().union(*(c.free_symbols for c in transverse))
    if not free:
        return (Piece(_kind(transverse), sp.true),)
    remaining = [v for v in variables if graph is not None and v not in graph]
    if graph is not None and len(remaining) == 1:
        return _on_a_line(transverse, graph, remaining[0])
    return _by_signs(transverse, equations if graph is None else ())


def _kind(coefficients: Sequence[sp.Expr]) -> str:
    """Kind at one point, by Descartes' rule, which is exact because all roots are real."""
    if len(coefficients) == 1:
        return "flat"
    signs = [int(sp.sign(c)) for c in coefficients]
    nonzero = [s for s in signs if s]
    positive = sum(a != b for a, b in pairwise(nonzero))
    rank = max(i for i, s in enumerate(signs) if s)
    negative = rank - positive
    if positive and negative:
        return "saddle"
    if rank < len(coefficients) - 1:
        return "undecided"
    return "minimum" if positive else "maximum"


def _on_a_line(transverse: Sequence[sp.Expr], graph: dict[sp.Symbol, sp.Expr], s: sp.Symbol) -> tuple[Piece, ...]:
    """Cut the line at every zero and pole, then decide each open interval at a point inside and each zero by itself."""
    poles = _real_roots([sp.fraction(sp.cancel(e))[1] for e in [*graph.values(), *transverse]], s)
    cuts = sorted(set(poles) | set(_real_roots([sp.fraction(sp.cancel(c))[0] for c in transverse], s)))
    ends = [-sp.oo, *cuts, sp.oo]
    where: dict[str, sp.Set] = {}
    for low, high in pairwise(ends):
        kind = _kind([c.subs(s, _between(low, high)) for c in transverse])
        where[kind] = where.get(kind, sp.S.EmptySet) | sp.Interval.open(low, high)
    for cut in cuts:
        if cut not in poles:
            kind = _kind([sp.simplify(c.subs(s, cut)) for c in transverse])
            where[kind] = where.get(kind, sp.S.EmptySet) | sp.FiniteSet(cut)
    return tuple(
        Piece(kind, sp.true if region == sp.S.Reals else region.as_relational(s)) for kind, region in where.items()
    )


def _real_roots(expressions: Sequence[sp.Expr], s: sp.Symbol) -> list[sp.Expr]:
    polynomials = [sp.Poly(e, s) for e in expressions]
    return list({root for p in polynomials if p.degree() > 0 for root in p.real_roots()})


def _between(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    if low == -sp.oo:
        return sp.Integer(0) if high == sp.oo else sp.floor(high) - 1
    if high == sp.oo:
        return sp.ceiling(low) + 1
    middle = (sp.Rational(str(low.evalf(40))) + sp.Rational(str(high.evalf(40)))) / 2
    return middle if low < middle < high else (low + high) / 2


def _by_signs(transverse: Sequence[sp.Expr], equations: Sequence[sp.Expr]) -> tuple[Piece, ...]:
    """Conditions on signs; one that Z3 proves impossible on the component is left out."""
    rest = [sp.fraction(sp.cancel(c)) for c in transverse[1:]]
    positive = [up * down for up, down in rest]  # of the same sign as the coefficient
    alternating = sp.And(*((-1) ** k * c > 0 for k, c in enumerate(positive, start=1)))
    agreeing = sp.And(*(c > 0 for c in positive))
    singular = sp.Eq(rest[-1][0], 0)
    candidates = [Piece("minimum", alternating), Piece("maximum", agreeing)]
    if len(rest) > 1:
        candidates.append(Piece("saddle", sp.And(sp.Not(singular), sp.Not(alternating), sp.Not(agreeing))))
    candidates.append(Piece("undecided", singular))
    premises = [sp.Eq(e, 0) for e in equations] + [sp.Ne(down, 0) for _, down in rest if not down.is_number]
    found = [piece for piece in candidates if _possible(piece.where, premises)]
    return (Piece(found[0].kind, sp.true),) if len(found) == 1 else tuple(found)


def _possible(condition: sp.Basic, premises: Sequence[sp.Basic]) -> bool:
    from theory.engines import smt

    if condition in (sp.true, sp.false):
        return bool(condition)
    return smt.entails(premises, sp.Not(condition), "z3", _SMT_SECONDS).status != "proved"
