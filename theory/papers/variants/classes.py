r"""One step of SAM on every loss of a class, through the inequalities that define the class.

A step is described by five numbers: the loss f before and f' after it, the norm G of the gradient g, the product P of
g with the perturbed gradient p, and Q = |p|^2. What a class says of them:
- $\beta$-smooth: $f' \le f - \eta P + \eta^2\beta Q/2$ (the descent lemma along the step) and
  $Q - 2P + G^2 \le \beta^2 r^2 G^2$ (the gradient's Lipschitz constant along the ascent r g);
- convex as well: $Q - 2P + G^2 \le \beta r (P - G^2)$ (co-coercivity along the ascent).
Any vectors have $P^2 \le G^2 Q$. So a conclusion from these holds in every dimension, for every loss of the class.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.formulas import above, at_least, every
from saddlecheck.theory.claims.steps import Entails, Step
from saddlecheck.theory.symbols import Expr, Formula, eta, real, rho

beta = real("beta")  # the Lipschitz constant of the gradient
before, after = real("f"), real("f'")  # the loss before and after the step
G, P, Q = real("G"), real("P"), real("Q")
DISTANCE = Q - 2 * P + G**2  # |p - g|^2
SMOOTH: tuple[Formula, ...] = (beta > 0, eta > 0, at_least(before - eta * P + eta**2 * beta * Q / 2, after))
CAUCHY_SCHWARZ: Formula = at_least(G**2 * Q, P**2)


def lipschitz(weight: Expr) -> Formula:
    """How near a beta-smooth loss keeps the perturbed gradient, for an ascent of `weight` times the gradient."""
    return at_least(beta**2 * weight**2 * G**2, DISTANCE)


def convex(weight: Expr) -> Formula:
    """Co-coercivity along an ascent of `weight` times the gradient."""
    return at_least(beta * weight * (P - G**2), DISTANCE)


# SAM with constant radius, convex or not: p lies between (1 - rho beta) g and (1 + rho beta) g
_LEAST, _MOST = 1 - rho * beta, 1 + rho * beta
_ENDS = tuple(share * (1 - eta * beta * share / 2) for share in (_LEAST, _MOST))
GAIN = eta * sp.Min(*_ENDS)  # of the loss, in units of |g|^2
GENTLE: Formula = every(rho * beta < 1, eta * beta * (1 + rho * beta) < 2)
FALLS: Formula = at_least(before - after, GAIN * G**2)


def gain_steps() -> tuple[Step, ...]:
    """The derivation of FALLS and GAIN > 0 under GENTLE; the last step, "gain", states both."""
    between = every(at_least(_MOST * G**2, P), at_least(P, _LEAST * G**2))
    return (
        Entails("product", between, "the perturbed gradient lies within rho beta |g| of g"),
        Entails("falls", FALLS, "the bound is linear in P, take its ends", uses=("product",)),
        Entails("least", above(_ENDS[0]), "rho beta < 1"),
        Entails("most", above(_ENDS[1]), "eta beta (1 + rho beta) < 2"),
        Entails("positive", above(GAIN), "both ends are", uses=("least", "most")),
        Entails("gain", every(FALLS, above(GAIN)), "both", uses=("falls", "positive")),
    )
