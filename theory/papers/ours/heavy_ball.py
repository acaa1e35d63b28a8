r"""The exact second moment of the discrete algorithm with momentum, near a critical point.

$m' = \gamma m + (1-\tau)(h w + \xi)$, $w' = w - \eta m'$, with gradient noise of variance v, from w = m = 0. With
$\alpha = \eta(1-\tau)$ and $c = 1 + \gamma - \alpha h$ everything follows from the response $G_0 = 0$, $G_1 = 1$,
$G_{n+2} = c\,G_{n+1} - \gamma\,G_n$: n steps are $A^n = G_n A + (G_{n+1} - c\,G_n) I$ (Cayley and Hamilton), so
that the covariance after n steps is the stationary one less $A^n$ times it times $A^n$ transposed, whatever the roots.

Key results: heavy-ball-stationary, heavy-ball-msd (for every n), heavy-ball-response (G_n for real, double and complex
roots), heavy-ball-gamma0. What momentum does to the displacement is settled in `momentum_escape`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.optimiser import heavy_ball
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DISCRETE, q, v
from saddlecheck.theory.symbols import Expr, eta, gamma, h, n, real, tau, w

m, xi = real("m"), real("xi")  # the buffer before the step; the noise of the gradient that it takes in
now, following = real("G_n"), real("G_{n+1}")  # the response at n and n + 1
ALPHA = eta * (1 - tau)
TRACE = 1 + gamma - ALPHA * h  # c
_AFTER, _BUFFER = (part[0] for part in heavy_ball(sp.Matrix([w]), sp.Matrix([m]), sp.Matrix([h * w + xi])))
STEP = sp.Matrix([_AFTER, _BUFFER]).jacobian([w, m])
POWER = now * STEP + (following - TRACE * now) * sp.eye(2)  # n steps

Moments = tuple[Expr, Expr, Expr]  # of w^2, w m and m^2


def next_moments(moments: Moments) -> Moments:
    """The moments after one step, derived from the update: xi has mean 0 and variance v, and is new."""
    monomials = dict(zip((w**2, w * m, m**2), moments, strict=True))

    def mean(expr: Expr) -> Expr:
        poly = sp.Poly(sp.expand(expr), w, m, xi)
        return poly.coeff_monomial(xi**2) * v + sum(poly.coeff_monomial(k) * value for k, value in monomials.items())

    return mean(_AFTER**2), mean(_AFTER * _BUFFER), mean(_BUFFER**2)


# E(w' - w)^2 = eta^2 E m^2 and stationarity give E w m = -eta E m^2/2; the rest is one equation.
STATIONARY_MSD = ALPHA * v * (1 + gamma) / (h * (1 - gamma) * (2 * (1 + gamma) - ALPHA * h))
STATIONARY: Moments = (
    STATIONARY_MSD,
    -ALPHA * h * STATIONARY_MSD / (eta * (1 + gamma)),
    2 * ALPHA * h * STATIONARY_MSD / (eta**2 * (1 + gamma)),
)


def _covariance(moments: Moments) -> sp.Matrix:
    return sp.Matrix([[moments[0], moments[1]], [moments[1], moments[2]]])


_FORGOTTEN = POWER * _covariance(STATIONARY) * POWER.T
DISCRETE_MOMENTS: Moments = (
    STATIONARY[0] - _FORGOTTEN[0, 0],
    STATIONARY[1] - _FORGOTTEN[0, 1],
    STATIONARY[2] - _FORGOTTEN[1, 1],
)
DISCRETE_MSD = DISCRETE_MOMENTS[0]  # of w after n steps; h != 0, gamma != 1
# Closed forms of the response: real roots r != s, a double root r, roots R e^(+-i theta).
r, s, R, theta = real("r"), real("s"), real("R"), real("theta")
RESPONSE = {
    "distinct": (r**n - s**n) / (r - s),
    "double": n * r**n / r,
    "complex": R**n / R * sp.sin(n * theta) / sp.sin(theta),
}

# ---- the claims


FIXED = Claim(
    id="heavy-ball-stationary",
    title="The stationary variance of SGD with momentum",
    place=BEYOND,
    voice="ours",
    says="The covariance that one step maps to itself has E w^2 = alpha v (1 + gamma)/(h (1 - gamma) X), with "
    "X = 2 (1 + gamma) - alpha h and alpha = eta (1 - tau).",
    reading="One step of the second moments, derived from the update; v is the variance of the gradient that enters.",
    statement=every(*map(equal, next_moments(STATIONARY), STATIONARY)),
    given=(sp.Ne(eta, 0), sp.Ne(tau, 1), sp.Ne(h, 0), sp.Ne(gamma, 1), sp.Ne(gamma, -1),
           sp.Ne(2 * (1 + gamma), ALPHA * h)),
    steps=(Equal("fixed point", STATEMENT, "put it into the map of the moments"),),
    twins=(
        Twin("the overdamped value", equal(STATIONARY_MSD, ALPHA * v / (2 * h * (1 - gamma)))),
        Twin("stationary at the wrong cross moment",
             equal(next_moments((STATIONARY[0], -STATIONARY[1], STATIONARY[2]))[0], STATIONARY[0])),
    ),
)  # fmt: skip

_ADVANCED = tuple(
    moment.subs({now: following, following: TRACE * following - gamma * now}, simultaneous=True)
    for moment in DISCRETE_MOMENTS
)
EXACT = Claim(
    id="heavy-ball-msd",
    title="The recursion of the second moments of SGD with momentum, solved",
    place=BEYOND,
    voice="ours",
    says="The stationary second moments, less A^n times them times A^n transposed with A^n written by G_n and G_{n+1}, "
    "are 0 at G_0 = 0, G_1 = 1, and a step of the moments turns them into the same with G_{n+1} and G_{n+2}; that of "
    "w^2 grows by alpha^2 v G_{n+1}^2.",
    reading="G_n and G_{n+1} are any two numbers. A recursion has one solution, so these are the moments from w = m "
    "= 0 after n steps, for stable and unstable h alike.",
    statement=every(
        *map(equal, next_moments(DISCRETE_MOMENTS), _ADVANCED),
        *(
            equal(moment, 0)
            for moment in tuple(value(value(moment, now, 0), following, 1) for moment in DISCRETE_MOMENTS)
        ),
        equal(_ADVANCED[0] - DISCRETE_MSD, ALPHA**2 * v * following**2),
    ),
    given=FIXED.given,
    steps=(Equal("step and start", STATEMENT, "put it into the map of the moments, and G_0, G_1 in"),),
    twins=(Twin("growth by G_n", equal(_ADVANCED[0] - DISCRETE_MSD, ALPHA**2 * v * now**2)),),
)


def _recursion(kind: str) -> list[sp.Eq]:
    """That a closed form satisfies the recursion of its roots and starts at 0, 1."""
    form, (total, product) = (
        RESPONSE[kind],
        {"distinct": (r + s, r * s), "double": (2 * r, r**2), "complex": (2 * R * sp.cos(theta), R**2)}[kind],
    )
    at = [form.subs(n, n + k) for k in (0, 1, 2)]
    starts = [equal(value(form, n, k), sp.S(k)) for k in (0, 1)]
    return [equal(at[2], total * at[1] - product * at[0]), *starts]


RESPONSES = Claim(
    id="heavy-ball-response",
    title="The response of SGD with momentum to one noisy gradient",
    place=BEYOND,
    voice="ours",
    says="G_n is (r^n - s^n)/(r - s) for the roots r, s of z^2 - c z + gamma, n r^(n-1) for a double root, and "
    "R^(n-1) sin(n theta)/sin(theta) for R e^(+-i theta).",
    statement=every(*(part for kind in RESPONSE for part in _recursion(kind))),
    given=(sp.Ne(r, s), sp.Ne(r, 0), sp.Ne(R, 0), sp.Ne(sp.sin(theta), 0)),
    reading="The recursion with c the sum and gamma the product of the roots, for every n, and the start 0, 1.",
    steps=(Equal("recursions", STATEMENT, "put the closed forms into the recursion"),),
    twins=(Twin("(r^n - s^n) alone", equal((r**n - s**n).subs(n, 1), 1)),),
)
_GAMMA0 = equal(
    DISCRETE_MSD.subs({now: q**n / q, following: q**n}).subs({gamma: 0, tau: 0, h: (1 - q) / eta}), DISCRETE
)
GAMMA0 = Claim(
    id="heavy-ball-gamma0",
    title="Without momentum the heavy ball's variance is the plain algorithm's",
    place=BEYOND,
    voice="ours",
    says="At gamma = 0 the exact displacement is eta^2 v (1 - q^(2n))/(1 - q^2), q = 1 - eta h.",
    reading="G_n = q^(n-1) for n >= 1.",
    statement=_GAMMA0,
    given=(sp.Ne(q**2, 1), sp.Ne(q, 0), sp.Ne(eta, 0)),
    steps=(Equal("reduce", STATEMENT, "put gamma = 0 in"),),
    twins=(Twin("one step too many", equal(_GAMMA0.lhs, DISCRETE.subs(n, n + 1))),),
    related=("eq14-gamma0",),
)

CLAIMS: tuple[Claim, ...] = (FIXED, EXACT, RESPONSES, GAMMA0)
