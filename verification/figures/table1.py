"""Table 1: SAM's test accuracy for radii and momenta, the paper's numbers beside ours; from the records."""

from __future__ import annotations

import math
from pathlib import Path

from saddlecheck._files import write_whole
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.contrast import Cell, Contrast, cell, difference, interval
from saddlecheck.nets.groups import Group
from saddlecheck.theory.printing.prose import typeset
from saddlecheck.verification.figures import style, training_runs

SEEDS = 3  # of the paper
# Test accuracy in per cent: mean and deviation over three seeds, as printed.
PRINTED = {
    0.01: {0.0: (93.77, 0.08), 0.9: (94.99, 0.09), 0.95: (94.94, 0.09)},
    0.05: {0.0: (93.56, 0.03), 0.9: (95.01, 0.11), 0.95: (94.94, 0.11)},
    0.1: {0.0: (92.29, 0.08), 0.9: (94.84, 0.15), 0.95: (95.08, 0.07)},
    0.5: {0.0: (86.20, 1.66), 0.9: (88.76, 1.14), 0.95: (91.98, 0.03)},
}
HEAD = ["rho", *(f"momentum {m:g}" for m in PRINTED[0.01]), "max - min", "momentum 0.9 less 0"]
GROUP = "runs"


@style.styled
def draw(out: Path) -> list[Path]:
    """Write the table as a picture, as Markdown and as numbers into the folder `out`; return the files.

    Returns:
        Paths of the files, the PNG first and the Markdown last.

    Raises:
        ValueError: there are no records.
    """
    found = training_runs.training_groups(frozenset({"rho", "momentum"}), _shown)
    figure, axes = style.canvas(len(found), 1, 1.9 * len(found), squeeze=False)
    tables = [_rows(group) for group in found]
    titles = [f"Test accuracy in per cent; {training_runs.describe(group)}" for group in found]
    for axis, rows in zip(axes[:, 0], tables, strict=True):
        axis.axis("off")
        table = axis.table(cellText=rows, colLabels=[typeset(name) for name in HEAD], loc="center", cellLoc="center")
        table.auto_set_font_size(False)
        table.set_fontsize(6.0)
        table.scale(1.0, 1.1)
        for (row, _), entry in table.get_celld().items():
            entry.set_facecolor("#DDDDDD" if row == 0 else "#F3F7FB" if row % 2 else "white")
    caption = (
        f"Table 1. {'. '.join(titles)}. The paper: mean ± deviation over {SEEDS} seeds, and Student's 95 % interval "
        "from them (the deviation is taken to divide by n - 1). Ours: mean and Student's 95 % interval over seeds."
    )
    settings = {f"runs ({k})": str(g) for k, g in enumerate(found, 1)}
    written = [[str(group), *row] for group, rows in zip(found, tables, strict=True) for row in rows]
    head = [GROUP, *HEAD]
    files = style.save(
        figure, out / "table1", caption=caption, settings=settings, table=written,
        rows=dict(zip(head, zip(*written, strict=True), strict=True)),
        columns={GROUP: "what the runs have in common",
                 **dict.fromkeys(HEAD, "as in the table, test accuracy in per cent")},
    )  # fmt: skip
    markdown = out / "table1.md"
    text = "\n".join(_markdown(title, rows) for title, rows in zip(titles, tables, strict=True))
    write_whole(markdown, text)
    return [*files, markdown]


def _shown(c: TrainConfig) -> bool:
    """SAM with batch norm and augmentation."""
    return c.batch_norm and c.augment and c.optimiser == "sam" and c.dataset == "cifar10"


def _rows(group: Group) -> list[list[str]]:
    """The paper's row and ours for each radius."""
    rows: list[list[str]] = []
    for rho, printed in PRINTED.items():
        cells = {m: _per_cent(cell(group.runs, "test_accuracy", rho=rho, momentum=m)) for m in printed}
        means = {m: interval(c.values.values()) for m, c in cells.items() if c.values}
        values = [v for v, _ in printed.values()]
        paper_gap = f"{max(values) - min(values):.2f}"
        paper_gain = f"{printed[0.9][0] - printed[0.0][0]:+.2f}"
        rows.append([f"{rho:g}, paper", *(_stated(*cell) for cell in printed.values()), paper_gap, paper_gain])
        found = [m.mean for m in means.values()]
        gap = f"{max(found) - min(found):.2f}" if len(found) == len(printed) else "-"
        both = cells[0.9].values.keys() & cells[0.0].values.keys()
        gain = _interval(difference(cells[0.9], cells[0.0])) if both else "-"
        ours = [_interval(means[m]) if m in means else "-" for m in printed]
        rows.append([f"{rho:g}, ours", *ours, gap, gain])
    return rows


def _stated(mean: float, deviation: float) -> str:
    """A printed mean and deviation, and Student's 95 % interval from them; the deviation taken to divide by n - 1."""
    from scipy.stats import t

    half = float(t.ppf(0.975, SEEDS - 1)) * deviation / math.sqrt(SEEDS)
    return f"{mean:.2f} ± {deviation:.2f} [{mean - half:.2f}, {mean + half:.2f}]"


def _per_cent(c: Cell) -> Cell:
    return Cell({seed: 100 * value for seed, value in c.values.items()}, c.diverged)


def _interval(c: Contrast) -> str:
    return f"{c.mean:.2f} [{c.low:.2f}, {c.high:.2f}]" if c.seeds > 1 else f"{c.mean:.2f} (1 seed)"


def _markdown(title: str, rows: list[list[str]]) -> str:
    lines = [f"{title}\n", "| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)]) + "\n"
