r"""Rulings on SAM, and any rule, over Adam, AdamW, RMSprop or Lion.

Where |g| is well below epsilon the base is heavy ball with another learning rate, whatever the Hessian
(`saddlecheck.theory.optimisers.bases`): this decides whether the point attracts, and up to which lr. With the usual
epsilon that lr is tiny. Beyond it the rest point repels and no start comes to rest; then what decides is

- a loss that is a sum of functions of one weight each, at a point where all rates are positive: each coordinate stays
  within a distance B (proved there), on the 2-cycle of `adaptive_cycle` where that attracts;
- else its own runs: the verdict is "undecided", and `seen` says what they did.

So it is for Lion, which never rests, and with mini-batch noise, which keeps v in motion: then always "undecided".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import sympy as sp

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser, heavy_ball
from saddlecheck.theory.optimisers.bases import Adam, Base, Rest, RMSprop
from saddlecheck.theory.symbols import gamma, lam, rho
from saddlecheck.verification.analysis import adaptive_check, adaptive_rest
from saddlecheck.verification.analysis.adaptive_cycle import two_cycle
from saddlecheck.verification.analysis.dynamics import Floats, Surface
from saddlecheck.verification.analysis.ends import on_sphere
from saddlecheck.verification.analysis.result import Ruling
from saddlecheck.verification.analysis.schedule import bisected
from saddlecheck.verification.analysis.settings import AnalysisSettings, as_float, decimal
from saddlecheck.verification.analysis.stability import linearise

CYCLE, CYCLE_ATTRACTS, INERTIA = "adam-two-cycle", "adam-cycle-attracts", "adaptive-inertia"
_SAMPLED = 20  # starts from which a band is measured
_ROUNDING = 1e-12  # of the largest curvature: a rate this small is taken for none


@dataclass(frozen=True)
class CriticalPlace:
    """A critical point as it is needed here.

    Attributes:
        surface: the loss.
        at: the point, shape (n,).
        curvatures: of the coordinates, where the loss is a sum of functions of one weight each; else None.
        quadratic: whether the loss is.
        certified: whether the point is.
        transverse: on a line or surface of critical points.
        deadline: of the clock.
    """

    surface: Surface
    at: Floats
    curvatures: tuple[float, ...] | None
    quadratic: bool
    certified: bool
    transverse: bool = False
    deadline: float | None = None


Plainly = Callable[[Optimiser, AnalysisSettings, Fraction], Ruling]  # the ruling on a rule without a base, at that lr


def ruling(rule: Optimiser, place: CriticalPlace, settings: AnalysisSettings, plainly: Plainly) -> Ruling:
    """What a rule with a base does at a critical point, along a schedule too."""
    found = _ruling(rule, place, settings, plainly)
    if settings.schedule is None:
        return found
    # Runs give no verdict here, only widths. Rest is lost at one rate and beyond it, with and without decay.
    quiet = replace(settings, starts=0, schedule=None)
    stages = bisected(settings.schedule, lambda rate: _ruling(rule, place, replace(quiet, lr=rate), plainly).verdict)
    return replace(found, schedule=stages)


def _ruling(rule: Optimiser, place: CriticalPlace, settings: AnalysisSettings, plainly: Plainly) -> Ruling:
    base, response = rule.base, rule.force.response
    assert base is not None
    if settings.batch is not None:
        return _undecided(
            rule, f"mini-batch noise keeps {base.title}'s memory in motion, so no linear map decides. A diagonal "
            f"preconditioner that is held still would not move the threshold of the radius (claim {INERTIA}).",
        )  # fmt: skip
    if rule.force.normalised or (response is not None and response.q != 0):
        return _undecided(
            rule, "its direction is divided by the gradient's norm and does not vanish beside the point: sqrt(v) does "
            "not fall below eps.",
        )  # fmt: skip
    if base.rest is None:
        return _lion(rule, base, place, settings)
    if not base.decay:
        found = _at_rest(rule, base, base.rest, settings, plainly)
    elif isinstance(base, Adam) and not place.transverse:
        found = adaptive_rest.ruling(rule, base, place.surface, place.at, settings, _lr(base, settings))
    else:
        found = _undecided(rule, "on a line or surface of critical points the decay moves along it.")
    if found.verdict == "repels" and found.flow == "attracts":
        return _beyond_the_edge(rule, base, found, place, settings)
    return found


def _lr(base: Base, settings: AnalysisSettings) -> float:
    return adaptive_check.lr_of(base, settings)


def _at_rest(rule: Optimiser, base: Base, rest: Rest, settings: AnalysisSettings, plainly: Plainly) -> Ruling:
    """By the linear map that the base is beside the point: heavy ball at the learning rate factor lr."""
    factor = Rest(decimal(rest.momentum), decimal(rest.epsilon)).factor
    lr = factor * decimal(_lr(base, settings))
    acting = _resting(rule, rest)
    found = plainly(acting, replace(settings, lr=as_float(lr), momentum=rest.momentum), lr)
    what = f"heavy ball with momentum {rest.momentum:g}" if rest.momentum else "plain descent"
    by = "(1 - beta1)/eps" if rest.momentum else "1/eps"
    top = None if found.lr_max is None else found.lr_max / as_float(factor)
    end = "" if top is None or top == math.inf else f" In lr itself the edge is {top:.6g}."
    return replace(
        found, lr_max=top, claims=tuple(dict.fromkeys((*rule.claims, *found.claims))), variance=None, escape_time=None,
        why=f"where |g| << eps = {rest.epsilon:g}, {base.title} is {what} at the learning rate lr {by} = "
        f"{as_float(lr):.6g}. For that {found.why}{end}",
    )  # fmt: skip


def _resting(rule: Optimiser, rest: Rest) -> Optimiser:
    return replace(rule, base=None, momentum=heavy_ball if rest.momentum else None)


def largest_step(rule: Optimiser, spectrum: Sequence[Interval], settings: AnalysisSettings) -> float | None:
    """The lr below which every step comes to rest, of a linear rule over a base that rests, without decay; or None."""
    rest = None if rule.base is None else rule.base.rest
    assert rest is not None
    values = {**settings.exact, gamma: decimal(rest.momentum)}
    top = linearise(_resting(rule, rest), spectrum, decimal(settings.lr), values).lr_max
    return None if top is None else top / float(rest.factor)


def _beyond_the_edge(
    rule: Optimiser, base: Base, found: Ruling, place: CriticalPlace, settings: AnalysisSettings
) -> Ruling:
    """The rest point attracts small steps only: a cycle or a band about it where that is known."""
    lr = _lr(base, settings)
    end = "only" if found.lr_max is None else f"below lr = {found.lr_max:.6g}, and lr is {lr:g}"
    why = f"it rests {end}: beyond, the rest point repels from where |g| << eps"
    rates = _rates(rule, place, settings)
    if rates is None or min(rates) <= 0 or base.reach(lr) == math.inf or (base.decay and np.any(place.at)):
        return replace(
            _undecided(rule, f"{why}, and farther out its steps are of the order of lr."), lr_max=found.lr_max,
            flow="attracts", unknown=() if found.lr_max is not None else ("lr_max",),
        )  # fmt: skip
    certified = place.certified and place.quadratic
    top = math.inf if place.quadratic and not base.decay else None
    cycle = None
    if isinstance(base, Adam | RMSprop) and not base.decay:
        betas = base.betas if isinstance(base, Adam) else (0.0, base.alpha)
        cycle = two_cycle(betas, base.eps, rates, lr)
    if cycle is not None:
        return Ruling(
            "cycle", top, f"{why}, and each coordinate alternates about it: a 2-cycle that attracts.",
            (*rule.claims, CYCLE, CYCLE_ATTRACTS), "attracts", certified, cycle.half_width, 2, rate=cycle.rate,
        )  # fmt: skip
    return _banded(rule, base, place, settings, f"{why}, and it circles", "attracts", top, certified=certified)


def _banded(
    rule: Optimiser, base: Base, place: CriticalPlace, settings: AnalysisSettings, why: str, flow: str,
    top: float | None, *, certified: bool,
) -> Ruling:  # fmt: skip
    """A bounded orbit, with the band in which starts of its own stayed."""
    bound = base.reach(_lr(base, settings))
    sphere = on_sphere(np.random.default_rng(settings.seed + 2), place.surface.n, _SAMPLED)
    band = None
    if settings.starts:
        band = adaptive_check.band(rule, place.surface, place.at, sphere, settings, place.deadline)
    measured = None if band is None or np.any(band.left) else float(np.max(band.distances))
    known = "" if certified else " on the loss's quadratic part"
    return Ruling(
        "cycle", top, f"{why}: no coordinate that has crossed the point goes beyond {bound:.4g}{known}.", rule.claims,
        "attracts" if flow == "attracts" else "undecided", certified, measured,
        sampled=0 if measured is None else _SAMPLED,
    )  # fmt: skip


def _lion(rule: Optimiser, base: Base, place: CriticalPlace, settings: AnalysisSettings) -> Ruling:
    """Steps of length lr in each coordinate: known where the coordinates do not act on each other."""
    why = "each coordinate steps by lr along a sign, so nothing comes to rest"
    rates = _rates(rule, place, settings)
    if rates is None or 0 in rates or (base.decay and np.any(place.at)) or base.reach(_lr(base, settings)) == math.inf:
        return _undecided(rule, f"{why}, and only its own runs say what it does.")
    certified = place.certified and place.quadratic
    if min(rates) < 0:
        grows = f"{why}, and a coordinate with the rate {min(rates):.6g} moves away at every step."
        return Ruling("repels", None, grows, rule.claims, "repels", certified)
    top = math.inf if place.quadratic and not base.decay else None
    return _banded(rule, base, place, settings, f"{why}; it circles", "undecided", top, certified=certified)


def _rates(rule: Optimiser, place: CriticalPlace, settings: AnalysisSettings) -> list[float] | None:
    """p_i of g_i = p_i w_i to first order, where the coordinates do not act on each other and the rule is linear."""
    response = rule.force.response
    if place.curvatures is None or place.transverse or response is None or response.q != 0:
        return None
    if response.alpha != 0 and np.any(place.at):
        return None
    at = {rho: sp.Rational(repr(float(settings.rho)))}
    rates = [float(response.p.xreplace({**at, lam: sp.Rational(repr(float(h)))})) for h in place.curvatures]
    size = max((abs(h) for h in place.curvatures), default=0.0)
    return [p if abs(p) > _ROUNDING * size else 0.0 for p in rates]


def _undecided(rule: Optimiser, why: str) -> Ruling:
    return Ruling("undecided", None, why, rule.claims, certified=False)
