"""`analyse` for torch: functions of one tensor by Newton's method; `modules`, beside this file, has those with data.

Nothing here is certified: numbers are floats with a stated slack, and lists are what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import (
    adaptive_ruling,
    audit,
    cycle_ruling,
    own,
    own_ruling,
    self_check,
    withdrawal,
)
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.reading import explain, in_time, listed, of_linearisation
from saddlecheck.verification.analysis.result import Findings, Kind, Point, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import judged, linearise, rho_threshold

if TYPE_CHECKING:
    from saddlecheck.nets.newton import Root
    from saddlecheck.nets.tensor_function import TorchLandscape

_STARTS = 64
_SLACK = Fraction(1, 10**9)  # of the largest eigenvalue: what double precision leaves of the others


def analyse_torch(
    loss: Any, settings: AnalysisSettings, *, box: Sequence[tuple[float, float]] | None, start: Any, data: Any,
    criterion: Callable[..., Any] | None, checkpoint: Any, deadline: float | None = None,
) -> Findings:  # fmt: skip
    """A torch module or function. Raises ValueError where what it needs is missing, or torch is not installed."""
    try:
        from torch import nn
    except ImportError:
        raise ValueError(
            "a callable loss needs torch, which is not installed: pip install 'saddlecheck[nets]', or give a formula."
        ) from None
    if settings.weight_decay:
        raise ValueError("add the weight decay to the torch loss itself: weight_decay is for formulas.")
    if isinstance(loss, nn.Module):
        if data is None or criterion is None:
            raise ValueError("a module needs data=(x, y) and criterion, for example torch.nn.functional.cross_entropy.")
        from saddlecheck.verification.analysis.modules import analyse_module

        return analyse_module(loss, criterion, data, checkpoint, settings, deadline)
    return _function(loss, settings, box=box, start=start, deadline=deadline)


def _function(
    loss: Callable[..., Any], settings: AnalysisSettings, *, box: Any, start: Any, deadline: float | None
) -> Findings:
    from saddlecheck.nets.newton import newton
    from saddlecheck.nets.tensor_function import TorchLandscape

    starts, ranges = _starts(start, box, settings)
    landscape = TorchLandscape(loss, starts[:, 0])
    search = newton(landscape, starts, deadline=deadline)
    asked = own.checked(settings.own, landscape, [r.w for r in search.roots], settings.rho, settings.seed)
    points = [_point(root, landscape, settings, deadline) for root in search.roots]
    points.sort(key=lambda p: p.value)
    notes = ["Found by Newton's method from given or random starts: the list is not proved to be complete."]
    if search.followed < search.starts:
        notes.append(f"Time ran out: {search.starts - search.followed} of {search.starts} starts were not followed.")
    notes += [f"At ({listed(r.w)}) {r.trouble}." for r in search.roots if r.trouble]
    notes += [f"At {p.at} the Hessian is degenerate (claim hyperbolic-wlog)." for p in points if p.kind == "degenerate"]
    notes += audit.not_judged(points)
    if settings.starts and points and not over(deadline):
        points = self_check.check(points, landscape, settings, deadline)
        notes += audit.contradictions(points)
    if settings.starts and points and over(deadline):
        notes.append("Time ran out: some verdicts were not checked by simulation.")
    lost = withdrawal.withdrawn(asked, points)
    points = withdrawal.without(points, lost)
    name = getattr(loss, "__name__", type(loss).__name__)
    variables = tuple(f"w{i}" for i in range(landscape.n))
    return Findings(
        name, variables, tuple(points), (), tuple(notes), False, settings, ("Newton",), ranges,
        rules={n: one.left for n, one in lost.items()},
    )  # fmt: skip


def _starts(start: Any, box: Any, settings: AnalysisSettings) -> tuple[Any, tuple[tuple[float, float], ...] | None]:
    """Starts of shape (n, k), and the box. Raises ValueError."""
    from saddlecheck.nets.tensor_function import starts_in

    if start is None and box is None:
        raise ValueError("a function needs start, a point of shape (n,), or box, one (low, high) a weight.")
    try:
        given = np.asarray(box if start is None else start, np.float64)
    except (TypeError, ValueError) as error:
        what = "start is no array of numbers" if start is not None else "box is no list of pairs of numbers"
        raise ValueError(
            f"{what}: give {'points of one length' if start is not None else '(low, high) a weight'}."
        ) from error
    if start is None:
        fine = (
            given.ndim == 2
            and given.shape[1:] == (2,)
            and np.all(np.isfinite(given))
            and np.all(given.T[0] < given.T[1])
        )
        if not fine or not given.size:
            raise ValueError(f"the box {box} has to hold one finite (low, high) a weight, low < high.")
        return starts_in(given.tolist(), _STARTS, settings.seed), tuple((float(a), float(b)) for a, b in given)
    if given.ndim not in (1, 2) or not given.size:
        raise ValueError(
            f"start has the shape {given.shape}; it has to be a point, (n,), or several, (k, n), not empty."
        )
    if not np.all(np.isfinite(given)):
        raise ValueError("start has to be finite.")
    return np.atleast_2d(given).T, None


def _point(root: Root, landscape: TorchLandscape, settings: AnalysisSettings, deadline: float | None) -> Point:
    rules = judged(settings)
    at, value = tuple(map(float, root.w)), float(landscape.value(root.w[:, None])[0])
    if root.trouble:
        why = f"{root.trouble}, so nothing follows from them."
        rulings = {n: Ruling("undecided", None, why, r.claims, certified=False) for n, r in rules.items()}
        return Point(
            at, value, _eigenvalues(root.hessian), "unknown", 0, None, rulings, certified=False, threshold_known=False
        )
    values = np.linalg.eigvalsh((root.hessian + root.hessian.T) / 2)
    spectrum = _with_slack(values, root.slack)
    rulings = {
        n: in_time(r.claims, deadline, partial(_ruling, r, root, spectrum, landscape, settings, deadline))
        for n, r in rules.items()
    }
    index = sum(e.sign < 0 for e in spectrum)
    degenerate = any(e.sign == 0 for e in spectrum)
    ends: dict[int, Kind] = {0: "minimum", len(at): "maximum"}
    kind = "degenerate" if degenerate else ends.get(index, "saddle")
    threshold, known = rho_threshold(spectrum)
    return Point(
        at, value, tuple(map(float, values)), kind, index, threshold, rulings, certified=False, threshold_known=known
    )


def _ruling(
    rule: Optimiser, root: Root, spectrum: Sequence[Interval], landscape: TorchLandscape, settings: AnalysisSettings,
    deadline: float | None,
) -> Ruling:  # fmt: skip
    if rule.base is not None:

        def plainly(acting: Optimiser, changed: AnalysisSettings, _lr: Fraction) -> Ruling:
            return _ruling(acting, root, spectrum, landscape, changed, deadline)

        place = adaptive_ruling.CriticalPlace(landscape, np.asarray(root.w), None, False, False, deadline=deadline)
        return adaptive_ruling.ruling(rule, place, settings, plainly)
    if rule.force.normalised:
        if any(e.sign == 0 for e in spectrum):
            why = "an eigenvalue cannot be told from zero."
            return Ruling("undecided", None, why, rule.claims, certified=False)
        return cycle_ruling.on_surface(rule, landscape, root.w, spectrum, settings, deadline)
    acting = rule
    if rule.force.at_rest is not None:
        H = root.hessian
        acting = rule.unforced
        raised = rule.force.at_rest(H, np.diag(root.w**2), settings.rho, np.matmul)
        spectrum = _with_slack(
            np.linalg.eigvalsh(raised), root.slack * (1 + 2 * settings.rho * _norm(H) * _norm(root.w) ** 2)
        )
    elif not rule.force.linear or rule.force.response is None or rule.force.response.alpha != 0:
        return own_ruling.ruling(rule, landscape, np.asarray(root.w), settings)
    linear = linearise(acting, spectrum, decimal(settings.lr), settings.exact)
    return of_linearisation(linear, explain(rule, linear, spectrum, settings), rule.claims, certified=False)


def _eigenvalues(H: Any) -> tuple[float, ...]:
    if not np.all(np.isfinite(H)):
        return (float("nan"),) * len(H)
    return tuple(float(e) for e in np.linalg.eigvalsh((H + H.T) / 2))


def _with_slack(values: Any, slack: float) -> list[Interval]:
    """Enclosures, as far as the slack is one: at least what double precision leaves of the smaller eigenvalues."""
    wide = max(Fraction(slack), _SLACK * Fraction(float(np.max(np.abs(values))) or 1.0))
    return [Interval(Fraction(float(v)) - wide, Fraction(float(v)) + wide) for v in values]


def _norm(x: Any) -> float:
    return float(np.linalg.norm(x))
