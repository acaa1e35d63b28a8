"""Derivations whose steps lean on each other in a circle, on what comes later, or on what another alone justifies."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import Build, claim, eq, ge, gt, implies, ne, x, y

from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal

_WRONG = gt(x, x + y**2 + 1)
_FALSE = eq(x**2, x)


def _steps(*named, **claim_parts) -> Build:
    """Steps from (name, formula, uses)."""
    return lambda: claim(*(Entails(name, formula, uses=uses) for name, formula, uses in named), **claim_parts)


def _circles() -> dict[str, Build]:
    found = {}
    for length in range(1, 7):
        names = [f"step {k}" for k in range(length)]
        found[f"a circle of {length}"] = _steps(
            *((names[k], gt(x, x + y**2 + k + 1), (names[(k + 1) % length],)) for k in range(length))
        )
        found[f"the last of {length} cited first"] = _steps(
            *((names[k], gt(x, x + y**2 + k + 1), (names[-1],)) for k in range(length))
        )
    return found


FALSEHOODS: dict[str, Build] = {
    **_circles(),
    "a step that cites itself": _steps(("wrong", _WRONG, ("wrong",))),
    "a step that cites itself among others": _steps(
        ("right", ge(x**2 + y**2), ()), ("wrong", _WRONG, ("right", "wrong"))
    ),
    "a step that cites nothing that is": _steps(("wrong", _WRONG, ("elsewhere",))),
    "two steps of one name": _steps(("one", ge(x**2 + y**2), ()), ("one", _WRONG, ("one",))),
    "the last step says something else": _steps(("right", ge(x**2 + y**2), ()), statement=_WRONG),
    "a wrong step that nothing cites": _steps(("wrong", _WRONG, ()), ("right", ge(x**2 + y**2 + 1, 2 * x * y), ())),
    "a wrong step before right ones": _steps(
        ("wrong", _FALSE, ()), ("so", eq(x**4, x**2), ("wrong",)), ("and so", eq(x**4, x), ("wrong", "so"))
    ),
    "a wrong step between right ones": _steps(
        ("right", ge(x**2 + y**2), ()), ("wrong", gt(x**2 + y**2), ("right",)), ("so", ne(x**2, -(y**2)), ("wrong",))
    ),
    "1/x exists by what its sign implies": _steps(
        ("sign", ge((1 / x) ** 2), ("off 0",)), ("off 0", ne(x, 0), ("sign",)), ("so", gt(x**2), ("off 0",))
    ),
    "off 0 by a square of 1/x": _steps(("square", ge((1 / x) ** 2), ()), ("off 0", ne(x, 0), ("square",))),
    "log exists by its square": _steps(("square", ge(sp.log(x) ** 2), ()), ("so", gt(x), ("square",))),
    "a value under a guard, cited without it": _steps(
        ("guarded", implies(ne(x, 0), gt((1 / x) ** 2)), ()), ("so", gt((1 / x) ** 2), ("guarded",))
    ),
    "a root is positive by an exponential under a guard": lambda: claim(
        Entails("guarded", implies(gt(y), gt(sp.exp(sp.log(y) / 2, evaluate=False)))),
        Entails("so", gt(sp.sqrt(y)), uses=("guarded",)), given=(ge(y),),
    ),
    "a power is positive by an exponential under a guard": lambda: claim(
        Entails("guarded", implies(gt(y), gt(sp.exp(3 * sp.log(y), evaluate=False)))),
        Entails("so", gt(y**3), uses=("guarded",)), given=(ge(y),),
    ),
    "a condition among the steps": lambda: claim(
        Entails("off 0", implies(ne(x, 0), gt(x**2))), Entails("so", gt(x**2), uses=("off 0",))
    ),
    "an identity under a condition that is not the claim's": lambda: claim(
        Equal("cancelled", eq((x**2 - 1) / (x - 1), x + 1)), Entails("so", ne(x, 1), uses=("cancelled",))
    ),
    "an instance cited before its step": lambda: claim(
        Instance("read", gt(-1, 0), uses=("general",), of=gt(x), at={x: sp.S(-1)}), Entails("general", gt(x)),
    ),
    "an instance of itself": lambda: claim(Instance("read", gt(x), uses=("read",), of=gt(x), at={x: x})),
    "an instance of the statement": lambda: claim(
        Instance("read", gt(x, y), of=gt(x, y), at={x: x}), statement=gt(x, y)
    ),
    "an instance of a step that it does not cite": lambda: claim(
        Entails("square", ge(x**2)), Instance("read", gt(y), of=gt(x), at={x: y}, uses=("square",))
    ),
    "a box cited for its inequality alone": lambda: claim(
        Bounded("box", gt(2, x**2), box={x: (0, 1)}), Entails("so", gt(3, x**2), uses=("box",))
    ),
    "two boxes for what lies between": lambda: claim(
        Bounded("left", gt(1 - x**2 + 9 * x**2 * (x - 2) ** 2, 0), box={x: (-1, 1)}),
        Bounded("right", gt(x**2, 1), box={x: (2, 3)}),
        Entails("so", implies(gt(x), gt(x**2 + 1, 2 * x + 1)), uses=("left", "right")),
    ),
}  # fmt: skip
