r"""The discrete algorithms with mini-batch noise, as data: which gradients, which noise, which step.

One step from (w, m), H the Hessian at w where the loss is quadratic, xi and xi' independent mini-batch noises:

    g   = grad l(w) + noise of the ascent            (no ascent for SGD)
    w^p = w + rho g          or w + rho g/|g|        (constant or normalised rho; w^p = w where g = 0)
    g^p = grad l(w^p) + noise of the descent + kappa w
    m'  = gamma m + (1 - tau) g^p,   w' = w - eta m'         (Nesterov: w' = w - eta (g^p + gamma m'))

Laws, by the noise that the two gradients carry:
    sgd            no ascent, xi in the descent
    exact_ascent   none in the ascent, xi in the descent
    same_batch     xi in both
    independent    xi' in the ascent, xi in the descent
The paper writes one equation, (11), for the last three; they have three different variances.
"""

from __future__ import annotations

from dataclasses import dataclass

from saddlecheck.numerics import checks
from saddlecheck.theory.optimisers.force import Force, normalised, plain, sharpness_aware
from saddlecheck.theory.optimisers.momentum import Momentum, heavy_ball, nesterov

LAWS = ("sgd", "exact_ascent", "same_batch", "independent")


@dataclass(frozen=True)
class Algorithm:
    """One optimiser with its settings.

    Args:
        law: "sgd", "exact_ascent", "same_batch" or "independent" (see this module).
        eta: learning rate, > 0.
        rho: weight per gradient (constant), weight (normalised); >= 0.
        gamma: momentum, in [0, 1).
        dampening: tau of the paper's update, in [0, 1); m starts at 0, so it acts from the first step on.
        nesterov: PyTorch's form of Nesterov momentum.
        weight_decay: kappa, added as kappa w to the descent gradient only; >= 0.
        normalised: ascend by rho g/|g|, not by rho g.

    Raises:
        ValueError: outside the domains above, or for an unknown law.

    Example:
        >>> from saddlecheck.numerics import Algorithm
        >>> from saddlecheck.numerics.linear_map import recurrence
        >>> sam = Algorithm("same_batch", eta=0.1, rho=0.5)
        >>> recurrence(sam, [[2.0]], [[1.0]]).transition  # 1 - eta lam (1 + rho lam)
        array([[0.6]])
    """

    law: str
    eta: float
    rho: float = 0.0
    gamma: float = 0.0
    dampening: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    normalised: bool = False

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise ValueError(f"unknown law {self.law!r}: choose one of {', '.join(LAWS)}")
        checks.positive("eta", self.eta)
        checks.at_least("rho", self.rho, 0.0)
        checks.at_least("weight_decay", self.weight_decay, 0.0)
        checks.momentum(self.gamma)
        checks.momentum(self.dampening, "dampening")
        if self.law == "sgd" and self.normalised:
            raise ValueError("sgd has no ascent step to normalise: choose another law or normalised=False")

    @property
    def force(self) -> Force:
        """What a step descends, without noise and weight decay."""
        if self.law == "sgd" or self.rho == 0:
            return plain
        return normalised if self.normalised else sharpness_aware

    @property
    def momentum(self) -> Momentum:
        """What is done with it; heavy ball with gamma = 0 is a plain step."""
        return nesterov if self.nesterov else heavy_ball
