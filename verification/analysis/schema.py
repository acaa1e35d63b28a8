"""JSON schema of `saddlecheck analyse … --json`: the form that other programs may rely on, read off the classes.

`lr_max` is null where no step attracts or circles, `rho_threshold` where no direction is curved down. Where they are
null for another reason, `null_means` beside them says so: "unknown", or "unbounded" for an `lr_max` that has no end.
Any other number is null where it is not finite.

The two files beside this one hold the same; `python -m saddlecheck.verification.analysis.schema` writes them.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from saddlecheck._files import write_whole
from saddlecheck.verification.analysis import diagram
from saddlecheck.verification.analysis.result import SCHEMA_VERSION, Findings, Point

_PLAIN: dict[Any, dict[str, Any]] = {
    float: {"type": ["number", "null"]}, int: {"type": "integer"}, bool: {"type": "boolean"}, str: {"type": "string"},
    NoneType: {"type": "null"}, Any: {},
}  # fmt: skip


def of_type(kind: Any) -> dict[str, Any]:
    """The schema of a type's JSON."""
    if is_dataclass(kind):
        return _of_class(kind)
    inner = get_args(kind)
    match get_origin(kind):
        case origin if origin is Literal:
            return {"enum": list(inner)}
        case origin if origin is tuple:
            if inner[-1] is ...:
                return {"type": "array", "items": of_type(inner[0])}
            return {"type": "array", "prefixItems": [of_type(i) for i in inner], "items": False, "minItems": len(inner)}
        case origin if origin is dict:
            return {"type": "object", "additionalProperties": of_type(inner[1])}
        case origin if origin in (Union, UnionType):
            return {"anyOf": [of_type(i) for i in inner]}
    return _PLAIN[kind]


def _of_class(kind: Any) -> dict[str, Any]:
    """An object with the fields that are in the JSON and nothing else; those that are there once set are never null."""
    hints, shown = get_type_hints(kind), [f for f in fields(kind) if f.metadata.get("json") != "inside"]
    optional = {f.name for f in shown if f.metadata.get("json") == "set"}
    properties = {f.name: of_type(_set(hints[f.name]) if f.name in optional else hints[f.name]) for f in shown}
    if hasattr(kind, "remarks"):
        properties["null_means"] = {"type": "object", "additionalProperties": {"enum": ["unknown", "unbounded"]}}
    required = [f.name for f in shown if f.name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _set(kind: Any) -> Any:
    """The type without None."""
    inner = [i for i in get_args(kind) if i is not NoneType]
    return Union[tuple(inner)] if get_origin(kind) in (Union, UnionType) else kind  # noqa: UP007  made from a tuple


def titled(kind: Any, title: str, version: int) -> dict[str, Any]:
    """The schema of a result with its version in it."""
    found = of_type(kind)
    found["properties"] = {"schema": {"const": version}, **found["properties"]}
    found["required"] = ["schema", *found["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **found}


POINT, SCHEMA = of_type(Point), titled(Findings, "saddlecheck analyse", SCHEMA_VERSION)
SWEEP = titled(diagram.Diagram, "saddlecheck analyse --sweep", diagram.SCHEMA_VERSION)
FILES = {
    Path(__file__).with_name(name): json.dumps(schema, indent=1) + "\n"
    for name, schema in (("analyse.schema.json", SCHEMA), ("sweep.schema.json", SWEEP))
}

if __name__ == "__main__":
    for path, text in FILES.items():
        write_whole(path, text.encode())
