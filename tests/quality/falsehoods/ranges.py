"""Ranges: conditions that say less than they seem to, functions beyond their branch, starts that depend on letters."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import Build, claim, eq, ge, gt, identical, implies, m, n, ne, power, x, y, z

from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Entails

_CONDITIONS: dict[str, Build] = {
    "x y = x gives y = 1": identical(eq(y, 1), eq(x * y, x)),
    "(x-1)(x+2)=0 gives x=1": identical(eq(x, 1), eq((x - 1) * (x + 2), 0), gt(x, -3)),
    "x^2=y^2 gives x=y": identical(eq(x, y), eq(x**2, y**2)),
    "x^2=y^2, x>0 gives x=y": identical(eq(x, y), eq(x**2, y**2), gt(x)),
    "y|x|=x gives y=1": identical(eq(y, 1), eq(y * sp.Abs(x), x), ne(x, 0)),
    "x y = 1 off x=0 gives y^2 x = 1": identical(eq(y**2 * x, 1), eq(x * y, 1)),
    "z(x-y)=0 gives x=y": identical(eq(x, y), eq(z * (x - y), 0), gt(x)),
    "x^n=y^n gives x=y": identical(eq(x, y), eq(x**n, y**n), gt(x), gt(y)),
    "2^(x y)=2^x gives y=1": identical(eq(y, 1), eq(sp.exp(x * y), sp.exp(x))),
    "|x|=y gives x=y": identical(eq(x, y), eq(sp.Abs(x), y)),
    "Max(x,y)=x gives y=0": identical(eq(sp.Max(x, y) - x, y), eq(sp.Max(x, y), x)),
    "sin x = 0 gives cos x = 1": identical(eq(sp.cos(x), 1), eq(sp.sin(x), 0)),
    "sqrt x = x gives x=1": identical(eq(x, 1), eq(sp.sqrt(x), x), ge(x)),
}
_BRANCHES: dict[str, Build] = {
    "acosh cosh x = x": identical(eq(sp.acosh(sp.cosh(x)), x), gt(x, -sp.Rational(1, 100))),
    "acosh as the other log": identical(eq(sp.acosh(x), sp.log(x - sp.sqrt(x**2 - 1))), ge(x, 1)),
    "asinh as the other log": identical(eq(sp.asinh(x), sp.log(sp.sqrt(x**2 + 1) - x))),
    "atan sum": identical(eq(sp.atan(x) + sp.atan(y), sp.atan((x + y) / (1 - x * y))), ne(x * y, 1)),
    "asin sqrt": identical(eq(sp.asin(sp.sqrt(1 - x**2)), sp.acos(x)), gt(1, x), gt(x, -1)),
    "atanh x slope at 1": identical(eq(sp.Derivative(sp.atanh(x), x), 1 / (1 - x**2)), ge(x)),
    "acosh slope at 1": identical(eq(sp.Derivative(sp.acosh(x), x), 1 / sp.sqrt(x**2 - 1)), ge(x, 1)),
    "acos(-x)": identical(eq(sp.acos(-x), sp.acos(x)), gt(1, x), gt(x, -1)),
    "sinh x = x at small": identical(eq(sp.sinh(x), x * sp.cosh(x)), gt(x), gt(sp.Rational(1, 10**12), x)),
    "erf at small": identical(eq(sp.erf(x), 2 * x / sp.sqrt(sp.pi)), gt(x), gt(sp.Rational(1, 10**14), x)),
    "tanh at large": identical(eq(sp.tanh(x), 1), gt(x, 500)),
    "exp small": identical(eq(sp.exp(-x), 0), gt(x, 10**4)),
    "cos at 2 pi n + tiny": identical(eq(sp.cos(2 * sp.pi * n), sp.cos(2 * sp.pi * n + sp.Rational(1, 10**40)))),
    "(-1)^n by cos": identical(eq(sp.cos(sp.pi * n), -((-1) ** n))),
    "sin pi m /2": identical(eq(sp.sin(sp.pi * m / 2), 0)),
}
_STARTS: dict[str, Build] = {
    "from y, x>z": lambda: claim(increasing("i", x**2, along=x, from_=y), given=(gt(x), gt(x, z), ge(y))),
    "from 0, slope sign by y x": lambda: claim(increasing("i", y * x**2, along=x), given=(gt(x * y),)),
    "from 0, condition x y < 1": lambda: claim(
        increasing("i", x / (1 - x * y), along=x), given=(gt(1, x * y), ne(x, 0))
    ),
    "from 1, 1/(x-y)": lambda: claim(
        increasing("i", -1 / (x - y), along=x, from_=sp.S.One), given=(gt(x, 1), ne(x, y))
    ),
    "from -1, x^2>1/4": lambda: claim(
        increasing("i", -1 / x, along=x, from_=-sp.S.One), given=(gt(x**2, sp.Rational(1, 4)), gt(x, -1))
    ),
    "from 0, log(1+x y)": lambda: claim(
        increasing("i", sp.log(1 + x * y), along=x),
        given=(
            gt(1 + x * y),
            gt(y),
        ),
    ),
    "from y below x by condition on both": lambda: claim(
        increasing("i", sp.exp(x - y), along=x, from_=y), given=(gt(x * y),)
    ),
    "Monotone with guard x>1 from 0": lambda: claim(
        Entails("s", implies(gt(x, 1), gt(2 * x - 2))),
        Monotone(
            "m",
            implies(gt(x, 1), gt(x**2 - 2 * x)),
            uses=("s",),
            of=x**2 - 2 * x,
            along=x,
            base=sp.S.Zero,
            value=sp.S.Zero,
            slope=2 * x - 2,
            sign=implies(gt(x, 1), gt(2 * x - 2)),
        ),
    ),
    "strict by n": lambda: claim(increasing("i", x**n, along=x), given=(gt(x),)),
    "strict in a parameter power": lambda: claim(
        increasing("i", x**y, along=x, from_=sp.S.One), given=(gt(x, 1), ge(y))
    ),
    "induction with y n": lambda: claim(Induction("i", ge((1 + y) ** n, 1 + n * y), over=n), given=(ge(y, -2),)),
    "induction with a floor of two": lambda: claim(Induction("i", ge(sp.Max(n, 3), n + 1), over=n)),
    "induction base off": lambda: claim(Induction("i", gt(n * (n + 1) + y), over=n), given=(ge(y),)),
    "induction by (-1)^n": lambda: claim(Induction("i", ge(2 + (-1) ** n, 2 - (-1) ** n), over=n)),
    "induction 1/(n+1)": lambda: claim(Induction("i", gt(1 / (n + y)), over=n), given=(gt(y, -1),)),
    "induction 0^n": lambda: claim(Induction("i", eq(power(sp.S.Zero, n), 0), over=n)),
    "instance condition at moved": lambda: claim(
        Entails("a", gt(x + 1 / x, 1)),
        Instance("b", gt(y - z + 1 / (y - z), 1), uses=("a",), of=gt(x + 1 / x, 1), at={x: y - z}),
        given=(gt(x),),
    ),
    "instance both": lambda: claim(
        Entails("a", ge(x, y)), Instance("b", ge(y, x), uses=("a",), of=ge(x, y), at={x: y, y: x}), given=(ge(x - y),)
    ),
}
FALSEHOODS: dict[str, Build] = {
    **{f"a condition: {name}": build for name, build in _CONDITIONS.items()},
    **{f"a branch: {name}": build for name, build in _BRANCHES.items()},
    **{f"a start: {name}": build for name, build in _STARTS.items()},
}
