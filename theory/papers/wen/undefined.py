r"""Normalised SAM has no direction where the gradient is 0: which starts lead there in one step?

Key results
- On a quadratic with two different positive eigenvalues only starts on an eigendirection.
- In one dimension exactly $|w| = \eta\lambda\rho/(1-\eta\lambda)$.
- With two equal eigenvalues a whole circle; with a flat piece, such as max(x, 0)^2/2, an interval.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.formulas import below, differ, equal, every, iff, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, quadratic
from saddlecheck.theory.symbols import Expr, eta, lam, real, rho, w, x, y

l_1, l_2 = real("l_1"), real("l_2")


def _step(first: Expr, second: Expr) -> sp.Matrix:
    return OPTIMISERS["sam_normalised"].update(BareLoss((x, y), first * x**2 / 2 + second * y**2 / 2))


_NORM = sp.sqrt(l_1**2 * x**2 + l_2**2 * y**2)
_STEP = _step(l_1, l_2)
_FACTORS = [1 - eta * k - eta * rho * k**2 / _NORM for k in (l_1, l_2)]
_factored = every(equal(_STEP[0], x * _FACTORS[0]), equal(_STEP[1], y * _FACTORS[1]))
_r = real("r")  # the inverse of the gradient's norm
_apart = implies(equal(1 - eta * l_1, eta * rho * l_1**2 * _r), differ(1 - eta * l_2, eta * rho * l_2**2 * _r))
_there = _apart.xreplace({_r: 1 / _NORM})
_elsewhere = sp.Or(differ(_STEP[0]), differ(_STEP[1]), evaluate=False)
UNDEFINED = Claim(
    id="wen-undefined",
    title="On a quadratic with different eigenvalues only starts on an eigendirection lead to a zero gradient",
    place=Place("stated", "where the gradient is zero"),
    says="SAM is undefined where the gradient is zero, but from generic starts it never gets there: on a quadratic "
    "with two different positive eigenvalues no start off the eigendirections leads there in a step.",
    reading="eta l_1 < 1. What a step maps onto the critical point is contained in two lines. Off it the map is "
    "smooth and locally invertible almost everywhere, so that the starts that get there in n steps form a set of "
    "measure 0 too.",
    statement=_elsewhere,
    given=(l_1 > l_2, l_2 > 0, eta > 0, rho > 0, eta * l_1 < 1, sp.Ne(x, 0), sp.Ne(y, 0)),
    steps=(
        Equal("factors", _factored, "each coordinate is multiplied by a number"),
        Entails("apart", _apart, "l^2/(1 - eta l) increases with l"),
        Entails("norm", _NORM > 0, "x is not 0"),
        Instance("there", _there, "at the gradient's norm", uses=("apart", "norm"), of=_apart, at={_r: 1 / _NORM}),
        Entails("elsewhere", _elsewhere, "x and y are not 0", uses=("factors", "there", "norm")),
    ),
    twins=(
        Twin(
            "on an eigendirection too",
            differ(_STEP[0]),
            (l_1 > l_2, l_2 > 0, eta > 0, rho > 0, eta * l_1 < 1, equal(y, 0), sp.Ne(x, 0)),
        ),
    ),
    hints=({l_1: sp.Rational(1, 2), l_2: sp.Rational(1, 4), eta: 1, rho: 1, x: 1, y: 0},),
    voice="paper",
    provenance="seen",
    argument="A step multiplies the coordinate along l by 1 - eta l - eta rho l^2/|g|. For both coordinates to become "
    "0 the number |g| has to be eta rho l^2/(1 - eta l) for both eigenvalues. That increases with l, so it cannot be.",
    related=("wen-undefined-line", "wen-undefined-circle", "wen-undefined-flat"),
)
_line = iff(
    equal(OPTIMISERS["sam_normalised"].update(quadratic())[0], 0), equal((1 - eta * lam) * sp.Abs(w), eta * lam * rho)
)
LINE = Claim(
    id="wen-undefined-line",
    title="In one dimension exactly the starts |w| = eta lambda rho/(1 - eta lambda) lead to the minimum",
    place=Place("stated", "where the gradient is zero, one dimension"),
    says="In one dimension a step of normalised SAM leads to the minimum of a quadratic if and only if (1 - eta "
    "lambda) |w| = eta lambda rho; for eta lambda >= 1 no start does.",
    statement=_line,
    given=(lam > 0, eta > 0, rho > 0, sp.Ne(w, 0)),
    steps=(Entails("both ways", _line, "the map is linear on each side of 0"),),
    twins=(
        Twin(
            "the half-width of the cycle",
            iff(
                equal(OPTIMISERS["sam_normalised"].update(quadratic())[0], 0),
                equal((2 - eta * lam) * sp.Abs(w), eta * lam * rho),
            ),
        ),
    ),
    voice="ours",
    argument="For w > 0 a step leads to (1 - eta lambda) w - eta lambda rho. This is 0 at one w, if eta lambda < 1. "
    "Each further step back adds at most two starts to each, so those that ever arrive are countable.",
)
_RADIUS = sp.sqrt(x**2 + y**2)
_ROUND = _step(lam, lam)
_round = every(
    *(equal(part, v * (1 - eta * lam - eta * rho * lam / _RADIUS)) for part, v in zip(_ROUND, (x, y), strict=True))
)
CIRCLE = Claim(
    id="wen-undefined-circle",
    title="With equal eigenvalues a whole circle of starts leads to the minimum",
    place=Place("stated", "where the gradient is zero, equal eigenvalues"),
    says="If both eigenvalues are lambda, a step multiplies w by 1 - eta lambda - eta rho lambda/|w|, which is 0 on "
    "the circle |w| = eta rho lambda/(1 - eta lambda).",
    statement=_round,
    given=(lam > 0, sp.Ne(x**2 + y**2, 0)),
    steps=(Equal("step", _round, "the gradient's norm is lambda |w|"),),
    twins=(Twin("the factor of the flow", equal(_ROUND[0], x * (1 - eta * lam))),),
    voice="ours",
    argument="The gradient is lambda w, so the ascent goes straight outward by rho. The step is then a multiple of w, "
    "and the multiple vanishes at one length. All starts of that length are led to the minimum by one step. The word "
    "'generically' is then about the eigenvalues as well as about the start.",
)


def _flat(at: Expr) -> Expr:
    """The gradient of max(w, 0)^2/2."""
    return sp.Max(at, 0)


_FLAT_STEP = w - eta * _flat(w + rho * _flat(w) / sp.Abs(_flat(w)))
_lands = implies(every(w > 0, (1 - eta) * w < eta * rho), every(below(_FLAT_STEP), equal(_flat(_FLAT_STEP), 0)))
FLAT = Claim(
    id="wen-undefined-flat",
    title="On a loss with a flat piece an interval of starts leads to a zero gradient",
    place=Place("stated", "where the gradient is zero, flat pieces"),
    says="On max(w, 0)^2/2, as a rectified unit makes it, every start with 0 < w < eta rho/(1 - eta) leads in one "
    "step onto the flat half-line, where the gradient is 0.",
    statement=_lands,
    given=(eta > 0, eta < 1, rho > 0),
    steps=(Entails("lands", _lands, "the ascent moves outward by rho, the step then crosses 0"),),
    finding="Here SAM stops, or divides by zero, from an open set of starts: what makes the event rare is the loss, "
    "not the algorithm.",
    twins=(
        Twin(
            "gradient descent as well",
            implies(every(w > 0, (1 - eta) * w < eta * rho), below(w - eta * _flat(w))),
        ),
    ),
    voice="ours",
    argument="For w > 0 the ascended point is w + rho, where the gradient is w + rho. A step leads to (1 - eta) w - "
    "eta rho, which is negative on the interval given. On the negative half-line the loss is constant. Gradient "
    "descent never crosses, since it multiplies by 1 - eta.",
)

CLAIMS: tuple[Claim, ...] = (UNDEFINED, LINE, CIRCLE, FLAT)
