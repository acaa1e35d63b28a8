r"""Section 4.3: what mini-batch noise becomes in SAM, the stochastic differential equation (11).

Key results: the equation is right for an ascent without noise (eq11), not for SAM as it is run (eq11-practice),
whose noise passes through the ascent (eq11-same-batch, eq11-independent). The noise's size is in `noise_size`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Equal
from saddlecheck.theory.optimiser import BareLoss, sharpness_aware
from saddlecheck.theory.papers.kim.neuron.neuron_model import average
from saddlecheck.theory.papers.kim.notation import (
    error,
    mean_step,
    raised,
    slope,
    slope_at,
    slope_raised,
    step,
    step_spread,
)
from saddlecheck.theory.papers.standard import SAM, k, line
from saddlecheck.theory.symbols import Expr, eta, lam, real, rho, w

l1, l2, l3, s, s1, s2 = (real(name) for name in ("l_1", "l_2", "l_3", "s", "s_1", "s_2"))

u = real("u")  # a bound variable: the argument of the loss
xi, xi_up = real("xi"), real("xi_up")  # the mini-batch's error in the descent, and in the ascent

# ---- (11): one step of SAM on lam w^2/2 with errors added to its gradients


def noisy_step(ascent: Expr, descent: Expr) -> Expr:
    """SAM's direction on the scalar quadratic with those additive errors in its two gradients."""
    exact = line
    up, down = (BareLoss(exact.variables, exact.expr + error * w) for error in (ascent, descent))
    return sharpness_aware(up, down)[0]


_RAISED_GRADIENT = Coefficient(lam * u**2 / 2, u, w + rho * sp.Derivative(lam * w**2 / 2, w), sp.S.One)

# One step on any loss whose gradient has the value, slope and curvature l_1, l_2, l_3, drawn with either sign of an
# error whose size depends on the weight as well.
_loss = l1 * u + l2 * u**2 / 2 + l3 * u**3 / 6
_error = s1 * u + s2 * u**2 / 2


def _step(sign: int, ascent_too: int = 0) -> Expr:
    """The step of SAM on the mini-batch with that sign of the error; ascent_too: 1 where its ascent has it as well."""
    up, down = (BareLoss((w,), (_loss + part * _error).subs(u, w)) for part in (sign * ascent_too, sign))
    return -eta * sharpness_aware(up, down)[0]


def _moments(ascent_too: int) -> tuple[Expr, Expr]:
    """Mean and variance of the step over the two mini-batches."""
    mean = average([_step(1, ascent_too), _step(-1, ascent_too)])
    return mean, average([(_step(sign, ascent_too) - mean) ** 2 for sign in (1, -1)])


_RAISED = w + rho * Coefficient(_loss, u, w, sp.S.One)  # w^p
_MODIFIED = Prop(
    "stochastic-modified-equation",
    "An algorithm whose steps have at each weight w the mean eta b(w) and the covariance eta^2 C(w), b and C smooth "
    "with bounded derivatives, is approximated by dw = b(w) dt + (eta C(w))^(1/2) dW weakly to first order in eta, "
    "over any fixed time.",
)


def _matched(ascent_too: int) -> sp.And:
    mean, variance = _moments(ascent_too)
    return every(
        equal(mean, eta * -Coefficient(_loss, u, _RAISED, sp.S.One)),
        equal(variance, eta**2 * Coefficient(_error, u, _RAISED, sp.S.One) ** 2),
    )


EQ11 = Claim(
    id="eq11",
    title="(11): SAM's stochastic differential equation, for an ascent without noise",
    place=Place("4.3", "(11)"),
    voice="paper",
    provenance="seen",
    says="The drift is minus the gradient at the perturbed weight, the noise that of one mini-batch gradient there.",
    reading="With the stated assumption, an exactly computed ascent. A step of SAM has the mean and the variance of "
    "the equation over the time eta, for any smooth loss of one weight and an error that depends on the weight (two "
    "mini-batches stand for all); that this makes the equation its limit is the theory of modified equations.",
    display=Display(
        (equal(mean_step, -eta * slope_raised), equal(step_spread, eta**2 * error(raised) ** 2), _MODIFIED),
        {
            step_spread: ((step(1) - mean_step) ** 2 + (step(-1) - mean_step) ** 2) / 2,
            mean_step: (step(1) + step(-1)) / 2,
            step(s): -eta * (slope_raised + s * error(raised)),
            error(u): s1 + s2 * u,
            slope_raised: slope_at(raised),
            raised: w + rho * slope_at(w),
            slope_at(u): l1 + l2 * u + l3 * u**2 / 2,
        },
    ),
    **conjunction(
        "together",
        Equal("moments", _matched(0), "only the descent carries noise, which is that at w^p"),
        Accept("limit", _MODIFIED, "mean and covariance of a step determine the weak limit",
               source="Q. Li, C. Tai and W. E, Stochastic modified equations and dynamics of stochastic gradient "
               "algorithms I, Journal of Machine Learning Research 20 (2019), no. 40"),
    ),
    finding="Weakly, to first order in eta, and for an ascent without noise only: see eq11-practice.",
    argument=(
        "Let two mini-batches, with errors of opposite signs in their gradients, stand for all. With an exactly "
        "computed ascent both are evaluated at the same w^p. The mean of the step is then -eta times the gradient at "
        "w^p, and its variance is eta^2 times the square of the error there, which is C(w^p). These are the mean and "
        "the variance that (11) prescribes over the time eta. By the theory of stochastic modified equations this "
        "makes (11) the weak limit to first order in eta; that part is accepted from its source."
    ),
    twins=(
        Twin("noise through the ascent as well", _matched(1)),
        Twin("the noise at w instead of w^p", equal(_moments(0)[1], eta**2 * Coefficient(_error, u, w, sp.S.One) ** 2)),
    ),
    related=("eq11-practice",),
)  # fmt: skip
PRACTICE = Claim(
    id="eq11-practice",
    title="(11) for mini-batch SAM as it is run",
    place=Place("4.3", "(11)"),
    voice="reading",
    provenance="seen",
    says="Equation (11) describes mini-batch SAM, whose two gradients are taken on one mini-batch.",
    reading="The experiments run mini-batch SAM, where the ascent is as noisy as the descent.",
    statement=equal(noisy_step(xi, xi), _RAISED_GRADIENT + xi),
    display=Display(
        equal(real("g_{t}"), slope_raised + xi),
        {
            real("g_{t}"): lam * (w + rho * (slope + xi)) + xi,
            slope_raised: lam * raised,
            raised: w + rho * slope,
            slope: lam * w,
        },
    ),
    finding="False: the noise passes through the ascent too and arrives multiplied by 1 + rho lambda, so the "
    "diffusion is (1 + rho lambda)^2 times the printed one; with a mini-batch of its own for the ascent it is "
    "1 + rho^2 lambda^2 times.",
    argument=(
        "If both gradients are taken on one mini-batch, its error xi enters the ascent as well. On lambda w^2/2 the "
        "step's direction is lambda (w + rho (lambda w + xi)) + xi, in which xi has the factor 1 + rho lambda. In "
        "(11) it has the factor 1. At lambda = rho = xi = 1 and w = 0 the two are 2 and 1. The noise of (11) is that "
        "of an ascent without error."
    ),
    twins=(Twin("noise that the ascent cancels", equal(noisy_step(xi, xi), _RAISED_GRADIENT - xi)),),
)  # fmt: skip


def _gain(
    name: str, noise: str, errors: tuple[Expr, Expr], arrived: Expr, title: str, says: str, argument: str
) -> Claim:
    """What mini-batch noise becomes in SAM's direction, and its variance."""
    gain = SAM.noise_gain(noise)  # type: ignore[arg-type]  # a literal at each call below
    from_parts = sum(sp.Derivative(arrived, error) ** 2 for error in {e for e in errors if e != 0})
    step = equal(noisy_step(*errors), _RAISED_GRADIENT + arrived)
    facts, wrong = (every(step, equal(from_parts, variance)) for variance in (gain, gain + 1))
    return Claim(
        id=name, title=title, place=Place("4.3", "(11)"), voice="ours", says=says, argument=argument,
        statement=facts,
        amends="eq11-practice",
        steps=(Equal("one step", STATEMENT, "put the noisy gradients into the update"),),
        twins=(Twin("a unit of noise too many", wrong),),
    )  # fmt: skip


SAME_BATCH = _gain(
    "eq11-same-batch", "same_batch", (xi, xi), k * xi, "Noise of SAM with one mini-batch for both gradients",
    "The error of the mini-batch gradient arrives multiplied by 1 + rho lambda, its variance by the square.",
    "Put the error xi of the mini-batch into both gradients on lambda w^2/2. The direction of the step is lambda "
    "(1 + rho lambda) w + (1 + rho lambda) xi, so the error arrives multiplied by 1 + rho lambda. Its variance is "
    "multiplied by the square of that factor.",
)  # fmt: skip
INDEPENDENT = _gain(
    "eq11-independent", "independent", (xi_up, xi), xi + rho * lam * xi_up,
    "Noise of SAM with a mini-batch for each gradient",
    "The two errors add up with weights rho lambda and 1, so the variance is multiplied by 1 + rho^2 lambda^2.",
    "Put the errors xi_up and xi of two mini-batches into the ascent and the descent on lambda w^2/2. The "
    "direction of the step is lambda (1 + rho lambda) w + rho lambda xi_up + xi. The two errors are independent "
    "and of equal variance, so the variances add up: the variance of one is multiplied by 1 + rho^2 lambda^2.",
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (EQ11, PRACTICE, SAME_BATCH, INDEPENDENT)
