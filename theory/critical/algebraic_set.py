"""The critical set of a polynomial or rational loss, as the real zero set of an ideal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from saddlecheck.theory.critical import rur, zero_count
from saddlecheck.theory.critical.admissible import Sifted, centres, printed
from saddlecheck.theory.critical.components import CriticalComponent, describe, on_component
from saddlecheck.theory.critical.conditions import Condition
from saddlecheck.theory.critical.critical_set import CriticalSet, merged
from saddlecheck.theory.critical.decomposition import separate, split
from saddlecheck.theory.critical.domain import Domain
from saddlecheck.theory.critical.ideal import Ideal, to_flint
from saddlecheck.theory.critical.points import Classifier
from saddlecheck.theory.critical.singular import locus, stands_alone
from saddlecheck.theory.engines.enclose import SquareSystem
from saddlecheck.theory.errors import GaveUp

if TYPE_CHECKING:
    from saddlecheck.theory.critical.smooth_pieces import Part

_ENGINES = ("elimination", "SymPy's root count", "Hermite's signature", "Krawczyk")
_SEMIDEFINITE_SECONDS = 3.0
_COUNT_FROM = 30  # complex solutions; from here on counting is quicker than exact elimination


@dataclass(frozen=True)
class RationalLoss:
    """A loss that is rational over Q, cancelled, with what decides where the formula as written has a value.

    Attributes:
        equations: numerators of the gradient.
        away: polynomial that vanishes wherever a denominator or another quantity that must not be zero does.
    """

    variables: tuple[sp.Symbol, ...]
    expr: sp.Expr
    equations: tuple[sp.Expr, ...]
    away: sp.Expr
    conditions: tuple[Condition, ...]

    @classmethod
    def of(cls, part: "Part", variables: tuple[sp.Symbol, ...]) -> "RationalLoss | None":
        """Such a loss, or None where the formula is not rational or has coefficients such as pi."""
        if not part.expr.is_rational_function(*variables):
            return None
        try:
            up, down = sp.fraction(sp.cancel(sp.together(part.expr)))
            for e in (up, down):
                sp.Poly(e, *variables, domain=sp.QQ)
        except sp.polys.polyerrors.BasePolynomialError:
            return None
        slopes = tuple(sp.expand(up.diff(v) * down - up * down.diff(v)) for v in variables)
        forbidden = [
            down,
            *(e for c in part.conditions if c.kind in ("nonzero", "positive") for e in _fraction(c.expr)),
        ]
        return cls(variables, up / down, slopes, _product(forbidden, variables), part.conditions)

    @property
    def domain(self) -> Domain:
        """The conditions, to be asked at points."""
        return Domain(self.conditions, self.variables)


def _fraction(expr: sp.Expr) -> tuple[sp.Expr, ...]:
    return tuple(sp.fraction(sp.cancel(sp.together(expr))))


def _product(expressions: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> sp.Expr:
    """Product of the distinct factors of those that are polynomials over Q."""
    factors: set[sp.Expr] = set()
    for e in expressions:
        if e.is_polynomial(*variables):
            try:
                poly = sp.Poly(e, *variables, domain=sp.QQ)
            except sp.polys.polyerrors.BasePolynomialError:
                continue
            factors |= {q.as_expr() for q, _ in poly.factor_list()[1]}
    return sp.Mul(*sorted(factors, key=sp.default_sort_key))


def solve(loss: RationalLoss) -> CriticalSet:
    """All real critical points; raises GaveUp when the system is too large."""
    classifier = Classifier(loss.expr, loss.variables)
    extended, variables = _away_from_poles(list(loss.equations), loss.away, loss.variables)
    ideal = Ideal.of(variables, extended)
    if not ideal.is_finite:
        return _infinite(Ideal.of(loss.variables, loss.equations), loss, classifier)
    if len(ideal.monomials) > _COUNT_FROM:
        try:
            boxes = zero_count.real_zeros(ideal, SquareSystem(extended, variables))
        except GaveUp:
            return _from_pieces(ideal, loss, classifier)
        balls = [b[: classifier.n] for b in boxes]
        sifted = Sifted.of(balls, lambda b: loss.domain.at_balls(lambda _: b), centres)
        points = [classifier.from_balls(b, certified=True) for b in sifted.inside]
        return CriticalSet(merged(points), (), sifted.clear, ("complex count", "Krawczyk"), sifted.notes)
    return _of_zeros(_zeros(ideal, classifier.n, multiplicities=True), loss, classifier)


def _of_zeros(zeros: Sequence[rur.Zero], loss: RationalLoss, classifier: Classifier) -> CriticalSet:
    sifted = Sifted.of(zeros, loss.domain.at_zero, lambda z: centres(z.balls()))
    points = merged([classifier.from_zero(z) for z in sifted.inside])
    return CriticalSet(points, (), sifted.clear, _ENGINES, sifted.notes)


def _from_pieces(ideal: Ideal, loss: RationalLoss, classifier: Classifier) -> CriticalSet:
    """Points of a large system with multiple zeros: its factors have smaller, often radical, pieces."""
    pieces = [ideal] if len(ideal.monomials) <= rur.MAX_EXACT_DIMENSION else split(ideal)
    zeros = [z for piece in pieces for z in _zeros(piece, classifier.n, multiplicities=piece is ideal)]
    return _of_zeros(zeros, loss, classifier)


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


@dataclass
class _Pieces:
    """What an infinite critical set is found to consist of."""

    components: list[tuple[Ideal, CriticalComponent]]
    finite: list[tuple[Ideal, Ideal | None]]  # with the component on which its points are singular
    open_questions: list[str]


def _infinite(ideal: Ideal, loss: RationalLoss, classifier: Classifier) -> CriticalSet:
    found = _decomposed(ideal, loss, classifier)
    isolated: list[rur.Zero] = []
    for leaf, parent in found.finite:
        extended, variables = _away_from_poles(list(leaf.expressions()), loss.away, leaf.variables)
        for z in _zeros(Ideal.of(variables, extended), classifier.n, multiplicities=False):
            if any(on_component(z, big) for big, _ in found.components if big is not parent):
                continue
            alone = parent is None or stands_alone(z, parent)
            if alone:
                isolated.append(z)
            elif alone is None:
                found.open_questions.append(
                    f"Whether the critical point {printed(centres(z.balls()))} stands alone on its component was not "
                    "decided."
                )
    points = _of_zeros(isolated, loss, classifier)
    notes = ["The critical set is not finite: it has components of positive dimension.", *found.open_questions]
    if not found.components and not found.open_questions:
        notes = ["The gradient has infinitely many complex zeros, but only isolated real ones."]
    described = tuple(d for _, d in found.components)
    complete = points.complete and not found.open_questions
    return CriticalSet(points.points, described, complete, _ENGINES, (*notes, *points.notes))


def _decomposed(ideal: Ideal, loss: RationalLoss, classifier: Classifier) -> _Pieces:
    pole, domain = to_flint(loss.away, ideal.variables), loss.domain
    found = _Pieces([], [], [])
    todo: list[tuple[Ideal, Ideal | None]] = [(leaf, None) for leaf in split(ideal)]
    while todo:
        leaf, parent = todo.pop(0)
        if leaf.is_finite:
            found.finite.append((leaf, parent))
            continue
        if leaf.reduces_to_zero(pole):
            continue  # the loss is not finite there
        described = describe(leaf, classifier, loss.away, domain)
        where = ", ".join(f"{e} = 0" for e in leaf.expressions()) or "the whole space"
        if described is not None:
            found.components.append((leaf, described))
            try:
                todo += [(piece, leaf) for piece in split(locus(leaf, described.dimension))]
            except GaveUp as reason:
                found.open_questions.append(f"Whether {where} has isolated real points was not decided ({reason}).")
        elif domain.empty_on(leaf.expressions()):
            continue
        elif (smaller := _singular_locus(leaf)) is not None or (smaller := separate(leaf)) is not None:
            todo += [(piece, parent) for piece in smaller]
        else:
            found.open_questions.append(f"Whether {where} has real points at which the loss is smooth was not decided.")
    return found


def _singular_locus(leaf: Ideal) -> list[Ideal] | None:
    """Where an equation q = 0 has q of one sign everywhere, its real zeros are extrema of q: there grad q = 0 too."""
    from saddlecheck.theory.engines import smt

    for p, q in zip(leaf.basis, leaf.expressions(), strict=True):
        signs: list[Any] = [q >= 0, q <= 0]
        if any(smt.entails([], s, "z3", _SEMIDEFINITE_SECONDS).status == "proved" for s in signs):
            slopes = [p.derivative(i) for i in range(len(leaf.variables))]
            if not all(leaf.reduces_to_zero(slope) for slope in slopes):
                return split(leaf.joined(slopes))
    return None
