"""Random formulas of the analyser's grammar, each with a reading of its own: values with an error, as it is written.

The reading shares no code with the parser: it follows the tree that the text was printed from, in mpmath's arithmetic,
and carries a bound of the error, so that it can say "no value here, or not smooth" at a point known by an enclosure.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import mpf

DIGITS = 80


class NoValue(ValueError):
    """The formula has no real value at the point, or the error does not tell that it has one."""


class Rough(ValueError):
    """A fractional power or a kink has an argument that cannot be told from zero."""


class Unsure(ValueError):
    """The numbers are too large for this arithmetic."""


@dataclass(frozen=True)
class Number:
    """A value and a bound of its error."""

    value: mpf
    error: mpf

    def sure(self, refusal):
        """Itself, if its sign is certain."""
        if abs(self.value) <= 4 * self.error:
            raise refusal("cannot be told from zero")
        return self


@dataclass(frozen=True)
class Formula:
    """Text, and the value at a point: a dict of Numbers."""

    text: str
    at: Callable[[dict[str, Number]], Number]


def _rounded(value, error):
    return Number(value, error + abs(value) * mpf(10) ** (5 - DIGITS))


def _plus(a, b):
    return _rounded(a.value + b.value, a.error + b.error)


def _times(a, b):
    return _rounded(a.value * b.value, abs(a.value) * b.error + (abs(b.value) + b.error) * a.error)


def _over(a, b):
    b = b.sure(NoValue)
    return _times(a, _rounded(1 / b.value, 2 * b.error / b.value**2))


def _power(a, exponent):
    if exponent == int(exponent):
        result = Number(mpf(1), mpf(0))
        for _ in range(abs(int(exponent))):
            result = _times(result, a)
        return result if exponent >= 0 else _over(Number(mpf(1), mpf(0)), result)
    if a.sure(Rough if exponent > 0 else NoValue).value < 0:
        raise NoValue("a fractional power of a negative number")
    value = a.value**exponent
    return _rounded(value, 2 * abs(exponent * value / a.value) * a.error)


def _call(function, slope):
    """A smooth function; slope bounds |f'| near the value."""

    def apply(a):
        if abs(a.value) > 10**6 or a.error > 1:
            raise Unsure("too large to be compared")
        return _rounded(function(a.value), slope(a.value) * a.error * 2)

    return apply


def _log(a):
    if a.sure(NoValue).value < 0:
        raise NoValue("the logarithm of a negative number")
    return _rounded(mpmath.log(a.value), 2 * a.error / a.value)


def _tan(a):
    sine, cosine = FUNCTIONS["sin"](a), FUNCTIONS["cos"](a)
    return _over(sine, cosine)


def _sided(choose):
    """abs and relu: certain of their side."""
    return lambda a: choose(a.sure(Rough))


FUNCTIONS = {
    "exp": _call(mpmath.exp, mpmath.exp),
    "log": _log,
    "sqrt": lambda a: _power(a, mpf(1) / 2),
    "sin": _call(mpmath.sin, lambda v: mpf(1)),
    "cos": _call(mpmath.cos, lambda v: mpf(1)),
    "tan": _tan,
    "tanh": _call(mpmath.tanh, lambda v: mpf(1)),
    "sigmoid": _call(lambda v: 1 / (1 + mpmath.exp(-v)), lambda v: mpf(1)),
    "softplus": _call(lambda v: mpmath.log1p(mpmath.exp(v)), lambda v: mpf(1)),
    "abs": _sided(lambda a: Number(abs(a.value), a.error)),
    "relu": _sided(lambda a: a if a.value > 0 else Number(mpf(0), mpf(0))),
}


def _extreme(larger):
    def choose(a, b):
        difference = _plus(a, Number(-b.value, b.error)).sure(Rough)
        return a if (difference.value > 0) == larger else b

    return choose


PAIRS = {
    "{}+{}": _plus,
    "{} - {}": lambda a, b: _plus(a, Number(-b.value, b.error)),
    "{}*{}": _times,
    "{}/{}": _over,
    "max({},{})": _extreme(True),
    "min({}, {})": _extreme(False),
}
CONSTANTS = ("0", "1", "2", "3", "0.5", "7", "1.25", "00", "1e-3", "pi")
EXTREMES = ("1e-30", "1e20", "1e60", "123456789.123456789", "1e-60", "0.1")
EXPONENTS = (
    "2",
    "2",
    "2",
    "3",
    "4",
    "0",
    "1",
    "-1",
    "-2",
    "0.5",
    "1.5",
    "2.5",
    "(1/3)",
    "(4/3)",
    "-0.5",
    "0.75",
    "(-2/3)",
    "(-1)",
)


def random_formula(rng: random.Random) -> Formula:
    """A formula in one to three variables, now and then with numbers of extreme size."""
    names = rng.choice(["x", "x", "x", "xy", "xy", "xyz"])
    extreme = rng.random() < 0.1
    return _grown(rng, names, rng.choice([2, 3, 3, 4]), extreme)


def damaged(rng: random.Random, text: str) -> str:
    """The text with one or two characters removed, doubled or replaced: near to the grammar, mostly outside."""
    for _ in range(rng.randint(1, 2)):
        k = rng.randrange(len(text) + 1)
        text = text[:k] + rng.choice(["", text[k : k + 1] * 2, rng.choice("xy0.1e()*+-/, ^")]) + text[k + 1 :]
    return text


def _grown(rng, names, depth, extreme):
    if depth == 0 or rng.random() < 0.1:
        return _leaf(rng, names, extreme)
    kind = rng.choices(["pair", "power", "call", "minus"], [10, 4, 4, 1])[0]
    inner = _grown(rng, names, depth - 1, extreme)
    if kind == "minus":
        return Formula(f"(-({inner.text}))", lambda p: Number(-(v := inner.at(p)).value, v.error))
    if kind == "power":
        exponent = rng.choice(EXPONENTS)
        number = mpf_of(exponent)
        return Formula(f"({inner.text})**{exponent}", lambda p: _power(inner.at(p), number))
    if kind == "call":
        name = rng.choice(list(FUNCTIONS))
        return Formula(f"{name}({inner.text})", lambda p: FUNCTIONS[name](inner.at(p)))
    pattern = rng.choices(list(PAIRS), [6, 4, 6, 4, 1, 1])[0]
    other = _grown(rng, names, depth - 1, extreme)
    text = pattern.format(*(f"({e.text})" if not e.text.isalnum() else e.text for e in (inner, other)))
    return Formula(text, lambda p: PAIRS[pattern](inner.at(p), other.at(p)))


def mpf_of(exponent: str) -> mpf:
    """The number that an exponent of the list stands for, to all digits."""
    with mpmath.workdps(DIGITS):
        up, _, down = exponent.strip("()").partition("/")
        return mpf(up) / mpf(down or 1)


def _leaf(rng, names, extreme):
    if rng.random() < 0.65:
        name = rng.choice(names)
        return Formula(name, lambda p: p[name])
    text = rng.choice(EXTREMES if extreme and rng.random() < 0.5 else CONSTANTS)

    def constant(_):
        with mpmath.workdps(DIGITS):
            return _rounded(+mpmath.pi if text == "pi" else mpf(text), mpf(0))

    return Formula(text, constant)
