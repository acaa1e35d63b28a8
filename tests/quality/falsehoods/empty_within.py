"""Claims that are empty within: an implication of nothing in another shape, conditions that only seem to hold."""

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
    m,
    n,
    ne,
    no,
    plus,
    x,
    y,
    z,
)  # fmt: skip

from saddlecheck.theory.claims.steps import Bounded

_HALF = sp.Rational(1, 2)
_WRONG = gt(x, x + y**2 + 1)
_NOWHERE = gt(0, x**2)
# Statements whose only content stands under a condition that nothing meets, however it is written.
_EMPTY_WITHIN = {
    "a negated conjunction": no(both(_NOWHERE, no(_WRONG))),
    "a negated conjunction of three": no(both(gt(y), _NOWHERE, no(_WRONG))),
    "an equivalence of an implication": sp.Equivalent(ge(y**2 + x**2), implies(_NOWHERE, _WRONG), evaluate=False),
    "a double negation": no(no(implies(_NOWHERE, _WRONG))),
    "a negated alternative": no(either(no(implies(_NOWHERE, _WRONG)), no(ge(y**2 + x**2)))),
    "a negated implication": no(implies(ge(y**2 + x**2), no(implies(_NOWHERE, _WRONG)))),
    "an alternative within an implication": implies(gt(y), either(no(both(_NOWHERE, gt(y))), _WRONG)),
    "an alternative to a conjunction": either(no(both(_NOWHERE, gt(y))), both(_WRONG, gt(y, 7))),
}

FALSEHOODS: dict[str, Build] = {
    **{f"x > x + 1 in {how}": entailed(statement) for how, statement in _EMPTY_WITHIN.items()},
    "x is not x + 1": entailed(ne(x, x + 1)),
    "x + y is not y + x + 1/2": entailed(ne(plus(x, y), plus(y, x, _HALF))),
    "not x = x + 1": entailed(no(eq(x, x + 1))),
    "x = x + 1 implies anything": entailed(implies(eq(x, x + 1), _WRONG)),
    "a box, given a power of what has no value": lambda: claim(
        Bounded("box", gt(2, z), box={z: (0, 1)}), given=(eq(sp.log(x) ** n, 1), gt(0, x))
    ),
    "a box, given a root of what has none": lambda: claim(
        Bounded("box", gt(2, z), box={z: (0, 1)}), given=(ge(sp.sqrt(x) ** 2 + 1), gt(-1, x))
    ),
    "a box, given 1/x > 0 at 0": lambda: claim(Bounded("box", gt(2, z), box={z: (0, 1)}), given=(gt(1 / x), eq(x, 0))),
    "a box, given an integer between": lambda: claim(
        Bounded("box", gt(2, z), box={z: (0, 1)}), given=(gt(m), gt(1, m))
    ),
}  # fmt: skip
