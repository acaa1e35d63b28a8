"""Text to SymPy, through a whitelist of syntax-tree nodes and never through evaluation.

SymPy's own readers execute the text they are given.  Here the text is cut into a syntax tree, each node is looked
up by its exact type, and everything that is not arithmetic on numbers, variables and a dozen named functions is
refused with one sentence.  Size is bounded before work is done: length, nesting, digits, exponents, variables, and
the number of terms that the formula could expand to.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from saddlecheck.theory.critical import conditions
from saddlecheck.theory.critical.size_limits import Sized, checked, constant_value, power, product, times, total, whole
from saddlecheck.theory.errors import BadLoss

MAX_LENGTH = 10_000
MAX_DEPTH = 40
MAX_VARIABLES = 20
MAX_DIGITS = 50
MAX_DECIMAL_EXPONENT = 60

_ALLOWED_CHARACTERS = re.compile(r"[A-Za-z0-9_+\-*/()., \t\r\n]*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_NUMBER = re.compile(r"(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?")
# 2x, 2 x, )x, x y: a number, a name or a closing bracket, and a name or an opening bracket after it.
# Possessive: thousands of digits are read once.
_PRODUCT = re.compile(
    r"(?<![\w.])(\d++(?:\.\d*+)?(?:[eE][+-]?\d++)?|[A-Za-z]\w*(?= )|\)) ?(?![eE][+-]?\d)([A-Za-z]\w{0,20}|(?<=\d)\()"
)
_REFUSED_NAMES = {"nan", "inf", "oo", "zoo", "NaN", "Infinity", "infinity"}


# Each function with the float it takes on constants: numbers of unreasonable size are refused before SymPy
# is asked to simplify them.
_FUNCTIONS: dict[str, tuple[Callable[[sp.Expr], sp.Expr], Callable[[float], float]]] = {
    "sqrt": (sp.sqrt, math.sqrt),
    "exp": (sp.exp, math.exp),
    "log": (sp.log, math.log),
    "sin": (sp.sin, math.sin),
    "cos": (sp.cos, math.cos),
    "tan": (sp.tan, math.tan),
    "tanh": (sp.tanh, math.tanh),
    "sigmoid": (lambda a: 1 / (1 + sp.exp(-a)), lambda a: 1 / (1 + math.exp(-a))),
    "softplus": (lambda a: sp.log(1 + sp.exp(a)), lambda a: math.log1p(math.exp(a))),
    "abs": (sp.Abs, abs),
    "relu": (lambda a: sp.Max(a, 0), lambda a: max(a, 0.0)),
}
_EXTREMES: dict[str, tuple[Callable[..., sp.Expr], Callable[..., float]]] = {"max": (sp.Max, max), "min": (sp.Min, min)}
_KINKED = {"abs", "relu"}  # on each side they are their argument, so they expand as it does
FUNCTION_NAMES = (*_FUNCTIONS, *_EXTREMES)


def parse(text: str) -> tuple[sp.Expr, tuple[sp.Symbol, ...], tuple[conditions.Condition, ...]]:
    """Formula in text as an exact SymPy expression, its variables sorted by name, and its conditions on a point.

    Numbers are read exactly (0.1 is 1/10), symbols are real and signless.  A variable counts even where it cancels,
    so "x - x" is a constant in one variable.

    Returns:
        (expression, variables, conditions under which it has a value and is smooth).

    Raises:
        BadLoss: everything that is not such a formula.
    """
    tree, source = _syntax_tree(text)
    reader = _Reader(source)
    term = reader.read(tree, 0)
    names = reader.names
    if not names:
        raise BadLoss("the loss has no variables, so it has no landscape; name at least one, as in x**2 - y**2.")
    variables = tuple(sp.Symbol(name, real=True) for name in sorted(names, key=variable_key))
    return term.expr, variables, conditions.pruned(reader.conditions)


def variable_key(name: str) -> tuple[object, ...]:
    """Sorting key that puts w2 before w10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part)


def _syntax_tree(text: str) -> tuple[ast.expr, str]:
    """Body of the parsed text, and the text with every blank a space (so that columns are positions)."""
    if not isinstance(text, str):
        raise BadLoss(f"a formula must be text, not {type(text).__name__}; write it as in x**2 - y**2.")
    if len(text) > MAX_LENGTH:
        raise BadLoss(
            f"the formula has {len(text)} characters, more than {MAX_LENGTH}; hand it in as a SymPy expression."
        )
    good = _ALLOWED_CHARACTERS.match(text)
    if good is None or good.end() < len(text):
        odd = text[good.end() if good else 0]
        hint = "; powers are written **" if odd == "^" else "; only letters, digits and + - * / ( ) . are"
        raise BadLoss(f"the character {odd!a} is not part of a formula{hint}.")
    source = re.sub(r"\s", " ", text).strip()
    if not source:
        raise BadLoss("the formula is empty; write one, as in x**2 - y**2.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # e.g. "1if": Python's advice on style, and refused below anyway
            return ast.parse(source, mode="eval").body, source
    except SyntaxError as error:
        raise _slip(source, error) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise BadLoss(f"the formula nests deeper than {MAX_DEPTH} levels; write it with fewer parentheses.") from None


class _Reader:
    """Walks the tree; refuses by default, so that an unforeseen node type is refused too."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.conditions: list[conditions.Condition] = []

    def read(self, node: ast.expr, depth: int) -> Sized:
        if depth > MAX_DEPTH:
            raise BadLoss(f"the formula nests deeper than {MAX_DEPTH} levels; write it with fewer parentheses.")
        match node:
            case ast.Constant():
                return checked(self._number(node))
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
                term = self.read(inner, depth + 1)
                return term if isinstance(sign, ast.UAdd) else times(whole(-1), term)
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                base, exponent = self.read(left, depth + 1), self.read(right, depth + 1)
                raised = power(base, exponent)
                self.conditions += conditions.of_power(base.expr, exponent.expr, self._written(left))
                return raised
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                return self._chain(node, depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, depth)
        raise self._refusal(node)

    def _chain(self, node: ast.BinOp, depth: int) -> Sized:
        # a + b + c + ... leans to the left as deep as it is long: walk the spine by a loop, not by recursion.
        kinds = (ast.Add, ast.Sub) if isinstance(node.op, (ast.Add, ast.Sub)) else (ast.Mult, ast.Div)
        spine: list[tuple[ast.operator, ast.expr]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and isinstance(first.op, kinds):
            spine.append((first.op, first.right))
            first = first.left
        terms = [self.read(first, depth + 1)]
        for op, right in reversed(spine):
            term = self.read(right, depth + 1)
            if isinstance(op, ast.Sub):
                term = times(whole(-1), term)
            if isinstance(op, ast.Div):
                self.conditions += conditions.of_power(term.expr, sp.Integer(-1), self._written(right))
                term = power(term, whole(-1))
            terms.append(term)
        return total(terms) if ast.Add in kinds else product(terms)

    def _number(self, node: ast.Constant) -> Sized:
        written = self.source[node.col_offset : node.end_col_offset]
        parts = _NUMBER.fullmatch(written)
        if parts is None or isinstance(node.value, (bool, str, bytes, complex, type(None), type(...))):
            raise BadLoss(f"{written[:40]} is not a real number; write numbers like 2, 0.1 or 1e-3.")
        whole, decimals, exponent = parts.groups()
        if len(whole) + len(decimals) > MAX_DIGITS or abs(int(exponent or 0)) > MAX_DECIMAL_EXPONENT:
            raise BadLoss(
                f"the number {written[:20]}… has more than {MAX_DIGITS} digits or an exponent beyond "
                f"{MAX_DECIMAL_EXPONENT}; shorten it."
            )
        exact = Fraction(f"{whole or 0}.{decimals or 0}e{exponent or 0}")
        return Sized(sp.Rational(exact.numerator, exact.denominator), 0, 1, float(exact))

    def _name(self, name: str) -> Sized:
        if name == "pi":
            return Sized(sp.pi, 0, 1, math.pi)
        if name in FUNCTION_NAMES:
            raise BadLoss(f"{name} is a function: write {name}(x).")
        if name in ("e", "E"):
            raise BadLoss(
                f"{name} could be Euler's number or a variable; write exp(1) or exp(x), or name the variable otherwise."
            )
        if name in _REFUSED_NAMES:
            raise BadLoss(f"{name} is not a number that a loss can contain; use finite numbers.")
        if not _NAME.fullmatch(name) or "__" in name:
            raise BadLoss(
                f"{name[:40]} cannot name a variable; use a letter, then up to 30 letters, digits or single _."
            )
        self.names.add(name)
        if len(self.names) > MAX_VARIABLES:
            raise BadLoss(f"the formula has more than {MAX_VARIABLES} variables; hand it in as a Python callable.")
        return Sized(sp.Symbol(name, real=True), 1, 1, None)

    def _call(self, name: str, args: list[ast.expr], depth: int) -> Sized:
        if name not in FUNCTION_NAMES:
            hint = f"; for a product write {name[:20]}*(...)" if _NAME.fullmatch(name) and len(name) == 1 else ""
            raise BadLoss(
                f"{name[:40]} is not a function known here{hint}; the known ones are {', '.join(FUNCTION_NAMES)}."
            )
        starred = any(isinstance(a, ast.Starred) for a in args)
        if name in _EXTREMES and (len(args) < 2 or starred):
            raise BadLoss(f"{name} takes two or more arguments, not {len(args)}; write {name}(x, y).")
        if name in _FUNCTIONS and (len(args) != 1 or starred):
            raise BadLoss(f"{name} takes one argument, not {len(args)}; write {name}(x).")
        symbolic, numeric = (_FUNCTIONS | _EXTREMES)[name]
        inner = [self.read(a, depth + 1) for a in args]
        constants = [t.constant for t in inner if t.constant is not None]
        constant = constant_value(numeric, *constants) if len(constants) == len(inner) else None
        self.conditions += conditions.of_call(name, [t.expr for t in inner], [self._written(a) for a in args])
        terms = sum(t.terms for t in inner) if name in _EXTREMES or name in _KINKED else 1
        degree = max(1, *(t.degree for t in inner))
        return checked(Sized(symbolic(*(t.expr for t in inner)), degree, terms, constant))

    def _written(self, node: ast.expr) -> str:
        return self.source[node.col_offset : node.end_col_offset]

    def _refusal(self, node: ast.expr) -> BadLoss:
        written = self._written(node)[:40]
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            return BadLoss(f"{written} has no sign before its last bracket; write * for a product, as in 3*(x + 1).")
        return BadLoss(f"{written} is not arithmetic; only + - * / **, numbers, variables and functions are read.")


def _slip(source: str, error: SyntaxError) -> BadLoss:
    """What is wrong where Python's own grammar stops: a product without its sign is the usual slip."""
    product = _PRODUCT.search(source)
    if product is not None:
        left, right = product.groups()
        if left in FUNCTION_NAMES:
            return BadLoss(f"{left} is a function: write {left}({right}).")
        right += "(...)" if right in FUNCTION_NAMES else ""
        return BadLoss(f"there is no sign between {left} and {right}; a product is written {left}*{right}.")
    return BadLoss(f"the formula is not complete or has a slip near column {error.offset or 1}; check its parentheses.")
