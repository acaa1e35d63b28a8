r"""The toy neuron of Figure 7: f(x) = w2 (w1 x)^2 on x = 1 with labels -1 and 2, thousands of seeds together.

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
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from saddlecheck.nets import neuron_kernel

Rule = Literal["sgd", "sam", "sam_normalised"]
Floats = NDArray[np.float64]
EPS = 1e-12  # the constant of saddlecheck.nets.sam.SAM
# End states, fixed before any run. By p = w2 w1^2, whose loss is 9/4 + (p - 1/2)^2: |p - 1/2| <= 0.25 is a loss within
# 1/16 of the minimum's. By distance from the line: a tenth of the starts' half-width 0.1, plus one step of normalised
# SAM from the line, which perturbs to (rho, w2) and meets there a gradient of at most 8 |w2| rho.
NEAR_MINIMUM, NEAR_LINE = 0.25, 0.01
_WORDS = {bits: np.dtype(f"u{bits // 8}") for bits in (8, 16, 32, 64)}  # batches that fill a word of the draws
STATES = ("minimum", "saddle line", "local-minimum line", "elsewhere", "diverged")


@dataclass(frozen=True)
class NeuronSettings:
    """One experiment with the toy neuron.

    Attributes:
        rule: plain gradient, constant rho, or normalised rho.
        eta: learning rate.
        rho: weight per gradient (constant) or weight (normalised).
        batch: samples a step, up to 64; None for the expected loss.
        gamma: momentum.
        steps: updates.
        seeds: how many, from `first_seed` on; seed i starts at w1 ~ U[-0.1, 0.1], w2 ~ U[0, 1].

    Raises:
        ValueError: a value outside its domain.
    """

    rule: Rule = "sgd"
    eta: float = 0.003
    rho: float = 0.0
    batch: int | None = 1
    gamma: float = 0.0
    steps: int = 10_000
    seeds: int = 1_000
    first_seed: int = 0

    def __post_init__(self) -> None:
        if self.rule not in get_args(Rule):
            raise ValueError(f"rule is one of {', '.join(get_args(Rule))}, got {self.rule!r}.")
        if not 0.0 < self.eta < math.inf:
            raise ValueError(f"the learning rate eta is a finite number > 0, got {self.eta}.")
        if not 0.0 <= self.rho < math.inf:
            raise ValueError(f"rho is a finite number >= 0, got {self.rho}.")
        if self.rule == "sgd" and self.rho != 0.0:
            raise ValueError(f"plain SGD has no rho, got {self.rho}: name the rule sam or sam_normalised.")
        if not 0.0 <= self.gamma < 1.0:
            raise ValueError(f"the momentum gamma lies in [0, 1), got {self.gamma}.")
        if self.batch is not None and not 1 <= self.batch <= 64:
            raise ValueError(f"a batch holds 1 to 64 samples, or None for the expected loss; got {self.batch}.")
        if self.steps < 1 or self.seeds < 1 or self.first_seed < 0:
            raise ValueError(f"steps and seeds are at least 1, got {self.steps} and {self.seeds}.")


@dataclass(frozen=True)
class EndStates:
    """Where the seeds ended: `w1`, `w2`, shape (seeds,), and what they amount to."""

    settings: NeuronSettings
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


def run(settings: NeuronSettings) -> EndStates:
    """Train every seed and say where it ended."""
    s = settings
    w1, w2, counts = draws(s.first_seed, s.seeds, s.steps, s.batch)
    w1, w2 = w1.copy(), w2.copy()
    neuron_kernel.train(w1, w2, counts, labels(s.batch), s.eta, s.rho, EPS, s.gamma, s.rule == "sam_normalised")
    return EndStates(s, w1, w2)


def labels(batch: int | None) -> Floats:
    """Mean label of a batch by the number of its labels that are 2, shape (batch + 1,); without noise the mean, 1/2."""
    return np.array([0.5]) if batch is None else (3.0 * np.arange(batch + 1) - batch) / batch


@lru_cache(maxsize=2)
def draws(first: int, seeds: int, steps: int, batch: int | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """Starts w1, w2, shape (seeds,), and label counts, shape (seeds, steps); seed i depends on i alone.

    Experiments that share a batch size share these numbers: their differences are differences of the algorithm.

    Returns:
        (w1, w2, counts); the counts are uint8, all 0 for the expected loss.
    """
    w1, w2 = np.empty(seeds), np.empty(seeds)
    counts = np.zeros((seeds, steps), dtype=np.uint8)
    words = 0 if batch is None else -(-steps * batch // 64)
    generator = np.random.Philox(key=0)
    rng, state = np.random.Generator(generator), generator.state
    for i in range(seeds):
        state["state"]["key"][0] = first + i  # a new key in the old generator: making one takes longer than its draws
        generator.state = state
        w1[i], w2[i] = rng.random(2)
        if batch is not None:
            raw = generator.random_raw(words).astype("<u8", copy=False)  # the bytes that rng.bytes would give
            if batch == 1:
                counts[i] = np.unpackbits(raw.view(np.uint8), count=steps)
            elif batch in _WORDS:
                counts[i] = np.bitwise_count(raw.view(_WORDS[batch])[:steps])
            else:
                neuron_kernel.count(raw.view(np.uint8), batch, counts[i])
    w1 = -0.1 + 0.2 * w1
    return w1, w2, counts
