r"""The toy neuron with mini-batches, beyond the paper: a step across its line multiplies by a random number.

A step of constant-radius SAM, with the same batch in both gradients, takes an infinitesimal $w_1$ to $m w_1$ with
$m = 1 - \eta\Lambda(1 + \rho\Lambda)$, where $\Lambda = -4 w_2 \bar y$ is the curvature that the batch sees
(toy-multiplier). Key results: on average the line holds SAM exactly for rho > 1/(2 w2 (1 + 9/B)) (toy-mean-rate), so
one sample needs a tenth of the radius that the whole training set needs, and smaller batches hold it more firmly
(toy-smaller-batch). Mean-square and almost-sure stability are in `neuron_stability`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import between, equal, every, iff, implies
from saddlecheck.theory.claims.mutation import mistake
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, series
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.papers.kim.neuron.neuron_model import (
    FULL,
    GENERATING,
    MOMENTS,
    batch,
    expect,
    multiplier,
    multiplier_of_two_batches,
    on_line,
    sample_loss,
    theta,
    ybar,
)
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import B, Expr, Formula, eta, gamma, real, rho, tau, w1, w2

CONDITIONS = (w2 > 0, eta > 0, rho >= 0, B >= 1)
_THRESHOLD = 1 / (2 * w2 * (1 + 9 / B))


K = real("K")  # how many of the batch's labels are 2


def _acts_as(label: Expr) -> Formula:
    """The batch's gradient is that of one sample with this label."""
    return every(
        *(
            equal(
                sp.diff((K * sample_loss(sp.Integer(2)) + (B - K) * sample_loss(sp.Integer(-1))) / B, v),
                sp.diff(sample_loss(label), v),
            )
            for v in (w1, w2)
        )
    )


BATCH = Claim(
    id="toy-batch",
    title="A batch acts on the toy neuron through its mean label",
    place=BEYOND,
    voice="ours",
    says="The gradient of a batch's mean loss is that of one sample whose label is the batch's mean.",
    reading="K of the B labels are 2, so that their mean is (3K - B)/B.",
    statement=_acts_as((3 * K - B) / B),
    given=(B >= 1,),
    steps=(Equal("mean label", STATEMENT, "the squared error's gradient is affine in the label"),),
    twins=(Twin("the labels counted the wrong way round", _acts_as((2 * B - 3 * K) / B)),),
)

LABEL_MOMENTS = Claim(
    id="toy-label-moments",
    title="Moments of the mean label of B samples",
    place=BEYOND,
    voice="ours",
    says="The mean of B independent labels has mean 1/2, variance 9/(4B), and third and fourth moments as stated.",
    reading="From its moment generating function ((e^(-theta/B) + e^(2 theta/B))/2)^B.",
    statement=every(
        *(
            equal(sp.factorial(k) * Coefficient(GENERATING, theta, sp.S.Zero, sp.Integer(k)), MOMENTS[k])
            for k in (1, 2, 3, 4)
        )
    ),
    given=(B >= 1,),
    steps=(Equal("expansion", STATEMENT, "expand the generating function at 0"),),
    twins=(Twin("variance 9/(4 B^2)", equal(MOMENTS[2], sp.Rational(1, 4) + 9 / (4 * B**2))),),
)

_UPDATE = SAM.update(batch())
_M = 1 + 4 * eta * w2 * ybar * (1 - 4 * rho * w2 * ybar)
_linear = tuple(
    series(name, u, w1, terms, because)
    for name, u, terms, because in (
        ("along", _UPDATE[1], [w2, 0], "w2 moves by O(w1^2) only"),
        ("across", _UPDATE[0], [0, _M], "the curvature that a batch sees is -4 w2 ybar"),
    )
)
MULTIPLIER = Claim(
    id="toy-multiplier",
    title="One step of SAM multiplies a small w1 by a random number",
    place=BEYOND,
    voice="ours",
    says=(
        "Next to the line, a step with mean label ybar takes w1 to (1 + 4 eta w2 ybar (1 - 4 rho w2 ybar)) w1 and "
        "leaves w2 in place."
    ),
    statement=_linear[1].formula,
    steps=_linear,
    twins=(
        Twin("the ascent's gradient not cleared before the descent", equal(
            Coefficient(_UPDATE[0], w1, sp.S.Zero, sp.S.One), _M + 4 * eta * w2 * ybar)),
        Twin("a square too many on 1 + rho lambda", equal(
            Coefficient(_UPDATE[0], w1, sp.S.Zero, sp.S.One), 1 + (_M - 1) * (1 - 4 * rho * w2 * ybar))),
    ),
)  # fmt: skip

MEAN = expect(multiplier())
_mean = equal(MEAN, 1 + 2 * eta * w2 * (1 - 2 * rho * w2 * (1 + 9 / B)))
MEAN_RATE = Claim(
    id="toy-mean-rate",
    title="On average, the toy neuron's line holds SAM from rho = 1/(2 w2 (1 + 9/B)) on",
    place=BEYOND,
    voice="ours",
    says=(
        "With the same batch in both gradients the mean of w1 shrinks exactly if rho > 1/(2 w2 (1 + 9/B)) and the "
        "step is small enough."
    ),
    reading="Each batch is B independent labels; the mean of the multiplier lies strictly between -1 and 1.",
    statement=iff(between(MEAN, -1, 1), every(rho > _THRESHOLD, eta * w2 * (2 * rho * w2 * (1 + 9 / B) - 1) < 1)),
    given=CONDITIONS,
    steps=(
        Equal("mean", _mean, "average over the labels"),
        Entails("held", STATEMENT, "compare with 1 and with -1", uses=("mean",)),
    ),
    finding=(
        "Equivalently w2 > 1/(2 rho (1 + 9/B)). At rho = 0.1 and B = 1 this is w2 > 1/2; for the whole training set"
        " it is w2 > 5."
    ),
    twins=(
        Twin("equality let in", iff(MEAN < 1, rho >= _THRESHOLD)),
        Twin("B^2 for B", mistake("B^2 for B", _mean)),
        Twin("eta for eta/2", mistake("eta for eta/2", _mean)),
        Twin("rho^2 for rho", mistake("rho^2 for rho", _mean)),
        Twin("the batch's noise forgotten", iff(MEAN < 1, rho > 1 / (2 * w2))),
    ),
    related=("toy-transverse",),
)

more = real("k")  # how many samples more
SMALLER_BATCH = Claim(
    id="toy-smaller-batch",
    title="Smaller batches hold SAM at the line more firmly",
    place=BEYOND,
    voice="ours",
    says="For every positive radius, the mean multiplier across the line is smaller with a smaller batch.",
    statement=MEAN.subs(B, B + more) > MEAN,
    given=(w2 > 0, eta > 0, rho > 0, B >= 1, more > 0),
    steps=(
        Equal("gap", equal(MEAN.subs(B, B + more) - MEAN,
                           36 * eta * rho * w2**2 * more / (B * (B + more))), "the noise enters as 9/B"),
        Entails("order", STATEMENT, "the gap of step 'gap' is a quotient of positive numbers", uses=("gap",)),
    ),
    finding=(
        "The reverse of what Section 4.4 advises: here the noise is in the curvature, and SAM's rho lambda^2 turns "
        "it into attraction."
    ),
    twins=(
        Twin("smaller batches let go", MEAN.subs(B, B + more) < MEAN),
        Twin("without a radius as well", STATEMENT, (w2 > 0, eta > 0, rho >= 0, B >= 1, more > 0)),
    ),
    related=("thm3-batch",),
)  # fmt: skip

up, down = real("ybar_up"), real("ybar_down")
_mean_field = 1 + 2 * eta * w2 * (1 - 2 * rho * w2)
INDEPENDENT = Claim(
    id="toy-independent",
    title="With independent batches in the two gradients the toy neuron's mean rate has no batch size in it",
    place=BEYOND,
    voice="ours",
    says=(
        "If ascent and descent draw their own batches, the mean multiplier is that of the whole training set, with "
        "the threshold rho = 1/(2 w2)."
    ),
    statement=every(
        equal(expect(expect(multiplier_of_two_batches(up, down, eta), up), down), _mean_field),
        equal(Coefficient(SAM.update(FULL)[0], w1, sp.S.Zero, sp.S.One), _mean_field),
    ),
    given=CONDITIONS,
    steps=(Equal("independent", STATEMENT, "the mean of a product is the product of the means"),),
    finding="So it is the reuse of the batch in both gradients that lowers the threshold tenfold for single samples.",
    twins=(Twin("the same batch twice", equal(MEAN, _mean_field)),),
)

_tenth = MEAN.subs({B: 1, rho: sp.Rational(1, 10)})
FIGURE_RADIUS = Claim(
    id="toy-figure-radius",
    title="At radius 0.1 and one sample a step the toy neuron's line holds where w2 > 1/2",
    place=BEYOND,
    voice="ours",
    says=(
        "With constant radius 0.1, single samples hold w1 on average exactly for w2 > 1/2, the whole training set "
        "only beyond w2 = 5."
    ),
    statement=every(
        iff(_tenth < 1, w2 > sp.Rational(1, 2)), implies(w2 < 5, _mean_field.subs(rho, sp.Rational(1, 10)) > 1)
    ),
    given=(w2 > 0, eta > 0),
    steps=(
        Equal("mean", equal(_tenth, 1 + 2 * eta * w2 * (1 - 2 * w2)), "rho (1 + 9/B) = 1"),
        Entails("figure", STATEMENT, "1 - 2 w2 < 0 exactly for w2 > 1/2, and 1 - w2/5 > 0 for w2 < 5", uses=("mean",)),
    ),
    finding=(
        "Read off from toy-mean-rate at one radius. w2 starts uniformly in [0, 1] and moves little near the line, so "
        "about half of the runs of Figure 7 are to end on it."
    ),
    twins=(Twin("every start is held", _tenth < 1),),
    related=("fig7b",),
)

m1 = real("m_w1")
_heavy = [OPTIMISERS["heavy_ball_sam"].update(batch())[i].subs({tau: 0, real("m_w2"): 0}) for i in (0, 2)]
_across = sp.Matrix(2, 2, lambda i, j: expect(sp.expand(on_line(sp.Matrix([_heavy[i].diff((w1, m1)[j])]))[0])))
_AT_ONE = sp.expand((sp.eye(2) - _across).det())
MOMENTUM = Claim(
    id="toy-momentum",
    title="Momentum does not free SAM from the line",
    place=BEYOND,
    voice="ours",
    says=(
        "With heavy-ball momentum the mean of w1 shrinks beyond the same radius; momentum only widens the range of "
        "admissible steps."
    ),
    reading=(
        "Both roots of the averaged step's characteristic polynomial p lie inside the unit circle: p(1) > 0, p(-1) "
        "> 0 and p(0) < 1 (Jury)."
    ),
    statement=iff(every(_AT_ONE > 0, sp.expand((-sp.eye(2) - _across).det()) > 0, _across.det() < 1),
                  every(rho > _THRESHOLD, eta * w2 * (2 * rho * w2 * (1 + 9 / B) - 1) < 1 + gamma)),
    given=(*CONDITIONS, gamma >= 0, gamma < 1),
    steps=(
        Equal("values",
              every(equal(_AT_ONE, 2 * eta * w2 * (2 * rho * w2 * (1 + 9 / B) - 1)),
                    equal(sp.expand((-sp.eye(2) - _across).det()),
                          2 * (1 + gamma) - 2 * eta * w2 * (2 * rho * w2 * (1 + 9 / B) - 1)),
                    equal(_across[0, 0] * _across[1, 1] - _across[0, 1] * _across[1, 0], gamma)),
              "average the map's Jacobian over the labels"),
        Entails("roots", STATEMENT, "signs of these values", uses=("values",)),
    ),
    twins=(
        Twin("momentum lowers the threshold", iff(_AT_ONE > 0, rho > (1 - gamma) * _THRESHOLD)),
        Twin("equality let in", iff(_AT_ONE > 0, rho >= _THRESHOLD)),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (
    BATCH, LABEL_MOMENTS, MULTIPLIER, MEAN_RATE, SMALLER_BATCH, INDEPENDENT, FIGURE_RADIUS, MOMENTUM,
)  # fmt: skip
