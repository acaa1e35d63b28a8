r"""The cycles of Adam, RMSprop and Lion about a point with a positive rate, along one coordinate.

Key results
- Beyond the edge at which rest is lost Adam alternates between A and -A with $A = \eta(1-\beta_1)/(2(1+\beta_1)) -
  \epsilon/p$ (adam-two-cycle).
- That attracts only near the edge for the usual betas, and always for RMSprop (adam-cycle-attracts).
- Lion has a 2-cycle through each point of an interval (lion-two-cycles).
"""

from __future__ import annotations

import math

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimisers.bases import Adam
from saddlecheck.theory.optimisers.column import Column
from saddlecheck.theory.papers.ours.jury import jury_three, z
from saddlecheck.theory.symbols import Expr, eta, real, w

b1, b2, eps, theta = (real(name) for name in ("beta_1", "beta_2", "epsilon", "theta"))
m, v, p, A = (real(name) for name in ("m", "v", "p", "A"))
_DECAYS = (b1 >= 0, b1 < 1, b2 >= 0, b2 < 1)

_width = eta * (1 - b1) / (2 * (1 + b1)) - eps / p
_buffer = (1 - b1) * p * A / (1 + b1)  # -m before the step from A
_met = b1 * -_buffer + (1 - b1) * p * A
_kept = every(equal(_met, _buffer), equal(b2 * (p * A) ** 2 + (1 - b2) * (p * A) ** 2, (p * A) ** 2))
_turned = equal(A - eta * _buffer / (p * A + eps), -A)
_balanced = equal(2 * (1 + b1) * (p * A + eps), eta * (1 - b1) * p)  # the step is 2 A, over A
_turns = iff(_turned, equal(A, _width))
_exists = iff(_width > 0, eta * (1 - b1) * p > 2 * eps * (1 + b1))
CYCLE = Claim(
    id="adam-two-cycle",
    title="Beyond the edge Adam alternates with the half-width lr (1 - beta1)/(2 (1 + beta1)) - epsilon/p",
    place=BEYOND,
    voice="ours",
    says="Along a coordinate with the rate p > 0 Adam's memory repeats on a 2-cycle between A and -A if and only if A "
    "= lr (1 - beta1)/(2 (1 + beta1)) - epsilon/p, which is positive exactly beyond the edge at which rest is lost.",
    reading="A > 0, v = (p A)^2, m = -(1 - beta1) p A/(1 + beta1) before the step from A; beta1 = 0 is RMSprop.",
    statement=every(_kept, _turns, _exists),
    given=(p > 0, A > 0, eta > 0, eps > 0, b1 >= 0, b1 < 1),
    steps=(
        Equal("memory", _kept, "put m and v into the means"),
        Entails("step", iff(_turned, _balanced), "the step has to be 2 A"),
        Entails("width", iff(_balanced, equal(A, _width)), "solve for A"),
        Entails("turn", _turns, "both", uses=("step", "width")),
        Entails("edge", _exists, "multiply by 2 (1 + beta1) p"),
        Entails("together", STATEMENT, "all three", uses=("memory", "turn", "edge")),
    ),
    finding="The width is that of the learning rate, whatever the curvature, and 38 times smaller than 2 lr for "
    "beta1 = 0.9.",
    twins=(
        Twin("the buffer does not lag", iff(equal(A - eta * p * A / (p * A + eps), -A), equal(A, _width))),
        Twin("a cycle below the edge", iff(_width > 0, eta * (1 - b1) * p < 2 * eps * (1 + b1))),
    ),
    argument="On such a cycle g^2 is constant, so v is (p A)^2, and m alternates with the size (1 - beta1) p A/(1 + "
    "beta1). The step has to be 2 A. Dividing by A > 0 gives p A + epsilon = lr (1 - beta1) p/(2 (1 + beta1)). It has "
    "a positive solution exactly if lr (1 - beta1) p exceeds 2 epsilon (1 + beta1).",
    rests=("adam-rest",),
    related=("sam-adam-trapped",),
)


def _across_the_cycle() -> Expr:
    """The characteristic polynomial of a step from the 2-cycle followed by a change of sign, in (w, m, v)."""
    rate, width, small = (sp.Dummy(name, positive=True) for name in ("p", "A", "epsilon"))
    base, g = Adam(betas=(b1, b2), eps=small), rate * w
    after, memory = base.step(Column.of([w]), (Column.of([m]), Column.of([v])), Column.of([g]), eta, math.inf)
    turned = sp.diag(-1, -1, 1) * sp.Matrix([after[0], *(part[0] for part in memory)])
    here = {
        w: width, m: -(1 - b1) * rate * width / (1 + b1), v: (rate * width) ** 2,
        eta: 2 * (1 + b1) * (rate * width + small) / ((1 - b1) * rate),
    }  # fmt: skip
    slope = turned.jacobian([w, m, v]).subs(here)
    slope = slope.replace(lambda e: e.is_Pow and e.exp.q == 2, lambda e: sp.expand(e.base) ** e.exp)
    share = slope.subs(small, rate * width * (1 - theta) / theta).applyfunc(sp.cancel)
    return sp.factor((z * sp.eye(3) - share).det())


_polynomial = (z - 1) * (z - b1) * (z - b2) + 2 * theta * (1 - b2) * z * (z + b1)
_derived = equal(_across_the_cycle(), _polynomial)
_c2, _c1, _c0 = sp.Poly(sp.expand(_polynomial), z).all_coeffs()[1:]
_near_enough = 2 * theta * b1 * (1 + b2) < (1 - b1) * (1 - b1 * b2)
_attracts = iff(jury_three(_c2, _c1, _c0), _near_enough)
ATTRACTS = Claim(
    id="adam-cycle-attracts",
    title="Adam's 2-cycle attracts iff 2 theta beta1 (1 + beta2) < (1 - beta1)(1 - beta1 beta2)",
    place=BEYOND,
    voice="ours",
    says="With theta = 1 - edge/lr, the roots of a step from the 2-cycle and a change of sign lie inside the unit "
    "circle if and only if 2 theta beta1 (1 + beta2) < (1 - beta1)(1 - beta1 beta2).",
    reading="One coordinate with the rate p; theta = p A/(p A + epsilon). Jury's conditions in degree three.",
    statement=every(_derived, _attracts),
    given=(*_DECAYS, theta > 0, theta < 1),
    steps=(
        Equal("polynomial", _derived, "the determinant of z I minus the Jacobian in (w, m, v)"),
        Entails("attracts", _attracts, "three of the four conditions always hold"),
        Entails("together", STATEMENT, "both", uses=("polynomial", "attracts")),
    ),
    finding="For RMSprop, beta1 = 0, the cycle always attracts. With beta1 = 0.9 and beta2 = 0.999 it does so only for "
    "lr within 0.3 % of the edge; beyond, Adam circles in a band.",
    twins=(
        Twin("for all betas", jury_three(_c2, _c1, _c0)),
        Twin("beta2 left out", iff(jury_three(_c2, _c1, _c0), 2 * theta * b1 < (1 - b1) * (1 - b1 * b2))),
    ),
    argument="At theta = 0 the roots are 1, beta1 and beta2, and the first moves inwards. Of Jury's conditions those "
    "at z = 1 and z = -1 and the one on the product of the roots hold throughout. The last one is (1 - beta1)(1 - "
    "beta2)(1 - beta1 beta2) > 2 theta beta1 (1 - beta2^2), where a pair of roots would cross the circle.",
    rests=("adam-two-cycle", "jury-degree-three"),
)

_x = real("x")
_high, _low = p * (_x - eta / (1 + b2)), p * (_x - b2 * eta / (1 + b2))  # m before the step down, and up
_means = every(equal(b2 * _high + (1 - b2) * p * _x, _low), equal(b2 * _low + (1 - b2) * p * (_x - eta), _high))
_directions = every(b1 * _high + (1 - b1) * p * _x > 0, b1 * _low + (1 - b1) * p * (_x - eta) < 0)
_window = every(_x * (1 + b2) > b1 * eta, _x * (1 + b2) < (1 + b2 - b1) * eta)
_there = iff(b1 * eta < (1 + b2 - b1) * eta, 2 * b1 < 1 + b2)
LION = Claim(
    id="lion-two-cycles",
    title="Lion alternates between x and x - lr for a whole interval of x",
    place=BEYOND,
    voice="ours",
    says="Along a coordinate with a positive rate Lion's memory repeats on the 2-cycle between x and x - lr, and its "
    "signs turn, if and only if beta1 lr < (1 + beta2) x < (1 + beta2 - beta1) lr; such x exist iff 2 beta1 < 1 + "
    "beta2.",
    reading="No decay. m is p (x - lr/(1 + beta2)) before the step from x, and p (x - beta2 lr/(1 + beta2)) before the "
    "one back.",
    statement=every(_means, iff(_directions, _window), _there),
    given=(p > 0, eta > 0, *_DECAYS),
    steps=(
        Equal("memory", _means, "put both into the mean"),
        Entails("signs", iff(_directions, _window), "divide by p"),
        Entails("some", _there, "divide by lr"),
        Entails("together", STATEMENT, "all three", uses=("memory", "signs", "some")),
    ),
    finding="Lion comes to no rest, and on which of these cycles it ends depends on the start.",
    twins=(
        Twin("only the middle", iff(_directions, equal(2 * _x, eta))),
        Twin("for all betas", iff(b1 * eta < (1 + b2 - b1) * eta, 2 * b1 < 3)),
    ),
    argument="On a 2-cycle g alternates between p x and p (x - lr), and m is its mean of decay beta2. The step down "
    "needs beta1 m + (1 - beta1) p x > 0, the step up the opposite at x - lr. Both are linear in x, which gives the "
    "interval.",
)


CLAIMS: tuple[Claim, ...] = (CYCLE, ATTRACTS, LION)
