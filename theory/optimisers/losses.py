"""Losses as formulas, and their gradients as columns of SymPy expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.symbols import Expr

Matrix = Any  # a SymPy matrix; columns stand for vectors


class LossLike(Protocol):
    """A real function of real variables as a formula."""

    @property
    def variables(self) -> tuple[Any, ...]:
        """The weights, in order."""

    @property
    def expr(self) -> Any:
        """The value, a SymPy expression in them."""


@dataclass(frozen=True)
class BareLoss:
    """A loss by its formula alone: what the derivations need, where no parsing or critical points are asked for."""

    variables: tuple[Any, ...]
    expr: Expr


def quadratic(curvature: Expr = s.lam, centre: Expr = sp.S.Zero) -> BareLoss:
    r"""The scalar loss $\lambda (w-d)^2/2$, the model of one eigendirection of a critical point."""
    return BareLoss((s.w,), curvature * (s.w - centre) ** 2 / 2)


def gradient(loss: LossLike, at: Matrix | None = None) -> Matrix:
    """Column of first derivatives at a point (a column; the variables themselves by default)."""
    column = sp.Matrix([sp.diff(loss.expr, v) for v in loss.variables])
    return column if at is None else substituted(column, dict(zip(loss.variables, at, strict=True)))


def point(loss: LossLike) -> Matrix:
    """The weights as a column."""
    return sp.Matrix(loss.variables)


def substituted(matrix: Matrix, values: Mapping[Any, Any]) -> Matrix:
    """All substitutions simultaneously (so that w + rho g may replace w)."""
    return matrix.xreplace({k: sp.sympify(v) for k, v in values.items()})
