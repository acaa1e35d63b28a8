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
    limits: Sequence[sp.Basic] = (),
) -> tuple[Piece, ...]:
    """The kinds of a component and where they hold.

    `limits`: relations outside of which the points of the component are none of the loss's (it has no value there, is
    not smooth, or is another formula).

    transverse: coefficients of the polynomial whose roots, all real, are the transverse eigenvalues.  Exact intervals
    where the component is a graph over one variable or the coefficients are constant; else conditions on signs.

    Returns:
        Kinds, each with the condition under which it holds.
    """
    free = set().union(*(c.free_symbols for c in transverse))
    remaining = [v for v in variables if graph is not None and v not in graph]
    if graph is not None and len(remaining) == 1 and (free or limits):
        on_line = [e.subs(graph) for e in limits]
        if all(_rational(e, remaining[0]) for e in on_line):
            return _on_a_line(transverse, graph, remaining[0], on_line)
    if not free:
        return (Piece(_kind(transverse), sp.And(*limits)),)
    return _by_signs(transverse, equations if graph is None else (), limits)


def _rational(relation: sp.Basic, s: sp.Symbol) -> bool:
    """Whether a relation is about a rational function of s over Q, whose zeros can be listed."""
    if relation in (sp.true, sp.false):
        return True
    difference = relation.lhs - relation.rhs
    coefficients = (e for e in sp.preorder_traversal(difference) if e.is_number)
    return bool(difference.is_rational_function(s)) and all(c.is_Rational for c in coefficients)


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


def _on_a_line(
    transverse: Sequence[sp.Expr], graph: dict[sp.Symbol, sp.Expr], s: sp.Symbol, limits: Sequence[sp.Basic]
) -> tuple[Piece, ...]:
    """Cut the line at every zero and pole, then decide each open interval at a point inside, and each zero."""
    ends_of = [sp.fraction(sp.cancel(e.lhs - e.rhs)) for e in limits if e not in (sp.true, sp.false)]
    without_value = [down for _, down in ends_of]
    poles = _real_roots([sp.fraction(sp.cancel(e))[1] for e in [*graph.values(), *transverse]] + without_value, s)
    turns = _real_roots([sp.fraction(sp.cancel(c))[0] for c in transverse], s)
    cuts = sorted({*poles, *turns, *_real_roots([e for pair in ends_of for e in pair], s)})
    ends = [-sp.oo, *cuts, sp.oo]
    where: dict[str, sp.Set] = {}
    for low, high in pairwise(ends):
        inside = _between(low, high)
        if all(e.subs(s, inside) == sp.true for e in limits):
            kind = _kind([c.subs(s, inside) for c in transverse])
            where[kind] = where.get(kind, sp.S.EmptySet) | sp.Interval.open(low, high)
    for cut in cuts:
        if cut not in poles and all(e.subs(s, cut) == sp.true for e in limits):
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


def _by_signs(
    transverse: Sequence[sp.Expr], equations: Sequence[sp.Expr], limits: Sequence[sp.Basic]
) -> tuple[Piece, ...]:
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
    found = [piece for piece in candidates if _possible(piece.where, [*premises, *limits])]
    if len(found) == 1:
        return (Piece(found[0].kind, sp.And(*limits)),)
    return tuple(Piece(piece.kind, sp.And(piece.where, *limits)) for piece in found)


def _possible(condition: sp.Basic, premises: Sequence[sp.Basic]) -> bool:
    from saddlecheck.theory.engines import smt

    if condition in (sp.true, sp.false):
        return bool(condition)
    return smt.entails(premises, sp.Not(condition), "z3", _SMT_SECONDS).status != "proved"
