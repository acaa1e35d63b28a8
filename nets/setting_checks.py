"""What a setting must be: a message gives the rule and what came instead. No torch here: records are read with it."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

SEEDS = 2**63  # torch takes 64 bits with a sign


def require(holds: bool, rule: str, got: object) -> None:
    """Raise ValueError with the rule unless it holds."""
    if not holds:
        raise ValueError(f"{rule}; got {got!r}.")


def whole(name: str, value: Any, least: int) -> int:
    """The value as Python's own number; ValueError unless it is a whole one and at least so large."""
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    require(is_whole and value >= least, f"{name} is a whole number, at least {least}", value)
    return int(value)


def is_real(value: Any) -> bool:
    """Whether it is a real number within the range of floats."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond them
        return False
