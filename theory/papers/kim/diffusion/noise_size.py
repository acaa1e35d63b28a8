r"""Section 4.3: the size of mini-batch noise and the Hessian, (23) and (24).

Key results: the gradient's covariance is not |H|/B on the paper's own neuron (eq23), and cannot be for a loss and its
double (eq24).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.neuron.neuron_model import GRADIENT_COVARIANCE, LABELS, LOSS, average, sample_loss
from saddlecheck.theory.papers.kim.notation import absolute_hessian, covariance, covariance_here, slope1, slope2
from saddlecheck.theory.symbols import B, D, Expr, eta, real, w, w1, w2

g1, g2 = real("g_1"), real("g_2")

# ---- (23): the covariance of the gradient and the Hessian


def _slope(loss: Expr, variable: sp.Symbol) -> Expr:
    return Coefficient(loss, variable, sp.S.Zero, sp.S.One)


def _curvature(loss: Expr, variable: sp.Symbol) -> Expr:
    return 2 * Coefficient(loss, variable, sp.S.Zero, sp.Integer(2))


def _fisher(losses: list[Expr], weights: list[Expr], variable: sp.Symbol) -> Expr:
    """Second moment of the samples' gradients at 0."""
    return sum(p * _slope(loss, variable) ** 2 for p, loss in zip(weights, losses, strict=True))


_TOY_FISHER = _fisher([sample_loss(label) for label in LABELS], [sp.Rational(1, 2)] * 2, w1)

EQ23 = Claim(
    id="eq23",
    title="(23): the gradient's covariance is the Hessian's absolute value over the batch size",
    place=Place("appendix", "(23)"),
    voice="paper",
    provenance="seen",
    says="Near a critical point the mini-batch gradient's covariance is the Fisher matrix over B, and that is |H|/B.",
    reading="On the paper's own toy neuron, across its saddle line w1 = 0: the entry for w1, second moment of the "
    "samples' gradients against the curvature.",
    statement=equal(_TOY_FISHER / B, sp.Abs(_curvature(LOSS, w1)) / B),
    display=Display(
        equal(covariance_here, absolute_hessian / B),
        {
            covariance_here: (value(slope1(w1), w1, 0) ** 2 + value(slope2(w1), w1, 0) ** 2) / (2 * B),
            slope1(w1): 4 * w1 * w2 * (w2 * w1**2 + 1),
            slope2(w1): 4 * w1 * w2 * (w2 * w1**2 - 2),
            absolute_hessian: sp.Abs(value(12 * w2**2 * w1**2 - 2 * w2, w1, 0)),
        },
    ),
    given=(B > 0, w2 > 0),
    finding="False there: every sample's gradient vanishes on the line, so the left side is 0 while the curvature "
    "is 2 w2. Fisher equals Hessian for the expected score of a likelihood that the model itself has right "
    "(eq23-likelihood), and then the Hessian has no negative eigenvalue: not at a saddle.",
    argument=(
        "On the line w1 = 0 of the toy neuron the gradient of the sample with label y for w1 is 4 w1 w2 (w2 w1^2 - "
        "y), which is 0 for both labels. The second moment of the samples' gradients is therefore 0. The curvature "
        "across the line is -2 w2, which is -2 at w2 = 1. With B = 1 the two sides of (23) are 0 and 2. For a "
        "likelihood that the model has right the two agree on average, but then no curvature is negative "
        "(eq23-likelihood)."
    ),
    twins=(Twin("noise of twice the size of the curvature", equal(_TOY_FISHER / B, 2 * sp.Abs(_curvature(LOSS, w1)))),),
    related=("eq23-likelihood", "eq24-constant"),
)
_NLL = real("L_0") + real("L_1") * w + real("L_2") * w**2  # the negative logarithm of one outcome's probability
_INFORMATION = equal(
    sp.exp(-_NLL) * sp.Derivative(_NLL, w, 2),
    sp.exp(-_NLL) * sp.Derivative(_NLL, w) ** 2 - sp.Derivative(sp.exp(-_NLL), w, 2),
)
LIKELIHOOD = Claim(
    id="eq23-likelihood",
    title="Fisher equals Hessian for a likelihood, where no direction is negative",
    place=Place("appendix", "(23)"),
    voice="ours",
    says="For outcomes drawn from the model itself the second moment of the score is the expected Hessian, >= 0.",
    reading="One outcome's share in both, its probability p and -log p any smooth functions of the weight (value and "
    "two derivatives free). Summed over the outcomes the term p'' drops out, since the probabilities add up to 1.",
    argument=(
        "Write one outcome's probability as p = exp(-L). Differentiating twice, p L'' = p (L')^2 - p''. Summed over "
        "all outcomes the last term vanishes, because the probabilities add up to 1 for every weight. So the expected "
        "Hessian of -log p is the expected square of the score, which is not negative. At a saddle, where a direction "
        "has negative curvature, this cannot be the loss's own Hessian."
    ),
    statement=every(_INFORMATION, sp.exp(-_NLL) * sp.Derivative(_NLL, w) ** 2 >= 0),
    steps=(
        Equal("information equality", _INFORMATION, "differentiate exp(-(-log p)) twice"),
        Entails("no negative curvature", STATEMENT, "an average of squares", uses=("information equality",)),
    ),
)

# ---- (24): scaling, and dependence on the weight

c, s = real("c"), real("s")
_PAIR = [c * (-(s**2) * w**2 / 2 + sign * s * w) for sign in (1, -1)]
_DIFFUSION = eta * _fisher(_PAIR, [sp.Rational(1, 2)] * 2, w) / (2 * B)
_PRINTED = eta * sp.Abs(_curvature(average(_PAIR), w)) / (2 * B)

EQ24 = Claim(
    id="eq24",
    title="(24): the diffusion is eta |H|/(2B)",
    place=Place("appendix", "(24)"),
    voice="paper",
    provenance="seen",
    says="At a critical point the diffusion matrix is the learning rate times |H| over twice the batch size.",
    reading="For the two samples c (-s^2 w^2/2 + s w) and c (-s^2 w^2/2 - s w), where it is right at c = 1.",
    statement=equal(_DIFFUSION, _PRINTED),
    display=Display(
        equal(D, eta / (2 * B) * absolute_hessian),
        {D: eta * (g1**2 + g2**2) / (4 * B), g1: c * s, g2: -c * s, absolute_hessian: sp.Abs(-c * s**2)},
    ),
    given=(eta > 0, B > 0, c > 0, sp.Ne(s, 0)),
    finding="It cannot be a law: a loss multiplied by c has c^2 times the covariance and c times the Hessian.",
    argument=(
        "For the two samples c (-s^2 w^2/2 + s w) and c (-s^2 w^2/2 - s w) the gradients at the critical point 0 are "
        "c s and -c s, and the curvature is -c s^2. The diffusion eta C/2 is eta c^2 s^2/(2B), while eta |H|/(2B) is "
        "eta c s^2/(2B). At c = 1 the two agree; at c = 2 the first is twice the second. A formula that fails when "
        "the loss is multiplied by a number cannot be a law."
    ),
    twins=(Twin("c^3 for c^2", equal(_DIFFUSION, c**3 * _DIFFUSION.subs(c, 1))),),
    related=("eq24-scaling",),
)
SCALING = Claim(
    id="eq24-scaling",
    title="A loss multiplied by c has c^2 times the diffusion and c times the Hessian",
    place=Place("appendix", "(24)"),
    voice="ours",
    says="A loss multiplied by c > 0 has c^2 times the diffusion, while eta |H|/(2B) is multiplied by c.",
    reading="The diffusion is thus a quantity of its own, D = eta/2 times the covariance of the mini-batch gradient.",
    argument=(
        "The gradients of a loss multiplied by c are multiplied by c, and their second moments by c^2. The Hessian is "
        "multiplied by c, and so is |H| for c > 0. So the diffusion eta C/2 grows with c^2 and eta |H|/(2B) with c."
    ),
    statement=every(equal(_DIFFUSION, c**2 * _DIFFUSION.subs(c, 1)), equal(_PRINTED, c * _PRINTED.subs(c, 1))),
    given=EQ24.given,
    steps=(
        Equal("scaling", STATEMENT, "gradients scale, and are squared"),
    ),
)  # fmt: skip
CONSTANT = Claim(
    id="eq24-constant",
    title="(24): near a critical point the diffusion does not depend on the weight",
    place=Place("appendix", "(24)"),
    voice="paper",
    provenance="seen",
    says="The diffusion matrix may be taken to be constant around a saddle.",
    reading="Again on the toy neuron: variance of the samples' gradients for w1, off the line against on the line.",
    statement=equal(GRADIENT_COVARIANCE[0, 0], GRADIENT_COVARIANCE[0, 0].subs(w1, 0)),
    display=Display(
        equal(covariance(w1), covariance(0)),
        {
            covariance(w1): (slope1(w1) - slope2(w1)) ** 2 / 4,
            slope1(w1): 4 * w1 * w2 * (w2 * w1**2 + 1),
            slope2(w1): 4 * w1 * w2 * (w2 * w1**2 - 2),
        },
    ),
    given=(w2 > 0,),
    finding="On the toy neuron the noise vanishes with the distance from the line: it is multiplicative, so it cannot "
    "start an escape, only slow or hasten it.",
    argument=(
        "On the toy neuron the gradients of the two samples for w1 are 4 w1 w2 (w2 w1^2 + 1) and 4 w1 w2 (w2 w1^2 - "
        "2), and their difference is 12 w1 w2. Their variance is the square of half the difference, 36 w1^2 w2^2. At "
        "w1 = w2 = 1 it is 36, and on the line w1 = 0 it is 0. So it depends on the weight to leading order, however "
        "close to the line."
    ),
    twins=(Twin("noise that grows as the distance", equal(GRADIENT_COVARIANCE[0, 0], 36 * sp.Abs(w1) * w2**2)),),
)
MULTIPLICATIVE = Claim(
    id="eq24-multiplicative",
    title="The toy neuron's noise is proportional to the distance from its saddle line",
    place=Place("appendix", "(24)"),
    voice="ours",
    says="The samples' gradients for w1 have the standard deviation 6 |w1 w2|.",
    argument=(
        "The samples' gradients for w1 are 4 w1 w2 (f - y) with f = w2 w1^2 and the labels y = -1 and y = 2. They "
        "differ by 12 w1 w2. Two equally likely values have the variance of a quarter of their squared difference, "
        "which is 36 w1^2 w2^2. The standard deviation is 6 |w1 w2|."
    ),
    statement=equal(GRADIENT_COVARIANCE[0, 0], 36 * w1**2 * w2**2),
    given=(w2 > 0,),
    amends="eq24-constant",
    steps=(Equal("variance", STATEMENT, "the labels differ by 3"),),
)

CLAIMS: tuple[Claim, ...] = (EQ23, LIKELIHOOD, EQ24, SCALING, CONSTANT, MULTIPLICATIVE)
