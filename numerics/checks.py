"""Guards: what a request must satisfy before a number is computed from it."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def floats(name: str, value: ArrayLike) -> Floats:
    """`value` as a float64 array. Raises ValueError for what is no array of real numbers within float64's range."""
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has masked entries: leave them out, or put numbers in their place")
    try:
        given = np.asarray(value)
        # NumPy would read "0.5" as a number, None as NaN, and drop an imaginary part.
        if given.dtype.kind in "biuf" or (given.dtype.kind == "O" and all(hasattr(x, "__float__") for x in given.flat)):
            return np.asarray(given, np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} must be a real number below 1.8e308 in size, or an array of them; got {shown(value)}")


def shown(value: object) -> str:
    """`value` as a message shows it: on one line, long arrays cut short."""
    if isinstance(value, np.ndarray):
        with np.printoptions(threshold=6):
            return " ".join(str(value).split())
    return reprlib.repr(value)


def agree(**arguments: ArrayLike) -> None:
    """Raises ValueError unless the arguments are numbers or arrays that broadcast; the message gives their shapes."""
    shapes = {name: floats(name, value).shape for name, value in arguments.items()}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"these shapes do not broadcast: {listed}; give numbers, or arrays of one shape") from None


def finite(name: str, value: ArrayLike) -> Floats:
    """`value` as a float64 array. Raises ValueError if an entry is NaN or infinite."""
    array = floats(name, value)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite, got {shown(value)}: replace NaN and inf by numbers")
    return array


def positive(name: str, value: ArrayLike) -> Floats:
    """`value` as a float64 array. Raises ValueError unless every entry is finite and > 0."""
    array = finite(name, value)
    if np.any(array <= 0):
        raise ValueError(f"{name} must be > 0, got {shown(value)}: choose a positive value")
    return array


def at_least(name: str, value: ArrayLike, least: float) -> Floats:
    """`value` as a float64 array. Raises ValueError unless every entry is finite and >= `least`."""
    array = finite(name, value)
    if np.any(array < least):
        raise ValueError(f"{name} must be >= {least:g}, got {shown(value)}: choose a value of at least {least:g}")
    return array


def momentum(value: ArrayLike, name: str = "gamma") -> Floats:
    """`value` as a float64 array. Raises ValueError unless every entry lies in [0, 1)."""
    array = finite(name, value)
    if np.any((array < 0) | (array >= 1)):
        raise ValueError(f"{name} must lie in [0, 1), got {shown(value)}: choose less than 1, where it diverges")
    return array


def one_of(name: str, value: str, choices: Sequence[str]) -> Any:
    """`value`. Raises ValueError unless it is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"unknown {name} {shown(value)}: choose one of {', '.join(choices)}")
    return value


def count(name: str, value: int, least: int = 1) -> int:
    """`value` as an int. Raises ValueError unless it is an integer >= `least`."""
    whole = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not whole or not math.isfinite(value) or int(value) != value or value < least:
        raise ValueError(f"{name} must be an integer >= {least}, got {reprlib.repr(value)}")
    return int(value)


def steps_or_infinity(value: ArrayLike) -> Floats:
    """Step counts as float64, inf allowed. Raises ValueError on NaN, negative or fractional entries."""
    array = floats("n", value)
    whole = np.isinf(array) | (array == np.floor(array))
    if np.any(np.isnan(array)) or np.any(array < 0) or not np.all(whole):
        raise ValueError(f"n must be a whole number of steps >= 0 or math.inf, got {shown(value)}")
    return array


def symmetric(name: str, value: ArrayLike) -> Floats:
    """A symmetric matrix, shape (n, n); a number is read as 1 x 1. Raises ValueError on another shape."""
    matrix = np.atleast_2d(finite(name, value))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"{name} must be a square matrix, got shape {matrix.shape}")
    scale = max(1.0, float(np.max(np.abs(matrix))))
    if float(np.max(np.abs(matrix - matrix.T))) > 1e-12 * scale:
        raise ValueError(f"{name} must be symmetric: it is a Hessian or a covariance; got {matrix.tolist()}")
    return (matrix + matrix.T) / 2


def square_root(name: str, covariance: ArrayLike) -> Floats:
    """The symmetric root L, L L = covariance, shape (n, n), singular ones included.

    Symmetric, so that independent noises keep one channel each: channel j of a diagonal covariance drives state j.

    Returns:
        float64, shape (n, n), symmetric and semi-definite.

    Raises:
        ValueError: it is not symmetric, not finite, or not semi-definite.
    """
    matrix = symmetric(name, covariance)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -1e-12 * max(1e-300, float(np.max(np.abs(values)))):
        raise ValueError(f"{name} must be positive semi-definite, got smallest eigenvalue {values[0]:g}")
    return np.asarray((vectors * np.sqrt(np.clip(values, 0.0, math.inf))) @ vectors.T)


def same_size(name: str, got: int, expected: int, owner: str) -> None:
    """Raises ValueError unless the two sizes agree."""
    if got != expected:
        raise ValueError(f"{name} has size {got} but {owner} has size {expected}: give them the same size")
