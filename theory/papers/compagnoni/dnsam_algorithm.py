r"""DNSAM's steps at a minimum, where its SDE has no mass at 0 and normal tails: they have some, and not even a mean.

Key results
- After one step the density at 0 is positive, and after two the second moment is infinite (dnsam-drift-algorithm).
- Nor is the mean of |w| finite: near 0 it diverges like $\ln(1/\epsilon)$ (dnsam-drift-tails).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.symbols import eta, lam, real, rho, w

q, epsilon, A, z, s, xi = (real(name) for name in ("q", "epsilon", "A", "z", "s", "xi"))

# w > 0: w' = (1 - eta lam) w - eta lam rho - eta s (1 + rho/w) xi.
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

CLAIMS: tuple[Claim, ...] = (ALGORITHM, TAILS)
