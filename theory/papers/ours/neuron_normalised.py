r"""The toy neuron under SAM with a normalised radius, beyond the paper: another mechanism than the constant radius.

Next to the line the unit ascent direction does not shrink with $w_1$, so the step has a finite size there.

Key results
- One sample a step is driven inward for every radius, on average by 6 eta rho w2 (toy-normalised-one-sample).
- The whole training set pulls inward exactly those w1 that the ascent carries across the line, a band of half-width
  about rho (toy-capture). So starts in [-0.1, 0.1] are captured in proportion to rho until rho = 0.1.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import gradient
from saddlecheck.theory.papers.kim.neuron.neuron_model import FULL, LABELS, average, batch, f, ybar
from saddlecheck.theory.symbols import Expr, eta, real, rho, w1, w2

_n = sp.sqrt(4 * w2**2 + w1**2)
_UNIT = sp.Matrix([2 * w2, w1]) / _n  # the ascent direction for w1 > 0, up to the sign of f - ybar


DIRECTION = Claim(
    id="toy-direction",
    title="The normalised ascent is (2 w2, w1) divided by its length, whatever the label",
    place=BEYOND,
    voice="ours",
    says="For w1 > 0 every batch's gradient is parallel to (2 w2, w1); its sign is that of f - ybar.",
    statement=every(
        equal(_UNIT[0] ** 2 + _UNIT[1] ** 2, 1),
        *(
            equal(sp.Derivative(batch().expr, v), sp.Mul(2 * w1 * (f - ybar), _n, e, evaluate=False))
            for v, e in zip(batch().variables, _UNIT, strict=True)
        ),
    ),
    given=(w1 > 0, w2 > 0),
    steps=(Equal("direction", STATEMENT, "take 2 w1 (f - ybar) out of the gradient"),),
    twins=(Twin("the normal (w1, 2 w2)", equal(gradient(batch())[0], 2 * w1**2 * (f - ybar))),),
)


def _from_the_line(label_mean: Expr) -> Expr:
    """The displacement at w1 = 0+, where the ascent goes against the sign of the mean label: the gradient met there."""
    return -eta * Coefficient(batch(label_mean).expr, w1, -rho * sp.sign(label_mean), sp.S.One)


ONE_SAMPLE_MOVE = average([_from_the_line(label) for label in LABELS])
WHOLE_SET_MOVE = _from_the_line(sp.Rational(1, 2))
ONE_SAMPLE = Claim(
    id="toy-normalised-one-sample",
    title="With a normalised radius, single samples are driven onto the line for every radius",
    place=BEYOND,
    voice="ours",
    says=(
        "Next to the line, one sample a step moves w1 inward by 6 eta rho w2 on average, for every rho > 0; the "
        "whole training set by 2 eta rho w2 (1 - 2 rho^2 w2)."
    ),
    reading=(
        "The limit w1 -> 0 from the right with w2 > 0, where the ascent is -sign(ybar) rho along w1 (toy-"
        "direction)."
    ),
    statement=every(ONE_SAMPLE_MOVE < 0, iff(WHOLE_SET_MOVE < 0, 2 * w2 * rho**2 < 1)),
    given=(w2 > 0, eta > 0, rho > 0),
    steps=(
        Equal("means", every(
            equal(ONE_SAMPLE_MOVE, -6 * eta * rho * w2),
            equal(WHOLE_SET_MOVE, -2 * eta * rho * w2 * (1 - 2 * rho**2 * w2)),
        ), "put the raised point into the gradient"),
        Entails("inward", STATEMENT, "the signs of the two moves, as eta, rho and w2 are positive", uses=("means",)),
    ),
    finding=(
        "A drift of finite size towards the line, whatever the radius: the curve of Figure 7c has to saturate at "
        "2.5 early."
    ),
    twins=(
        Twin("a threshold 1/(20 w2) as for the constant radius", iff(ONE_SAMPLE_MOVE < 0, rho > 1 / (20 * w2))),
        Twin("constant for normalised radius", equal(ONE_SAMPLE_MOVE, 0)),
    ),
    related=("fig7c",),
)  # fmt: skip

a, b = real("a"), real("b")  # the raised point
_move = -eta * gradient(FULL)[0].subs({w1: a, w2: b}, simultaneous=True)
_raised = w1 - rho * _UNIT[0]  # f < 1/2: the ascent points to the line
CAPTURE = Claim(
    id="toy-capture",
    title="With the whole training set, the band w1 sqrt(1 + (w1/(2 w2))^2) < rho is drawn in",
    place=BEYOND,
    voice="ours",
    says=(
        "A step on the whole training set moves w1 towards the line exactly if the ascent carries it across, that "
        "is, if w1 lies in a band of half-width about rho."
    ),
    reading=(
        "From w1 > 0 below the valley (f < 1/2): (a, b) is the raised point, b > 0 and below the valley too; its a "
        "is written out in the second part."
    ),
    statement=every(iff(_move < 0, a < 0), iff(_raised < 0, w1 * _n < 2 * rho * w2)),
    given=(w1 > 0, w2 > 0, eta > 0, rho > 0, b > 0, 2 * b * a**2 < 1),
    steps=(
        Equal("slope", equal(_move, 2 * eta * a * b * (1 - 2 * b * a**2)), "the gradient at the raised point"),
        Entails("captured", STATEMENT, "it has the sign of a, and a < 0 when the line is crossed", uses=("slope",)),
    ),
    finding=(
        "A full-batch run is held by where it starts, not by a rate: starts in [-0.1, 0.1] are captured in "
        "proportion to rho up to 0.1."
    ),
    twins=(
        Twin("half the radius", iff(_raised < 0, w1 * _n < rho * w2)),
        Twin("every start is captured", _raised < 0),
        Twin("drawn in without crossing", iff(_move < 0, a > 0)),
    ),
    related=("toy-transverse",),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (DIRECTION, ONE_SAMPLE, CAPTURE)
