"""True claims beside falsehoods of the corpus: what a side condition must not take away."""

import pytest
import sympy as sp
from quality.falsehoods.builders import claim, entailed, eq, ge, gt, identical, implies, m, n, power, x, y

from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.settle import settle

_Z, _ONE = sp.S.Zero, sp.S.One
_SKY = Prop("sky", "The sky is blue.")
_BEHIND = Coefficient(sp.sign(n - x), n, _Z, _Z)  # the sign of -x
_SLOPE = sp.Derivative(sp.Abs(x), x)


def _moved(first, goal, of, slope, *given, base, value):
    step = Monotone("moved", goal, uses=("sign",), of=of, along=x, base=base, value=value, slope=slope, sign=first)
    return lambda: claim(Entails("sign", first), step, given=given)


TRUTHS = {
    "from a value that exists and cancels": _moved(
        ge(0, -y / x**2), ge(1, y / x), y / x, -y / x**2, gt(y), gt(x, y), base=y, value=_ONE
    ),
    "beside a jump behind a bound number": _moved(
        ge(y**2), ge(_BEHIND, -1), _BEHIND, _Z, gt(x, 1), ge(n, 1), base=_ONE, value=-_ONE
    ),
    "under words": entailed(gt(x + y**2), _SKY, gt(x)),
    "an implication of words": entailed(implies(sp.And(_SKY, gt(x), evaluate=False), gt(x + y**2))),
    "a whole power": entailed(ge(power(x ** (m**2), 2)), gt(x)),
    "a real power": entailed(ge(power(x ** sp.Abs(m), 2)), gt(x)),
    "a slope that exists": lambda: claim(
        Equal("slope", eq(_SLOPE, 1)), Entails("squared", eq(_SLOPE**2, 1), uses=("slope",)), given=(gt(x),)
    ),
    "a coefficient past a divisor": identical(eq(Coefficient(sp.sin(x) / x, x, _Z, _Z), 1)),
    "a coefficient beside a kink": identical(eq(Coefficient(x * sp.Abs(x), x, _ONE, _ONE), 2)),
    "a box": lambda: claim(Bounded("box", gt(8, sp.exp(x)), box={x: (0, sp.Integer(2))})),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_it_holds(name):
    true = TRUTHS[name]()
    assert judge(true, settle(true)).verdict is Verdict.HOLDS
