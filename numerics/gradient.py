"""Gradients and Hessians of a symbolic loss: for one point (NumPy) and for a tile of paths (compiled)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import sympy as sp
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.pycode import PythonCodePrinter

from saddlecheck.numerics.checks import Floats

TileGradient = Callable[[Floats, Floats], None]


class SmoothLoss(Protocol):
    """What this package needs of a loss: its variables, in order, and its expression in them."""

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The weights, in the order of the state vector."""
        ...

    @property
    def expr(self) -> sp.Expr:
        """The loss as a SymPy expression in `variables` alone."""
        ...


@functools.cache
def tile_gradient(expr: sp.Expr, variables: tuple[sp.Symbol, ...]) -> TileGradient:
    """Compiled gradient of `expr`, weights (n, paths) to gradient (n, paths). Raises as `tile_function`."""
    return tile_function(tuple(sp.diff(expr, v) for v in variables), variables)


@functools.cache
def tile_function(outputs: tuple[sp.Expr, ...], variables: tuple[sp.Symbol, ...]) -> TileGradient:
    """Compiled vector function: reads weights (n, paths), writes the outputs (len(outputs), paths).

    Source text is generated from the SymPy tree with our own names, common subexpressions once; no user text is run.

    Returns:
        A compiled function (weights, outputs) -> None.

    Raises:
        ValueError: for a function that Python's math module does not have, or for free parameters.
    """
    from saddlecheck.numerics.compiled import compile_with  # numba: a quarter of a second, for those who compile

    for output in outputs:
        _only(output, variables)
    names = sp.symbols(f"w:{len(variables)}", real=True)
    renamed = [output.xreplace(dict(zip(variables, names, strict=True))) for output in outputs]
    shared, reduced = sp.cse(renamed, symbols=sp.numbered_symbols("s"))
    printer = PythonCodePrinter({"fully_qualified_modules": True, "strict": True})
    try:
        body = [f"{name} = w[{j}, i]" for j, name in enumerate(names)]
        body += [f"{name} = {printer.doprint(value)}" for name, value in shared]
        body += [f"out[{j}, i] = {printer.doprint(value)}" for j, value in enumerate(reduced)]
    except PrintMethodNotImplementedError as error:
        raise ValueError(f"the loss's derivatives cannot be compiled: {error}; use elementary functions") from error
    source = "def function(w, out):\n    for i in range(w.shape[1]):\n        " + "\n        ".join(body)
    namespace: dict[str, Any] = {"math": math}
    exec(source, namespace)
    compiled: TileGradient = compile_with(namespace["function"], _gradient_signature(), cache=False)
    return compiled


def _gradient_signature() -> Any:
    from numba import types

    tile = types.Array(types.float64, 2, "C")
    return types.void(tile, tile)


def gradient_type() -> Any:
    """The numba type of a tile gradient: kernels take any function of it without being compiled again."""
    from numba import types

    return types.FunctionType(_gradient_signature())


@functools.cache
def _point_functions(expr: sp.Expr, variables: tuple[sp.Symbol, ...]) -> tuple[Callable[..., Any], ...]:
    _only(expr, variables)
    gradient = [sp.diff(expr, v) for v in variables]
    hessian = [[sp.diff(g, v) for v in variables] for g in gradient]
    return tuple(sp.lambdify(variables, f, modules=[np], cse=True) for f in (gradient, hessian))


def gradient_at(loss: SmoothLoss) -> Callable[[Floats], Floats]:
    """Map from w, shape (n,), to grad l(w), shape (n,)."""
    f = _point_functions(loss.expr, loss.variables)[0]
    return lambda w: np.array(f(*w), np.float64)


def hessian_at(loss: SmoothLoss) -> Callable[[Floats], Floats]:
    """Map from w, shape (n,), to the Hessian, shape (n, n)."""
    f = _point_functions(loss.expr, loss.variables)[1]
    return lambda w: np.array(f(*w), np.float64)


def _only(expr: sp.Expr, variables: tuple[sp.Symbol, ...]) -> None:
    extra = sorted(str(s) for s in expr.free_symbols - set(variables))
    if extra:
        raise ValueError(f"the loss has free parameters {', '.join(extra)}: substitute numbers for them first")
