r"""DNSAM, whose ascent is a mini-batch's gradient over the norm of the full one, at a minimum.

Key results, in one dimension, with $\kappa = 2\lambda/(\eta s^2)$
- Drift and noise of the SDE are exact on quadratics with additive noise.
- Its stationary density is $\frac{x^2}{(|x|+\rho)^2}\exp(-\kappa(x^2/2 - \rho|x| + \rho^2\ln(1+|x|/\rho)))$: 0 at 0,
  with modes at $|x|^3 = \rho\eta s^2/\lambda$ and normal tails. The algorithm has not even a mean of |w|.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, below, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.symbols import eta, lam, real, rho, w, x, y

q, epsilon, A, z = real("q"), real("epsilon"), real("A"), real("z")

nu, s, xi, xi1, xi2 = (real(name) for name in ("nu", "s", "xi", "xi_1", "xi_2"))

# A mini-batch's gradient is g + s xi; the ascent divides it by |g|.
_G = (lam * x, nu * y)
_NORM = sp.sqrt(_G[0] ** 2 + _G[1] ** 2)
_FORCES = [
    c * (v + rho * (g + e) / _NORM) + e for c, v, g, e in zip((lam, nu), (x, y), _G, (s * xi1, s * xi2), strict=True)
]
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
DENSITY_VALUE = x**2 / (x + rho) ** 2 * sp.exp(-_KAPPA * _EXPONENT)
DENSITY = Claim(
    id="dnsam-drift-density",
    title="The stationary density of DNSAM's SDE in one dimension",
    place=BEYOND,
    voice="ours",
    says="For x > 0 the function x^2/(x + rho)^2 exp(-kappa (x^2/2 - rho x + rho^2 ln(1 + x/rho))), kappa = 2 "
    "lambda/(eta s^2), has no flux under DNSAM's SDE at a minimum.",
    statement=equal(sp.Derivative(_SQUARED * DENSITY_VALUE / 2, x), -lam * (x + rho) * DENSITY_VALUE),
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
    title="That density is 0 at 0, and largest at |x| = (rho eta s^2/lambda)^(1/3)",
    place=BEYOND,
    voice="ours",
    says="It vanishes at 0 like x^2/rho^2 and rises exactly while lambda x^3 < rho eta s^2.",
    given=DENSITY.given,
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

# The algorithm, w > 0: w' = (1 - eta lam) w - eta lam rho - eta s (1 + rho/w) xi.
_STEP = w - eta * (lam * (w + rho * (lam * w + s * xi) / (lam * w)) + s * xi)
_DEVIATION = eta * s * (1 + rho / w)
_TAKEN = 2 * q * (eta * s * rho) ** 2 * (1 / epsilon - 1)  # of E w'^2, from epsilon < |w| < 1
ALGORITHM = Claim(
    id="dnsam-drift-algorithm",
    title="The algorithm has a positive density at 0 and no second moment",
    place=BEYOND,
    voice="ours",
    says="Given w > 0, the mean square after a step of DNSAM is ((1 - eta lambda) w - eta lambda rho)^2 + eta^2 s^2 "
    "(1 + rho/w)^2, at least (eta s rho/w)^2. After one step the density is at least some q > 0 on |w| < 1, so that "
    "after two steps E w^2 exceeds every bound A.",
    given=(
        lam > 0,
        eta > 0,
        s > 0,
        rho > 0,
        w > 0,
        q > 0,
        A > 0,
        epsilon > 0,
        epsilon * (A + 2 * q * (eta * s * rho) ** 2) < 2 * q * (eta * s * rho) ** 2,
    ),
    reading="The density after one step is normal, with mean and deviation those of the step, so it is positive "
    "everywhere: also at 0, where the SDE's density is 0. The part of E w'^2 that comes from epsilon < |w| < 1 is at "
    "least the integral of 2 q (eta s rho/w)^2, which is the function whose derivative is shown.",
    **conjunction(
        "together",
        Equal("step", equal(_STEP, (1 - eta * lam) * w - eta * lam * rho - _DEVIATION * xi),
              "the error is divided by lambda w and multiplied by lambda"),
        Entails("quotients", every(above(rho / w), above(eta * s)), "of positive numbers"),
        Entails("deviation", at_least(_DEVIATION**2, (eta * s) ** 2 * (rho / w) ** 2),
                "1 + rho/w is larger than rho/w", uses=("quotients",)),
        Entails("spread",
                at_least(((1 - eta * lam) * w - eta * lam * rho) ** 2 + _DEVIATION**2, (eta * s * rho / w) ** 2),
                "leave out the mean", uses=("deviation",)),
        Equal("integral",
              every(equal(sp.Derivative(_TAKEN, epsilon),
                          -2 * q * (eta * s * rho / epsilon) ** 2),
                    equal(value(_TAKEN, epsilon, 1), 0)), "1/epsilon - 1 is the integral of 1/w^2"),
        Entails("unbounded", above(_TAKEN, A), "multiply by epsilon"),
        of=("step", "spread", "integral", "unbounded"),
        because="all",
    ),
    argument="A step from w has normal noise of deviation eta s (1 + rho/|w|), so wherever w is, the next weight may "
    "lie near 0 with a density that is bounded below. From there the deviation is eta s rho/|w|. The mean of its "
    "square needs the integral of 1/w^2 through 0, which diverges.",
    finding="Near 0 the SDE has no mass and the algorithm has some; far out the SDE has normal tails, and the "
    "algorithm has no stationary second moment, so that its stationary loss is infinite.",
    hints=(
        {lam: 1, eta: 1, s: 1, rho: 1, w: 1, q: 1, A: 1, epsilon: sp.Rational(1, 2), xi: 0},
    ),
    twins=(Twin("a bounded deviation", at_least((eta * s) ** 2, _DEVIATION**2)),),
)  # fmt: skip

# The same for E|w'|: its part from epsilon < |w| < 1, without the factor E|xi|, for epsilon = exp(-z).
_LENGTH = -2 * q * eta * s * rho * sp.log(epsilon)
_MEAN = (1 - eta * lam) * w - eta * lam * rho
TAILS = Claim(
    id="dnsam-drift-tails",
    title="Not even the mean of |w| is finite for the algorithm",
    place=BEYOND,
    voice="ours",
    says="Given w > 0, the mean of |w'| after a step of DNSAM is at least eta s (rho/w) E|xi|. With a density of at "
    "least q > 0 on |w| < 1 the part of it from epsilon < |w| < 1 is at least 2 q eta s rho ln(1/epsilon) E|xi|, which "
    "exceeds every bound: after two steps E|w| is infinite.",
    given=(lam > 0, eta > 0, s > 0, rho > 0, w > 0, xi > 0, q > 0, epsilon > 0, A > 0, z > A / (2 * q * eta * s * rho)),
    reading="The errors xi and -xi are equally likely, so the mean over them of |w'| is taken first; q is as in "
    "dnsam-drift-algorithm. The part that is left out is not negative. A stands for a bound over E|xi|.",
    **conjunction(
        "together",
        Equal("step", equal(_STEP, _MEAN - _DEVIATION * xi), "lambda cancels"),
        Entails("quotients", every(above(rho / w), above(eta * s)), "of positive numbers"),
        Entails("deviation", at_least(_DEVIATION, eta * s * rho / w), "1 + rho/w is larger than rho/w",
                uses=("quotients",)),
        Entails("larger", at_least(_DEVIATION * xi, eta * s * rho / w * xi), "multiply by xi", uses=("deviation",)),
        Entails("spread",
                at_least((abs(_MEAN - _DEVIATION * xi) + abs(_MEAN + _DEVIATION * xi)) / 2, eta * s * rho / w * xi),
                "the mean of |m - a| and |m + a| is at least a", uses=("larger",)),
        Equal("integral",
              every(equal(sp.Derivative(_LENGTH, epsilon), -2 * q * eta * s * rho / epsilon),
                    equal(value(_LENGTH, epsilon, 1), 0),
                    equal(value(_LENGTH, epsilon, sp.exp(-z)), 2 * q * eta * s * rho * z)),
              "ln(1/epsilon) is the integral of 1/w"),
        Entails("scale", above(2 * q * eta * s * rho), "a product"),
        Entails("unbounded", above(2 * q * eta * s * rho * z, A), "multiply z", uses=("scale",)),
        of=("step", "spread", "integral", "unbounded"),
        because="all",
    ),
    argument="A step from w has normal noise of deviation eta s (1 + rho/|w|), whose mean size is at least eta s rho "
    "E|xi|/|w| wherever its centre lies. The mean of that over w needs the integral of 1/|w| through 0. It diverges, "
    "as w has a positive density there.",
    finding="The SDE has normal tails. A step of the algorithm from within 1/A of 0 reaches a distance of order A, so "
    "that its mean size is infinite, and with it its mean square and its loss.",
    hints=({lam: 1, eta: 1, s: 1, rho: 1, w: 1, q: 1, A: 1, epsilon: sp.Rational(1, 2), xi: 1, z: 1},),
    twins=(
        Twin("twice as large",
             at_least((abs(_MEAN - _DEVIATION * xi) + abs(_MEAN + _DEVIATION * xi)) / 2, 2 * eta * s * rho / w * xi)),
        Twin("a bounded integral", equal(value(_LENGTH, epsilon, sp.exp(-z)), 2 * q * eta * s * rho)),
    ),
    related=("dnsam-drift-algorithm",),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (DRIFT, DENSITY, MODE, ALGORITHM, TAILS)
