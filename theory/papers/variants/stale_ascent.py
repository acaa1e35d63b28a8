r"""Ascents that remember: the previous step's perturbed gradient, or a momentum buffer. Which of them can trap at all?

A variant is linear along one eigendirection: a state s, an ascent along it, and two eigenvalues. With the
characteristic polynomial $\chi$ of the step, $\chi(1) > 0$ is needed for stability (Jury).

Key results
- The ascent along a filtered gradient, $s' = \alpha s + \beta w$: $\chi(1) = \eta\lambda(1-\alpha)(1+\rho S)$ with
  $S = \beta/(1-\alpha)$, the ascent's answer to a w that is held fixed. At $\lambda < 0$ stability needs
  $1 + \rho S < 0$: the ascended point lies beyond the critical point.
- A buffer of plain gradients answers like SAM, and traps beyond $1/\mu$ for small steps.
- The previous perturbed gradient answers $w/(1-\rho\lambda)$, on the same side always: it never traps.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import Matrix
from saddlecheck.theory.symbols import Expr, Formula, eta, gamma, lam, mu, real, rho, w

state, z = real("s"), real("z")
alpha, beta = real("alpha"), real("beta")


def _polynomial(step: Matrix) -> Expr:
    """The characteristic polynomial in z of a step of (w, s)."""
    return (z * sp.eye(2) - step.jacobian([w, state])).det()


def _jury(trace: Expr, determinant: Expr) -> Formula:
    """Both roots of z^2 - trace z + determinant lie inside the unit circle."""
    return every(above(1 - trace + determinant), above(1 + trace + determinant), below(determinant, 1))


def _filtered() -> Matrix:
    after = alpha * state + beta * w
    return sp.Matrix([w - eta * lam * (w + rho * after), after])


CRITERION = Claim(
    id="stale-ascent",
    title="An ascent can trap only if, with w held fixed, it leads beyond the critical point",
    place=BEYOND,
    says="Along an eigenvalue lambda < 0, with an ascent along a state s' = alpha s + beta w, |alpha| < 1, stability "
    "needs 1 + rho S < 0, where S = beta/(1 - alpha) is where s/w settles if w is held fixed: the ascended point w + "
    "rho S w has to lie on the other side of the critical point.",
    reading="One eigendirection; constant radius. chi(1) > 0 is one of Jury's conditions for both roots inside the "
    "unit circle. alpha = 0, beta = lambda is SAM itself.",
    given=(eta > 0, rho > 0, sp.Abs(alpha) < 1),
    **conjunction(
        "together",
        Equal("at one",
              equal(value(_polynomial(_filtered()), z, 1), eta * lam * (1 - alpha) * (1 + rho * (beta / (1 - alpha)))),
              "the determinant at z = 1"),
        Entails("needed",
                implies(every(eta * lam * (1 - alpha) * (1 + rho * (beta / (1 - alpha))) > 0, lam < 0),
                        1 + rho * (beta / (1 - alpha)) < 0), "eta (1 - alpha) is positive"),
        because="both",
    ),
    finding="A criterion for all linear variants: hold w fixed, let the ascent settle, and look on which side it "
    "ends. Even numbers of ascent steps, implicit ascents and expectations stay on the side of w, and never trap.",
    twins=(
        Twin("the answer without the memory",
             equal(value(_polynomial(_filtered()), z, 1), eta * lam * (1 - alpha) * (1 + rho * beta))),
    ),
    voice="ours",
    argument="The characteristic polynomial at 1 is the product of 1 minus each root, which is positive for a stable "
    "step. It is eta lambda (1 - alpha)(1 + rho S): the step from a state that has settled. For lambda < 0 the last "
    "factor has to be negative.",
    related=("stale-ascent-momentum", "stale-ascent-perturbed"),
)  # fmt: skip


def _buffered() -> Matrix:
    after = gamma * state + (1 - gamma) * lam * w
    return sp.Matrix([w - eta * lam * (w + rho * after), after])


_TRACE = 1 + gamma - eta * lam - eta * rho * (1 - gamma) * lam**2
MOMENTUM = Claim(
    id="stale-ascent-momentum",
    title="An ascent along a momentum buffer of plain gradients traps beyond 1/mu, for small steps",
    place=BEYOND,
    says="With the ascent along m' = gamma m + (1 - gamma) g a direction of curvature -mu attracts if and only if rho "
    "mu > 1, gamma (1 + eta mu) < 1 and eta rho (1 - gamma) mu^2 < (1 + gamma)(2 + eta mu).",
    reading="One eigendirection, constant radius, 0 <= gamma < 1; both roots inside the unit circle, by Jury's "
    "conditions.",
    given=(mu > 0, eta > 0, rho > 0, gamma >= 0, gamma < 1),
    **conjunction(
        "together",
        Equal("polynomial", equal(_polynomial(_buffered()), z**2 - _TRACE * z + gamma * (1 - eta * lam)),
              "the determinant"),
        Entails("both ways",
                iff(_jury(_TRACE.subs(lam, -mu), (gamma * (1 - eta * lam)).subs(lam, -mu)),
                    every(rho * mu > 1, gamma * (1 + eta * mu) < 1,
                          eta * rho * (1 - gamma) * mu**2 < (1 + gamma) * (2 + eta * mu))),
                "Jury's conditions at lambda = -mu"),
        because="both",
    ),
    finding="The memory does not move the threshold in rho, but adds one in the step: the buffer has to forget faster "
    "than w grows.",
    twins=(
        Twin("for every step",
             iff(_jury(_TRACE.subs(lam, -mu), (gamma * (1 - eta * lam)).subs(lam, -mu)), rho * mu > 1)),
    ),
    voice="ours",
    argument="Held fixed at w, the buffer settles at the gradient, so the first condition is that of SAM. The product "
    "of the roots is gamma (1 + eta mu), which has to be below 1. The last condition is the one at z = -1, where the "
    "ascent is too strong for the step.",
)  # fmt: skip


def _previous() -> Matrix:
    after = lam * (w + rho * state)  # the perturbed gradient, kept for the next ascent
    return sp.Matrix([w - eta * after, after])


PERTURBED = Claim(
    id="stale-ascent-perturbed",
    title="An ascent along the previous perturbed gradient never traps, and loses minima with rho lambda >= 1",
    place=BEYOND,
    says="With the ascent along the previous step's perturbed gradient a direction attracts if and only if lambda > "
    "0, rho lambda < 1 and eta lambda < 2 (1 + rho lambda).",
    reading="One eigendirection, constant radius; the state is (w, p) with p' = lambda (w + rho p).",
    given=(eta > 0, rho > 0),
    **conjunction(
        "together",
        Equal("polynomial", equal(_polynomial(_previous()), z**2 - (1 - eta * lam + rho * lam) * z + rho * lam),
              "the determinant"),
        Entails("both ways",
                iff(_jury(1 - eta * lam + rho * lam, rho * lam),
                    every(lam > 0, rho * lam < 1, eta * lam < 2 + 2 * rho * lam)), "Jury's conditions"),
        because="both",
    ),
    finding="It saves a gradient and no direction of negative curvature ever attracts; but the memory feeds back on "
    "itself, so that minima with rho lambda >= 1 repel.",
    twins=(
        Twin("SAM's threshold", iff(_jury(1 - eta * lam + rho * lam, rho * lam).subs(lam, -mu), rho * mu > 1),
             (eta > 0, rho > 0, mu > 0)),
    ),
    voice="ours",
    argument="The polynomial at 1 is eta lambda, which is negative for lambda < 0, so one root lies outside the unit "
    "circle for every radius. The product of the roots is rho lambda. It has to be below 1: the perturbed gradient is "
    "amplified by rho lambda from step to step.",
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (CRITERION, MOMENTUM, PERTURBED)
