"""Bounds on exponentials, proved once: other claims cite them at values of their own (`claims.cite`).

Solvers of real arithmetic know exp as an unknown number. What they need to know about it is proved here from its
derivative and its value at 0.

Key results: e^x has the sign of x about 1 (exp-sign), lies above its tangent at 0 (exp-bound), and above its parabola
there on the right, below it on the left (exp-parabola).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import Cite, cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import above, every, implies
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import STATEMENT, Entails
from saddlecheck.theory.symbols import Expr, Formula, t, x


def _turns(of: Expr, slope: Expr, sign: Formula, uses: tuple[str, ...]) -> tuple[Monotone, Monotone]:
    """That f >= 0 on the right of 0 and <= 0 on the left, from f(0) = 0 and f' >= 0: the two steps, strict off 0."""
    right = every(implies(sp.Ge(x, 0), of >= 0), implies(x > 0, of > 0))
    left = every(implies(sp.Le(x, 0), of <= 0), implies(x < 0, of < 0))
    curve = {"of": of, "along": x, "slope": slope, "sign": sign}
    return (
        Monotone("right", right, "it increases from 0", uses=uses, **curve),
        Monotone("left", left, "so it was below 0 before", uses=uses, **curve),
    )


EXP_SIGN = Claim(
    id="exp-sign",
    title="The exponential is 1 at 0, above 1 on the right and below 1 on the left",
    place=BEYOND,
    voice="ours",
    says="e^x - 1 has the sign of x.",
    statement=every(
        implies(sp.Ge(x, 0), sp.exp(x) >= 1),
        implies(sp.Le(x, 0), sp.exp(x) <= 1),
        implies(sp.Ne(x, 0), x * (sp.exp(x) - 1) > 0),
    ),
    steps=(
        Entails("positive", above(sp.exp(x)), "an exponential is positive"),
        *_turns(sp.exp(x) - 1, sp.exp(x), above(sp.exp(x)), ("positive",)),
        Entails("sign", STATEMENT, "the conjunction of 'right' and 'left'", uses=("right", "left")),
    ),
    twins=(Twin("greater than 1 at 0 too", implies(sp.Ge(x, 0), sp.exp(x) > 1)),),
)


def exp_bound(z: Expr) -> sp.And:
    """The formula e^z >= 1 + z, strict for z != 0."""
    return every(sp.exp(z) >= 1 + z, implies(sp.Ne(z, 0), sp.exp(z) > 1 + z))


_over, _under = (
    Monotone(
        name,
        conclusion,
        because,
        uses=("sign",),
        of=sp.exp(x) - 1 - x,
        along=x,
        slope=sp.exp(x) - 1,
        sign=EXP_SIGN.statement,
    )
    for name, conclusion, because in (
        (
            "above right",
            every(implies(sp.Ge(x, 0), 1 + x <= sp.exp(x)), implies(x > 0, 1 + x < sp.exp(x))),
            "its tangent falls behind",
        ),
        (
            "above left",
            every(implies(sp.Le(x, 0), 1 + x <= sp.exp(x)), implies(x < 0, 1 + x < sp.exp(x))),
            "on the left as well",
        ),
    )
)
EXP_BOUND = Claim(
    id="exp-bound",
    title="The exponential lies above its tangent at 0",
    place=BEYOND,
    voice="ours",
    says="e^x is at least 1 + x for every real x, and greater unless x = 0.",
    statement=exp_bound(x),
    steps=(
        cite("sign", EXP_SIGN),
        _over,
        _under,
        Entails("bound", STATEMENT, "the conjunction of 'above right' and 'above left'",
                uses=("above right", "above left")),
    ),
    finding="Proved from the derivative alone; the inequalities of the ledger that hold for all times cite it.",
    twins=(
        Twin("the bound for 1 + 2x", sp.exp(x) >= 1 + 2 * x),
        Twin("strict at 0 too", sp.exp(x) > 1 + x),
    ),
)  # fmt: skip

_PARABOLA = 1 + x + x**2 / 2
EXP_PARABOLA = Claim(
    id="exp-parabola",
    title="The exponential lies above its parabola at 0 on the right, and below it on the left",
    place=BEYOND,
    voice="ours",
    says="e^x - 1 - x - x^2/2 has the sign of x.",
    statement=every(
        implies(sp.Ge(x, 0), sp.exp(x) >= _PARABOLA),
        implies(sp.Le(x, 0), sp.exp(x) <= _PARABOLA),
        implies(sp.Ne(x, 0), x * (sp.exp(x) - _PARABOLA) > 0),
    ),
    steps=(
        cite("tangent", EXP_BOUND),
        *_turns(sp.exp(x) - _PARABOLA, sp.exp(x) - 1 - x, exp_bound(x), ("tangent",)),
        Entails("sides", STATEMENT, "the conjunction of 'right' and 'left'", uses=("right", "left")),
    ),
    twins=(Twin("above it on the left too", sp.exp(x) >= _PARABOLA),),
)


def growth_steps(rate: Expr, prefix: str = "") -> tuple[Cite, Cite]:
    """That rate (e^(rate t) - 1) > 0 and e^(rate t) > 1 + rate t, for t > 0.

    rate: an expression without t that the claim's conditions keep away from 0. The claim must give t > 0.
    The steps are named prefix + "one way" and prefix + "tangent".
    """
    e = sp.exp(rate * t)
    at = {x: rate * t}
    return (
        cite(prefix + "one way", EXP_SIGN, at, rate * (e - 1) > 0),
        cite(prefix + "tangent", EXP_BOUND, at, e > 1 + rate * t),
    )


CLAIMS: tuple[Claim, ...] = (EXP_SIGN, EXP_BOUND, EXP_PARABOLA)

__all__ = ["CLAIMS", "EXP_BOUND", "EXP_PARABOLA", "EXP_SIGN", "exp_bound", "growth_steps"]
