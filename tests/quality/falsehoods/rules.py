"""Falsehoods for each proof rule: what it would prove if it did not look at one of its side conditions."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    a,
    both,
    claim,
    eq,
    ge,
    gt,
    implies,
    n,
    ne,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal, Step

_HALF = sp.Rational(1, 2)


def _boxed(inequality, box, *more: Step, statement=None) -> Build:
    return lambda: claim(Bounded("box", inequality, box=box), *more, statement=statement)


_EXP = gt(sp.exp(x), 2 * x**2)
_BOX = {x: (0, 2)}
_IN_BOX = Bounded("box", _EXP, box=_BOX)


def _moved(first, goal, of, slope, *given, base=sp.S.Zero, value=sp.S.Zero) -> Build:
    """A Monotone step with the sign of its slope from a step of its own, which is right."""

    def build():
        sign = Entails("sign", first)
        step = Monotone("moved", goal, uses=("sign",), of=of, along=x, base=base, value=value, slope=slope, sign=first)
        return claim(sign, step, given=given)

    return build


_CUBIC = x**3 - 4 * x**2 + 5 * x  # falls between 1 and 5/3
_RISING, _RATE = x + x**3 / 3, 1 + x**2
_BEHIND = Coefficient(sp.sign(n - x), n, sp.S.Zero, sp.S.Zero)  # the sign of -x; the n in it is no other's n
_MONOTONE = {
    "over a pole": _moved(
        ge(1 / (1 - x) ** 2), implies(gt(x), gt(1 / (1 - x), 1)), 1 / (1 - x), 1 / (1 - x) ** 2, ne(x, 1),
        value=sp.S.One,
    ),
    "over a pole at 0, backwards": _moved(
        gt(x**-2), implies(gt(0, x), gt(-1, -1 / x)), -1 / x, x**-2, ne(x, 0), base=sp.S.One, value=-sp.S.One
    ),
    "over a pole of even order": _moved(
        implies(gt(x, 1), gt(0, -2 / (x - 1) ** 3)), implies(gt(x, 1), gt(1, (x - 1) ** -2)), (x - 1) ** -2,
        -2 / (x - 1) ** 3, ne(x, 1), value=sp.S.One,
    ),
    "over a hole in the conditions": _moved(
        gt(sp.expand(_CUBIC.diff(x))), implies(gt(x, 1), gt(_CUBIC, 2)), _CUBIC, sp.expand(_CUBIC.diff(x)),
        sp.Or(x < 1, x > sp.Rational(17, 10)), base=sp.S.One, value=sp.S(2),
    ),
    "over a hole below": _moved(
        gt(sp.expand(_CUBIC.diff(x))), implies(gt(1, x), gt(sp.Rational(234, 125), _CUBIC)), _CUBIC,
        sp.expand(_CUBIC.diff(x)), sp.Or(x < 1, x > sp.Rational(17, 10)), base=sp.Rational(9, 5),
        value=sp.Rational(234, 125),
    ),
    "strict at the base": _moved(gt(2, 1 - x**2), implies(ge(x), gt(2 * x)), 2 * x, sp.S(2)),
    "strict from a slope that vanishes": _moved(
        ge(a**2 * x**2), implies(gt(x), gt(a**2 * x**3 / 3)), a**2 * x**3 / 3, a**2 * x**2
    ),
    "from a slope of either sign": _moved(ge(_RATE, 1), implies(gt(x), gt(a * _RISING)), a * _RISING, a * _RATE),
    "with another slope": _moved(gt(_RATE), implies(gt(x), gt(-x)), -x, sp.S.One),
    "with another value": _moved(gt(_RATE), implies(gt(x), gt(_RISING, 1)), _RISING, _RATE, value=sp.S.One),
    "with another base": _moved(gt(_RATE), implies(gt(x, -1), gt(_RISING)), _RISING, _RATE, base=-sp.S.One),
    "with a base that moves": _moved(gt(_RATE), implies(gt(x), gt(x, 2 * x)), x, sp.S.One, base=2 * x, value=2 * x),
    "on the other side": _moved(gt(_RATE), implies(gt(0, x), gt(_RISING)), _RISING, _RATE),
    "on both sides": _moved(gt(_RATE), implies(ne(x, 0), gt(_RISING)), _RISING, _RATE),
    "over a jump": _moved(ge(x**2), implies(gt(x), ge(0, sp.sign(x))), sp.sign(x), sp.S.Zero),
    "from a jump": _moved(ge(x**2), implies(gt(x), ge(-sp.sign(x), 0)), -sp.sign(x), sp.S.Zero, gt(x)),
    "from the other side of a jump": _moved(
        ge(x**2), implies(gt(0, x), ge(0, -sp.sign(x))), -sp.sign(x), sp.S.Zero, x < 0
    ),
    "from a jump of a sum": _moved(
        gt(_RATE), implies(gt(x), gt(0, sp.sign(x) - x)), sp.sign(x) - x, -sp.S.One, gt(x)
    ),
    "from the end of a branch": _moved(
        ge(x**2), implies(gt(x), ge(0, sp.Piecewise((0, x <= 0), (1, True)))), sp.Piecewise((0, x <= 0), (1, True)),
        sp.S.Zero, gt(x),
    ),
    "from where a root begins": _moved(
        gt(_RATE), implies(gt(x, -1), ge(sp.sqrt(x))), sp.sqrt(x), 1 / (2 * sp.sqrt(x))
    ),
    "of a logarithm from 0": _moved(gt(_RATE), implies(gt(x), gt(sp.log(x))), sp.log(x), 1 / x, gt(x)),
    "from a value that exists by cancelling": _moved(
        ge(-y / x**2), ge(y / x, 1), y / x, -y / x**2, ge(0, y**2), gt(x, y), base=y, value=sp.S.One
    ),
    "from a root that exists by cancelling": _moved(
        ge(-y / (2 * x * sp.sqrt(x * y))), ge(sp.sqrt(y / x) + 1, 2), sp.sqrt(y / x), sp.S.Zero, ge(0, y**2), gt(x, y),
        base=y, value=sp.S.One,
    ),
    "from a base without a value": _moved(ge(x**2), ge(y, 1), y + 0 * x, sp.S.Zero, ge(0, y), base=1 / y, value=y),
    "from a jump behind a bound number": _moved(
        ge(y**2), ge(_BEHIND), _BEHIND, sp.S.Zero, gt(x), ge(n, 1)
    ),
    "from a jump behind a bound number of two": _moved(
        ge(y**2), ge(0, 1 + _BEHIND), 1 + _BEHIND, sp.S.Zero, gt(0, x), ge(n, 1), value=sp.S.One
    ),
    "of a quotient that is not its limit": _moved(
        gt(_RATE), implies(ge(x), gt(sp.sin(x) / x, 2)), sp.sin(x) / x, sp.diff(sp.sin(x) / x, x), value=sp.S(2)
    ),
}  # fmt: skip


def _condition_as_sign() -> Build:
    step = Monotone("moved", gt(x**2, 25), of=x**2, along=x, base=sp.S(-5), value=sp.S(25), slope=2 * x, sign=gt(2 * x))
    return lambda: claim(step, given=(gt(2 * x),))


_PLANE = (x, y)
_LINE = (x - y, y**2 - 1)  # zeros at (1, 1) and (-1, -1)


def _zeros(system, listed, plane=_PLANE) -> Build:
    return lambda: claim(RealZeros("zeros", all_zeros(system, plane, listed), plane=plane))


_ZEROS = {
    "one of two": (_LINE, [(y - 1, sp.S.One)]),
    "one too many": (_LINE, [(y - 1, sp.S.One), (y + 1, -sp.S.One), (y, sp.S.Zero)]),
    "the wrong two": (_LINE, [(y - 1, sp.S.One), (y + 1, sp.S.One)]),
    "listed twice": (_LINE, [(y - 1, sp.S.One), (2 * y - 2, sp.S.One)]),
    "a reducible polynomial": ((x - y, y**2 - 1), [(y**2 - 1, y), (y - 1, y)]),
    "complex ones": ((x - y, y**2 + 1), [(y**2 + 1, y)]),
    "a curve of them": ((x * y, x * (y - 1)), [(y, sp.S.Zero)]),
    "some more where none is": ((x - y, y**2 + 1), [(y, sp.S.Zero)]),
    "of a quotient": ((x / y - 1, y - 1), [(y, sp.S.Zero)]),
    "cusp counted twice": ((y**2 - x**3, x), [(y, sp.S.Zero), (y - 1, sp.S.Zero)]),
}


def _wrong_induction(formula, given=(), over=n) -> Build:
    return lambda: claim(Induction("induct", formula, over=over), given=given)


_INDUCTION = {
    "false at 0": (gt((1 + a) ** n, 1 + n * a), (gt(a),)),
    "false beyond 2": (ge(3, n), ()),
    "false at 1 only": (ne(n, 1), ()),
    "n = n + 1": (eq(n, n + 1), ()),
    "horses": (eq(n * x, n * y), ()),
    "Bernoulli too steep": (ge((1 + a) ** n, 1 + 2 * n * a), (gt(a),)),
    "Bernoulli below -2": (ge((1 + a) ** n, 1 + n * a), ()),
    "an odd power": (ge(a**n), ()),
    "2^n > n^2": (gt(2**n, n**2), ()),
    "q^n falls": (ge(1, a**n), (gt(a),)),
    "q^n q = q^n": (eq(a**n * a, a**n), ()),
    "0^n = 0": (eq(a**n, 0), (eq(a, 0),)),
    "q^(n-1) from q^n": (eq(a ** (n - 1) * a, a**n), ()),
    "a condition on n": (gt(3, n), (ge(n, 3),)),
    "a condition on n that carries the step": (ge(2, n * (n - 3)), (ge(n, 4),)),
}

FALSEHOODS: dict[str, Build] = {
    **{f"Monotone {name}": build for name, build in _MONOTONE.items()},
    "Monotone with a condition for the sign": _condition_as_sign(),
    "Increasing from a value that exists by cancelling": lambda: claim(
        increasing("up", y / x, along=x, from_=y, strict=False), given=(ge(0, y**2), gt(x, y))
    ),
    "a box between truth values": _boxed(gt(x + 5), {x: (True, 2)}),
    "a box between texts": _boxed(gt(x, 8), {x: ("10", "9")}),
    "a box between floats": _boxed(gt(x + 5), {x: (0.5, 2)}),
    "a box from what is no number": _boxed(gt(x + 5), {x: (sp.nan, 2)}),
    **{f"real zeros: {name}": _zeros(*case) for name, case in _ZEROS.items()},
    "real zeros of one letter": _zeros((x**2 - 1, x - 1), [(x - 1, sp.S.One)], (x, x)),
    "real zeros of integers": _zeros((2 * n - 1, y), [(y, _HALF)], (n, y)),
    **{f"induction: {name}": _wrong_induction(*case) for name, case in _INDUCTION.items()},
    "a box left behind": _boxed(gt(1 + x, 2 * x**2), {x: (0, _HALF)}, statement=gt(1 + x, 2 * x**2)),
    "a box widened by a consequence": _boxed(
        gt(1 + x, 2 * x**2), {x: (0, _HALF)}, Entails("everywhere", gt(1 + x, 2 * x**2), uses=("box",))
    ),
    "a box read outside": lambda: claim(
        _IN_BOX, Instance("at 3", gt(sp.exp(3), 18), uses=("box",), of=_IN_BOX.stated, at={x: sp.S(3)}),
        Instance("at 5/2", gt(sp.exp(sp.Rational(5, 2)), 15), uses=("box",), of=_IN_BOX.stated,
                 at={x: sp.Rational(5, 2)}),
    ),
    "a box that the inequality leaves": _boxed(gt(4, x**2), {x: (0, 2)}),
    "a box with a hole": _boxed(gt(x**2), {x: (-1, 2)}),
    "a box with a pole": _boxed(gt(1 / x, -1000), {x: (-1, 1)}),
    "a box with a hidden pole": _boxed(gt(2 + x + 1 / x, 1 / x), {x: (-1, 1)}),
    "a box with a hidden root": _boxed(gt(2 + x + sp.sqrt(x), sp.sqrt(x)), {x: (-1, 1)}),
    "a box with a hidden logarithm": _boxed(gt(2 + x + sp.log(x), sp.log(x)), {x: (-1, 1)}),
    "a box with the sign of a pole": _boxed(gt(sp.sign(1 / x) + 2), {x: (-1, 1)}),
    "a box with the sine of a pole": _boxed(gt(sp.sin(1 / x) + 2), {x: (-1, 1)}),
    "a box with half a root": _boxed(gt(sp.sqrt(x) + 1), {x: (-1, 1)}),
    "a box with half a logarithm": _boxed(gt(sp.log(x) ** 2 + 1), {x: (0, 1)}),
    "a box with x^x": _boxed(gt(x**x), {x: (-1, 1)}),
    "1 - Max(0, x) > 0": _boxed(gt(1 - sp.Max(0, x)), {x: (-1, 5)}),
    "Min(x, 1) > 0": _boxed(gt(sp.Min(x, 1)), {x: (-1, 5)}),
    "|x| > x^3": _boxed(gt(sp.Abs(x), x**3), {x: (-1, 2)}),
    "a weak inequality in a box": _boxed(ge(1 - x**2), {x: (-1, 2)}),
    "an equation in a box": _boxed(eq(x, x**2), {x: (0, 1)}),
    "a box without a range for y": _boxed(gt(x + y), {x: (1, 2)}),
    "one conjunct of two": lambda: claim(Equal("both", both(eq((x + 1) ** 2, x**2 + 2 * x + 1), eq(x**2, x)))),
    "an inequality among equations": lambda: claim(Equal("both", both(eq((x + 1) ** 2, x**2 + 2 * x + 1), gt(x)))),
}  # fmt: skip
