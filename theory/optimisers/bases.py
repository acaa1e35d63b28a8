r"""Adaptive bases: Adam, AdamW, RMSprop and Lion, each written once, for floats and symbols alike.

A base takes the direction g(w) of a force, as torch's optimiser of that name takes a gradient. Adam keeps means m and v
of g and of g^2 and steps along $\hat m/(\sqrt{\hat v} + \epsilon)$. Two distances matter beside a critical point:

- where |g| is well below epsilon, sqrt(v) is too: it is at most the largest |g| of the past. There the quotient is
  m/epsilon but for a relative part sqrt(v)/epsilon. In the coordinates (w, m, sqrt(v)) the step is Lipschitz, that part
  is of second order, and (w, m) follows a linear map: heavy ball of momentum beta1 at the learning rate
  lr (1 - beta1)/epsilon (`Rest`). The bias correction tends to 1 geometrically, so it moves no multiplier.
- farther out the step is of the order of lr whatever the size of g, as it is with epsilon = 0.

Let b = beta1, w' = c w - lr s with c = 1 - lr kappa and |s| <= U at every step, along one coordinate with g = p w and
p > 0. Once w has crossed 0 it stays within B = lr U (1 + b c/((1 - b)(c - b))), for c > b. Proof. Let w_i <= 0 be the
last such before a peak w_k > lr U. Then w_{k-1} > 0 and s < 0, so m < 0 there: (1 - b) p w_{k-1} <= b |m_i|. From
c |w_i| <= lr U backwards, |w_{i-j}| <= lr U (1/c + ... + 1/c^{j+1}), so |m_i| <= p lr U/(c - b); and w_k <= c w_{k-1}
+ lr U. Lion's sign is that of b m + (1 - b) g with a mean m of its own beta2: B = lr (1 + b c/((1 - b)(c - beta2))).
By Cauchy and Schwarz Adam's m^2 is at most (1 - b)^2/((1 - beta2)(1 - b^2/beta2)) v, for b^2 < beta2, and the bias
correction multiplies m/sqrt(v) by at most 1/sqrt(1 - b) for beta2 >= b.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import sympy as sp


@dataclass(frozen=True)
class Rest:
    """What a base does where sqrt(v) is well below epsilon: heavy ball of `momentum` at the rate `factor` times lr."""

    momentum: Any
    epsilon: Any

    @property
    def factor(self) -> Any:
        """(1 - momentum)/epsilon: heavy ball's buffer is m/(1 - momentum)."""
        return (1 - self.momentum) / self.epsilon


@dataclass(frozen=True, kw_only=True)
class Base(ABC):
    """What is done with a direction g(w), with a memory of one number a weight for each name in `kept`.

    Attributes:
        lr: learning rate, a weight; None for that of the analysis.
        kept: what it remembers, zero at the start.
        claims: ids of the theorems on it.

    Raises:
        ValueError: a setting outside its domain.
    """

    lr: Any = None
    id: ClassVar[str]
    title: ClassVar[str]
    kept: ClassVar[tuple[str, ...]]
    claims: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for name, value in ((f.name, getattr(self, f.name)) for f in fields(self)):
            if name == "betas" and not (isinstance(value, tuple | list) and len(value) == 2):
                raise ValueError(f"betas is {value!r}; it has to be a pair of numbers in [0, 1).")
            if name in ("betas", "alpha"):
                for part in value if name == "betas" else (value,):
                    _checked(name, part, 0, 1)
            elif name != "lr" or value is not None:
                _checked(name, value, 0, math.inf, zero=name == "weight_decay")

    @abstractmethod
    def step(self, w: Any, memory: Any, g: Any, lr: Any, t: Any, /) -> tuple[Any, tuple[Any, ...]]:
        """The next weights and memory.

        Args:
            w: weights; floats of shape (n,) or (n, paths), or a column of expressions.
            memory: for each name in `kept` an array like w.
            g: the direction, like w.
            lr: learning rate.
            t: number of this step, 1 for the first, shape () or (paths,); math.inf where the start is forgotten.
        """

    @property
    def rest(self) -> Rest | None:
        """The linear map beside a critical point; None where the step never becomes linear."""
        return None

    @property
    def decay(self) -> Any:
        """Kappa of the decay that is decoupled from the gradient: w is first multiplied by 1 - lr kappa."""
        return getattr(self, "weight_decay", 0)

    @abstractmethod
    def reach(self, lr: float) -> float:
        """B of the module: how far from 0 a coordinate with a positive rate stays; infinite where none is known."""


@dataclass(frozen=True, kw_only=True)
class Adam(Base):
    """`torch.optim.Adam` without its weight decay, which is a term of the loss.

    Example:
        >>> from saddlecheck.theory import Adam
        >>> Adam(betas=(0.9, 0.999), eps=1e-8).rest
        Rest(momentum=0.9, epsilon=1e-08)
    """

    betas: tuple[Any, Any] = (0.9, 0.999)
    eps: Any = 1e-8
    id: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    kept: ClassVar[tuple[str, ...]] = ("m", "v")
    claims: ClassVar[tuple[str, ...]] = ("adam-rest", "sam-adam-trapped")

    def step(self, w: Any, memory: Any, g: Any, lr: Any, t: Any, /) -> tuple[Any, tuple[Any, ...]]:
        """As torch has it, with bias correction."""
        (m, v), (b1, b2) = memory, self.betas
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * (g * g)
        first, second = (1, 1) if t is math.inf else (1 - b1**t, 1 - b2**t)
        return (1 - lr * self.decay) * w - lr * (m / first) / (np.sqrt(v / second) + self.eps), (m, v)

    @property
    def rest(self) -> Rest:
        """Heavy ball."""
        return Rest(self.betas[0], self.eps)

    def reach(self, lr: float) -> float:
        """With the largest step U from the inequality of Cauchy and Schwarz."""
        b, second = self.betas
        if not b <= second or not (b * b < second or b == 0):
            return math.inf
        largest = (1 - b) / math.sqrt((1 - second) * (1 - (b * b / second if b else 0))) / math.sqrt(1 - b)
        return float(lr * largest * _overshoot(b, b, 1 - lr * self.decay))


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """`torch.optim.AdamW`: Adam with a weight decay that is decoupled from the gradient.

    Example:
        >>> from saddlecheck.theory import AdamW
        >>> w, (m, v) = AdamW(betas=(0.0, 0.0), eps=0.5, weight_decay=0.1).step(1.0, (0.0, 0.0), 2.0, 0.1, 1)
        >>> round(float(w), 6), m, v  # (1 - 0.1 0.1) - 0.1 2/(2 + 0.5)
        (0.91, 2.0, 4.0)
    """

    weight_decay: Any = 0.01
    id: ClassVar[str] = "adamw"
    title: ClassVar[str] = "AdamW"
    claims: ClassVar[tuple[str, ...]] = (*Adam.claims, "adamw-rest-point")


@dataclass(frozen=True, kw_only=True)
class RMSprop(Base):
    """`torch.optim.RMSprop`, not centred and without momentum.

    Example:
        >>> from saddlecheck.theory import RMSprop
        >>> round(RMSprop(alpha=0.99).reach(0.01), 12)  # the largest step: lr/sqrt(1 - alpha)
        0.1
    """

    alpha: Any = 0.99
    eps: Any = 1e-8
    id: ClassVar[str] = "rmsprop"
    title: ClassVar[str] = "RMSprop"
    kept: ClassVar[tuple[str, ...]] = ("v",)
    claims: ClassVar[tuple[str, ...]] = ("adam-rest", "sam-adam-trapped", "rmsprop-bounded")

    def step(self, w: Any, memory: Any, g: Any, lr: Any, _t: Any, /) -> tuple[Any, tuple[Any, ...]]:
        """As torch has it."""
        v = self.alpha * memory[0] + (1 - self.alpha) * (g * g)
        return w - lr * g / (np.sqrt(v) + self.eps), (v,)

    @property
    def rest(self) -> Rest:
        """Plain descent."""
        return Rest(0, self.eps)

    def reach(self, lr: float) -> float:
        """A step is at most lr/sqrt(1 - alpha), as v >= (1 - alpha) g^2."""
        return float(lr / math.sqrt(1 - self.alpha))


@dataclass(frozen=True, kw_only=True)
class Lion(Base):
    """Lion (Chen and others 2023): a step of lr along the sign of an interpolated mean of past directions.

    Example:
        >>> from saddlecheck.theory import Lion
        >>> w, _ = Lion(betas=(0.9, 0.99)).step(1.0, (0.5,), -1.0, 0.1, 1)
        >>> round(float(w), 6)  # along the sign of 0.9 0.5 - 0.1 1
        0.9
    """

    betas: tuple[Any, Any] = (0.9, 0.99)
    weight_decay: Any = 0.0
    id: ClassVar[str] = "lion"
    title: ClassVar[str] = "Lion"
    kept: ClassVar[tuple[str, ...]] = ("m",)
    claims: ClassVar[tuple[str, ...]] = ("lion-two-cycles",)

    def step(self, w: Any, memory: Any, g: Any, lr: Any, _t: Any, /) -> tuple[Any, tuple[Any, ...]]:
        """Decay, then the sign of beta1 m + (1 - beta1) g, then m' = beta2 m + (1 - beta2) g."""
        (m,), (b1, b2) = memory, self.betas
        return (1 - lr * self.decay) * w - lr * np.sign(b1 * m + (1 - b1) * g), (b2 * m + (1 - b2) * g,)

    def reach(self, lr: float) -> float:
        """A step is at most lr."""
        return lr * _overshoot(*self.betas, 1 - lr * self.decay)


def _overshoot(b: Any, mean: Any, c: Any) -> float:
    """B over the largest step: 1 + b c/((1 - b)(c - mean)), `mean` being the decay of the mean m."""
    return math.inf if c <= mean else float(1 + b * c / ((1 - b) * (c - mean)))


def _checked(name: str, value: Any, low: float, high: float, *, zero: bool = True) -> None:
    if isinstance(value, sp.Basic):
        return  # a symbol, for derivations
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    zero = zero and name not in ("eps", "lr")
    if not number or not (low <= value < high) or (value == 0 and not zero):
        meant = "in [0, 1)" if high == 1 else "0 or positive" if zero else "positive"
        raise ValueError(f"{name} is {value!r}; it has to be a number, {meant}.")


BASES: Mapping[str, type[Base]] = {b.id: b for b in (Adam, AdamW, RMSprop, Lion)}
