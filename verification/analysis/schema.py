"""JSON schema of `saddlecheck analyse … --json`: the form that other programs may rely on.

`lr_max` is null where no step attracts or circles, `rho_threshold` where no direction is curved down. Where they are
null for another reason, `null_means` beside them says so: "unknown", or "unbounded" for an `lr_max` that has no end.
"""

from __future__ import annotations

from typing import Any

from saddlecheck.verification.analysis.result import SCHEMA_VERSION

_NUMBER, _OPTIONAL = {"type": "number"}, {"type": ["number", "null"]}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _meaning(field: str, *words: str) -> dict[str, Any]:
    """Why a field is null where that does not mean that there is no such number."""
    return _object({field: {"enum": list(words)}})


END = _object(
    {"pattern": _TEXT, "half_width": _NUMBER, "starts": _COUNT, "of": _COUNT, "period": _COUNT}
)  # fmt: skip
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
        "period": {"type": "integer", "minimum": 2},
        "cycle_at": _list(_list(_NUMBER)),
        "variance": _OPTIONAL,
        "escape_time": _OPTIONAL,
        "simulated": {"enum": ["confirmed", "contradicted", "inconclusive"]},
        "seen": _TEXT,
        "ends": _list(END),
        "null_means": _meaning("lr_max", "unknown", "unbounded"),
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
        "null_means": _meaning("rho_threshold", "unknown"),
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
            "schema": {"const": SCHEMA_VERSION},
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
