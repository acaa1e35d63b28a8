"""A rule run on SymPy expressions: vectors are object arrays whose NumPy functions give expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.symbols import Expr

_ELEMENTWISE: dict[Any, Callable[..., Any]] = {
    np.sqrt: sp.sqrt, np.exp: sp.exp, np.log: sp.log, np.sin: sp.sin, np.cos: sp.cos, np.tan: sp.tan, np.tanh: sp.tanh,
    np.sign: sp.sign, np.absolute: sp.Abs, np.square: lambda a: a**2, np.reciprocal: lambda a: 1 / a,
    np.maximum: sp.Max, np.minimum: sp.Min,
    np.greater: sp.Gt, np.greater_equal: sp.Ge, np.less: sp.Lt, np.less_equal: sp.Le, np.equal: sp.Eq,
}  # fmt: skip


class Column(np.ndarray):
    """A vector of expressions, shape (n,), or one of them, shape ()."""

    @staticmethod
    def of(entries: Any) -> Column:
        """A column of expressions."""
        values = list(entries)
        out = np.empty(len(values), object)
        out[:] = [sp.sympify(v) for v in values]
        return out.view(Column)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        """Elementwise functions by SymPy's, operators by the entries' own."""
        plain, out = [_plain(i) for i in inputs], more.pop("out", None)
        if out is not None:  # g *= rho changes g
            out[0].view(np.ndarray)[...] = _plain(self.__array_ufunc__(ufunc, method, *inputs, **more))
            return out[0]
        if method == "__call__" and ufunc in _ELEMENTWISE and not more:
            return _wrapped(np.frompyfunc(_ELEMENTWISE[ufunc], ufunc.nin, 1)(*plain))
        return _wrapped(getattr(ufunc, method)(*plain, **more))

    def __array_function__(self, function: Any, types: Any, given: Any, more: Any) -> Any:
        """`np.linalg.norm` and `np.where` by SymPy, the others as of any array of objects."""
        if function is np.linalg.norm and len(given) == 1 and not more:
            return given[0].norm()
        if function is np.where and len(given) == 3:
            chosen = np.frompyfunc(lambda c, a, b: sp.Piecewise((a, c), (b, True)), 3, 1)
            return _wrapped(chosen(*map(_plain, given)))
        return super().__array_function__(function, types, given, more)

    def norm(self) -> Any:
        """Euclidean norm; in one dimension the absolute value."""
        return _wrapped(length(list(self)))

    def unit(self) -> Any:
        """The vector over its norm."""
        return self / self.norm()


def length(v: Any) -> Expr:
    """Euclidean norm of the entries; in one dimension the absolute value."""
    return sp.Abs(v[0]) if len(v) == 1 else sp.sqrt(sum(vi**2 for vi in v))


def _plain(value: Any) -> Any:
    """Without the class; a lone expression as an array that NumPy does not look into."""
    if isinstance(value, Column):
        return value.view(np.ndarray)
    if isinstance(value, sp.Basic):
        return _scalar(value)
    return value


def _scalar(value: Any) -> Any:
    out = np.empty((), object)
    out[()] = value
    return out


def _wrapped(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.view(Column)
    return _scalar(value).view(Column) if isinstance(value, sp.Basic) else value
