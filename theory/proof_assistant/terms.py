"""Trees of the checker as Coq terms over the real numbers, one node to one construct, for people to read.

Symbols are `R`, or `nat` where they stand for natural numbers; in a term a natural number n is `INR n`, and in an
exponent it is n. What Coq's libraries have no word for is refused by name: nothing is left out or replaced.
"""

from __future__ import annotations

import re
from fractions import Fraction

from saddlecheck.theory.checker.tree import Tree, children, substitute, symbols
from saddlecheck.theory.errors import Untranslatable

ZERO, ONE = ("Rational", Fraction(0)), ("Rational", Fraction(1))
_CALLS = {"exp": "exp", "log": "ln", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
          "tanh": "tanh", "atan": "atan", "asin": "asin", "acos": "acos", "Abs": "Rabs", "sign": "sign",
          "erf": "erf", "erfi": "erfi"}  # fmt: skip
_RELATIONS = {"Equality": "=", "Unequality": "<>", "StrictLessThan": "<", "LessThan": "<=",
              "StrictGreaterThan": ">", "GreaterThan": ">="}  # fmt: skip
# How tightly Coq's notations bind: what stands under a tighter one gets parentheses.
_CALL, _POWER, _OPPOSITE, _PRODUCT, _SUM, _RELATION, _NOT, _AND, _OR, _IFF, _ARROW = range(11)
# Words of Coq, and names of its libraries that a formula may use: a symbol of that name gets an underscore.
_TAKEN = frozenset({
    "fun", "forall", "exists", "let", "in", "if", "then", "else", "match", "with", "end", "as", "at", "by", "fix",
    "cofix", "return", "Type", "Prop", "Set", "where", "for", "using", "R", "INR", "IZR", "pow", "sqrt", "ln",
    "PI", "Rabs", "Rmax", "Rmin", "Rpower", "fact", "Derive", "Derive_n", "erf", "erfi", "sign", "I", "O", "S",
    "exp", "sin", "cos", "tan",
})  # fmt: skip


def name(symbol: str) -> str:
    """A symbol's name, or any words, as an identifier of Coq."""
    words = symbol.replace("'", "_prime").replace("_+", "_plus").replace("_-", "_minus")
    plain = re.sub(r"\W|^(?=\d)", "_", words, flags=re.ASCII)
    return (
        plain + "_"
        if plain in _TAKEN or re.fullmatch(r"(given|used|there|cited|needed|opaque|other|h)_.*|[aefpsx]_\d+", plain)
        else plain
    )


def is_natural(symbol: Tree) -> bool:
    """Whether a symbol stands for natural numbers."""
    return {"integer", "nonnegative"} <= {word for word, holds in symbol[2] if holds}


def sort(symbol: Tree) -> str:
    """The Coq type of a symbol. Raises Untranslatable for one that is neither real nor natural."""
    said = {word for word, holds in symbol[2] if holds}
    if is_natural(symbol):
        return "nat"
    if said != {"real"}:
        raise Untranslatable(f"the symbol {symbol[1]} is {' '.join(sorted(said)) or 'undeclared'}")
    return "R"


def term(tree: Tree) -> str:
    """A term of the real numbers, in no parentheses."""
    return _term(tree)[0]


def formula(tree: Tree) -> str:
    """A formula, in no parentheses."""
    return _formula(tree)[0]


def premise(tree: Tree) -> str:
    """A formula that can stand to the left of an arrow."""
    return _within(_formula(tree), _IFF)


def conjunction(parts: list[str]) -> str:
    """The parts, each in parentheses, joined by "and"."""
    return " /\\ ".join(f"({part})" for part in parts)


def function(body: Tree, variable: Tree) -> str:
    """The function of a variable, in parentheses."""
    return f"(fun {name(variable[1])} : {sort(variable)} => {term(body)})"


def is_regular(body: Tree, variable: Tree, at: Tree) -> bool:
    """Whether no denominator vanishes identically at the point, so that the value there is no limit."""
    from saddlecheck.theory.checker import algebra

    inverted = body[0] == "Pow" and body[2][0] == "Rational" and body[2][1] < 0 and variable[1] in symbols(body[1])
    if inverted and algebra.identical(substitute(body[1], {variable[1]: at}), ZERO, []).proved:
        return False
    return all(is_regular(part, variable, at) for part in children(body))


def _within(shown: tuple[str, int], level: int) -> str:
    text, own = shown
    return text if own <= level else f"({text})"


def _term(tree: Tree) -> tuple[str, int]:
    head, *args = tree
    if head == "Rational":
        return _number(args[0])
    if head == "Symbol":
        return (f"INR {name(args[0])}", _CALL) if sort(tree) == "nat" else (name(args[0]), _CALL - 1)
    if head == "Pi":
        return "PI", _CALL - 1
    if head == "Exp1":
        return "exp 1", _CALL
    if head == "Add":
        return _sum(args)
    if head == "Mul":
        return _product(args)
    if head == "Pow":
        return _power(*args)
    if head in _CALLS:
        return f"{_CALLS[head]} {_within(_term(args[0]), _CALL - 1)}", _CALL
    if head in ("Max", "Min") and args:
        first, *rest = args
        if not rest:
            return _term(first)
        parts = (_within(_term(first), _CALL - 1), _within(_term((head, *rest)), _CALL - 1))
        return f"R{head.lower()} {parts[0]} {parts[1]}", _CALL
    if head == "Derivative":
        return _derivative(*args)
    if head == "Coefficient":
        return _coefficient(*args)
    raise Untranslatable(f"the term {head}")


def _number(value: Fraction) -> tuple[str, int]:
    if value < 0:
        text, level = _number(-value)
        return (f"-{text}" if level < _CALL else f"- ({text})"), _OPPOSITE
    return (str(value), _CALL - 1) if value.denominator == 1 else (f"{value.numerator} / {value.denominator}", _PRODUCT)


def _sum(args: list[Tree]) -> tuple[str, int]:
    text = ""
    for arg in args:
        opposite = _opposite(arg)
        sign, part = ("-", opposite) if opposite is not None and text else ("+", arg)
        shown = _within(_term(part), _PRODUCT)
        text = f"{text} {sign} {shown}" if text else shown
    return text or "0", _SUM if len(args) > 1 else _PRODUCT


def _opposite(tree: Tree) -> Tree | None:
    """What is subtracted, of a term with a minus sign in front."""
    if tree[0] == "Rational" and tree[1] < 0:
        return ("Rational", -tree[1])
    if tree[0] == "Mul" and tree[1][0] == "Rational" and tree[1][1] < 0:
        rest = tree[2:]
        return (
            ("Mul", ("Rational", -tree[1][1]), *rest)
            if tree[1][1] != -1
            else rest[0]
            if len(rest) == 1
            else ("Mul", *rest)
        )
    return None


def _product(args: list[Tree]) -> tuple[str, int]:
    text = ""
    if args and args[0] == ("Rational", Fraction(-1)) and len(args) > 1:
        body, level = _product(args[1:]) if len(args) > 2 else _term(args[1])
        return ("- " + (body if level < _OPPOSITE else f"({body})")), _OPPOSITE
    for arg in args:
        if (inverted := _inverted(arg)) is not None and text:
            text = f"{text} / {_within(_term(inverted), _OPPOSITE - 1)}"
        else:
            shown = _within(_term(arg), _PRODUCT if not text else _OPPOSITE - 1)
            text = f"{text} * {shown}" if text else shown
    return text or "1", _PRODUCT


def _inverted(tree: Tree) -> Tree | None:
    """b^k of 1/b^k."""
    if tree[0] == "Pow" and tree[2][0] == "Rational" and tree[2][1] < 0:
        return tree[1] if tree[2][1] == -1 else ("Pow", tree[1], ("Rational", -tree[2][1]))
    return None


def _power(base: Tree, exponent: Tree) -> tuple[str, int]:
    if exponent[0] != "Rational":
        if (natural := _natural(exponent)) is not None:
            return f"{_within(_term(base), _CALL)} ^ {_within(natural, _CALL - 1)}", _POWER
        return f"Rpower {_within(_term(base), _CALL - 1)} {_within(_term(exponent), _CALL - 1)}", _CALL
    value = exponent[1]
    if value < 0:
        return f"/ {_within(_term(_inverted(('Pow', base, exponent)) or base), _POWER)}", _OPPOSITE
    if value.denominator == 1:
        return f"{_within(_term(base), _CALL)} ^ {value.numerator}", _POWER
    if value.denominator == 2:
        root = f"sqrt {_within(_term(base), _CALL - 1)}"
        return (root, _CALL) if value.numerator == 1 else (f"{root} ^ {value.numerator}", _POWER)
    raise Untranslatable(f"the exponent {value}")


def _natural(tree: Tree) -> tuple[str, int] | None:
    """A sum or product of natural numbers, as a term of `nat`; None if it is none."""
    head, *args = tree
    if head == "Symbol" and is_natural(tree):
        return name(args[0]), _CALL - 1
    if head == "Rational" and args[0].denominator == 1 and args[0] >= 0:
        return str(args[0]), _CALL - 1
    if head in ("Add", "Mul"):
        parts = [_natural(arg) for arg in args]
        level = _SUM if head == "Add" else _PRODUCT
        if all(part is not None for part in parts):
            return (" + " if head == "Add" else " * ").join(_within(p, level - 1) for p in parts if p), level
    return None


def _derivative(body: Tree, variable: Tree, order: Tree) -> tuple[str, int]:
    if order[0] != "Rational" or order[1].denominator != 1 or sort(variable) != "R":
        raise Untranslatable("a derivative whose order is no number, or by a symbol that is not real")
    if order == ONE:
        return f"Derive {function(body, variable)} {name(variable[1])}", _CALL
    return f"Derive_n {function(body, variable)} {order[1]} {name(variable[1])}", _CALL


def _coefficient(body: Tree, variable: Tree, at: Tree, order: Tree) -> tuple[str, int]:
    if sort(variable) == "nat":
        if (place := _natural(at)) is None or order != ZERO:
            raise Untranslatable("a value at what is no natural number")
        return f"value_at_natural {function(body, variable)} {_within(place, _CALL - 1)}", _CALL
    place = _within(_term(at), _CALL - 1), 0
    if order[0] != "Rational":
        raise Untranslatable("a Taylor coefficient whose order is no number")
    if is_regular(body, variable, at):
        return f"coefficient {function(body, variable)} {order[1]} {place[0]}", _CALL
    if order == ZERO:
        return f"limit {function(body, variable)} {place[0]}", _CALL
    raise Untranslatable("a Taylor coefficient at a removable singularity")


def _formula(tree: Tree) -> tuple[str, int]:
    head, *args = tree
    if head in _RELATIONS:
        left, right = (_within(_term(arg), _SUM) for arg in args)
        return f"{left} {_RELATIONS[head]} {right}", _RELATION
    if head == "Boolean":
        return str(args[0]), _CALL - 1
    if head == "Not":
        return f"~ ({formula(args[0])})", _NOT
    if head in ("And", "Or"):
        word, level = ("/\\", _AND) if head == "And" else ("\\/", _OR)
        if not args:
            return str(head == "And"), _CALL - 1
        return f" {word} ".join(_within(_formula(arg), _RELATION) for arg in args), level if len(args) > 1 else _ARROW
    if head == "Implies":
        return f"{_within(_formula(args[0]), _OR)} -> {_within(_formula(args[1]), _ARROW)}", _ARROW
    if head == "Equivalent":
        return f"{_within(_formula(args[0]), _OR)} <-> {_within(_formula(args[1]), _OR)}", _IFF
    raise Untranslatable(f"the formula {head}" + (f" ({args[0]})" if head == "Prop" else ""))
