r"""What a referee attaches to a review: a paper's claims with their verdicts, counterexamples and repairs.

The report is a list of blocks, written as Markdown (mathematics in dollars) or as a LaTeX document. What is ours
appears only as the repair of something that the paper asserts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sympy as sp

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.printing import displays
from saddlecheck.theory.printing.prose import myst
from saddlecheck.theory.printing.tex import alphabet, tex, tex_lines
from saddlecheck.verification.ledger import scoreboard
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Ground
from saddlecheck.verification.site.line_breaks import WIDTH, broken, unstacked, width
from saddlecheck.verification.site.voices import entry, form, speaker


@dataclass(frozen=True)
class Block:
    """A part of the report.

    label: bold, before the words.  lines: of mathematics, as LaTeX; a table's cells; or the equations that the words
    are, for LaTeX.
    """

    kind: Literal["title", "section", "claim", "words", "formula", "table"]
    text: str = ""
    label: str = ""
    lines: Sequence[Sequence[str]] = ()


def referee(paper: Paper, reports: Mapping[str, Report], *, latex: bool) -> str:
    """The report on a paper.

    Args:
        paper: the paper.
        reports: those of its claims, by id.
        latex: a LaTeX document; else Markdown.

    Returns:
        The text.
    """
    with alphabet(paper.symbols):
        blocks = list(_blocks(paper, reports))
    if latex:
        return _PREAMBLE + "\n".join(map(_latex, blocks)) + "\n\\end{document}\n"
    return "\n".join(map(_markdown, blocks))


def _blocks(paper: Paper, reports: Mapping[str, Report]) -> Iterator[Block]:
    board = scoreboard.scoreboard((r.claim.voice, r.verdict) for r in reports.values())
    yield Block("title", f"Report on {paper.source}" + (f", version {paper.version}" if paper.version else ""))
    yield Block("words", f"{scoreboard.sentence(board)} Each verdict below was computed by saddlecheck from evidence.")
    yield Block("table", lines=scoreboard.rows(board))
    asserted = [r for r in reports.values() if r.claim.voice in ("paper", "reading") and not r.claim.amends]
    here = None
    for report in asserted:
        if (section := report.claim.place.section) != here:
            here = section
            number = f"Section {section}" if section[:1].isdigit() else section.capitalize()
            yield Block("section", ": ".join(part for part in (number, paper.sections.get(section, "")) if part))
        yield from _claim(report, paper)


def _claim(report: Report, paper: Paper) -> Iterator[Block]:
    claim, judgement = report.claim, report.judgement
    yield Block("claim", f"{entry(claim)} ({claim.id})")
    yield Block("words", speaker(claim, paper) + claim.says)
    yield from _statement(claim, form(claim))
    done = "" if judgement.ground is Ground.NONE else f" ({judgement.ground})"
    yield Block("words", f"{judgement.words}{done}. {_capital(judgement.reason)}.", "Verdict")
    if judgement.witness is not None:
        point = ", ".join(f"{name} = {value}" for name, value in judgement.witness.items())
        values = [list(_coordinates(claim, judgement.witness))]
        yield Block("words", f"{point or 'the statement has no variables'}.", "Counterexample", values if point else ())
    for words in (claim.finding, claim.argument):
        if words:
            yield Block("words", words)
    for repair in (r for r in report.repairs if r.id in judgement.amended_by):
        yield Block("words", f"{repair.claim.title} ({repair.id}). {repair.claim.says}", "Instead")
        yield from _statement(repair.claim, "What holds")


def _coordinates(claim: Claim, witness: Mapping[str, str]) -> Iterator[str]:
    """The equations of a point as LaTeX, its symbols as in the claim's formulas."""
    symbols = {str(s): s for s in sp.Tuple(claim.statement, *claim.given).free_symbols}
    for name, value in witness.items():
        letter = tex(symbols[name]) if name in symbols else rf"\text{{{_tex(name)}}}"
        number = value if _RATIONAL.fullmatch(value) else rf"\text{{{_tex(value)}}}"
        yield f"{letter} = {number}"


def _statement(claim: Claim, label: str) -> Iterator[Block]:
    if not claim.is_formula:
        return
    if claim.given:
        yield Block("words", "under the conditions", label)
        yield Block("formula", lines=_rows([line for g in claim.given for line in tex_lines(g)]))
        yield Block("words", "it is stated that")
    else:
        yield Block("words", "it is stated that", label)
    shown = displays.in_tex(claim)
    yield Block("formula", lines=[[line] for line in shown.formula])
    if shown.where:
        yield Block("words", "where")
        yield Block("formula", lines=[[line] for line in shown.where])


def _rows(conditions: Sequence[str]) -> list[list[str]]:
    """Conditions side by side, as many in a row as are no wider than it."""
    rows: list[str] = []
    for condition in conditions:
        if rows and width(longer := rf"{rows[-1]},\quad {condition}") <= WIDTH:
            rows[-1] = longer
        else:
            rows.append(condition)
    return [[row] for row in rows]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].removesuffix(".")


def _markdown(block: Block) -> str:
    match block.kind:
        case "title" | "section" | "claim":
            return f"{'#' * (1 + ['title', 'section', 'claim'].index(block.kind))} {myst(block.text)}\n"
        case "formula":
            return "".join(f"$$\n{line}\n$$\n" for (line,) in block.lines)
        case "table":
            head, *rows = block.lines
            return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))
    return (f"**{block.label}:** " if block.label else "") + myst(block.text) + "\n"


def _latex(block: Block) -> str:
    match block.kind:
        case "title":
            return f"\\title{{{_tex(block.text)}}}\n\\date{{}}\n\\maketitle"
        case "section":
            return f"\\section*{{{_tex(block.text)}}}"
        case "claim":
            return f"\\subsection*{{{_tex(block.text)}}}"
        case "formula":
            rows = (" \\\\\n&\\quad ".join(map(_paragraph, broken(unstacked(line)))) for (line,) in block.lines)
            return "\\begin{align*}\n& " + " \\\\\n& ".join(rows) + "\n\\end{align*}\n"
        case "table":
            rows = (" & ".join(map(_tex, row)) + r" \\" for row in block.lines)
            return (
                f"\\begin{{tabular}}{{l{'r' * (len(block.lines[0]) - 1)}}}\n" + "\n".join(rows) + "\n\\end{tabular}\n"
            )
    equations = [f"${equation}$" for line in block.lines for equation in line]
    words = f"{', '.join(equations)}." if equations else _tex(block.text)
    return (f"\\textbf{{{block.label}:}} " if block.label else "") + words + "\n"


def _paragraph(line: str) -> str:
    r"""A line of mathematics; one in which words are too long for it as a paragraph."""
    mathematics = (parts := re.split(r"\\text\{([^{}]*)\}", line))[::2]
    if len(parts) == 1 or width(line) <= WIDTH or any(m.count(r"\left") != m.count(r"\right") for m in mathematics):
        return line
    if any(m.count("{") != m.count("}") for m in mathematics):
        return line
    words = "".join(part if i % 2 else f"${part}$" if part.strip() else part for i, part in enumerate(parts))
    return rf"\parbox[t]{{.9\linewidth}}{{\raggedright {words}}}"


_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath,amssymb}
\allowdisplaybreaks
\setlength{\parindent}{0pt}\setlength{\parskip}{.5em}
\begin{document}
"""
_RATIONAL = re.compile(r"-?\d+(/\d+)?")
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}",
    "|": r"\textbar{}",
}  # fmt: skip


def _tex(text: str) -> str:
    """Words for LaTeX: as they stand, with its special characters made harmless; backticks become typewriter type."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    safe = ["".join(_SPECIAL.get(c, c) for c in part) for part in parts]
    return "".join(rf"\texttt{{{part}}}" if i % 2 else part for i, part in enumerate(safe))
