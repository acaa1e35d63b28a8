"""The toy neuron's training compiled: every seed and every step in one loop, the gradient by hand.

With p = w2 w1^2 and the mean label y of the batch, the batch loss is (p - y)^2 + const, so that
    dl/dw1 = 2 (p - y) 2 w2 w1,    dl/dw2 = 2 (p - y) w1^2.
Seeds do not interact: the numbers do not depend on how many of them run, nor on the order.
"""

from __future__ import annotations

from numba import njit

# One rounding is all that a fused multiply-add changes, but the referee in torch has none: keep IEEE arithmetic.


@njit(cache=True, nogil=True, error_model="numpy", fastmath=False)
def train(w1, w2, counts, labels, eta, rho, eps, gamma, normalised):  # type: ignore[no-untyped-def]  # numba infers the types
    """Train all seeds in place.

    Args:
        w1: float64, shape (seeds,): start, and after the call the end.
        w2: the same.
        counts: uint8, shape (seeds, steps): how many of a batch's labels are 2.
        labels: float64, shape (B + 1,): the mean label that a count stands for.
        eta: learning rate, weight per gradient.
        rho: radius; weight per gradient, or weight if normalised.
        eps: added to the gradient's norm if normalised.
        gamma: momentum.
        normalised: divide the perturbation by the gradient's norm.
    """
    seeds, steps = counts.shape
    for s in range(seeds):
        a, b, m1, m2 = w1[s], w2[s], 0.0, 0.0
        for t in range(steps):
            y = labels[counts[s, t]]
            d = 2.0 * (b * a * a - y)
            g1, g2 = d * 2.0 * b * a, d * a * a
            r = rho
            if normalised:
                r = rho / ((g1 * g1 + g2 * g2) ** 0.5 + eps)
            ap, bp = a + r * g1, b + r * g2
            d = 2.0 * (bp * ap * ap - y)
            m1 = gamma * m1 + d * 2.0 * bp * ap
            m2 = gamma * m2 + d * ap * ap
            a -= eta * m1
            b -= eta * m2
        w1[s], w2[s] = a, b
