"""Normalised SAM's ruling: the quadratic model's cycle, then the cycle of the loss itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import cycle_model, cycle_of_loss, relay
from saddlecheck.verification.analysis.case import Case
from saddlecheck.verification.analysis.cycle_check import in_words
from saddlecheck.verification.analysis.dynamics import Floats, Surface, projection
from saddlecheck.verification.analysis.ends import ROUNDING, Ends, beside, follow, on_sphere, resolved
from saddlecheck.verification.analysis.result import End, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import linearise
from saddlecheck.verification.errors import AnalysisOutOfTime

if TYPE_CHECKING:
    from saddlecheck.numerics.cycles import Cycle

QUADRATIC_WITHIN = 0.2  # of the gradient at distance rho: how far the quadratic part is believed


def rule_on(case: Case, rule: Optimiser, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
    """Normalised SAM: the quadratic model's cycle, then the cycle of the loss itself."""
    if any(e.sign == 0 for e in spectrum):
        why = "normalised SAM circles at a distance set by the curvature, and an eigenvalue here is zero or unknown."
        return Ruling("undecided", None, why, rule.claims, certified=False)
    model = cycle_model.on_quadratic(rule, spectrum, case.settings)
    ruling = replace(of_model(model, rule, spectrum, case.settings), certified=found.certified)
    if case.quadratic and ruling.sampled and ruling.verdict == "cycle":  # off the axes: no pattern of signs names it
        return _by_running(case, rule, model, ruling, found, spectrum, tangent)
    if case.quadratic or case.settings.rho == 0:
        proved = not ruling.sampled and ruling.verdict != "undecided"
        ruling = replace(ruling, certified=ruling.certified and proved)
        if model.orbit is not None and not tangent:
            centre = np.array(found.location)
            direction = along(case.landscape, centre, float(spectrum[model.orbit.along].middle))
            places = np.array(model.orbit.places)[:, None] * direction
            return replace(ruling, cycle_at=_places(centre + case.settings.rho * places))
        return ruling
    if model.size is None:  # nothing to start Newton's method from
        return replace(ruling, certified=False)
    return _on_the_loss(case, rule, model, replace(ruling, certified=False), found, spectrum, tangent)


def of_model(
    model: cycle_model.Circling, rule: Optimiser, spectrum: Sequence[Interval], settings: AnalysisSettings
) -> Ruling:
    """The quadratic model's answer as a ruling."""
    claims = rule.claims if spectrum[0].sign > 0 else (*rule.claims, "mild-flow")
    seen = model.seen
    ends = () if seen is None else tuple(
        End(o.pattern, settings.rho * o.half_width, n, seen.total, o.period) for o, n in seen.orbits
    )  # fmt: skip
    gd = linearise(replace(rule.unforced, momentum=None), spectrum, decimal(settings.lr), settings.exact)
    flow = "attracts" if settings.rho else gd.flow
    return Ruling(
        model.verdict, model.lr_max, model.why, claims, flow, cycle=model.size, ends=ends,
        period=None if model.orbit is None else model.orbit.period, unknown=() if model.lr_known else ("lr_max",),
        sampled=seen.total if seen is not None and model.orbit is None else 0,
        rate=0.0 if model.orbit is None else model.orbit.rate,
    )  # fmt: skip


def nearly_quadratic(surface: Surface, centre: Floats, rho: float) -> bool:
    """Whether at distance rho along each eigenvector the gradient is that of the quadratic part within a fifth."""
    values, vectors = np.linalg.eigh(surface.hessian(centre[:, None])[:, :, 0])
    for sign in (-1.0, 1.0):
        away = sign * rho * vectors
        linear = away * values
        with np.errstate(all="ignore"):  # far away the loss overflows, or is not real
            error = np.linalg.norm(surface.gradient(centre[:, None] + away) - linear, axis=0)
        within = QUADRATIC_WITHIN * np.linalg.norm(linear, axis=0)
        if not np.all(error <= within):
            return False
    return True


def _by_quadratic_part(case: Case, ruling: Ruling, found: CriticalPoint) -> Ruling:
    """The quadratic part's ruling where rho does not reach beyond it, else undecided."""
    if nearly_quadratic(case.landscape, np.array(found.location), case.settings.rho):
        return replace(ruling, why=ruling.why + " (By the loss's quadratic part, hence for small rho.)")
    why = f"rho reaches beyond the loss's quadratic part, by which: {ruling.why}"
    return replace(ruling, verdict="undecided", why=why)


def _on_the_loss(
    case: Case,
    rule: Optimiser,
    model: cycle_model.Circling,
    ruling: Ruling,
    found: CriticalPoint,
    spectrum: Sequence[Interval],
    tangent: int,
) -> Ruling:
    """Verdict by the loss's own cycle near the model's, for non-quadratic losses."""
    centre = np.array(found.location)
    run = partial(_by_running, case, rule, model, found=found, spectrum=spectrum, tangent=tangent)
    if cycle_model.has_momentum(rule, case.settings) and spectrum[-1].sign > 0:
        return run(ruling)
    if model.orbit is None:
        return _by_quadratic_part(case, ruling, found)
    curvature = float(spectrum[model.orbit.along].middle)
    direction = along(case.landscape, centre, curvature)
    cycle = None
    rho, size = case.settings.rho, float(model.size or 0.0)
    if not cycle_of_loss.one_sided(case.landscape, centre, direction, rho=rho, size=size, curvature=curvature):
        cycle = cycle_of_loss.cycle_of(case.loss, centre, direction, model.orbit, case.settings)
    if cycle is None:
        ball = cycle_model.bounded_orbit(rule, spectrum, case.settings)
        if ball is not None:  # steps of unequal lengths forbid a 2-cycle, but the ball of gradients stays invariant
            ruling = replace(ruling, verdict=ball.verdict, why=ball.why, cycle=ball.size, period=None, sampled=0)
        return _by_quadratic_part(case, ruling, found)
    size, word = cycle_of_loss.half_width(cycle.points), cycle_of_loss.reading(cycle)
    largest = float(abs(cycle.multipliers[0]))
    ruling = replace(ruling, cycle_at=_places(cycle.points), cycle=size, rate=largest**0.5)
    if tangent and word == "undecided":
        return ruling  # along a component one multiplier is near 1 by itself
    mine = f"the loss's own 2-cycle of half-width {size:.4g}"
    if word == "attracts":
        return replace(ruling, verdict="cycle", why=f"{mine} attracts (largest multiplier of two steps {largest:.4g}).")
    if word == "repels":
        ruling = replace(ruling, verdict="repels", why=f"{mine} repels (a multiplier of two steps is {largest:.4g}).")
    else:
        why = f"{mine} has a multiplier of size {largest:.4g}: the orbit rotates or alternates."
        ruling = replace(ruling, verdict="undecided", why=why)
    # A start that leaves it need not leave the point: runs of ample length decide.
    if math.log(largest) * case.settings.steps / 2 < cycle_model.AMPLE:
        return ruling
    measured = run(ruling)
    return measured if measured.verdict == "cycle" else ruling


def _by_running(
    case: Case,
    rule: Optimiser,
    model: cycle_model.Circling,
    ruling: Ruling,
    found: CriticalPoint,
    spectrum: Sequence[Interval],
    tangent: int,
) -> Ruling:
    """By random starts on the loss itself, and Newton's method from the end of one. Raises AnalysisOutOfTime."""
    centre = np.array(found.location)
    # On a line of critical points a multiplier is 1 by itself: the cycle is not isolated, so no Newton's method.
    others = np.array(case.places).T if case.places else None
    close = None if tangent else partial(
        cycle_of_loss.polished, case.loss, rule, centre=centre, settings=case.settings, others=others
    )  # fmt: skip
    across = projection(case.landscape, centre, kernel=False) if tangent else None
    ends = _run(rule, case.landscape, centre, spectrum, case.settings, case.deadline, across, others)
    return _as_measured(ends, model, ruling, spectrum, case.settings, close)


def on_surface(
    rule: Optimiser,
    surface: Surface,
    at: Floats,
    spectrum: Sequence[Interval],
    settings: AnalysisSettings,
    deadline: float | None,
) -> Ruling:
    """Normalised SAM where a loss has no formula: by starts that are run on it, with the quadratic part's words.

    Returns:
        The ruling; its `why` says whether the loss itself was run.

    Raises:
        AnalysisOutOfTime: the deadline has passed.
    """
    model = cycle_model.on_quadratic(rule, spectrum, settings)
    ruling = replace(of_model(model, rule, spectrum, settings), certified=False)
    if settings.rho == 0 or spectrum[-1].sign <= 0:
        return replace(ruling, why=f"{ruling.why} (By the loss's quadratic part, hence for small rho.)")
    ends = _run(rule, surface, at, spectrum, settings, deadline, None)
    return _as_measured(ends, model, ruling, spectrum, settings, None)


def _run(
    rule: Optimiser, surface: Surface, centre: Floats, spectrum: Sequence[Interval], settings: AnalysisSettings,
    deadline: float | None, across: Floats | None, others: Floats | None = None,
) -> Ends | None:  # fmt: skip
    """Return how random starts beside the point end on the loss itself; None where rounding does not resolve them.

    Raises:
        AnalysisOutOfTime: the deadline has passed.
    """
    sphere = on_sphere(np.random.default_rng(settings.seed), len(centre), relay.STARTS)
    begin = beside(centre, [e.middle for e in spectrum], rule, sphere, settings, 0.0)
    if not resolved(centre, begin):
        return None
    followed = follow(rule, surface, [centre], [begin], settings, deadline, [across], others)
    if followed is None:
        raise AnalysisOutOfTime
    return followed[0]


def _as_measured(
    ends: Ends | None, model: cycle_model.Circling, ruling: Ruling, spectrum: Sequence[Interval],
    settings: AnalysisSettings, close: Callable[..., Cycle | None] | None,
) -> Ruling:  # fmt: skip
    """With momentum several cycles attract, and third derivatives choose among them: runs on the loss itself decide.

    `close`: closes the cycle that most of them come to by Newton's method, whose multipliers say that it attracts.

    Returns:
        The ruling with what the starts have shown: a cycle, or undecided.
    """
    if ends is None:
        return replace(ruling, why=f"{ruling.why} (By the loss's quadratic part: rho is too small to be run.)")
    seen, found = in_words(ends), ends.cycles()
    listed = tuple(End("", x, n, ends.total, q) for (q, x), n in found)
    ruling = replace(ruling, ends=listed, period=None, cycle_at=None, rate=0.0, sampled=0, certified=False)
    (period, size), most = found[0] if found else ((0, 0.0), 0)
    gone = ends.away + ends.strayed
    if most and most >= max(ends.loose, gone):
        alike = (ends.periods == period) & (np.abs(ends.extents - size) <= 2 * ROUNDING * size)
        first = int(np.flatnonzero(ends.settled & alike)[0])
        cycle = None if close is None else close(ends.states[:, :, first], period)
        named = f"a cycle of the loss itself of period {period} and half-width {size:.4g}"
        if cycle is None:
            return replace(ruling, verdict="cycle", cycle=size, period=period, why=f"it ends on {named}: {seen}.")
        word, largest = cycle_of_loss.reading(cycle), abs(cycle.multipliers[0])
        how = "attracts" if word == "attracts" else "is not told from neutral"
        why = f"it ends on {named}, which {how} (largest multiplier of its steps {largest:.4g}): {seen}."
        return replace(
            ruling, verdict="cycle", cycle=cycle_of_loss.half_width(cycle.points), period=period, why=why,
            cycle_at=_places(cycle.points), rate=float(largest ** (1 / period)),
        )  # fmt: skip
    if gone >= max(most, ends.loose) and model.verdict == "repels":
        return replace(ruling, why=f"{model.why} On the loss itself {seen}.")
    if gone == ends.total:
        why = f"every start leaves it: {seen}."
        return replace(ruling, verdict="repels", lr_max=None, unknown=("lr_max",), why=why)
    low = spectrum[0].middle
    if not gone and (low > 0 or -low * settings.lr * settings.steps > cycle_model.AMPLE):
        band = float(np.max(ends.distances))
        why = f"it stays within {band:.4g} without a short cycle: {seen}."
        return replace(ruling, verdict="cycle", cycle=band, why=why, sampled=ends.total)
    where = "most starts end about another place" if ends.strayed > max(most, ends.loose, ends.away) else "it is open"
    return replace(ruling, verdict="undecided", cycle=None, why=f"{where}: on the loss itself {seen}.")


def along(landscape: Surface, at: Any, eigenvalue: float) -> Any:
    """Unit eigenvector of the Hessian whose eigenvalue is nearest to the one given."""
    values, vectors = np.linalg.eigh(landscape.hessian(at[:, None])[:, :, 0])
    return vectors[:, np.argmin(np.abs(values - eigenvalue))]


def _places(points: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(x) for x in place) for place in points)
