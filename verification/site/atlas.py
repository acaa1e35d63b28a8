"""The pages of the atlas: the papers with their scoreboards, the stability table, the graph of the claims."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any

import sympy as sp

from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.printing.prose import typeset
from saddlecheck.theory.printing.tex import tex
from saddlecheck.verification.analysis import stability_table
from saddlecheck.verification.ledger.scoreboard import VOICES, scoreboard, sentence
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.parts import inline, slug
from saddlecheck.verification.site.prose_formulas import set_formulas
from saddlecheck.verification.site.templates import render

HOW = {"cites": 0, "is read by": 1, "is repaired by": 2}
_COLUMNS = ("trapped", "minimum", "almost_sure", "mean_square", "multiplier")  # what a reader asks for stands first
_LINE = 70  # of LaTeX fit a cell; of a longer formula the text is set, in which a line may end at each sign
_FIRST = "thm2"  # in the middle of the graph when the page opens


def papers_page(book: Book, others: Iterable[str] = ()) -> str:
    """The page `atlas/index`: every paper with its source, its scoreboard and a list of its claims.

    Args:
        book: the reports.
        others: names of further pages of the folder, which are listed in the site's contents.

    Returns:
        MyST Markdown.
    """
    return render("papers.md.jinja", papers=[_row(p, book) for p in book.papers if book.of(p)], others=list(others))


def _row(paper: Paper, book: Book) -> dict[str, Any]:
    reports = book.of(paper)
    board = scoreboard((r.claim.voice, r.verdict) for r in reports)
    bars = [(VOICES[voice], voice, [(v, n) for v, n in row.items() if n]) for voice, row in board.items()]
    known = dict.fromkeys(r.claim.provenance for r in reports if r.claim.provenance)
    return {"paper": paper, "sentence": sentence(board), "bars": bars, "known": ", ".join(known), "count": len(reports)}


def table_page(book: Book) -> str:
    """The page `atlas/stability-table`: what each rule does at a critical point, and what backs each entry."""
    rows = [
        {
            "row": r,
            "cells": [_cell(getattr(r, name)) for name in _COLUMNS],
            "claims": [c for c in r.claims if c in book.reports],
        }
        for r in stability_table.rows()
    ]
    heads = ["rule", *(stability_table.HEADS[name] for name in _COLUMNS)]
    return render("table.md.jinja", heads=heads, rows=rows, latex=stability_table.as_latex())


def _cell(entry: stability_table.Entry) -> tuple[str, str, str]:
    """HTML, what it is sorted by, and what backs it."""
    formula = entry.formula
    # The page says once what the noise is taken to be.
    text = "as in the mean" if entry.text == stability_table.ADDITIVE else entry.text
    words = formula is None or formula in (sp.true, sp.false) or len(tex(formula)) > _LINE
    shown = set_formulas(text) if words else inline(formula, _LINE)
    return shown, html.escape(entry.text), entry.backed


def graph_page(book: Book) -> str:
    """The page `atlas/graph`: the claims around one, to click through; and those on which most others rest."""
    resting = _resting(book)
    most = sorted(resting, key=lambda i: -len(resting[i]))[:12]
    return render("graph.md.jinja", data=graph_data(book), reports=book.reports, most=[(i, resting[i]) for i in most])


def _resting(book: Book) -> dict[str, list[str]]:
    """Claim -> the claims that rest on it."""
    found: dict[str, list[str]] = {}
    for i, r in book.reports.items():
        for on in graph.grounds(r.claim):
            if on in book.reports:
                found.setdefault(on, []).append(i)
    return found


def graph_data(book: Book) -> str:
    """The graph as JSON: title and verdict of each claim by id, and each edge as [claim, on, how]."""
    claims = {i: [typeset(r.claim.title), slug(r.verdict)] for i, r in book.reports.items()}
    edges = _edges(book)
    first = _FIRST if _FIRST in claims else next(iter(claims))
    return _script({"first": first, "claims": claims, "edges": edges})


def _edges(book: Book) -> list[list[str | int]]:
    known = {i: r.claim for i, r in book.reports.items()}
    found = {(e.claim, e.on, HOW[e.how]): None for i in known for e in graph.edges(known, i) if e.on in known}
    return [list(edge) for edge in found]


def _script(value: Any) -> str:
    """JSON that may stand in a script of a page: a closing tag in a title ends nothing."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
