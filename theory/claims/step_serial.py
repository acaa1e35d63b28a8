"""Steps as JSON: every field of a step, so that it can be checked from a file that knows no step classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sympy as sp

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.steps import Step

_COMMON = ("name", "formula", "because", "uses")


def encode(step: Step) -> dict[str, Any]:
    """A step as JSON data: what every step has, and under "fields" what its kind has besides."""
    return {
        "name": step.name,
        "kind": type(step).__name__,
        "because": step.because,
        "uses": list(step.uses),
        "formula": serial.encode(step.formula),
        "fields": {f.name: _value(getattr(step, f.name)) for f in dataclasses.fields(step) if f.name not in _COMMON},
    }


def _value(value: Any) -> Any:
    """A field: a formula, a text, or a mapping or tuple of fields."""
    if isinstance(value, Mapping):
        return {"pairs": [[_value(k), _value(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"items": [_value(v) for v in value]}
    if isinstance(value, str):
        return {"text": value}
    return {"tree": serial.encode(sp.sympify(value))}
