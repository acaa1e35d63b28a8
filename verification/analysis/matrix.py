"""The answer on one screen: critical points by optimisers, each cell a verdict and the step below which it stands.

Points with the same spectrum and the same row are one row. Where the console is too narrow for all optimisers the
matrix goes on below, with the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from saddlecheck.verification.analysis.result import Point, Ruling
from saddlecheck.verification.analysis.settings import SHOWN
from saddlecheck.verification.palette import RULING

ROWS = 24
_PLACE = 14
KEY = (
    "rho*: SAM's radius from which small steps attract. <n: any lr below n does the same; <?: not known. "
    "✓ ✗: its own runs confirm or contradict it. ~: found, not proved to exist."
)


@dataclass(frozen=True)
class MatrixRow:
    """Points with one answer: their numbers from 1, and the points."""

    numbers: tuple[int, ...]
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        """Numbers and places."""
        named = [f"{k} {place(p)}" for k, p in zip(self.numbers, self.points, strict=True)]
        more = f" and {len(named) - 4} more" if len(named) > 5 else ""
        return ("point " if len(named) == 1 else "points ") + ", ".join(named[:4] if more else named) + more


def chosen(p: Point, *, every: bool, momentum: bool) -> list[str]:
    """Ids of the optimisers that are shown: without a momentum heavy ball says what its force says without it."""
    usual = [n for n in SHOWN if n in p.optimisers and (momentum or n != "heavy_ball_sam")]
    return list(p.optimisers) if every or not usual else usual


def groups(points: Sequence[Point], names: Sequence[str]) -> list[MatrixRow]:
    """The points in order, those with the same row in the matrix together where the first of them stands."""
    found: dict[tuple[object, ...], list[int]] = {}
    for k, p in enumerate(points):
        spectrum = tuple(f"{e:.5g}" for e in p.eigenvalues)
        row = tuple((_plain(p.optimisers[n]), p.optimisers[n].flow, p.optimisers[n].why) for n in names)
        found.setdefault((p.kind, p.certified, spectrum, row), []).append(k)
    return [MatrixRow(tuple(k + 1 for k in ks), tuple(points[k] for k in ks)) for ks in found.values()]


def tables(rows: Sequence[MatrixRow], names: Sequence[str], width: int) -> Iterator[Table]:
    """The matrix, in as many parts as the console's width asks for."""
    lead = [_lead(g) for g in rows[:ROWS]]
    left = sum(max(len(line[i]) for line in (("", "at", "kind", "rho*"), *lead)) + 1 for i in range(4))
    part: list[str] = []
    used = left
    for n in names:
        wide = 1 + max(len(n), *(len(_plain(g.points[0].optimisers[n])) for g in rows[:ROWS]))
        if part and used + wide > width:
            yield _part(rows, lead, part)
            part, used = [], left
        part.append(n)
        used += wide
    yield _part(rows, lead, part)


def _part(rows: Sequence[MatrixRow], lead: Sequence[tuple[str, ...]], names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("", "at", "kind", "rho*", *names):
        table.add_column(column, overflow="fold")
    for g, line in zip(rows, lead, strict=False):  # no more rows than are shown
        table.add_row(*map(escape, line), *(word(g.points[0].optimisers[n]) for n in names))
    return table


def _lead(g: MatrixRow) -> tuple[str, ...]:
    """Numbers, the first place, the kind (marked where the point is not proved to exist) and SAM's threshold."""
    p, several = g.points[0], len(g.points) > 1
    numbers = ", ".join(map(str, g.numbers[:3])) + ("…" if len(g.numbers) > 3 else "")
    return numbers, place(p) + (" …" if several else ""), p.kind + ("" if p.certified else " ~"), threshold(p)


def place(p: Point, width: int = _PLACE) -> str:
    """(x, y, …), cut to so many characters."""
    if not p.at:
        return "here"
    shown = [f"{x:.4g}" for x in p.at]
    for count in range(len(shown), 0, -1):
        text = "(" + ", ".join(shown[:count]) + (", …)" if count < len(shown) else ")")
        if len(text) <= width:
            return text
    return f"({shown[0]}, …)" if len(shown) > 1 else f"({shown[0]})"


def threshold(p: Point) -> str:
    """SAM's rho* as text."""
    if p.rho_threshold is None:
        return "–" if p.threshold_known else "?"
    return f"{p.rho_threshold:.5g}"


def word(r: Ruling) -> str:
    """A cell: the verdict, whether its runs agree, and the step below which it stands."""
    return f"[{RULING[r.verdict]}]{r.verdict}[/]{_mark(r)}{_edge(r)}"


def _plain(r: Ruling) -> str:
    return f"{r.verdict}{_mark(r)}{_edge(r)}"


def _mark(r: Ruling) -> str:
    return {"confirmed": "✓", "contradicted": "✗"}.get(r.simulated or "", "")


def _edge(r: Ruling) -> str:
    if r.verdict not in ("attracts", "cycle"):
        return ""
    if r.lr_max is None:
        return " <?"
    return "" if math.isinf(r.lr_max) else f" <{r.lr_max:.3g}"
