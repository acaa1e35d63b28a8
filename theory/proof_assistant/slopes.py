"""Derivatives of trees by a symbol, as Coq's own rules for derivatives give them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from saddlecheck.theory.checker.tree import Tree, symbols
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant.terms import ONE, ZERO

_TWO, _HALF, _MINUS = ("Rational", Fraction(2)), ("Rational", Fraction(1, 2)), ("Rational", Fraction(-1))


def slope(tree: Tree, x: str) -> Tree:
    """Return the derivative by the symbol x, wherever the tree is smooth in it.

    Raises:
        Untranslatable: a part that has no rule.
    """
    if x not in symbols(tree):
        return ZERO
    head, *args = tree
    if head == "Symbol":
        return ONE
    if head == "Add":
        return add([slope(arg, x) for arg in args])
    if head == "Mul":
        return add(
            [multiply([slope(arg, x) if i == k else arg for i, arg in enumerate(args)]) for k in range(len(args))]
        )
    if head == "Pow" and args[1][0] == "Rational":
        lower = args[1][1] - 1
        power = args[0] if lower == 1 else ("Pow", args[0], ("Rational", lower))
        return multiply([args[1], *([power] if lower else []), slope(args[0], x)])
    if head not in _OUTER:
        raise Untranslatable(f"a derivative of {head}")
    return multiply([_OUTER[head](tree), slope(args[0], x)])


def _power(base: Tree, exponent: int) -> Tree:
    return ("Pow", base, ("Rational", Fraction(exponent)))


def _gauss(sign: Fraction) -> Callable[[Tree], Tree]:
    """The derivative of erf or erfi."""
    return lambda t: (
        "Mul",
        _TWO,
        ("Pow", ("Pi",), ("Rational", Fraction(-1, 2))),
        ("exp", ("Mul", ("Rational", sign), _power(t[1], 2))),
    )


_OUTER: dict[str, Callable[[Tree], Tree]] = {
    "exp": lambda t: t,
    "log": lambda t: _power(t[1], -1),
    "sin": lambda t: ("cos", t[1]),
    "cos": lambda t: ("Mul", _MINUS, ("sin", t[1])),
    "sinh": lambda t: ("cosh", t[1]),
    "cosh": lambda t: ("sinh", t[1]),
    "Abs": lambda t: ("sign", t[1]),
    "erf": _gauss(Fraction(-1)),
    "erfi": _gauss(Fraction(1)),
}


def add(parts: list[Tree]) -> Tree:
    """A sum without zeros."""
    parts = [part for part in parts if part != ZERO]
    return ZERO if not parts else parts[0] if len(parts) == 1 else ("Add", *parts)


def multiply(parts: list[Tree]) -> Tree:
    """A product without ones; 0 if a factor is."""
    if ZERO in parts:
        return ZERO
    parts = [part for part in parts if part != ONE]
    return ONE if not parts else parts[0] if len(parts) == 1 else ("Mul", *parts)
