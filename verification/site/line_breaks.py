r"""Where a formula may end its line: before a relation, a connective, or a sum's sign, and no symbol is changed.

Browsers do not break the lines of a formula, so a page sets it in pieces, between which the line may end (`pieces`). A
cut inside parentheses turns their `\left( ... \right)` into `\bigl( ... \bigr)`, since a stretched pair cannot span two
lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 78  # characters of a line of display mathematics in a page's column
NARROW = 30  # characters that fit a phone's line, beside the indent of a continued one
_STACKED = 1.7  # phone lines: up to here a fraction that does not fit is set smaller, beyond on one level
_SHORT = 18  # no wider: left in one piece, so that `x > 0` is not set on two lines

_TOKEN = re.compile(r"\\left[\\.]?[{(\[|.]?|\\right[\\.]?[})\]|.]?|\\[A-Za-z]+|\\.|.", re.DOTALL)
_CUT = re.compile(r" \\;\\(?:Longrightarrow|wedge|vee)\\; | (?:=|<|>|\\leq|\\geq|\\neq|\\Leftrightarrow) | [+-] ")
_INVISIBLE = {"\\left", "\\right", "\\;", "\\,", "\\quad", "\\frac", "\\text", "{", "}", "^", "_", " "}


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


def pieces(text: str, limit: int = NARROW) -> list[str]:
    """The LaTeX in pieces between which a line may end; inside parentheses only where a piece would be too wide.

    Returns:
        Pieces in order. One that is wider than `limit` has no place to be cut.
    """
    ends = [cut.at for cut in _cuts(text) if cut.depth == 0]
    parts = [text[a:b].strip() for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if text]
    found: list[str] = []
    for part in parts:
        for piece in broken(unstacked(part, _STACKED * limit), limit):
            if found and width(f"{found[-1]} {piece}") <= _SHORT:
                found[-1] += f" {piece}"
            else:
                found.append(piece)
    return found


def unstacked(text: str, limit: float = WIDTH) -> str:
    r"""The LaTeX with each fraction that is wider than the limit, and that no braces hold, on one level: (a) / (b)."""
    start = 0
    while width(text[start:]) > limit and (at := _fraction(text, start)) >= 0:
        upper, rest = _group(text[at + 5 :])
        lower, after = _group(rest)
        if max(width(upper), width(lower)) > limit:
            upper = rf"\left({upper}\right)" if any(cut.depth == 0 for cut in _cuts(upper)) else upper
            lower = rf"\left({lower}\right)" if _is_product(lower) else lower
            text = f"{text[:at]}{upper} / {lower}{after}"
        else:
            start = len(text) - len(after)
    return text


def _is_product(text: str) -> bool:
    """Whether there is more than one factor or term, outside braces and parentheses."""
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == " " and depth == 0:
            return True
        depth += (token == "{" or token.startswith(r"\left")) - (token == "}" or token.startswith(r"\right"))
    return False


def _fraction(text: str, start: int) -> int:
    """Where the first fraction outside braces begins, or -1."""
    braces = 0
    for match in _TOKEN.finditer(text, start):
        if match.group() == r"\frac" and braces == 0:
            return match.start()
        braces += (match.group() == "{") - (match.group() == "}")
    return -1


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
