r"""DNSAM, whose ascent is a mini-batch's gradient over the norm of the full one, at a minimum.

Key results, in one dimension, with $\kappa = 2\lambda/(\eta s^2)$
- Drift and noise of the SDE are exact on quadratics with additive noise.
- Its stationary density is $\frac{x^2}{(|x|+\rho)^2}\exp(-\kappa(x^2/2 - \rho|x| + \rho^2\ln(1+|x|/\rho)))$: 0 at 0,
  with modes at $|x|^3 = \rho\eta s^2/\lambda$ and normal tails.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.symbols import eta, lam, real, rho, x, y

nu, s, xi, xi1, xi2 = (real(name) for name in ("nu", "s", "xi", "xi_1", "xi_2"))

# A mini-batch's gradient is g + s xi; the ascent divides it by |g|.
_G = (lam * x, nu * y)
_NORM = sp.sqrt(_G[0] ** 2 + _G[1] ** 2)
_FORCES = [
    c * (v + rho * (g + e) / _NORM) + e for c, v, g, e in zip((lam, nu), (x, y), _G, (s * xi1, s * xi2), strict=True)
]
_F, _N = sp.Function("f"), sp.Function("N")  # for a display: the loss, and the length of its gradient
DRIFT = Claim(
    id="dnsam-drift",
    title="DNSAM drifts along -grad(f + rho |grad f|), its noise multiplied by I + rho H/|grad f|",
    place=Place("attributed", "DNSAM"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: DNSAM has the drift of f + rho |grad f|, and its noise is multiplied by I "
    "+ rho H/|grad f|. Here exactly, on quadratics with additive noise.",
    statement=every(
        *(
            equal(force, sp.Derivative(lam * x**2 / 2 + nu * y**2 / 2 + rho * _NORM, v) + (1 + rho * c / _NORM) * e)
            for force, v, c, e in zip(_FORCES, (x, y), (lam, nu), (s * xi1, s * xi2), strict=True)
        )
    ),
    display=Display(
        tuple(
            equal(
                c * (v + rho * (c * v + e) / _N(x, y)) + e,
                sp.Derivative(_F(x, y) + rho * _N(x, y), v) + (1 + rho * c / _N(x, y)) * e,
            )
            for c, v, e in ((lam, x, s * xi1), (nu, y, s * xi2))
        ),
        {_F(x, y): lam * x**2 / 2 + nu * y**2 / 2, _N(x, y): _NORM},
    ),
    given=(above(_G[0] ** 2 + _G[1] ** 2),),
    reading="Two eigendirections; xi is the error of the mini-batch, the same in both gradients. On other losses "
    "both agree to first order in rho.",
    steps=(Equal("drift and noise", STATEMENT, "the ascent is linear in the error"),),
    argument="The norm that divides is not random, so the ascent is g/|g| plus the error over |g|. The gradient "
    "there is g + rho H g/|g| + (1 + rho H/|g|) s xi on a quadratic. The first two terms are the gradient of f + rho "
    "|grad f|.",
    twins=(
        Twin(
            "the noise of SGD",
            every(
                *(
                    equal(force, sp.Derivative(lam * x**2 / 2 + nu * y**2 / 2 + rho * _NORM, v) + e)
                    for force, v, e in zip(_FORCES, (x, y), (s * xi1, s * xi2), strict=True)
                )
            ),
        ),
    ),
    related=("dnsam-drift-density", "dnsam-drift-algorithm"),
)

# The SDE in one dimension, x > 0, at a minimum.
_SQUARED = eta * s**2 * (1 + rho / x) ** 2
_KAPPA = 2 * lam / (eta * s**2)
_EXPONENT = x**2 / 2 - rho * x + rho**2 * sp.log(1 + x / rho)
_P, _SPREAD, _DRIFT = sp.Function("P"), sp.Function("sigma^2"), sp.Function("b")  # for displays
_KAPPA_NAME = real("kappa")
_MEANING = {_P(x): x**2 / (x + rho) ** 2 * sp.exp(-_KAPPA_NAME * _EXPONENT), _KAPPA_NAME: _KAPPA}
DENSITY_VALUE = x**2 / (x + rho) ** 2 * sp.exp(-_KAPPA * _EXPONENT)
DENSITY = Claim(
    id="dnsam-drift-density",
    title="The stationary density of DNSAM's SDE in one dimension",
    place=BEYOND,
    voice="ours",
    says="For x > 0 the function x^2/(x + rho)^2 exp(-kappa (x^2/2 - rho x + rho^2 ln(1 + x/rho))), kappa = 2 "
    "lambda/(eta s^2), has no flux under DNSAM's SDE at a minimum.",
    statement=equal(sp.Derivative(_SQUARED * DENSITY_VALUE / 2, x), -lam * (x + rho) * DENSITY_VALUE),
    display=Display(
        equal(sp.Derivative(_SPREAD(x) * _P(x) / 2, x), _DRIFT(x) * _P(x)),
        {_SPREAD(x): _SQUARED, _DRIFT(x): -lam * (x + rho), **_MEANING},
    ),
    given=(lam > 0, eta > 0, s > 0, rho > 0, x > 0),
    reading="dx = -lambda (x + rho) dt + sqrt(eta) s (1 + rho/x) dW for x > 0, in Ito's sense, and its mirror image "
    "for x < 0. No flux is (sigma^2 p)'/2 = b p. The function is integrable and, up to its factor, the density.",
    rests=("dnsam-drift",),
    steps=(
        Entails("inside", above(1 + x / rho), "positive terms"),
        Equal("no flux", STATEMENT, "differentiate", uses=("inside",)),
    ),
    argument="A density without flux satisfies (sigma^2 p)'/2 = b p, so ln(sigma^2 p) has the derivative 2b/sigma^2 "
    "= -kappa x^2/(x + rho). Its integral is -kappa (x^2/2 - rho x + rho^2 ln(1 + x/rho)). Dividing by sigma^2 brings "
    "the factor x^2/(x + rho)^2.",
    twins=(
        Twin(
            "without the factor",
            equal(
                sp.Derivative(_SQUARED * sp.exp(-_KAPPA * _EXPONENT) / 2, x),
                -lam * (x + rho) * sp.exp(-_KAPPA * _EXPONENT),
            ),
        ),
    ),
)
MODE = Claim(
    id="dnsam-drift-mode",
    title="The stationary density of DNSAM's SDE is 0 at 0, and largest at |x| = (rho eta s^2/lambda)^(1/3)",
    place=BEYOND,
    voice="ours",
    says="The stationary density of DNSAM's SDE vanishes at 0 like x^2/rho^2 and rises exactly while "
    "lambda x^3 < rho eta s^2.",
    given=DENSITY.given,
    display=Display(
        (
            equal(sp.Derivative(_P(x), x), _P(x) * (2 * rho - _KAPPA_NAME * x**3) / (x * (x + rho))),
            equal(value(_P(x), x, 0), 0),
            equal(Coefficient(_P(x), x, sp.S.Zero, sp.Integer(2)), 1 / rho**2),
            iff(above(_P(x) * (2 * rho - _KAPPA_NAME * x**3) / (x * (x + rho))), below(lam * x**3, rho * eta * s**2)),
        ),
        _MEANING,
    ),
    reading="For x > 0, up to the normalising factor.",
    rests=("dnsam-drift-density",),
    **conjunction(
        "together",
        Entails("inside", every(above(1 + x / rho), above(x * (x + rho))), "positive terms"),
        Equal("slope",
              equal(sp.Derivative(DENSITY_VALUE, x), DENSITY_VALUE * (2 * rho - _KAPPA * x**3) / (x * (x + rho))),
              "differentiate", uses=("inside",)),
        Equal("at 0",
              every(equal(value(DENSITY_VALUE, x, 0), 0),
                    equal(Coefficient(DENSITY_VALUE, x, sp.S.Zero, sp.Integer(2)), 1 / rho**2)),
              "the exponent is of order x^3"),
        Equal("numerator", equal((2 * rho - _KAPPA * x**3) * (eta * s**2), 2 * (rho * eta * s**2 - lam * x**3)),
              "multiply by eta s^2"),
        Entails("scale", above(eta * s**2), "a product"),
        Entails("sign of the numerator", iff(above(2 * rho - _KAPPA * x**3), below(lam * x**3, rho * eta * s**2)),
                "a positive factor", uses=("numerator", "scale")),
        Entails("size", every(above(DENSITY_VALUE), above(DENSITY_VALUE / (x * (x + rho)))),
                "an exponential and squares", uses=("inside",)),
        Entails("rises",
                iff(above(DENSITY_VALUE * (2 * rho - _KAPPA * x**3) / (x * (x + rho))),
                    below(lam * x**3, rho * eta * s**2)), "the other factors are positive",
                uses=("sign of the numerator", "size")),
        of=("slope", "at 0", "rises"),
        because="all",
    ),
    argument="The logarithm has the derivative 2/x - 2/(x + rho) - kappa x^2/(x + rho) = (2 rho - kappa x^3)/(x (x + "
    "rho)). It is positive exactly for kappa x^3 < 2 rho. Near 0 the noise is unbounded, so the SDE spends no time "
    "there.",
    twins=(
        Twin("a square root for the third root",
             iff(above(DENSITY_VALUE * (2 * rho - _KAPPA * x**3) / (x * (x + rho))),
                 below(lam * x**2, rho * eta * s**2))),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (DRIFT, DENSITY, MODE)
