r"""A valley of minima: the loss $L(y)x^2/2$, whose floor x = 0 has the one eigenvalue L(y) that is not 0.

Normalised SAM bounces between the walls on its 2-cycle and drifts along the floor. From the cycle, with
$L(y) = l + b y + \dots$ at y = 0, a step moves along the floor by $-2\eta b\rho^2/(2-\eta l)^2$ to leading order in
$\rho$.

Key results
- For small steps that is $-(\eta\rho^2/2)\,b$: the gradient flow of the eigenvalue. For finite steps the same path at
  another speed; no condition relates $\eta$ and $\rho$.
- Batch size 1, one valley for each sample: the flow of the mean of $2\rho^2/(2-\eta l_k)$, the trace only to first
  order in $\eta$. With a constant trace it evens out the samples' eigenvalues.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, implies
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.symbols import Expr, eta, real, rho, x, y

level, slope, bend = real("l"), real("b"), real("c")  # of the eigenvalue along the floor, at y = 0
_EIGENVALUE = level + slope * y + bend * y**2 / 2
_VALLEY = BareLoss((x, y), _EIGENVALUE * x**2 / 2)
_UPDATE = OPTIMISERS["sam_normalised"].update(_VALLEY)
# The same step from y = 0, x > 0 with the factor x taken out of the gradient
_WALL = sp.sqrt(level**2 + slope**2 * x**2 / 4)
_UP = {x: x + rho * level / _WALL, y: rho * slope * x / (2 * _WALL)}
_STEP = [v0 - eta * sp.diff(_VALLEY.expr, v).subs(_UP, simultaneous=True) for v, v0 in ((x, x), (y, sp.S.Zero))]
_same = every(*(equal(update.subs(y, 0), own) for update, own in zip(_UPDATE, _STEP, strict=True)))
_ON_CYCLE = [part.subs(x, rho * eta * level / (2 - eta * level)) for part in _STEP]
_HALF = eta * level / (2 - eta * level)


def drift(eigenvalue: Expr, change: Expr) -> Expr:
    """What a step moves along the floor, in units of rho^2; checked below against the step, which is derived."""
    return -2 * eta * change / (2 - eta * eigenvalue) ** 2


_DRIFT = sp.Function(r"\Delta")  # the same by a name, for displays
_moves = every(
    equal(Coefficient(_ON_CYCLE[1], rho, 0, 1), 0),
    equal(Coefficient(_ON_CYCLE[1], rho, 0, 2), drift(level, slope)),
    equal(Coefficient(_ON_CYCLE[0], rho, 0, 1), -_HALF),
)
_SETTINGS = (level > 0, rho > 0, eta > 0, eta * level < 2)
_FORM = (*_SETTINGS, x > 0)
STEP = Claim(
    id="wen-flow-step",
    title="From its 2-cycle normalised SAM moves by -2 eta rho^2 grad l/(2 - eta l)^2 along a valley's floor",
    place=Place("stated", "full-batch flow, one step"),
    says="From the 2-cycle's half-width x = rho eta l/(2 - eta l) a step leads to the other side and, along the "
    "floor, by -2 eta b rho^2/(2 - eta l)^2 to leading order in rho, b the change of the eigenvalue along the floor.",
    reading="The first line is the step of normalised SAM from y = 0, x > 0, with x taken out of the gradient; the "
    "other side is the same. l, b and c are the value and the first two derivatives of the eigenvalue at the point; c "
    "does not enter.",
    statement=every(_same, _moves),
    given=_FORM,
    steps=(
        Equal("step", _same, "x is positive"),
        Equal("expansion", _moves, "the ascended x is 2 rho/(2 - eta l) to leading order"),
        Entails("together", every(_same, _moves), "both", uses=("step", "expansion")),
    ),
    twins=(Twin("the small-step value", equal(Coefficient(_ON_CYCLE[1], rho, 0, 2), -eta * slope / 2)),),
    voice="ours",
    argument="On the cycle the ascended point has the distance 2 rho/(2 - eta l) from the floor. The gradient along "
    "the floor is b/2 times its square. So a step moves by -eta b/2 times 4 rho^2/(2 - eta l)^2, and everything else "
    "is of higher order in rho.",
    related=("wen-flow",),
)
_small_steps = equal(Coefficient(drift(level, slope), eta, 0, 1), -slope / 2)
_sign = implies(sp.Ne(slope, 0), drift(level, slope) * slope < 0)
FLOW = Claim(
    id="wen-flow",
    title="Along a valley full-batch SAM follows the gradient flow of the top eigenvalue",
    place=Place("stated", "full-batch flow"),
    says="Full-batch SAM moves along the manifold of minima as the Riemannian gradient flow of the top eigenvalue: a "
    "step moves by -(eta rho^2/2) times its gradient, for small eta and to leading order in rho.",
    reading="One valley with one eigenvalue that is not 0; the coefficient of eta in the step's leading coefficient "
    "in rho. With several floor directions b is the gradient of the eigenvalue along them.",
    statement=every(_small_steps, _sign),
    display=Display(
        (equal(Coefficient(_DRIFT(eta), eta, 0, 1), -slope / 2), implies(sp.Ne(slope, 0), slope * _DRIFT(eta) < 0)),
        {_DRIFT(eta): drift(level, slope)},
    ),
    given=_SETTINGS,
    rests=("wen-flow-step",),
    steps=(
        Equal("small steps", _small_steps, "expand in eta"),
        Entails("sign", _sign, "the square is positive"),
        Entails("together", every(_small_steps, _sign), "both", uses=("small steps", "sign")),
    ),
    finding="For finite steps the factor is 4/(2 - eta l)^2 larger. It depends on l alone, so the path is that of the "
    "flow and only the speed changes.",
    twins=(Twin("twice as fast", equal(Coefficient(drift(level, slope), eta, 0, 1), -slope)),),
    voice="paper",
    provenance="seen",
    argument="The step along the floor is -2 eta rho^2 b/(2 - eta l)^2 to leading order in rho. Its first term in eta "
    "is -(eta rho^2/2) b. For every eta l < 2 the factor before b is negative, so the eigenvalue falls along its own "
    "gradient.",
    related=("wen-flow-conditions",),
)
_along = equal(Coefficient(_STEP[0].subs(slope, 0), x, _HALF * rho, 1), 1 - eta * level)
_ratio = drift(level, slope) / level
_slow = equal(Coefficient(_ratio / (eta * level), eta, 0, 0), -slope / (2 * level**2))
CONDITIONS = Claim(
    id="wen-flow-conditions",
    title="What the flow needs: eta l < 2 and a small rho, and no condition between eta and rho",
    place=Place("stated", "full-batch flow, smallness conditions"),
    says="Where the eigenvalue does not change, a step multiplies a displacement from the 2-cycle by 1 - eta l in "
    "absolute value, whatever rho. The drift in the time 1/(eta l) of this approach, as a share of l, is rho^2 times "
    "a number that tends to -b/(2 l^2) for small eta: it is small with rho alone.",
    reading="The step's slope in x at the cycle, for b = 0; then the drift a step, divided by l and by the rate of "
    "approach eta l, at eta = 0. The approach to the cycle from a distance of order 1 takes about ln(1/(eta "
    "rho))/(eta l) steps, in which the drift is of order rho^2 ln(1/(eta rho)).",
    statement=every(_along, _slow),
    given=_SETTINGS,
    steps=(Equal("rates", every(_along, _slow), "differentiate the step; expand in eta"),),
    finding="Both time scales carry one factor 1/eta, so their ratio knows eta only through eta l. A condition like "
    "rho^2 ln(1/(eta rho)) small is the only one that the approach asks for.",
    twins=(
        Twin(
            "an approach that depends on rho",
            equal(Coefficient(_STEP[0].subs(slope, 0), x, _HALF * rho, 1), 1 - eta * level * rho),
        ),
    ),
    voice="ours",
    argument="Across the valley the map is linear on each side with the slope 1 - eta l, in which rho does not occur. "
    "The drift of a step is of order eta rho^2, the rate of approach is eta l. Their ratio is rho^2 times a bounded "
    "number, so the path stays on the cycle as it drifts, for every eta l < 2 if rho is small.",
)

# Batch size 1: two samples, each with a valley of its own, drawn with equal probability
first, second = real("l_1"), real("l_2")
up, down = real("b_1"), real("b_2")
MEAN_DRIFT = (drift(first, up) + drift(second, down)) / 2
_SAMPLES = (first > 0, second > 0, eta > 0, eta * first < 2, eta * second < 2)
_trace = equal(Coefficient(MEAN_DRIFT, eta, 0, 1), -(up + down) / 2 / 2)
STOCHASTIC = Claim(
    id="wen-stochastic",
    title="With batch size 1 SAM minimises the trace, to first order in the step size",
    place=Place("introduction", "single samples"),
    says="With batch size 1 SAM minimises the trace of the Hessian: for small eta a step moves by -(eta rho^2/2) "
    "times its gradient on average.",
    reading="Two samples with one valley each across their own weight, both with the floor y; the Hessian of the mean "
    "loss has the trace (l_1 + l_2)/2. Each weight is on its own 2-cycle. The coefficient of eta in the mean drift, "
    "in units of rho^2.",
    statement=_trace,
    display=Display(equal(Coefficient(_DRIFT(eta), eta, 0, 1), -(up + down) / 4), {_DRIFT(eta): MEAN_DRIFT}),
    given=_SAMPLES,
    rests=("wen-flow-step",),
    steps=(Equal("first order", _trace, "expand in eta"),),
    twins=(Twin("the largest of the two", equal(Coefficient(MEAN_DRIFT, eta, 0, 1), -up / 2)),),
    voice="paper",
    provenance="seen",
    argument="A step on one sample moves along the floor by -2 eta rho^2 b_k/(2 - eta l_k)^2. For small eta that is "
    "-(eta rho^2/2) b_k. The mean over the samples is -(eta rho^2/2) times the gradient of the mean eigenvalue, which "
    "is the trace.",
    related=("wen-stochastic-functional", "wen-stochastic-constant-trace"),
)
_FUNCTIONAL = sum(2 / (2 - eta * (k + b * y)) for k, b in ((first, up), (second, down))) / 2
_gradient = equal(-Coefficient(_FUNCTIONAL, y, 0, 1), MEAN_DRIFT)
_moments = every(*(
    equal(Coefficient(2 / (2 - eta * first), eta, 0, k), (first / 2) ** k) for k in range(3)
))  # fmt: skip
FUNCTIONAL = Claim(
    id="wen-stochastic-functional",
    title="At a finite step batch size 1 minimises the mean of 2/(2 - eta l_k), not the trace",
    place=Place("stated", "single samples, finite steps"),
    says="At a finite step size the mean drift is minus the gradient of rho^2 times the mean over the samples of 2/(2 "
    "- eta l_k): of 1 + eta l_k/2 + eta^2 l_k^2/4 + ..., the trace first, then the mean square, then all higher "
    "moments of the samples' eigenvalues.",
    reading="l_k + b_k y is the sample's eigenvalue along the floor.",
    statement=every(_gradient, _moments),
    given=_SAMPLES,
    rests=("wen-flow-step",),
    steps=(Equal("gradient", every(_gradient, _moments), "differentiate, and expand"),),
    twins=(Twin("the trace at every step size", equal(MEAN_DRIFT, -eta * (up + down) / 4)),),
    voice="ours",
    argument="The derivative of 2/(2 - eta l) in l is 2 eta/(2 - eta l)^2, the factor of the drift. So the mean drift "
    "is the gradient of a mean over the samples. Its expansion in eta has the k-th moment of the eigenvalues at the "
    "k-th order.",
)
_evens = implies(every(equal(down, -up), first > second, up > 0), MEAN_DRIFT < 0)
CONSTANT = Claim(
    id="wen-stochastic-constant-trace",
    title="With a constant trace batch size 1 still moves: it evens out the samples' eigenvalues",
    place=Place("stated", "single samples, constant trace"),
    says="If l_1 grows along the floor as l_2 falls, so that the trace is constant, the mean drift lowers the larger "
    "of the two.",
    statement=_evens,
    display=Display(
        implies(every(first > second, up > 0, equal(down, -up)), _DRIFT(eta) < 0), {_DRIFT(eta): MEAN_DRIFT}
    ),
    given=_SAMPLES,
    rests=("wen-flow-step",),
    steps=(Entails("evens", _evens, "the factor 1/(2 - eta l)^2 grows with l"),),
    finding="A loss on which the functional named in the introduction does nothing and the algorithm moves.",
    twins=(Twin("it stays", implies(every(equal(down, -up), first > second, up > 0), equal(MEAN_DRIFT, 0))),),
    voice="ours",
    argument="With opposite slopes the mean drift is -eta b (1/(2 - eta l_1)^2 - 1/(2 - eta l_2)^2). For l_1 > l_2 "
    "the bracket is positive. So the floor is left only where both eigenvalues are equal, though the trace is the "
    "same everywhere.",
)

CLAIMS: tuple[Claim, ...] = (FLOW, STEP, CONDITIONS, STOCHASTIC, FUNCTIONAL, CONSTANT)
