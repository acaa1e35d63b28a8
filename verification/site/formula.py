"""Formulas as the pages show them: the checked object through the one printer, and what makes a long one readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.abbreviations import abbreviations, definitions
from saddlecheck.theory.printing.displays import in_tex
from saddlecheck.theory.printing.tex import tex, tex_lines
from saddlecheck.theory.symbols import Expr, Formula
from saddlecheck.verification.site import mathml
from saddlecheck.verification.site.prose import plain

LONG = 1500  # characters of LaTeX beyond which a formula is folded away behind a line that opens it


def display(formula: Formula) -> str:
    """A formula on lines of its own as HTML; what it repeats is defined first, and a long one is folded."""
    if isinstance(formula, Prop):
        return f'<p class="proposition">{plain(formula.text)}</p>'
    if names := abbreviations(formula):
        lines = tex_lines(formula, names)
        body = f'<p class="label">Abbreviated, with</p>{rows(definitions(names))}{rows(lines, "and")}'
    else:
        lines = tex_lines(formula)
        body = rows(lines, "and")
    if sum(map(len, [*lines, *definitions(names)])) <= LONG:
        return body
    count = f"{len(tex(formula)):,}".replace(",", " ")
    written_out = "written out, " if names else ""
    return folded(f"The formula that was checked, in full ({written_out}{count} characters of LaTeX)", body)


def stated(claim: Claim, *, whole: bool = True) -> str:
    """A claim's statement in the notation of its source, where it has one, with what was checked folded behind it.

    whole: whether what was checked follows a statement in another notation.

    Returns:
        HTML.
    """
    if claim.display is None:
        return display(claim.statement)
    shown = in_tex(claim)
    body = rows(shown.formula, "and") + where(claim)
    return body + (folded("The formula that was checked", block(claim.statement)) if whole else "")


def where(claim: Claim) -> str:
    """What the names in a claim's display stand for, as HTML; empty where there are none."""
    if claim.display is None or not (shown := in_tex(claim)).where:
        return ""
    return f'<p class="label">where</p>{rows(shown.where)}'


def conditions(given: Iterable[Formula]) -> str:
    """Conditions as HTML, one behind the other, as many on a line as fit."""
    parts = dict.fromkeys(part for g in given for part in tex_lines(g))
    return f'<p class="given">{", ".join(map(mathml.inline, parts))}</p>'


def folded(summary: str, body: str) -> str:
    """HTML behind a line that opens it."""
    return f"<details class='long'><summary>{summary}</summary>{body}</details>"


def block(formula: Formula, names: Mapping[Expr, str] = MappingProxyType({})) -> str:
    """HTML with every part of a conjunction on lines of its own. names: parts that are abbreviated."""
    return rows(tex_lines(formula, names), "and")


def rows(lines: Sequence[str], joined: str = "") -> str:
    """Lines of LaTeX as HTML, one below the other. joined: the word that joins them, set behind all but the last."""
    return mathml.display(lines, joined)
