"""What is read off a critical point or a linearisation: numbers, words, a ruling."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import sympy as sp

from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser, sharpness_aware
from saddlecheck.theory.optimisers.criteria import radii
from saddlecheck.theory.symbols import lam
from saddlecheck.verification.analysis.clock import LATE, over
from saddlecheck.verification.analysis.result import Range, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import Linearisation
from saddlecheck.verification.errors import AnalysisOutOfTime


def exact_spectrum(found: CriticalPoint) -> list[Interval]:
    """Enclosures of the eigenvalues, ascending, with rational ones exact."""
    if found.exact_spectrum is None:
        return list(found.eigenvalues)
    return [
        e if a.rational is None else Interval.exact(a.rational)
        for e, a in zip(found.eigenvalues, found.exact_spectrum, strict=True)
    ]


def exact_text(found: CriticalPoint) -> tuple[str, ...] | None:
    """Coordinates as text: rationals and surds as such, others as decimals; None where no exact form is known."""
    if found.algebraic is None:
        return None
    return tuple(
        str(number.expr) if len(number.coefficients) <= 3 else f"{place.middle:.15g}"
        for number, place in zip(found.algebraic, found.at, strict=True)
    )


def explain(rule: Optimiser, linear: Linearisation, spectrum: Sequence[Interval], s: AnalysisSettings) -> str:
    """One sentence: which eigenvalue decides, and what would have to change."""
    if linear.verdict == "attracts":
        return f"every multiplier is inside the unit circle at lr = {s.lr:g}, and up to lr = {linear.lr_max:.6g}."
    bad = listed(spectrum[i].middle for i in linear.growing or linear.decisive)
    if linear.verdict == "repels" and linear.lr_max is not None:
        return f"lr = {s.lr:g} is beyond the edge {linear.lr_max:.6g} at the eigenvalue {bad}."
    if linear.verdict == "repels" and linear.growing:
        need = ""
        threshold = trapping_radius(rule, spectrum)
        if threshold is not None:
            need = f"; {_name(rule)} attracts beyond rho = {threshold:.6g}, and rho is {s.rho:g}"
        return f"the direction with eigenvalue {bad} grows{need}."
    if linear.verdict == "repels":
        return f"lr = {s.lr:g} is beyond the edge at the eigenvalue {bad}, and another direction does not attract."
    return "linearisation does not decide."


def trapping_radius(rule: Optimiser, spectrum: Sequence[Interval]) -> float | None:
    """The radius beyond which small steps of the rule attract along every negative eigenvalue; None without one."""
    response, negative = rule.force.response, [e.middle for e in spectrum if e.sign < 0]
    if response is None or not rule.force.linear or not negative:
        return None
    ranges = radii(response, negative)
    return ranges[-1][0] or None if ranges and ranges[-1][1] == math.inf else None


def attracting(rule: Optimiser, spectrum: Sequence[Interval]) -> tuple[Range, ...]:
    """The radii at which small steps of a rule that is linear beside the point attract along all eigenvalues."""
    response = rule.force.response
    found = None if response is None else radii(response, [e.middle for e in spectrum if e.sign != 0])
    return tuple((low, None if high == math.inf else high) for low, high in found or ())


def descends(rule: Optimiser) -> bool:
    """Whether along the Hessian's kernel it follows the gradient to leading order: its rate falls like lambda there."""
    response = rule.force.response
    return response is not None and bool(sp.diff(response.p, lam).xreplace({lam: sp.S.Zero}).is_positive)


def _name(rule: Optimiser) -> str:
    return "SAM" if rule.force.response == sharpness_aware.response else rule.title


def of_linearisation(linear: Linearisation, why: str, claims: tuple[str, ...], *, certified: bool) -> Ruling:
    """What a linearisation says, as a ruling."""
    unknown = () if linear.lr_known else ("lr_max",)
    return Ruling(linear.verdict, linear.lr_max, why, claims, linear.flow, certified, unknown=unknown)


def in_time(claims: tuple[str, ...], deadline: float | None, judged: Callable[[], Ruling]) -> Ruling:
    """The ruling that a function gives, or that time ran out before it did."""
    if not over(deadline):
        try:
            return judged()
        except AnalysisOutOfTime:
            pass
    return Ruling("undecided", None, LATE, claims, certified=False)


def listed(values: Iterable[float]) -> str:
    """Numbers with six digits."""
    return ", ".join(f"{x:.6g}" for x in values)
