"""Where the ruling on a critical point changes with rho, lr or momentum, and the claim that proves it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from saddlecheck.theory.critical.critical_set import CriticalSet
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.result import Ruling, VerdictWord
from saddlecheck.verification.analysis.rulings import Judge
from saddlecheck.verification.analysis.settings import AnalysisSettings

_HALVINGS, _FEW = 44, 14  # of the grid's step; where a ruling takes runs
_ONE = 1e-6  # of the range: two changes that are nearer are one
_IN_A_STEP = 3  # changes that are located between two neighbours of the grid
_MOST = 8  # grid points over which a ruling that takes runs is looked at, of the grid's
_OF_STEP = ("heavy-ball-edge", "nesterov-edge", "jury-degree-two", "linear-discrete")  # how long a step may be
_GENERAL = ("linear-flow", "thm1-linearisation", "thm1-strict")  # what leads to a threshold and does not name it


@dataclass(frozen=True)
class Threshold:
    """A value of the parameter at which the verdict on a critical point changes.

    Attributes:
        point: its number, from 1. at: its place.
        before: verdict below the value. after: verdict above.
        claim: id of the claim that proves the value, empty where it is numerical.
        claims: all that the two rulings rest on.
        certified: both rulings are.
    """

    value: float
    point: int
    at: tuple[float, ...]
    before: VerdictWord
    after: VerdictWord
    claim: str
    claims: tuple[str, ...]
    certified: bool

    @property
    def words(self) -> str:
        """What happens there."""
        what = f"{self.after} (before: {self.before})"
        return f"point {self.point} {what}"


def thresholds(
    loss: Loss, found: CriticalSet, rule: Optimiser, parameter: str, grid: Sequence[float], settings: AnalysisSettings,
    deadline: float | None = None,
) -> tuple[Threshold, ...]:  # fmt: skip
    """Every change of the ruling between neighbours of the grid, located by bisection, in order."""
    places = tuple(p.location for p in found.points)
    cheap = rule.force.linear
    coarse = list(grid) if cheap else [*grid[:: max(1, len(grid) // (2 * _MOST))], grid[-1]]

    @cache
    def judge(value: float) -> Judge:
        given: dict[str, Any] = {parameter: value} | ({"starts": 0} if rule.base is not None else {})
        return Judge(loss, replace(settings, **given), deadline, places)

    changes: list[Threshold] = []
    for number, point in enumerate(found.points, 1):

        def ruling(value: float, point: CriticalPoint = point) -> Ruling:
            judging = judge(value).near(point)
            return judging.point(point).optimisers[rule.id]

        halvings = _HALVINGS if cheap else _FEW
        changes += _of_point(cache(ruling), coarse, number, point.location, halvings, deadline)
    return tuple(sorted(changes, key=lambda t: (t.value, t.point)))


def _of_point(
    ruling: Callable[[float], Ruling], grid: Sequence[float], number: int, at: tuple[float, ...],
    halvings: int, deadline: float | None,
) -> list[Threshold]:  # fmt: skip
    changes: list[Threshold] = []
    for left, right in itertools.pairwise(sorted(set(grid))):
        low = left
        for _ in range(_IN_A_STEP):  # behind a change may lie another: a base may rest in a narrow range alone
            if over(deadline) or ruling(low).verdict == ruling(right).verdict:
                break
            inside, beyond = low, right
            for _ in range(halvings):
                middle = (inside + beyond) / 2
                inside, beyond = (middle, beyond) if ruling(middle).verdict == ruling(low).verdict else (inside, middle)
            before, after = ruling(inside), ruling(beyond)
            known = before.certified and after.certified
            claims = tuple(dict.fromkeys((*before.claims, *after.claims)))
            claim = _names(claims, of_step=before.flow == after.flow) if known else ""
            value = low if inside == low else (inside + beyond) / 2  # it changes right after the grid's own value
            if changes and value - changes[-1].value <= _ONE * (grid[-1] - grid[0]):
                last = changes.pop()  # the grid has met the threshold itself: neither verdict holds there
                changes.append(replace(last, after=after.verdict, claim=claim or last.claim, claims=claims))
            else:
                changes.append(Threshold(value, number, at, before.verdict, after.verdict, claim, claims, known))
            low = beyond
    return [replace(t, value=float(f"{t.value:.12g}")) for t in changes if t.before != t.after]


def _names(claims: Sequence[str], *, of_step: bool) -> str:
    """The id of the claim that names the value: on a step's length where the flow does not change, else on the flow."""
    if of_step:
        named = [c for c in _OF_STEP if c in claims]
    else:
        named = [c for c in claims if c not in (*_OF_STEP, *_GENERAL)]
        named.sort(key=lambda c: not c.endswith("-threshold"))
    return (named or list(claims) or [""])[0]
