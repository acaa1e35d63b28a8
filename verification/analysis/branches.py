r"""Attractors over a range of a parameter: from starts at every value, then each carried to the values beside it.

Paths of many values take their steps together, as a step costs about the same for one path and for a thousand. First
all random starts and those beside the critical points run at all values; then every attractor is carried to the value
after (forwards) and before (backwards) its own, and what it comes to there, where that is new, further on both ways,
until nothing is new. What has not settled is no attractor yet: found from starts it is not carried at all, and what a
carried state comes to is carried on in the same direction only, so that a branch crosses the values at which it is
slow. So is a band, since two stretches of one band are told to be the same only roughly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import adaptive_check
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.diagram import Found
from saddlecheck.verification.analysis.dynamics import Floats, Step, Surface, start, step
from saddlecheck.verification.analysis.orbits import Indices, Motion, distinct, settle_each
from saddlecheck.verification.analysis.settings import AnalysisSettings

_SHAKEN = 1e-4  # of the scale: how far a continued state is moved, or it would stay on what repels it by now
_TOGETHER = 4096  # coordinates of paths that run together: a step stays within the cache, a tail within 32 MB

Marked = tuple[Motion, int, tuple[Found, ...]]  # a motion, how many random starts came to it, from where it was found


@dataclass
class _Run:
    """Paths at one value: its number, states (n, k) and (j, k), and from where each of them starts."""

    value: int
    w: Floats
    m: Floats
    ways: list[Found]


@dataclass
class Branches:
    """The attractors of an optimiser at each of many settings that differ in one parameter.

    Attributes:
        settings: one a value, in order.
        scale: a weight, the size of what is looked at.
        deadline: of the clock.
        say: called with what is being done.
        found: filled in: of the values that were reached, their attractors.
        complete: filled in: whether everything was carried as far as it goes.
    """

    rule: Optimiser
    landscape: Surface
    settings: Sequence[AnalysisSettings]
    scale: float
    deadline: float | None
    say: Callable[[str], None]
    rng: np.random.Generator
    found: dict[int, list[Marked]] = field(default_factory=dict)
    complete: bool = False

    def follow(self, random: Floats, beside: Floats) -> None:
        """Run from starts, shape (n, k): random ones, which are counted, and others; then carry what they came to."""
        w = np.concatenate([random, beside], axis=1)
        memory = start(self.rule, w)
        runs = [_Run(k, w, memory, ["starts"] * w.shape[1]) for k in range(len(self.settings))]
        for run, ends in self._ends(runs):
            self._merge(run, ends, random.shape[1])
        new = {k: [(m, way) for m, _, (way, *_) in known] for k, known in self.found.items()}
        while any(new.values()) and not over(self.deadline):
            new = {run.value: self._merge(run, ends, 0) for run, ends in self._ends(self._carried(new))}
        self.complete = len(self.found) == len(self.settings) and not over(self.deadline)

    def _carried(self, new: dict[int, list[tuple[Motion, Found]]]) -> list[_Run]:
        """The runs, at the values beside those at which something is new, from the states in which it ended."""
        runs = []
        for k in self.found:
            neighbours: tuple[tuple[Found, int], ...] = (("forwards", k - 1), ("backwards", k + 1))
            states = [
                (motion.state, way)
                for way, beside in neighbours
                for motion, came in new.get(beside, ())
                if _goes(motion, came, way)
            ]
            if states:
                w = np.stack([w for (w, _), _ in states], axis=1)
                w += _SHAKEN * self.scale * self.rng.standard_normal(w.shape)
                runs.append(_Run(k, w, np.stack([m for (_, m), _ in states], axis=1), [way for _, way in states]))
        return runs

    def _ends(self, runs: Sequence[_Run]) -> Iterator[tuple[_Run, list[Motion | None]]]:
        """What the paths of each run come to, while there is time."""
        for some in self._portions(runs):
            self.say(f"{sum(r.w.shape[1] for r in some)} paths at {len(some)} of {len(self.settings)} values")
            at = np.repeat([r.value for r in some], [r.w.shape[1] for r in some])
            w, m = (np.concatenate([getattr(r, name) for r in some], axis=1) for name in ("w", "m"))
            own = [self.settings[r.value] for r in some]
            base = self.rule.base
            unseen = 0 if base is None else max(adaptive_check.forgotten(base, s, self.scale) for s in own)
            ends = settle_each(partial(self._step, at), w, m, self.scale, own[0].steps, self.deadline, unseen)
            if over(self.deadline):
                return  # what was broken off would count as having left
            begin = 0
            for run in some:
                yield run, ends[begin : begin + run.w.shape[1]]
                begin += run.w.shape[1]

    def _portions(self, runs: Sequence[_Run]) -> Iterator[list[_Run]]:
        """Runs that take their steps together; a rule for one vector and one radius takes each radius alone."""
        alone = not self.rule.force.vectorised and len({s.rho for s in self.settings}) > 1
        portion: list[_Run] = []
        for run in runs:
            if portion and (alone or sum(r.w.size for r in portion) + run.w.size > _TOGETHER):
                yield portion
                portion = []
            portion.append(run)
        if portion:
            yield portion

    def _step(self, values: Indices, paths: Indices) -> Step:
        """The step of these of the paths, given the value to which each of all paths belongs."""
        some = [self.settings[k] for k in values[paths]]
        rho, lr, momentum = (np.array([getattr(s, name) for s in some]) for name in ("rho", "lr", "momentum"))
        one = len(set(rho)) == 1  # a rule for one vector expects a number
        return step(self.rule, self.landscape, rho=some[0].rho if one else rho, lr=lr, momentum=momentum)

    def _merge(self, run: _Run, ends: Sequence[Motion | None], random: int) -> list[tuple[Motion, Found]]:
        """Add the motions at one value, each once; the first `random` paths are counted.

        Returns:
            Those that are new there, and from where they were found.
        """
        known = self.found.get(run.value, [])
        marked = list(known)
        for k, (motion, way) in enumerate(zip(ends, run.ways, strict=True)):
            if motion is not None:
                marked.append((motion, int(k < random), (way,)))
        groups = distinct([m for m, _, _ in marked], self.scale)
        self.found[run.value] = [
            (marked[g[0]][0], sum(marked[i][1] for i in g), tuple(dict.fromkeys(f for i in g for f in marked[i][2])))
            for g in groups
        ]
        return [(marked[g[0]][0], marked[g[0]][2][0]) for g in groups if g[0] >= len(known)]


def _goes(motion: Motion, came: Found, way: str) -> bool:
    """Whether a motion that was found so is carried that way."""
    if motion.kind == "settling":
        return came == way
    return motion.period is not None or came in ("starts", way)
