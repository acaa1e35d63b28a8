"""The form of a certificate: which fields it has and of what types, and how its text is read."""

from __future__ import annotations

import json
import re
from typing import Any

from saddlecheck.theory.checker.tree import Damaged

FORMAT = 3
_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.")
_TREE, _POINT = (list, bool), ({...: str}, None)
_SHAPE = {
    "format": int, "paper": str, "id": str, "title": str, "place": str, "says": str, "reading": str, "finding": str,
    "amends": (str, None), "settles": str, "given": [_TREE], "statement": _TREE,
    "steps": [{"name": str, "kind": str, "because": str, "uses": [str], "formula": _TREE, "fields": {...: dict},
               "basis": str}],
    "proofs": {...: list}, "model": _POINT, "witness": _POINT,
    "runs": [{"kind": str, "engine": str, "status": str, "why": str, "witness": _POINT, "settings": {...: object}}],
    "rests": [dict], "repairs": [dict], "verdict": str, "as_printed": str, "reason": str, "digest": str,
}  # fmt: skip


def read(text: str) -> dict[str, Any]:
    """The data of a certificate. Raises Damaged for text that is none, or one of another format."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Damaged(f"this is no certificate: {why}") from error
    if not isinstance(data, dict) or type(data.get("format")) is not int:
        raise Damaged("this is no certificate: it names no format")
    if data["format"] != FORMAT:
        raise Damaged(f"this is a certificate of format {data['format']}; this version reads format {FORMAT}")
    return data


def require_shape(data: Any) -> None:
    """Return if data have the form of a certificate of this format.

    Raises:
        Damaged: if they have not; the message names what is of another form.
    """
    _require_fits(data, _SHAPE, "the certificate")
    _require(data["format"] == FORMAT, "the format")


def require_printable(text: str) -> None:
    """Return if JSON text in ASCII holds no unprintable character: one could draw lines of its own into the report.

    Raises:
        Damaged: if it does.
    """
    # Half a character beyond the basic plane is written as an escape of its own; together they are one.
    escaped = {each for each in _ESCAPE.findall(text) if each[1] not in '"\\/'}
    _require(all(json.loads(f'"{each}"').isprintable() for each in escaped), "a text with an unprintable character")


def _require_fits(data: Any, shape: Any, where: str) -> None:
    """Return if data have a shape: a type, alternatives, a list of a shape, a mapping of names (... any) to shapes."""
    if isinstance(shape, tuple):
        fits = [s for s in shape if (data is None if s is None else type(data) is (dict if isinstance(s, dict) else s))]
        _require(bool(fits), where)
        if data is not None:
            _require_fits(data, fits[0], where)
    elif isinstance(shape, list):
        _require(type(data) is list, where)
        for part in data:
            _require_fits(part, shape[0], where)
    elif isinstance(shape, dict):
        _require(type(data) is dict and (... in shape or set(data) == set(shape)), where)
        for name, part in data.items():
            _require_fits(part, shape.get(name, shape.get(...)), f"{name} in {where}")
    else:
        _require(shape is object or type(data) is shape, where)


def _require(condition: bool, where: str) -> None:
    if not condition:
        raise Damaged(f"{where} is not of the form that format {FORMAT} has")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
