"""A claim's statement as its reader sees it: the display if it has one, with what its names stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.tex import tex, tex_lines
from saddlecheck.theory.symbols import Expr

_SIGNS = {r"\nabla": "grad ", r"\ell": "l", r"\mathcal": "", r"\mathrm": "", r"\operatorname": "", r"\ddot": "dd"}


@dataclass(frozen=True)
class Shown:
    """Lines of a statement, and lines that say what their names stand for (none without a display)."""

    formula: tuple[str, ...]
    where: tuple[str, ...] = ()


def in_tex(claim: Claim) -> Shown:
    """The statement in LaTeX for math mode, a line for each part that is asserted."""
    if claim.display is None:
        return Shown(tuple(tex_lines(claim.statement)))
    lines = (line for part in claim.display.parts for line in tex_lines(part))
    return Shown(tuple(lines), tuple(f"{tex(name)} = {tex(what)}" for name, what in claim.display.where.items()))


def in_text(claim: Claim) -> Shown:
    """The statement for a terminal."""
    if claim.display is None:
        return Shown((_text(claim.statement, ()),))
    where = claim.display.where
    formula = tuple(_text(part, where) for part in claim.display.parts)
    return Shown(formula, tuple(f"{_text(name, where)} = {_text(what, where)}" for name, what in where.items()))


def _text(expr: Expr, names: Iterable[Any]) -> str:
    if isinstance(expr, Prop):
        return str(expr.text)
    text = str(expr)
    for name in names:
        raw = name.func.__name__ if getattr(name, "is_Function", False) else name.name
        text = text.replace(raw, _plain(raw))
    return text


def _plain(name: str) -> str:
    r"""A name in LaTeX as plain text: \nabla\ell(w^{p}) becomes grad l(w^p)."""
    for sign, word in _SIGNS.items():
        name = name.replace(sign, word)
    return re.sub(r"[\\{}]", "", name)


__all__ = ["Shown", "in_tex", "in_text"]
