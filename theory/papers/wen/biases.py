r"""Three notions of sharpness at a minimum, divided by $\rho^2$, as $\rho$ tends to 0.

On the quadratic part of the loss, eigenvalues $l_1 \ge l_2 > l_3 = 0$: a valley in three dimensions.

Key results
- Worst direction: $l_1/2$. Average direction: $\mathrm{tr} H/(2D)$.
- Ascent direction: at least $l_2/2$, half the smallest eigenvalue that is not 0, and that is attained. It is a lower
  limit: along the other eigendirections, and between them, every value up to $l_1/2$ occurs.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every, implies
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.symbols import Expr, real

l_1, l_2 = real("l_1"), real("l_2")
_v = [real(f"v_{i}") for i in range(1, 4)]  # a unit vector
_w = [real(f"w_{i}") for i in range(1, 4)]  # the place from which the ascent starts
_m = [real(f"q_{i}") for i in range(1, 4)]  # the mean squares of a random unit vector's coordinates
_EIGEN = (l_1, l_2, sp.S.Zero)


def _power(of: list[Expr], power: int) -> Expr:
    """x'H^k x."""
    return sum(k**power * x**2 for k, x in zip(_EIGEN, of, strict=True))


_VALLEY = (l_1 >= l_2, l_2 > 0)
_UNIT = equal(sum(v**2 for v in _v), 1)
_worst = every(at_least(l_1 / 2, _power(_v, 1) / 2), implies(equal(_v[0], 1), equal(_power(_v, 1) / 2, l_1 / 2)))
_ASCENT = _power(_w, 3) / (2 * _power(_w, 2))  # v'Hv/2 for v along H w
_lowest = every(at_least(_ASCENT, l_2 / 2), implies(equal(_w[0], 0), equal(_ASCENT, l_2 / 2)))
_MEAN = sum(k * m for k, m in zip(_EIGEN, _m, strict=True)) / 2
_ISOTROPIC = (equal(_m[0], _m[1]), equal(_m[1], _m[2]), equal(sum(_m), 1))
_average = equal(_MEAN, (l_1 + l_2) / (2 * 3))
_MOVED = sp.Ne(_power(_w, 2), 0)
# For a display: what a direction v rises by, over rho^2; the ascent's; and the mean over directions.
_RISE, _BY_ASCENT, _ON_AVERAGE = sp.Function("S"), real(r"S_{\text{asc}}"), real(r"S_{\text{avg}}")
BIASES = Claim(
    id="explicit-biases",
    title="Worst, ascent and average direction have the sharpness l_1/2, l_M/2 and tr H/(2D)",
    place=Place("stated", "explicit biases"),
    says="Divided by rho^2 the worst-direction sharpness of a minimum tends to l_1/2, the ascent-direction sharpness "
    "to half the smallest eigenvalue that is not 0, as the lower limit over the points around, and the "
    "average-direction sharpness to tr H/(2D).",
    reading="Quadratic part of the loss, D = 3 with the eigenvalues l_1 >= l_2 > 0 and 0: the terms of third order "
    "change each value by a multiple of rho. v is a unit vector; the ascent from w goes along H w; q_i is the mean "
    "square of a coordinate of a random unit vector, the same for all by symmetry.",
    statement=every(*_worst.args, *_lowest.args, _average),
    display=Display(
        (
            at_least(l_1 / 2, _RISE(*_v)),
            implies(equal(_v[0], 1), equal(_RISE(*_v), l_1 / 2)),
            at_least(_BY_ASCENT, l_2 / 2),
            implies(equal(_w[0], 0), equal(_BY_ASCENT, l_2 / 2)),
            equal(_ON_AVERAGE, (l_1 + l_2) / (2 * 3)),
        ),
        {_RISE(*_v): _power(_v, 1) / 2, _BY_ASCENT: _ASCENT, _ON_AVERAGE: _MEAN},
    ),
    given=(*_VALLEY, _UNIT, _MOVED, *_ISOTROPIC),
    hints=(
        {
            l_1: 2,
            l_2: 1,
            _v[0]: 1,
            _v[1]: 0,
            _v[2]: 0,
            _w[0]: 0,
            _w[1]: 1,
            _w[2]: 0,
            **{m: sp.Rational(1, 3) for m in _m},
        },
    ),
    steps=(
        Entails("worst", _worst, "no coordinate weighs more than l_1"),
        Entails("ascent", _lowest, "each coordinate outside the valley weighs at least l_2"),
        Entails("average", _average, "each mean square is 1/3"),
        Entails(
            "together", every(*_worst.args, *_lowest.args, _average), "all three", uses=("worst", "ascent", "average")
        ),
    ),
    twins=(Twin("the ascent direction has the worst sharpness", at_least(_ASCENT, l_1 / 2), (*_VALLEY, _MOVED)),),
    voice="paper",
    provenance="seen",
    argument="For a unit vector v the quadratic part rises by rho^2 v'Hv/2, which is at most l_1/2 and reaches it at "
    "the top eigenvector. Along Hw it is w'H^3w/(2 w'H^2w), a mean of the eigenvalues other than 0, so at least half "
    "the smallest of them. A random unit vector has the mean square 1/D in each coordinate.",
    related=("explicit-biases-ascent",),
)
_g = [real("g_1"), real("g_2")]  # the gradient H w outside the valley
_share = real("q")
_FROM = _ASCENT.subs({_w[0]: _g[0] / l_1, _w[1]: _g[1] / l_2})
_mixed = implies(equal(_g[0] ** 2 * (1 - _share), _g[1] ** 2 * _share), equal(_FROM, (l_2 + (l_1 - l_2) * _share) / 2))
ASCENT = Claim(
    id="explicit-biases-ascent",
    title="The ascent-direction sharpness has no limit: every value from l_M/2 to l_1/2 is reached",
    place=Place("stated", "explicit biases, ascent direction"),
    says="The ascent-direction sharpness depends on the direction from which the minimum is approached: with the "
    "squared shares q and 1 - q of the gradient along l_1 and l_2 it is (l_2 + (l_1 - l_2) q)/2.",
    reading="Quadratic part of the loss; g_1 and g_2 are the gradient's coordinates, q the share g_1^2/(g_1^2 + "
    "g_2^2). l_M/2 is the lower limit over all approaches; the approach of SAM itself is along the top eigenvector, "
    "where the value is l_1/2.",
    statement=_mixed,
    given=(*_VALLEY, sp.Ne(_g[0] ** 2 + _g[1] ** 2, 0)),
    steps=(Entails("mixed", _mixed, "divide by g_1^2 + g_2^2"),),
    finding="On a quadratic SAM comes in along the top eigenvector (wen-quadratic): there the value is l_1/2, not "
    "l_M/2.",
    twins=(Twin("always the smallest", equal(_FROM, l_2 / 2)),),
    voice="ours",
    argument="Along the gradient g the quadratic part rises by (l_1 g_1^2 + l_2 g_2^2)/(2 (g_1^2 + g_2^2)). That is a "
    "mean of the eigenvalues with the weights q and 1 - q. Any q is met, arbitrarily near the minimum, so there is no "
    "limit.",
)

CLAIMS: tuple[Claim, ...] = (BIASES, ASCENT)
