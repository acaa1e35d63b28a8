"""Quadratic losses of the experiments, apart from the simulator: most flows do without its compiler."""

from __future__ import annotations

import functools

import sympy as sp

from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.symbols import w, x, y


@functools.cache
def valley(curvature: float) -> BareLoss:
    """The loss curvature * w^2/2."""
    return BareLoss((w,), sp.Rational(str(curvature)) * w**2 / 2)


@functools.cache
def plane(first: float, second: float) -> BareLoss:
    """The loss (first * x^2 + second * y^2)/2."""
    return BareLoss((x, y), (sp.Rational(str(first)) * x**2 + sp.Rational(str(second)) * y**2) / 2)
