r"""DNSAM at a maximum: $|x| = \rho$ stops every step, whatever the noise; the SDE cannot pass it, the algorithm can.

Key results
- Drift, noise and the algorithm's step vanish at $|x| = \rho$, for every error (dnsam-maximum).
- Almost every path of the SDE nears $|x| = \rho$ exactly if $\eta s^2 > 2\mu\rho^2$ (dnsam-maximum-exponent).
- The algorithm passes it exactly for $\eta s\xi > (1 + \eta\mu) w$ (dnsam-maximum-crosses).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.symbols import eta, mu, real, rho, w

s, xi = real("s"), real("xi")

# A maximum, w > 0, curvature -mu.
_UP = w - eta * (-mu * (w + rho * (-mu * w + s * xi) / (mu * w)) + s * xi)
MAXIMUM = Claim(
    id="dnsam-maximum",
    title="At a maximum DNSAM stands still at |x| = rho, whatever the noise",
    place=BEYOND,
    voice="ours",
    says="At a maximum of curvature -mu drift and noise of DNSAM's SDE vanish at |x| = rho, and so does the "
    "algorithm's step for every error xi.",
    given=(mu > 0, eta > 0, s > 0, rho > 0, w > 0),
    reading="For w > 0; the SDE's drift is mu (w - rho) and its noise sqrt(eta) s (1 - rho/w).",
    **conjunction(
        "together",
        Equal("step", equal(_UP, w + eta * (w - rho) * (mu - s * xi / w)), "take out w - rho"),
        Equal("stops",
              every(equal(value(mu * (w - rho), w, rho), 0), equal(value(s * (1 - rho / w), w, rho), 0),
                    equal(value(_UP, w, rho), rho)), "w - rho is a factor"),
        because="both",
    ),
    argument="At |x| = rho the ascent without noise leads exactly to the top, where the gradient is 0. The error "
    "moves the ascended weight by s xi/mu, where the curvature answers with -s xi, and the descent adds s xi. So the "
    "noise cancels along with the drift.",
    twins=(
        Twin("the noise alone stays", equal(value(_UP, w, rho), rho - eta * s * xi)),
        Twin("at |x| = rho/2", equal(value(_UP, w, rho / 2), rho / 2)),
    ),
    related=("dnsam-maximum-exponent", "dnsam-maximum-crosses"),
)  # fmt: skip
_RATE = mu * (w - rho) / (w - rho) - eta * (s * (1 - rho / w)) ** 2 / (2 * (w - rho) ** 2)
EXPONENT = Claim(
    id="dnsam-maximum-exponent",
    title="DNSAM at a maximum: noise holds the SDE at |x| = rho if eta s^2 > 2 mu rho^2",
    place=BEYOND,
    voice="ours",
    says="The logarithm of the distance to |x| = rho grows at the mean rate mu - eta s^2/(2 rho^2) along DNSAM's "
    "SDE: almost every path nears |x| = rho exactly if eta s^2 > 2 mu rho^2.",
    given=(mu > 0, eta > 0, s > 0, rho > 0),
    reading="Ito's formula for ln|x - rho|, at x = rho. The mean distance grows at the rate mu all the same. As ln|x "
    "- rho| never reaches minus infinity in a finite time, the SDE passes |x| = rho from neither side.",
    rests=("dnsam-maximum",),
    **conjunction(
        "together",
        Equal("exponent", equal(value(_RATE, w, rho), mu - eta * s**2 / (2 * rho**2)), "cancel w - rho"),
        Equal(
            "scaled", equal((mu - eta * s**2 / (2 * rho**2)) * (2 * rho**2), 2 * mu * rho**2 - eta * s**2), "multiply"
        ),
        Entails(
            "sign",
            iff(below(mu - eta * s**2 / (2 * rho**2)), above(eta * s**2, 2 * mu * rho**2)),
            "2 rho^2 is positive",
            uses=("scaled",),
        ),
        of=("exponent", "sign"),
        because="both",
    ),
    argument="Next to |x| = rho the SDE is dd = mu d dt + sqrt(eta) (s/rho) d dW in the distance d, a geometric "
    "Brownian motion. Its logarithm drifts by mu - eta s^2/(2 rho^2). Strong noise makes this negative though the "
    "mean grows.",
    twins=(Twin("without Ito's term", equal(value(_RATE, w, rho), mu)),),
)
CROSSES = Claim(
    id="dnsam-maximum-crosses",
    title="The algorithm passes |x| = rho with every error above (1 + eta mu) w/(eta s)",
    place=BEYOND,
    voice="ours",
    says="A step of DNSAM multiplies the distance to |x| = rho by 1 + eta mu - eta s xi/w, which is negative exactly "
    "for eta s xi > (1 + eta mu) w.",
    given=(mu > 0, eta > 0, s > 0, rho > 0, w > 0, sp.Ne(w, rho)),
    reading="With normal errors this has a positive probability at every w, so that the ball |x| < rho is entered "
    "and left, which the SDE excludes.",
    rests=("dnsam-maximum",),
    **conjunction(
        "together",
        Equal("factor", equal((_UP - rho) / (w - rho), 1 + eta * mu - eta * s * xi / w), "divide by w - rho"),
        Equal(
            "scaled", equal((1 + eta * mu - eta * s * xi / w) * w, (1 + eta * mu) * w - eta * s * xi), "multiply by w"
        ),
        Entails(
            "crosses",
            iff(below(1 + eta * mu - eta * s * xi / w), above(eta * s * xi, (1 + eta * mu) * w)),
            "w is positive",
            uses=("scaled",),
        ),
        of=("factor", "crosses"),
        because="both",
    ),
    argument="The step is w' - rho = (w - rho)(1 + eta mu - eta s xi/w). A large error makes the bracket negative. "
    "Then the weight has passed to the other side.",
    twins=(Twin("every positive error", iff(below(1 + eta * mu - eta * s * xi / w), above(xi))),),
)
CLAIMS: tuple[Claim, ...] = (MAXIMUM, EXPONENT, CROSSES)
