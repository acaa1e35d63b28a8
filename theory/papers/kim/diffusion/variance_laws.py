r"""The variances of SAM around a critical point, as formulas: continuous time and the discrete algorithm.

Along an eigendirection, $dw = -a\,w\,dt + \sqrt{2D}\,dW$ from w = 0 has the variance (D/a)(1 - exp(-2at)). What a and
D are depends on the algorithm and is derived from its update; claims about these formulas are in `variance`, `gap`
and `discrete`, and `numerics` evaluates these very objects.

    sgd            gradient descent with mini-batches
    exact_ascent   SAM whose ascent is computed without noise
    same_batch     SAM with one mini-batch for both gradients, as it is run
    independent    SAM with a mini-batch for each gradient
    printed        Theorem 2: the composed loss's drift, the noise of one gradient
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import sympy as sp

from saddlecheck.theory.papers.standard import GD, SAM, SAM_COMPOSED
from saddlecheck.theory.symbols import B, D, Expr, a, eta, lam, n, real, t

Law = Literal["sgd", "exact_ascent", "same_batch", "independent", "printed"]

q = real("q")  # by what one step multiplies w: 1 - eta a
v = real("v")  # variance of a mini-batch gradient: (weight per unit of eta)^2
DIFFUSION = eta * sp.Abs(lam) / (2 * B)  # D of one mini-batch gradient, (24): weight^2 per unit of t
GRADIENT_VARIANCE = sp.Abs(lam) / B  # v, as (23) has it

VARIANCE = (D / a) * (1 - sp.exp(-2 * a * t))  # a != 0
NEUTRAL_VARIANCE = 2 * D * t  # a = 0
DISCRETE = eta**2 * v * (1 - q ** (2 * n)) / (1 - q**2)  # q^2 != 1
DISCRETE_NEUTRAL = eta**2 * v * n  # q^2 = 1

RATES: Mapping[Law, Expr] = {
    "sgd": GD.rate(),
    "exact_ascent": SAM.rate(),
    "same_batch": SAM.rate(),
    "independent": SAM.rate(),
    "printed": SAM_COMPOSED.rate(),
}
GAINS: Mapping[Law, Expr] = {
    "sgd": GD.noise_gain("same_batch"),
    "exact_ascent": SAM.noise_gain("exact_ascent"),
    "same_batch": SAM.noise_gain("same_batch"),
    "independent": SAM.noise_gain("independent"),
    "printed": sp.S.One,
}


@cache
def in_units_of_d(law: Law) -> Expr:
    """The law with D, the diffusion of one mini-batch gradient, left as a symbol."""
    return VARIANCE.subs({D: GAINS[law] * D, a: RATES[law]}, simultaneous=True)


VARIANCE_LAWS: Mapping[Law, Expr] = {law: in_units_of_d(law).subs(D, DIFFUSION) for law in RATES}
"""law -> variance at time t, in lambda, rho, eta, B, t; a removable singularity where the rate vanishes."""

DISCRETE_VARIANCE: Mapping[Law, Expr] = {
    law: DISCRETE.subs({q: 1 - eta * RATES[law], v: GAINS[law] * GRADIENT_VARIANCE}) for law in RATES
}
"""law -> variance after n steps, in lambda, rho, eta, B, n; a removable singularity where eta a is 0 or 2."""
