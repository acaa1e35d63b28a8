"""JSON schema of `saddlecheck analyse … --json`: the form that other programs may rely on."""

from __future__ import annotations

from typing import Any

_NUMBER, _OPTIONAL = {"type": "number"}, {"type": ["number", "null"]}
_TEXT = {"type": "string"}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


RULING = _object(
    {
        "verdict": {"enum": ["attracts", "repels", "neutral", "cycle", "undecided"]},
        "lr_max": _OPTIONAL,
        "why": _TEXT,
        "claims": _list(_TEXT),
        "flow": {"enum": ["attracts", "repels", "neutral", "undecided"]},
        "certified": {"type": "boolean"},
    },
    {
        "cycle": _OPTIONAL,
        "cycle_at": _list(_list(_NUMBER)),
        "variance": _OPTIONAL,
        "escape_time": _OPTIONAL,
        "simulated": {"enum": ["confirmed", "contradicted", "inconclusive"]},
        "seen": _TEXT,
    },
)
SHARE = _object(
    {"radius": _NUMBER, "captured": {"type": "integer"}, "of": {"type": "integer"}, "share": _NUMBER, "low": _NUMBER,
     "high": _NUMBER}
)  # fmt: skip
POINT = _object(
    {
        "at": _list(_NUMBER),
        "value": _OPTIONAL,
        "eigenvalues": _list(_OPTIONAL),
        "kind": {"enum": ["minimum", "maximum", "saddle", "degenerate", "unknown"]},
        "index": {"type": "integer", "minimum": 0},
        "rho_threshold": _OPTIONAL,
        "optimisers": {"type": "object", "additionalProperties": RULING},
        "certified": {"type": "boolean"},
    },
    {
        "exact": _list(_TEXT),
        "basins": {"type": "object", "additionalProperties": _list(SHARE)},
        "region": _object(
            {"rho": _list(_NUMBER), "lr_max": {"type": "object", "additionalProperties": _list(_OPTIONAL)}}
        ),
    },
)
COMPONENT = _object(
    {
        "equations": _list(_TEXT),
        "dimension": {"type": "integer", "minimum": 1},
        "value": _OPTIONAL,
        "pieces": _list(_object({"kind": _TEXT, "where": _TEXT})),
        "transverse_eigenvalues": _list(_TEXT),
        "samples": _list(POINT),
    }
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "saddlecheck analyse",
    **_object(
        {
            "loss": _TEXT,
            "points": _list(POINT),
            "warnings": _list(_TEXT),
            "complete": {"type": "boolean"},
            "variables": _list(_TEXT),
            "components": _list(COMPONENT),
            "settings": {"type": "object"},
            "engines": _list(_TEXT),
            "box": {"type": ["array", "null"]},
        },
        {"measured": {"type": "object"}},
    ),
}
