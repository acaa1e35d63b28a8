"""The critical set of a polynomial or rational loss, as the real zero set of an ideal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from theory.losses import counted, rur
from theory.losses.components import CriticalComponent, describe, on_component
from theory.losses.critical import CriticalSet, merged
from theory.losses.decompose import separate, split
from theory.losses.enclose import System
from theory.losses.ideal import GaveUp, Ideal, to_flint
from theory.losses.points import Classifier, CriticalPoint

if TYPE_CHECKING:
    from theory.losses.loss import Loss

_ENGINES = ("elimination", "SymPy's root count", "Hermite's signature", "Krawczyk")
_SEMIDEFINITE_SECONDS = 3.0
_COUNT_FROM = 30  # complex solutions; from here on counting is quicker than exact elimination


def numerators(loss: "Loss") -> tuple[list[sp.Expr], sp.Expr] | None:
    """Numerators of the gradient and the loss's denominator, or None unless the loss is rational over Q."""
    if not loss.expr.is_rational_function(*loss.variables):
        return None
    up, down = sp.fraction(sp.cancel(sp.together(loss.expr)))
    try:
        for e in (up, down):
            sp.Poly(e, *loss.variables, domain=sp.QQ)
    except sp.polys.polyerrors.BasePolynomialError:
        return None  # coefficients such as pi or sqrt(2)
    if down.is_number:
        return [sp.expand(g) for g in loss.gradient], sp.Integer(1)
    slopes = [sp.expand(up.diff(v) * down - up * down.diff(v)) for v in loss.variables]
    return slopes, down


def solve(loss: "Loss", equations: Sequence[sp.Expr], denominator: sp.Expr) -> CriticalSet:
    """All real critical points; raises GaveUp when the system is too large."""
    classifier = Classifier(loss.expr, loss.variables)
    extended, variables = _away_from_poles(list(equations), denominator, loss.variables)
    ideal = Ideal.of(variables, extended)
    if not ideal.is_finite:
        return _infinite(Ideal.of(loss.variables, equations), denominator, classifier)
    if len(ideal.monomials) > _COUNT_FROM:
        try:
            boxes = counted.real_zeros(ideal, System(extended, variables))
        except GaveUp:
            return _from_pieces(ideal, classifier)
        points = [classifier.from_balls(b[: classifier.n], certified=True) for b in boxes]
        return CriticalSet(merged(points), (), complete=True, engines=("complex count", "Krawczyk"))
    points = [classifier.from_zero(z) for z in _zeros(ideal, classifier.n, multiplicities=True)]
    return CriticalSet(merged(points), (), complete=True, engines=_ENGINES)


def _from_pieces(ideal: Ideal, classifier: Classifier) -> CriticalSet:
    """Points of a large system with multiple zeros: its factors have smaller, often radical, pieces."""
    pieces = [ideal] if len(ideal.monomials) <= rur.MAX_EXACT_DIMENSION else split(ideal)
    zeros = [z for piece in pieces for z in _zeros(piece, classifier.n, multiplicities=piece is ideal)]
    return CriticalSet(merged([classifier.from_zero(z) for z in zeros]), (), complete=True, engines=_ENGINES)


def _away_from_poles(
    equations: list[sp.Expr], denominator: sp.Expr, variables: tuple[sp.Symbol, ...]
) -> tuple[list[sp.Expr], tuple[sp.Symbol, ...]]:
    """Rabinowitsch's trick: t * denominator = 1 keeps exactly the zeros at which the denominator does not vanish."""
    if denominator.is_number:
        return equations, variables
    t = sp.Symbol("_pole", real=True)
    return [*equations, sp.expand(t * denominator - 1)], (*variables, t)


def _zeros(ideal: Ideal, n: int, *, multiplicities: bool) -> list[rur.Zero]:
    """Real zeros, on the count of which three engines agree; only the first n coordinates are kept."""
    zeros = rur.solve(ideal)
    counts = (len(zeros.real), rur.sympy_real_count(zeros), zeros.hermite_real)
    if len(set(counts)) > 1:
        raise GaveUp(f"Arb, SymPy and Hermite's form count {counts} real zeros")
    return [
        replace(
            z,
            numerators=z.numerators[:n],
            coordinate_factors=z.coordinate_factors[:n],
            multiplicity=z.multiplicity if multiplicities else None,
        )
        for z in zeros.real
    ]


def _infinite(ideal: Ideal, denominator: sp.Expr, classifier: Classifier) -> CriticalSet:
    pole = to_flint(denominator, ideal.variables)
    components: list[tuple[Ideal, CriticalComponent]] = []
    notes: list[str] = ["The critical set is not finite: it has components of positive dimension."]
    finite: list[Ideal] = []
    todo = split(ideal)
    while todo:
        leaf = todo.pop(0)
        if leaf.is_finite:
            finite.append(leaf)
            continue
        if leaf.reduces_to_zero(pole):
            continue  # the loss is not finite there
        described = describe(leaf, classifier, denominator)
        if described is not None:
            components.append((leaf, described))
        elif (smaller := _singular_locus(leaf)) is not None or (smaller := separate(leaf)) is not None:
            todo += smaller
        else:
            notes.append(
                f"Whether {', '.join(f'{e} = 0' for e in leaf.expressions())} has real points was not decided."
            )
    points: list[CriticalPoint] = []
    for leaf in finite:
        extended, variables = _away_from_poles(list(leaf.expressions()), denominator, leaf.variables)
        zeros = _zeros(Ideal.of(variables, extended), classifier.n, multiplicities=False)
        isolated = (z for z in zeros if not any(on_component(z, big) for big, _ in components))
        points += [classifier.from_zero(z) for z in isolated]
    if not components and len(notes) == 1:
        notes = ["The gradient has infinitely many complex zeros, but only isolated real ones."]
    described_all = tuple(d for _, d in components)
    return CriticalSet(merged(points), described_all, len(notes) == 1, _ENGINES, tuple(notes))


def _singular_locus(leaf: Ideal) -> list[Ideal] | None:
    """Where an equation q = 0 has q of one sign everywhere, its real zeros are extrema of q: there grad q = 0 too."""
    from theory.engines import smt

    for p, q in zip(leaf.basis, leaf.expressions(), strict=True):
        signs: list[Any] = [q >= 0, q <= 0]
        if any(smt.entails([], s, "z3", _SEMIDEFINITE_SECONDS).status == "proved" for s in signs):
            slopes = [p.derivative(i) for i in range(len(leaf.variables))]
            if not all(leaf.reduces_to_zero(slope) for slope in slopes):
                return split(leaf.joined(slopes))
    return None
