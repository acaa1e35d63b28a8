r"""Khanh and others 2024: what normalised SAM needs to converge, and SAM with constant radius does not.

Key results
- With a constant step and radius normalised SAM is $\eta\lambda\rho/2$ away from a minimum every second step.
- A radius that tends to 0 is enough on strongly convex losses, even with a constant step.
- SAM with constant radius lowers every smooth loss by a fixed multiple of $|g|^2$ a step.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.formulas import above, at_least, every, implies
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails
from saddlecheck.theory.optimiser import quadratic
from saddlecheck.theory.papers.dai.bounded import CONTRACTS_LARGE, CONTRACTS_SMALL, DIVIDE
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.standard import SAM, SAM_NORMALISED, line
from saddlecheck.theory.papers.variants.classes import (
    CAUCHY_SCHWARZ,
    FALLS,
    GAIN,
    GENTLE,
    SMOOTH,
    G,
    P,
    after,
    before,
    beta,
    gain_steps,
    lipschitz,
)  # fmt: skip
from saddlecheck.theory.papers.variants.descent_lemma import READING
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import eta, lam, real, rho, w

NORMALISED = Claim(
    id="khanh",
    title="Normalised SAM with a constant step and radius converges to no minimum",
    place=attributed("convergence of normalised SAM"),
    says="Attributed to Khanh and others: normalised SAM needs a step size or a radius that tends to 0. With both "
    "constant, of two iterates in a row one is at least eta lambda rho/2 away from a minimum.",
    reading="One dimension and a quadratic loss, which is enough for 'needs'; 0 itself is left out, for the ascent "
    "has no direction there.",
    statement=implies(2 * sp.Abs(w) <= eta * lam * rho, 2 * sp.Abs(SAM_NORMALISED.update(line)[0]) >= eta * lam * rho),
    given=(lam > 0, eta > 0, rho > 0, eta * lam < 2, sp.Ne(w, 0)),
    steps=(Entails("away", STATEMENT, "the ascent moves outward by rho, however near 0 w is"),),
    twins=(
        Twin(
            "for the constant radius",
            implies(2 * sp.Abs(w) <= eta * lam * rho, 2 * sp.Abs(SAM.update(line)[0]) >= eta * lam * rho),
        ),
    ),
    voice="paper",
    provenance="second hand",
    argument="Near a minimum the ascent still has the length rho. From |w| <= eta lambda rho/2 a step leads to (1 - "
    "eta lambda) |w| - eta lambda rho on the other side, whose absolute value is at least eta lambda rho (1 - |1 - "
    "eta lambda|/2). That exceeds eta lambda rho/2 for every step size below 2/lambda, so the iterates have no limit "
    "at 0.",
    related=("khanh-radius", "khanh-usam"),
)
RADIUS = Claim(
    id="khanh-radius",
    title="A radius that tends to 0 is enough on a quadratic",
    place=attributed("diminishing radius"),
    says="Attributed to Khanh and others: with a diminishing radius normalised SAM converges. On a quadratic |w| is "
    "multiplied by at most |1 - eta lambda| < 1 and eta lambda rho is added, for a constant step.",
    reading="rho is the radius of this step. A sequence that shrinks by a fixed factor and receives terms that tend "
    "to 0 tends to 0.",
    statement=sp.Abs(SAM_NORMALISED.update(line)[0]) <= sp.Abs(1 - eta * lam) * sp.Abs(w) + eta * lam * rho,
    given=NORMALISED.given,
    steps=(Entails("shrinks", STATEMENT, "the triangle inequality"),),
    twins=(Twin("without the radius", sp.Abs(SAM_NORMALISED.update(line)[0]) <= sp.Abs(1 - eta * lam) * sp.Abs(w)),),
    voice="paper",
    provenance="second hand",
    argument="The step is (1 - eta lambda) w with eta lambda rho added towards the other side. The triangle "
    "inequality gives the bound. With a radius that tends to 0 the second term tends to 0 and the first contracts, so "
    "|w| does too.",
    related=("khanh-radius-strongly-convex",),
)
_q, _d0, _dp, _d1 = (real(name) for name in ("q", "d_0", "d_p", "d_1"))
_nearer = at_least(_q * _d0 + (1 + _q) * rho, _d1)
STRONGLY_CONVEX = Claim(
    id="khanh-radius-strongly-convex",
    title="A radius that tends to 0 is enough on every strongly convex smooth loss",
    place=attributed("diminishing radius, strongly convex losses"),
    says="With a diminishing radius and a constant step below 2/beta normalised SAM converges on every strongly convex "
    "beta-smooth loss: the distance to the minimum is multiplied by at most q < 1 and (1 + q) rho is added.",
    reading="d_0 and d_1 are the distances to the minimum before and after the step, d_p that of w^p. The ascent has "
    "the length rho, and the step is a gradient step from w^p, moved back by rho; q is that of "
    "dai-sam-bounded-small or dai-sam-bounded-large. A sequence that shrinks by a fixed factor and receives terms that "
    "tend to 0 tends to 0.",
    statement=_nearer,
    given=(rho > 0, _q >= 0, _q < 1, at_least(_d0 + rho, _dp), at_least(_q * _dp + rho, _d1)),
    rests=("dai-sam-bounded-small", "dai-sam-bounded-large"),
    steps=(
        Entails("ascended", at_least(_q * (_d0 + rho), _q * _dp), "q is not negative"),
        Entails("nearer", STATEMENT, "put it in", uses=("ascended",)),
    ),
    twins=(Twin("with q rho added", at_least(_q * _d0 + _q * rho, _d1)),),
    voice="ours",
    argument="The ascent takes the weight at most rho further away. The gradient step from there contracts the "
    "distance by q, and taking the ascent back adds at most rho. With a radius that tends to 0 what is added tends "
    "to 0, so the distance does.",
    related=("khanh-radius",),
)
DIMINISHING = Claim(
    id="khanh-diminishing",
    title="On every convex smooth loss normalised SAM loses at most eta^2 beta^3 rho^2/2 a step",
    place=attributed("diminishing step or radius"),
    says="Attributed to Khanh and others: a diminishing step or radius makes the gradients of normalised SAM tend to "
    "0. For eta beta <= 1 a step lowers every convex beta-smooth loss by at least eta (1 - eta beta/2) |g|^2 - eta^2 "
    "beta^3 rho^2/2.",
    reading=READING + " Summed over the steps: if the sum of eta^2 rho^2 converges and that of eta does not, |g| "
    "comes arbitrarily near 0.",
    statement=before - after >= eta * (1 - eta * beta / 2) * G**2 - eta**2 * beta**3 * rho**2 / 2,
    given=(*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ, lipschitz(rho / G), P >= G**2, eta * beta <= 1),
    steps=(Entails("bound", STATEMENT, "put the Lipschitz bound for Q in, then P >= |g|^2"),),
    twins=(
        Twin(
            "without convexity",
            STATEMENT,
            (*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ, lipschitz(rho / G), eta * beta <= 1),
        ),
    ),
    voice="paper",
    provenance="second hand",
    argument="Of convexity only g.p >= |g|^2 is used, monotonicity of the gradient along the ascent. The Lipschitz "
    "constant gives |p|^2 <= beta^2 rho^2 + 2 g.p - |g|^2. In the descent lemma this leaves -eta (1 - eta beta) g.p - "
    "eta^2 beta |g|^2/2 and eta^2 beta^3 rho^2/2, and the first two are at most -eta (1 - eta beta/2) |g|^2.",
)
USAM = Claim(
    id="khanh-usam",
    title="SAM with constant radius converges with a constant step and radius",
    place=attributed("convergence of SAM with constant radius"),
    says="Attributed to Khanh and others: SAM with constant radius needs no diminishing step. If rho beta < 1 and eta "
    "beta (1 + rho beta) < 2, each step lowers a beta-smooth loss, convex or not, by a fixed positive multiple of "
    "|g|^2.",
    reading=READING
    + " Summed over the steps: for a loss that is bounded below the squared gradients have a finite sum.",
    statement=every(FALLS, above(GAIN)),
    given=(*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ, lipschitz(rho), GENTLE),
    steps=gain_steps(),
    twins=(
        Twin(
            "any radius",
            every(FALLS, above(GAIN)),
            (*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ, lipschitz(rho), eta * beta * (1 + rho * beta) < 2),
        ),
    ),
    voice="paper",
    provenance="second hand",
    argument="The ascent shrinks with the gradient, so the perturbed gradient stays within rho beta |g| of g. The "
    "descent lemma then gives a decrease of at least a multiple of |g|^2, positive exactly under the two conditions. "
    "A loss that is bounded below leaves only finitely much to lose, so the gradients tend to 0.",
)
SADDLE = Claim(
    id="khanh-usam-saddle",
    title="Beyond rho = 1/beta the constant radius still converges, to maxima too",
    place=attributed("SAM with constant radius beyond the condition"),
    says="At a maximum of curvature -lambda, lambda the largest curvature of the class, SAM with constant radius "
    "multiplies w by 1 + eta lambda (1 - rho lambda): it converges to the maximum for 1 < rho lambda < 1 + 2/(eta "
    "lambda).",
    statement=implies(
        every(rho * lam > 1, eta * lam * (rho * lam - 1) < 2), sp.Abs(SAM.update(quadratic(-lam))[0]) < sp.Abs(w)
    ),
    given=(lam > 0, eta > 0, rho > 0, sp.Ne(w, 0)),
    steps=(Entails("nearer", STATEMENT, "the multiplier lies between -1 and 1"),),
    twins=(
        Twin(
            "below 1/lambda",
            implies(
                every(rho * lam < 1, eta * lam * (rho * lam - 1) < 2),
                sp.Abs(SAM.update(quadratic(-lam))[0]) < sp.Abs(w),
            ),
        ),
    ),
    voice="ours",
    argument="That the gradients tend to 0 does not say where. The condition rho beta < 1 of the smooth class is the "
    "threshold below which no direction of negative curvature attracts. Beyond it the multiplier at a maximum enters "
    "the unit interval.",
)

PAPER = Paper(
    "khanh",
    "Fundamental Convergence Analysis of Sharpness-Aware Minimization",
    ("Khanh", "Luong", "Mordukhovich", "Tran"),
    2024,
    (NORMALISED, RADIUS, STRONGLY_CONVEX, DIMINISHING, USAM, SADDLE),
    link="https://arxiv.org/abs/2401.08060",
    sections=SECTIONS,
    cites=(DIVIDE, CONTRACTS_SMALL, CONTRACTS_LARGE),
)
