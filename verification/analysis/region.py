"""The stable region: for each radius the steps up to which an optimiser attracts, or circles, a critical point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import adaptive_ruling, cycle_model
from saddlecheck.verification.analysis.result import Point, Region, finite
from saddlecheck.verification.analysis.settings import LARGEST, SMALLEST, AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import judged, linearise

_COUNT = 41
_JUST_ABOVE = 1e-6


def radii(point: Point, settings: AnalysisSettings) -> list[float]:
    """Radii from 0 to three times the threshold (or the radius asked about), the threshold's sides included."""
    top = 3 * max(settings.rho, point.rho_threshold or 0.0) or 1.0
    grid = {float(f"{r:.12g}") for r in np.linspace(0.0, top, _COUNT)}
    if point.rho_threshold:
        grid |= {point.rho_threshold, point.rho_threshold * (1 + _JUST_ABOVE)}
    return sorted(r for r in grid if r == 0 or SMALLEST <= r < LARGEST)


def largest_step(name: str, eigenvalues: tuple[float, ...], settings: AnalysisSettings) -> float | None:
    """Below it every step attracts (or circles); None where no small step does."""
    rule, spectrum = judged(settings)[name], [Interval.exact(decimal(e)) for e in eigenvalues]
    if rule.force.normalised:
        if not spectrum or any(e.sign == 0 for e in spectrum):
            return None
        return cycle_model.largest_step(rule, spectrum, settings)[0]
    if rule.base is not None:
        return adaptive_ruling.largest_step(rule, spectrum, settings)
    return linearise(rule, spectrum, decimal(settings.lr), settings.exact).lr_max


def tabulated(rule: Optimiser) -> bool:
    """Whether its largest step follows from a Hessian's spectrum."""
    if rule.base is not None:
        return rule.force.linear and rule.base.rest is not None and not rule.base.decay
    return rule.force.linear or rule.force.normalised


def require_tabulated(rules: Sequence[Optimiser]) -> None:
    """ValueError where the largest steps over rho are known for none of the rules."""
    if not any(tabulated(r) for r in rules):
        raise ValueError(
            "the largest steps over rho are known over adam, rmsprop and adamw:weight_decay=0; drop the region."
        )


def _kernel_attracts(point: Point, rules: Mapping[str, Optimiser]) -> bool:
    """Whether the next order was found to attract along zero eigenvalues: then it does for every constant radius."""
    linear = [r for n, r in point.optimisers.items() if n in rules and not rules[n].force.normalised]
    return any(r.verdict == "attracts" for r in linear)


def table(point: Point, settings: AnalysisSettings) -> Region:
    """The largest stable steps; rules that need the place and not only the spectrum are left out."""
    grid, rules = radii(point, settings), judged(settings)
    names = [n for n in point.optimisers if n in rules and tabulated(rules[n])]
    spectrum = tuple(e for e in point.eigenvalues if e or not (point.transverse or _kernel_attracts(point, rules)))
    largest = {n: tuple(finite(largest_step(n, spectrum, replace(settings, rho=r))) for r in grid) for n in names}
    return Region(tuple(grid), largest)
