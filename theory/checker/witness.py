"""Values of formulas at rational points and on boxes: exact fractions as far as they go, Arb's balls beyond."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import flint

from saddlecheck.theory.checker.tree import Tree, assumptions, children, is_whole

Number = Any  # a Fraction, or an Arb ball
_COMPARE = {"Equality": operator.eq, "Unequality": operator.ne, "StrictLessThan": operator.lt,
            "LessThan": operator.le, "StrictGreaterThan": operator.gt, "GreaterThan": operator.ge}  # fmt: skip
_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "erfi")
_BITS = (64, 256, 1024)
_BOXES = 6_000
_LARGEST = 1_000  # exponent of a power that is multiplied out, and bits of the base of an exact one


class Undecided(ValueError):
    """A value that does not exist, or that these arithmetics do not give."""


def inadmissible(point: Mapping[str, Fraction], *formulas: Tree) -> str:
    """Why a point gives a symbol a value that it is not declared to take; empty if there is nothing against it."""
    for name, said in assumptions(*formulas).items():
        value = point.get(name, Fraction(1))
        holds = {"real": True, "integer": value.denominator == 1, "nonnegative": value >= 0, "positive": value > 0}
        if wrong := [word for word in said if not holds[word]]:
            return f"{name} = {value} is not {wrong[0]}"
    return ""


def exact_part(statement: Tree) -> Tree:
    """A conjunction without its propositions in words: a point at which the rest is false refutes the whole."""
    parts = [part for part in statement[1:] if part[0] != "Prop"] if statement[0] == "And" else []
    return ("And", *parts) if parts else statement


def truth(formula: Tree, point: Mapping[str, Number]) -> bool | None:
    """Whether a formula is true at a point; None where a value in it does not exist or is too close to tell."""
    for bits in _BITS:
        try:
            with flint.ctx.workprec(bits):
                return _truth(formula, point)
        except Undecided:
            continue
    return None


def fails_on(inequality: Tree, box: Mapping[str, tuple[Fraction, Fraction]]) -> str:
    """Why a strict inequality was not found to hold on a whole box, by bisection; empty if it holds."""
    if inequality[0] not in ("StrictLessThan", "StrictGreaterThan"):
        return "a strict inequality is needed"
    todo = [dict(box)]
    for _ in range(_BOXES):
        if not todo:
            return ""
        piece = todo.pop()
        balls = {name: _ball(low).union(_ball(high)) for name, (low, high) in piece.items()}
        if truth(inequality, balls):
            continue
        widest = max(piece, key=lambda name: piece[name][1] - piece[name][0])
        low, high = piece[widest]
        todo += [{**piece, widest: (low, (low + high) / 2)}, {**piece, widest: ((low + high) / 2, high)}]
    return f"not settled by {_BOXES} boxes"


def _truth(formula: Tree, point: Mapping[str, Number]) -> bool:
    head, *parts = formula
    if head == "Boolean":
        return bool(parts[0])
    if head in _COMPARE:
        difference = _sum(_value(parts[0], point), _times(Fraction(-1), _value(parts[1], point)))
        return bool(_COMPARE[head](_sign(difference), 0))
    if head not in ("Not", "And", "Or", "Implies", "Equivalent"):
        raise Undecided(f"{head} has no truth value")
    values = [_truth(part, point) for part in parts]
    if head in ("And", "Or"):
        return all(values) if head == "And" else any(values)
    return not values[0] if head == "Not" else values[0] <= values[1] if head == "Implies" else values[0] == values[1]


def _value(tree: Tree, point: Mapping[str, Number]) -> Number:
    head = tree[0]
    if head == "Rational" or (head == "Symbol" and tree[1] in point):
        return tree[1] if head == "Rational" else point[tree[1]]
    if head in ("Pi", "Exp1"):
        return flint.arb.pi() if head == "Pi" else flint.arb.const_e()
    if head == "Piecewise":
        for _, branch, condition in children(tree):
            if _truth(condition, point):
                return _value(branch, point)
    if head not in (*_FUNCTIONS, "Add", "Mul", "Pow", "Abs", "sign", "Max", "Min"):
        raise Undecided(f"no value is known for {head}")
    parts = [_value(part, point) for part in children(tree)]
    if head in ("Add", "Mul", "Max", "Min"):
        return reduce({"Add": _sum, "Mul": _times, "Max": _larger, "Min": _smaller}[head], parts)
    if head == "Pow":
        return _power(*parts, by_form=tree[2][0] == "Rational" or is_whole(tree[2]))
    if head in ("Abs", "sign"):
        return abs(parts[0]) if head == "Abs" else Fraction(_sign(parts[0]))
    return _finite(getattr(_ball(parts[0]), head)())


def _ball(number: Number) -> Any:
    return flint.arb(flint.fmpq(number.numerator, number.denominator)) if isinstance(number, Fraction) else number


def _finite(ball: Any) -> Any:
    if not ball.is_finite():
        raise Undecided("a value does not exist there")
    return ball


def _both(a: Number, b: Number) -> tuple[Number, Number]:
    return (a, b) if isinstance(a, Fraction) and isinstance(b, Fraction) else (_ball(a), _ball(b))


def _sum(a: Number, b: Number) -> Number:
    return operator.add(*_both(a, b))


def _times(a: Number, b: Number) -> Number:
    return operator.mul(*_both(a, b))


def _larger(a: Number, b: Number) -> Number:
    a, b = _both(a, b)
    return max(a, b) if isinstance(a, Fraction) else a.max(b)


def _smaller(a: Number, b: Number) -> Number:
    return -_larger(-a, -b)


def _sign(number: Number) -> int:
    positive, negative = number > 0, number < 0
    if not (positive or negative or number == 0):
        raise Undecided("a value is too close to 0 to tell its sign")
    return int(positive) - int(negative)


def _power(base: Number, exponent: Number, *, by_form: bool) -> Number:
    """A power. by_form: its exponent is a number, or whole by its form; else the base has to be positive."""
    if not by_form and _sign(base) <= 0:
        raise Undecided("a power that is not real there")
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and abs(exponent) <= _LARGEST:
        if exponent < 0 and _sign(base) == 0:
            raise Undecided("a division by 0")
        if isinstance(base, Fraction) and abs(base.numerator) * base.denominator < 2**_LARGEST:
            return base ** int(exponent)
        return _whole(_ball(base), int(exponent))
    if _sign(base) < 0 or (_sign(base) == 0 and _sign(exponent) <= 0):
        raise Undecided("a power that is not real there")
    if isinstance(base, Fraction) and exponent == Fraction(1, 2):
        roots = [flint.fmpz(part).isqrt() for part in (base.numerator, base.denominator)]
        if (root := Fraction(int(roots[0]), int(roots[1]))) ** 2 == base:
            return root
    return _finite(_ball(base) ** _ball(exponent))


def _whole(base: Any, exponent: int) -> Any:
    """A ball to an integer power, by squaring: Arb's own power of a ball around 0 has no value."""
    if exponent < 0:
        return _finite(1 / _whole(base, -exponent))
    result = flint.arb(1)
    for bit in bin(exponent)[2:]:
        result = result * result * (base if bit == "1" else 1)
    return result
