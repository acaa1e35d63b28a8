r"""What an optimiser's paths come to: fixed points, cycles, bands that are not periodic, chaos, or nowhere.

A tail of `TAIL` steps has the period q, the smallest one up to `LONGEST`, if positions q steps apart agree within
`TOLERANCE` of the scale throughout, and so do positions as many whole periods apart as the tail holds (small steps
move little, but do not come back). A tail whose positions some q apart close up, or part, steadily has not settled yet.
What is left is not periodic within that length and tolerance; it is chaotic if nearby paths separate, by the largest
Lyapunov exponent

    (1/TAIL) sum_k log(|z_k - z'_k| / d),   z' set back to the distance d beside z after every step.

Nothing here is a proof: a longer period, or a transient longer than the run, is not told from a band.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.dynamics import Floats, Step

Indices = NDArray[np.intp]
Kind = Literal["fixed point", "cycle", "settling", "not periodic", "chaotic"]
LOOK = 256  # steps between two looks
TAIL, LONGEST = 1024, 64  # steps of a path that are looked at; the longest period that is told from none
TOLERANCE = 1e-7  # of the scale
APART = 1e-9  # of the scale: between two paths whose separation is measured, far below what is told apart
GROWTH = 0.02  # per step: a Lyapunov exponent above is chaos; a mean over TAIL steps is known to a few hundredths
_TIMES = 10  # tolerances by which positions of one period are apart
_NEAR, _PARTS = (
    0.02,
    8,
)  # of the scale: a gap that is smaller and falls, or grows, over so many parts of the tail is on its way
_SAME, _ALIKE = 1e-4, 0.2  # of the scale; of a band's width
_FAR = 1e3  # scales: a path that is farther away has left


@dataclass(frozen=True)
class Motion:
    """What one path came to.

    Attributes:
        kind: see the module; "settling" is on its way to a fixed point or cycle of that period.
        period: in steps, None where there is none.
        points: of a fixed point or cycle its positions in order, else the last `LONGEST`; shape (k, n).
        extent: smallest and largest coordinates over the tail, shape (2, n).
        exponent: largest Lyapunov exponent a step, of a path that is not periodic; else None.
        state: (w, m) at the end, each of shape (n,).
    """

    kind: Kind
    period: int | None
    points: Floats
    extent: Floats
    exponent: float | None
    state: tuple[Floats, Floats]


def settle(
    advance: Step, w: Floats, m: Floats, scale: float, steps: int, deadline: float | None = None, unseen: int = 0
) -> list[Motion | None]:
    """What each path comes to; None for one that leaves, or where time ran out.

    Args:
        advance: (w, m) -> (w', m').
        w: starts, shape (n, k).
        m: buffers, shape (n, k).
        scale: a weight, the size of what is looked at.
        steps: before the tail, at most.
        deadline: of the clock.
        unseen: first steps at which no path counts as having arrived, as an adaptive base forgets its start slowly:
            while v remembers large gradients, its steps are small enough to approach a point that repels. Where it is
            not 0, paths are moved by `APART` before each look, or rounding would hold them there.

    Returns:
        One entry a start.
    """
    return settle_each(lambda _: advance, w, m, scale, steps, deadline, unseen)


def settle_each(
    among: Callable[[Indices], Step], w: Floats, m: Floats, scale: float, steps: int, deadline: float | None = None,
    unseen: int = 0,
) -> list[Motion | None]:  # fmt: skip
    """As `settle`, of paths that differ in a parameter: `among` gives the step of those with these numbers."""
    found: list[Motion | None] = [None] * w.shape[1]
    rng = np.random.default_rng(0)

    def moved(w: Floats) -> Floats:
        return w + APART * scale * rng.standard_normal(w.shape) if unseen else w

    live = np.arange(w.shape[1])
    advance = among(live)
    with np.errstate(all="ignore"):
        for done in range(LOOK, unseen + steps + LOOK, LOOK):
            w, m, track = _run(advance, w, m, LOOK)
            w = moved(w)
            keep = _stays(track, scale)
            for j in np.flatnonzero(keep) if done > unseen else ():
                period = _period(track[:, :, j], scale)
                if period is not None:
                    found[live[j]] = _periodic(track[:, :, j], period, (w[:, j], m[:, j]))
                    keep[j] = False
            if not np.all(keep):
                w, m, live = w[:, keep], m[:, keep], live[keep]
                advance = among(live)
            if not len(live) or over(deadline):
                return found
        parts = []
        for _ in range(TAIL // LOOK):
            w, m, part = _run(advance, moved(w), m, LOOK)
            parts.append(part)
        track = np.concatenate(parts)
        for j in np.flatnonzero(_stays(track, scale)):
            found[live[j]] = _of_tail(track[:, :, j], (w[:, j], m[:, j]), scale)
    _measured(among, found, scale)
    return found


def _run(advance: Step, w: Floats, m: Floats, steps: int) -> tuple[Floats, Floats, Floats]:
    track = np.empty((steps, *w.shape))
    for k in range(steps):
        w, m = advance(w, m)
        track[k] = w
    return w, m, track


def _stays(track: Floats, scale: float) -> Floats:
    """Whether each path ends within `_FAR` scales of 0, shape (k,)."""
    return np.asarray(np.linalg.norm(track[-1], axis=0) <= _FAR * scale)  # nan is not


def _gaps(path: Floats, scale: float) -> Floats:
    """Of each shift 1, …, LONGEST: the largest distance of positions that far apart, in scales; path (steps, n)."""
    return np.array([np.max(np.linalg.norm(path[q:] - path[:-q], axis=1)) for q in range(1, LONGEST + 1)]) / scale


def _period(path: Floats, scale: float) -> int | None:
    """The smallest period, None without one."""
    ends = np.linalg.norm(path[-1] - path[-2 : -2 - LONGEST : -1], axis=1)  # most shifts fail at the last step already
    close = TOLERANCE * scale
    for q in (int(q) for q in 1 + np.flatnonzero(ends <= close)):
        whole = q * ((len(path) - 1) // q)
        apart = np.linalg.norm(path[q:] - path[:-q], axis=1)
        if np.max(apart) <= close and np.linalg.norm(path[-1] - path[-1 - whole]) <= close:
            # Positions a divisor d apart stay apart on an orbit of period q, and close up on the way to a shorter one.
            shorter = any(ends[d - 1] <= _TIMES * close for d in range(1, q) if q % d == 0)
            return None if shorter else q
    return None


def _periodic(path: Floats, period: int, state: tuple[Floats, Floats], kind: Kind | None = None) -> Motion:
    word: Kind = kind or ("fixed point" if period == 1 else "cycle")
    return Motion(word, period, path[-period:], _extent(path[-period:]), None, state)


def _extent(path: Floats) -> Floats:
    return np.stack([path.min(axis=0), path.max(axis=0)])


def _of_tail(path: Floats, state: tuple[Floats, Floats], scale: float) -> Motion:
    """The motion of a path that was not periodic at any look; its exponent is not measured yet."""
    period = _period(path[-LOOK:], scale)
    if period is not None:
        return _periodic(path, period, state)
    gaps = np.stack([_gaps(part, scale) for part in np.split(path, _PARTS)])
    change = np.diff(gaps, axis=0)
    steady = np.all(change < 0, axis=0) | np.all(change > 0, axis=0)
    closing = np.flatnonzero(steady & (gaps[-1] <= _NEAR))
    if len(closing):
        return _periodic(path, int(closing[0]) + 1, state, "settling")
    return Motion("not periodic", None, path[-LONGEST:], _extent(path), None, state)


def _measured(among: Callable[[Indices], Step], found: list[Motion | None], scale: float) -> None:
    """Lyapunov exponents of the motions that are not periodic, filled in."""
    wild = [(k, m) for k, m in enumerate(found) if m is not None and m.kind == "not periodic"]
    if not wild:
        return
    w, m = (np.stack([motion.state[i] for _, motion in wild], axis=1) for i in (0, 1))
    numbers = np.array([k for k, _ in wild])
    exponents = lyapunov(among(np.concatenate([numbers, numbers])), w, m, scale)  # each with the path beside it
    for (k, motion), exponent in zip(wild, exponents, strict=True):
        kind: Kind = "chaotic" if exponent > GROWTH else "not periodic"
        found[k] = replace(motion, kind=kind, exponent=float(exponent))


def lyapunov(advance: Step, w: Floats, m: Floats, scale: float, steps: int = TAIL) -> Floats:
    """Largest Lyapunov exponent a step of each path, shape (k,), from states w, shape (n, k), and m, shape (j, k)."""
    d = APART * scale
    rng = np.random.default_rng(0)
    n, k = w.shape
    beside = np.concatenate([rng.standard_normal(w.shape), np.zeros_like(m)])
    if m.shape == w.shape and np.any(m):  # not without a momentum; the memory of a base is moved by the weights
        beside[n:] = rng.standard_normal(m.shape)
    beside *= d / np.sqrt(np.sum(beside**2, axis=0))
    total = np.zeros(k)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            both_w, both_m = advance(np.concatenate([w, w + beside[:n]], 1), np.concatenate([m, m + beside[n:]], 1))
            w, m = both_w[:, :k], both_m[:, :k]
            beside = np.concatenate([both_w[:, k:] - w, both_m[:, k:] - m])
            size = np.maximum(np.sqrt(np.sum(beside**2, axis=0)), 1e-300)
            total += np.log(size / d)
            beside *= d / size
    return np.asarray(total / steps)


def distinct(motions: Sequence[Motion], scale: float) -> list[list[int]]:
    """Indices of motions that are the same, together: by kind, period and place; bands by their extents."""
    groups: list[list[int]] = []
    for k, motion in enumerate(motions):
        home = next((g for g in groups if _same(motions[g[0]], motion, scale)), None)
        if home is None:
            groups.append([k])
        else:
            home.append(k)
    return groups


def _same(a: Motion, b: Motion, scale: float) -> bool:
    if a.period != b.period or (a.kind != b.kind and "settling" not in (a.kind, b.kind)):
        return False
    if a.period is None:
        width = max(float(np.max(a.extent[1] - a.extent[0])), _SAME * scale)
        return bool(np.max(np.abs(a.extent - b.extent)) <= _ALIKE * width)
    return bool(np.min(np.linalg.norm(b.points - a.points[0], axis=1)) <= _SAME * scale)
