"""Settings of an analysis: checked on entry, and read as the decimals they print as."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import gamma, kappa, rho, tau

# Settings beyond these are refused: products of a few of them would leave the range of floats.
SMALLEST, LARGEST = 1e-60, 1e60
Noise = Literal["additive", "multiplicative"]
INSIDE = {"json": "inside"}  # marks a field that is not in the JSON
# What the table shows; the JSON holds every rule of `saddlecheck.verification.analysis.stability`.
SHOWN = ("gd", "sam", "sam_normalised", "heavy_ball_sam")


@dataclass(frozen=True)
class AnalysisSettings:
    """Settings of the optimisers and of the self-check.

    Args:
        rho: SAM's radius, weight per gradient (constant) or weight (normalised), >= 0.
        lr: eta, > 0.
        momentum: gamma, in [0, 1).
        batch: mini-batch size, None without noise.
        noise: additive (covariance |H|/B, the paper's (23)) or multiplicative (mini-batches differ in curvature).
        spread: of multiplicative noise, a single sample's curvature has the deviation spread |lambda|.
        radius: of the ball whose escape time is given, a weight.
        weight_decay: kappa >= 0.
        optimisers: ids to judge, None for all.
        starts: random starts a distance, 0 for no simulation.
        steps: of the self-check, at most, five times as many at a degenerate point.
        seed: of the starts.
        own: optimisers that are not this project's, to be judged too.
        schedule: learning rates, one a step, shape (steps,); None without.

    Raises:
        ValueError: a value outside its domain.
    """

    rho: float
    lr: float
    momentum: float = 0.0
    batch: float | None = None
    radius: float = 1.0
    weight_decay: float = 0.0
    optimisers: tuple[str, ...] | None = field(default=None, metadata=INSIDE)
    starts: int = 20
    steps: int = 4000
    seed: int = 0
    noise: Noise = "additive"
    spread: float = 1.0
    own: tuple[Optimiser, ...] = field(default=(), metadata=INSIDE)
    schedule: NDArray[np.float64] | None = field(default=None, compare=False, metadata=INSIDE)

    def __post_init__(self) -> None:
        _number("rho", self.rho, "0 or a radius", zero=True)
        _number("lr", self.lr, "a step size")
        _number("momentum", self.momentum, "in [0, 1)", low=0.0, high=1.0)
        _number("weight_decay", self.weight_decay, "0 or a number", zero=True)
        _number("radius", self.radius, "a distance")
        if self.batch is not None:
            _number("batch", self.batch, "a number of samples", low=1.0)
        if self.noise not in get_args(Noise):
            raise ValueError(f"noise is {self.noise!r}; it has to be {' or '.join(get_args(Noise))}.")
        _number("spread", self.spread, "a number of curvatures")
        if self.starts < 0 or self.steps < 1:
            raise ValueError(f"starts is {self.starts} and steps {self.steps}; give starts >= 0 and steps >= 1.")

    @property
    def exact_decay(self) -> sp.Rational:
        """Weight decay as an exact SymPy number."""
        value = decimal(self.weight_decay)
        return sp.Rational(value.numerator, value.denominator)

    @property
    def exact(self) -> dict[object, Fraction]:
        """The values of the theory's symbols but eta and lambda, as the decimals that were written."""
        return {
            rho: decimal(self.rho),
            gamma: decimal(self.momentum),
            tau: Fraction(0),
            kappa: decimal(self.weight_decay),
        }


def decimal(value: float) -> Fraction:
    """0.1 as 1/10: what the user wrote, not the binary number nearest to it."""
    return Fraction(repr(float(value)))


def as_float(value: Fraction) -> float:
    """The nearest float, infinity where the number lies beyond them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _number(
    name: str, value: float, meant: str, *, low: float = SMALLEST, high: float = LARGEST, zero: bool = False
) -> None:
    fine = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not fine or not (low <= value < high or (zero and value == 0)):
        bounds = "" if high == 1.0 else f" from {low:g} up to {high:g}"
        raise ValueError(f"{name} is {value}; it has to be {meant}{bounds}.")
