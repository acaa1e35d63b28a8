"""SymPy expressions as JSON and back, through a whitelist of node types.

`srepr` can only be read back by evaluating Python; a certificate comes from a file, so it is read by a table
instead. The same encoding is what a claim's fingerprint hashes.
"""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.errors import Unreadable as Unreadable
from saddlecheck.theory.symbols import Expr

_HEADS: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.tanh, sp.sinh, sp.cosh, sp.Abs),
        *(
            sp.sign,
            sp.Max,
            sp.Min,
            sp.erf,
            sp.erfi,
            sp.And,
            sp.Or,
            sp.Not,
            sp.Implies,
            sp.Equivalent,
            sp.Piecewise,
        ),
        *(sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Derivative, sp.Integral, sp.Limit, sp.Tuple, sp.hyper),
        *(sp.Sum, sp.factorial, sp.MatrixSymbol, sp.asin, sp.acos, sp.atan, sp.floor, sp.Subs, Coefficient),
        *(sp.asinh, sp.acosh, sp.atanh),
    )
}
# The relational classes carry other names than the functions that make them.
_HEADS |= {"ExprCondPair": sp.functions.elementary.piecewise.ExprCondPair, "Identity": sp.Identity}
_TYPES = frozenset(_HEADS.values())
_CONSTANTS = {"Pi": sp.pi, "Exp1": sp.E, "Infinity": sp.oo, "NegativeInfinity": -sp.oo, "ImaginaryUnit": sp.I}
# An equation between numbers has to stay one: these are rebuilt as they stand.
_UNEVALUATED = (
    *(sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.And, sp.Or, sp.Not, sp.Implies, sp.Equivalent),
    *(sp.Add, sp.Mul, sp.Pow, sp.Max, sp.Min, sp.Abs),
)
_MAX_DEPTH = 200
_MOST_NODES = 100_000  # of a formula, written as a tree
_MOST_BITS = 13_000  # of a number: fewer than 4,000 digits
_LEAVES = frozenset(
    [*map(type, (*_CONSTANTS.values(), sp.S.Zero, sp.S.One, sp.S.NegativeOne, sp.S.Half, sp.true, sp.false)),
     sp.Integer, sp.Rational, sp.Symbol, sp.Tuple, Prop]
)  # fmt: skip


@lru_cache(maxsize=4096)  # a statement is the formula of its last step, and steps are cited
def require_writable(formula: Expr) -> None:
    """Return for a formula that has a JSON form which can be read back.

    It looks at each part once, however often the part occurs: 60 nested squares of sums have 2^60 nodes as a tree.

    Raises:
        Unreadable: a part of a class that is not on the whitelist, or too many parts, too deep or too long.
    """
    sizes: dict[int, tuple[int, int]] = {}  # by identity, so that no part is hashed: how many nodes, how deep
    waiting = [formula] if isinstance(formula, sp.Basic) else []  # a truth value of Python's
    while waiting:
        _require_node(part := waiting[-1])
        inner = [arg for arg in part.args if isinstance(arg, sp.Basic)]
        if later := [arg for arg in inner if id(arg) not in sizes]:
            waiting += later
            continue
        waiting.pop()
        found = [sizes[id(arg)] for arg in inner]
        size, depth = 1 + sum(nodes for nodes, _ in found), 1 + max((levels for _, levels in found), default=0)
        if size > _MOST_NODES or depth > _MAX_DEPTH:
            raise Unreadable(
                f"a formula has more than {_MOST_NODES} parts, or is nested deeper than {_MAX_DEPTH}; name its parts."
            )
        sizes[id(part)] = size, depth


def require_unaltered(formula: Expr) -> None:
    """Return for a formula whose parts are those with which it was made.

    Python allows them to be exchanged later; what was found out about it before would then be told of another formula.

    Raises:
        Unreadable: a part whose digest is no longer that of what it holds.
    """
    seen: set[int] = set()
    waiting = [formula] if isinstance(formula, sp.Basic) else []
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        waiting += [arg for arg in part.args if isinstance(arg, sp.Basic)]
        content = (type(part).__name__, *part._hashable_content())
        plain = not part.args and not isinstance(part, (sp.Symbol, Prop))
        if not plain and hash(part) not in (hash(content), hash(part.args)):  # the latter is that of a Tuple
            raise Unreadable(f"{part} was altered after it was made; make it anew.")


def _require_node(part: Any) -> None:
    kind = type(part)
    if not (kind in _TYPES or kind in _LEAVES or isinstance(part, sp.core.function.AppliedUndef)):
        hint = "; a float stands for no exact number, write a fraction" if isinstance(part, sp.Float) else ""
        raise Unreadable(f"{part} is a {kind.__name__}, of which no certificate can speak{hint}.")
    if isinstance(part, sp.Rational) and max(part.p.bit_length(), part.q.bit_length()) > _MOST_BITS:
        raise Unreadable("a number has more than 4000 digits, which no certificate holds; write it as a power.")
    if kind is sp.Equivalent and len(part.args) != 2:
        raise Unreadable(f"an equivalence has two sides, not {len(part.args)}; write one for each pair.")


def encode(expr: Expr) -> Any:
    """An expression as nested JSON lists; raises `Unreadable` for a node type outside the whitelist."""
    if isinstance(expr, Prop):
        return ["Prop", expr.name, expr.text]
    if isinstance(expr, sp.Dummy):
        raise Unreadable("a Dummy symbol has no stable name; use a Symbol")
    if isinstance(expr, sp.Symbol):
        # Assumptions that were asked for by name (real=True, …): they are part of what is claimed.
        return ["Symbol", expr.name, dict(sorted(expr._assumptions_orig.items()))]
    if isinstance(expr, (BooleanTrue, BooleanFalse)):
        return bool(expr)
    if isinstance(expr, sp.Rational):
        return ["Rational", str(expr)]
    name = "Tuple" if isinstance(expr, sp.Tuple) else type(expr).__name__
    if name in _CONSTANTS:
        return [name]
    if isinstance(expr, sp.core.function.AppliedUndef):
        return ["Function", name, *map(encode, expr.args)]
    if isinstance(expr, str):
        return ["str", expr]
    if name == "Tuple" or type(expr) in _TYPES:  # a class of another's own could mean anything
        return [name, *map(encode, expr.args)]
    raise Unreadable(f"no JSON form for a SymPy node of type {name}")


def decode(data: Any, depth: int = 0) -> Expr:
    """The expression of `encode`'s output; raises `Unreadable` for anything that is not on the whitelist."""
    if depth > _MAX_DEPTH:
        raise Unreadable(f"nested deeper than {_MAX_DEPTH}")
    if isinstance(data, bool):
        return sp.true if data else sp.false
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise Unreadable(f"expected a list that starts with a node's name, got {str(data)[:60]!r}")
    head, *rest = data
    try:
        if head == "Prop":
            return Prop(rest[0], rest[1])
        if head == "Symbol":
            return sp.Symbol(rest[0], **{str(k): bool(v) for k, v in rest[1].items()})
        if head == "Rational":
            return sp.Rational(Fraction(rest[0]).numerator, Fraction(rest[0]).denominator)
        if head == "str":
            return str(rest[0])
        if head in _CONSTANTS:
            return _CONSTANTS[head]
        args = [decode(arg, depth + 1) for arg in (rest[1:] if head == "Function" else rest)]
        if head == "Function":
            return sp.Function(rest[0])(*args)
        cls = _HEADS.get(head) or _RELATIONS[head]
        return cls(*args, evaluate=False) if issubclass(cls, _UNEVALUATED) else cls(*args)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"a damaged {head} node: {error}") from error


_RELATIONS = {cls.__name__: cls for cls in (sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge)}


def digest(data: Any) -> str:
    """The SHA-256 of JSON data in canonical form."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
