"""Where a formula, as it was written, has a real value and is smooth.

SymPy rewrites while it reads: exp(2*log(x)) becomes x**2 and x**3/x becomes x**2, which have values where the formula
has none; sqrt(x)**4 becomes x**2.  On the set where the formula is smooth the rewritten one agrees with it.  So each
division, root, logarithm, tangent and kink leaves a condition when it is read, and every point is held against them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import sympy as sp

Kind = Literal["nonzero", "positive", "root", "kink", "side"]
Place = Literal["inside", "edge", "outside", "unknown"]


@dataclass(frozen=True)
class Condition:
    """The condition that one part of a formula puts on a point.

    nonzero: expr != 0, else there is no value (a denominator).  positive: likewise expr > 0 (a logarithm).
    root: expr >= 0, smooth only where expr > 0 (the base of a fractional power).  kink: smooth only where expr != 0.
    side: expr > 0, else another smooth piece of the loss applies.

    Attributes:
        written: expr in the user's words.
    """

    kind: Kind
    expr: sp.Expr
    written: str = field(compare=False)

    @property
    def smooth(self) -> sp.Basic:
        """Where the formula is smooth, as far as this part goes."""
        return sp.Ne(self.expr, 0) if self.kind in ("nonzero", "kink") else sp.Gt(self.expr, 0)

    @property
    def rough(self) -> bool:
        """Whether the formula has a value, but is not smooth, where expr = 0."""
        return self.kind in ("root", "kink")

    @property
    def value(self) -> str | None:
        """Where the formula has a value, in words; None for a part that always has one."""
        sign = {"nonzero": "!= 0", "positive": "> 0", "root": ">= 0"}.get(self.kind)
        return None if sign is None else f"{self.written} {sign}"

    @property
    def always(self) -> bool:
        """Whether SymPy's assumptions settle that it holds everywhere, strictly."""
        e = self.expr
        if not e.free_symbols and self.rough:
            return True  # the root or size of a constant is a constant
        return bool(e.is_nonzero) if self.kind in ("nonzero", "kink") else bool(e.is_positive)

    @property
    def edge_of_domain(self) -> bool:
        """Whether expr = 0 is the border of the set where there are values (expr is affine), not a place within it."""
        e = self.expr
        return self.kind == "root" and bool(e.free_symbols) and all(e.diff(v).is_number for v in e.free_symbols)

    def place(self, sign: int | None) -> Place:
        """Where a point lies at which expr has this sign (None: it is not known)."""
        if sign is None:
            return "unknown"
        if sign == 0:
            return "outside" if self.kind in ("nonzero", "positive") else "edge"
        return "inside" if sign > 0 or self.kind in ("nonzero", "kink") else "outside"


def of_power(base: sp.Expr, exponent: sp.Expr, written: str) -> Iterator[Condition]:
    """Conditions of base**exponent, the exponent a number or (in an expression handed in) not."""
    if exponent.is_Integer:
        if exponent < 0:
            yield Condition("nonzero", base, written)
    elif exponent.is_number:
        yield Condition("root" if exponent > 0 else "positive", base, written)
    elif not base.is_number:
        yield Condition("positive", base, written)


def of_call(name: str, arguments: Sequence[sp.Expr], written: Sequence[str]) -> Iterator[Condition]:
    """Conditions of a named function."""
    first = arguments[0]
    match name:
        case "log":
            yield Condition("positive", first, written[0])
        case "sqrt":
            yield Condition("root", first, written[0])
        case "tan":
            yield Condition("nonzero", sp.cos(first), f"cos({written[0]})")
        case "abs" | "relu":
            yield Condition("kink", first, written[0])
        case "max" | "min":
            for (a, text_a), (b, text_b) in combinations(zip(arguments, written, strict=True), 2):
                yield Condition("kink", a - b, text_a if b == 0 else f"{text_a} - {_bracketed(text_b)}")


def _bracketed(written: str) -> str:
    return f"({written})" if "+" in written or "-" in written else written


_NAMES = {sp.log: "log", sp.tan: "tan", sp.Max: "max", sp.Min: "min"}
_NAMES |= {sp.Abs: "abs", sp.sign: "abs", sp.Heaviside: "relu"}


def of_expression(expr: sp.Expr) -> tuple[Condition, ...]:
    """Conditions of a SymPy expression as it is handed in, those that always hold among them."""
    found: list[Condition] = []
    for e in sp.preorder_traversal(expr):
        if e.is_Pow:
            found += of_power(e.base, e.exp, str(e.base))
        elif e.func in _NAMES:
            found += of_call(_NAMES[e.func], e.args, [str(a) for a in e.args])
    return tuple(found)


def pruned(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Each once, without those that hold everywhere."""
    return tuple(c for c in dict.fromkeys(conditions) if not c.always)
