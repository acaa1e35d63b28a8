"""Claims about no point at all, claims that repeat their conditions, and claims that are true by their form."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    both,
    claim,
    either,
    entailed,
    eq,
    ge,
    gt,
    implies,
    ne,
    no,
    plus,
    times,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Bounded, Entails

# Conditions that no point satisfies.
_NOWHERE = {
    "x > 0 and x < 0": (gt(x), gt(0, x)),
    "x^2 < 0": (gt(0, x**2),),
    "x^2 + y^2 < 2xy": (gt(2 * x * y, x**2 + y**2),),
    "x = x + 1": (eq(x, x + 1),),
    "x != 0 and x = 0": (ne(x, 0), eq(x, 0)),
    "x > y > x": (gt(x, y), gt(y, x)),
    "|x| < 0": (gt(0, sp.Abs(x)),),
    "x^2 + 1 = 0": (eq(x**2 + 1, 0),),
    "Max(x, 1) < 1": (gt(1, sp.Max(x, 1)),),
    "x^3 > 0 and x < 0": (gt(x**3), gt(0, x)),
    "x (1 - x) > 1": (gt(x * (1 - x), 1),),
    "e^x < 0": (gt(0, sp.exp(x)),),
    "sin x > 1": (gt(sp.sin(x), 1),),
    "sqrt(x) < 0": (gt(x), gt(0, sp.sqrt(x))),
    "log(x) exists and x < 0": (gt(0, x), ge(sp.log(x) ** 2)),
    "1/x > 0 and x <= 0": (gt(1 / x), ge(0, x)),
    "x > 1 or x < -1, and x^2 < 1": (either(gt(x, 1), gt(-1, x)), gt(1, x**2)),
    "a conjunction": (both(gt(x, 2), gt(1, x)),),
}
_WRONG = gt(x, x + 1)

# Statements whose parts are never put to the test.
_IDLE = {
    "an implication": lambda nowhere: implies(nowhere, _WRONG),
    "an implication in a conclusion": lambda nowhere: implies(ge(y), implies(nowhere, _WRONG)),
    "one conjunct": lambda nowhere: both(gt(y**2 + 1), implies(nowhere, _WRONG)),
    "an alternative": lambda nowhere: either(no(nowhere), _WRONG),
    "an equivalence": lambda nowhere: sp.Equivalent(nowhere, both(nowhere, _WRONG), evaluate=False),
}


def _of(nowhere, shape) -> Build:
    def build():
        conditions = both(*nowhere) if len(nowhere) > 1 else nowhere[0]
        return claim(Entails("step", _IDLE[shape](conditions)))

    return build


_SKY, _SEA = Prop("sky", "The sky is blue."), Prop("sea", "The sea is blue.")

FALSEHOODS: dict[str, Build] = {
    **{
        f"x > x + 1, given a proposition in words and {name}": entailed(_WRONG, _SKY, *given)
        for name, given in list(_NOWHERE.items())[:6]
    },
    "x > x + 1, given both at once": entailed(_WRONG, both(_SKY, gt(x), gt(0, x))),
    "x > x + 1, given a proposition and its negation": entailed(_WRONG, _SKY, no(_SKY)),
    "x > x + 1, given one of two, and neither": entailed(_WRONG, either(_SKY, _SEA), no(_SKY), no(_SEA)),
    "x > x + 1, given words only where there is no x": entailed(_WRONG, _SKY, implies(_SKY, gt(0, x**2))),
    "x > x + 1 by an implication of words and x^2 < 0": entailed(implies(both(_SKY, gt(0, x**2)), _WRONG)),
    **{f"x > x + 1, given {name}": entailed(_WRONG, *given) for name, given in _NOWHERE.items()},
    **{
        f"x > x + 1 by {shape} of {name}": _of(given, shape)
        for name, given in list(_NOWHERE.items())[:7]
        for shape in _IDLE
    },
    "its own condition": entailed(gt(x**2, 7), gt(x**2, 7)),
    "half of its own condition": entailed(gt(x), both(gt(x), gt(y))),
    "one conjunct is a condition": entailed(both(gt(x), gt(x + 1)), gt(x)),
    "its own condition among others": entailed(gt(x, y), gt(y, 3), gt(x, y)),
    "its own condition, turned round": entailed(gt(x, y), sp.Lt(y, x, evaluate=False)),
    "its own condition, negated twice": entailed(no(ge(y, x)), gt(x, y)),
    "an implication of itself": entailed(implies(gt(x, 5), gt(x, 5))),
    "an implication of a part": entailed(implies(both(gt(x, 5), gt(y)), gt(y))),
    "an implication of its condition": entailed(implies(gt(y), gt(x)), gt(x)),
    "an alternative to itself": entailed(either(gt(x, 5), ge(5, x))),
    "equivalent to itself": entailed(sp.Equivalent(gt(x, 5), gt(x, 5), evaluate=False)),
    "x^2 - x^2 + 1 > 0": entailed(gt(plus(x**2, -(x**2), 1), 0)),
    "x + 1 > x": entailed(gt(x + 1, x)),
    "x - x >= -2": entailed(ge(plus(x, times(-1, x)), -2)),
    "y + 3x > x + y + 2x - 1": entailed(gt(y + 3 * x, plus(x, y, times(2, x), -1))),
    "x <= x + 1 and y <= y + 1": entailed(both(ge(x + 1, x), ge(y + 1, y))),
    "an empty box": lambda: claim(Bounded("box", gt(x, 5), box={x: (3, 1)})),
    "a box of one point, turned round": lambda: claim(Bounded("box", gt(x, 5), box={x: (2, 1)})),
    "a box without a number": lambda: claim(Bounded("box", gt(x, 5), box={x: (y, y + 1)})),
    "a box without an end": lambda: claim(Bounded("box", gt(x, -5), box={x: (0, sp.oo)})),
}  # fmt: skip
