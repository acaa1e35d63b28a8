"""`saddlecheck table`: what each rule does at a critical point, and what backs each entry."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from saddlecheck.verification.cli.console import out


def table(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array, nothing else.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print a LaTeX table instead.")] = False,
    base: Annotated[
        str | None,
        typer.Option(help="The same rules over adam, adamw, rmsprop or lion, at rest.", show_default=False),
    ] = None,
) -> None:
    """Every rule: the mean multiplier, when a minimum attracts, when a saddle traps, with noise, and the claims.

    "z3, cvc5" stands beside what both solvers proved from the rule's own map just now, "map" beside what is read off
    that map, a claim's id beside what the ledger proved, and "open" where there is nothing of these.
    """
    if as_json and latex:
        raise ValueError("--json and --latex both claim stdout; give one of them.")
    from saddlecheck.verification.analysis import adaptive_base, adaptive_table, stability_table

    below = adaptive_base.read(base)
    shown = stability_table.rows() if below is None else adaptive_table.rows(below)
    if as_json:
        print(json.dumps(stability_table.as_json(shown)))
    elif latex:
        print(stability_table.as_latex(shown), end="")
    else:
        for row in shown:
            out.print(f"\n[bold]{escape(row.id)}[/]: {escape(row.title)}")
            for name in stability_table.COLUMNS:
                entry = getattr(row, name)
                out.print(f"  {stability_table.HEADS[name]}: {entry.text}  \\[{entry.backed}]", highlight=False)
            if row.claims:
                out.print(f"  [dim]claims {escape(', '.join(row.claims))}[/]")
            if row.note:
                out.print(f"  [dim]{escape(row.note)}[/]")
