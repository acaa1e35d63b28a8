r"""Long and Bartlett: the edge of stability of SAM, and what a quadratic's 2-cycle says about it.

Key results
- $L < (|g|/2\rho)(\sqrt{1 + 8\rho/(\eta|g|)} - 1)$ is $\eta L(1 + \rho L/|g|) < 2$; for $\rho \to 0$ the edge is
  $2/\eta$, for $|g| \to 0$ it falls like $\sqrt{2|g|/(\eta\rho)}$.
- The 2-cycle of every quadratic stands at the edge, whatever eta, rho and L; with momentum above it.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.symbols import eta, gamma, real, rho, w

L, g = real("L"), real("g")  # the top eigenvalue, and the norm of the gradient
_z = real("z")
_STEP = OPTIMISERS["sam_normalised"].update(quadratic(L))[0]
_POLYNOMIAL = eta * L * (1 + rho * L / g)
_ROOT = sp.sqrt(1 + 8 * rho / (eta * g))
EDGE_VALUE = g / (2 * rho) * (_ROOT - 1)
_SETTINGS = (g > 0, rho > 0, eta > 0)

_equivalent = iff(below(L, EDGE_VALUE), below(_POLYNOMIAL, 2))
_scaled = 1 + 2 * rho * L / g  # what the root is compared with
EDGE = Claim(
    id="sam-edge",
    title="The edge of stability of SAM",
    place=Place("attributed", "the edge of stability"),
    voice="paper",
    provenance="second hand",
    says="Attributed to Long and Bartlett: normalised SAM is stable where L < (|g|/(2 rho)) (sqrt(1 + 8 rho/(eta "
    "|g|)) - 1). Equivalently eta L (1 + rho L/|g|) < 2.",
    statement=_equivalent,
    given=(*_SETTINGS, L > 0),
    reading="g is the norm of the gradient. What the inequality says of a step is claim sam-edge-step.",
    steps=(
        Entails("inside", every(above(1 + 8 * rho / (eta * g)), above(_scaled)), "sums of positive numbers"),
        Entails(
            "the root",
            iff(below(L, EDGE_VALUE), below(_scaled, _ROOT)),
            "multiply by 2 rho/g",
            uses=("inside",),
        ),
        Equal(
            "squares",
            equal((1 + 8 * rho / (eta * g)) - _scaled**2, 4 * rho / (eta * g) * (2 - _POLYNOMIAL)),
            "expand",
        ),
        Entails(
            "compared",
            iff(below(_scaled, _ROOT), below(_scaled**2, 1 + 8 * rho / (eta * g))),
            "both sides are positive",
            uses=("inside",),
        ),
        Entails("factor", above(4 * rho / (eta * g)), "positive numbers"),
        Entails(
            "sign",
            iff(below(_scaled**2, 1 + 8 * rho / (eta * g)), below(_POLYNOMIAL, 2)),
            "a positive factor",
            uses=("squares", "factor"),
        ),
        Entails("together", _equivalent, "in a row", uses=("the root", "compared", "sign")),
    ),
    argument="Multiply by 2 rho/|g| and add 1: the inequality compares 1 + 2 rho L/|g| with the root. Both are "
    "positive, so their squares may be compared. The difference of the squares is 4 rho/(eta |g|) times 2 - eta L (1 "
    "+ rho L/|g|).",
    twins=(
        Twin(
            "4 rho for 8 rho under the root",
            iff(below(L, g / (2 * rho) * (sp.sqrt(1 + 4 * rho / (eta * g)) - 1)), below(_POLYNOMIAL, 2)),
        ),
        Twin("the constant radius", iff(below(L, EDGE_VALUE), below(eta * L * (1 + rho * L), 2))),
    ),
    related=("sam-edge-step", "sam-edge-limits"),
)

_p, _s = real("p"), real("s")
SHARED = Claim(
    id="sam-edge-shared",
    title="A bound may be multiplied by a positive number",
    place=BEYOND,
    voice="ours",
    says="If p z = s with p > 0, then s < 2 p exactly for z < 2.",
    statement=iff(below(_s, 2 * _p), below(_z, 2)),
    given=(_p > 0, equal(_p * _z, _s)),
    steps=(Entails("both ways", iff(below(_s, 2 * _p), below(_z, 2)), "p is positive"),),
    argument="s < 2 p is p z < 2 p. As p is positive it may be divided by. That leaves z < 2.",
    twins=(Twin("any sign of p", iff(below(_s, 2 * _p), below(_z, 2)), (equal(_p * _z, _s),)),),
)
_EDGED = _POLYNOMIAL.subs(g, L * w)
_SHARE = eta * L * (w + rho)  # what the descent subtracts from w > 0
_factor = equal(_STEP, w * (1 - _EDGED))
_lands = iff(below(-_STEP, w), below(_EDGED, 2))
_slope = equal(sp.Derivative(_STEP, w), 1 - eta * L)
_met = every(_factor, _lands, _slope)
STEP = Claim(
    id="sam-edge-step",
    title="Within the edge a step along the top eigenvector ends nearer; the map's slope is another number",
    place=BEYOND,
    voice="ours",
    says="Along the top eigenvector, where |g| = L w, a step multiplies w by 1 - eta L (1 + rho L/|g|), which is "
    "above -1 exactly within the edge. The derivative of the step is 1 - eta L.",
    statement=_met,
    given=(L > 0, rho > 0, eta > 0, w > 0),
    steps=(
        Equal("factor", _factor, "the ascent adds rho"),
        Equal("slope", _slope, "on one side of 0 the ascent is a constant"),
        Equal("after", equal(_STEP, w - _SHARE), "the same without a quotient"),
        Equal("share", equal(w * _EDGED, _SHARE), "cancel L and w"),
        Entails("opposite", iff(below(-_STEP, w), below(_SHARE, 2 * w)), "move terms", uses=("after",)),
        cite("divided", SHARED, {_p: w, _z: _EDGED, _s: _SHARE}, uses=("share",)),
        Entails("lands", _lands, "both", uses=("opposite", "divided")),
        Entails("together", _met, "all three", uses=("factor", "lands", "slope")),
    ),
    argument="Along the top eigenvector the gradient L w has the length L w and the ascent adds rho. So the step is "
    "w - eta L (w + rho), which is w times 1 - eta L (1 + rho/w) = 1 - eta L (1 + rho L/|g|). It lands beyond -w "
    "exactly beyond the edge. As rho is a constant, the step's derivative knows nothing of it.",
    finding="The edge bounds a displacement and not a derivative: two neighbouring weights part or approach by 1 - "
    "eta L.",
    twins=(Twin("the slope is the factor", equal(sp.Derivative(_STEP, w), 1 - eta * L * (1 + rho / w))),),
)

_no_ascent = equal(value(EDGE_VALUE, rho, 0), 2 / eta)
# |g| = z^2, so that the root of |g| is a power of z; the edge is (z/(2 rho)) (sqrt(z^2 + 8 rho/eta) - z).
_NEAR = _z / (2 * rho) * (sp.sqrt(_z**2 + 8 * rho / eta) - _z)
_same = equal(EDGE_VALUE.subs(g, _z**2), _NEAR)
_near = every(
    equal(Coefficient(_NEAR, _z, sp.S.Zero, sp.S.Zero), 0),
    equal(Coefficient(_NEAR, _z, sp.S.Zero, sp.S.One), sp.sqrt(8 * rho / eta) / (2 * rho)),
)
_limits = every(_no_ascent, _same, _near)
LIMITS = Claim(
    id="sam-edge-limits",
    title="Without a radius the edge is 2/eta; where the gradient vanishes it is 0",
    place=BEYOND,
    voice="ours",
    says="The edge tends to 2/eta for rho -> 0, and is sqrt(2 |g|/(eta rho)) to leading order for |g| -> 0.",
    statement=_limits,
    given=(eta > 0, rho > 0, _z > 0, g > 0),
    reading="z is the root of |g|; sqrt(8 rho/eta)/(2 rho) = sqrt(2/(eta rho)).",
    steps=(
        Equal("no radius", _no_ascent, "sqrt(1 + u) - 1 is u/2"),
        Equal("in z", _same, "multiply under the root by z^2"),
        Equal("near 0", _near, "the root is continuous there"),
        Entails("together", _limits, "all three", uses=("no radius", "in z", "near 0")),
    ),
    argument="For small rho the root is 1 + 4 rho/(eta |g|), and the edge is 2/eta. For small |g| the root is large, "
    "sqrt(8 rho/(eta |g|)), and the edge is |g|/(2 rho) times it. So no curvature at all is within the edge where the "
    "gradient vanishes: normalised SAM does not settle on a minimum.",
    twins=(Twin("1/eta without a radius", equal(value(EDGE_VALUE, rho, 0), 1 / eta)),),
)

_CYCLE = eta * rho * L / (2 - eta * L)
_stands = equal(_POLYNOMIAL.subs(g, L * _CYCLE), 2)
EVIDENCE = Claim(
    id="edge-as-evidence",
    title="The 2-cycle of every quadratic stands exactly at the edge",
    place=BEYOND,
    voice="ours",
    says="On the 2-cycle w = +-c of normalised SAM, where |g| = L c, eta L (1 + rho L/|g|) = 2 for every eta L < 2 "
    "and every rho.",
    statement=_stands,
    given=(L > 0, rho > 0, eta > 0, eta * L < 2),
    reading="So the measured curvature equals the edge at the measured gradient as soon as a run circles in one "
    "valley, at any learning rate and without any change of curvature: by itself it is no evidence that training has "
    "moved to flatter or to sharper places.",
    steps=(Equal("at the edge", _stands, "rho/c = (2 - eta L)/(eta L)"),),
    argument="On the cycle a step takes w to -w, and the edge is where a step takes w to -w. In numbers: |g| = L c "
    "and rho/c = (2 - eta L)/(eta L), so that eta L (1 + rho/c) = 2. Neither the curvature nor the learning rate had "
    "to be chosen.",
    twins=(Twin("half the cycle", equal(_POLYNOMIAL.subs(g, L * _CYCLE / 2), 2)),),
)
_HEAVY = eta * rho * L / (2 * (1 + gamma) - eta * L)
_heavy = equal(_POLYNOMIAL.subs(g, L * _HEAVY), 2 * (1 + gamma))
WITH_MOMENTUM = Claim(
    id="edge-as-evidence-momentum",
    title="With heavy ball the 2-cycle stands at eta L (1 + rho L/|g|) = 2 (1 + gamma)",
    place=BEYOND,
    voice="ours",
    says="With heavy ball of momentum gamma the 2-cycle of every quadratic has eta L (1 + rho L/|g|) = 2(1 + gamma).",
    statement=_heavy,
    given=(L > 0, rho > 0, eta > 0, gamma >= 0, gamma < 1, eta * L < 2 * (1 + gamma)),
    reading="Above the edge of the printed formula, which knows no momentum.",
    steps=(Equal("at the edge", _heavy, "rho/c = (2(1 + gamma) - eta L)/(eta L)"),),
    argument="With heavy ball the cycle's half-width is eta rho L/(2(1 + gamma) - eta L). Put |g| = L c into the "
    "edge's polynomial. It gives eta L plus 2(1 + gamma) - eta L.",
    twins=(Twin("at the edge without momentum", equal(_POLYNOMIAL.subs(g, L * _HEAVY), 2)),),
)

PAPER = Paper(
    "edge",
    "Sharpness-Aware Minimization and the Edge of Stability",
    ("Long", "Bartlett"),
    2023,
    (EDGE, STEP, SHARED, LIMITS, EVIDENCE, WITH_MOMENTUM),
    link="https://arxiv.org/abs/2309.12488",
    sections=SECTIONS,
)
