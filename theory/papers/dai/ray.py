r"""Convexity and minima do not bound normalised SAM: on $|w| - x$ it drifts along the ray of minima without end.

Key results
- With r = |w| each step adds at least $\eta\rho^2/(4(r+\rho)^2)$ to x, at every step size and radius
  (dai-sam-bounded-convex).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import at_least, equal
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.symbols import eta, real, rho, x, y

r, _rp, _u1, _u2 = (real(name) for name in ("r", "r_p", "u_1", "u_2"))  # u is the ascent's direction
_xp, _yp = x + rho * _u1, y + rho * _u2
_LONG = (rho > 0, r > 0, equal(r**2, x**2 + y**2), equal(_u1**2 + _u2**2, 1), _rp > 0, equal(_rp**2, _xp**2 + _yp**2))
_length = _rp <= r + rho
_dot = x * _u1 + y * _u2
LENGTH = Claim(
    id="dai-sam-bounded-length",
    title="The ascent lengthens a weight by at most the radius",
    place=BEYOND,
    voice="ours",
    says="|w + rho u| <= |w| + rho for a unit vector u.",
    statement=_length,
    given=_LONG,
    steps=(
        Equal("Lagrange", equal(_dot**2 + (x * _u2 - y * _u1) ** 2, (x**2 + y**2) * (_u1**2 + _u2**2)), "expand"),
        Entails("product", equal((x**2 + y**2) * (_u1**2 + _u2**2), r**2), "r^2 times 1"),
        Entails("square of the product", at_least(r**2, _dot**2), "drop a square", uses=("Lagrange", "product")),
        Entails("inner product", at_least(r, _dot), "r is positive", uses=("square of the product",)),
        Equal(
            "expanded",
            equal(_xp**2 + _yp**2, (x**2 + y**2) + 2 * rho * _dot + rho**2 * (_u1**2 + _u2**2)),
            "expand",
        ),
        Entails("unit", equal(rho**2 * (_u1**2 + _u2**2), rho**2), "u has the length 1"),
        Entails("longer", equal(_rp**2, r**2 + 2 * rho * _dot + rho**2), "put in", uses=("expanded", "unit")),
        Entails("twice", at_least(2 * rho * r, 2 * rho * _dot), "2 rho is positive", uses=("inner product",)),
        Equal("other square", equal((r + rho) ** 2, r**2 + 2 * rho * r + rho**2), "expand"),
        Entails("square", at_least((r + rho) ** 2, _rp**2), "in a row", uses=("longer", "twice", "other square")),
        Entails("length", _length, "both are positive", uses=("square",)),
    ),
    argument="The square of |w + rho u| is r^2 + 2 rho w.u + rho^2. By Lagrange's identity w.u is at most r. So the "
    "square is at most (r + rho)^2.",
    hints=({rho: 5, r: 12, x: 12, y: 0, _u1: 0, _u2: 1, _rp: 13},),
    twins=(Twin("it shortens it", _rp <= r),),
)

_c, _s, _n = real("c"), real("s"), real("n_1")
_direction = equal((_s / _n) ** 2, (1 + _c) / 2)
DIRECTION = Claim(
    id="dai-sam-bounded-direction",
    title="The direction of the gradient of |w| - x",
    place=BEYOND,
    voice="ours",
    says="With c = x/r and s = y/r the part of the gradient's unit vector across the ray has the square (1 + c)/2.",
    statement=_direction,
    given=(equal(_c**2 + _s**2, 1), _n > 0, equal(_n**2, (_c - 1) ** 2 + _s**2)),
    reading="The gradient is (c - 1, s), n_1 its length.",
    hints=({_c: sp.Rational(7, 25), _s: sp.Rational(24, 25), _n: sp.Rational(6, 5)},),
    steps=(
        Entails("length", equal(_n**2, 2 * (1 - _c)), "c^2 + s^2 = 1"),
        Entails("part", equal(2 * _s**2, _n**2 * (1 + _c)), "s^2 = (1 - c)(1 + c)", uses=("length",)),
        Entails("direction", _direction, "divide by n^2", uses=("part",)),
    ),
    argument="The gradient's length squared is (1 - c)^2 + 1 - c^2 = 2(1 - c). Its part across is s^2 = (1 - c)(1 + "
    "c). The quotient is (1 + c)/2, at least 1/2 for c >= 0.",
    twins=(Twin("(1 - c)/2", equal((_s / _n) ** 2, (1 - _c) / 2)),),
)

_p1, _p2, _q, _k, _far = (real(name) for name in ("p_1", "p_2", "q", "k", "R"))
_share = at_least((1 - _p1 / _q) * (2 * _far**2), _k)
SHARE = Claim(
    id="dai-sam-bounded-share",
    title="How much of a vector is not along x",
    place=BEYOND,
    voice="ours",
    says="For a vector (p_1, p_2) of length q <= R with p_2^2 >= k > 0, 1 - p_1/q is at least k/(2 R^2).",
    statement=_share,
    given=(_q > 0, equal(_q**2, _p1**2 + _p2**2), _k > 0, _p2**2 >= _k, _q <= _far),
    steps=(
        Entails("a coordinate", at_least(_q, _p1), "p_1^2 <= q^2"),
        Entails("product", equal((_q - _p1) * (_q + _p1), _p2**2), "a difference of squares"),
        Entails("part", at_least((_q - _p1) * (2 * _q), _k), "q + p_1 <= 2 q", uses=("a coordinate", "product")),
        Equal("quotient", equal((1 - _p1 / _q) * (2 * _q**2), (_q - _p1) * (2 * _q)), "cancel q"),
        Entails("not negative", at_least(1 - _p1 / _q), "p_1 <= q", uses=("a coordinate",)),
        Entails("squares", at_least(2 * _far**2, 2 * _q**2), "R >= q > 0"),
        Entails(
            "larger",
            at_least((1 - _p1 / _q) * (2 * _far**2), (1 - _p1 / _q) * (2 * _q**2)),
            "a factor that is not negative",
            uses=("not negative", "squares"),
        ),
        Entails("share", _share, "in a row", uses=("part", "quotient", "larger")),
    ),
    argument="(q - p_1)(q + p_1) = p_2^2 is at least k, and q + p_1 is at most 2 q. So q - p_1 is at least k/(2 q). "
    "Divide by q and use q <= R.",
    hints=({_q: 1, _far: 1, _p1: sp.Rational(4, 5), _p2: sp.Rational(3, 5), _k: sp.Rational(9, 25)},),
    twins=(Twin("k/R^2", at_least((1 - _p1 / _q) * _far**2, _k)),),
)

_after = x - eta * (_xp / _rp - 1)
_moves = at_least((_after - x) * (4 * (r + rho) ** 2), eta * rho**2)
CONVEX = Claim(
    id="dai-sam-bounded-convex",
    title="On a convex loss with minima normalised SAM may leave every bounded set",
    place=BEYOND,
    voice="ours",
    says="On |w| - x, which is convex and has minima, a step of normalised SAM from a point off the ray of minima, x "
    "> 0, moves x by at least eta rho^2/(4 (r + rho)^2), r = |w|: without a bound, at every step size and radius.",
    statement=_moves,
    given=(eta > 0, *_LONG, _u2**2 >= sp.Rational(1, 2), y * _u2 >= 0),
    reading="u is the unit vector along the gradient (x/r - 1, y/r): u_2 has the sign of y, and u_2^2 = (1 + x/r)/2 "
    ">= 1/2 for x >= 0 by dai-sam-bounded-direction. r_p = |w^p|; the derivative by x there is x_p/r_p - 1. The kink "
    "at 0 is rounded off within |w| < 1 (Huber), which a start with x >= 1 + rho never meets, as x only grows; then "
    "the loss is 1-smooth. Gradient descent stays bounded on it for eta < 2.",
    rests=("dai-sam-bounded-direction",),
    steps=(
        Entails("signs", at_least(2 * rho * (y * _u2)), "y and u_2 have one sign"),
        Equal("expanded", equal(_yp**2, y**2 + 2 * rho * (y * _u2) + rho**2 * _u2**2), "expand"),
        Entails("ascent", at_least(rho**2 * _u2**2, rho**2 / 2), "u_2^2 >= 1/2"),
        Entails("across", at_least(_yp**2, rho**2 / 2), "y^2 is not negative", uses=("signs", "expanded", "ascent")),
        cite("length", LENGTH),
        Entails("radius", rho**2 / 2 > 0, "a square"),
        cite(
            "share",
            SHARE,
            {_p1: _xp, _p2: _yp, _q: _rp, _k: rho**2 / 2, _far: r + rho},
            uses=("across", "length", "radius"),
        ),
        Equal(
            "in the share",
            equal((_after - x) * (4 * (r + rho) ** 2), 2 * eta * ((1 - _xp / _rp) * (2 * (r + rho) ** 2))),
            "expand",
        ),
        Entails("moves", _moves, "2 eta times the share", uses=("share", "in the share")),
    ),
    argument="Along the ray of minima the loss has the curvature 1/r across it, which falls outwards, so the cycle "
    "drifts outwards. In numbers: the ascent keeps |y_p| >= rho/sqrt 2, so at w^p the derivative by x is at most "
    "-rho^2/(4 (r + rho)^2). Each step adds eta times this to x. If r stayed bounded x would not.",
    finding="Convexity and a minimum do not bound normalised SAM, at any step size; strong convexity does.",
    hints=({eta: 1, rho: 5, r: 12, x: 12, y: 0, _u1: 0, _u2: 1, _rp: 13},),
    twins=(
        Twin("four times as much", at_least((_after - x) * (r + rho) ** 2, eta * rho**2)),
        Twin("towards smaller x", at_least(-(_after - x) * (4 * (r + rho) ** 2), eta * rho**2)),
    ),
)
CLAIMS: tuple[Claim, ...] = (CONVEX, LENGTH, DIRECTION, SHARE)
