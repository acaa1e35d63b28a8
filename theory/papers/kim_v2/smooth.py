r"""Theorem 1 for every smooth loss, with no theorem about flows taken on trust: $|w|^2$ itself falls near the saddle.

Key results
- Where all rates are at least m and no eigenvalue exceeds $\Lambda$ in size,
  $w\cdot\nabla\ell(w^p) \ge (m - \varepsilon(1 + 2\rho\Lambda + \rho\varepsilon))|w|^2$ as soon as the gradient is
  within $\varepsilon|w|$ of its linear part. So $|w|$ falls exponentially from every start near the saddle.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import lam, mu, real, rho, x, y

r, a1, a2, b1, b2 = (real(name) for name in ("r", "a_1", "a_2", "b_1", "b_2"))
k1, k2, bound, share = real("k_1"), real("k_2"), real("K"), real("delta")
m, size, epsilon = real("m"), real("Lambda"), real("epsilon")

_LENGTH = equal(r**2, x**2 + y**2)
_PRODUCT = k1 * x * a1 + k2 * y * a2
_SQUARES = [
    [
        (bound + turned * k) * (share * along + turned * sign * error) ** 2
        for k, along, error in ((k1, x, a1), (k2, y, a2))
        for turned in (-1, 1)
    ]
    for sign in (-1, 1)
]
_LARGEST = bound * share * r**2
_SUMS = [2 * bound * (share**2 * (x**2 + y**2) + a1**2 + a2**2) - sign * 4 * share * _PRODUCT for sign in (1, -1)]
PRODUCT = Claim(
    id="kim-v2-smooth-product",
    title="A product with a small vector is small, whatever the factors of its coordinates",
    place=BEYOND,
    voice="ours",
    says="If a is at most delta |w| long and both k_1 and k_2 are at most K in size, k_1 x a_1 + k_2 y a_2 is at most "
    "K delta |w|^2 in size.",
    statement=every(at_least(_LARGEST, _PRODUCT), at_least(_PRODUCT, -_LARGEST)),
    given=(
        _LENGTH,
        share > 0,
        a1**2 + a2**2 <= share**2 * r**2,
        k1 <= bound,
        k1 >= -bound,
        k2 <= bound,
        k2 >= -bound,
    ),
    steps=(
        Equal("sums", every(*(equal(sp.Add(*each), sum_) for each, sum_ in zip(_SQUARES, _SUMS, strict=True))),
              "expand the squares"),
        Entails("factors", every(*(at_least(bound + turned * k) for k in (k1, k2) for turned in (-1, 1))), "|k| <= K"),
        Entails("products", every(*(at_least(part) for each in _SQUARES for part in each)), "no factor is negative",
                uses=("factors",)),
        Entails("squares", every(*(at_least(sp.Add(*each)) for each in _SQUARES)), "sums of these",
                uses=("products",)),
        Entails("lengths", bound * (a1**2 + a2**2) <= bound * (share**2 * r**2), "K is not negative"),
        Entails("both", 2 * bound * (share**2 * (x**2 + y**2) + a1**2 + a2**2) <= 4 * share * _LARGEST,
                "|a| is at most delta |w|", uses=("lengths",)),
        Entails("scaled",
                every(at_least(share * _LARGEST, share * _PRODUCT), at_least(share * _PRODUCT, -share * _LARGEST)),
                "the sums are not negative", uses=("sums", "squares", "both")),
        Entails("divided", STATEMENT, "delta is positive", uses=("scaled",)),
    ),
    argument="For numbers u and v of any sign 2 u v is at most u^2 + v^2. With u = delta x and v = a_1, times k_1, "
    "which is at most K, this bounds 2 delta k_1 x a_1 by K (delta^2 x^2 + a_1^2), and likewise the other coordinate. "
    "The sum is at most 2 K delta^2 |w|^2. Divide by 2 delta.",
    twins=(Twin("half of it", at_least(_LARGEST / 2, _PRODUCT)),),
)  # fmt: skip

# What the parts of |w^p|^2 and of w.g(w^p) come to, each part a number of its own.
u, c, q, v = (real(name) for name in ("u", "c", "q", "v"))
_longest = at_least(((bound + rho * share) * r) ** 2, u + 2 * rho * c + rho**2 * q)
REACH = Claim(
    id="kim-v2-smooth-reach",
    title="How long the ascended weight is at most",
    place=BEYOND,
    voice="ours",
    says="If u is at most K^2 r^2, c at most K delta r^2 and q at most delta^2 r^2, u + 2 rho c + rho^2 q is at most "
    "(K + rho delta)^2 r^2.",
    statement=_longest,
    given=(
        rho > 0, share > 0, at_least(bound**2 * r**2, u), at_least(bound * share * r**2, c),
        at_least(share**2 * r**2, q),
    ),
    steps=(
        Entails("crossed", at_least(2 * rho * (bound * share * r**2), 2 * rho * c), "rho is positive"),
        Entails("pushed", at_least(rho**2 * (share**2 * r**2), rho**2 * q), "a square is not negative"),
        Entails("longest", STATEMENT, "add the three", uses=("crossed", "pushed")),
    ),
    argument="The three bounds add up to (K^2 + 2 rho K delta + rho^2 delta^2) r^2. The bracket is the square of K + "
    "rho delta. That rho is positive is used for the second one.",
    twins=(Twin("without the error", at_least((bound * r) ** 2, u + 2 * rho * c + rho**2 * q)),),
)  # fmt: skip
_lost = share * (1 + 2 * rho * size + rho * share)
_kept = at_least(u + rho * c + v, (m - _lost) * r**2)
_positive = implies(above(m, _lost), above(u + rho * c + v))
SUM = Claim(
    id="kim-v2-smooth-sum",
    title="What two small errors take off the rate",
    place=BEYOND,
    voice="ours",
    says="If u is at least m r^2, c at least -Lambda delta r^2 and v at least -delta (1 + rho Lambda + rho delta) r^2, "
    "u + rho c + v is at least (m - delta (1 + 2 rho Lambda + rho delta)) r^2.",
    given=(
        rho > 0, r > 0, at_least(u, m * r**2), at_least(c, -size * share * r**2),
        at_least(v, -share * (1 + rho * size + rho * share) * r**2),
    ),
    **conjunction(
        "both",
        Entails("scaled", at_least(rho * c, -rho * (size * share * r**2)), "rho is positive"),
        Entails("kept", _kept, "add the three", uses=("scaled",)),
        Entails("square", above(r**2), "r is positive"),
        Entails("positive", _positive, "r^2 is positive", uses=("kept", "square")),
        of=("kept", "positive"),
    ),
    argument="The three bounds are added, the second one times rho, which is positive. The coefficients of delta are "
    "1 + rho Lambda + rho delta and rho Lambda. If m exceeds what is lost, the bound is positive.",
    twins=(Twin("the second error alone", at_least(u + rho * c + v, (m - share * (1 + rho * size)) * r**2)),),
)  # fmt: skip

_SAM = OPTIMISERS["sam"]
# The gradient is its linear part and an error: a at the weight, b at the ascended weight.
_UP = (x + rho * (lam * x + a1), y + rho * (-mu * y + a2))
_FORCE = x * (lam * _UP[0] + b1) + y * (-mu * _UP[1] + b2)
_LINEAR = _SAM.rate(lam) * x**2 + _SAM.rate(-mu) * y**2
_FIRST, _SECOND = lam * x * a1 - mu * y * a2, x * b1 + y * b2
_FACTORS = (1 + rho * lam, 1 - rho * mu)
_REACH = 1 + rho * size + rho * epsilon  # how much longer than the weight the ascended weight is at most
_CROSS = _FACTORS[0] * x * a1 + _FACTORS[1] * y * a2
_LOST = epsilon * (1 + 2 * rho * size + rho * epsilon)
_FALLS = at_least(_FORCE, (m - _LOST) * r**2)
_ATTRACTS = implies(above(m, _LOST), above(_FORCE))
_ASCENDED_MOST = (_REACH * r) ** 2
_ASCENDED = _UP[0] ** 2 + _UP[1] ** 2
SMOOTH = Claim(
    id="kim-v2-smooth",
    title="Second version, Theorem 1: beyond 1/mu the saddle of every smooth loss attracts",
    place=attributed("Theorem 1, smooth losses"),
    says="Attributed to the second version: the same for every smooth loss, since the Jacobian's eigenvalues are "
    "minus the rates. If the gradient is within epsilon |w| of its linear part, at w and at the ascended weight, "
    "along SAM's flow |w|^2/2 falls at least at the rate (m - epsilon (1 + 2 rho Lambda + rho epsilon)) |w|^2, m the "
    "smallest rate and Lambda the largest eigenvalue in size.",
    reading="The saddle is 0; a and b are the gradient's errors at w and at w^p = w + rho g. That the gradient has a "
    "derivative at the saddle says that for every epsilon > 0 this holds near it; no second derivative elsewhere is "
    "needed. For epsilon small enough |w| then falls exponentially, so that the saddle is asymptotically stable. Two "
    "eigendirections, lambda and -mu; further ones add terms of the same two kinds. m > 0 is kim-v2.",
    given=(
        lam > 0, mu > 0, rho > 1 / mu, epsilon > 0, r > 0, _LENGTH,
        m <= _SAM.rate(lam), m <= _SAM.rate(-mu), lam <= size, mu <= size,
        a1**2 + a2**2 <= epsilon**2 * r**2,
        b1**2 + b2**2 <= epsilon**2 * _ASCENDED,
    ),
    **conjunction(
        "attracts",
        Equal("split", equal(_FORCE, _LINEAR + rho * _FIRST + _SECOND), "collect"),
        Entails("rates", at_least(_LINEAR, m * r**2), "each rate is at least m"),
        cite("first error", PRODUCT, {k1: lam, k2: -mu, bound: size, share: epsilon}),
        Entails("radius", above(rho), "beyond 1/mu"),
        Entails("factors", every(*(f for k in _FACTORS for f in (k <= 1 + rho * size, k >= -(1 + rho * size)))),
                "lambda and mu are at most Lambda", uses=("radius",)),
        cite("cross", PRODUCT, {k1: _FACTORS[0], k2: _FACTORS[1], bound: 1 + rho * size, share: epsilon},
             uses=("factors",)),
        Equal("expanded",
              equal(_ASCENDED, (_FACTORS[0] * x) ** 2 + (_FACTORS[1] * y) ** 2 + 2 * rho * _CROSS
                    + rho**2 * (a1**2 + a2**2)), "expand"),
        Entails("squared factors", every(*(at_least((1 + rho * size) ** 2, k**2) for k in _FACTORS)), "their squares",
                uses=("factors",)),
        Entails("along each",
                every(*(at_least((1 + rho * size) ** 2 * at**2, k**2 * at**2)
                        for k, at in zip(_FACTORS, (x, y), strict=True))),
                "a square is not negative", uses=("squared factors",)),
        Entails("stretched",
                at_least((1 + rho * size) ** 2 * r**2, (_FACTORS[0] * x) ** 2 + (_FACTORS[1] * y) ** 2),
                "r^2 is x^2 + y^2", uses=("along each",)),
        cite("far", REACH,
             {u: (_FACTORS[0] * x) ** 2 + (_FACTORS[1] * y) ** 2, c: _CROSS, q: a1**2 + a2**2,
              bound: 1 + rho * size, share: epsilon},
             uses=("radius", "stretched", "cross")),
        Entails("ascended", at_least(_ASCENDED_MOST, _ASCENDED), "expanded, the same", uses=("expanded", "far")),
        Entails("beside it", at_least(epsilon**2 * _ASCENDED_MOST, epsilon**2 * _ASCENDED), "a square is not negative",
                uses=("ascended",)),
        Entails("second error", at_least((epsilon * _REACH) ** 2 * r**2, b1**2 + b2**2), "b is small beside w^p",
                uses=("beside it",)),
        Entails("reach", above(epsilon * _REACH), "positive numbers", uses=("radius",)),
        cite("pulled", PRODUCT, {k1: 1, k2: 1, bound: 1, share: epsilon * _REACH, a1: b1, a2: b2},
             uses=("second error", "reach")),
        cite("together", SUM, {u: _LINEAR, c: _FIRST, v: _SECOND, share: epsilon},
             uses=("radius", "rates", "first error", "pulled")),
        Entails("falls", _FALLS, "all together", uses=("split", "together")),
        Entails("positive", _ATTRACTS, "the same", uses=("split", "together")),
        of=("falls", "positive"),
        because="both",
    ),
    twins=(
        Twin("a zero rate suffices", _SAM.rate(-mu) > 0, (mu > 0, rho >= 1 / mu)),
        Twin("without the errors", at_least(_FORCE, m * r**2)),
    ),
    hints=({lam: 1, mu: 1, rho: 2, epsilon: sp.Rational(1, 100), r: 1, x: 1, y: 0, size: 1, m: 1,
            a1: 0, a2: 0, b1: 0, b2: 0},),
    voice="paper",
    provenance="second hand",
    argument="Along SAM's flow |w|^2/2 changes at the rate -w.g(w^p). The linear part of g(w^p) is H (1 + rho H) w, "
    "which makes this at most -m |w|^2. The error at w enters through the ascent, as rho H a, and costs at most rho "
    "Lambda epsilon |w|^2. The error at w^p costs at most epsilon |w^p| |w|, and |w^p| is at most 1 + rho Lambda + rho "
    "epsilon times |w|. Both are small beside m for small epsilon, and that the gradient is differentiable makes "
    "epsilon as small as one likes near the saddle.",
    related=("kim-v2",),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (SMOOTH, PRODUCT, REACH, SUM)
