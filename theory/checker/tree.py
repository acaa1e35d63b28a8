"""Formulas as nested tuples `(head, *arguments)`, read from JSON through a whitelist.

The leaves: `("Symbol", name, assumptions)` with assumptions a tuple of (name, bool) pairs, `("Rational", Fraction)`,
`("Boolean", bool)`, `("Prop", name, text)`, `("str", text)`, and the constants, such as `("Pi",)`. An unknown function
is `("Function", name, *arguments)`. What binds a variable x has it in second place, one variable a node:
`("Derivative", f, x, order)`, `("Subs", f, x, at)`, `("Coefficient", f, x, at, order)`, `("Limit", f, x, at, side)`,
`("Integral", f, x, from, to)` and `("Sum", f, x, from, to)`. Every other node is its head followed by trees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

Tree = tuple[Any, ...]

RELATIONS = frozenset({"Equality", "Unequality", "StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"})
KINDS = frozenset({"real", "integer", "nonnegative", "positive"})  # what symbols are declared to be; 1 is of each
CONSTANTS = frozenset({"Pi", "Exp1", "Infinity", "NegativeInfinity", "ImaginaryUnit"})
LEAVES = frozenset({"Symbol", "Rational", "Boolean", "Prop", "str"})
BINDERS = frozenset({"Derivative", "Subs", "Coefficient", "Limit", "Integral", "Sum"})
_ONE = ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "Abs", "sign", "erf",
        "erfi", "factorial", "floor", "asinh", "acosh", "atanh", "Not", "Identity")  # fmt: skip
_MANY = ("Add", "Mul", "Max", "Min", "And", "Or", "Piecewise", "Tuple", "Derivative", "Integral", "Sum")
# How many arguments a node has, at least and at most.
_ARITY = {
    **dict.fromkeys(CONSTANTS, (0, 0)), **dict.fromkeys(_ONE, (1, 1)), **dict.fromkeys(_MANY, (1, 10_000)),
    "Tuple": (0, 10_000),
    **dict.fromkeys(("Pow", "Implies", "Equivalent", "ExprCondPair", *RELATIONS), (2, 2)),
    **dict.fromkeys(("Subs", "hyper", "MatrixSymbol"), (3, 3)), **dict.fromkeys(("Limit", "Coefficient"), (4, 4)),
    "Function": (1, 10_000),
}  # fmt: skip
_MAX_DEPTH = 200
_RATIONAL = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")


class Damaged(ValueError):
    """Data that is no formula, or two formulas that do not fit together; the message says what is wrong."""


def parse(data: Any) -> Tree:
    """The tree of a formula as the ledger serialises it.

    Returns:
        Nested tuples, the node's name first; numbers are Fractions.

    Raises:
        Damaged: for a node outside the whitelist or of another shape, and for nesting deeper than 200.
    """
    return _parse(data, 0)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The arguments that are trees."""
    return () if tree[0] in LEAVES else tree[2:] if tree[0] == "Function" else tree[1:]


@lru_cache(maxsize=10_000)
def symbols(tree: Tree) -> frozenset[str]:
    """The names of the free symbols. The variable of a Derivative is free, that of the other binders is not."""
    if tree[0] == "Symbol":
        return frozenset({tree[1]})
    if tree[0] in BINDERS and tree[0] != "Derivative":
        return (symbols(tree[1]) - {tree[2][1]}).union(*map(symbols, tree[3:]))
    return frozenset[str]().union(*map(symbols, children(tree)))


def is_whole(tree: Tree) -> bool:
    """Whether an expression is an integer by its form: sums, products and natural powers of integers."""
    if tree[0] in ("Add", "Mul"):
        return all(map(is_whole, tree[1:]))
    if tree[0] == "Pow":
        return is_whole(tree[1]) and tree[2][0] == "Rational" and is_whole(tree[2]) and bool(tree[2][1] >= 0)
    if tree[0] == "Rational":
        return bool(tree[1].denominator == 1)
    return tree[0] == "Symbol" and ("integer", True) in tree[2]


def assumptions(*trees: Tree) -> dict[str, frozenset[str]]:
    """For each symbol, bound or free, what it is declared to be, such as `{"integer", "nonnegative"}`.

    Returns:
        Symbol's name -> the words of its declaration that are true.

    Raises:
        Damaged: if two symbols of one name are declared differently.
    """
    known: dict[str, Tree] = {}
    todo = list(trees)
    while todo:
        tree = todo.pop()
        if tree[0] == "Symbol" and known.setdefault(tree[1], tree[2]) != tree[2]:
            raise Damaged(f"two symbols are named {tree[1]!r} and declared differently; rename one")
        todo += children(tree)
    return {name: frozenset(word for word, _ in said) for name, said in known.items()}


def substitute(tree: Tree, values: Mapping[str, Tree]) -> Tree:
    """The tree with a tree put for each free symbol that is named, simultaneously.

    A derivative keeps its variable: f'(x) at x = p becomes `("Subs", ("Derivative", f, x, 1), x, p)`.

    Returns:
        The new tree; the old one if none of the symbols occurs in it.

    Raises:
        Damaged: if a bound variable would capture a symbol of what is put in.
    """
    if tree[0] == "Symbol":
        return values.get(tree[1], tree)
    values = {name: value for name, value in values.items() if name in symbols(tree)}
    if not values:
        return tree
    if tree[0] not in BINDERS:
        parts = children(tree)
        return (*tree[: len(tree) - len(parts)], *(substitute(part, values) for part in parts))
    head, body, variable, *rest = tree
    inner = {name: value for name, value in values.items() if name != variable[1] and name in symbols(body)}
    if any(variable[1] in symbols(value) for value in inner.values()):
        raise Damaged(f"the variable {variable[1]!r} of a {head} would capture a symbol put in; rename it")
    result: Tree = (head, substitute(body, inner), variable, *(substitute(part, values) for part in rest))
    moved = head == "Derivative" and variable[1] in values
    return ("Subs", result, variable, values[variable[1]]) if moved else result


def _parse(data: Any, depth: int) -> Tree:
    if depth > _MAX_DEPTH:
        raise Damaged(f"a formula is nested deeper than {_MAX_DEPTH}")
    if isinstance(data, bool):
        return ("Boolean", data)
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise Damaged(f"expected a list that starts with a node's name, got {str(data)[:60]!r}")
    head, *rest = data
    if head in LEAVES:
        return _leaf(head, rest)
    if head not in _ARITY:
        raise Damaged(f"no node is called {head[:60]!r}")
    name = rest[:1] if head == "Function" else []
    if not all(isinstance(part, str) for part in name):
        raise Damaged(f"an unknown function has a name, not {str(name)[:60]}")
    args = [_parse(part, depth + 1) for part in rest[len(name) :]]
    least, most = _ARITY[head]
    if not least <= len(args) <= most:
        raise Damaged(f"a {head} has {least} to {most} arguments, not {len(args)}")
    return _bind(head, args) if head in BINDERS else (head, *name, *args)


def _leaf(head: str, rest: list[Any]) -> Tree:
    match head, rest:
        case "Symbol", [str(name), dict(said)] if (
            said and said.keys() <= KINDS and all(holds is True for holds in said.values())
        ):
            return _symbol(name, tuple(said.items()))
        case "Rational", [str(text)] if (value := number(text)) is not None:
            return ("Rational", value)
        case ("Prop", [str(), str()]) | ("str", [str()]):
            return (head, *rest)
    raise Damaged(f"a damaged {head}: {str(rest)[:60]}")


@lru_cache(maxsize=1024)  # a certificate names the same few symbols and numbers again and again
def _symbol(name: str, said: tuple[tuple[str, bool], ...]) -> Tree:
    return ("Symbol", name, tuple(sorted(said)))


@lru_cache(maxsize=1024)
def number(text: str) -> Fraction | None:
    """The rational number that a text is, such as 7 or -7/3, in ASCII; None for any other text."""
    return Fraction(text) if _RATIONAL.fullmatch(text) else None


def _bind(head: str, args: list[Tree]) -> Tree:
    """A node that binds variables, as nested nodes with one variable each: the first is the innermost."""
    match head, args:
        case ("Coefficient" | "Limit", [body, variable, *rest]) | (
            "Subs",
            [body, ("Tuple", variable), ("Tuple", *rest)],
        ) if len(rest) == {"Coefficient": 2, "Limit": 2, "Subs": 1}[head]:
            turns = [(variable, *rest)]
        case (_, [body, *tuples]) if all(t[0] == "Tuple" and len(t) == 3 + (head != "Derivative") for t in tuples):
            turns = [t[1:] for t in tuples]
        case _:
            raise Damaged(f"a {head} with other arguments than this version reads")
    for turn in turns:
        if turn[0][0] != "Symbol":
            raise Damaged(f"a {head} binds a symbol, not a {turn[0][0]}")
        body = (head, body, *turn)
    return body
