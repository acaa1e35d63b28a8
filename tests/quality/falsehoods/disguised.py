"""Claims that look like something else: of another's classes, with names that print alike, empty within, in floats."""

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
    identical,
    implies,
    n,
    ne,
    plus,
    power,
    real,
    times,
    x,
    y,
    z,
)  # fmt: skip

from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal

_HALF, _Z = sp.Rational(1, 2), sp.S.Zero
_WRONG = gt(x, x + y**2 + 1)
_NOWHERE = gt(0, x**2)
_SKY = Prop("sky", "The sky is blue.")


class Liar(sp.StrictGreaterThan):
    """A relation that is printed as one and read as the other."""

    def doit(self, **_hints):
        return sp.true


class Two(sp.NumberSymbol):
    """A constant with a range of its own."""

    is_real = True

    def approximation_interval(self, _cls):
        return sp.Integer(5), sp.Integer(6)

    def _as_mpf_val(self, prec):
        return sp.Float(5.5)._as_mpf_val(prec)


class Shifted(sp.Integer):
    """An integer that is printed as another."""

    def _sympystr(self, _printer):
        return "7"


class Loose(sp.exp):
    """An exponential of another's."""


class Anything(Prop):
    """A proposition of another's class."""


class Every(sp.And):
    """A conjunction of another's class."""


class Mapped(sp.Pow):
    """A power of another's class."""


def _zeros(system, listed) -> Build:
    return lambda: claim(RealZeros("zeros", all_zeros(system, (x, y), listed), plane=(x, y)))


def _equation(left, right, other, listed) -> Build:
    """Real zeros of equations with two sides each."""
    where = [both(eq(q, _Z), eq(x, p)) for q, p in listed]
    formula = sp.Equivalent(
        both(eq(left, right), other), either(*where) if len(where) > 1 else where[0], evaluate=False
    )
    return lambda: claim(RealZeros("zeros", formula, plane=(x, y)))


def _long(pairs: int) -> Build:
    """An alternative of so many conjunctions that a normal form has more parts than there is time for."""
    letters = [(real(f"p_{k}"), real(f"q_{k}")) for k in range(pairs)]
    return entailed(either(*(both(gt(p), gt(q), gt(p * q, k + 7)) for k, (p, q) in enumerate(letters))))


def _many(count: int) -> Build:
    """A sum of squares of many letters that is said to be positive."""
    letters = [real(f"p_{k}") for k in range(count)]
    return entailed(gt(plus(*(p**2 for p in letters))))


def _under_many(count: int) -> Build:
    letters = [real(f"p_{k}") for k in range(count)]
    return entailed(gt(plus(*letters), count), *(gt(p) for p in letters))


def _alike(first: str, second: str) -> Build:
    """What holds of two symbols, and reads as if it were said of one."""
    one, other = real(first), real(second)
    return lambda: claim(Entails("so", gt(one, other + y**2)), given=(eq(one, 5 + y**2), eq(other, 3)))


def _refuted(statement, *given) -> Build:
    return lambda: Claim("falsehood", "A falsehood", BEYOND, "What is not so.", statement, given)


def _shared(levels: int):
    """A sum with 2^levels parts as a tree, each of two halves that are one."""
    e = x
    for _ in range(levels):
        e = sp.sin(e) + sp.cos(e)
    return e


def _deep(levels: int):
    e = x
    for _ in range(levels):
        e = sp.sin(e)
    return e


FALSEHOODS: dict[str, Build] = {
    # classes of one's own
    "a relation of one's own class": lambda: claim(Entails("so", Liar(x**2, x, evaluate=False))),
    "a constant of one's own class": lambda: claim(Entails("so", gt(Two(), 4))),
    "an integer of one's own class": lambda: claim(Entails("so", gt(Shifted(9), 8 - x**2))),
    "a function of one's own class": lambda: claim(Entails("so", gt(Loose(x)))),
    "a proposition of one's own class": lambda: claim(Entails("so", implies(Anything("p", "P."), ge(x**2))), given=()),
    "a conjunction of one's own class": lambda: claim(Entails("so", Every(ge(x**2 + 1), gt(x**2 + 2), evaluate=False))),
    "a power of one's own class": lambda: claim(Entails("so", ge(Mapped(x, 2, evaluate=False) + 1, 0))),
    "a text as a statement": lambda: claim(Entails("so", "x > 0")),
    "a function as a statement": lambda: claim(Entails("so", lambda v: v > 0)),
    "a number as a statement": lambda: claim(Entails("so", sp.S.One)),
    "a symbol as a statement": lambda: claim(Entails("so", sp.Symbol("p"))),
    "an equation of relations": lambda: claim(Entails("so", eq(gt(x), gt(x)))),
    "an equation of a truth value": lambda: claim(Entails("so", sp.Eq(gt(x), sp.true, evaluate=False)), given=(gt(x),)),
    "a relation of tuples": lambda: claim(Equal("so", eq(sp.Tuple(x, y), sp.Tuple(x, y + 0)))),
    "a relation of matrices": lambda: claim(Equal("so", eq(sp.Matrix([[x]]), sp.Matrix([[x]])))),
    "exclusive or": entailed(sp.Xor(gt(x), ge(0, x), gt(y, 1), evaluate=False)),
    "if then else": entailed(sp.ITE(gt(x), gt(x, -1), gt(0, 1 - x), evaluate=False)),
    "not and": entailed(sp.Nand(gt(x), gt(0, x + 1), evaluate=False)),
    "three that are equivalent": entailed(
        sp.Equivalent(gt(x), gt(x**3), gt(x**2), evaluate=False)
    ),
    "three that are equivalent, to be refuted": _refuted(sp.Equivalent(gt(x), gt(x, 1), gt(x, 2), evaluate=False)),
    "membership": lambda: claim(Entails("so", sp.Contains(x, sp.Reals))),
    "for all": lambda: claim(Entails("so", sp.Q.positive(x))),
    # names that print alike
    "alpha and α": _alike("alpha", "α"),
    "Latin x and Cyrillic х": _alike("x", "х"),
    "Latin o and Greek ο": _alike("o", "ο"),
    "Latin A and Greek Α": _alike("A", "Α"),
    "A and Alpha": _alike("A", "Alpha"),
    "x and full-width ｘ": _alike("x", "ｘ"),
    "é in two ways": _alike("\u00e9", "e\u0301"),
    "xprime and x'": _alike("xprime", "x'"),
    "x_12 and x_{12}": _alike("x_12", "x_{12}"),
    "x^2 as a name": _alike("x^2", "x"),
    "x+y as a name": _alike("x+y", "x"),
    "x* as a name": _alike("x*", "x"),
    "x-1 as a name": _alike("x-1", "x"),
    "x|y as a name": _alike("x|y", "x"),
    "a name with a digit of another script": _alike("x1", "x١"),
    "a name with a soft hyphen": _alike("x\u00ad", "x"),
    "a name with a joiner": _alike("x\u200d", "x"),
    "a name with braces": _alike("{x}", "x"),
    "lamda and lambda": _alike("lamda", "lambda"),
    "a name that is a constant": _alike("oo", "x"),
    "a name that is a function": _alike("floor", "x"),
    "gamma of nothing": _alike("atan", "x"),
    # conditions of what has no value
    "x > x + 1, given a power of what has no value": entailed(_WRONG, eq(sp.log(x) ** n, 1), gt(0, x), eq(n, 0)),
    "a box, given a floor": lambda: claim(Bounded("box", gt(2, z), box={z: (0, 1)}), given=(ge(sp.floor(x)), gt(0, x))),
    "a box, given a sum": lambda: claim(
        Bounded("box", gt(2, z), box={z: (0, 1)}), given=(gt(sp.Sum(1 / y, (y, 1, sp.oo)), 0),)
    ),
    "a box with a condition in floats": lambda: claim(
        Bounded("box", gt(2, z), box={z: (0, 1)}), given=(gt(x, 0.1), gt(0.1000001, x))
    ),
    "the words say it": lambda: claim(Entails("so", either(_SKY, _WRONG)), given=(_SKY,)),
    "words that are false mean anything": lambda: claim(
        Entails("so", _WRONG), given=(sp.Equivalent(_SKY, _NOWHERE, evaluate=False), _SKY)
    ),
    # real zeros of what has no value
    "real zeros past a pole": _equation(x + 1 / (y - 1), 1 / (y - 1), eq(y * (y - 1), 0), [(y, _Z), (y - 1, _Z)]),
    "real zeros past a logarithm": _equation(x + sp.log(y), sp.log(y), eq(y * (y - 1), 0), [(y, _Z), (y - 1, _Z)]),
    "real zeros past a root": _equation(
        plus(x, power(sp.sqrt(y - 1), 2), times(-1, power(sp.sqrt(y - 1), 2))), _Z, eq(y * (y - 1), 0),
        [(y, _Z), (y - 1, _Z)],
    ),
    "real zeros of a squared root": _zeros((power(sp.sqrt(x), 2) + 1, y), [(y, sp.S(-1))]),
    "real zeros of an even root": _zeros((power(power(x, 2), _HALF) + x, y - 1), [(y - 1, _Z)]),
    "real zeros of a cancelled quotient": _zeros((times(x, y, power(y, -1)), y * (y - 1)), [(y, _Z), (y - 1, _Z)]),
    "real zeros in floats": _zeros((x - 0.1, y - 0.3), [(y - sp.Rational(3, 10), sp.Rational(1, 10))]),
    "real zeros with a letter": _zeros((x - z, y**2 - z), [(y, _Z)]),
    "real zeros counted with their multiplicity": _zeros((x**2, y**2 - 1), [(y - 1, _Z)]),
    "a real zero of a double curve": _zeros((x**2 + y**2, x - y), [(y, _Z), (y - 1, sp.S.One)]),
    "real zeros of a Piecewise": _zeros((sp.Piecewise((x, x > 0), (x - 1, True)), y), [(y, _Z)]),
    "real zeros of |x|": _zeros((sp.Abs(x) + x, y - 1), [(y - 1, _Z)]),
    "real zeros of x^n": _zeros((x**n, y - 1), [(y - 1, _Z)]),
    "real zeros of complex polynomials": _zeros((x**2 + 1, y), [(y, sp.I)]),
    "real zeros of x^2 - 2 at a rational": _zeros((x**2 - 2, y - 1), [(y - 1, sp.Rational(99, 70))]),
    "real zeros under a condition": lambda: claim(
        RealZeros("zeros", all_zeros((x * (x - 1), y), (x, y), [(y, _Z)]), plane=(x, y)), given=(gt(1, x),)
    ),
    # floats
    "0.1 + 0.2 = 0.3": identical(eq(sp.Float(0.1) + sp.Float(0.2) + 0 * x, sp.Float(0.3))),
    "0.5 = 1/2": identical(eq(x * sp.Float(0.5), x / 2)),
    "x^2.0 = x^2": identical(eq(power(x, sp.Float(2.0)), x**2)),
    "x > 0.1, given x > 1/10": entailed(gt(x, 0.1), gt(x, sp.Rational(1, 10))),
    "a third is not 0.333": entailed(ne(3 * x, 0.999), eq(x, 0.333)),
    "a float in a box": lambda: claim(Bounded("box", gt(0.3, x), box={x: (0, sp.Rational(1, 4))})),
    "a float as a base": identical(eq(power(sp.Float(4.0), _HALF), 2)),
    "numpy's float": lambda: claim(Entails("so", gt(__import__("numpy").float64(2.5) + x**2))),
    # evaluated by SymPy before it is seen
    "0 oo": identical(eq(times(0, sp.oo), 0)),
    "oo - oo": identical(eq(plus(sp.oo, -sp.oo), 0)),
    "oo > x": entailed(gt(sp.oo, x)),
    "1/0": identical(eq(power(0, -1), sp.zoo)),
    "nan is nan": identical(eq(sp.nan, sp.nan)),
    "nan is not nan": entailed(ne(sp.nan, sp.nan)),
    "x/x evaluated": identical(sp.Eq(x / x, 1)),
    "x - x evaluated": entailed(sp.Ge(x - x, 0)),
    "a square evaluated": entailed(x**2 >= 0),
    "sqrt(p^2) = p of a positive namesake": identical(eq(sp.sqrt(sp.Symbol("x", positive=True) ** 2), x)),
    "0^p of a positive exponent": identical(eq(sp.S.Zero ** sp.Symbol("p", positive=True), 0)),
    "π for pi": lambda: claim(Entails("so", gt(real("π"), 4)), given=(gt(real("π"), 5),)),
    "a classical constant": entailed(gt(sp.EulerGamma, -1)),
    "an equation shared 60 times over": entailed(gt(_shared(60))),
    "log(exp x) of a complex x": entailed(gt(sp.exp(sp.Symbol("w")), 0)),
    "an and that is false": entailed(sp.And(x > 0, x <= 0)),
    "an or that is true": entailed(sp.Or(x > 0, x <= 0)),
    "an implication that is true": entailed(sp.Implies(x > 0, x > 0)),
    # long ones
    "a long alternative": _long(14),
    "a sum of 40 squares": _many(40),
    "40 positive numbers": _under_many(40),
    "a power of 10^4": entailed(gt(x ** sp.Integer(9999) + 1)),
    "a power of 10^9": entailed(gt(x ** sp.Integer(10) ** 9 + 1)),
    "a tower of exponentials": entailed(gt(1, sp.exp(-sp.exp(sp.exp(sp.exp(x)))) + 1)),
    "a sum to the power 90": identical(eq(power(x + y + 1, 90), power(x + y, 90))),
    "a slope of order 90": identical(eq(sp.Derivative(sp.exp(x**2), (x, 90)), 0)),
    "a slope of order 10^7": identical(eq(sp.Derivative(x**2, (x, 10**7)), 1)),
    "a coefficient of order 400": identical(
        eq(sp.Derivative(sp.tan(x) * sp.exp(sp.sin(x)), (x, 400)), 0), gt(x), gt(1, x)
    ),
    "a number of 5000 digits": entailed(gt(x, -sp.Integer(10) ** 5000)),
    "a number of 5000 digits, equal to another": identical(
        eq(x + sp.Integer(10) ** 5000, x + sp.Integer(10) ** 5000 + 1)
    ),
    "90 nested sines": entailed(gt(_deep(90))),
    "250 nested sines": entailed(gt(_deep(250), -2)),
    # repairs that are none
    "a hint that is no number": lambda: Claim(
        "falsehood", "F", BEYOND, "S.", gt(n, 1), (), hints=({n: "abc"}, {n: sp.oo}, {n: sp.nan}, {n: 0.5})
    ),
    "a refutation where there is no value": _refuted(ne(sp.log(x) ** n, 1), gt(0, x)),
}  # fmt: skip
