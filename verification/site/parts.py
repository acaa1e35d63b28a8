"""Pieces of pages: verdict and engine chips, tables, numbers as people write them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.tex import tex_lines
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site import mathml
from saddlecheck.verification.site.fragments import fragment
from saddlecheck.verification.site.prose import plain

# A shape beside each colour, so that no reader depends on the colour.
MARK = {
    Verdict.HOLDS: "✓",
    Verdict.CORRECTED: "✎",
    Verdict.CONDITIONAL: "⊂",
    Verdict.REFUTED: "✗",
    Verdict.NUMERIC: "∿",
    Verdict.ACCEPTED: "❞",
    Verdict.OPEN: "○",
}
ENGINE = {
    "sympy": ("SymPy", "algebra: the difference reduces to zero"),
    "flint": ("FLINT", "the checker's normal forms: the difference reduces to zero"),
    "arb": ("Arb", "ball arithmetic: certified enclosures"),
    "z3": ("Z3", "its nonlinear real arithmetic refutes the negation"),
    "cvc5": ("cvc5", "refutes the negation, sharing no code with Z3"),
    "certificate": ("certificate", "a stored tree of cases, each closed by an identity, in exact arithmetic"),
    "mpmath": ("mpmath", "interval arithmetic"),
    "search": ("search", "exact rational counterexamples"),
    "source": ("source", "accepted on a source, not proved here"),
    "record": ("training", "recorded training runs"),
}


def slug(verdict: Verdict) -> str:
    """A verdict as a class name."""
    return verdict.value.replace(" ", "-")


def chip(verdict: Verdict) -> str:
    """A verdict as a coloured chip with its words; the style sheet puts its mark before them."""
    return f'<span class="chip v-{slug(verdict)}">{verdict}</span>'


def counts(verdicts: Iterable[tuple[Verdict, int]]) -> str:
    """Verdicts with their numbers in words, for who does not see a bar."""
    return ", ".join(f"{n} {v.value}" for v, n in verdicts)


def engine_name(engine: str) -> str:
    """An engine's name, as HTML."""
    return html.escape(ENGINE.get(engine, (engine, ""))[0])


def engine_chip(engine: str) -> str:
    """An engine's name in a frame; what it does stands under "Who checked it"."""
    return f'<span class="engine">{engine_name(engine)}</span>'


def does(engine: str) -> str:
    """What an engine does, in a few words."""
    return ENGINE.get(engine, (engine, "looked at it"))[1]


def inline(formula: Formula, limit: int = 400, instead: str = "") -> str:
    """A formula as inline mathematics in raw HTML; words where it is too long for a line."""
    if isinstance(formula, Prop):
        return plain(formula.text)
    text = r" \;\wedge\; ".join(tex_lines(formula))
    if len(text) > limit:
        return f'<span class="muted">{instead or f"a formula of {len(text)} characters"}</span>'
    return mathml.inline(text)


def seconds(value: float) -> str:
    """A duration with two figures that mean something."""
    if value < 0.001:
        return "<1 ms"
    if value < 1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.0f} min"


def settings(rows: Iterable[tuple[str, str]]) -> str:
    """Names with their values (HTML), flowing: many short pairs read better so than in a table of two columns."""
    return fragment("settings", rows=rows)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], css: str = "") -> str:
    """A table of HTML cells, whose rows are blocks with named cells where the page is narrow.

    Args:
        head: names of the columns.
        rows: cells.
        css: a class for which the style sheet names the cells; without one each cell carries its name.

    Returns:
        HTML.
    """
    names = list(head)
    labels = ["" if css else html.escape(re.sub("<.*?>", "", cell)) for cell in names]
    body = [list(zip(labels, row, strict=True)) for row in rows]
    return fragment("table", css=f"plain {css}".strip(), head=names, rows=body)
