"""Section 4.1: the manifolds of a saddle, and what the boundary of a basin is made of.

Key results
- The dimensions (8), (9) are right if no eigenvalue is 0 (manifold-dims); counting negative ones alone they are not
  (manifold-dims-degenerate, manifold-dims-hyperbolic).
- A basin's boundary is made of stable manifolds of index-one saddles under three conditions (basin-boundary,
  basin-boundary-conditions), of which hyperbolicity alone is not enough (basin-boundary-empty).

References: `PALIS`, for the stable manifold theorem; `CHIANG`, for the boundary.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, implies
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, gradient
from saddlecheck.theory.papers.kim.notation import loss
from saddlecheck.theory.symbols import real, x, y

b, c = real("b"), real("c")
PALIS = "J. Palis and W. de Melo, Geometric Theory of Dynamical Systems, Springer 1982, chapter 2"
CHIANG = (
    "H.-D. Chiang, M. W. Hirsch and F. F. Wu, Stability regions of nonlinear autonomous dynamical systems, "
    "IEEE Transactions on Automatic Control 33 (1988) 16-27"
)

DIMS = Claim(
    id="manifold-dims",
    title="(8), (9): the stable manifold has dimension n - k, the unstable one k",
    place=Place("4.1", "(8), (9)"),
    voice="paper",
    provenance="seen",
    says="At an index-k point the stable and the unstable manifold have the dimensions n - k and k.",
    statement=Prop(
        "manifold-dimensions",
        "At a critical point whose Hessian has k negative and n - k positive eigenvalues, the points that the gradient "
        "flow carries to it form a manifold of dimension n - k, those that the reversed flow does one of dimension k.",
    ),
    steps=(Accept("stable manifold theorem", STATEMENT, "every eigenvalue is off zero", source=PALIS),),
    reading="With the appendix's assumption that no eigenvalue is zero, on which the theorem rests.",
    finding="As defined, the index counts negative eigenvalues and asks nothing of the others: minima are index-0 "
    "and maxima index-n saddle points, and degenerate points are included, for which the count is false.",
    argument=(
        "The Jacobian of the gradient flow at a critical point is -H. If no eigenvalue of H is zero, it has n - k "
        "negative and k positive eigenvalues. The stable manifold theorem says that the points which tend to the "
        "critical point forwards in time form an injectively immersed manifold of the dimension of the stable "
        "eigenspace, n - k, and backwards in time one of dimension k. The theorem is accepted from the source that is "
        "named, not proved here."
    ),
    related=("manifold-dims-degenerate",),
    twins=(
        # On the model loss c y^2/2 an index-one direction repels; were the dimensions swapped, it would attract.
        Twin("the two dimensions swapped", c * y**2 > 0, (c < 0, sp.Ne(y, 0))),
    ),
)

# One eigendirection with curvature c and the next term of an even loss, c y^2/2 + b y^4/4, on a neighbourhood of 0
# that is as small as one likes wherever c is not zero. y^2 falls along the flow exactly where y l'(y) > 0.
_even = c * y**2 / 2 + b * y**4 / 4
DEGENERATE = Claim(
    id="manifold-dims-degenerate",
    title="(8), (9): a direction whose eigenvalue is not negative is attracted",
    place=Place("4.1", "(8), (9)"),
    voice="reading",
    provenance="seen",
    says="Counting negative eigenvalues alone, as Section 4.1 does: every other direction belongs to the stable "
    "manifold.",
    statement=y * sp.diff(_even, y) > 0,
    display=Display(above(y * sp.Derivative(loss(y), y)), {loss(y): _even}),
    given=(c >= 0, sp.Ne(b, 0), sp.Ne(y, 0), sp.Or(sp.Eq(c, 0), sp.Abs(b) * y**2 < sp.Abs(c))),
    reading="One direction of an even loss, c y^2/2 + b y^4/4, so close to 0 that the quadratic term, if any, rules.",
    finding="False where the eigenvalue is zero: x^2 - y^4 has no negative eigenvalue at 0, and its flow runs away "
    "along y.",
    argument=(
        "Take the direction with c = 0 and b = -1 of the loss c y^2/2 + b y^4/4. Its eigenvalue 0 is not negative, so "
        "by the definition before (8) the direction does not count towards the index. Yet y l'(y) = -y^4, which is -1 "
        "at y = 1: along the flow y^2 grows, and the direction is repelled. The count of negative eigenvalues "
        "determines the dimensions only if no eigenvalue is zero."
    ),
    related=("manifold-dims", "hyperbolic-wlog"),
    twins=(Twin("it is repelled", y * sp.diff(_even, y) < 0),),
)
HYPERBOLIC = Claim(
    id="manifold-dims-hyperbolic",
    title="A direction with a positive eigenvalue is attracted",
    says="A direction with a positive eigenvalue is attracted near the point.",
    argument=(
        "Along the direction y l'(y) = y^2 (c + b y^2). The conditions c >= 0 and c != 0 give c > 0, and with them "
        "the neighbourhood |b| y^2 < c, so that c + b y^2 > 0. As y is not 0, the product is positive. Since y^2 "
        "changes at the rate -2 y l'(y) along the flow, it falls."
    ),
    **under(DEGENERATE, sp.Ne(c, 0)),
    steps=(
        Equal(
            "slope", sp.Eq(y * sp.diff(_even, y), y**2 * (c + b * y**2)), "differentiate the loss and factor y^2 out"
        ),
        Entails("rules", c + b * y**2 > 0, "the quadratic term is the larger one"),
        Entails("falls", STATEMENT, "a product of positive factors", uses=("slope", "rules")),
    ),
)

_UNION = Prop(
    "boundary-is-a-union",
    "The boundary of a minimum's basin is the union of the closures of the stable manifolds of the index-one "
    "equilibria on it.",
)
_cliff = y**4 / 4 - 2 * y**3 / 3 + y**2 / 2  # slope y (y - 1)^2: the minimum 0, and an inflection at 1
BOUNDARY = Claim(
    id="basin-boundary",
    title="Section 4.1: a basin's boundary is made of stable manifolds of index-one saddles",
    place=Place("4.1", "after (9)"),
    voice="paper",
    provenance="seen",
    says="The boundary of a minimum's basin is the union of the closures of the stable manifolds of the index-one "
    "saddles that lie on it.",
    statement=every(_UNION, sp.diff(_cliff, y, 2) < 0),
    display=Display((_UNION, below(sp.Derivative(loss(y), (y, 2)))), {loss(y): _cliff}),
    given=(y > 0, sp.Eq(sp.diff(_cliff, y), 0)),
    reading="As printed, without conditions. The second part is what the sentence says of the loss on the line with "
    "slope y (y - 1)^2: its flow goes down on both sides of y = 1, so the basin of the minimum 0 is y < 1 and ends at "
    "the only positive equilibrium, which would have index one.",
    finding="The equilibrium y = 1 is an inflection of curvature 0. Nor is hyperbolicity, which the appendix assumes, "
    "enough: a boundary may contain no equilibrium at all (basin-boundary-empty).",
    argument=(
        "Consider the loss on the line with slope y (y - 1)^2. Its flow y' = -y (y - 1)^2 brings every point below 1 "
        "to the minimum 0 and every point above 1 down to 1. The basin of the minimum is thus y < 1, with the "
        "boundary {1}. The only equilibrium there has the curvature 3 y^2 - 4 y + 1 = 0 at y = 1, so its index is 0, "
        "not 1. No index-one saddle lies on this boundary, and the union over such saddles is empty."
    ),
    related=("basin-boundary-conditions", "basin-boundary-empty"),
    twins=(
        Twin("a boundary made of minima", 3 * y**2 - 1 > 0, (sp.Eq(y**3 - y, 0), y**2 < 1)),
        Twin("the minimum taken for the end", sp.diff(_cliff, y, 2) < 0, (y >= 0, sp.Eq(sp.diff(_cliff, y), 0), y < 1)),
    ),
)
CONDITIONS = Claim(
    id="basin-boundary-conditions",
    title="Under three conditions a basin's boundary is made of index-one saddles' stable manifolds",
    place=Place("4.1", "after (9)"),
    voice="ours",
    says="The sentence holds if every equilibrium on the boundary is hyperbolic, the stable and unstable manifolds of "
    "those equilibria meet transversely, and every trajectory on the boundary tends to an equilibrium.",
    statement=implies(
        every(
            Prop("hyperbolic-boundary", "Every equilibrium on the boundary of the basin is hyperbolic."),
            Prop("transverse-manifolds", "The stable and unstable manifolds of those equilibria meet transversely."),
            Prop("boundary-settles", "Every trajectory on the boundary tends to an equilibrium."),
        ),
        _UNION,
    ),
    amends="basin-boundary",
    steps=(Accept("characterisation of stability boundaries", STATEMENT, source=CHIANG),),
    twins=(
        Twin("hyperbolicity left out, on a line", sp.diff(_cliff, y, 2) < 0, (y > 0, sp.Eq(sp.diff(_cliff, y), 0))),
    ),
    finding="Of the three the paper names hyperbolicity alone, in its appendix.",
    argument=(
        "Chiang, Hirsch and Wu prove that the boundary of a stability region is the union of the stable manifolds of "
        "the equilibria on it if these are hyperbolic, their stable and unstable manifolds meet transversely, and "
        "every trajectory on the boundary tends to one of them. A boundary has dimension n - 1, so the stable "
        "manifolds of index-one equilibria are dense in it and their closures cover it. The theorem is accepted from "
        "its source. For gradient flows the third condition is not automatic, since a trajectory may run off to "
        "infinity (basin-boundary-empty)."
    ),
    related=("basin-boundary-empty",),
)

# A loss whose only equilibrium is the minimum 0, with the basin x < 1: on the line x = 1 the flow runs off along y.
_ramp = 3 * x**2 - 2 * x**3  # from 0 at x = 0 to 1 at x = 1, flat at both
_bowl = y**2 / (12 * (1 + y**2))  # bounded, so that it cannot turn the slope in x round
RUNAWAY = BareLoss((x, y), x**2 / 2 - x**3 / 3 + (1 - _ramp) * _bowl + _ramp * sp.exp(-y))
_run_x, _run_y = gradient(RUNAWAY)
_slopes = (
    equal(_run_x, x * (1 - x) * (1 - 6 * _bowl + 6 * sp.exp(-y))),
    equal(value(_run_y, x, 0), y / (6 * (1 + y**2) ** 2)),
    equal(value(_run_y, x, 1), -sp.exp(-y)),
)
_origin = every(*(equal(value(value(entry, x, 0), y, 0), at) for entry, at in zip(
    (RUNAWAY.expr.diff(x, 2), RUNAWAY.expr.diff(y, 2), RUNAWAY.expr.diff(x, y)), (7, sp.Rational(1, 6), 0), strict=True
)))  # fmt: skip
EMPTY = Claim(
    id="basin-boundary-empty",
    title="A basin of a hyperbolic loss whose boundary contains no equilibrium",
    place=BEYOND,
    voice="ours",
    says="For one smooth loss on the plane, x moves towards 0 wherever x < 1, on x = 0 only y = 0 rests, which is a "
    "nondegenerate minimum, and on x = 1, which the flow does not leave, y rises at the rate e^(-y), never 0.",
    statement=every(*_slopes, implies(every(x < 1, sp.Ne(x, 0)), x * _run_x > 0), _origin, below(-sp.exp(-y))),
    reading="x has the sign of its slope on x < 1, so x tends to 0, where y tends to 0: the basin of the minimum is "
    "x < 1 and its boundary the line x = 1.",
    steps=(
        Equal("slopes", every(*_slopes), "differentiate the loss in x and in y"),
        Equal("minimum", _origin, "the Hessian at the origin"),
        Entails("bounded", every(6 * _bowl < 1, above(sp.exp(-y)), below(-sp.exp(-y))), "y^2 < 1 + y^2"),
        Entails("inward", implies(every(x < 1, sp.Ne(x, 0)), x * _run_x > 0), "the bracket is positive",
                uses=("slopes", "bounded")),
        Entails("empty", STATEMENT, "the conjunction of 'slopes', 'minimum', 'bounded' and 'inward'",
                uses=("slopes", "minimum", "bounded", "inward")),
    ),
    finding="All its equilibria are hyperbolic and the boundary is the union of no stable manifolds: the third "
    "condition of basin-boundary-conditions cannot be dropped.",
    related=("basin-boundary",),
    twins=(Twin("the line rests", equal(value(_run_y, x, 1), 0)),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (DIMS, DEGENERATE, HYPERBOLIC, BOUNDARY, CONDITIONS, EMPTY)
