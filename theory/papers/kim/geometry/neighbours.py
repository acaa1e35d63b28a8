"""Section 4.1: minima whose basins meet, and what the lambda lemma says about the flow between them.

Key results
- Basins whose boundaries meet need not be neighbours: opposite wells of (x^2 - 1)^2 + (y^2 - 1)^2 meet at a maximum
  (adjacent-minima, adjacent-minima-quadrants). A common piece of codimension one suffices (adjacent-minima-shared).
- The lambda lemma is about a part of the disk that shrinks with time (lambda-lemma, lambda-lemma-part); on a quadratic
  saddle with a rate (lambda-lemma-linear).

References: `PALIS`, for the lambda lemma; `CHIANG`, for boundaries; both in `geometry`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, implies
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Equal, solves
from saddlecheck.theory.critical.landscapes import FOUR_WELLS
from saddlecheck.theory.papers.kim.geometry.geometry import CHIANG, PALIS
from saddlecheck.theory.papers.kim.notation import loss
from saddlecheck.theory.symbols import real, t, x, y

_fx, _fy = FOUR_WELLS.gradient

_MEET = Prop("boundaries-meet", "The boundaries of the basins of two minima have a point in common.")
_LINKED = Prop(
    "minima-are-linked",
    "The one-dimensional unstable manifold of some index-one equilibrium on both boundaries ends in the two minima.",
)
ADJACENT = Claim(
    id="adjacent-minima",
    title="Section 4.1: between two minima whose basin boundaries meet lies an index-one saddle",
    place=Place("4.1", "after (9)"),
    voice="paper",
    provenance="seen",
    says="If the boundaries of two basins meet, an index-one equilibrium on both has an unstable manifold that ends in "
    "the two minima.",
    statement=every(implies(_MEET, _LINKED), FOUR_WELLS.hessian.det() < 0),
    display=Display(
        (implies(_MEET, _LINKED), below(real(r"\det\nabla^{2}\ell"))),
        {
            real(r"\det\nabla^{2}\ell"): sp.Derivative(loss(x, y), (x, 2)) * sp.Derivative(loss(x, y), (y, 2))
            - sp.Derivative(loss(x, y), x, y) ** 2,
            loss(x, y): (x**2 - 1) ** 2 + (y**2 - 1) ** 2,
        },
    ),
    # On the boundaries of the basins of (1, 1) and (-1, -1), which are open quadrants (`adjacent-minima-quadrants`).
    given=(sp.Eq(_fx, 0), sp.Eq(_fy, 0), x >= 0, y >= 0, sp.Eq(x * y, 0), *(x <= 0, y <= 0)),
    rests=("adjacent-minima-quadrants",),
    reading="The second part is what this says of the loss (x^2 - 1)^2 + (y^2 - 1)^2 and its minima (1, 1) and (-1, "
    "-1): such an equilibrium lies on both boundaries, which have a single point in common, so that point would have "
    "index one.",
    finding="The boundaries meet at the origin, which has index two. Opposite wells touch without being neighbours.",
    argument=(
        "On (x^2 - 1)^2 + (y^2 - 1)^2 each coordinate flows by itself and keeps its sign, so the basins of the four "
        "minima are the open quadrants (adjacent-minima-quadrants). The boundaries of the quadrants of (1, 1) and "
        "(-1, -1) have the origin as their only common point. An index-one equilibrium on both would have to be the "
        "origin. There the Hessian is diag(-4, -4), with the determinant 16 > 0: the origin is a maximum, of index "
        "two. So the boundaries meet and no index-one saddle links the two minima."
    ),
    related=("adjacent-minima-quadrants", "adjacent-minima-shared"),
    twins=(Twin("the origin has a positive direction", FOUR_WELLS.hessian.trace() > 0),),
)
QUADRANTS = Claim(
    id="adjacent-minima-quadrants",
    title="On (x^2 - 1)^2 + (y^2 - 1)^2 each coordinate stays on its side of 0 and moves towards 1 or -1",
    place=BEYOND,
    voice="ours",
    says="Each coordinate flows by itself: where it is positive it moves towards 1, and 0 stays. An index-one "
    "equilibrium has one coordinate 0 and the other 1 or -1.",
    **conjunction(
        "together",
        Entails(
            "towards 1",
            every(*[implies(sp.And(v > 0, sp.Ne(v, 1)), slope * (v - 1) > 0) for v, slope in ((x, _fx), (y, _fy))]),
            "4 v (v^2 - 1)(v - 1) = 4 v (v + 1)(v - 1)^2",
        ),
        Equal("0 stays", every(*[equal(value(slope, v, 0), 0) for v, slope in ((x, _fx), (y, _fy))]),
              "the slope vanishes there"),
        Entails("index one",
                implies(sp.And(sp.Eq(_fx, 0), sp.Eq(_fy, 0), FOUR_WELLS.hessian.det() < 0),
                        sp.Or(sp.And(sp.Eq(x, 0), sp.Eq(y**2, 1)), sp.And(sp.Eq(y, 0), sp.Eq(x**2, 1)))),
                "3 v^2 - 1 is negative only at v = 0"),
    ),
    reading="The case v > 0 of each coordinate v; the other one is its mirror image, as the loss is even.",
    related=("adjacent-minima",),
)  # fmt: skip
SHARED = Claim(
    id="adjacent-minima-shared",
    title="Minima are linked by a saddle if their boundaries share a piece of codimension one",
    place=Place("4.1", "after (9)"),
    voice="ours",
    says="Two basins that meet along the stable manifold of an index-one saddle are linked by its unstable manifold.",
    argument=(
        "Suppose that the common point lies on the stable manifold of an index-one saddle, a hypersurface. Near it "
        "the hypersurface has two sides, and by the lambda lemma points on the two sides are carried along the two "
        "branches of the saddle's one-dimensional unstable manifold. Points of both basins lie arbitrarily close to "
        "the common point, so the two branches end in the two minima. Both theorems are accepted from the sources "
        "that are named."
    ),
    statement=implies(
        every(
            _MEET,
            Prop(
                "a-piece-in-common",
                "The three conditions of `basin-boundary-conditions` hold, and the common point lies on the stable "
                "manifold of an index-one saddle (the manifold itself, not only its closure).",
            ),
        ),
        _LINKED,
    ),
    amends="adjacent-minima",
    steps=(
        Accept("both sides of a stable manifold", STATEMENT,
               "the two sides of the stable manifold follow the two branches (lambda lemma)",
               source=f"{CHIANG}; {PALIS}"),
    ),
    twins=(
        Twin("a common point is enough", FOUR_WELLS.hessian.det() < 0, ADJACENT.given),
    ),
)  # fmt: skip

_DISK = Prop("a-disk-across", "A one-dimensional disk meets the stable manifold of an index-one saddle transversely.")
_CLOSE = Prop("close-to-unstable", "The flow carries the disk as close to the unstable manifold as one likes.")
# On the four wells the unstable manifold of the saddle (0, 1) lies on y = 1, its stable manifold on x = 0, y > 0. The
# disk is the line (s, 1/2 + v s) through (0, 1/2), of any slope v and length.
p, v, s, ratio = (real(name) for name in ("p", "v", "s", "r"))
_height = sp.Rational(1, 2) + v * s
LAMBDA = Claim(
    id="lambda-lemma",
    title="Lemma 1: a disk across the stable manifold is carried towards the unstable manifold",
    place=Place("4.1", "Lemma 1"),
    voice="paper",
    provenance="seen",
    says="Flows that start on a one-dimensional disk across the stable manifold come close to the unstable manifold.",
    statement=every(implies(_DISK, _CLOSE), -_fy.subs(y, _height) * (1 - _height) > 0),
    display=Display(
        (implies(_DISK, _CLOSE), above(real(r"\dot{y}") * (1 - real("y_s")))),
        {real(r"\dot{y}"): -4 * real("y_s") * (real("y_s") ** 2 - 1), real("y_s"): sp.Rational(1, 2) + v * s},
    ),
    given=(sp.Ne(_height, 1),),
    rests=("adjacent-minima-quadrants",),
    reading="As printed, of every flow that starts on the disk. The second part is what this says of the saddle (0, 1) "
    "of (x^2 - 1)^2 + (y^2 - 1)^2 and of the disk (s, 1/2 + v s): its points approach y = 1, on which the unstable "
    "manifold lies.",
    finding="Points of the disk below y = 0 are in another basin and never come closer than 1. The lemma is about a "
    "part of the disk around the crossing, which has to be the smaller the later the time (lambda-lemma-part).",
    argument=(
        "On the four wells the saddle (0, 1) has the stable manifold x = 0, y > 0, and its unstable manifold lies on "
        "y = 1. The disk of the points (s, 1/2 - s) crosses the stable manifold at (0, 1/2). Its point with s = 1 is "
        "(1, -1/2), where y' = -4 y (y^2 - 1) = -3/2. This point moves away from y = 1; since y keeps its sign it "
        "tends to y = -1 and never comes closer to the unstable manifold than 1. The lemma is about a part of the "
        "disk around the crossing, not about every flow that starts on it."
    ),
    related=("lambda-lemma-part", "lambda-lemma-linear"),
    twins=(Twin("it is carried towards the stable manifold", sp.Abs(y) * (1 + t) <= 1, (t >= 0, sp.Abs(y) <= 1)),),
)
PART = Claim(
    id="lambda-lemma-part",
    title="A part of a disk across the stable manifold is carried towards the unstable manifold",
    place=LAMBDA.place,
    voice="ours",
    says="At a hyperbolic index-one saddle the flow carries parts of the disk around the crossing, which shrink as "
    "time goes on, arbitrarily close to a compact piece of the unstable manifold, tangents included.",
    argument=(
        "This is the inclination lemma of Palis, stated for a one-dimensional disk. Take a disk that crosses the "
        "stable manifold of a hyperbolic saddle transversely, and a compact piece of the unstable manifold. The flow "
        "expands along the unstable direction and contracts along the stable ones, so that after a long time a "
        "suitable small part of the disk around the crossing is a graph over the compact piece, close to it together "
        "with its tangents. The lemma is accepted from its source; lambda-lemma-linear proves it for a quadratic "
        "saddle, with a rate."
    ),
    statement=implies(
        every(
            _DISK,
            Prop(
                "hyperbolic-and-cut-down",
                "The saddle is hyperbolic; of the disk only a part around the crossing is meant, smaller the later the "
                "time, and of the unstable manifold a compact piece.",
            ),
        ),
        _CLOSE,
    ),
    amends="lambda-lemma",
    steps=(Accept("inclination lemma", STATEMENT, source=PALIS),),
    twins=(
        Twin(
            "the whole disk for a part of it, on the four wells",
            -_fy.subs(y, _height) * (1 - _height) > 0,
            (sp.Ne(_height, 1),),
        ),
    ),
    related=("lambda-lemma-linear",),
)
_curve = {"of": (1 + t) * sp.exp(-t), "along": t, "value": sp.S.One, "slope": -t * sp.exp(-t)}
LINEAR = Claim(
    id="lambda-lemma-linear",
    title="On a quadratic saddle a disk comes within a multiple of 1/(1 + t) of the unstable manifold",
    place=BEYOND,
    voice="ours",
    says="Under the flow of a quadratic saddle a disk through the stable manifold, of half-width 1 and any slope, "
    "comes uniformly close to the unstable manifold.",
    statement=sp.Abs((p + v * s) * sp.exp(-t)) * (1 + t) <= sp.Abs(p) + sp.Abs(v),
    given=(ratio > 0, sp.Abs(s) <= 1),
    steps=(
        solves("flow",
               every(equal(sp.Derivative((p + v * s) * sp.exp(-t), t), -((p + v * s) * sp.exp(-t))),
                     equal(sp.Derivative(s * sp.exp(ratio * t), t), ratio * (s * sp.exp(ratio * t)))), {},
               because="the disk's point number s at time t"),
        Entails("falls", implies(t >= 0, -t * sp.exp(-t) <= 0), "the slope of (1 + t) e^-t"),
        Entails("rises", implies(t <= 0, -t * sp.exp(-t) >= 0), "the same on the left"),
        Monotone("later", implies(t >= 0, (1 + t) * sp.exp(-t) <= 1), "from 1 at t = 0", uses=("falls",),
                sign=implies(t >= 0, -t * sp.exp(-t) <= 0), **_curve),
        Monotone("earlier", implies(t <= 0, (1 + t) * sp.exp(-t) <= 1), "to 1 at t = 0", uses=("rises",),
                sign=implies(t <= 0, -t * sp.exp(-t) >= 0), **_curve),
        Entails("decay", (1 + t) * sp.exp(-t) <= 1, "(1 + t) e^(-t) <= 1 for t >= 0 and for t <= 0",
                uses=("later", "earlier")),
        Entails("start", sp.Abs(p + v * s) <= sp.Abs(p) + sp.Abs(v), "the triangle inequality, and |s| <= 1"),
        Entails("near", STATEMENT, "multiply |p + v s| <= |p| + |v| by (1 + t) e^(-t) <= 1", uses=("decay", "start")),
    ),
    reading="Time in units of the attracting rate; the disk is (p + v s, s) for |s| <= 1, its slope v is free.",
    related=("lambda-lemma",),
    twins=(Twin("a disk along the stable manifold", sp.Abs(p + v * s) * (1 + t) <= sp.Abs(p) + sp.Abs(v)),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (ADJACENT, SHARED, QUADRANTS, LAMBDA, PART, LINEAR)
