"""SymPy expressions compiled for NumPy, with constants that floats can hold."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

_EXACT_IN_FLOATS = 2**53


def compiled(expressions: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> Callable[..., list[Any]]:
    """A function of the variables' values (floats or arrays) that returns the values as a list."""
    # The module, not its name: for the name SymPy imports all that NumPy has, down to its compiler of Fortran.
    function: Callable[..., list[Any]] = sp.lambdify(variables, [_floats(e) for e in expressions], [np], cse=True)
    return function


def _floats(expression: sp.Expr) -> sp.Expr:
    """The expression with the constants as floats that NumPy would otherwise meet as Python's unbounded integers."""
    constants = {
        e: e.evalf(17)
        for e in sp.preorder_traversal(expression)
        if e.is_number and (e.is_Function or (e.is_Integer and abs(int(e)) > _EXACT_IN_FLOATS))
    }
    return expression.xreplace(constants)
