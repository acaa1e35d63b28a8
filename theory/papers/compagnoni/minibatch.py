r"""Mini-batch SAM with the normalised radius: its drift, and the threshold that noise gives it.

Key results, for isotropic normal noise of deviation s a coordinate
- On random quadratics the mean step is that of $f + \rho E|\nabla f_b|$ exactly.
- At a critical point the penalty adds $\rho K_d\lambda^2/s$ to an eigenvalue $\lambda$, $K_1 = \sqrt{2/\pi}$: a saddle
  is left on average below $\rho = s/(K_d\mu)$ and held from there on. Without noise it is held at every radius.
- $K_{d+2} = K_d (d+1)/(d+2)$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, norm
from saddlecheck.theory.papers.standard import SAM, SAM_NORMALISED
from saddlecheck.theory.symbols import Expr, lam, mu, real, rho, x, y

g1, g2, h11, h12, h22, c = (real(name) for name in ("g_1", "g_2", "h_11", "h_12", "h_22", "c"))
_QUADRATIC = BareLoss((x, y), g1 * x + g2 * y + (h11 * x**2 + 2 * h12 * x * y + h22 * y**2) / 2)
_GRADIENT = sp.Matrix([sp.diff(_QUADRATIC.expr, v) for v in (x, y)])
# The same by names, for displays.
_F, _FX, _FY, _N, _SLOPE, _BEND = (sp.Function(name) for name in ("f", "f_x", "f_y", "N", "f'", "f''"))
_ASCENDED = (x + rho * _FX(x, y) / _N(x, y), y + rho * _FY(x, y) / _N(x, y))
DRIFT = Claim(
    id="sam-drift",
    title="Mini-batch SAM drifts along -grad(f + rho E|grad f_b|)",
    place=Place("attributed", "the SDE's drift, normalised"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: with the same mini-batch in both gradients normalised SAM drifts along "
    "-grad(f + rho E|grad f_b|). Here exactly, on random quadratics.",
    statement=every(
        *(
            equal(f, sp.Derivative(_QUADRATIC.expr + rho * norm(_GRADIENT), v))
            for f, v in zip(SAM_NORMALISED.direction(_QUADRATIC), (x, y), strict=True)
        )
    ),
    display=Display(
        tuple(equal(f(*_ASCENDED), sp.Derivative(_F(x, y) + rho * _N(x, y), v)) for f, v in ((_FX, x), (_FY, y))),
        {
            _F(x, y): _QUADRATIC.expr,
            _N(x, y): sp.sqrt(_FX(x, y) ** 2 + _FY(x, y) ** 2),
            _FX(x, y): _GRADIENT[0],
            _FY(x, y): _GRADIENT[1],
        },
    ),
    given=(above(sum(g**2 for g in _GRADIENT)),),
    reading="Two weights, any quadratic mini-batch loss whose gradient is not 0. The mean over mini-batches is taken "
    "of both sides. On other losses the two agree to first order in rho only, claims sam-drift-first-order and "
    "sam-drift-general.",
    steps=(Equal("both", STATEMENT, "the gradient of |g| is H g/|g|"),),
    argument="The gradient of a quadratic at w + rho g/|g| is g + rho H g/|g|. The gradient of |g| is H g/|g|. So "
    "each mini-batch moves exactly along its own penalised loss, and the mean step along the mean of these.",
    twins=(
        Twin(
            "the constant radius",
            every(
                *(
                    equal(f, sp.Derivative(_QUADRATIC.expr + rho * norm(_GRADIENT), v))
                    for f, v in zip(SAM.direction(_QUADRATIC), (x, y), strict=True)
                )
            ),
        ),
    ),
    related=("sam-drift-general", "sam-drift-first-order", "sam-drift-curvature", "sam-drift-threshold"),
)
_CUBIC = BareLoss((x,), g1 * x + h11 * x**2 / 2 + c * x**3 / 6)
GENERAL = Claim(
    id="sam-drift-general",
    title="The drift of normalised SAM is exact for every loss",
    place=DRIFT.place,
    voice="reading",
    provenance="from memory",
    says="For every mini-batch loss normalised SAM's gradient is that of the penalised loss, not to first order in rho "
    "only: grad f_b(w + rho g/|g|) = grad(f_b + rho |g|).",
    statement=equal(
        SAM_NORMALISED.direction(_CUBIC)[0],
        sp.diff(_CUBIC.expr, x) + rho * sp.diff(_CUBIC.expr, x, 2) * sp.sign(sp.diff(_CUBIC.expr, x)),
    ),
    display=Display(
        equal(_SLOPE(x + rho * _SLOPE(x) / sp.Abs(_SLOPE(x))), _SLOPE(x) + rho * _BEND(x) * sp.sign(_SLOPE(x))),
        {_BEND(x): sp.diff(_CUBIC.expr, x, 2), _SLOPE(x): sp.diff(_CUBIC.expr, x)},
    ),
    given=(sp.Ne(sp.diff(_CUBIC.expr, x), 0),),
    hints=({g1: 1, h11: 0, c: 2, rho: 1, x: 0},),
    argument="A third derivative c adds c rho^2/2 to the gradient at w + rho, and the penalised loss has no term in "
    "rho^2. A cubic shows it. At the witness the two sides of the equation differ.",
    twins=(Twin("with the unpenalised loss", equal(SAM_NORMALISED.direction(_CUBIC)[0], sp.diff(_CUBIC.expr, x))),),
)
_QUARTIC = BareLoss((x,), g1 * x + h11 * x**2 / 2 + c * x**3 / 6 + real("e") * x**4 / 24)
_slope, _bend = (sp.diff(_QUARTIC.expr, x, order) for order in (1, 2))
_orders = every(
    *(
        equal(
            Coefficient(SAM_NORMALISED.direction(_QUARTIC)[0], rho, 0, order),
            Coefficient(_slope + rho * _bend * sp.sign(_slope), rho, 0, order),
        )
        for order in (0, 1)
    )
)
FIRST = Claim(
    id="sam-drift-first-order",
    title="The drift of normalised SAM is that of f + rho E|grad f_b| to first order in rho, for every loss",
    place=BEYOND,
    voice="ours",
    says="Mini-batch SAM drifts along -grad(f + rho E|grad f_b|) to first order in rho, whatever the loss.",
    reading="One weight, a mini-batch's loss of degree four with any coefficients: only derivatives up to the second "
    "enter. The mean over mini-batches is taken of both sides.",
    statement=_orders,
    given=(sp.Ne(_slope, 0),),
    steps=(Equal("orders", STATEMENT, "Taylor's formula in rho"),),
    argument="At w + rho g/|g| the gradient is g + rho f'' g/|g| up to a multiple of rho^2. The gradient of |g| is f'' "
    "g/|g|. What is left is of second order and does not vanish for losses that are no quadratics, claim "
    "sam-drift-general.",
    twins=(
        Twin("half of it",
             equal(Coefficient(SAM_NORMALISED.direction(_QUARTIC)[0], rho, 0, 1), _bend * sp.sign(_slope) / 2)),
    ),
    related=("sam-drift", "sam-drift-general"),
)  # fmt: skip
# One dimension: F(h) = E|h + s xi|, by two properties: F'' is twice the density, and the heat equation.
h, s, d, r = real("h"), real("s"), real("d_1"), real("r")
MEAN_SIZE = h * sp.erf(h / (s * sp.sqrt(2))) + s * sp.sqrt(2 / sp.pi) * sp.exp(-(h**2) / (2 * s**2))
_DENSITY = sp.exp(-(h**2) / (2 * s**2)) / (s * sp.sqrt(2 * sp.pi))
_K1 = sp.sqrt(2 / sp.pi)
CURVATURE = Claim(
    id="sam-drift-curvature",
    title="In one dimension the penalty's second derivative at a critical point is rho sqrt(2/pi) lambda^2/s",
    place=BEYOND,
    voice="ours",
    says="E|h + s xi| is h erf(h/(s sqrt 2)) + s sqrt(2/pi) exp(-h^2/(2 s^2)); with h = lambda w its second "
    "derivative at w = 0 is lambda^2 sqrt(2/pi)/s.",
    given=(s > 0,),
    reading="The function solves the heat equation in s^2/2 and is |h| at s = 0, which is what the mean of |h + s "
    "xi| does; its second derivative is twice the density of s xi at h.",
    **conjunction(
        "together",
        Equal("twice the density", equal(sp.Derivative(MEAN_SIZE, h, h), 2 * _DENSITY), "differentiate twice"),
        Equal(
            "heat equation",
            equal(sp.Derivative(MEAN_SIZE, s), s * sp.Derivative(MEAN_SIZE, h, h)),
            "differentiate by s",
        ),
        Equal(
            "at the critical point",
            equal(2 * Coefficient(MEAN_SIZE.subs(h, lam * x), x, sp.S.Zero, sp.Integer(2)), lam**2 * _K1 / s),
            "twice the density at 0",
        ),
        because="all",
    ),
    argument="|h| has twice a point mass at 0 as its second derivative. Averaging over s xi spreads that mass to "
    "twice the normal density, whose value at 0 is 1/(s sqrt(2 pi)). With h = lambda w the chain rule brings lambda^2.",
    twins=(Twin("once the density", equal(sp.Derivative(MEAN_SIZE, h, h), _DENSITY)),),
)
_RATE = -mu + rho * mu**2 * _K1 / s
THRESHOLD = Claim(
    id="sam-drift-threshold",
    title="With noise normalised SAM has a threshold again: rho = s sqrt(pi/2)/mu",
    place=BEYOND,
    voice="ours",
    says="In one dimension the mean of mini-batch SAM leaves a critical point of curvature -mu for small steps "
    "exactly below rho = s sqrt(pi/2)/mu.",
    statement=iff(above(_RATE), above(rho * mu, s * sp.sqrt(sp.pi / 2))),
    given=(mu > 0, s > 0, rho > 0),
    reading="The rate of the mean next to the critical point, -mu + rho mu^2 sqrt(2/pi)/s by claim "
    "sam-drift-curvature; positive means held.",
    rests=("sam-drift", "sam-drift-curvature"),
    steps=(
        Entails("roots", every(above(_K1), above(sp.sqrt(sp.pi / 2))), "of positive numbers"),
        Equal("factor", equal(_RATE * s, mu * _K1 * (rho * mu - s * sp.sqrt(sp.pi / 2))), "take out mu sqrt(2/pi)"),
        Entails("weight", above(mu * _K1), "a product", uses=("roots",)),
        Entails("both ways", STATEMENT, "s and the factor are positive", uses=("factor", "weight")),
    ),
    argument="The mean moves with the rate lambda + rho lambda^2 sqrt(2/pi)/s. For lambda = -mu this is mu times rho "
    "mu sqrt(2/pi)/s - 1. Noise of deviation s acts like a constant radius rho sqrt(2/pi)/s.",
    finding="Without noise every radius holds a ball about the saddle; noise as large as rho mu undoes that.",
    twins=(
        Twin("the threshold s/mu", iff(above(_RATE), above(rho * mu, s))),
        Twin("the threshold of the constant radius", iff(above(_RATE), above(rho * mu, 1))),
    ),
)

# d dimensions: the Hessian of |g| at g = s xi is lambda_i^2 (1 - u_i^2)/(s |xi|), u = xi/|xi|.
xi1, xi2 = real("xi_1"), real("xi_2")
_LENGTH = sp.sqrt((lam * x + s * xi1) ** 2 + (s * xi2) ** 2)
PLANE = Claim(
    id="sam-drift-plane",
    title="The second derivative of a mini-batch's gradient norm at a critical point",
    place=BEYOND,
    voice="ours",
    says="For g = (lambda w + s xi_1, s xi_2) the second derivative of |g| at w = 0 is lambda^2 (1 - "
    "xi_1^2/|xi|^2)/(s |xi|).",
    statement=equal(
        2 * Coefficient(_LENGTH, x, sp.S.Zero, sp.Integer(2)), lam**2 * xi2**2 / (s * sp.sqrt(xi1**2 + xi2**2) ** 3)
    ),
    given=(s > 0, above(xi1**2 + xi2**2)),
    reading="xi_2 stands for the length of all other coordinates. By symmetry 1 - u_1^2 has the mean 1 - 1/d, "
    "independent of |xi|, so that the mean is lambda^2 K_d/s with K_d = (1 - 1/d) E[1/|xi|].",
    steps=(
        Entails("scaled", above(s**2 * xi1**2 + s**2 * xi2**2), "s^2 |xi|^2"),
        Equal("second derivative", STATEMENT, "differentiate twice", uses=("scaled",)),
    ),
    argument="The norm's second derivative along a direction is the squared length of the part across g over |g|. At "
    "w = 0 the gradient is s xi. The part of e_1 across xi has the squared length 1 - xi_1^2/|xi|^2.",
    twins=(
        Twin(
            "the part along xi",
            equal(
                2 * Coefficient(_LENGTH, x, sp.S.Zero, sp.Integer(2)),
                lam**2 * xi1**2 / (s * sp.sqrt(xi1**2 + xi2**2) ** 3),
            ),
        ),
    ),
)
_M = [real(f"M_{k}") for k in range(4)]  # integrals of r^k exp(-r^2/2) for k = d-2, d-1, d, d+1


def _constant(dimension: Expr, lower: Expr, upper: Expr) -> Expr:
    """K = (1 - 1/d) E[1/|xi|], the mean being a quotient of two integrals over the radius."""
    return (1 - 1 / dimension) * lower / upper


DIMENSION = Claim(
    id="sam-drift-dimension",
    title="From d to d + 2 dimensions the constant falls by (d + 1)/(d + 2)",
    place=BEYOND,
    voice="ours",
    says="K_{d+2} = K_d (d + 1)/(d + 2) for K_d = (1 - 1/d) E[1/|xi|], so that the threshold is s/(K_d mu) with K_1 "
    "= sqrt(2/pi) and K_2 = sqrt(pi/2)/2.",
    given=(
        d > 1,
        r > 0,
        above(_M[1]),
        above(_M[3]),
        equal(_M[2], (d - 1) * _M[0]),
        equal(_M[3], d * _M[1]),
    ),
    reading="d_1 is d. The first equation, integrated over r from 0, says that the integral of r^d exp(-r^2/2) is d "
    "- 1 times that of r^(d-2) exp(-r^2/2), which is what the conditions on M_0 to M_3 say for d and d + 1. The "
    "numbers solve to Gamma((d+1)/2)/(sqrt 2 Gamma(d/2 + 1)).",
    **conjunction(
        "together",
        Equal("by parts",
              equal(sp.Derivative(r ** (d - 1) * sp.exp(-(r**2) / 2), r),
                    ((d - 1) * r ** (d - 2) - r**d) * sp.exp(-(r**2) / 2)), "the product rule"),
        Entails("recursion", equal(_constant(d + 2, _M[2], _M[3]) * (d + 2), (d + 1) * _constant(d, _M[0], _M[1])),
                "M_2/M_3 = (d - 1) M_0/(d M_1)"),
        because="both",
    ),
    argument="E[1/|xi|] is the quotient of the integrals of r^(d-2) and of r^(d-1) against exp(-r^2/2). Integration "
    "by parts multiplies the first by d - 1 and the second by d as d rises by 2. With the factors 1 - 1/d the "
    "quotient of the constants is (d + 1)/(d + 2).",
    twins=(Twin("d/(d + 1)", equal(_constant(d + 2, _M[2], _M[3]) * (d + 1), d * _constant(d, _M[0], _M[1]))),),
)  # fmt: skip
CLAIMS: tuple[Claim, ...] = (DRIFT, GENERAL, FIRST, CURVATURE, THRESHOLD, PLANE, DIMENSION)
