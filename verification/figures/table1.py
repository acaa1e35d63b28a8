"""Table 1: SAM's test accuracy for radii and momenta, the paper's numbers beside ours; from the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nets import record
from nets.contrast import Contrast, cell, difference, interval
from verification.figures import paper, style
from verification.pages.prose import typeset

# Test accuracy in per cent: mean and deviation over three seeds, as printed.
PRINTED = {
    0.01: {0.0: (93.77, 0.08), 0.9: (94.99, 0.09), 0.95: (94.94, 0.09)},
    0.05: {0.0: (93.56, 0.03), 0.9: (95.01, 0.11), 0.95: (94.94, 0.11)},
    0.1: {0.0: (92.29, 0.08), 0.9: (94.84, 0.15), 0.95: (95.08, 0.07)},
    0.5: {0.0: (86.20, 1.66), 0.9: (88.76, 1.14), 0.95: (91.98, 0.03)},
}


@style.styled
def draw(out: Path) -> list[Path]:
    """Write the table as a picture, as Markdown and as numbers into the folder `out`; return the files.

    Raises:
        ValueError: there are no records.
    """
    scale, records = paper.training_records(batch_norm=True)
    head = ["rho", *(f"momentum {m:g}" for m in PRINTED[0.01]), "max - min", "momentum 0.9 less 0"]
    rows: list[list[str]] = []
    data: dict[str, Any] = {"scale": scale, "cells": {}}
    for rho, printed in PRINTED.items():
        cells = {m: cell(records, "test_accuracy", rho=rho, momentum=m) for m in printed}
        means = {m: interval(100 * v for v in c.values()) for m, c in cells.items() if c}
        data["cells"][f"{rho:g}"] = {f"{m:g}": c for m, c in cells.items()}
        values = [v for v, _ in printed.values()]
        paper_gap = f"{max(values) - min(values):.2f}"
        paper_gain = f"{printed[0.9][0] - printed[0.0][0]:+.2f}"
        rows.append([f"{rho:g}, paper", *(f"{v:.2f} ± {s:.2f}" for v, s in printed.values()), paper_gap, paper_gain])
        found = [m.mean for m in means.values()]
        gap = f"{max(found) - min(found):.2f}" if len(found) == len(printed) else "-"
        both = cells[0.9].keys() & cells[0.0].keys()
        gain = (
            _interval(difference(*({s: 100 * c[s] for s in both} for c in (cells[0.9], cells[0.0])))) if both else "-"
        )
        ours = [_interval(means[m]) if m in means else "-" for m in printed]
        rows.append([f"{rho:g}, ours", *ours, gap, gain])
    title = f"Test accuracy in per cent; {paper.describe(scale, records)}"
    text = _markdown(title, head, rows)
    data["table"] = rows
    figure, axis = style.canvas(1, 1, (11.0, 3.2))
    axis.axis("off")
    table = axis.table(cellText=rows, colLabels=[typeset(name) for name in head], loc="center", cellLoc="center")
    table.auto_set_font_size(False)
    table.set_fontsize(8.5)
    table.scale(1.0, 1.5)
    for (row, _), entry in table.get_celld().items():
        entry.set_facecolor("#DDDDDD" if row == 0 else "#F3F7FB" if row % 2 else "white")
    caption = f"Table 1. {title}. The paper: mean ± deviation over 3 seeds. Ours: mean and 95 % interval over seeds."
    files = style.save(
        figure, out / "table1", caption=caption, settings=dict(records[0].config), **data,
        rows=dict(zip(head, zip(*rows, strict=True), strict=True)),
        columns=dict.fromkeys(head, "as in the table, test accuracy in per cent"),
    )  # fmt: skip
    markdown = out / "table1.md"
    record.write_atomically(markdown, text.encode())
    return [*files, markdown]


def _interval(c: Contrast) -> str:
    return f"{c.mean:.2f} [{c.low:.2f}, {c.high:.2f}]" if c.seeds > 1 else f"{c.mean:.2f} (1 seed)"


def _markdown(title: str, head: list[str], rows: list[list[str]]) -> str:
    lines = [f"{title}\n", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)]) + "\n"
