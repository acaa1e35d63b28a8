"""The exact variance of the discrete algorithm, which the stochastic differential equation approximates.

Key results: one step multiplies w by q = 1 - eta a and adds the mini-batch noise, so the variance after n steps is
eta^2 v (1 - q^(2n))/(1 - q^2) (discrete-variance), stationary for 0 < eta a < 2 with 1/(1 - eta a/2) times the
variance of continuous time (discrete-stationary); the difference at time t is of first order in eta, with the constant
given (discrete-to-continuous).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, series
from saddlecheck.theory.papers.kim.diffusion.noise import noisy_step, xi, xi_up
from saddlecheck.theory.papers.kim.diffusion.variance_laws import (
    DISCRETE,
    DISCRETE_NEUTRAL,
    DISCRETE_VARIANCE,
    GAINS,
    GRADIENT_VARIANCE,
    RATES,
    VARIANCE,
    Law,
    q,
    v,
)
from saddlecheck.theory.papers.standard import k
from saddlecheck.theory.symbols import B, D, Expr, Formula, a, eta, lam, n, rho, t, w


def _recursion(variance: Expr, factor: Expr, added: Expr) -> tuple[Formula, ...]:
    after = variance.subs(n, n + 1)
    return equal(value(variance, n, 0), 0), equal(after, factor**2 * variance + eta**2 * added)


DISCRETE_LAW = Claim(
    id="discrete-variance",
    title="The recursion of the variance of a linear map with noise, solved",
    place=BEYOND,
    voice="ours",
    says="The sequence eta^2 v (1 - q^(2n))/(1 - q^2) starts at 0, and each step multiplies it by q^2 and adds "
    "eta^2 v; its limit at q = 1 is n eta^2 v.",
    reading="That is the recursion of the variance of w' = q w - eta times a fresh error of variance v, from w = 0, "
    "and a recursion has one solution.",
    statement=every(*_recursion(DISCRETE, q, v), equal(value(DISCRETE, q, 1), DISCRETE_NEUTRAL)),
    given=(sp.Ne(q**2, 1),),
    steps=(Equal("induction", STATEMENT, "a geometric sum of ratio q^2: 1 - q^(2n+2) = q^2 (1 - q^(2n)) + 1 - q^2"),),
    twins=(Twin("q^n for q^(2n)", every(*_recursion(eta**2 * v * (1 - q**n) / (1 - q**2), q, v))),),
)

# Each algorithm: the errors of its two gradients, and what of them arrives in the step.
_ERRORS: tuple[tuple[Law, tuple[Expr, Expr], Expr], ...] = (
    ("exact_ascent", (sp.S.Zero, xi), xi),
    ("same_batch", (xi, xi), k * xi),
    ("independent", (xi_up, xi), xi + rho * lam * xi_up),
)


def _algorithm(law: Law, errors: tuple[Expr, Expr], arrived: Expr, factor: Expr) -> tuple[Formula, ...]:
    step = equal(w - eta * noisy_step(*errors), factor * w - eta * arrived)
    return step, *_recursion(DISCRETE_VARIANCE[law], factor, GAINS[law] * GRADIENT_VARIANCE)


def _algorithms(rate_of: Expr) -> sp.And:
    parts = (_algorithm(law, errors, arrived, 1 - eta * rate_of) for law, errors, arrived in _ERRORS)
    return every(*(formula for part in parts for formula in part))


ALGORITHMS = Claim(
    id="discrete-laws",
    title="The exact variance of mini-batch SAM, for each way to compute the ascent",
    place=BEYOND,
    voice="ours",
    says="With q = 1 - eta lambda (1 + rho lambda) and the noise that arrives, the discrete law starts at 0 and obeys "
    "the recursion of the variance at every n.",
    reading="Additive mini-batch noise of variance |lambda|/B on a quadratic.",
    statement=_algorithms(RATES["same_batch"]),
    given=(sp.Ne((1 - eta * RATES["same_batch"]) ** 2, 1), B > 0),
    steps=(Equal("steps", STATEMENT, "put the noisy gradients into the update; a geometric sum"),),
    twins=(Twin("a square too many in the rate", _algorithms(RATES["printed"])),),
    related=("eq11", "eq11-same-batch", "eq11-independent"),
)

_STATIONARY = 2 * D * eta / (1 - (1 - eta * a) ** 2)  # eta^2 v with D = eta v/2
_RESTING = equal(_STATIONARY, (1 - eta * a) ** 2 * _STATIONARY + 2 * D * eta)
STATIONARY = Claim(
    id="discrete-stationary",
    title="The stationary variance of the algorithm exceeds that of continuous time",
    place=BEYOND,
    voice="ours",
    says="For 0 < eta a < 2 it is (D/a)/(1 - eta a/2), more than D/a.",
    reading="D = eta v/2 is kept fixed; a step leaves this variance as it is.",
    statement=every(_RESTING, equal(_STATIONARY, D / a / (1 - eta * a / 2)), D / a < _STATIONARY),
    given=(eta > 0, a > 0, eta * a < 2, D > 0),
    steps=(
        Equal("rest", _RESTING, "a step multiplies by q^2 and adds 2 D eta"),
        Equal("ratio", equal(_STATIONARY, D / a / (1 - eta * a / 2)), "1 - q^2 = eta a (2 - eta a)"),
        Entails("larger", STATEMENT, "0 < 1 - eta a/2 < 1", uses=("rest", "ratio")),
    ),
    twins=(Twin("beyond the edge as well", STATEMENT, (eta > 0, a > 0, sp.Ne(eta * a, 2), D > 0)),),
)

# n = t/eta steps; q^(2n) = exp((2t/eta) log(1 - eta a)).
_AFTER = 2 * D / (a * (2 - eta * a)) * (1 - sp.exp(2 * t / eta * sp.log(1 - eta * a)))
_EXPANSION = series(
    "expansion",
    _AFTER,
    eta,
    (VARIANCE, D / 2 * (1 - sp.exp(-2 * a * t)) + D * a * t * sp.exp(-2 * a * t)),
    "expand the logarithm, then the exponential",
)
CONTINUOUS = Claim(
    id="discrete-to-continuous",
    title="The stochastic equation is the limit of the algorithm, with an error of first order in eta",
    place=BEYOND,
    voice="ours",
    says="At time t = n eta the exact variance is (D/a)(1 - exp(-2at)) plus eta times a known constant, and so on.",
    reading="The Taylor coefficients in eta of orders 0 and 1, D and t being kept fixed.",
    statement=_EXPANSION.formula,
    given=(sp.Ne(a, 0),),
    steps=(_EXPANSION,),
    twins=(Twin("no error of first order", series("", _AFTER, eta, (VARIANCE, sp.S.Zero)).formula),),
)

CLAIMS: tuple[Claim, ...] = (DISCRETE_LAW, ALGORITHMS, STATIONARY, CONTINUOUS)
