r"""The 2-cycle of Adam and RMSprop about a point, one coordinate at a time, and whether it attracts.

Beyond the edge lr = 2 epsilon (1 + beta1)/((1 - beta1) p) the rest point of a coordinate with the rate p > 0 repels,
and w alternates between A and -A with A = lr (1 - beta1)/(2 (1 + beta1)) - epsilon/p (claim adam-two-cycle). One step
followed by a change of sign has this as a fixed point, with the characteristic polynomial

    (z - 1)(z - beta1)(z - beta2) + 2 theta (1 - beta2) z (z + beta1),   theta = 1 - edge/lr,

whose roots lie inside the unit circle exactly if 2 theta beta1 (1 + beta2) < (1 - beta1)(1 - beta1 beta2) (claim
adam-cycle-attracts): for RMSprop, beta1 = 0, always; for the usual betas of Adam only just beyond the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SLACK = 1e-9  # relative: what the rates, in floats, may err by a thousand times over


@dataclass(frozen=True)
class TwoCycle:
    """Half-width of the cycle, a weight, and what a step multiplies the distance from it by in the long run."""

    half_width: float
    rate: float


def edge(betas: tuple[float, float], eps: float, rate: float) -> float:
    """The learning rate below which a coordinate of this rate > 0 comes to rest."""
    return 2 * eps * (1 + betas[0]) / ((1 - betas[0]) * rate)


def two_cycle(betas: tuple[float, float], eps: float, rates: Sequence[float], lr: float) -> TwoCycle | None:
    """The cycle on which each coordinate beyond its edge alternates and the others rest; None where it repels.

    Args:
        betas: decays of the two means.
        eps: epsilon.
        rates: of the coordinates, positive.
        lr: learning rate.

    Returns:
        The cycle; None also where rounding does not tell.
    """
    b1, b2 = betas
    widths, multipliers = [], []
    for p in rates:
        share = 1 - edge(betas, eps, p) / lr
        if abs(share) <= _SLACK:
            return None
        if share < 0:
            multipliers += list(np.abs(np.roots([1, -(1 + b1 - lr * (1 - b1) * p / eps), b1])))
            continue
        if 2 * share * b1 * (1 + b2) >= (1 - b1) * (1 - b1 * b2) * (1 - _SLACK):
            return None
        widths.append(share * lr * (1 - b1) / (2 * (1 + b1)))
        turned = np.polyadd(np.poly([1, b1, b2]), 2 * share * (1 - b2) * np.array([1, b1, 0]))
        multipliers += list(np.abs(np.roots(turned)))
    return TwoCycle(float(np.linalg.norm(widths)), float(max(multipliers)))
