"""A SymPy expression as a straight-line program, run in whichever arithmetic the numbers belong to.

`lambdify` prints 1/3 as a float; a proof needs the third itself.  The tape keeps constants exact and applies only
+, *, integer powers and named functions, so the same program runs on Arb balls (enclosures), on complex balls, and
on residues modulo an irreducible polynomial (exact algebraic numbers).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from saddlecheck.theory.errors import BadLoss

_FUNCTIONS: dict[Any, str] = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan"}
_FUNCTIONS |= {sp.tanh: "tanh", sp.sinh: "sinh", sp.cosh: "cosh", sp.atan: "atan"}


class Tape:
    """Program for several expressions of the same variables that share their common parts.

    Called with the variables' values and `constant`, which turns a Fraction into a number of that arithmetic.

    Raises:
        BadLoss: when an expression contains something that has no enclosure here.
    """

    def __init__(self, expressions: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> None:
        self._variables = {symbol: i for i, symbol in enumerate(variables)}
        self._steps: list[tuple[str, Any, tuple[int, ...]]] = []
        self._slots: dict[sp.Expr, int] = {}
        self._outputs = [self._slot(sp.sympify(e)) for e in expressions]

    def __call__(self, values: Sequence[Any], constant: Callable[[Fraction], Any]) -> list[Any]:
        """Values of the expressions, in the arithmetic of `values` and `constant`."""
        memory: list[Any] = []
        for kind, data, sources in self._steps:
            match kind:
                case "variable":
                    memory.append(values[data])
                case "constant":
                    memory.append(constant(data))
                case "pi":
                    memory.append(constant(Fraction(1)).pi())
                case "add":
                    memory.append(sum((memory[j] for j in sources[1:]), memory[sources[0]]))
                case "multiply":
                    product = memory[sources[0]]
                    for j in sources[1:]:
                        product = product * memory[j]
                    memory.append(product)
                case "power":
                    memory.append(integer_power(memory[sources[0]], data, constant))
                case "root":
                    memory.append(memory[sources[0]].root(data))
                case _:
                    memory.append(getattr(memory[sources[0]], kind)())
        return [memory[j] for j in self._outputs]

    def _slot(self, e: sp.Expr) -> int:
        if e not in self._slots:
            step = self._compile(e)
            self._steps.append(step)
            self._slots[e] = len(self._steps) - 1
        return self._slots[e]

    def _compile(self, e: sp.Expr) -> tuple[str, Any, tuple[int, ...]]:
        if e in self._variables:
            return "variable", self._variables[e], ()
        if e.is_Rational:
            return "constant", Fraction(int(e.p), int(e.q)), ()
        if e is sp.pi:
            return "pi", None, ()
        if e.is_Add or e.is_Mul:
            return ("add" if e.is_Add else "multiply"), None, tuple(self._slot(a) for a in e.args)
        if e.is_Pow and e.exp.is_Integer:
            return "power", int(e.exp), (self._slot(e.base),)
        if e.is_Pow and e.exp.is_Rational:
            # b^(p/q): the q-th root first, so that a negative base is refused (nan) rather than made positive.
            root = sp.Pow(e.base, sp.Rational(1, e.exp.q))
            if e != root:
                return "power", int(e.exp.p), (self._slot(root),)
            return "root", int(e.exp.q), (self._slot(e.base),)
        if e.func in _FUNCTIONS:
            return _FUNCTIONS[e.func], None, (self._slot(e.args[0]),)
        if e is sp.E:
            return "exp", None, (self._slot(sp.Integer(1)),)
        raise BadLoss(f"{str(e)[:40]} has no certified enclosure here; use + - * /, powers and elementary functions.")


def integer_power(base: Any, n: int, constant: Callable[[Fraction], Any]) -> Any:
    """base^n by repeated squaring; an even power of a ball around zero is kept non-negative."""
    if n < 0:
        return constant(Fraction(1)) / integer_power(base, -n, constant)
    if n % 2 == 0 and n > 0 and hasattr(base, "abs_upper") and base.contains(0):
        return constant(Fraction(0)).union(integer_power(base.abs_upper(), n // 2, constant) ** 2)
    result = None
    while n:
        if n & 1:
            result = base if result is None else result * base
        n >>= 1
        if n:
            base = base * base
    return constant(Fraction(1)) if result is None else result
