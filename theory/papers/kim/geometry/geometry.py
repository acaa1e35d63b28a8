"""Section 4.1: the manifolds of a saddle, and what the boundary of a basin is made of."""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Accept, Entails, Equal
from saddlecheck.theory.symbols import real, y

_b, _c = real("b"), real("c")
PALIS = "J. Palis and W. de Melo, Geometric Theory of Dynamical Systems, Springer 1982, chapter 2"
CHIANG = (
    "H.-D. Chiang, M. W. Hirsch and F. F. Wu, Stability regions of nonlinear autonomous dynamical systems, "
    "IEEE Transactions on Automatic Control 33 (1988) 16-27"
)

_DIMS = Prop(
    "manifold-dimensions",
    "At a critical point whose Hessian has k negative and n - k positive eigenvalues, the points that the gradient "
    "flow carries to it form a manifold of dimension n - k, those that the reversed flow does one of dimension k.",
)
DIMS = Claim(
    id="manifold-dims",
    title="The stable manifold has dimension n - k, the unstable one k",
    place=Place("4.1", "eqs (8), (9)"),
    says="At an index-k point the stable and the unstable manifold have the dimensions n - k and k.",
    statement=_DIMS,
    steps=(Accept("stable manifold theorem", _DIMS, "every eigenvalue is off zero", source=PALIS),),
    reading="With the appendix's assumption that no eigenvalue is zero, on which the theorem rests.",
    finding="As defined, the index counts negative eigenvalues and asks nothing of the others: minima are index-0 "
    "and maxima index-n saddle points, and degenerate points are let in, for which the count is false.",
    related=("manifold-dims-degenerate",),
    twins=(
        # On the model loss c y^2/2 an index-one direction repels; were the dimensions swapped, it would attract.
        Twin("the two dimensions swapped", _c * y**2 > 0, (_c < 0, sp.Ne(y, 0))),
    ),
)

# One eigendirection with curvature c and the next term of an even loss, c y^2/2 + b y^4/4, on a neighbourhood of 0
# that is as small as one likes wherever c is not zero. y^2 falls along the flow exactly where y l'(y) > 0.
_even = _c * y**2 / 2 + _b * y**4 / 4
_falls = y * sp.diff(_even, y) > 0
_nearby = sp.Or(sp.Eq(_c, 0), sp.Abs(_b) * y**2 < sp.Abs(_c))
DEGENERATE = Claim(
    id="manifold-dims-degenerate",
    title="A direction whose eigenvalue is not negative is attracted",
    place=Place("4.1", "eqs (8), (9)"),
    says="Counting negative eigenvalues alone: every other direction belongs to the stable manifold.",
    statement=_falls,
    given=(_c >= 0, sp.Ne(_b, 0), sp.Ne(y, 0), _nearby),
    reading="One direction of an even loss, c y^2/2 + b y^4/4, so close to 0 that the quadratic term, if any, rules.",
    finding="False where the eigenvalue is zero: x^2 - y^4 has no negative eigenvalue at 0, and its flow runs away "
    "along y.",
    related=("manifold-dims", "hyperbolic-wlog"),
    twins=(Twin("it is repelled", y * sp.diff(_even, y) < 0),),
)
HYPERBOLIC = Claim(
    id="manifold-dims-hyperbolic",
    title="It is, if the eigenvalue is not zero",
    place=Place("4.1", "eqs (8), (9)"),
    says="A direction with a positive eigenvalue is attracted near the point.",
    statement=_falls,
    given=(_c >= 0, sp.Ne(_b, 0), sp.Ne(y, 0), _nearby, sp.Ne(_c, 0)),
    amends="manifold-dims-degenerate",
    steps=(
        Equal("slope", sp.Eq(y * sp.diff(_even, y), y**2 * (_c + _b * y**2)), "differentiate"),
        Entails("rules", _c + _b * y**2 > 0, "the quadratic term is the larger one"),
        Entails("falls", _falls, "a product of positive factors", uses=("slope", "rules")),
    ),
)

_BOUNDARY = Prop(
    "boundary-of-a-basin",
    "If every equilibrium on the boundary of a basin is hyperbolic, their stable and unstable manifolds meet "
    "transversely, and every trajectory on the boundary tends to an equilibrium, then the boundary is the union of "
    "the closures of the stable manifolds of the index-one equilibria on it.",
)
BOUNDARY = Claim(
    id="basin-boundary",
    title="A basin's boundary is made of stable manifolds of index-one saddles",
    place=Place("4.1", "after eq. (9)"),
    says="The boundary of a minimum's basin is the union of the closures of the stable manifolds of the index-one "
    "saddles that lie on it.",
    statement=_BOUNDARY,
    steps=(Accept("characterisation of stability boundaries", _BOUNDARY, source=CHIANG),),
    reading="With the three conditions of the source. The paper names none here, and hyperbolicity in its appendix.",
    finding="Hyperbolic losses may still fail the other two: a loss without compact level sets can have boundary "
    "trajectories that go to infinity.",
    related=("basin-boundary-degenerate",),
    twins=(Twin("a boundary made of minima", 3 * y**2 - 1 > 0, (sp.Eq(y**3 - y, 0), y**2 < 1)),),
)
_cliff = y**4 / 4 - 2 * y**3 / 3 + y**2 / 2  # slope y (y - 1)^2: the minimum 0, and an inflection at 1
_slope = sp.diff(_cliff, y)
_index_one = sp.diff(_cliff, y, 2) < 0
UNCONDITIONED = Claim(
    id="basin-boundary-degenerate",
    title="Without conditions, a basin still ends at an index-one point",
    place=Place("4.1", "after eq. (9)"),
    says="Where the basin of the minimum 0 of a loss on the line ends, there is a point of negative curvature.",
    statement=_index_one,
    given=(y > 0, sp.Eq(_slope, 0)),
    reading="The loss with slope y (y - 1)^2. Its flow goes down on both sides of y = 1, so that the basin of 0 is "
    "y < 1 and ends at the only positive equilibrium.",
    finding="The equilibrium y = 1 is an inflection: its curvature is 0, and the boundary contains no index-one point.",
    related=("basin-boundary",),
    twins=(Twin("the minimum taken for the end", _index_one, (y >= 0, sp.Eq(_slope, 0), y < 1)),),
)

CLAIMS: tuple[Claim, ...] = (DIMS, DEGENERATE, HYPERBOLIC, BOUNDARY, UNCONDITIONED)
