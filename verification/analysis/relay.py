r"""Periodic orbits of normalised SAM on a quadratic, with or without momentum, each from its pattern of signs.

Along an eigendirection of curvature L > 0, in units of rho and of L rho, with e = eta L, the gradient descended is
w + sgn(w). So the state z (w, or w and the buffer) moves by z' = A z + sgn(w) b: a linear map driven by a relay. For a
periodic pattern of signs s_1 … s_q it has exactly one periodic response,

    z_1 = (I - A^q)^(-1) (s_1 A^(q-1) b + … + s_q b),

which is an orbit exactly if each w_k has the sign s_k. Near it the pattern stays, so two paths differ by powers of A:
it attracts along L wherever A contracts, which is below gradient descent's edge. With momentum several patterns pass,
and as many orbits attract side by side: + - is the 2-cycle, + + - - is often the one that most starts come to.

Across, along an eigenvalue lambda = r L, the gradient's norm is stationary to first order: at step k a displacement
moves as under gradient descent with the curvature a_k = r + r^2/|w_k|. The orbit attracts across if the product of
the q matrices does, by Jury's conditions on its trace and determinant (claim jury-degree-two).

Numbers are Arb balls: an existence or an attraction that is stated here is proved, for the spectrum that is given.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy as sp

from saddlecheck.theory.engines.enclose import ball, real
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import eta, gamma, tau
from saddlecheck.verification.analysis.dynamics import Floats, step
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal

_BITS = 192
STARTS = 64  # beside the point, at rest
_NEAREST, _FARTHEST = 0.1, 10.0  # of the 2-cycle's half-width: nearer starts all make the same first step
_LOOK, _LOOKS = 240, 16  # steps between two looks at the signs; looks
STEPS = _LOOK * _LOOKS
_LONGEST = _LOOK // 2  # the longest period that can be recognised
_NEAR = 0.05  # of the gradient along an orbit: how small the others are on a path that has come to it
_ASTRAY = 10.0  # radii rho, or widths of the starts: a path that far has left
Signs = tuple[int, ...]


@dataclass(frozen=True)
class Orbit:
    """A periodic orbit along one eigendirection, in units of rho; buffers in units of L rho (0 without momentum).

    Attributes:
        along: the eigenvalue's index in the spectrum.
        word: "attracts", "repels" (a multiplier above 1 of the steps of one period) or "swings" (another outside the
            unit circle), each proved, else "undecided".
        rate: what a step multiplies the distance from it by in the long run.
    """

    along: int
    signs: Signs
    places: tuple[float, ...]
    buffers: tuple[float, ...]
    word: str
    rate: float

    @property
    def period(self) -> int:
        """Steps after which it repeats."""
        return len(self.signs)

    @property
    def half_width(self) -> float:
        """Half of its extent along the direction."""
        return (max(self.places) - min(self.places)) / 2

    @property
    def pattern(self) -> str:
        """Signs as text, such as ++--."""
        return "".join("+" if s > 0 else "-" for s in self.signs)


@dataclass(frozen=True)
class Reached:
    """Where random starts beside the point end on the quadratic: at orbits, away, or at none of these.

    Attributes:
        orbits: with the number of starts, the most reached first.
        extent: largest distance from the point in the last 240 steps of those at none of these, in units of rho.
    """

    orbits: tuple[tuple[Orbit, int], ...]
    left: int
    other: int
    extent: float

    @property
    def total(self) -> int:
        """Number of starts."""
        return sum(count for _, count in self.orbits) + self.left + self.other


def orbit(
    rule: Optimiser, spectrum: Sequence[Interval], along: int, settings: AnalysisSettings, signs: Signs
) -> Orbit | None:
    """The orbit with these signs along one eigendirection, None where its existence is not proved."""
    with flint.ctx.workprec(_BITS):
        L = _ball(spectrum[along])
        e = L * real(decimal(settings.lr))
        A, b = _relay(rule, e, settings, real(Fraction(1)))
        states = _response(A, b, signs)
        if states is None or not all(z[0, 0] * s > 0 for z, s in zip(states, signs, strict=True)):
            return None
        words, rates = [_contracts(A)], [_radius(A)]
        for eigenvalue in (*spectrum[:along], *spectrum[along + 1 :]):
            r, product = _ball(eigenvalue) / L, _identity(A.nrows())
            for z in states[: _half(signs)]:  # |w_k| repeats after a half turn, and the sign of a multiplier is kept
                product = _relay(rule, e, settings, r + r * r / abs(z[0, 0]))[0] * product
            words.append(_contracts(product))
            rates.append(_radius(product) ** (1 / _half(signs)))
        places = tuple(float(z[0, 0].mid()) for z in states)
        buffers = tuple(float(z[1, 0].mid()) if z.nrows() > 1 else 0.0 for z in states)
    word = next((w for w in ("repels", "swings", "undecided") if w in words), "attracts")
    return Orbit(along, signs, places, buffers, word, max(rates))


def reached(rule: Optimiser, spectrum: Sequence[Interval], width: float, settings: AnalysisSettings) -> Reached:
    """Run random starts on the quadratic with this spectrum (ascending); width: of the 2-cycle, in units of rho."""
    ratios = np.array([float(e.middle / spectrum[-1].middle) for e in spectrum])
    lr = float(decimal(settings.lr) * spectrum[-1].middle)
    advance = step(rule, _Quadratic(ratios), rho=1.0, lr=lr, momentum=settings.momentum)
    w = np.random.default_rng(settings.seed).standard_normal((len(ratios), STARTS))
    w *= width * np.geomspace(_NEAREST, _FARTHEST, STARTS) / np.linalg.norm(w, axis=0)
    m = np.zeros_like(w)
    far = _ASTRAY * max(1.0, _FARTHEST * width)
    known: dict[tuple[int, Signs], Orbit | None] = {}
    ends: Counter[tuple[int, Signs]] = Counter()
    left, extent = 0, 0.0
    with np.errstate(all="ignore"):
        for _ in range(_LOOKS):
            track = np.empty((_LOOK, *w.shape))
            for k in range(_LOOK):
                w, m = advance(w, m)
                track[k] = w
            gone = ~(np.linalg.norm(w, axis=0) < far)
            left += int(np.sum(gone))
            keep = ~gone
            for j in np.flatnonzero(~gone):
                slopes = np.abs(ratios * w[:, j])
                along = int(np.argmax(slopes))
                signs = pattern_of(track[:, along, j])
                if signs is None or ratios[along] <= 0:
                    continue
                if (along, signs) not in known:
                    known[along, signs] = orbit(rule, spectrum, along, settings, signs)
                found = known[along, signs]
                # While its signs stay the path moves to the orbit along it; across it has to have come near.
                across = np.linalg.norm(np.delete(slopes, along)) / ratios[along]
                if found is not None and found.word != "repels" and across <= _NEAR * np.min(np.abs(found.places)):
                    ends[along, canonical(signs)] += 1
                    keep[j] = False
            w, m = w[:, keep], m[:, keep]
            extent = float(np.max(np.linalg.norm(track[:, :, keep], axis=1), initial=0.0))
            if not w.shape[1]:
                break
    named = [(orbit(rule, spectrum, along, settings, signs), n) for (along, signs), n in ends.most_common()]
    return Reached(tuple((o, n) for o, n in named if o is not None), left, w.shape[1], extent)


def pattern_of(track: Floats) -> Signs | None:
    """The shortest period of the signs of a coordinate's track, shape (steps,), as it starts; None if there is none."""
    signs = np.sign(track)
    for q in range(1, min(_LONGEST, len(signs) // 2) + 1):
        if np.array_equal(signs[q:], signs[:-q]):
            return tuple(int(s) for s in signs[:q])
    return None


def _half(signs: Signs) -> int:
    """Steps after which the orbit is its own mirror image, the period if it never is."""
    half, odd = divmod(len(signs), 2)
    mirrored = not odd and signs[half:] == tuple(-s for s in signs[:half])
    return half if mirrored else len(signs)


def canonical(signs: Signs) -> Signs:
    """The same orbit started elsewhere, or its mirror image: the pattern that comes first of all of these."""
    turns = [signs[i:] + signs[:i] for i in range(len(signs))]
    return max(turns + [tuple(-s for s in t) for t in turns])


class _Quadratic:
    """The loss sum r_j w_j^2/2 in its eigendirections: a `Surface`."""

    def __init__(self, ratios: Floats) -> None:
        self.n, self._ratios = len(ratios), ratios

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""
        return np.asarray(self._ratios[:, None] * w)

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths)."""
        return np.repeat(np.diag(self._ratios)[:, :, None], w.shape[1], axis=2)


def _relay(rule: Optimiser, e: Any, settings: AnalysisSettings, curvature: Any) -> tuple[Any, Any]:
    """A and b of z' = A z + s b, where the gradient descended is curvature w + s."""
    C = _coefficients(rule.momentum)([e, real(decimal(settings.momentum))], real)
    size = 1 if len(C) == 2 else 2
    rows = [C[i * (size + 1) : (i + 1) * (size + 1)] for i in range(size)]
    A = flint.arb_mat(
        size, size, [row[j] + (row[-1] * curvature if j == 0 else 0) for row in rows for j in range(size)]
    )
    return A, flint.arb_mat(size, 1, [row[-1] for row in rows])


@functools.cache
def _coefficients(momentum: Any) -> Tape:
    """The next state's coefficients in (w, m, g), row by row, from the theory's own momentum; without it in (w, g)."""
    w, m, g = sp.symbols("w m g", real=True)
    if momentum is None:
        return Tape([sp.Integer(1), -eta], (eta, gamma))
    after, buffer = momentum(sp.Matrix([w]), sp.Matrix([m]), sp.Matrix([g]))
    state = [sp.expand(part[0].xreplace({tau: sp.Integer(0)})) for part in (after, buffer)]
    return Tape([sp.diff(part, v) for part in state for v in (w, m, g)], (eta, gamma))


def _response(A: Any, b: Any, signs: Signs) -> list[Any] | None:
    """The periodic states, one before each step; None where I - A^q is not known to be regular."""
    identity = _identity(A.nrows())
    power, drive = identity, b * 0
    for s in signs:
        drive, power = A * drive + b * s, A * power
    try:
        z = (identity - power).solve(drive)
    except ZeroDivisionError:
        return None
    states = []
    for s in signs:
        states.append(z)
        z = A * z + b * s
    return states


def _contracts(matrix: Any) -> str:
    """attracts: all eigenvalues inside the unit circle; repels: one outside; undecided: neither is proved."""
    if matrix.nrows() == 1:
        sides = [1 - matrix[0, 0], 1 + matrix[0, 0]]
    else:
        trace, det = matrix[0, 0] + matrix[1, 1], matrix.det()
        sides = [1 - trace + det, 1 + trace + det, 1 - det]
    if all(side > 0 for side in sides):
        return "attracts"
    if sides[0] < 0:
        return "repels"
    return "swings" if any(side < 0 for side in sides) else "undecided"


def _radius(matrix: Any) -> float:
    """The largest size of an eigenvalue, in floats."""
    rows, columns = matrix.nrows(), matrix.ncols()
    entries = [[float(matrix[i, j].mid()) for j in range(columns)] for i in range(rows)]
    return float(np.max(np.abs(np.linalg.eigvals(entries))))


def _identity(size: int) -> Any:
    return flint.arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


def _ball(e: Interval) -> Any:
    return ball(e.lower, e.upper)
