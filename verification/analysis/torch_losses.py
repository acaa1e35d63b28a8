"""`analyse` for torch: functions of one tensor by Newton's method; modules go to `verification.analysis.modules`.

Nothing here is certified: numbers are floats with a stated slack, and lists are what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.losses.interval import Interval
from theory.optimiser import OPTIMISERS, adaptive
from verification.analysis import cycles, simulate
from verification.analysis.circling import of_model
from verification.analysis.reading import explain
from verification.analysis.result import Analysis, Point, Ruling
from verification.analysis.settings import Settings, decimal
from verification.analysis.stability import RULES, Rule, linearise, rho_threshold

if TYPE_CHECKING:
    from nets.landscape import TorchLandscape

_STARTS = 64
_SLACK = Fraction(1, 10**9)  # of the largest eigenvalue: what double precision leaves of the others


def analyse_torch(
    loss: Any, settings: Settings, *, box: Sequence[tuple[float, float]] | None, start: Any, data: Any,
    criterion: Callable[..., Any] | None, checkpoint: Any,
) -> Analysis:  # fmt: skip
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
        from verification.analysis.modules import analyse_module

        return analyse_module(loss, criterion, data, checkpoint, settings)
    return _function(loss, settings, box=box, start=start)


def _function(loss: Callable[..., Any], settings: Settings, *, box: Any, start: Any) -> Analysis:
    from nets.landscape import TorchLandscape, newton, starts_in

    if start is None and box is None:
        raise ValueError("a function needs start, a point of shape (n,), or box, one (low, high) a weight.")
    if start is not None:
        starts = np.atleast_2d(np.asarray(start, np.float64)).T
    else:
        starts = starts_in(box, _STARTS, settings.seed)
    landscape = TorchLandscape(loss, starts[:, 0])
    places = newton(landscape, starts)
    points = [_point(w, landscape, settings) for w in places]
    points.sort(key=lambda p: p.value)
    notes = ["Found by Newton's method from given or random starts: the list is not proved to be complete."]
    notes += [f"At {p.at} the Hessian is degenerate (claim hyperbolic-wlog)." for p in points if p.kind == "degenerate"]
    if settings.starts and points:
        points = simulate.check(points, landscape, settings)
        notes += [
            f"CONTRADICTED at {p.at}: {name} was judged {r.verdict!r}, but {r.seen}."
            for p in points
            for name, r in p.optimisers.items()
            if r.simulated == "contradicted"
        ]
    ranges = None if box is None else tuple((float(a), float(b)) for a, b in box)
    name = getattr(loss, "__name__", type(loss).__name__)
    variables = tuple(f"w{i}" for i in range(landscape.n))
    return Analysis(name, variables, tuple(points), (), False, tuple(notes), settings.to_dict(), ("Newton",), ranges)


def _point(w: Any, landscape: TorchLandscape, settings: Settings) -> Point:
    H = landscape.hessian(w[:, None])[:, :, 0]
    values = np.linalg.eigvalsh((H + H.T) / 2)
    spectrum = _with_slack(values)
    names = [n for n in RULES if settings.optimisers is None or n in settings.optimisers]
    rulings = {}
    for n in names:
        rule = RULES[n]
        if rule.optimiser.force is adaptive:
            rates = _with_slack(np.linalg.eigvalsh(H + settings.rho * H @ np.diag(w**2) @ H))
            rulings[n] = _ruling(rule, OPTIMISERS["gd"], rates, settings)
        elif rule.normalises:
            rulings[n] = _circling(rule, spectrum, settings)
        else:
            rulings[n] = _ruling(rule, rule.optimiser, spectrum, settings)
    index = sum(e.sign < 0 for e in spectrum)
    degenerate = any(e.sign == 0 for e in spectrum)
    kind = "degenerate" if degenerate else {0: "minimum", len(w): "maximum"}.get(index, "saddle")
    value = float(landscape.value(w[:, None])[0])
    threshold, known = rho_threshold(spectrum)
    return Point(
        tuple(map(float, w)), value, tuple(map(float, values)), kind, index, threshold, rulings, False,
        threshold_known=known,
    )  # fmt: skip


def _with_slack(values: Any) -> list[Interval]:
    slack = _SLACK * Fraction(float(np.max(np.abs(values))) or 1.0)
    return [Interval(Fraction(float(v)) - slack, Fraction(float(v)) + slack) for v in values]


def _ruling(rule: Rule, acting: Any, spectrum: Sequence[Interval], settings: Settings) -> Ruling:
    linear = linearise(acting, spectrum, decimal(settings.lr), settings.exact)
    why = explain(rule, linear, spectrum, settings)
    return Ruling(linear.verdict, linear.lr_max, why, rule.claims, linear.flow, False)  # type: ignore[arg-type]  # a verdict's word


def _circling(rule: Rule, spectrum: Sequence[Interval], settings: Settings) -> Ruling:
    if any(e.sign == 0 for e in spectrum):
        why = "an eigenvalue is zero within rounding."
        return Ruling("undecided", None, why, rule.claims, certified=False)
    ruling = of_model(cycles.on_quadratic(rule, spectrum, settings), rule, spectrum, settings)
    why = ruling.why + " (For the loss's quadratic part, hence for small rho.)"
    return replace(ruling, why=why, certified=False)
