"""The sections of a claim's page on runs (settings, seeds, margins) and on the false twins that were caught."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from theory.evidence import NUMERIC, Evidence
from verification.ledger import Report
from verification.pages import parts
from verification.pages.prose import plain
from verification.twins import Trial

_WORD = {"proved": "as claimed", "refuted": "not as claimed", "undecided": "not enough to tell"}


def numeric_section(report: Report) -> str:
    """Experiments and training records that bear on the claim, with what was fixed beforehand."""
    found = [e for e in report.evidence if e.kind in NUMERIC]
    if not found:
        return ""
    return "## Runs\n\n" + "".join(parts.raw(_run(e)) for e in found)


def _run(e: Evidence) -> str:
    head = f"<p>{parts.engine_chip(e.engine)} <strong>{_WORD[e.status]}</strong> {plain(e.why)}</p>"
    rows = [(html.escape(str(k)), html.escape(_value(v))) for k, v in e.settings.items() if k != "twins"]
    rows.append(("time", parts.seconds(e.seconds)))
    return head + parts.table(("setting", "value"), rows, "settings")


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(v) for v in value)
    return str(value)


def twins_section(trials: Sequence[Trial]) -> str:
    """The deliberate mistakes that were put to the engines, and who caught each."""
    if not trials:
        return ""
    killed = sum(t.killed for t in trials)
    rows = []
    for t in trials:
        where = "statement" if t.target == "statement" else html.escape(t.target)
        caught = " ".join(parts.engine_chip(e) for e in t.refuted_by) or '<strong class="false">survived</strong>'
        rows.append((plain(t.mistake), where, parts.inline(t.formula, 160), caught))
    text = f"<p>{killed} of {len(trials)} deliberate mistakes were refuted.</p>"
    return "## False twins\n\n" + parts.raw(
        text + parts.table(("mistake", "in", "the false formula", "caught by"), rows)
    )
