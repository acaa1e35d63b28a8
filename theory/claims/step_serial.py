"""Steps as JSON and back: every field of the step, so that it can be put to the engines again from a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sympy as sp

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.increasing import Increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.real_zeros import RealZeros
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal, Step, stated

# The step classes whose whole check works from their own formulas; a lemma that is accepted needs its source.
REPEATABLE: dict[str, type[Step]] = {
    c.__name__: c for c in (Equal, Entails, Bounded, Monotone, Increasing, Induction, Instance, RealZeros)
}
_COMMON = ("name", "formula", "because", "uses")


def formula(expr: Any) -> dict[str, Any]:
    """A formula as text for people and as a tree for machines."""
    return {"text": expr.text if isinstance(expr, Prop) else str(expr), "tree": serial.encode(expr)}


def encode(step: Step) -> dict[str, Any]:
    """A step as JSON data."""
    data: dict[str, Any] = {
        "name": step.name,
        "kind": type(step).__name__,
        "because": step.because,
        "uses": list(step.uses),
        "formula": formula(step.formula),
        "stated": formula(stated(step)),
    }
    if data["kind"] in REPEATABLE:
        data["fields"] = {f.name: _value(getattr(step, f.name)) for f in dataclasses.fields(step)
                          if f.name not in _COMMON}  # fmt: skip
    return data


def decode(data: Mapping[str, Any]) -> Step:
    """The step of `encode`'s output. Raises serial.Unreadable for anything outside the whitelists."""
    cls = REPEATABLE[data["kind"]]
    allowed = {f.name for f in dataclasses.fields(cls)} - set(_COMMON)
    if set(data["fields"]) != allowed:
        raise serial.Unreadable(f"a {data['kind']} step has the fields {sorted(allowed)}, not {sorted(data['fields'])}")
    fields = {name: _read(value) for name, value in data["fields"].items()}
    return cls(str(data["name"]), serial.decode(data["formula"]["tree"]), uses=tuple(data["uses"]), **fields)


def _value(value: Any) -> Any:
    """A field: a formula, or a mapping or tuple of fields."""
    if isinstance(value, Mapping):
        return {"pairs": [[_value(k), _value(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"items": [_value(v) for v in value]}
    if isinstance(value, str):
        return {"text": value}
    return {"tree": serial.encode(sp.sympify(value))}


def _read(data: Mapping[str, Any]) -> Any:
    if "pairs" in data:
        return {_read(k): _read(v) for k, v in data["pairs"]}
    if "items" in data:
        return tuple(_read(v) for v in data["items"])
    return str(data["text"]) if "text" in data else serial.decode(data["tree"])
