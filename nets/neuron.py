r"""The toy neuron of Figure 7: f(x) = w2 (w1 x)^2 on x = 1 with labels -1 and 2, thousands of seeds at once.

The expected squared error is l(w) = 9/4 + (p - 1/2)^2 with p = w2 w1^2. Its minima fill the curve p = 1/2 (loss
2.25). The line w1 = 0 (loss 2.5) is critical too: for w2 > 0 its Hessian is diag(-2 w2, 0), a line of degenerate
saddles; for w2 < 0 it is diag(2 |w2|, 0), a line of local minima.

Which algorithm is meant: the gradient of one mini-batch is used for the ascent and for the descent (paper's
equations (5) and (6)); batch=None is the expected loss itself, without noise.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from saddlecheck.nets import neuron_kernel
from saddlecheck.nets.neuron_settings import EPS, Floats, Settings

# End states, fixed before any run. By p = w2 w1^2, whose loss is 9/4 + (p - 1/2)^2: |p - 1/2| <= 0.25 is a loss within
# 1/16 of the minimum's. By distance from the line: a tenth of the starts' half-width 0.1, plus one step of normalised
# SAM from the line, which perturbs to (rho, w2) and meets there a gradient of at most 8 |w2| rho.
NEAR_MINIMUM, NEAR_LINE = 0.25, 0.01
STATES = ("minimum", "saddle line", "local-minimum line", "elsewhere", "diverged")


@dataclass(frozen=True)
class EndStates:
    """Where the seeds ended: `w1`, `w2`, shape (seeds,), and what they amount to."""

    settings: Settings
    w1: Floats = field(repr=False)
    w2: Floats = field(repr=False)

    @property
    def loss(self) -> Floats:
        """Expected loss of each seed, shape (seeds,); infinite where it diverged."""
        with np.errstate(over="ignore", invalid="ignore"):
            loss = 2.25 + (self.w2 * self.w1**2 - 0.5) ** 2
        return np.where(np.isfinite(loss), loss, np.inf)

    @property
    def states(self) -> NDArray[np.str_]:
        """The class of each seed, one of STATES, shape (seeds,)."""
        with np.errstate(over="ignore", invalid="ignore"):
            p = self.w2 * self.w1**2
            s = self.settings
            jitter = 8.0 * s.eta * s.rho * np.abs(self.w2) if s.rule == "sam_normalised" else 0.0
            on_the_line = np.abs(self.w1) <= NEAR_LINE + jitter
        line = np.where(self.w2 >= 0.0, "saddle line", "local-minimum line")
        conditions = [~np.isfinite(self.loss), np.abs(p - 0.5) <= NEAR_MINIMUM, on_the_line]
        return np.select(conditions, ["diverged", "minimum", line], "elsewhere")

    def fractions(self, level: float = 0.95) -> dict[str, tuple[float, float, float]]:
        """Class -> (fraction of seeds, lower and upper end of its Wilson interval)."""
        from saddlecheck.numerics.statistics import wilson_interval

        found, n = self.states, len(self.w1)
        counts = {state: int((found == state).sum()) for state in STATES}
        return {state: (k / n, *wilson_interval(k, n, level)) for state, k in counts.items()}

    def mean_loss(self, level: float = 0.95) -> tuple[float, float, float]:
        """Mean loss over the seeds and its normal interval; all infinite when a seed diverged."""
        from statistics import NormalDist

        mean = float(self.loss.mean())
        if not math.isfinite(mean):
            return math.inf, math.inf, math.inf
        half = NormalDist().inv_cdf(0.5 + level / 2) * float(self.loss.std(ddof=1)) / math.sqrt(len(self.loss))
        return mean, mean - half, mean + half

    def summary(self) -> dict[str, object]:
        """JSON data: settings, fractions with intervals, mean loss."""
        mean = self.mean_loss()
        return {
            **asdict(self.settings),
            "fractions": {k: [round(x, 6) for x in v] for k, v in self.fractions().items()},
            "mean_loss": [round(x, 6) for x in mean] if math.isfinite(mean[0]) else None,
        }


def run(settings: Settings, *, engine: Literal["compiled", "autograd"] = "compiled") -> EndStates:
    """Train every seed and say where it ended.

    Args:
        settings: the experiment.
        engine: `compiled` has the gradient by hand; `autograd` is the referee: a torch module, same numbers.
    """
    w1, w2, counts = draws(settings.first_seed, settings.seeds, settings.steps, settings.batch)
    b = settings.batch
    labels = np.array([0.5]) if b is None else (3.0 * np.arange(b + 1) - b) / b
    if engine == "autograd":
        from saddlecheck.nets import neuron_autograd

        return EndStates(settings, *neuron_autograd.train(settings, w1, w2, labels[counts]))
    w1, w2 = w1.copy(), w2.copy()
    normalised = settings.rule == "sam_normalised"
    s = settings
    neuron_kernel.train(w1, w2, counts, labels, s.eta, s.rho, EPS, s.gamma, normalised)
    return EndStates(settings, w1, w2)


@lru_cache(maxsize=2)
def draws(first: int, seeds: int, steps: int, batch: int | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """Starts w1, w2, shape (seeds,), and label counts, shape (seeds, steps); seed i depends on i alone.

    Experiments that share a batch size share these numbers: their differences are differences of the algorithm.
    """
    w1, w2 = np.empty(seeds), np.empty(seeds)
    counts = np.zeros((seeds, steps), dtype=np.uint8)
    for i in range(seeds):
        rng = np.random.Generator(np.random.Philox(key=first + i))
        w1[i], w2[i] = rng.uniform(-0.1, 0.1), rng.uniform(0.0, 1.0)
        if batch is not None:
            bits = np.unpackbits(np.frombuffer(rng.bytes((steps * batch + 7) // 8), dtype=np.uint8))
            counts[i] = bits[: steps * batch].reshape(steps, batch).sum(axis=1, dtype=np.uint8)
    return w1, w2, counts
