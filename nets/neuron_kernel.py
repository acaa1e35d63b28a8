"""The toy neuron's training compiled: blocks of seeds side by side, the gradient by hand.

With p = w2 w1^2 and the mean label y of the batch, the batch loss is (p - y)^2 + const, so that
    dl/dw1 = 2 (p - y) 2 w2 w1,    dl/dw2 = 2 (p - y) w1^2.
Seeds do not interact: the numbers do not depend on how many of them run, nor on the order. One seed's step waits for
the last one, so that a block of seeds takes each step together, in vector registers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

LANES = 64  # seeds a block
ONES = np.array([value.bit_count() for value in range(256)], np.uint8)  # set bits of a byte
CHUNK = 64  # steps whose labels are laid out at once: 32 KiB

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
    a, b, m1, m2 = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES)
    y = np.empty((CHUNK, LANES))
    for first in range(0, seeds, LANES):
        n = min(LANES, seeds - first)
        for i in range(LANES):  # a short block repeats its last seed
            s = first + min(i, n - 1)
            a[i], b[i], m1[i], m2[i] = w1[s], w2[s], 0.0, 0.0
        for start in range(0, steps, CHUNK):
            length = min(CHUNK, steps - start)
            for i in range(LANES):
                s = first + min(i, n - 1)
                for t in range(length):
                    y[t, i] = labels[counts[s, start + t]]
            for t in range(length):
                _step(a, b, m1, m2, y[t], eta, rho, eps, gamma, normalised)
        w1[first : first + n], w2[first : first + n] = a[:n], b[:n]


@njit(nogil=True, error_model="numpy", fastmath=False, inline="always")
def _step(a, b, m1, m2, y, eta, rho, eps, gamma, normalised):  # type: ignore[no-untyped-def]
    """One step of a block."""
    for i in range(LANES):
        d = 2.0 * (b[i] * a[i] * a[i] - y[i])
        g1, g2 = d * 2.0 * b[i] * a[i], d * a[i] * a[i]
        r = rho
        if normalised:
            r = rho / (math.sqrt(g1 * g1 + g2 * g2) + eps)
        ap, bp = a[i] + r * g1, b[i] + r * g2
        d = 2.0 * (bp * ap * ap - y[i])
        m1[i] = gamma * m1[i] + d * 2.0 * bp * ap
        m2[i] = gamma * m2[i] + d * ap * ap
        a[i] -= eta * m1[i]
        b[i] -= eta * m2[i]


@njit(cache=True, nogil=True)
def count(raw, batch, counts):  # type: ignore[no-untyped-def]
    """How many of each `batch` successive bits are set, into `counts`, uint8 of shape (steps,).

    Args:
        raw: the bits, a byte's highest first, as `numpy.unpackbits` has them; uint8.
        batch: bits a step.
        counts: is filled.
    """
    whole, byte, before = 0, 0, 0  # bits set in the bytes that are done; their number; bits set until the last step
    for t in range(len(counts)):
        end = (t + 1) * batch
        while byte < end >> 3:
            whole += ONES[raw[byte]]
            byte += 1
        rest = end & 7
        now = whole
        if rest:
            now += ONES[raw[byte] >> (8 - rest)]
        counts[t] = now - before
        before = now
