r"""Losses that look around: the penalised maximum, the maximum on a ball, and the mean over random perturbations.

Key results
- $\sup_e \ell(w+e) - |e|^2/(2\rho)$: the gradient is $\lambda w/(1-\rho\lambda)$, an implicit ascent; it never traps.
- The maximum on a ball: a maximum becomes a plateau of radius $\rho$, and a saddle repels.
- $E\,\ell(w+e)$: on a quadratic nothing changes. A maximum between two wells becomes a minimum once the variance
  exceeds a third of their squared distance.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import at_least, equal, every, iff, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, lam, mu, real, rho, w

e, y, nu, c, sigma = real("e"), real("y"), real("nu"), real("c"), real("sigma")


def _penalised(perturbation: Expr) -> Expr:
    return lam * (w + perturbation) ** 2 / 2 - perturbation**2 / (2 * rho)


_LARGEST = lam * w**2 / (2 * (1 - rho * lam))
PENALISED = Claim(
    id="penalised",
    title="The penalised maximum never traps: its rate has the sign of the curvature",
    place=attributed("penalised sharpness"),
    says="Attributed to the literature: minimise sup_e l(w + e) - |e|^2/(2 rho). On lambda w^2/2 with rho lambda < 1 "
    "the supremum is lambda w^2/(2 (1 - rho lambda)), its gradient is the loss' at the maximising point, and its rate "
    "lambda/(1 - rho lambda) has the sign of lambda.",
    reading="One eigendirection. For rho lambda >= 1 the supremum is infinite. The maximising e solves e = rho l'(w + "
    "e): an ascent that is implicit where SAM's is explicit.",
    given=(rho > 0, rho * lam < 1),
    **conjunction(
        "together",
        Entails("maximum", at_least(_LARGEST, _penalised(e)), "complete the square"),
        Equal("attained", equal(_penalised(rho * lam * w / (1 - rho * lam)), _LARGEST), "put it in"),
        Equal("gradient", equal(sp.Derivative(_LARGEST, w), lam * w / (1 - rho * lam)), "differentiate"),
        Entails("sign", iff(lam / (1 - rho * lam) > 0, lam > 0), "1 - rho lambda is positive"),
        because="all",
    ),
    twins=(Twin("SAM's explicit ascent", equal(_penalised(rho * lam * w), _LARGEST)),),
    voice="paper",
    provenance="from memory",
    argument="In e the bracket is a parabola that opens downward for rho lambda < 1, with its top at rho lambda w/(1 "
    "- rho lambda). There its value is lambda w^2/(2 (1 - rho lambda)). The factor 1/(1 - rho lambda) is positive, so "
    "a maximum stays a maximum for every radius: an implicit ascent cannot cross the critical point.",
    related=("penalised-ball", "penalised-ball-saddle"),
)
BALL = Claim(
    id="penalised-ball",
    title="The exact maximum on a ball turns a maximum into a plateau of radius rho",
    place=attributed("exact maximum on a ball"),
    says="The maximum of -mu (w + e)^2/2 over |e| <= rho is -mu max(|w| - rho, 0)^2/2: constant for |w| <= rho, and "
    "falling outward beyond.",
    reading="One dimension, w >= 0 for the point at which it is attained. Within rho the gradient of the maximum is "
    "0: gradient descent on it neither leaves nor is attracted.",
    statement=every(
        implies(sp.Abs(e) <= rho, -mu * (w + e) ** 2 / 2 <= -mu * sp.Max(sp.Abs(w) - rho, 0) ** 2 / 2),
        implies(every(equal(e, sp.Min(sp.Abs(w), rho)), w >= 0), equal((w - e) ** 2, sp.Max(sp.Abs(w) - rho, 0) ** 2)),
    ),
    given=(mu > 0, rho > 0),
    steps=(Entails("maximum", STATEMENT, "the nearest point to 0 that can be reached"),),
    finding="Normalised SAM captures |w| < rho around a maximum; the objective that it approximates is flat there.",
    twins=(
        Twin(
            "within half the radius",
            implies(sp.Abs(e) <= rho, -mu * (w + e) ** 2 / 2 <= -mu * sp.Max(sp.Abs(w) - rho / 2, 0) ** 2 / 2),
        ),
    ),
    voice="ours",
    argument="The loss at w + e is larger the nearer w + e is to 0. Within rho the critical point itself can be "
    "reached, and the maximum is its value, for all those w. Beyond, the best is to come nearer by rho.",
)
SADDLE = Claim(
    id="penalised-ball-saddle",
    title="With the exact maximum on a ball a saddle repels along every negative direction",
    place=attributed("exact maximum on a ball, at a saddle"),
    says="At a saddle the maximising perturbation has -mu (y + e) = nu e along the eigenvalue -mu, with the "
    "multiplier nu > 0 of the ball, so that descent moves y at the rate mu nu/(mu + nu), away from the saddle.",
    reading="Quadratic loss of any dimension: stationarity of the Lagrange function in each eigendirection. With a "
    "positive eigenvalue L the maximum lies on the sphere and nu >= L. The descent's speed along y is mu (y + e).",
    statement=every(
        implies(equal(-mu * (y + e), nu * e), equal(-mu * (y + e), -mu * nu / (mu + nu) * y)),
        implies(sp.Ne(y, 0), mu * nu / (mu + nu) * y**2 > 0),
    ),
    given=(mu > 0, nu > 0),
    steps=(Entails("repels", STATEMENT, "solve for e"),),
    twins=(Twin("attracts", implies(sp.Ne(y, 0), mu * nu / (mu + nu) * y**2 < 0)),),
    voice="ours",
    argument="Stationarity gives e = -mu y/(mu + nu), less than y in size, so the perturbed point stays on the side "
    "of y. The descent moves y with the speed mu (y + e) = mu nu y/(mu + nu). Its sign is that of y, whatever the "
    "radius: SAM's trap is made by the explicit ascent, not by its objective.",
)


def _slope(at: Expr) -> Expr:
    """The gradient of -mu w^2/2 + c w^4/4, whose wells are at w^2 = mu/c."""
    return -mu * at + c * at**3


RANDOM = Claim(
    id="random-perturbation",
    title="On a quadratic loss the mean over random perturbations changes no gradient",
    place=attributed("expected loss under random perturbations"),
    says="Attributed to the literature: minimise E l(w + e) for a symmetric random e. On a quadratic loss its "
    "gradient is that of l, so no radius makes a saddle attract.",
    reading="One eigendirection and a symmetric pair of perturbations, of which a symmetric law is a mixture.",
    statement=equal((lam * (w + e) + lam * (w - e)) / 2, lam * w),
    given=(),
    steps=(Equal("mean", STATEMENT, "the perturbation enters the gradient linearly"),),
    twins=(Twin("SAM's ascent", equal(lam * (w + rho * lam * w), lam * w)),),
    voice="paper",
    provenance="from memory",
    argument="The gradient of a quadratic loss is linear. So the mean of the gradients at w + e and w - e is the "
    "gradient at w. A random perturbation, unlike an ascent, knows nothing of the side on which w lies.",
    related=("random-perturbation-wells",),
)
WELLS = Claim(
    id="random-perturbation-wells",
    title="Beyond quadratics random perturbations trap once they reach 1/sqrt(3) of the way to the wells",
    place=attributed("expected loss beyond quadratics"),
    says="On -mu w^2/2 + c w^4/4, with wells at w^2 = mu/c, the mean gradient over w + sigma and w - sigma is (3 c "
    "sigma^2 - mu) w + c w^3. Its maximum at 0 becomes the only minimum once sigma^2 > (mu/c)/3.",
    reading="The same for every symmetric law with variance sigma^2: the mean gradient has no moment above the third.",
    given=(mu > 0, c > 0),
    **conjunction(
        "together",
        Equal(
            "mean",
            equal((_slope(w + sigma) + _slope(w - sigma)) / 2, (3 * c * sigma**2 - mu) * w + c * w**3),
            "the cubic term keeps 3 c sigma^2 w",
        ),
        Entails("turns", iff(3 * c * sigma**2 - mu > 0, sigma**2 > mu / c / 3), "the sign of the linear term"),
        because="both",
    ),
    finding="The trap is one of size: the perturbation has to reach 1/sqrt(3) of the way to the wells. SAM's own "
    "perturbation with constant radius shrinks with the gradient, and traps at any size of the wells.",
    twins=(Twin("never", 3 * c * sigma**2 - mu < 0),),
    voice="ours",
    argument="The mean of the cubes of w + sigma and w - sigma is w^3 + 3 sigma^2 w. So the curvature at 0 becomes 3 "
    "c sigma^2 - mu. It is positive once sigma^2 exceeds a third of mu/c, the squared distance of the wells, and then "
    "the whole mean gradient has the sign of w.",
)

CLAIMS: tuple[Claim, ...] = (PENALISED, BALL, SADDLE, RANDOM, WELLS)
