r"""Normalised SAM with mini-batches on a strongly convex loss: a floor of order $\rho^2$, whatever the step.

The loss is $\beta w^2/2$, one mini-batch adds $\xi w$; the same mini-batch is used for the ascent and the descent, so
that the ascent is $\rho$ times the sign of $\beta w + \xi$.

Key results
- Two values of $\xi$ with the probabilities p and 1 - p shift the mean to $-\rho(1-2p)$.
- Every stationary law has $E w^2 \ge \rho^2/8$ for one such noise and every small step.
- Symmetric additive noise shifts nothing; noise that changes the curvature as well does.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import Entails, Step
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.papers.variants.classes import beta
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, Formula, eta, real, rho, w

up, down, p, c = real("a"), real("b"), real("p"), real("c")


def mini_batch(curvature: Expr, slope: Expr) -> Expr:
    """A step on the mini-batch's loss."""
    return OPTIMISERS["sam_normalised"].update(BareLoss((w,), curvature * w**2 / 2 + slope * w))[0]


_k, _r = real("k"), real("s")  # any numbers


def _each(curvature: Expr, slope: Expr, outward: Expr) -> Formula:
    """The step of a mini-batch whose ascent has the sign of `outward`."""
    return equal(mini_batch(curvature, slope), w - eta * (curvature * (w + outward * rho) + slope))


def _ascends(name: str, curvature: Expr, slope: Expr, outward: Expr) -> tuple[Step, ...]:
    """The derivation of a mini-batch's step, named `name`, where its gradient has the sign of `outward`."""
    g = curvature * w + slope
    unit = implies(outward * _k > 0, equal(_k / sp.Abs(_k), outward))
    moved = implies(
        equal(_r, outward),
        equal(w - eta * (curvature * (w + rho * _r) + slope), w - eta * (curvature * (w + outward * rho) + slope)),
    )
    direction = g / sp.Abs(g)
    return (
        Entails(f"{name}, sign", above(outward * g), "the noise exceeds the rest"),
        Entails(f"{name}, unit", unit, "a number over its size"),
        Instance(
            f"{name}, direction",
            equal(direction, outward),
            uses=(f"{name}, sign", f"{name}, unit"),
            of=unit,
            at={_k: g},
        ),
        Entails(f"{name}, moved", moved, "the ascent is rho times that"),
        Instance(
            name,
            _each(curvature, slope, outward),
            "the ascent has the sign of the noise",
            uses=(f"{name}, direction", f"{name}, moved"),
            of=moved,
            at={_r: direction},
        ),
    )


_MEAN = (1 - p) * mini_batch(beta, up) + p * mini_batch(beta, -down)
_SHIFT = -rho * (1 - 2 * p)
_SMALL = (beta > 0, eta > 0, rho > 0, up > beta * sp.Abs(w), down > beta * sp.Abs(w))
_steps_to = equal(_MEAN - _SHIFT, (1 - eta * beta) * (w - _SHIFT))

# For displays: where each of two mini-batches leads, and their gradients.
_TO_A, _TO_B, _v = real("w_{a}'"), real("w_{b}'"), real("v")
_G_A, _G_B = sp.Function("g_a"), sp.Function("g_b")


def _led(first: Expr, second: Expr) -> dict[Expr, Expr]:
    """The meanings of these names for mini-batches with the gradients given at v."""
    return {
        _TO_A: w - eta * _G_A(w + rho * _G_A(w) / sp.Abs(_G_A(w))),
        _TO_B: w - eta * _G_B(w + rho * _G_B(w) / sp.Abs(_G_B(w))),
        _G_A(_v): first,
        _G_B(_v): second,
    }


_LINEAR = w - eta * beta * (w + rho * (1 - 2 * p)) - eta * ((1 - p) * up - p * down)
_u, _v = real("u"), real("v")  # any two numbers
_any_mean = implies(
    every(equal(_u, _each(beta, up, sp.S.One).rhs), equal(_v, _each(beta, -down, -sp.S.One).rhs)),
    equal((1 - p) * _u + p * _v, _LINEAR),
)
_mean, _about = equal(_MEAN, _LINEAR), equal(_LINEAR - _SHIFT, (1 - eta * beta) * (w - _SHIFT))
STOCHASTIC = Claim(
    id="siyun-stochastic",
    title="Noise with two unequal values moves the mean of normalised SAM to -rho (1 - 2p)",
    place=attributed("stochastic, strongly convex"),
    says="Attributed to Si and Yun: with mini-batches SAM with constant radius keeps a loss of order rho^2 in every "
    "class, also strongly convex. If a mini-batch adds a w with probability 1 - p and -b w with probability p, (1 - "
    "p) a = p b, the expected step on beta w^2/2 contracts towards -rho (1 - 2p), where the loss is beta rho^2 (1 - "
    "2p)^2/2.",
    reading="Near the minimum, as long as beta |w| is below both values of the noise, so that the noise alone decides "
    "the direction of the ascent. What this says of the algorithm with its fluctuations is in siyun-stochastic-floor.",
    statement=_steps_to,
    display=Display(
        equal((1 - p) * _TO_A + p * _TO_B + rho * (1 - 2 * p), (1 - eta * beta) * (w + rho * (1 - 2 * p))),
        _led(beta * _v + up, beta * _v - down),
    ),
    given=(*_SMALL, equal((1 - p) * up, p * down)),
    hints=({beta: 1, eta: sp.Rational(1, 2), rho: 1, up: 1, down: 3, p: sp.Rational(1, 4), w: 0},),
    steps=(
        *_ascends("right", beta, up, sp.S.One),
        *_ascends("left", beta, -down, -sp.S.One),
        Entails("any mean", _any_mean, "the mean of two numbers"),
        Instance(
            "mean",
            _mean,
            "of the two steps",
            uses=("right", "left", "any mean"),
            of=_any_mean,
            at={_u: mini_batch(beta, up), _v: mini_batch(beta, -down)},
        ),
        Entails("centre", _about, "the noise has mean 0"),
        Entails("contracts", _steps_to, "the mean of both", uses=("mean", "centre")),
    ),
    twins=(Twin("towards the minimum", equal(_MEAN, (1 - eta * beta) * w)),),
    voice="paper",
    provenance="from memory",
    argument="Near the minimum the sign of a mini-batch's gradient is that of its noise. So the ascent goes right "
    "with probability 1 - p and left with probability p, on average by rho (1 - 2p), although the noise has mean 0. "
    "The descent then contracts towards minus that, a distance that does not depend on the step size.",
    related=("siyun-stochastic-floor", "siyun-stochastic-symmetric", "siyun-stochastic-curvature"),
)

m, A, M, flips, r = real("m"), real("A"), real("M"), real("pi_f"), real("r")
e = eta * beta
_LAW = (
    beta > 0, eta > 0, rho > 0, r >= 8, e * (1 + 2 * r) ** 2 <= 1,
    at_least(rho * (-sp.Rational(1, 2) + 2 * flips), m),
    at_least(2 * (1 - e) * rho * A + e * rho**2 * (1 + 2 * r) ** 2, (2 - e) * M),
    at_least(M, A**2), at_least(M, m**2), A >= 0, flips >= 0, at_least(M, r**2 * rho**2 * flips),
)  # fmt: skip
_bounded = 2 * rho**2 >= M
_FLOOR = beta * M / 2 >= beta * rho**2 / 16
FLOOR = Claim(
    id="siyun-stochastic-floor",
    title="Every stationary law keeps an expected loss of at least beta rho^2/16",
    place=attributed("stochastic, strongly convex"),
    says="For the noise a with probability 3/4 and -3a with probability 1/4, a = r beta rho with r >= 8, and every "
    "step with eta beta (1 + 2r)^2 <= 1, a stationary law of normalised SAM with a second moment has the expected "
    "loss beta E w^2/2 >= beta rho^2/16.",
    reading="m = E w, A = E|w|, M = E w^2, pi_f the probability of beta |w| >= a. Stationary: m = -rho E s with s the "
    "sign of the ascent, and E s >= 1/2 - 2 pi_f, for s has the sign of the noise unless beta |w| >= a. The second "
    "moment, with E w xi = 0, E w s >= -A and the standard deviation of the noise sqrt(3) a <= 2 a; Chebyshev for "
    "pi_f.",
    statement=_FLOOR,
    given=_LAW,
    hints=(
        {
            beta: 1,
            rho: 1,
            r: 8,
            eta: sp.Rational(1, 289),
            m: -sp.Rational(1, 2),
            A: sp.Rational(1, 2),
            M: sp.Rational(1, 4),
            flips: 0,
        },
    ),
    steps=(
        Entails("second moment", _bounded, "2 (1 - e) rho A <= (1 - e)(rho^2 + M)"),
        Entails("few flips", flips <= sp.Rational(1, 32), "Chebyshev", uses=("second moment",)),
        Entails("mean", m <= -7 * rho / 16, "1/2 - 2/32", uses=("few flips",)),
        Entails("floor", _FLOOR, "E w^2 >= (E w)^2", uses=("mean",)),
    ),
    twins=(Twin("twice the mean's loss", beta * M / 2 >= beta * rho**2 / 4),),
    voice="ours",
    argument="In a stationary law the mean is -rho times the mean sign of the ascent. The sign is that of the noise "
    "unless beta |w| reaches a, and by Chebyshev's inequality that has probability at most 1/32, because the second "
    "moment is at most 2 rho^2. So the mean is below -7 rho/16, and E w^2 is at least its square. None of this "
    "depends on the step size beyond its upper bound.",
)
_FAIR = (mini_batch(beta, up) + mini_batch(beta, -up)) / 2
_inward = (1 - eta * beta) * w >= _FAIR
SYMMETRIC = Claim(
    id="siyun-stochastic-symmetric",
    title="Symmetric additive noise moves the mean nowhere",
    place=attributed("stochastic: is skewness needed?"),
    says="If a mini-batch adds a w or -a w with equal probability, the expected step on beta w^2/2 contracts towards "
    "the minimum at least as fast as gradient descent does.",
    reading="w > 0, the other side by symmetry. A symmetric law of the noise is a mixture of such pairs. beta w = a "
    "is left out: one of the two mini-batches has no direction there.",
    statement=_inward,
    display=Display((1 - eta * beta) * w >= (_TO_A + _TO_B) / 2, _led(beta * _v + up, beta * _v - up)),
    given=(beta > 0, eta > 0, rho > 0, w > 0, up >= 0, sp.Ne(up, beta * w)),
    steps=(Entails("inward", _inward, "the two ascents cancel, or both lead outward"),),
    finding="What additive noise needs is a sign that is not fair, P(xi > 0) unequal to P(xi < 0), not a third moment.",
    twins=(Twin("unequal values", (1 - eta * beta) * w >= _MEAN, (*_SMALL, equal((1 - p) * up, p * down), w > 0)),),
    voice="ours",
    argument="If the noise exceeds beta w the two ascents have opposite signs and cancel, and the expected step is "
    "that of gradient descent. If it does not, both ascents lead away from the minimum and the descent is larger. In "
    "neither case is the mean pushed past the minimum.",
)
_BENT = (mini_batch(beta * (1 + c), up) + mini_batch(beta * (1 - c), -up)) / 2
_CENTRE = -rho * c
_bent = equal(_BENT - _CENTRE, (1 - eta * beta) * (w - _CENTRE))
CURVATURE = Claim(
    id="siyun-stochastic-curvature",
    title="Symmetric gradient noise is enough if the mini-batches differ in curvature",
    place=attributed("stochastic: is skewness needed?"),
    says="If the two mini-batches beta (1 + c) w^2/2 + a w and beta (1 - c) w^2/2 - a w are equally likely, |c| < 1, "
    "the expected step contracts towards -rho c.",
    reading="Near the minimum, where beta (1 + |c|) |w| < a. Both mini-batches are strongly convex, and their "
    "gradients at the minimum are a and -a.",
    statement=_bent,
    display=Display(
        equal((_TO_A + _TO_B) / 2 + rho * c, (1 - eta * beta) * (w + rho * c)),
        _led(beta * (1 + c) * _v + up, beta * (1 - c) * _v - up),
    ),
    given=(beta > 0, eta > 0, rho > 0, sp.Abs(c) < 1, beta * (1 + sp.Abs(c)) * sp.Abs(w) < up),
    steps=(
        *_ascends("right", beta * (1 + c), up, sp.S.One),
        *_ascends("left", beta * (1 - c), -up, -sp.S.One),
        Entails("contracts", _bent, "the ascents cancel, the descents along them do not", uses=("right", "left")),
    ),
    twins=(Twin("towards the minimum", equal(_BENT, (1 - eta * beta) * w)),),
    voice="ours",
    argument="The two ascents are rho and -rho. The descent multiplies them by the curvatures beta (1 + c) and beta "
    "(1 - c), so that they do not cancel but leave beta rho c. So a floor of order rho^2 needs neither skewness nor "
    "an unfair sign.",
)

CLAIMS: tuple[Claim, ...] = (STOCHASTIC, FLOOR, SYMMETRIC, CURVATURE)
