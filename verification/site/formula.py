r"""Formulas for display: the checked object through the one printer, and line breaks that change no symbol.

MathJax does not break lines, so a long formula is cut before a relation, a connective, or a sum's sign. A cut inside
parentheses turns their `\left( ... \right)` into `\bigl( ... \bigr)`, since a stretched pair cannot span two lines.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.abbreviations import abbreviations, definitions
from saddlecheck.theory.printing.displays import in_tex
from saddlecheck.theory.printing.tex import tex, tex_lines
from saddlecheck.theory.symbols import Expr, Formula

WIDTH = 78  # characters of a line of display mathematics in the page's column
LONG = 2000  # characters of LaTeX beyond which a formula is folded away behind a line that opens it

_TOKEN = re.compile(r"\\left[\\.]?[{(\[|.]?|\\right[\\.]?[})\]|.]?|\\[A-Za-z]+|\\.|.", re.DOTALL)
_CUT = re.compile(r" \\;\\(?:Longrightarrow|wedge|vee)\\; | (?:=|<|>|\\leq|\\geq|\\neq) | [+-] ")
_WORDS = re.compile(r"\\text\{([^{}]*)\}")  # a proposition among the parts of a conjunction
_INVISIBLE = {"\\left", "\\right", "\\;", "\\,", "\\quad", "\\frac", "\\text", "{", "}", "^", "_", " "}


def display(formula: Formula, limit: int = WIDTH) -> str:
    """A `math` directive (or, for a proposition in words, a paragraph) that shows the formula in such lines."""
    if isinstance(formula, Prop):
        from saddlecheck.theory.printing.prose import myst

        return f"{{.proposition}}\n{myst(formula.text)}\n"
    if names := abbreviations(formula):
        body = f"Abbreviated, with\n\n{_directive(definitions(names), limit)}\n{block(formula, limit, names)}"
    else:
        body = block(formula, limit)
    if len(body) <= LONG:
        return body
    count = f"{len(tex(formula)):,}".replace(",", " ")
    written_out = "written out, " if names else ""
    summary = f"The formula that was checked, in full ({written_out}{count} characters of LaTeX)"
    return folded(summary, body)


def stated(claim: Claim, limit: int = WIDTH, *, whole: bool = True) -> str:
    """A claim's statement in the notation of its source, where it has one, with what was checked folded behind it.

    whole: whether what was checked follows a statement in another notation.

    Returns:
        Markdown.
    """
    if claim.display is None:
        return display(claim.statement, limit)
    shown = in_tex(claim)
    body = _directive(shown.formula, limit)
    if shown.where:
        body += "\nwhere\n\n" + _directive(shown.where, limit)
    return body + (folded("The formula that was checked", block(claim.statement, limit)) if whole else "")


def conditions(given: Sequence[Formula], limit: int = WIDTH) -> str:
    """A `math` directive that lists conditions, on one line if they fit."""
    parts = [part for g in given for part in tex_lines(g)]
    line = r",\qquad ".join(parts)
    if width(line) + 3 * len(parts) <= limit:
        return f"```{{math}}\n{line}\n```\n"
    return _directive(parts, limit)


def folded(summary: str, body: str) -> str:
    """Markdown behind a line that opens it."""
    head = f"```{{raw}} html\n<details class='long'><summary>{summary}</summary>\n```\n"
    return f"{head}\n{body}\n```{{raw}} html\n</details>\n```\n"


def block(formula: Formula, limit: int = WIDTH, names: Mapping[Expr, str] = MappingProxyType({})) -> str:
    """A `math` directive with every part of a conjunction on lines of its own. names: parts that are abbreviated."""
    return _directive(tex_lines(formula, names), limit)


def _directive(parts: Sequence[str], limit: int) -> str:
    rows: list[str] = []
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        first, *more = _worded(words[1], limit) if (words := _WORDS.fullmatch(part)) else broken(part, limit)
        rows += [f"& {first}", *(rf"& \qquad {line}" for line in more)]
        if not last:
            rows[-1] += r" \quad\text{and}"
    body = rows[0].removeprefix("& ") if len(rows) == 1 else _aligned(rows)
    return f"```{{math}}\n{body}\n```\n"


def _worded(words: str, limit: int) -> list[str]:
    """A proposition in words as lines; a long one would leave its card, and an aligned row does not wrap."""
    return [rf"\text{{{line}}}" for line in textwrap.wrap(words, limit)]


def _aligned(rows: list[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\[2pt]\n".join(rows) + "\n\\end{aligned}"


@dataclass(frozen=True)
class _Cut:
    at: int  # index into the text
    depth: int  # of parentheses
    rank: int  # 0 before an implication, 1 before a connective, 2 before a relation or a sign
    width: float  # of what stands before it


def broken(text: str, limit: int = WIDTH) -> list[str]:
    r"""The LaTeX as lines no wider than `limit` where that can be: joined with spaces they are the text again,
    but for `\left` and `\right` of pairs that span lines.

    Returns:
        Lines, at least one; one that cannot be cut is wider.
    """  # noqa: D205  # one sentence
    lines: list[str] = []
    while width(text) > limit:
        cuts = [c for c in _cuts(text) if 0.3 * limit < c.width <= limit]
        if not cuts:
            cuts = [c for c in _cuts(text) if c.width > limit][:1]
            if not cuts:
                break
        best = min(cuts, key=lambda c: (c.depth, c.rank, -c.width))
        lines.append(text[: best.at])
        text = text[best.at :]
    lines.append(text)
    return [line.strip() for line in _balanced(lines)]


def width(text: str) -> float:
    r"""About how many characters wide the LaTeX is set; a fraction is as wide as its wider half."""
    total = 0.0
    while (start := text.find(r"\frac{")) >= 0:
        total += _flat(text[:start])
        upper, rest = _group(text[start + 5 :])
        lower, text = _group(rest)
        total += max(width(upper), width(lower))
    return total + _flat(text)


def _flat(text: str) -> float:
    """Characters, and the blanks that are set around signs (about one and a half) and connectives (about three)."""
    shown = sum(token not in _INVISIBLE for token in re.findall(r"\\[A-Za-z]+|\\.|.", text, re.DOTALL))
    return shown + sum(3.0 if r"\;" in cut else 1.5 for cut in _CUT.findall(text))


def _group(text: str) -> tuple[str, str]:
    """The content of the braces that the text starts with, and what follows them."""
    depth = 0
    for i, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return text[1:i], text[i + 1 :]
    return text[1:], ""


def _cuts(text: str) -> Iterator[_Cut]:
    """Where a line may end: outside braces, at any depth of parentheses."""
    braces = parens = position = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.startswith(r"\left"):
            parens += 1
        elif token.startswith(r"\right"):
            parens -= 1
        elif token in "{}":
            braces += 1 if token == "{" else -1
        position = match.start()
        if token == " " and braces == 0 and position and (cut := _CUT.match(text, position)):
            before_sign = text[position - 1] not in "(=<>" and cut.end() < len(text)
            if before_sign:
                rank = 0 if "Longrightarrow" in cut.group() else 1 if r"\;" in cut.group() else 2
                yield _Cut(position, parens, rank, width(text[:position]))


def _balanced(lines: list[str]) -> list[str]:
    r"""The lines with `\left`/`\right` of pairs that are split between lines written as `\bigl`/`\bigr`."""
    text = "\n".join(lines)
    stack: list[re.Match[str]] = []
    split: list[tuple[int, str]] = []
    for match in re.finditer(r"\\(?:left|right)(?![a-z])", text):
        if match.group() == r"\left":
            stack.append(match)
        elif stack:
            opening = stack.pop()
            if "\n" in text[opening.start() : match.start()]:
                split += [(opening.start(), r"\bigl"), (match.start(), r"\bigr")]
    for at, new in sorted(split, reverse=True):
        old = r"\left" if new == r"\bigl" else r"\right"
        text = text[:at] + new + text[at + len(old) :]
    return text.split("\n")
