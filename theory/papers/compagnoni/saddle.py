r"""Normalised SAM at a saddle without noise: a ball that its flow enters and its map need not.

Key results, with mu the smallest size of a negative eigenvalue and L the largest eigenvalue
- The flow pulls every start with $|Hx| < \rho\mu$ in, for any rho; on the axis of mu the ball cannot be larger.
- The map keeps that ball for $\eta L^2 < \mu \le L$; for $\eta L^2 > \mu$ starts next to the saddle are thrown out
  of it by one step.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, at_least, below, either, equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, quadratic
from saddlecheck.theory.papers.standard import SAM_NORMALISED
from saddlecheck.theory.symbols import eta, lam, mu, real, rho, w, x, y

a0, a1, a2, z = real("a_0"), real("a_1"), real("a_2"), real("z")

nu, L, r = real("nu"), real("L"), real("r")
_P = (real("p_1"), real("p_2"), real("p_3"))  # the gradient Hx in the eigenbasis; r = |Hx|
_FIELD = [
    -curvature
    * part.subs({v: p / c for v, p, c in zip((x, y, z), _P, (lam, -mu, -nu), strict=True)}, simultaneous=True)
    for curvature, part in zip(
        (lam, -mu, -nu),
        SAM_NORMALISED.direction(BareLoss((x, y, z), lam * x**2 / 2 - mu * y**2 / 2 - nu * z**2 / 2)),
        strict=True,
    )
]
FIELD = Claim(
    id="sam-saddle-field",
    title="The flow of normalised SAM, in the gradient",
    place=BEYOND,
    voice="ours",
    says="On a quadratic the gradient p = Hx moves along SAM's flow as p' = -(H p + rho H^2 p/|p|).",
    statement=every(
        *(
            equal(f, -(c * p + rho * c**2 * p / sp.sqrt(sum(p**2 for p in _P))))
            for f, c, p in zip(_FIELD, (lam, -mu, -nu), _P, strict=True)
        )
    ),
    given=(lam > 0, mu > 0, nu > 0, above(sum(p**2 for p in _P))),
    reading="Three eigenvalues, lambda, -mu and -nu.",
    steps=(Equal("field", STATEMENT, "multiply the flow by H"),),
    argument="The flow is x' = -H(x + rho Hx/|Hx|). Multiply by H and write p for Hx. Nothing else is in it.",
    twins=(
        Twin(
            "H for H^2",
            every(
                *(
                    equal(f, -(c * p + rho * c * p / sp.sqrt(sum(p**2 for p in _P))))
                    for f, c, p in zip(_FIELD, (lam, -mu, -nu), _P, strict=True)
                )
            ),
        ),
    ),
)

# The rate of |p|^2/2, times r: each direction by itself.
_SPEED = -sum((c + rho * c**2 / r) * p**2 for c, p in zip((lam, -mu, -nu), _P, strict=True))
_BALL = (r > 0, equal(r**2, sum(p**2 for p in _P)), r < rho * mu)
_PARTS = (lam * (r + rho * lam) * _P[0] ** 2, mu * (rho * mu - r) * _P[1] ** 2, nu * (rho * nu - r) * _P[2] ** 2)
FLOW = Claim(
    id="sam-saddle",
    title="SAM's flow is attracted to a saddle from |Hx| < rho mu_min, for any radius",
    place=Place("attributed", "SAM and saddles"),
    voice="paper",
    provenance="second hand",
    says="Attributed to Compagnoni et al.: the flow x' = -H(x + rho Hx/|Hx|) is attracted to a saddle from every "
    "start with |Hx| < rho mu_min, however small rho is; mu_min is the smallest size of a negative eigenvalue.",
    statement=below(_SPEED),
    given=(lam > 0, mu > 0, mu <= nu, rho > 0, *_BALL),
    reading="p = Hx, r = |p|; the formula is the rate of |p|^2/2. Eigenvalues lambda, -mu and -nu with mu the "
    "smaller; further ones have terms of the same two kinds. As r falls the margins only grow, and the rate of r "
    "stays below a negative number, so that the saddle is reached in a finite time.",
    rests=("sam-saddle-field",),
    steps=(
        Equal("times r", equal(r * _SPEED, -sum(_PARTS)), "multiply out"),
        Entails("margins", every(above(rho * mu - r), above(rho * nu - r)), "mu <= nu"),
        Entails("weights", every(above(lam * (r + rho * lam)), above(mu * (rho * mu - r)), above(nu * (rho * nu - r))),
                "products of positive numbers", uses=("margins",)),
        Entails("somewhere", either(*(sp.Ne(p, 0) for p in _P)), "r is not 0"),
        Entails("sum", above(sum(_PARTS)), "no term is negative, one is positive", uses=("weights", "somewhere")),
        Entails("pulled", STATEMENT, "divide by r", uses=("times r", "sum")),
    ),
    argument="Write p = Hx. Along the flow |p|^2/2 changes at the rate minus the sum of (l + rho l^2/|p|) p_l^2 over "
    "the eigenvalues l. For positive l the bracket is positive. For l = -mu it is mu (rho mu/|p| - 1), which is "
    "positive for |p| < rho mu. So |p| falls as long as it is below rho mu_min, and ever more decidedly.",
    twins=(
        Twin("the largest size instead of the smallest", STATEMENT,
             (lam > 0, mu > 0, mu <= nu, rho > 0, r > 0, _BALL[1], r < rho * nu)),
        Twin("|x| < rho instead of |Hx| < rho mu", STATEMENT,
             (lam > 0, mu > 0, mu <= nu, rho > 0, r > 0, _BALL[1], r < rho)),
    ),
    related=("sam-saddle-sharp", "sam-saddle-map"),
)  # fmt: skip
SHARP = Claim(
    id="sam-saddle-sharp",
    title="On the axis of the smallest negative eigenvalue the ball ends at |Hx| = rho mu",
    place=BEYOND,
    voice="ours",
    says="Along the eigenvector of -mu SAM's flow leads away exactly from |Hx| > rho mu.",
    statement=iff(below(w * SAM_NORMALISED.direction(quadratic(-mu))[0]), mu * sp.Abs(w) > rho * mu),
    given=(mu > 0, rho > 0, sp.Ne(w, 0)),
    reading="w is the weight along that eigenvector, |Hx| = mu |w|; it moves against the direction.",
    steps=(Entails("outward", STATEMENT, "w (w - rho sign w)"),),
    argument="On this axis the ascent leads down by rho, across the saddle if |w| < rho. The flow is mu (w - rho "
    "sign w). It points outward exactly for |w| > rho.",
    twins=(
        Twin(
            "twice as far", iff(below(w * SAM_NORMALISED.direction(quadratic(-mu))[0]), mu * sp.Abs(w) > 2 * rho * mu)
        ),
    ),
)

# One step in the gradient, eigenvalues L and -mu.
_TO = (_P[0] * (1 - eta * L - eta * rho * L**2 / r), _P[1] * (1 + eta * mu - eta * rho * mu**2 / r))
_MAPPED = (L > 0, mu > 0, rho > 0, eta > 0, eta * L < 2, r > 0, equal(r**2, _P[0] ** 2 + _P[1] ** 2), r < rho * mu)
STAYS = Claim(
    id="sam-saddle-map",
    title="The map keeps the ball |Hx| < rho mu_min as well, for any radius and stable step",
    place=FLOW.place,
    voice="reading",
    provenance="second hand",
    says="A step of normalised SAM with eta L < 2 from |Hx| < rho mu_min stays in |Hx| < rho mu_min, as the flow does.",
    statement=below(_TO[0] ** 2 + _TO[1] ** 2, rho**2 * mu**2),
    given=_MAPPED,
    reading="p = Hx moves by p' = p - eta (H p + rho H^2 p/|p|); eigenvalues L and -mu.",
    hints=(
        {
            L: 1,
            mu: sp.Rational(1, 10),
            rho: 1,
            eta: sp.Rational(1, 2),
            r: sp.Rational(1, 20),
            _P[0]: sp.Rational(1, 20),
            _P[1]: 0,
        },
    ),
    argument="Next to the saddle the ascent has the length rho however small the gradient is. The step along L is "
    "then eta rho L^2 in the gradient, which exceeds rho mu as soon as eta L^2 > mu. With L = 1, mu = 1/10 and eta = "
    "1/2 a start in the ball is thrown out of it.",
    finding="What the flow captures for any rho the map captures for small steps only.",
    twins=(Twin("for steps below 1/L", STATEMENT, (*_MAPPED, eta * L < 1)),),
)
_Q = (r * (1 - eta * L) - eta * rho * L**2, r * (1 + eta * mu) - eta * rho * mu**2)  # the factors, times r
WEIGHTED = Claim(
    id="sam-saddle-weights",
    title="A weighted sum of squares is below the largest weight's",
    place=BEYOND,
    voice="ours",
    says="If both weights are below a_0 and p is not 0, then a_1 p_1^2 + a_2 p_2^2 < a_0 |p|^2.",
    statement=below(a1 * _P[0] ** 2 + a2 * _P[1] ** 2, a0 * (_P[0] ** 2 + _P[1] ** 2)),
    given=(
        below(a1, a0),
        below(a2, a0),
        either(sp.Ne(_P[0], 0), sp.Ne(_P[1], 0)),
    ),
    steps=(
        Entails("first", at_least((a0 - a1) * _P[0] ** 2), "no factor is negative"),
        Entails("second", at_least((a0 - a2) * _P[1] ** 2), "no factor is negative"),
        Entails(
            "one of them",
            above((a0 - a1) * _P[0] ** 2 + (a0 - a2) * _P[1] ** 2),
            "p is not 0",
            uses=("first", "second"),
        ),
        Entails("weighted", STATEMENT, "rearranged", uses=("one of them",)),
    ),
    argument="The difference of the two sides is the sum of (a_0 - a_j) p_j^2. No term is negative. As p is not 0, "
    "one is positive.",
    twins=(Twin("one weight above", STATEMENT, (below(a1, a0), sp.Ne(_P[1], 0))),),
)
KEEPS = Claim(
    id="sam-saddle-map-ball",
    title="The map of normalised SAM keeps the ball |H x| < rho mu for eta L^2 < mu",
    place=BEYOND,
    voice="ours",
    says="For eta L^2 < mu <= L a step leads from |Hx| < rho mu to |Hx| < rho mu.",
    statement=STAYS.statement,
    given=(*_MAPPED, eta * L**2 < mu, mu <= L),
    amends="sam-saddle-map",
    reading="Held in the ball, but not brought to the saddle: the ascent never gets shorter than rho.",
    steps=(
        Entails("gentle", every(eta * L <= 1, eta * mu <= 1), "eta L <= mu/L <= 1"),
        Entails("along L, above", below(_Q[0], rho * mu), "below r"),
        Entails("along L, below", above(_Q[0], -rho * mu), "-eta rho L^2 at least", uses=("gentle",)),
        Entails("along mu, above", below(_Q[1], rho * mu), "r + eta mu (r - rho mu) is below r"),
        Entails("along mu, below", above(_Q[1], -rho * mu), "-eta mu rho mu at least", uses=("gentle",)),
        Entails("squares", every(*(below(q**2, rho**2 * mu**2) for q in _Q)), "of numbers between the bounds",
                uses=("along L, above", "along L, below", "along mu, above", "along mu, below")),
        Equal("in q", equal((_TO[0] ** 2 + _TO[1] ** 2) * r**2, _Q[0] ** 2 * _P[0] ** 2 + _Q[1] ** 2 * _P[1] ** 2),
              "multiply by r^2"),
        Entails("somewhere", either(sp.Ne(_P[0], 0), sp.Ne(_P[1], 0)), "r is not 0"),
        cite("sum", WEIGHTED, {a1: _Q[0] ** 2, a2: _Q[1] ** 2, a0: rho**2 * mu**2},
             uses=("squares", "somewhere")),
        Entails("scaled", below((_TO[0] ** 2 + _TO[1] ** 2) * r**2, rho**2 * mu**2 * r**2), "r^2 = p_1^2 + p_2^2",
                uses=("in q", "sum")),
        Entails("stays", STATEMENT, "divide by r^2", uses=("scaled",)),
    ),
    argument="A step multiplies p_l by 1 - eta l - eta rho l^2/r; times r this is q_l. For eta L^2 < mu both q's lie "
    "between -rho mu and rho mu: they are below r, and what the ascent adds is at most eta rho L^2. So |p'| is below "
    "rho mu.",
    twins=(Twin("eta L^2 < 2 mu", STATEMENT, (*_MAPPED, eta * L**2 < 2 * mu, mu <= L)),),
)  # fmt: skip
THROWN = Claim(
    id="sam-saddle-map-sharp",
    title="For eta L^2 > mu starts next to the saddle leave the ball in one step",
    place=BEYOND,
    voice="ours",
    says="Along the eigenvector of L, for eta L^2 > mu, a step leads from |Hx| = r < rho (eta L^2 - mu) to |Hx| > "
    "rho mu.",
    statement=above(eta * rho * L**2 - r * (1 - eta * L), rho * mu),
    given=(L > 0, mu > 0, rho > 0, eta > 0, r > 0, r < rho * (eta * L**2 - mu)),
    reading="-q_1 of claim sam-saddle-map-ball: the gradient's size after the step, on the other side.",
    steps=(
        Entails("part", r * (1 - eta * L) <= r, "eta L is positive"),
        Entails("thrown", STATEMENT, "r is smaller than what is left", uses=("part",)),
    ),
    argument="From a start with gradient r along L a step leads to -(eta rho L^2 - r (1 - eta L)). The bracket is at "
    "least eta rho L^2 - r. For r < rho (eta L^2 - mu) this exceeds rho mu.",
    finding="So eta L^2 <= mu is needed: the condition of sam-saddle-map-ball is sharp but for equality.",
    twins=(
        Twin(
            "for every start in the ball",
            STATEMENT,
            (L > 0, mu > 0, rho > 0, eta > 0, r > 0, r < rho * mu, eta * L**2 > mu),
        ),
    ),
)
CLAIMS: tuple[Claim, ...] = (FLOW, FIELD, SHARP, STAYS, KEEPS, WEIGHTED, THROWN)
