"""`saddlecheck figure`: the paper's figures, and those beyond it, with the numbers behind them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saddlecheck.verification.cli.console import err, out, progress
from saddlecheck.verification.figures import FIGURES, known


def completed(incomplete: str) -> list[str]:
    """The figures that begin so, for the TAB key."""
    return [i for i in (*FIGURES, "all") if i.startswith(incomplete)]


def figure(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="fig1 … fig9, table1, …, or all.",
            show_default=False,
            autocompletion=completed,
        ),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("figures"),
) -> None:
    """Draw figures: PNG, PDF, a caption with all settings, and the numbers as CSV or NPZ. Without an ID, list them.

    Examples:  saddlecheck figure fig5    saddlecheck figure variance-laws exit-times --out pictures    \
saddlecheck figure all
    """
    if not ids:
        listed = Table.grid(padding=(0, 2))  # a title that is too long goes on below itself
        for each in FIGURES.values():
            listed.add_row(each.id, escape(each.title))
        out.print(listed)
        return
    wanted = known(ids)
    folder.mkdir(parents=True, exist_ok=True)
    with progress() as bar:
        task = bar.add_task("drawing", total=len(wanted))
        for name in wanted:
            bar.update(task, description=f"drawing {name}")
            start = time.perf_counter()
            for path in FIGURES[name].draw(folder):
                print(path)
            bar.advance(task)
            err.print(f"{name}: {time.perf_counter() - start:.1f} s", markup=False, highlight=False)
    err.print(f"The captions, with all settings, are in {folder}/ID.json", markup=False)
