r"""Du and others 2022: a random mask of the ascent, each coordinate kept with probability b.

Key results
- In every basis the mean step is SAM's with radius $b\rho$: the threshold is $1/(b\mu)$, and $1/\mu$ if the kept
  coordinates are divided by b.
- The mask adds $\eta^2\rho^2\lambda^4\,b(1-b)$ to the mean-square multiplier.
"""

from __future__ import annotations

import itertools

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff, implies
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import Matrix
from saddlecheck.theory.papers.kim.notation import hessian, matrix
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho

q = real("q")

b = real("b")  # the probability with which a coordinate is kept
_H = sp.Matrix([[real("p"), q], [q, real("r")]])


def _jacobian(mask: Matrix) -> Matrix:
    """Of the descent's gradient, on a quadratic loss."""
    return _H * (sp.eye(2) + rho * mask * _H)


def _mean_jacobian() -> Matrix:
    total = sp.zeros(2, 2)
    for kept in itertools.product((1, 0), repeat=2):
        weight = sp.prod([b if k else 1 - b for k in kept])
        total += weight * _jacobian(sp.diag(*kept))
    return total


_FIRST, _SECOND, _ONE = (
    matrix("M_{1}"),
    matrix("M_{2}"),
    sp.Identity(2),
)  # for a display: two masks
ESAM = Claim(
    id="esam",
    title="On average a masked ascent is SAM's with radius b rho, in every basis",
    place=attributed("mean threshold"),
    says="Attributed to Du and others: a random part of the ascent is enough. With keep probability b the mean step "
    "on a quadratic is that of SAM with radius b rho, whatever the Hessian, so the mean threshold is 1/(b mu).",
    reading="Two weights with independent masks and any symmetric Hessian; constant radius. If the kept coordinates "
    "are divided by b, rho is replaced by rho/b and the threshold is 1/mu.",
    given=(mu > 0, rho > 0, b > 0, b <= 1),
    display=Display(
        (
            equal(
                b**2 * hessian * (_ONE + rho * hessian)
                + b * (1 - b) * hessian * (_ONE + rho * _FIRST * hessian)
                + b * (1 - b) * hessian * (_ONE + rho * _SECOND * hessian)
                + (1 - b) ** 2 * hessian,
                hessian * (_ONE + b * rho * hessian),
            ),
            iff(-mu * (1 - b * rho * mu) > 0, b * rho * mu > 1),
        ),
        {
            _FIRST: sp.ImmutableMatrix([[1, 0], [0, 0]]),
            _SECOND: sp.ImmutableMatrix([[0, 0], [0, 1]]),
            hessian: sp.ImmutableMatrix(_H),
        },
    ),
    **conjunction(
        "together",
        Equal(
            "mean",
            every(*(equal(_mean_jacobian()[i, j], _jacobian(b * sp.eye(2))[i, j]) for i in range(2) for j in range(2))),
            "the mask enters linearly",
        ),
        Entails("threshold", iff(-mu * (1 - rho * b * mu) > 0, rho * b * mu > 1), "the rate of SAM with radius b rho"),
        because="both",
    ),
    twins=(Twin("SAM's threshold", iff(-mu * (1 - rho * b * mu) > 0, rho * mu > 1)),),
    voice="paper",
    provenance="from memory",
    argument="The descent's gradient is H (w + rho M H w) with the mask M, which is linear in M. The mean of M is b "
    "times the identity in every basis. So the mean step is H (1 + rho b H) w, that of SAM with radius b rho.",
    related=("esam-mean-square",),
)


def _multiplier(kept: Expr, curvature: Expr = lam) -> Expr:
    return 1 - eta * curvature * (1 + rho * kept * curvature)


def _square(curvature: Expr) -> Expr:
    return b * _multiplier(sp.S.One, curvature) ** 2 + (1 - b) * _multiplier(sp.S.Zero, curvature) ** 2


MEAN_SQUARE = Claim(
    id="esam-mean-square",
    title="The mask adds eta^2 rho^2 lambda^4 b (1 - b) to the mean-square multiplier",
    place=attributed("mean-square effect"),
    says="Along one eigendirection E w^2 is multiplied by (1 - eta lambda (1 + rho b lambda))^2 + eta^2 rho^2 "
    "lambda^4 b (1 - b). At lambda = -mu it can shrink only beyond the mean threshold.",
    reading="One coordinate; with the kept coordinate divided by b the added term is eta^2 rho^2 lambda^4 (1 - b)/b.",
    given=(mu > 0, rho > 0, eta > 0, b > 0, b <= 1),
    **conjunction(
        "together",
        Equal(
            "spread",
            equal(_square(lam), _multiplier(b) ** 2 + eta**2 * rho**2 * lam**4 * b * (1 - b)),
            "the variance of the mask is b (1 - b)",
        ),
        Entails(
            "stronger", implies(_square(-mu) < 1, rho * b * mu > 1), "a mean square is at least the square of the mean"
        ),
        because="both",
    ),
    twins=(
        Twin("no added term", equal(_square(lam), _multiplier(b) ** 2)),
        Twin("the mean threshold is enough", implies(rho * b * mu > 1, _square(-mu) < 1)),
    ),
    voice="ours",
    argument="A step multiplies w by 1 - eta lambda (1 + rho m lambda), where m is 1 with probability b and 0 "
    "otherwise. The mean square is the square of the mean plus eta^2 rho^2 lambda^4 times the variance of m. So "
    "contraction in mean square implies that of the mean, and not the reverse.",
)

PAPER = Paper(
    "esam",
    "Efficient Sharpness-aware Minimization for Improved Training of Neural Networks",
    ("Du", "Yan", "Feng", "Zhou", "Zhen", "Goh", "Tan"),
    2022,
    (ESAM, MEAN_SQUARE),
    link="https://arxiv.org/abs/2110.03141",
    sections=SECTIONS,
)
