"""The branch test: what leads SAM on from where it makes no progress, a larger step or leaving the neighbourhood."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from saddlecheck.nets import record
from saddlecheck.nets.branch_verdict import judged
from saddlecheck.nets.branches import BRANCHES, MARGIN
from saddlecheck.nets.contrast import interval
from saddlecheck.nets.record import Record
from saddlecheck.verification.figures import style, training_runs

COMPARED = tuple(name for name in BRANCHES if name != "SAM")
DECIDE = ("SAM, 3 lr", "SAM, moved by 5 rho")  # the two branches whose gains the word is computed from
SHOWN = (-0.45, 1.1)  # of the vertical axis, the same in all panels; a mean below it is written out
COLUMNS = {
    "system": "name of the trained system", "branch": "how the run went on", "seed": "number of the run in the record",
    "gain": "training loss of SAM's branch less this one's, over the mean of SAM's; empty where one of them diverged",
}  # fmt: skip


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; ValueError without records."""
    found = sorted(record.read_all(training_runs.RECORDS, "mechanism"), key=_order)
    if not found:
        raise ValueError("there are no records of the branch test: make them with saddlecheck.nets.mechanism first.")
    figure, axes = style.canvas(-(-len(found) // 2), 2, 2.7 * -(-len(found) // 2), squeeze=False)
    words, blocks = {}, []
    for axis, r in zip(axes.flat, found, strict=False):
        words[r.config["system"]["name"]], gains = _panel(axis, r)
        blocks += gains
    for axis in axes.flat[len(found) :]:
        axis.axis("off")
    count = len(found[0].result["seeds"])
    caption = (
        "The branch test. A run of SAM is stopped half way and goes on in six ways at a constant learning rate; shown "
        "is how much lower the training loss ends than on SAM's own branch, as a share of it: a dot a seed, means with "
        f"Student's 95 % intervals over {count} seeds. Shaded: the margin of {MARGIN:.0%}, within which a difference "
        "counts as none. A trap predicts that only a move (filled square) helps, slowness that a larger step (filled "
        f"triangle) does. Computed from these two: {'; '.join(f'{k}: {v}' for k, v in words.items())}. A cross stands "
        "for a branch of which a run diverged. All at reduced scale."
    )
    settings = {r.config["system"]["name"]: r.config["system"] for r in found}
    return style.save(
        figure, out / "branch-test", caption=caption, settings=settings, words=words, rows=style.tidy(*blocks),
        columns=COLUMNS,
    )  # fmt: skip


def _order(r: Record) -> tuple[bool, str]:
    """The controls last."""
    return r.config["control"], r.config["system"]["name"]


def _panel(axis: Any, r: Record) -> tuple[str, list[dict[str, Any]]]:
    """The gains of a system's branches; its word, and the numbers drawn."""
    seeds, name = r.result["seeds"], r.config["system"]["name"]
    word, _, margin = judged(seeds)
    whole = margin / MARGIN  # the mean of SAM's losses
    rows = []
    axis.axhspan(-MARGIN, MARGIN, color="#E4E4E4", zorder=0)
    axis.axhline(0.0, color=style.BLACK, linewidth=0.8)
    for i, branch in enumerate(COMPARED):
        gains = [_gain(s["branches"], branch, whole) for s in seeds]
        rows.append({"system": name, "branch": branch, "seed": list(range(len(gains))), "gain": gains})
        known = [g for g in gains if g is not None]
        if len(known) < len(gains):  # a loss that is not finite has no mean
            axis.plot([i], [0.0], "x", color=style.BLACK, markersize=5)
            continue
        mean = interval(known)
        if mean.mean < SHOWN[0]:
            axis.annotate(f"{mean}", (i, SHOWN[0]), (i, SHOWN[0] + 0.15), arrowprops={"arrowstyle": "->"}, ha="center")
            continue
        axis.plot([i + 0.12] * len(known), known, ".", color=style.BLUE, alpha=0.5, markersize=5)
        axis.errorbar(
            [i], [mean.mean], mean.high - mean.mean if math.isfinite(mean.high) else 0.0, color=style.RED, capsize=2,
            marker="s" if "moved" in branch else "^" if "lr" in branch else "o", markersize=4,
            fillstyle="full" if branch in DECIDE else "none",
        )  # fmt: skip
    axis.set_xticks(range(len(COMPARED)), [style.mathematics(b.replace("SAM, ", "")) for b in COMPARED], rotation=15)
    control = ", a control that is held at a saddle" if r.config["control"] else ""
    axis.set(title=f"{name}{control}: {word}", ylabel="gain over SAM's branch, share", ylim=SHOWN)
    return word, rows


def _gain(ends: dict[str, float | None], branch: str, whole: float) -> float | None:
    plain, other = ends["SAM"], ends[branch]
    return None if plain is None or other is None else (plain - other) / whole
