r"""Normalised SAM on a quadratic is a gradient descent in disguise: on $J(v) = v^TCv/2 - |v|$, $v_t = (-1)^t H w_t$.

Key results, in the eigenbasis of H, with $C_i = (2/\lambda_i^2 - \eta/\lambda_i)/(\eta\rho)$
- One step is $v' = v - P\nabla J(v)$, $P = \eta\rho H^2$, for every H and every step size.
- At a minimum J decreases for every $\eta > 0$, by at least $(\eta^2\rho/2)\,\nabla J^T H^3 \nabla J$.
- J is bounded below exactly for $\eta L < 2$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, below, equal, every
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.symbols import Expr, eta, lam, real, rho, x, y

L = real("L")
V = (real("v_1"), real("v_2"))  # (-1)^t H w in the eigenbasis
r = real("r")  # |v|, the norm of the gradient
_PLACE = Place("attributed", "SAM on a quadratic as a descent")
_MAP = OPTIMISERS["sam_normalised"]
_PLANE = BareLoss((x, y), L * x**2 / 2 + lam * y**2 / 2)


def stiffness(curvature: Expr) -> Expr:
    """The eigenvalue of C that belongs to one of H."""
    return (2 / curvature**2 - eta / curvature) / (eta * rho)


def growth(curvature: Expr) -> Expr:
    """What a step multiplies a coordinate of v by, at |v| = r."""
    return eta * curvature - 1 + eta * rho * curvature**2 / r


C = (stiffness(L), stiffness(lam))
M = (growth(L), growth(lam))
_J = (C[0] * V[0] ** 2 + C[1] * V[1] ** 2) / 2 - sp.sqrt(V[0] ** 2 + V[1] ** 2)
# The step with w = H^-1 v, and minus H in front: v' = -H w' where v = H w.
_MOVED = [
    -curvature * part.subs({x: V[0] / L, y: V[1] / lam}, simultaneous=True)
    for curvature, part in zip((L, lam), _MAP.update(_PLANE), strict=True)
]
_descended = every(
    *(
        equal(_MOVED[i], V[i] - eta * rho * curvature**2 * sp.Derivative(_J, V[i]))
        for i, curvature in enumerate((L, lam))
    )
)
_SETTINGS = (eta > 0, rho > 0)
_OBJECTIVE, _C, _NEXT = (
    sp.Function("J"),
    (real("C_1"), real("C_2")),
    (real("v_{1}'"), real("v_{2}'")),
)  # for its display
DESCENT = Claim(
    id="sam-is-descent",
    title="On a quadratic normalised SAM is a preconditioned gradient descent on another function",
    place=_PLACE,
    voice="paper",
    provenance="from memory",
    says="Attributed to Bartlett, Long and Bousquet: with v_t = (-1)^t H w_t a step of normalised SAM is v' = v - "
    "eta rho H^2 grad J(v), where J(v) = v'Cv/2 - |v| and C = (2 H^-2 - eta H^-1)/(eta rho).",
    statement=_descended,
    display=Display(
        tuple(
            equal(_NEXT[i], V[i] - eta * rho * curvature**2 * sp.Derivative(_OBJECTIVE(*V), V[i]))
            for i, curvature in enumerate((L, lam))
        ),
        {
            **dict(zip(_NEXT, _MOVED, strict=True)),
            _OBJECTIVE(*V): (_C[0] * V[0] ** 2 + _C[1] * V[1] ** 2) / 2 - sp.sqrt(V[0] ** 2 + V[1] ** 2),
            **dict(zip(_C, C, strict=True)),
        },
    ),
    given=(sp.Ne(L, 0), sp.Ne(lam, 0), *_SETTINGS, V[0] ** 2 + V[1] ** 2 > 0),
    reading="Two eigendirections, of eigenvalues L and lambda of any sign; more enter by their share of |v| alone.",
    steps=(Equal("the step", _descended, "divide by eta rho lambda^2 in each eigendirection"),),
    argument="Multiply the step by -H, eigendirection by eigendirection: v' = -(1 - eta l) v + eta rho l^2 v/|v|. "
    "Write -(1 - eta l) as 1 - (2 - eta l). Then v' - v = -eta rho l^2 (C v - v/|v|), where C = (2 - eta l)/(eta rho "
    "l^2), and the bracket is the gradient of J. Nothing was assumed of the signs of H or of the step.",
    twins=(
        Twin(
            "the sign that does not alternate",
            equal(-_MOVED[0], V[0] - eta * rho * L**2 * sp.Derivative(_J, V[0])),
        ),
        Twin("H for H^2 in front", equal(_MOVED[0], V[0] - eta * rho * L * sp.Derivative(_J, V[0]))),
    ),
    related=("sam-is-descent-decrease",),
)

# The triangle inequality in the form |v'| >= v.v'/|v|.
_a, _b, _c, _d, _q = (real(name) for name in ("a_1", "a_2", "b_1", "b_2", "q"))
_cauchy = _a * _c + _b * _d <= r * _q
CAUCHY = Claim(
    id="sam-is-descent-cauchy",
    title="The product of two vectors is at most that of their lengths",
    place=BEYOND,
    voice="ours",
    says="In the plane a.b <= |a| |b|.",
    statement=_cauchy,
    given=(r > 0, equal(r**2, _a**2 + _b**2), _q >= 0, equal(_q**2, _c**2 + _d**2)),
    steps=(
        Equal(
            "Lagrange",
            equal((_a**2 + _b**2) * (_c**2 + _d**2), (_a * _c + _b * _d) ** 2 + (_a * _d - _b * _c) ** 2),
            "expand",
        ),
        Entails("squares", (_a * _c + _b * _d) ** 2 <= (r * _q) ** 2, "drop the second square", uses=("Lagrange",)),
        Entails("lengths", _cauchy, "r q is not negative", uses=("squares",)),
    ),
    argument="Lagrange's identity writes the product of the squared lengths as the square of a.b and another square. "
    "So (a.b)^2 is at most the square of the product of the lengths, which is not negative. Hence a.b is at most that "
    "product.",
    twins=(Twin("the other way round", r * _q <= _a * _c + _b * _d),),
)

_AFTER = (M[0] * V[0], M[1] * V[1])
_rise = sum(C[i] * (_AFTER[i] ** 2 - V[i] ** 2) / 2 for i in range(2)) - (_q - r)  # J(v') - J(v)
_GAIN = [eta**2 * rho / 2 * curvature**3 * (C[i] * V[i] - V[i] / r) ** 2 for i, curvature in enumerate((L, lam))]
_decrease = _rise <= -_GAIN[0] - _GAIN[1]
_LENGTHS = (r > 0, equal(r**2, V[0] ** 2 + V[1] ** 2), _q >= 0, equal(_q**2, _AFTER[0] ** 2 + _AFTER[1] ** 2))
DECREASE = Claim(
    id="sam-is-descent-decrease",
    title="The function J of SAM on a quadratic falls with every step, whatever the step size",
    place=BEYOND,
    voice="ours",
    says="For every eta > 0 a step of normalised SAM lowers J by at least (eta^2 rho/2) grad J' H^3 grad J; at a "
    "minimum that is positive unless grad J = 0.",
    statement=_decrease,
    given=(sp.Ne(L, 0), sp.Ne(lam, 0), *_SETTINGS, *_LENGTHS),
    reading="r = |v| and q = |v'|. Two eigendirections; with more the same identity holds in each. No condition on "
    "eta L. At a saddle the bound holds too, but H^3 has negative directions there, so that it promises no fall.",
    rests=("sam-is-descent",),
    steps=(
        Equal(
            "each direction",
            every(
                *(
                    equal(C[i] * (_AFTER[i] ** 2 - V[i] ** 2) / 2 - (_AFTER[i] * V[i] - V[i] ** 2) / r, -_GAIN[i])
                    for i in range(2)
                )
            ),
            "C(m+1)/2 - 1/r = (C - 1/r) eta l/2, as eta rho l^2 C = 2 - eta l",
        ),
        cite(
            "the triangle inequality",
            CAUCHY,
            {_a: V[0], _b: V[1], _c: _AFTER[0], _d: _AFTER[1]},
            because="|v'| >= v.v'/|v|",
        ),
        Equal(
            "their sum",
            equal(
                _rise,
                -_GAIN[0] - _GAIN[1] + (_AFTER[0] * V[0] + _AFTER[1] * V[1]) / r - _q + r - (V[0] ** 2 + V[1] ** 2) / r,
            ),
            "add both",
            uses=("each direction",),
        ),
        Entails(
            "divided", (_AFTER[0] * V[0] + _AFTER[1] * V[1]) / r <= _q, "by r > 0", uses=("the triangle inequality",)
        ),
        Entails("the norm", equal((V[0] ** 2 + V[1] ** 2) / r, r), "r^2 over r"),
        Entails("falls", _decrease, "the last terms are at most 0", uses=("their sum", "divided", "the norm")),
    ),
    argument="J is a quadratic form minus a norm. The norm is convex, so |v'| is at least |v| + v.(v' - v)/|v|, and "
    "J(v') - J(v) is at most what a quadratic function would do along the step. As the step is -P grad J with PC = 2 "
    "- eta H, that is -grad J'(P - PCP/2) grad J, and P - PCP/2 = P eta H/2 = eta^2 rho H^3/2. The step size cancels "
    "from the sign: it is only for J to be bounded below that eta L < 2 is needed.",
    finding="A descent lemma without a bound on the step: a gradient descent on a quadratic form needs one, here the "
    "norm makes up for it.",
    twins=(
        Twin("twice the fall", _rise <= -2 * (_GAIN[0] + _GAIN[1])),
        Twin("H^2 for H^3", _rise <= -_GAIN[0] / L - _GAIN[1] / lam),
    ),
    related=("sam-is-descent", "sam-is-descent-bounded"),
)

_LINE = C[0] * V[0] ** 2 / 2 - V[0]  # J on the top eigenvector, v_1 > 0
_z, _c1, _c2 = real("z"), real("c_1"), real("c_2")
_scaled = [eta * rho * curvature**2 * c for curvature, c in ((L, _c1), (lam, _c2))]  # 2 - eta l, by definition
_least = at_least(_c1 * V[0] ** 2 / 2 - V[0], -1 / (2 * _c1))
_bounded = every(_c1 > 0, _c2 >= _c1, _least)
_IS_C = (equal(_scaled[0], 2 - eta * L), equal(_scaled[1], 2 - eta * lam))
_ORDERED = (lam <= L, lam > 0, *_SETTINGS, *_IS_C)
BOUNDED = Claim(
    id="sam-is-descent-bounded",
    title="J of normalised SAM is bounded below for steps below 2/L",
    place=BEYOND,
    voice="ours",
    says="For eta L < 2 the eigenvalues of C are positive, c_1 of the top direction is the smallest, and J >= -1/(2 "
    "c_1).",
    statement=_bounded,
    given=(*_ORDERED, eta * L < 2),
    reading="c_1 and c_2 are the eigenvalues of C that belong to L and lambda. J(v) >= c_1 |v|^2/2 - |v|, which is "
    "read here at |v| = v_1.",
    steps=(
        Entails("positive", _c1 > 0, "2 - eta L over positive numbers"),
        Entails("the weights", _c2 * lam**2 >= _c1 * L**2, "2 - eta lambda >= 2 - eta L"),
        Entails("squares", _c1 * L**2 >= _c1 * lam**2, "L >= lambda", uses=("positive",)),
        Entails("smallest", _c2 >= _c1, "divide by lambda^2", uses=("the weights", "squares")),
        Entails("square", at_least((_c1 * V[0] - 1) ** 2), "a square"),
        Entails("least", _least, "over 2 c_1", uses=("positive", "square")),
        Entails("together", _bounded, "all three", uses=("positive", "least", "smallest")),
    ),
    argument="C_i = (2 - eta l_i)/(eta rho l_i^2) falls as l_i rises while eta l_i < 2, so the largest eigenvalue of "
    "H has the smallest of C. With it J(v) is at least c_1 |v|^2/2 - |v|. Completing the square in |v| shows the "
    "minimum -1/(2 c_1), taken where c_1 |v| = 1.",
    twins=(Twin("the largest", _c1 >= _c2, (*_ORDERED, lam < L, eta * L < 2)),),
)
_falls = below(_LINE, -_z)
UNBOUNDED = Claim(
    id="sam-is-descent-unbounded",
    title="J of normalised SAM has no lower bound for steps from 2/L on",
    place=BEYOND,
    voice="ours",
    says="For eta L >= 2 J falls below every bound -z along the top eigenvector.",
    statement=_falls,
    given=(L > 0, *_SETTINGS, V[0] > 0, eta * L >= 2, _z > 0, V[0] > _z),
    steps=(
        Entails("not positive", C[0] <= 0, "2 - eta L over positive numbers"),
        Entails("falls", _falls, "J <= -v_1", uses=("not positive",)),
    ),
    argument="For eta L >= 2 the eigenvalue C_1 is at most 0. On the top eigenvector J(v) is then at most -|v|, "
    "which passes every bound. For v_1 > z it is below -z.",
    twins=(Twin("already from 1/L on", _falls, (L > 0, *_SETTINGS, V[0] > 0, eta * L >= 1, _z > 0, V[0] > _z)),),
)
CLAIMS: tuple[Claim, ...] = (DESCENT, CAUCHY, DECREASE, BOUNDED, UNBOUNDED)
