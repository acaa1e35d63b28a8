"""Beyond the terms of the kernel: matrices, sums and integrals with letters as ends, expansions where branches meet."""

from __future__ import annotations

from typing import Any

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    a,
    b,
    both,
    claim,
    either,
    entailed,
    eq,
    ge,
    gt,
    identical,
    implies,
    m,
    n,
    ne,
    plus,
    power,
    t,
    times,
    x,
    y,
    z,
)  # fmt: skip

from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal

_D, _Z, _ONE, _HALF = sp.Derivative, sp.S.Zero, sp.S.One, sp.Rational(1, 2)
_P, _Q = sp.MatrixSymbol("P", 2, 2), sp.MatrixSymbol("Q", 2, 2)
_K = sp.Symbol("k", integer=True)


def _at(f: Any, point: Any = _Z, order: int = 0) -> Coefficient:
    return Coefficient(f, x, sp.S(point), sp.Integer(order))


_MATRICES: dict[str, Build] = {
    "an entry of P Q is one of Q P": identical(eq((_P * _Q)[0, 0], (_Q * _P)[0, 0])),
    "an entry of the inverse": identical(eq(sp.Inverse(_P)[0, 0] * _P[0, 0], 1)),
    "a determinant of a sum": identical(eq(sp.Determinant(_P + _Q), sp.Determinant(_P) + sp.Determinant(_Q))),
    "a determinant that is not negative": entailed(ge(sp.Determinant(_P), 0)),
    "a trace of a product": identical(eq(sp.Trace(_P * _Q), sp.Trace(_P) * sp.Trace(_Q))),
    "a trace that is real": entailed(ge(power(sp.Trace(_P), 2), 0)),
    "P Q = Q P": lambda: claim(Equal("so", eq(_P * _Q, _Q * _P))),
    "a matrix is itself": lambda: claim(Equal("so", eq(_P + _Q, _Q + _P))),
    "a quadratic form is positive": entailed(
        gt(x * (_P[0, 0] * x + _P[0, 1] * y) + y * (_P[1, 0] * x + _P[1, 1] * y)), ne(x, 0)
    ),
    "a norm by its square": identical(eq(sp.MatrixSymbol("v", 2, 1)[0, 0] ** 2, 1), gt(x)),
}
_SUMS: dict[str, Build] = {
    "a sum to n": identical(eq(sp.Sum(_K, (_K, 0, n)), n * (n + 1) / 2)),
    "a sum to a negative end": identical(eq(sp.Sum(_K, (_K, 0, m)), m * (m + 1) / 2)),
    "a sum from n to m": entailed(ge(sp.Sum(_K**2, (_K, n, m)), 0)),
    "a sum of zeros over all": identical(eq(sp.Sum(times(0, _K), (_K, 0, sp.oo)), 0)),
    "a geometric sum": identical(eq(sp.Sum(x**_K, (_K, 0, n)), (1 - x ** (n + 1)) / (1 - x)), ne(x, 1)),
    "a sum by induction": lambda: claim(Induction("so", eq(sp.Sum(_K, (_K, 1, n)), n**2), over=n)),
    "a product that is a factorial": identical(eq(sp.Product(_K, (_K, 1, n)), sp.factorial(n))),
    "an integral of 1/sqrt": identical(eq(sp.Integral(1 / sp.sqrt(y), (y, 0, 1)), 2)),
    "an integral of 1/y over 0": identical(eq(sp.Integral(1 / y, (y, -1, 1)), 0)),
    "an integral of 1/y^2 over 0": identical(eq(sp.Integral(1 / y**2, (y, -1, 1)), -2)),
    "an integral with ends exchanged": entailed(ge(sp.Integral(y**2, (y, x, 0)), 0)),
    "an integral over all": identical(eq(sp.Integral(sp.sin(y), (y, -sp.oo, sp.oo)), 0)),
    "an integral to a letter": identical(eq(_D(sp.Integral(1 / y, (y, 1, x)), x), 1 / x), ne(x, 0)),
    "an integral of zero over all": identical(eq(sp.Integral(0 * y, (y, 0, sp.oo)), 0)),
    "a limit of a letter": identical(eq(sp.Limit(y / x, y, sp.oo), sp.oo), gt(x)),
    "a limit of a product": identical(eq(sp.Limit(times(y, 1 / y), y, 0), 1)),
    "a maximum over a range": lambda: claim(Entails("so", ge(sp.Function("sup")(x), x))),
}
_BRANCHES: dict[str, Build] = {
    "sqrt(1 - cos x) at 0": identical(eq(_at(sp.sqrt(1 - sp.cos(x))), 0)),
    "sqrt(1 - cos x)/x at 0": identical(eq(_at(sp.sqrt(1 - sp.cos(x)) / x), 1 / sp.sqrt(2))),
    "|sin x|/x at 0": identical(eq(_at(sp.Abs(sp.sin(x)) / x), 1)),
    "(x^2)^(3/2) at 0": identical(eq(_at(power(x**2, sp.Rational(3, 2)), order=3), 1)),
    "sqrt(x^2 (1 + x)) at 0": identical(eq(_at(sp.sqrt(x**2 * (1 + x)), order=1), 1)),
    "sqrt(x^4 + x^5)/x^2 at 0": identical(eq(_at(sp.sqrt(x**4 + x**5) / x**2), 1)),
    "asin at 1": identical(eq(_at(sp.asin(x), 1), sp.pi / 2)),
    "acosh at 1": identical(eq(_at(sp.acosh(x), 1), 0)),
    "acosh(1 + x^2)/x at 0": identical(eq(_at(sp.acosh(1 + x**2) / x), sp.sqrt(2))),
    "atan(tan x) at pi/2": identical(eq(_at(sp.atan(sp.tan(x)), sp.pi / 2), sp.pi / 2)),
    "asin(sin x) at pi/2": identical(eq(_at(sp.asin(sp.sin(x)), sp.pi / 2, 1), 1)),
    "log(x^2) at 0": identical(eq(_at(x * sp.log(x**2)), 0)),
    "log(1 + x)/x at -1": identical(eq(_at((1 + x) * sp.log(1 + x), -1), 0)),
    "x^x's square at 0": identical(eq(_at(power(x**x, 2)), 1)),
    "x^(1/3) cubed at 0": identical(eq(_at(power(sp.cbrt(x), 3), order=1), 1)),
    "sqrt(x)^2 at 0": identical(eq(_at(power(sp.sqrt(x), 2), order=1), 1)),
    "Max(x, 0)^4 at 0": identical(eq(_at(sp.Max(x, 0) ** 4, order=2), 0)),
    "x^2 sign x at 0": identical(eq(_at(x**2 * sp.sign(x), order=1), 0)),
    "tanh(1/x) x at 0": identical(eq(_at(x * sp.tanh(1 / x)), 0)),
    "1/(1 + e^(1/x)) x at 0": identical(eq(_at(x / (1 + sp.exp(1 / x))), 0)),
    "e^(-1/x) at 0": identical(eq(_at(sp.exp(-1 / x)), 0)),
    "e^(-1/x^2)/x at 0": identical(eq(_at(sp.exp(-1 / x**2) / x), 0)),
    "x^y y at 0": identical(eq(_at(y * x**y), 0), gt(y, 1)),
    "x^(2 y)'s coefficient at 0": identical(eq(_at(power(x**2, y), order=1), 0), gt(y, 1)),
    "|x - y| (x - y) at y": identical(eq(Coefficient(sp.Abs(x - y) * (x - y), x, y, _ONE), 0)),
    "sqrt(x - y) at y": identical(eq(Coefficient(sp.sqrt(x - y), x, y, _Z), 0)),
    "1/x at y": identical(eq(Coefficient(1 / x, x, y, _Z), 1 / y), gt(y, -1)),
    "log x at y": identical(eq(Coefficient(sp.log(x), x, y, _ONE), 1 / y), ne(y, 0)),
    "sin x/(x y z) at 0": identical(eq(_at(sp.sin(x) / (x * y * z)), 1 / (y * z)), ne(y + z, 0)),
    "(x y)/(x z) at 0": identical(eq(_at(times(x, y, power(times(x, z), -1))), y / z), ne(y, 0)),
    "x^2/(x - sin x) at 0": identical(eq(_at(x**2 / (x - sp.sin(x))), 0)),
    "(1 - cos x)/x^3 at 0": identical(eq(_at((1 - sp.cos(x)) / x**3), 0)),
    "a value that differs from its limit": identical(eq(_at(sp.Piecewise((1, eq(x, 0)), (0, True))), 0)),
    "a step's limit from above": identical(eq(_at(sp.Piecewise((1, x > 0), (0, True))), 1)),
}
_TIES: dict[str, Build] = {
    "Max(x, y)' at a tie": identical(eq(_D(sp.Max(x, y), x), _HALF), eq(x, y)),
    "Max(x, y, z)' at a tie of two": identical(eq(_D(sp.Max(x, y, z), x), 1), ge(x, y), gt(x, z)),
    "Min(x, y)' where it is x": identical(eq(_D(sp.Min(x, y), x), 1), ge(y, x)),
    "Max(x, 2x)' at 0": identical(eq(_D(sp.Max(x, 2 * x, evaluate=False), x), 1), ge(0, x)),
    "Max is one of two, the other is less": entailed(
        either(both(eq(sp.Max(x, y), x), gt(x, y)), both(eq(sp.Max(x, y), y), gt(y, x)))
    ),
    "Min of three is that of two": entailed(eq(sp.Min(x, y, z), sp.Min(x, y)), ge(x, z)),
    "|x|' |x|' = 1": identical(eq(_D(sp.Abs(x), x) ** 2, 1)),
    "|x^3|' = 3 x |x|": identical(eq(_D(sp.Abs(x**3), x), 3 * x * sp.Abs(x))),
    "|x y|' = |y| sign x": identical(eq(_D(sp.Abs(x * y), x), sp.Abs(y) * sp.sign(x)), ne(x, 0)),
    "sign x + sign(-x) = 0 and more": identical(eq(sp.sign(x) ** 2 + sp.sign(-x) ** 2, 2), ge(sp.Abs(x), 0)),
    "sign x > -1 off the negative": entailed(gt(sp.sign(x), 0), ge(x)),
    "x sign y = |x| where they agree": identical(eq(x * sp.sign(y), sp.Abs(x)), ge(x * y)),
    "branches that meet at a tie": identical(
        eq(sp.Piecewise((x, x > y), (y + 1, y > x), (x, True)), sp.Max(x, y) + (1 - sp.sign(x - y)) / 2)
    ),
    "branches under an equation": identical(
        eq(sp.Piecewise((x**2, eq(x, y)), (x * y, True)), plus(x * y, times(0, 1 / x)))
    ),
    "a branch at a single point": identical(eq(sp.Piecewise((x, ne(x, sp.Rational(22, 7))), (0, True)), x)),
    "a branch on a line": identical(eq(sp.Piecewise((0, eq(x, y**2)), (1, True)), 1)),
    "Increasing over a tie": lambda: claim(increasing("up", sp.Max(x, y), along=x), given=(gt(x), gt(y))),
    "Increasing of a step": lambda: claim(increasing("up", sp.sign(x) + x, along=x, from_=-_ONE), given=(gt(x, -1),)),
    "Monotone of |x| past its kink": lambda: claim(
        Entails("slope", gt(_ONE + x**2, 0)),
        Monotone(
            "so",
            gt(sp.Abs(x), 1),
            uses=("slope",),
            of=sp.Abs(x),
            along=x,
            base=-_ONE,
            value=_ONE,
            slope=_ONE + x**2,
            sign=gt(_ONE + x**2, 0),
        ),
        given=(gt(x, -1),),
    ),
    "Monotone at a base that depends on its letter": lambda: claim(
        Entails("slope", ge(2 * x, 2 * x)),
        Monotone(
            "so",
            gt(x**2, y**2),
            uses=("slope",),
            of=x**2,
            along=x,
            base=y,
            value=y**2,
            slope=2 * x,
            sign=ge(2 * x, 2 * x),
        ),
        given=(gt(x, y),),
    ),
}
_NONE: dict[str, Build] = {
    "an empty conjunction": lambda: claim(Equal("so", sp.And(evaluate=False))),
    "an empty alternative": lambda: claim(Entails("so", sp.Or(evaluate=False))),
    "a conjunction of one falsehood": lambda: claim(Equal("so", sp.And(eq(x, x**2), evaluate=False))),
    "an empty conjunction implies": entailed(implies(sp.And(evaluate=False), gt(x, x - y**2))),
    "what follows from an empty alternative": entailed(gt(x, x + 1), sp.Or(evaluate=False)),
    "true of Python's": lambda: claim(Entails("so", True)),
    "given true of Python's": lambda: claim(Entails("so", gt(x**2)), given=(True,)),
    "given false of Python's": lambda: claim(Entails("so", gt(x, x + 1)), given=(False,)),
    "given false of SymPy's": lambda: claim(Entails("so", gt(x, x + 1)), given=(sp.false,)),
    "Max of nothing": lambda: claim(Entails("so", gt(x, sp.Max()))),
    "Max of one": entailed(gt(sp.Max(x, evaluate=False), y), gt(x, y - _HALF)),
    "a sum of nothing": identical(eq(sp.Add(evaluate=False), times(x, 1))),
    "a box of no symbol": lambda: claim(Bounded("box", gt(1, times(0, x)), box={})),
    "a box whose letter is not in it": lambda: claim(Bounded("box", gt(x**2, -1), box={y: (0, 1)})),
    "a box read beside it": lambda: claim(
        Bounded("box", gt(2, x), box={x: (0, 1)}),
        Entails("so", gt(2, x), uses=("box",)),
        given=(gt(x, -1), gt(sp.Rational(9, 4), x)),
    ),
    "an instance at nothing": lambda: claim(
        Entails("known", ge(x**2)), Instance("read", gt(x**2), uses=("known",), of=ge(x**2), at={})
    ),
    "Equal of an implication": lambda: claim(Equal("so", implies(gt(x), eq(sp.Abs(x), -x)))),
    "Equal of a nested conjunction": lambda: claim(
        Equal("so", both(eq(x + x, 2 * x + times(0, 1 / y)), both(eq(a * b, b * a + t - t), eq(x**2, x * y))))
    ),
}

FALSEHOODS: dict[str, Build] = {
    **{f"matrices: {name}": build for name, build in _MATRICES.items()},
    **{f"sums: {name}": build for name, build in _SUMS.items()},
    **{f"branches: {name}": build for name, build in _BRANCHES.items()},
    **{f"ties: {name}": build for name, build in _TIES.items()},
    **{f"nothing: {name}": build for name, build in _NONE.items()},
}
