"""The sections of a claim's page on runs (settings, seeds, margins) and on the false twins that were rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saddlecheck.theory.claims.evidence import AT_SCALE, NUMERIC, RAN, Evidence
from saddlecheck.theory.printing.prose import typeset
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.prose import plain
from saddlecheck.verification.site.templates import render

_WORD = {"proved": "as claimed", "refuted": "not as claimed", "undecided": "too few to decide"}


def runs(report: Report) -> list[dict[str, Any]]:
    """Experiments and records that bear on the claim, with what was fixed beforehand, as the page shows them."""
    return [_run(e, report.judgement.reason) for e in report.evidence if e.kind in NUMERIC]


def at_scale(report: Report) -> list[str]:
    """What training runs smaller than the claim's say at their own scale, and what ran; none where there are none."""
    return [f"{e.settings[AT_SCALE]} ({e.settings[RAN]})" for e in report.evidence if AT_SCALE in e.settings]


def _run(e: Evidence, reason: str) -> dict[str, Any]:
    measured = {k.replace("_", " "): v for k, v in dict(e.settings.get("measured", {})).items()}
    rows = [
        (plain(str(k).replace("_", " ")), plain(_value(v)))
        for k, v in e.settings.items()
        if k not in {"absolute", AT_SCALE, RAN}
        and (k not in {"twins", "measured", "runs"} or not isinstance(v, (dict, list)))
    ]
    margin = str(e.settings.get("margin", ""))
    cells = [(plain(k), *(f"{float(x):.6g}" for x in (v[2], v[0], v[1]))) for k, v in measured.items()]
    # What is there or not there, without an error: a picture of it shows nothing.
    exact = bool(measured) and all(v[1] == 0 and v[2] in (0, 1) and v[0] in (0, 1) for v in measured.values())
    # The reason of the verdict may be what the run says: it is printed once, there.
    why, parts_of_it = ("", []) if e.why == reason else _listed(_named(e.why, measured))
    return {
        "engine": e.engine,
        "word": f"{e.settings[AT_SCALE]} at this scale" if AT_SCALE in e.settings else _WORD[e.status],
        "why": why,
        "parts": parts_of_it,
        "picture": ""
        if exact or not measured
        else deviations(measured, margin, absolute=bool(e.settings.get("absolute"))),
        "cells": [] if exact else cells,
        "outcomes": [(plain(k), v[0] == v[2]) for k, v in measured.items()] if exact else [],
        "settings": [*rows, ("time", parts.seconds(e.seconds))],
        "rejected": [
            (plain(mistake), "rejected" if rejected else '<strong class="false">not rejected</strong>')
            for mistake, rejected in dict(e.settings.get("twins", {})).items()
        ],
    }


_MANY = 4  # comparisons that are read more easily one below the other


def _listed(why: str) -> tuple[str, list[str]]:
    """What a run was, and what it says of each comparison; a text about fewer than four stays whole."""
    comparisons = why.split("; ")
    head, *first = comparisons[0].rsplit(": ", 2)
    if len(comparisons) < _MANY or len(first) != 2:
        return why, []
    return f"{head}.", [": ".join(first), *comparisons[1:]]


def _named(text: str, names: Iterable[str]) -> str:
    """The text with observables called as in the tables: words, not identifiers."""
    for name in names:
        text = text.replace(name.replace(" ", "_"), name)
    return text


def deviations(measured: Mapping[str, Sequence[float]], margin: str, *, absolute: bool = False) -> str:
    """A picture: each observable's distance from the prediction with three standard errors, over the margin's band.

    Args:
        measured: observable -> (value, standard error, prediction).
        margin: a budget as it prints, its total last.
        absolute: it is in the observables' own units, else a share of each prediction.

    Returns:
        HTML: a figure with an inline SVG.
    """
    allowed = _total(margin)
    scaled = []
    for name, (value, error, predicted) in measured.items():
        unit = 1.0 if absolute else abs(predicted) or 1.0
        scaled.append((name, (value - predicted) / unit, 3 * error / unit))
    reach = 1.25 * max([allowed, *(abs(d) + e for _, d, e in scaled)]) or 1.0
    row, left, wide = 42, 20, 500  # narrow enough to be read on a phone: each name stands above its line
    height = row * len(scaled) + 34

    def x(deviation: float) -> float:
        return left + wide / 2 * (1 + deviation / reach)

    band = f"{x(-allowed):.1f}", f"{x(allowed) - x(-allowed):.1f}"
    rows = [
        {"y": 35 + row * k, "name": typeset(name)[:60], "at": f"{x(d):.1f}", "band": band,
         "error": (f"{x(d - e):.1f}", f"{x(d + e):.1f}")}
        for k, (name, d, e) in enumerate(scaled)
    ]  # fmt: skip
    words = (
        "Distance from the prediction, three standard errors either way; the band is the margin fixed before the run, "
        f"{allowed:.2g} either way{'' if absolute else ' of the predicted value'}."
    )
    return render(
        "deviations.html.jinja", rows=rows, words=words, left=left, middle=f"{x(0):.1f}", width=2 * left + wide,
        height=height,
    )  # fmt: skip


def _total(margin: str) -> float:
    try:
        return float(margin.rsplit("=", 1)[-1])
    except ValueError:
        return 0.0


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(v) for v in value)
    return str(value)
