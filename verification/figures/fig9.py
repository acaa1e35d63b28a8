"""Figure 9: training loss and test accuracy along the epochs, SGD and SAM, momentum 0 and 0.9; from the records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.contrast import cell, difference, difference_of_differences
from saddlecheck.nets.groups import Group
from saddlecheck.verification.figures import style, training_runs
from saddlecheck.verification.figures.style import BLUE, RED

# optimiser, rho, momentum, divisor of the learning rate, colour, line, name
CURVES = [
    ("sgd", 0.0, 0.0, 1, BLUE, "-", "SGD, momentum 0"),
    ("sgd", 0.0, 0.9, 1, BLUE, "--", "SGD, momentum 0.9"),
    ("sgd", 0.0, 0.9, 10, BLUE, ":", "SGD, momentum 0.9, lr / 10"),
    ("sam", 0.1, 0.0, 1, RED, "-", "SAM, momentum 0"),
    ("sam", 0.1, 0.9, 1, RED, "--", "SAM, momentum 0.9"),
    ("sam", 0.1, 0.9, 10, RED, ":", "SAM, momentum 0.9, lr / 10"),
]


VARIED = frozenset({"optimiser", "rho", "momentum", "lr"})
COLUMNS = {
    "group": "what the runs have in common", "curve": "optimiser, momentum, learning rate", "seed": "seed of the run",
    "epoch": "epoch", "batch_loss": "training loss, mean over mini-batches", "test_accuracy": "on the test set",
}  # fmt: skip


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; ValueError without records."""
    found = training_runs.training_groups(VARIED, _shown)
    figure, axes = style.canvas(len(found), 2, 3.3 * len(found), squeeze=False)
    blocks: list[dict[str, Any]] = [{name: [] for name in COLUMNS}]
    contrasts: dict[str, dict[str, str]] = {}
    for k, (group, (left, right)) in enumerate(zip(found, axes, strict=True), 1):
        blocks += _curves(group, left, right)
        contrasts[str(group)] = _contrasts(group)
        left.set(xlabel="epoch", ylabel="training loss (mean over mini-batches)", title=f"({k}) training loss")
        right.set(xlabel="epoch", ylabel="test accuracy", title=f"({k}) test accuracy")
        low, high = left.get_ylim()
        left.set_ylim(low, high + 0.35 * (high - low))  # room for the legend
        left.legend(loc="upper right")
    numbered = [
        f"({k}) {training_runs.describe(g)}. In test accuracy, momentum 0.9 less 0: "
        f"{'; '.join(f'{name} {value}' for name, value in contrasts[str(g)].items())}"
        for k, g in enumerate(found, 1)
    ]
    caption = (
        "Figure 9. Training loss and test accuracy at B = 512, a line a seed, without batch norm and augmentation; "
        "SAM in heavy lines. A row of panels for each group of runs, from the top: "
        f"{'. '.join(numbered)}. Intervals are Student's, 95 % over seeds. The last difference was declared before the "
        "runs. Dotted: a tenth of the learning rate, which takes the larger effective rate eta / (1 - momentum) away. "
        "The paper, at full scale: about 5 points for SGD, more than 20 for SAM."
    )
    settings = {f"runs ({k})": str(g) for k, g in enumerate(found, 1)}
    return style.save(
        figure, out / "fig9", caption=caption, settings=settings, contrasts=contrasts, rows=style.tidy(*blocks),
        columns=COLUMNS,
    )  # fmt: skip


def _shown(c: TrainConfig) -> bool:
    """The figure's batch size and rules."""
    rule = (c.optimiser, c.rho) in {(name, rho) for name, rho, *_ in CURVES}
    return rule and (c.dataset, c.batch_size, c.batch_norm, c.augment) == ("cifar10", 512, False, False)


def _curves(group: Group, left: Any, right: Any) -> Iterator[dict[str, Any]]:
    """Draw a group's runs, those that reached their end, and give their numbers."""
    lr = max(r.config.lr for r in group.runs)
    for optimiser, rho, momentum, divisor, colour, line, name in CURVES:
        width = 1.8 if optimiser == "sam" else 0.8  # told apart without colour too
        wanted = (optimiser, rho, momentum, lr / divisor)
        family = [
            r for r in group.runs
            if (r.config.optimiser, r.config.rho, r.config.momentum, r.config.lr) == wanted and not r.diverged
        ]  # fmt: skip
        for i, r in enumerate(family):
            seeds = "1 seed" if len(family) == 1 else f"{len(family)} seeds"
            label = f"{name} ({seeds})" if i == 0 else None
            curve, points = r.record.result["batch_loss"], r.record.result["evaluations"]
            left.plot(range(1, len(curve) + 1), curve, line, color=colour, alpha=0.8, linewidth=width, label=label)
            epochs, hits = [p["epoch"] for p in points], [p["test_accuracy"] for p in points]
            right.plot(epochs, hits, line, color=colour, marker=".", alpha=0.8, linewidth=width)
            run = {"group": str(group), "curve": name, "seed": r.config.seed}
            yield {**run, "epoch": list(range(1, len(curve) + 1)), "batch_loss": curve}
            yield {**run, "epoch": epochs, "test_accuracy": hits}


def _contrasts(group: Group) -> dict[str, str]:
    """Gains from momentum 0.9 in test accuracy; the last one was declared before the runs."""
    lr = max(r.config.lr for r in group.runs)
    cells = {
        (rule, m): cell(group.runs, "test_accuracy", optimiser=rule, rho=rho, momentum=m, lr=lr)
        for rule, rho in (("sgd", 0.0), ("sam", 0.1))
        for m in (0.0, 0.9)
    }
    try:
        return {
            "gain of SGD": str(difference(cells["sgd", 0.9], cells["sgd", 0.0])),
            "gain of SAM": str(difference(cells["sam", 0.9], cells["sam", 0.0])),
            "gain of SAM less gain of SGD": str(
                difference_of_differences(cells["sam", 0.9], cells["sam", 0.0], cells["sgd", 0.9], cells["sgd", 0.0])
            ),
        }
    except ValueError:
        return {"contrasts": "not all of the runs are there yet"}
