"""Section 4.1: minima whose basins meet, and what the lambda lemma says about the flow between them."""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import equal, every, implies
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import Accept, Entails, Equal, solves
from saddlecheck.theory.critical.landscapes import FOUR_WELLS
from saddlecheck.theory.papers.kim.geometry.geometry import CHIANG, PALIS
from saddlecheck.theory.symbols import real, t, x, y

_fx, _fy = FOUR_WELLS.gradient
_det = FOUR_WELLS.hessian.det()
_rests = (sp.Eq(_fx, 0), sp.Eq(_fy, 0))
# The boundaries of the basins of (1, 1) and (-1, -1), which are open quadrants: see `adjacent-minima-quadrants`.
_on_first = (x >= 0, y >= 0, sp.Eq(x * y, 0))
_on_third = (x <= 0, y <= 0)
_index_one = _det < 0
_place = Place("4.1", "after eq. (9)")

_MEET = Prop("boundaries-meet", "The boundaries of the basins of two minima have a point in common.")
_LINKED = Prop(
    "minima-are-linked",
    "The one-dimensional unstable manifold of some index-one equilibrium on both boundaries ends in the two minima.",
)
ADJACENT = Claim(
    id="adjacent-minima",
    title="Between two minima whose basin boundaries meet lies an index-one saddle",
    place=_place,
    says="If the boundaries of two basins meet, an index-one equilibrium on both has an unstable manifold that ends in "
    "the two minima.",
    statement=every(implies(_MEET, _LINKED), _index_one),
    given=(*_rests, *_on_first, *_on_third),
    rests=("adjacent-minima-quadrants",),
    reading="The second part is what this says of the loss (x^2 - 1)^2 + (y^2 - 1)^2 and its minima (1, 1) and (-1, "
    "-1): such an equilibrium lies on both boundaries, which have a single point in common, so that point would have "
    "index one.",
    finding="The boundaries meet at the origin, which has index two. Opposite wells touch without being neighbours.",
    related=("adjacent-minima-quadrants", "adjacent-minima-shared"),
    twins=(Twin("the origin has a positive direction", FOUR_WELLS.hessian.trace() > 0),),
)
_pulled = [
    sp.Implies(sp.And(v > 0, sp.Ne(v, 1)), slope * (v - 1) > 0, evaluate=False) for v, slope in ((x, _fx), (y, _fy))
]
_stays = [equal(value(slope, v, 0), 0) for v, slope in ((x, _fx), (y, _fy))]
_links = sp.Implies(
    sp.And(*_rests, _index_one),
    sp.Or(sp.And(sp.Eq(x, 0), sp.Eq(y**2, 1)), sp.And(sp.Eq(y, 0), sp.Eq(x**2, 1))),
    evaluate=False,
)
_quadrants = sp.And(*_pulled, *_stays, _links, evaluate=False)
QUADRANTS = Claim(
    id="adjacent-minima-quadrants",
    title="On (x^2 - 1)^2 + (y^2 - 1)^2 each coordinate stays on its side of 0 and moves towards 1 or -1",
    place=BEYOND,
    says="Each coordinate flows by itself: where it is positive it moves towards 1, and 0 stays. An index-one "
    "equilibrium has one coordinate 0 and the other 1 or -1.",
    statement=_quadrants,
    steps=(
        Entails("towards 1", sp.And(*_pulled, evaluate=False), "4 v (v^2 - 1)(v - 1) = 4 v (v + 1)(v - 1)^2"),
        Equal("0 stays", sp.And(*_stays, evaluate=False), "the slope vanishes there"),
        Entails("index one", _links, "3 v^2 - 1 is negative only at v = 0"),
        Entails("together", _quadrants, "the three parts", uses=("towards 1", "0 stays", "index one")),
    ),
    reading="The case v > 0 of each coordinate v; the other one is its mirror image, as the loss is even.",
    related=("adjacent-minima",),
)
_PIECE = Prop(
    "a-piece-in-common",
    "The three conditions of `basin-boundary-conditions` hold, and the common point lies on the stable manifold of an "
    "index-one saddle (the manifold itself, not only its closure).",
)
_SHARED = implies(every(_MEET, _PIECE), _LINKED)
SHARED = Claim(
    id="adjacent-minima-shared",
    title="It does where the boundaries share a piece of codimension one",
    place=_place,
    says="Two basins that meet along the stable manifold of an index-one saddle are linked by its unstable manifold.",
    statement=_SHARED,
    amends="adjacent-minima",
    steps=(
        Accept(
            "both sides of a stable manifold",
            _SHARED,
            "the two sides of the stable manifold follow the two branches (lambda lemma)",
            source=f"{CHIANG}; {PALIS}",
        ),
    ),
    twins=(Twin("a common point is enough", _index_one, (*_rests, *_on_first, *_on_third)),),
)

_DISK = Prop("a-disk-across", "A one-dimensional disk meets the stable manifold of an index-one saddle transversely.")
_CLOSE = Prop("close-to-unstable", "The flow carries the disk as close to the unstable manifold as one likes.")
_SMALL = Prop(
    "hyperbolic-and-cut-down",
    "The saddle is hyperbolic; of the disk only a part around the crossing is meant, smaller the later the time, and "
    "of the unstable manifold a compact piece.",
)
_LEMMA = implies(every(_DISK, _SMALL), _CLOSE)
# On the four wells the unstable manifold of the saddle (0, 1) lies on y = 1, its stable manifold on x = 0, y > 0. The
# disk is the line (s, 1/2 + v s) through (0, 1/2), of any slope v and length.
_p, _v, _s, _ratio = (real(name) for name in ("p", "v", "s", "r"))
_height = sp.Rational(1, 2) + _v * _s
_nearer = -_fy.subs(y, _height) * (1 - _height) > 0
LAMBDA = Claim(
    id="lambda-lemma",
    title="A disk across the stable manifold is carried towards the unstable manifold",
    place=Place("4.1", "Lemma 1"),
    says="Flows that start on a one-dimensional disk across the stable manifold come close to the unstable manifold.",
    statement=every(implies(_DISK, _CLOSE), _nearer),
    given=(sp.Ne(_height, 1),),
    rests=("adjacent-minima-quadrants",),
    reading="As printed, of every flow that starts on the disk. The second part is what this says of the saddle (0, 1) "
    "of (x^2 - 1)^2 + (y^2 - 1)^2 and of the disk (s, 1/2 + v s): its points approach y = 1, on which the unstable "
    "manifold lies.",
    finding="Points of the disk below y = 0 are in another basin and never come closer than 1. The lemma is about a "
    "part of the disk around the crossing, which has to be the smaller the later the time (lambda-lemma-part).",
    related=("lambda-lemma-part", "lambda-lemma-linear"),
    twins=(Twin("it is carried towards the stable manifold", sp.Abs(y) * (1 + t) <= 1, (t >= 0, sp.Abs(y) <= 1)),),
)
PART = Claim(
    id="lambda-lemma-part",
    title="A part of the disk around the crossing is",
    place=LAMBDA.place,
    says="At a hyperbolic index-one saddle the flow carries parts of the disk around the crossing, which shrink as "
    "time goes on, as close as one likes to a compact piece of the unstable manifold, tangents included.",
    statement=_LEMMA,
    amends="lambda-lemma",
    steps=(Accept("inclination lemma", _LEMMA, source=PALIS),),
    twins=(Twin("the whole disk for a part of it, on the four wells", _nearer, (sp.Ne(_height, 1),)),),
    related=("lambda-lemma-linear",),
)
_across, _along = (_p + _v * _s) * sp.exp(-t), _s * sp.exp(_ratio * t)
_near = sp.Abs(_across) * (1 + t) <= sp.Abs(_p) + sp.Abs(_v)
_decay = (1 + t) * sp.exp(-t) <= 1
_descent = -t * sp.exp(-t)
_falls, _rises = (
    sp.Implies(side, sign, evaluate=False) for side, sign in ((t >= 0, _descent <= 0), (t <= 0, _descent >= 0))
)
_curve = {"of": (1 + t) * sp.exp(-t), "along": t, "value": sp.S.One, "slope": _descent}
LINEAR = Claim(
    id="lambda-lemma-linear",
    title="For a quadratic saddle the disk comes within a multiple of 1/(1 + t) of the unstable manifold",
    place=BEYOND,
    says="Under the flow of a quadratic saddle a disk through the stable manifold, of half-width 1 and any slope, "
    "comes uniformly close to the unstable manifold.",
    statement=_near,
    given=(_ratio > 0, sp.Abs(_s) <= 1),
    steps=(
        solves(
            "flow",
            sp.And(
                sp.Eq(sp.Derivative(_across, t), -_across, evaluate=False),
                sp.Eq(sp.Derivative(_along, t), _ratio * _along, evaluate=False),
                evaluate=False,
            ),
            {},
            because="the disk's point number s at time t",
        ),
        Entails("falls", _falls, "the slope of (1 + t) e^-t"),
        Entails("rises", _rises, "the same on the left"),
        Monotone(
            "later",
            sp.Implies(t >= 0, _decay, evaluate=False),
            "from 1 at t = 0",
            uses=("falls",),
            sign=_falls,
            **_curve,
        ),
        Monotone(
            "earlier",
            sp.Implies(t <= 0, _decay, evaluate=False),
            "to 1 at t = 0",
            uses=("rises",),
            sign=_rises,
            **_curve,
        ),
        Entails("decay", _decay, "on both sides", uses=("later", "earlier")),
        Entails("start", sp.Abs(_p + _v * _s) <= sp.Abs(_p) + sp.Abs(_v), "triangle inequality"),
        Entails("near", _near, "multiply the two", uses=("decay", "start")),
    ),
    reading="Time in units of the attracting rate; the disk is (p + v s, s) for |s| <= 1, its slope v is free.",
    related=("lambda-lemma",),
    twins=(Twin("a disk along the stable manifold", sp.Abs(_p + _v * _s) * (1 + t) <= sp.Abs(_p) + sp.Abs(_v)),),
)

CLAIMS: tuple[Claim, ...] = (ADJACENT, SHARED, QUADRANTS, LAMBDA, PART, LINEAR)
