"""Whole numbers: floors, remainders, factorials, sums with ends that are letters, and conditions that none meets."""

from __future__ import annotations

import dataclasses

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    a,
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
    power,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Bounded, Entails

_Z, _ONE, _HALF = sp.S.Zero, sp.S.One, sp.Rational(1, 2)
_K = sp.Symbol("k", integer=True)
_J = sp.Symbol("j", integer=True, nonnegative=True)

# Terms that the kernel has no rule for, each in a formula that holds whatever number it is.
_NO_RULE = {
    "floor": sp.floor(x),
    "ceiling": sp.ceiling(x),
    "frac": sp.frac(x),
    "mod": sp.Mod(x, y),
    "mod of integers": sp.Mod(m, 3),
    "binomial": sp.binomial(n, m),
    "factorial": sp.factorial(n),
    "double factorial": sp.factorial2(n),
    "rising factorial": sp.rf(x, n),
    "gcd": sp.Function("gcd")(m, n),
    "a sum to n": sp.Sum(_K, (_K, 1, n)),
    "a sum to m": sp.Sum(1 / _K, (_K, 1, m)),
    "an empty sum": sp.Sum(1 / _K, (_K, 1, 0)),
    "a sum over 1/0": sp.Sum(1 / _K, (_K, -1, 1)),
    "a product to n": sp.Product(_K, (_K, 1, n)),
    "an empty product": sp.Product(1 / _K, (_K, 1, 0)),
    "an infinite product": sp.Product(1 + 1 / _K, (_K, 1, sp.oo)),
    "a Kronecker delta": sp.KroneckerDelta(m, n),
    "Heaviside": sp.Heaviside(x),
    "a Dirac delta": sp.DiracDelta(x),
    "a Fibonacci number": sp.fibonacci(n),
    "a Bernoulli number": sp.bernoulli(n),
    "a prime": sp.Function("prime")(n),
    "gamma of n": sp.gamma(n + 1),
    "the real part": sp.re(sp.sqrt(x), evaluate=False),
    "the conjugate": sp.conjugate(sp.sqrt(x)),
    "a substitution": sp.Subs(1 / y, y, x),
    "a matrix entry": sp.MatrixSymbol("W", 2, 2)[0, 0],
    "an indexed entry": sp.Indexed("W", _K),
    "a root of a polynomial": sp.CRootOf(sp.Symbol("x") ** 5 - sp.Symbol("x") - 1, 0),
    "an interval": sp.AccumBounds(0, 1),
    "an order": sp.Order(x),
    "a lambda": sp.Lambda(x, x)(sp.Function("F")(x)),
    "what is kept unevaluated": sp.UnevaluatedExpr(1 / x),
    "a truth value as a number": sp.Piecewise((1, x > 0), (0, True)) ** sp.Function("F")(x),
    "nan": sp.nan,
    "complex infinity": sp.zoo,
}

# Conditions that real numbers meet and whole numbers do not; z3 and cvc5 need not see it.
_NO_WHOLE = {
    "2m = 2n + 1": (eq(2 * m, 2 * n + 1),),
    "m^2 = 2 n^2, n > 0": (eq(m**2, 2 * n**2), gt(n)),
    "m^2 + n^2 = 3": (eq(m**2 + n**2, 3),),
    "m^2 = n^2 + 2": (eq(m**2, n**2 + 2),),
    "4m^2 = 4n + 3": (eq(4 * m**2, 4 * n + 3),),
    "m^3 = n^3 + 3": (eq(m**3, n**3 + 3),),
    "2^n = 3^m, n > 0": (eq(2**n, 3**m), gt(n)),
    "m (m + 1) = 2n + 1": (eq(m * (m + 1), 2 * n + 1),),
    "1/3 < m < 2/3": (gt(m, sp.Rational(1, 3)), gt(sp.Rational(2, 3), m)),
    "m^2 - m + 1 = 2n": (eq(m**2 - m + 1, 2 * n),),
    "m^2 = 7 n^2 + 3": (eq(m**2, 7 * n**2 + 3),),
    "x = m = x + 1/2": (eq(x, m), eq(x + _HALF, _K)),
    "n < 0 by a factor": (gt(0, 3 * n),),
    "n = m - 1/2": (eq(n, m - _HALF),),
    "(-1)^m = 2": (eq(power(-1, m), 2),),
    "sin(pi m) = 1": (gt(sp.sin(sp.pi * x) ** 2, 1), eq(x, m)),
}
_WRONG = gt(x, x + y**2 + 1)


def _inductive(formula, *given, over=n) -> Build:
    return lambda: claim(Induction("induct", formula, over=over), given=given)


def _cited(given, statement, at, formula) -> Build:
    """A claim that holds under its conditions, cited where they do not hold."""

    def build():
        lemma = Claim("lemma", "A lemma", BEYOND, "It is so.", statement, given, (Entails("so", statement),))
        return Catalogue([lemma, claim(cite("read", lemma, at, formula))])

    return build


def _misquoted() -> Catalogue:
    """A claim cited without its conditions; what a citation says of its claim is the catalogue's to see."""
    lemma = Claim("lemma", "A lemma", BEYOND, "It is so.", gt(x**2, x), (gt(x, 1),), (Entails("so", gt(x**2, x)),))
    quoted = dataclasses.replace(cite("read", lemma, {x: y}, gt(y**2, y)), conditions=())
    return Catalogue([lemma, claim(quoted)])


def _moved(first, goal, of, slope, *given, along=x, base=_Z, value=_Z) -> Build:
    def build():
        parts = {"of": of, "along": along, "base": base, "value": value, "slope": slope, "sign": first}
        step = Monotone("moved", goal, uses=("sign",), **parts)
        return claim(Entails("sign", first), step, given=given)

    return build


FALSEHOODS: dict[str, Build] = {
    **{f"{name} is less than its square and one": entailed(gt(term**2 + 1, term)) for name, term in _NO_RULE.items()},
    **{f"x > x + 1, given {name}": entailed(_WRONG, *given) for name, given in _NO_WHOLE.items()},
    **{f"x > x + 1 by an implication of {name}": entailed(implies(both(*given) if len(given) > 1 else given[0], _WRONG))
       for name, given in list(_NO_WHOLE.items())[:6]},
    # induction
    "induction with a fixed exponent": _inductive(ge(a**n, 1 + n * (a - 1)), ge(a, -5)),
    "induction from 1": _inductive(gt(n * (n + 1), 0)),
    "induction by two": _inductive(ge(power(-a, n), 0)),
    "induction over the integers": _inductive(ge(m**2, m), over=m),
    "induction over the negative": _inductive(ge(2 * m + 1, 0), over=m),
    "induction with the step from n + 1": _inductive(ge(1, 2 * n)),
    "induction with q^(2n) for q^n": _inductive(eq(a ** (2 * n), a**n)),
    "induction with n in the base": _inductive(ge((n + 1) ** n, 1 + n**3)),
    "induction of a root of n": _inductive(ge(power(sp.sqrt(n - 1), 2), -1)),
    "induction of 1/n": _inductive(ge((1 / n) ** 2, 0)),
    "induction of log n": _inductive(ge(sp.log(n) ** 2, 0)),
    "induction of x^(n - 2)": _inductive(ge((x ** (n - 2)) ** 2, 0)),
    "induction of a sum": _inductive(eq(sp.Sum(_K, (_K, 0, n)), n * (n + 1) / 2)),
    "induction of a value under its own name": _inductive(eq(Coefficient(a * n, n, _ONE, _Z), a * n)),
    "induction with a step that speaks of n": lambda: claim(
        Entails("known", ge(n**2, n - 1)), Induction("so", ge(1, n), over=n, uses=("known",))
    ),
    "induction of a disjunction": _inductive(either(eq(n, 0), ge(0, n))),
    "induction of sin": _inductive(eq(sp.sin(sp.pi * n / 2), 0)),
    "induction of (-1)^n": _inductive(eq(power(-1, n) * a, a)),
    "induction of x^(n m)": _inductive(ge(x ** (n * m), 0), ge(x)),
    "induction of x^(n^2)": _inductive(ge(x ** (n**2), x**n), gt(x)),
    # instances and citations
    "an instance at a fraction of naturals": lambda: claim(
        Entails("sign", ge(n + 1, 1)),
        Instance("so", ge(n - _HALF, 0), uses=("sign",), of=ge(n + 1, 1), at={n: n - _HALF}),
    ),
    "an instance that exchanges x and y under x > y": lambda: claim(
        Entails("sign", gt(x - y + 1, 1)),
        Instance("so", gt(y - x + 1, 1), uses=("sign",), of=gt(x - y + 1, 1), at={x: y, y: x}), given=(gt(x, y),),
    ),
    "an instance at a text": lambda: claim(
        Entails("sign", ge(x**2)), Instance("so", ge(-1), uses=("sign",), of=ge(x**2), at={x: "I"})
    ),
    "an instance at a float": lambda: claim(
        Entails("sign", ge(x**2)), Instance("so", ge(0.25), uses=("sign",), of=ge(x**2), at={x: 0.5})
    ),
    "an instance of a box outside": lambda: claim(
        Bounded("box", gt(2, x), box={x: (0, 1)}),
        Instance("so", gt(2, x + 1), uses=("box",), of=Bounded("box", gt(2, x), box={x: (0, 1)}).stated, at={x: x + 1}),
    ),
    "an instance of an induction at a letter of another kind": lambda: claim(
        Induction("all", ge(2**n, 1 + n), over=n),
        Instance("so", ge(2**m, 1 + m), uses=("all",), of=ge(2**n, 1 + n), at={n: m}),
    ),
    "a claim cited below its conditions": _cited((gt(x, 1),), gt(x**2, x), {x: y}, gt(y**2, y)),
    "a claim cited at the edge of its conditions": _cited((gt(x),), gt(x**3), {x: y**2}, gt(y**6)),
    "a claim cited at a root": _cited((ge(x),), ge(x**3), {x: sp.sqrt(y)}, ge(y * sp.sqrt(y))),
    "a claim cited for more": _cited((), ge(x**2), {x: y}, gt(y**2)),
    "a claim cited with x and y exchanged": _cited((gt(x, y),), gt(x - y + 1, 1), {x: y, y: x}, gt(y - x + 1, 1)),
    "a claim of naturals cited at a real": _cited((gt(n),), ge(n**2, n), {n: x}, ge(x**2, x)),
    "a claim of naturals cited at a fraction": _cited((gt(n),), ge(n**2, n), {n: _HALF}, ge(_HALF**2, _HALF)),
    "a claim cited at a symbol that it does not have": _cited((), ge(x**2), {y: x}, ge(x)),
    "a claim cited under fewer conditions": _misquoted,
    # monotone and increasing
    "Monotone on two pieces": _moved(
        gt(1 / x**2), implies(gt(0, x), gt(1, -1 / x)), -1 / x, 1 / x**2, either(gt(x, _HALF), gt(-_HALF, x)),
        base=-_ONE, value=_ONE,
    ),
    "Monotone across x^2 > 1": _moved(
        gt(1 + 1 / x**2), implies(gt(x, 1), gt(x - 1 / x, 2)), x - 1 / x, 1 + 1 / x**2, gt(x**2, 1), base=-_ONE * 2,
        value=-sp.Rational(3, 2),
    ),
    "Monotone along an integer": _moved(gt(2 * m + 1), gt(m**2, 5), m**2, 2 * m, along=m),
    "Monotone with a sign at another letter": _moved(gt(y**3), gt(x**3 - x), x**3 - x, 3 * x**2 - 1, gt(y), gt(x)),
    "Monotone with a weak sign": _moved(ge(3 * x**2), implies(ne(x, 0), gt(x**3)), x**3, 3 * x**2),
    "Monotone by a tangent over its poles": _moved(
        ge(1 + sp.tan(x) ** 2, 1), implies(gt(x), gt(sp.tan(x))), sp.tan(x), 1 + sp.tan(x) ** 2, ne(sp.cos(x), 0)
    ),
    "Monotone of |x| from -1": _moved(
        ge(sp.sign(x) ** 2, 1), implies(gt(x), gt(sp.Abs(x), 1)), sp.Abs(x), sp.sign(x), ne(x, 0), base=-_ONE,
        value=_ONE,
    ),
    "Monotone of x^n from 0": _moved(
        ge(n * x ** (n - 1)), implies(gt(x), gt(x**n)), x**n, n * x ** (n - 1), gt(x)
    ),
    "Monotone with a base at infinity": _moved(gt(1 / x**2), gt(-1 / x), -1 / x, 1 / x**2, gt(x), base=sp.oo, value=_Z),
    "Increasing downwards": lambda: claim(increasing("up", x**2, along=x, strict=True), given=(gt(0, x),)),
    "Increasing from the end": lambda: claim(increasing("up", -(x**2), along=x, from_=_ONE), given=(gt(1, x), gt(x))),
    "Increasing over a pole": lambda: claim(
        increasing("up", -1 / x, along=x, from_=-_ONE), given=(ne(x, 0), gt(x, -1))
    ),
    "Increasing strictly where it is flat": lambda: claim(increasing("up", y**2 * x, along=x), given=(gt(x),)),
    "Increasing at its start": lambda: claim(increasing("up", x**3 + x, along=x), given=(ge(x),)),
    "Increasing along an integer": lambda: claim(increasing("up", m**2, along=m), given=(gt(m),)),
    "Increasing with a fraction in another letter": lambda: claim(
        increasing("up", x / y, along=x, strict=False), given=(ge(x), ge(y))
    ),
    "Increasing of a root from below 0": lambda: claim(
        increasing("up", sp.sqrt(x), along=x, from_=-_ONE, strict=False), given=(gt(x),)
    ),
    "Increasing of Max": lambda: claim(increasing("up", sp.Max(x, 0), along=x, from_=-_ONE), given=(gt(x, -1),)),
    "Increasing of sign": lambda: claim(increasing("up", -sp.sign(x), along=x, strict=False), given=(gt(x),)),
    # quantifiers and ranges
    "there is a largest number": entailed(implies(gt(x, y), gt(y, x)), gt(x, y)),
    "a product is 1 for some y": entailed(implies(ne(x, 0), eq(x * y, 1))),
    "n is even or odd by m": entailed(either(eq(n, 2 * m), eq(n, 2 * m + 1))),
    "n is a sum of two squares": entailed(eq(n, m**2 + _J**2), ge(n, m**2)),
    "whole and between": entailed(either(eq(m, 0), eq(m, 1)), gt(m, -1), gt(3, m)),
    "m^2 is not 4": entailed(ne(m**2, 4)),
    "m/2 is whole": entailed(either(eq(m / 2, n), eq(m / 2, -n))),
    "m^2 >= 2m": entailed(ge(m**2, 2 * m)),
    "n^3 >= 4 n^2 - 4": entailed(ge(n**3, 4 * n**2 - 4)),
    "2^n >= n^2": _inductive(ge(2**n, n**2)),
    "n < 2^n - 1": entailed(gt(2**n, n + 1)),
}  # fmt: skip
