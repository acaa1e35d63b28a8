"""What is nearly so: off by one, by an end or by a sign, in an order that is not the one needed, in nests of words."""

from __future__ import annotations

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
    no,
    plus,
    power,
    t,
    times,
    x,
    y,
    z,
)  # fmt: skip

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal

_Z, _ONE, _HALF, _TINY = sp.S.Zero, sp.S.One, sp.Rational(1, 2), sp.Rational(1, 10**40)
_WRONG = gt(x, x + y**2 + 1)
_NOWHERE, _NEITHER = gt(0, x**2), gt(-1, y**2)
_SKY = Prop("sky", "The sky is blue.")


def _equivalent(left, right):
    return sp.Equivalent(left, right, evaluate=False)


def _inductive(formula, *given) -> Build:
    return lambda: claim(Induction("induct", formula, over=n), given=given)


def _up(of, *given, **how) -> Build:
    return lambda: claim(increasing("up", of, along=x, **how), given=given)


def _boxed(inequality, low, high) -> Build:
    return lambda: claim(Bounded("box", inequality, box={x: (low, high)}))


def _moved(first, goal, of, slope, *given, base=_Z, value=_Z) -> Build:
    def build():
        step = Monotone("moved", goal, uses=("sign",), of=of, along=x, base=base, value=value, slope=slope, sign=first)
        return claim(Entails("sign", first), step, given=given)

    return build


def _zeros(system, listed) -> Build:
    return lambda: claim(RealZeros("zeros", all_zeros(system, (x, y), listed), plane=(x, y)))


def _repaired(statement, given, repair, more, steps=()) -> Build:
    """A repair that assumes what it concludes, or is about something else; its claim is in the same list."""

    def build():
        steps_of = steps or (Entails("so", repair),)
        printed = Claim("printed", "P", BEYOND, "As printed.", statement, given)
        mended = Claim("falsehood", "F", BEYOND, "Mended.", repair, more, steps_of, amends="printed")
        return Catalogue([printed, mended])["falsehood"]

    return build


def _lent(condition, statement, at, formula, *given) -> Build:
    """A claim that holds under its condition, cited where that is not known, is known of another, or is a word."""

    def build():
        lemma = Claim("lemma", "L", BEYOND, "It is so.", statement, (condition,), (Entails("so", statement),))
        return Catalogue([lemma, claim(cite("read", lemma, at, formula), given=given)])

    return build


FALSEHOODS: dict[str, Build] = {
    # nests of words
    "neither of two that are nowhere, or x > x + 1": entailed(either(both(no(_NOWHERE), no(_NEITHER)), _WRONG)),
    "not either of two that are nowhere, or x > x + 1": entailed(either(no(either(_NOWHERE, _NEITHER)), _WRONG)),
    "an implication from a negated truth": entailed(implies(no(ge(x**2)), _WRONG)),
    "an implication from an equivalence with what is nowhere": entailed(
        implies(_equivalent(_NOWHERE, ge(y**2)), _WRONG)
    ),
    "an implication from both ways of a square": entailed(implies(both(gt(x**2, 1), gt(1, sp.Abs(x))), _WRONG)),
    "an implication from an alternative of nothing": entailed(implies(either(_NOWHERE, _NEITHER), _WRONG)),
    "an implication three deep": entailed(implies(gt(y), implies(gt(z), implies(both(gt(y, x), gt(x, y)), _WRONG)))),
    "the converse": entailed(implies(gt(x**2, 4), gt(x, 2))),
    "the converse under an implication": entailed(implies(gt(y), implies(gt(x * y), gt(x**2 * y, x * y)))),
    "the inverse": entailed(implies(no(gt(x, 2)), no(gt(x**2, 4)))),
    "a denied implication": entailed(no(implies(gt(x), gt(x, 1)))),
    "a denied equivalence": entailed(no(_equivalent(gt(x), gt(x**3, -1)))),
    "an equivalence in one direction": entailed(_equivalent(gt(x, 1), gt(x**2, x))),
    "an equivalence with an end let in": entailed(_equivalent(ge(x), gt(sp.Abs(x) + x))),
    "an equivalence of three signs": entailed(_equivalent(_equivalent(gt(x), gt(y)), gt(x * y))),
    "and for or": entailed(both(either(gt(x), ge(0, x - 1)), either(gt(x, 1), ge(0, x)))),
    "or distributes over nothing": entailed(either(gt(x), gt(y)), gt(x + y, -1)),
    "one of two for both": entailed(implies(either(gt(x), gt(y)), gt(x * y + x**2))),
    "not both is neither": entailed(implies(no(both(gt(x), gt(y))), both(ge(0, x), ge(0, y)))),
    "not either is not both": entailed(implies(no(both(gt(x), gt(y))), ge(0, x * y))),
    "a case left out": entailed(either(gt(x), gt(-x))),
    "a case left out of three": entailed(either(gt(x, y), gt(y, x), eq(x, y + _TINY))),
    "a chain whose links point apart": entailed(implies(both(gt(x, y), gt(x, z)), gt(y, z))),
    "a chain with a weak end": entailed(implies(both(ge(x, y), ge(y, z)), gt(x, z))),
    "a circle of weak links is strict": entailed(gt(x + 1, y + 1), ge(x, y), ge(y, x)),
    "words and a formula": entailed(either(_SKY, gt(x**2))),
    "words instead of a formula": lambda: claim(
        Accept("sky", _SKY, source="Anybody"), Entails("so", gt(x**2), uses=("sky",))
    ),
    "what words imply": entailed(implies(_SKY, gt(x**2))),
    # off by one
    "2^n >= 2n + 1": _inductive(ge(2**n, 2 * n + 1)),
    "3^n > n^3": _inductive(gt(3**n, n**3)),
    "n^2 >= 2n - 1/2": _inductive(ge(n**2, 2 * n - _HALF)),
    "the sum of a geometric series, one term more": _inductive(eq(times(a - 1, power(a, n)), a ** (n + 1) - 1)),
    "a recursion solved one step late": _inductive(eq(power(a, n + 1), a**n), gt(a)),
    "Bernoulli with n + 1": _inductive(ge((1 + a) ** n, 1 + (n + 1) * a), gt(a)),
    "Bernoulli below -1": _inductive(ge((1 + a) ** n, 1 + n * a), ge(a, -2 - _HALF)),
    "q^n < 1 at 0 too": _inductive(gt(1, a**n), gt(a), gt(1, a)),
    "(-1)^n + 1 > 0": _inductive(gt(power(-1, n) + 1)),
    "n(n - 1)(n - 2) = 0, so far": _inductive(eq(n * (n - 1) * (n - 2), 0)),
    "n(n - 1)(n - 2) >= n - 1": _inductive(ge(n * (n - 1) * (n - 2), n - 1)),
    "a^n b^n >= a^n": _inductive(ge(a**n * b**n, a**n), gt(a), gt(b)),
    "an induction that is read at -1": lambda: claim(
        Induction("all", ge(2**n, 1 + n), over=n),
        Instance("read", ge(power(2, -2), -1 + 2), uses=("all",), of=ge(2**n, 1 + n), at={n: -sp.S(2)}),
    ),
    "an integer between 0 and 2 is 1 or less": entailed(gt(1, m), gt(m, -1), gt(2, m)),
    "whole numbers are two apart": entailed(ge(m, n + 2), gt(m, n)),
    "m > n - 1 gives m > n": entailed(gt(m, n), gt(m, n - 1)),
    "4 m is never n^2": entailed(ne(4 * m, n**2)),
    "n^2 is odd": entailed(ne(n**2, 2 * m)),
    # off by an end
    "(x - 1)^2 (x + 3) > 0": entailed(gt((x - 1) ** 2 * (x + 3)), gt(x, -3)),
    "x(1 - x) < 1/4": entailed(gt(sp.Rational(1, 4), x * (1 - x))),
    "x(1 - x) <= 1/4 - 10^-40": entailed(ge(sp.Rational(1, 4) - _TINY, x * (1 - x))),
    "x^4 + 1 > x^3 + x": entailed(gt(x**4 + 1, x**3 + x)),
    "x^2 + y^2 + z^2 > xy + yz + zx": entailed(gt(x**2 + y**2 + z**2, x * y + y * z + z * x)),
    "Motzkin's polynomial is positive": entailed(gt(x**4 * y**2 + x**2 * y**4 + 1, 3 * x**2 * y**2)),
    "Robinson's bound, strictly": entailed(gt(x**2 * (x**2 - 1) ** 2 + y**2 * (y**2 - 1) ** 2)),
    "x^3 - 3x + 2 > 0 for x > 0": entailed(gt(x**3 - 3 * x + 2), gt(x)),
    "sqrt(x) < x": entailed(gt(x, sp.sqrt(x)), ge(x, 1)),
    "x + 4/x > 4": entailed(gt(x + 4 / x, 4), gt(x)),
    "|x| + |y| > |x + y|": entailed(gt(sp.Abs(x) + sp.Abs(y), sp.Abs(x + y)), ge(0, x * y)),
    "Max(x, y) > y": entailed(gt(sp.Max(x, y), y), ge(x, y)),
    "|Max - Min| > 0": entailed(gt(sp.Max(x, y) - sp.Min(x, y)), ne(x**2, y)),
    "sign x >= 0 gives x > 0": entailed(gt(x), ge(sp.sign(x))),
    "e^x >= 1 + x, strictly": entailed(gt(sp.exp(x) - 1 - x)),
    "pi < 22/7, by as little": entailed(gt(sp.pi, sp.Rational(22, 7))),
    "e = 2.718281828": entailed(eq(sp.E, sp.Rational(2718281828, 10**9))),
    "x^y > 1 at y = 0": entailed(gt(x**y, 1), gt(x, 1), ge(y)),
    # functions that move
    "x^3 increases strictly from 0, at 0": _up(x**3, ge(x)),
    "x^3 increases from 1 below it": _up(x**3, gt(x), from_=_ONE),
    "x - x^2 increases to 1/2, beyond": _up(x - x**2, gt(x), gt(sp.Rational(501, 1000), x)),
    "e^x - e x increases from 0": _up(sp.exp(x) - 3 * x, gt(x)),
    "a constant increases": _up(y + 0 * x + sp.Max(y, 1), gt(x)),
    "x y increases": _up(x * y, gt(x)),
    "sqrt(x^2) increases from -1": _up(power(x**2, _HALF), gt(x, -1), from_=-_ONE),
    "1/x^2 falls over its pole": _up(-power(x, -2), gt(x, -1), ne(x, 0), from_=-_ONE, strict=False),
    "tan increases from 0 to 2": _up(sp.tan(x), gt(x), gt(2, x), ne(sp.cos(x), 0)),
    "x^n increases from 0": _up(x**n, gt(x)),
    "x^n increases weakly from -1": _up(x**n, gt(x, -1), from_=-_ONE, strict=False),
    "what increases to the right increases to the left": _moved(
        gt(1 + x**2), implies(ne(x, 0), gt(x + x**3 / 3)), x + x**3 / 3, 1 + x**2
    ),
    "a slope with a sign at the base only": _moved(
        implies(eq(x, 0), gt(1 - 3 * x**2)), implies(gt(x), gt(x - x**3)), x - x**3, 1 - 3 * x**2
    ),
    "a slope with a sign where the guard is not": _moved(
        implies(gt(x, 2), gt(2 * x - 2)),
        implies(gt(x), gt(x**2 - 2 * x, -1)),
        x**2 - 2 * x,
        2 * x - 2,
    ),
    "a limit taken for a value": _moved(
        gt(1 + x**2),
        implies(ge(x), gt(sp.sin(x) / x + x)),
        sp.sin(x) / x + x,
        sp.diff(sp.sin(x) / x + x, x),
        value=_ONE,
    ),
    # boxes
    "x (1 - x) < 1/4 in a box": _boxed(gt(sp.Rational(1, 4), x * (1 - x)), 0, 1),
    "e^x < 2.72 in [0, 1], by 10^-6": _boxed(gt(sp.Rational(2718281, 10**6), sp.exp(x)), 0, 1),
    "sin x < x at 0 in a box": _boxed(gt(x, sp.sin(x)), 0, 1),
    "|x| > 0 in a box around 0": _boxed(gt(sp.Abs(x - sp.Rational(1, 3))), 0, 1),
    "sqrt(x) > 0 in a box from 0": _boxed(gt(sp.sqrt(x)), 0, 1),
    "x^-2 > 0 in a box around 0": _boxed(gt(power(x, -2)), -1, 1),
    # sides that look alike
    "(a + b)^3 with a sign": identical(eq((a + b) ** 3, a**3 + 3 * a**2 * b - 3 * a * b**2 + b**3)),
    "e^(x + y) = e^x + e^y": identical(eq(sp.exp(x + y), sp.exp(x) + sp.exp(y))),
    "e^(x^2) = (e^x)^2": identical(eq(sp.exp(x**2), power(sp.exp(x), 2))),
    "log(x + y) = log x + log y": identical(eq(sp.log(x + y), sp.log(x) + sp.log(y)), gt(x), gt(y)),
    "sqrt(x + y) = sqrt x + sqrt y": identical(eq(sp.sqrt(x + y), sp.sqrt(x) + sp.sqrt(y)), gt(x), ge(y)),
    "x^(y z) = x^(y^z)": identical(eq(x ** (y * z), x ** (y**z)), gt(x), gt(y)),
    "2^(x^2) = (2^x)^2": identical(eq(power(2, x**2), power(power(2, x), 2))),
    "cos x = sin(x + 22/14)": identical(eq(sp.cos(x), sp.sin(x + sp.Rational(22, 14)))),
    "off by 10^-40": identical(eq((x + 1) ** 2, x**2 + 2 * x + 1 + _TINY)),
    "off by 10^-40 far out": identical(eq((x + 1) ** 2, x**2 + 2 * x + 1 + _TINY * sp.Max(x, 10**6) - _TINY * 10**6)),
    "off by e^-200": identical(eq((x + 1) ** 2, x**2 + 2 * x + 1 + sp.exp(-200))),
    "off where two letters meet": identical(eq(sp.Piecewise((x, ne(x, y)), (y + 1, True)), x)),
    "a slope of the first letter for the second": identical(eq(sp.Derivative(x * y**2, x), 2 * x * y)),
    "a second slope for a mixed one": identical(eq(sp.Derivative(x**2 * y, (x, 2)), sp.Derivative(x**2 * y, x, y))),
    "a coefficient without its factorial": identical(eq(Coefficient(sp.exp(a * t), t, _Z, sp.S(3)), a**3)),
    "a coefficient at another point": identical(eq(Coefficient(t**3, t, a, sp.S(2)), 3 * a**2)),
    "a value for a limit of a quotient": identical(eq(Coefficient((1 - sp.cos(t)) / t**2, t, _Z, _Z), 1)),
    "1/(1 - x) is its series' head": identical(
        eq(power(1 - x, -1), plus(1, x, power(x, 2), times(power(x, 3), power(1 - x, -1)), _TINY)), ne(x, 1)
    ),
    # real zeros
    "real zeros of a circle and a tangent, counted twice": _zeros((x**2 + y**2 - 1, x - 1), [(y, _ONE), (y - 1, _ONE)]),
    "real zeros of a circle and a line that misses it": _zeros((x**2 + y**2 - 1, x - 2), [(y, sp.S(2))]),
    "real zeros with x and y exchanged": _zeros((x - 2, y - 3), [(y - 2, sp.S(3))]),
    "real zeros of two that are one": _zeros((y * (y**2 + 1), y * (y**2 + 1)), [(y**2 + 1, _Z)]),
    "real zeros by a factor that has none": _zeros((x**2 + 1, y), [(y**2 + 1, _Z)]),
    "two over one height, one listed": _zeros((x**2 - 1, y), [(y, _ONE)]),
    # repairs and citations
    "a repair that assumes its conclusion, denied twice": _repaired(
        gt(x**2, x), (), gt(x**2, x), (no(ge(2 * x, 2 * x**2)),)
    ),
    "a repair that assumes its conclusion in a case": _repaired(
        gt(x**2, x), (), gt(x**2, x), (either(gt(2 * x**2, 2 * x), gt(x, 2)),)
    ),
    "a repair that assumes its conclusion by an implication": _repaired(
        gt(x**2, x), (), gt(x**2, x), (implies(ge(y**2), gt(3 * x**2, 3 * x)),)
    ),
    "a repair that assumes its conclusion among others": _repaired(
        gt(x**2, x), (), gt(x**2, x), (both(gt(y), no(no(gt(x**2 - x)))),)
    ),
    "a repair that concludes what it assumes under a condition": _repaired(
        gt(x**2, x), (), implies(gt(y), gt(x**2, x)), (gt(2 * x**2 - 2 * x),)
    ),
    "a repair that assumes its conclusion as an equivalence": _repaired(
        gt(x**2, x), (), gt(x**2, x), (_equivalent(gt(5 * x**2, 5 * x), gt(x, 3)), gt(x, 3))
    ),
    "a repair about something else": _repaired(gt(x**2, x), (), gt(y**2 + 1), ()),
    "a lemma for x > 0 cited for every x": _lent(gt(x), gt(x**3), {x: y}, gt(y**3)),
    "a lemma for x > 0 cited at x - 1": _lent(gt(x), gt(x**3), {x: x - 1}, gt((x - 1) ** 3), gt(x)),
    "a lemma for x > 0 cited under x >= 0": _lent(gt(x), gt(x**3), {x: y}, gt(y**3), ge(y)),
    "a lemma for x > 0 cited in words": _lent(gt(x), gt(x**3), {x: y}, gt(y**3), _SKY),
    "a lemma's letter kept": _lent(gt(x, y), gt(x**3, y**3), {x: y}, gt(y**3, x**3)),
    "a lemma's letters exchanged one after the other": _lent(
        gt(x, y), gt(x**3, y**3), {x: y, y: x}, gt(y**3, x**3), gt(x, y)
    ),
    "an instance under an implication, its condition left": lambda: claim(
        Entails("known", implies(gt(x, 1), gt(x**2, x))),
        Instance("read", gt(y**2, y), uses=("known",), of=implies(gt(x, 1), gt(x**2, x)), at={x: y}),
    ),
    "an identity read at what cancels its divisor": lambda: claim(
        Equal("known", eq((x**2 - y**2) / (x - y), x + y)),
        Instance("read", eq(_Z, 2 * y), uses=("known",), of=eq((x**2 - y**2) / (x - y), x + y), at={x: y}),
        given=(ne(x, y),),
    ),
}
