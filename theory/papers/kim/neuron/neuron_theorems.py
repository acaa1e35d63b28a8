"""Section 4.3, the toy neuron: whether Theorems 1 and 2 speak of its line w1 = 0, and what Figure 7 claims.

Key results: each point of the line is degenerate and free of noise, so neither theorem applies (toy-hypotheses).
What is true instead: a rate across the line that changes sign at rho = 1/(2 w2) (toy-transverse), and noise that
is proportional to the distance from the line and so lets no run leave it (toy-noise).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import differ, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, series
from saddlecheck.theory.papers.kim.neuron.neuron_model import FULL, GRADIENT_COVARIANCE, LOSS, batch, multiplier
from saddlecheck.theory.papers.kim.notation import covariance_here, h11, h12, h22, slope1, slope2
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import B, Expr, eta, rho, w1, w2


def _at_line(expr: Expr, order: int = 0) -> Coefficient:
    """A Taylor coefficient in w1 at w1 = 0."""
    return Coefficient(expr, w1, sp.S.Zero, sp.Integer(order))


_H11 = 2 * _at_line(LOSS, 2)

HYPOTHESES = Claim(
    id="toy-hypotheses",
    title="Section 4.3: Theorems 1 and 2 apply to the toy neuron's line",
    place=Place("4.3", "toy neuron"),
    voice="paper",
    provenance="seen",
    says="The line w1 = 0, w2 > 0 is the kind of saddle that the two theorems describe, which is why SAM ends there.",
    reading=(
        "No zero eigenvalue, as the proof of Theorem 1 assumes; and gradient noise |H|/B at the point, as Theorem 2"
        " assumes."
    ),
    statement=every(
        sp.Ne(_H11 * _at_line(sp.diff(LOSS, w2, 2)) - _at_line(sp.diff(LOSS, w2), 1) ** 2, 0),
        equal(_at_line(GRADIENT_COVARIANCE[0, 0] / B), sp.Abs(_H11) / B),
    ),
    display=Display(
        (differ(h11 * h22 - h12**2), equal(covariance_here, sp.Abs(h11) / B)),
        {
            h11: value(12 * w2**2 * w1**2 - 2 * w2, w1, 0),
            h12: value(8 * w2 * w1**3 - 2 * w1, w1, 0),
            h22: value(2 * w1**4, w1, 0),
            covariance_here: value((slope1(w1) - slope2(w1)) ** 2, w1, 0) / (4 * B),
            slope1(w1): 4 * w1 * w2 * (w2 * w1**2 + 1),
            slope2(w1): 4 * w1 * w2 * (w2 * w1**2 - 2),
        },
    ),
    given=(w2 > 0, B >= 1),
    finding=(
        "Both assumptions fail at every point of the line: its determinant is 0, and every sample's gradient "
        "vanishes there."
    ),
    argument=(
        "At a point of the line the Hessian is diag(-2 w2, 0), so its determinant is 0 and the assumption of no "
        "zero eigenvalue fails. Every sample's gradient for w1 is 4 w1 w2 (w2 w1^2 - y), which is 0 on the line. "
        "The variance of the noise is then 0, where (24) requires |H| = 2 w2 > 0 over B; at w2 = B = 1 the two "
        "are 0 and 2. Both hypotheses fail at every point of the line with w2 > 0."
    ),
    twins=(
        Twin(
            "the determinant alone",
            sp.Ne(_H11 * _at_line(sp.diff(LOSS, w2, 2)) - _at_line(sp.diff(LOSS, w2), 1) ** 2, 0),
        ),
        Twin("the noise alone", equal(_at_line(GRADIENT_COVARIANCE[0, 0] / B), sp.Abs(_H11) / B)),
    ),
    related=("thm1", "thm2", "hyperbolic-wlog"),
)

_RATE = _at_line(SAM.direction(FULL)[0], 1)
TRANSVERSE = Claim(
    id="toy-transverse",
    title="What replaces Theorem 1: SAM's rate across the line changes sign at rho = 1/(2 w2)",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says=(
        "On the whole training set, constant-radius SAM's flow contracts towards the line exactly if w2 < 0 or rho "
        "> 1/(2 w2)."
    ),
    reading=(
        "The rate is the w1-coefficient of the SAM gradient at (0, w2): dw1/dt = -rate w1 to first order. w2 then "
        "moves by O(w1^2) only."
    ),
    statement=every( implies(w2 > 0, iff(sp.Gt(_RATE, 0), rho > 1 / (2 * w2))), implies(w2 < 0, sp.Gt(_RATE, 0)), ),
    given=(rho >= 0, sp.Ne(w2, 0)),
    amends="toy-hypotheses",
    steps=(
        series("along", SAM.direction(FULL)[1], w1, [0, 0], "nothing moves w2 to first order"),
        series("across", SAM.direction(FULL)[0], w1, [0, -2 * w2 * (1 - 2 * rho * w2)],
               "lambda (1 + rho lambda), lambda = -2 w2"),
        Entails("threshold", STATEMENT, "the sign of -2 w2 (1 - 2 rho w2)", uses=("across",)),
    ),
    finding=(
        "No single point attracts, for its neighbours on the line rest as well; for w2 < 0 the line attracts "
        "without any radius."
    ),
    argument=(
        "Expand the gradient at the perturbed weight in w1 at a point (0, w2). Its second entry has no term of first "
        "order, so w2 does not move to that order. Its first entry is -2 w2 (1 - 2 rho w2) w1, which is lambda (1 + "
        "rho lambda) w1 with lambda = -2 w2. For w2 < 0 both factors of the rate are positive, and for w2 > 0 the "
        "rate is positive exactly if 2 rho w2 > 1."
    ),
    twins=(
        Twin("equality let in", implies(w2 > 0, iff(sp.Gt(_RATE, 0), rho >= 1 / (2 * w2)))),
        Twin("a curvature of -w2", implies(w2 > 0, iff(sp.Gt(_RATE, 0), rho > 1 / w2))),
    ),
)  # fmt: skip

NOISE = Claim(
    id="toy-noise",
    title="What replaces Theorem 2: noise in proportion to the distance, and none on the line",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says=(
        "A sample's gradient has covariance w1^2 (6 w2, 3 w1)(6 w2, 3 w1)^T, and from a point of the line no batch "
        "moves SAM at all."
    ),
    statement=every(
        equal(GRADIENT_COVARIANCE[0, 0], 36 * w1**2 * w2**2),
        equal(GRADIENT_COVARIANCE[0, 1], 18 * w1**3 * w2),
        equal(GRADIENT_COVARIANCE[1, 1], 9 * w1**4),
        equal(_at_line(SAM.update(batch())[0]), 0),
        equal(_at_line(SAM.update(batch())[1]), w2),
    ),
    amends="toy-hypotheses",
    steps=(Equal("noise", STATEMENT, "average over the labels -1 and 2; put w1 = 0 into the step"),),
    finding=(
        "Started on the line, the variance stays 0 for all time, where (12) has it grow from the first step; for "
        "lambda = 0, (12) divides by 0."
    ),
    argument=(
        "The gradients of the two samples are (4 w1 w2 (f - y), 2 w1^2 (f - y)) with y = -1 and y = 2, so they differ "
        "by 3 times (4 w1 w2, 2 w1^2). Two equally likely vectors have a quarter of the outer square of their "
        "difference as covariance, which is w1^2 (6 w2, 3 w1)(6 w2, 3 w1)^T. At w1 = 0 every gradient is 0, at w and "
        "at the perturbed weight, which is w itself. A step from a point of the line therefore leads to that point."
    ),
    twins=(
        Twin("noise |H| = 2 w2 everywhere", equal(GRADIENT_COVARIANCE[0, 0], sp.Abs(2 * w2))),
        Twin("the gradient's mean square for its variance", equal(GRADIENT_COVARIANCE[0, 0], 40 * w1**2 * w2**2)),
    ),
)

FIG7B = Claim(
    id="fig7b",
    title="Figure 7b: SAM with radius 0.1 ends on the line, SGD at the minima",
    place=Place("4.3", "Figure 7"),
    voice="paper",
    provenance="seen",
    says=("Over 1,000 seeds SGD converges to the minima, while SAM with radius 0.1 mostly ends on the saddle line."),
    statement=Prop(
        "fig7b",
        "From w1 in [-0.1, 0.1] and w2 in [0, 1], most runs of SAM with radius 0.1 end on the line w1 = 0 with "
        "loss 2.5, and most runs of SGD end on the curve of minima with loss 2.25.",
    ),
    reading="One sample a step; for its other settings the paper refers to the source of the example.",
    settles="saddlecheck check fig7b --numeric",
    finding=(
        "What the mathematics predicts for it: toy-mean-rate and toy-normalised-one-sample; for which learning "
        "rates, toy-sgd-window."
    ),
    argument=(
        "Near the line one step of SAM on one sample multiplies a small w1 by a factor that depends on the label "
        "alone. Whether a run is driven onto the line depends on the mean of the logarithm of that factor, which for "
        "SGD is negative only in the window 1/8 < eta w2 < (1 + sqrt(17))/16 (toy-sgd-window). For normalised SAM "
        "with single samples the runs near the line are driven onto it for every radius (toy-normalised-one-sample). "
        "The paper names no learning rate, so the claim is settled by runs over a range of them."
    ),
    twins=(
        Twin(
            "SGD is held on average too",
            sp.Lt((multiplier(sp.Integer(-1)) + multiplier(sp.Integer(2))).subs(rho, 0), 2),
            (w2 > 0, eta > 0),
        ),
    ),
    related=("toy-mean-rate", "toy-sgd-window", "toy-normalised-one-sample"),
)
FIG7C = Claim(
    id="fig7c",
    title="Figure 7c: the mean final loss grows with the radius",
    place=Place("4.3", "Figure 7"),
    voice="paper",
    provenance="seen",
    says="The average loss of the converged points increases with rho.",
    reading="Not decreasing: the curve cannot exceed 2.5 and may reach it.",
    statement=Prop("fig7c", "The mean loss of the points where SAM ends does not decrease as rho grows from 0."),
    settles="saddlecheck check fig7c --numeric",
    finding=(
        "Behind it are toy-mean-rate and toy-normalised-one-sample for one sample a step, toy-capture for the whole"
        " training set."
    ),
    argument=(
        "Near the line a larger radius lowers the mean factor by which a step multiplies w1, which favours ending on "
        "the line (toy-mean-rate), and with the whole training set the band that is drawn in widens with rho "
        "(toy-capture). The loss is 2.5 on the line and 2.25 on the curve of minima, so the mean final loss rises "
        "with the share of runs that end on the line. How the share depends on rho over all starts is settled by "
        "runs."
    ),
    twins=(
        Twin(
            "a larger radius lets go",
            sp.Gt(sp.diff(multiplier(sp.Integer(-1)) + multiplier(sp.Integer(2)), rho), 0),
            (w2 > 0, eta > 0),
        ),
    ),
    related=("toy-mean-rate", "toy-normalised-one-sample", "toy-capture"),
)

CLAIMS: tuple[Claim, ...] = (HYPOTHESES, TRANSVERSE, NOISE, FIG7B, FIG7C)
