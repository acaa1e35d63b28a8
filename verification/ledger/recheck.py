"""Re-evaluate a certificate from its file alone.

The modules that hold the derivations are not consulted: formulas are read from the file, witnesses are evaluated,
steps are put to the engines again. What cannot be re-evaluated (a lemma accepted on a source, a simulation) is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import exact_part
from saddlecheck.theory.claims.step_serial import REPEATABLE, decode
from saddlecheck.theory.claims.steps import Premises
from saddlecheck.theory.engines import counterexample

FORMAT = 1
_MAX_BYTES = 8_000_000


class BadCertificateError(ValueError):
    """A certificate that cannot be read, or that was changed after it was written."""


@dataclass(frozen=True)
class Line:
    """One line of a re-check: what, whether it was confirmed, contradicted or not re-evaluated, and how."""

    what: str
    result: Literal["confirmed", "contradicted", "not rechecked"]
    how: str


def read(path: Path) -> dict[str, Any]:
    """The certificate in a file. Raises BadCertificateError if it is unreadable, of another format, or changed."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadCertificateError(f"{path} is larger than {_MAX_BYTES} bytes; a certificate is not.")
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        if isinstance(error, BadCertificateError):
            raise
        raise BadCertificateError(f"{path} cannot be read as a certificate ({error}).") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadCertificateError(f"{path} is not a certificate of format {FORMAT}; write it anew with `check`.")
    stated = data.pop("digest", None)
    if serial.digest(data) != stated:
        raise BadCertificateError(f"{path} was changed after it was written: its digest does not match its content.")
    return data


def recheck(data: Mapping[str, Any]) -> Iterator[Line]:
    """Re-evaluate a certificate's witness and steps, line by line. Raises BadCertificateError on a damaged formula."""
    try:
        given = tuple(serial.decode(g["tree"]) for g in data["given"])
        statement = serial.decode(data["statement"]["tree"])
        yield from _witness(data, statement, given)
        stated = {s["name"]: serial.decode(s["stated"]["tree"]) for s in data["steps"]}
        for stored in data["steps"]:
            yield _line(stored, Premises(given, (stated[name] for name in stored["uses"])))
        if data["steps"] and stated[data["steps"][-1]["name"]] != statement:
            yield Line("conclusion", "contradicted", "the last step does not conclude the statement")
    except (serial.Unreadable, KeyError, TypeError, AttributeError) as error:
        raise BadCertificateError(f"the certificate of {data.get('id', '?')} is damaged ({error}).") from error
    if not data["steps"] and not data["witness"] and data["witness"] != {}:
        yield Line("statement", "not rechecked", "no proof and no witness: it rests on a run, or is open")


def _witness(data: Mapping[str, Any], statement: Any, given: tuple[Any, ...]) -> Iterator[Line]:
    if data["witness"] is None or exact_part(statement) is None:
        return
    free = set().union(*(f.free_symbols for f in (exact_part(statement), *given)))
    point = {s: sp.Rational(*map(int, data["witness"][s.name].split("/"))) for s in free}
    false_there = counterexample.is_counterexample(point, statement, given)
    shown = ", ".join(f"{s} = {v}" for s, v in data["witness"].items()) or "no variables"
    how = f"{shown}: conditions true, statement false, by SymPy and by exact or ball arithmetic"
    yield Line("witness", "confirmed", how) if false_there else Line("witness", "contradicted", shown)


def _line(stored: Mapping[str, Any], premises: Premises) -> Line:
    what = f"step {stored['name']}"
    if stored["kind"] not in REPEATABLE:
        return Line(what, "not rechecked", f"{stored['kind']} steps need the code or the source that they cite")
    outcomes = decode(stored).check(premises)
    if bad := [o for o in outcomes if o.status == "refuted"]:
        return Line(what, "contradicted", f"{bad[0].engine}: {bad[0].why}")
    proved = [o.engine for o in outcomes if o.status == "proved"]
    result: Literal["confirmed", "not rechecked"] = "confirmed" if proved else "not rechecked"
    return Line(what, result, " and ".join(proved) or "; ".join(o.why for o in outcomes))
