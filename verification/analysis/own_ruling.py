r"""Rulings on a rule that is no function of the Hessian alone: by its Jacobian at the point, in floats.

The Jacobian is found by forward differentiation, else by central differences. With D(h) the quotient of width h, the
extrapolated (4 D(h) - D(2h))/3 errs by O(h^4), and |D(h) - D(2h)|/3 bounds what it corrects. A rule has a derivative
only if the matrix also gives its one-sided quotients along other directions, within a part in a thousand: a corner or a
rule that is homogeneous and not linear, does not pass. Then only its own runs say what it does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis.dynamics import Floats, Surface
from saddlecheck.verification.analysis.own import one_by_one
from saddlecheck.verification.analysis.reading import explain, listed, of_linearisation
from saddlecheck.verification.analysis.result import FlowWord, Range, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import linearise

_STEP = 1e-4  # of the point's size: rounding leaves 1e-12 of the Jacobian, and h^2 |g'''| is small on smooth losses
_NARROW, _DIRECTIONS = 1e-7, 3  # of the one-sided quotients: 1e-9 of rounding, and 1e-7 |g''| of curvature
_ROUGH = 1e-3  # of the Jacobian: quotients that differ by more belong to no derivative
_ROUNDING = 1e-10  # of the Jacobian: an error that is always granted
_REST = 1e-9  # of the Hessian's size: a direction this small at a critical point is rounding
_GRID = np.geomspace(1e-3, 1e3, 61)  # radii at which the Jacobian is looked at, in units of 1/max|lambda|
_HALVINGS = 40


@dataclass(frozen=True)
class Derivative:
    """A Jacobian, shape (n, n), with a bound on its error, and how it was found."""

    matrix: Floats
    error: float
    how: str


def ruling(rule: Optimiser, surface: Surface, at: Floats, settings: AnalysisSettings) -> Ruling:
    """What the rule does at a critical point, by its Jacobian there; undecided where it has none."""

    def undecided(why: str) -> Ruling:
        return Ruling("undecided", None, why, rule.claims, certified=False)

    with np.errstate(all="ignore"):
        here = one_by_one(rule, surface, settings.rho)(at)
    size = float(np.linalg.norm(surface.hessian(at[:, None]))) * (1 + float(np.linalg.norm(at)))
    if np.all(np.isfinite(here)) and np.linalg.norm(here) > _REST * max(size, 1e-300):
        return undecided(
            "the critical point is no fixed point of the rule: its direction there has the norm "
            f"{np.linalg.norm(here):.4g}; only its own runs say what it does."
        )
    found = derivative(rule, surface, at, settings.rho)
    if found is None:
        return undecided("the rule has no derivative at the point, so only its own runs say what it does.")
    return replace(_by_eigenvalues(rule, found, settings), radii=_ranges(rule, surface, at))


def derivative(rule: Optimiser, surface: Surface, at: Floats, rho: float) -> Derivative | None:
    """The rule's Jacobian at a point; None where it has none."""

    def gradient(w: Floats) -> Floats:
        return np.asarray(surface.gradient(w[:, None])[:, 0])

    def hessian(w: Floats) -> Floats:
        return np.asarray(surface.hessian(w[:, None])[:, :, 0])

    quotients = _differences(one_by_one(rule, surface, rho), at)
    try:
        with np.errstate(all="ignore"):
            J = rule.force.jacobian(gradient, hessian, at, rho)
    except Exception:  # a rule may fail in any way on what is no array
        return quotients
    if quotients is None or not np.all(np.isfinite(J)):
        return quotients
    with np.errstate(over="ignore"):
        scale = max(float(np.linalg.norm(J)), 1e-300)
        agree = np.linalg.norm(quotients.matrix - J) <= _ROUGH * scale
    return Derivative(J, _ROUNDING * scale, "differentiated, to rounding") if agree else None


def _differences(direction: Callable[[Floats], Floats], at: Floats) -> Derivative | None:
    h = _STEP * (1 + float(np.linalg.norm(at)))

    def quotient(width: float) -> Floats:
        columns = [(direction(at + width * e) - direction(at - width * e)) / (2 * width) for e in np.eye(len(at))]
        return np.stack(columns, axis=1)

    with np.errstate(all="ignore"):
        near, far = quotient(h), quotient(2 * h)
        error, scale = float(np.linalg.norm(near - far)) / 3, float(np.linalg.norm(near))
    if not error <= _ROUGH * max(scale, 1e-300):
        return None
    narrow = _NARROW * (1 + float(np.linalg.norm(at)))
    for v in np.random.default_rng(0).standard_normal((_DIRECTIONS, len(at))):
        with np.errstate(all="ignore"):
            one_sided = (direction(at + narrow * v) - direction(at)) / narrow
            apart = float(np.linalg.norm(one_sided - near @ v))
        if not apart <= _ROUGH * scale * np.linalg.norm(v):
            return None
    return Derivative((4 * near - far) / 3, max(error, _ROUNDING * scale), "by central differences")


def _by_eigenvalues(rule: Optimiser, found: Derivative, settings: AnalysisSettings) -> Ruling:
    rates = np.linalg.eigvals(found.matrix)
    note = f"numerical, with the eigenvalues of the rule's Jacobian ({found.how}, error at most {found.error:.1g})"
    if np.any(np.abs(rates.imag) > 2 * found.error):
        return _complex(rule, rates, found.error, note, settings)
    slack = Fraction(found.error)
    spectrum = [Interval(Fraction(float(r)) - slack, Fraction(float(r)) + slack) for r in np.sort(rates.real)]
    linear = linearise(rule.unforced, spectrum, decimal(settings.lr), settings.exact)
    why = f"{note}: {explain(rule.unforced, linear, spectrum, settings)}"
    return of_linearisation(linear, why, rule.claims, certified=False)


def _complex(rule: Optimiser, rates: Any, error: float, note: str, settings: AnalysisSettings) -> Ruling:
    """Complex rates a: |1 - eta a| < 1 for eta < 2 Re a/|a|^2 without momentum; with it the map's roots are taken."""
    flow: FlowWord = "attracts" if np.all(rates.real > error) else "undecided"
    flow = "repels" if np.any(rates.real < -error) else flow
    gamma = 0.0 if rule.momentum is None else settings.momentum
    roots = []
    for a in rates:
        trace = (1 + gamma) * (1 - settings.lr * a) if rule.lookahead else 1 + gamma - settings.lr * a
        det = gamma * (1 - settings.lr * a) if rule.lookahead else gamma
        roots += list(np.roots([1, -trace, det])) if gamma else [1 - settings.lr * a]
    largest, slack = float(np.max(np.abs(roots))), 10 * settings.lr * error
    word: FlowWord = "attracts" if largest < 1 - slack else "repels" if largest > 1 + slack else "undecided"
    edge = float(np.min(2 * rates.real / np.abs(rates) ** 2)) if not gamma and flow == "attracts" else None
    why = (
        f"{note}: they are complex, {listed(rates.real)} +- i {listed(np.abs(rates.imag))}, "
        f"and the largest multiplier of a step has the size {largest:.6g}."
    )
    return Ruling(word, edge, why, rule.claims, flow, certified=False, unknown=("lr_max",) if gamma else ())


def _ranges(rule: Optimiser, surface: Surface, at: Floats) -> tuple[Range, ...]:
    """The radii at which small steps attract: by the Jacobian on a grid, ends by bisection; None for no upper end."""
    top = float(np.max(np.abs(np.linalg.eigvalsh(surface.hessian(at[:, None])[:, :, 0]))))
    grid = [0.0, *(float(x) for x in _GRID / top)] if top else [0.0]

    def attracts(rho: float) -> bool | None:
        """None where it has no derivative that can be told."""
        found = derivative(rule, surface, at, rho)
        return None if found is None else bool(np.min(np.linalg.eigvals(found.matrix).real) > 0)

    known = [(r, a) for r in grid if (a := attracts(r)) is not None]
    turns = [(low, high, a) for (low, a), (high, b) in itertools.pairwise(known) if a != b]
    ends: list[float] = [known[0][0]] if known and known[0][1] else []
    for low, high, before in turns:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if attracts(middle) in (before, None) else (low, middle)
        ends.append((low + high) / 2)
    return tuple(itertools.zip_longest(ends[::2], ends[1::2]))
