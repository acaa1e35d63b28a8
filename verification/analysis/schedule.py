r"""Stability along a schedule of learning rates: from which step on a point attracts, or no longer.

A ruling names the edge `lr_max` below which every step attracts (or cycles), whatever step it was made at; the stages
of a schedule end where it crosses that edge. Over an adaptive base the verdict beyond the edge takes the loss into
account too, so the ruling is made anew at the rates where it may change. What a path did before is not in this.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from saddlecheck.verification.analysis.dynamics import Floats
from saddlecheck.verification.analysis.result import Point, Ruling, Stage, VerdictWord
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import judged

_MOST = 10_000_000  # steps
_SHAPES = ("constant", "cosine", "linear")
_FORM = "write constant:lr:steps, cosine:lr:steps or linear:lr:steps, or learning rates as in 0.1,0.05,0.01"


def read(given: str | Sequence[float]) -> Floats:
    r"""The learning rate of each step, shape (n,).

    Args:
        given: numbers, or text: numbers with commas between them, or a shape with its first rate and number of steps N.
            cosine is $\eta_0 (1 + \cos(\pi k/N))/2$, linear $\eta_0 (1 - k/N)$, k = 0, …, N - 1: as PyTorch's
            CosineAnnealingLR and LinearLR with an end factor of 0 have them, before the last step's zero.

    Returns:
        float64, each > 0.

    Raises:
        ValueError: no schedule, or a rate that is not positive.

    Example:
        >>> from saddlecheck.verification.analysis.schedule import read
        >>> read("linear:0.4:4").tolist()
        [0.4, 0.30000000000000004, 0.2, 0.1]
    """
    rates = _of_text(given) if isinstance(given, str) else np.asarray(list(given), float)
    if rates.ndim != 1 or not len(rates) or not np.all(np.isfinite(rates) & (rates > 0)):
        raise ValueError(f"every learning rate of a schedule has to be a positive number; {_FORM}.")
    return rates


def _of_text(text: str) -> Floats:
    shape, *rest = text.split(":")
    try:
        if not rest:
            return np.array([float(part) for part in text.split(",")])
        first, steps = float(rest[0]), int(rest[1])
    except (ValueError, IndexError):
        first, steps = 0.0, 0
    if shape not in _SHAPES or len(rest) != 2 or not 0 < steps <= _MOST:
        raise ValueError(f"{text[:40]!r} is no schedule of learning rates; {_FORM}.")
    k = np.arange(steps) / steps
    forms = {"constant": np.ones(steps), "cosine": (1 + np.cos(np.pi * k)) / 2, "linear": 1 - k}
    return np.asarray(first * forms[shape])


def applied(p: Point, rates: Floats, settings: AnalysisSettings) -> Point:
    """The point with the stages of each ruling that has none yet."""
    rules = judged(settings)
    circling = {n for n, r in rules.items() if r.force.normalised and settings.rho > 0}

    def staged(name: str, ruling: Ruling) -> Ruling:
        below: VerdictWord = "cycle" if name in circling else "attracts"
        return replace(ruling, schedule=_stages(rates, lambda rate: _word(ruling, rate, below)))

    return replace(p, optimisers={n: r if r.schedule else staged(n, r) for n, r in p.optimisers.items()})


def bisected(rates: Floats, verdict: Callable[[float], VerdictWord]) -> tuple[Stage, ...]:
    """The stages of a verdict that changes at most once, or at one rate and beyond it, as the rate grows.

    Args:
        rates: one a step, shape (steps,).
        verdict: at a learning rate; asked at a few of them.

    Returns:
        The stages in order.
    """
    ordered = np.unique(rates)
    words: dict[float, VerdictWord] = {}

    def between(low: int, high: int) -> None:
        first, last = (
            words[r] if r in words else words.setdefault(r, verdict(r))
            for r in (float(ordered[low]), float(ordered[high]))
        )
        if first == last:
            words.update(dict.fromkeys(ordered[low:high].tolist(), first))
        elif high > low + 1:
            between(low, (low + high) // 2)
            between((low + high) // 2, high)

    between(0, len(ordered) - 1)
    return _stages(rates, words.__getitem__)


def _stages(rates: Floats, word: Callable[[float], VerdictWord]) -> tuple[Stage, ...]:
    found = []
    for same, steps in itertools.groupby(range(len(rates)), lambda k: word(float(rates[k]))):
        run = list(steps)
        found.append(Stage(run[0], run[-1], same))
    return tuple(found)


def _word(ruling: Ruling, rate: float, below: VerdictWord) -> VerdictWord:
    """The verdict at a rate: `below` the edge, repels above it; where no step attracts it repels at all of them."""
    if ruling.lr_max is None:
        return "repels" if ruling.verdict == "repels" and not ruling.unknown else "undecided"
    if math.isclose(rate, ruling.lr_max, rel_tol=1e-12):
        return "undecided"
    return below if rate < ruling.lr_max else "repels"


def in_words(stages: Sequence[Stage]) -> str:
    """The stages as one sentence; steps are counted from 0."""
    if len(stages) == 1:
        return f"{stages[0].verdict} at every step"
    first, *rest = stages
    return f"{first.verdict} up to step {first.last}" + "".join(f", {s.verdict} from step {s.first}" for s in rest)
