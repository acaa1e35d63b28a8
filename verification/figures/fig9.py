"""Figure 9: training loss and test accuracy along the epochs, SGD and SAM, momentum 0 and 0.9; from the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nets.contrast import cell, difference, difference_of_differences
from nets.record import Record
from verification.figures import paper, style
from verification.figures.style import BLUE, RED

# optimiser, rho, momentum, divisor of the learning rate, colour, line, name
CURVES = [
    ("sgd", 0.0, 0.0, 1, BLUE, "-", "SGD, momentum 0"),
    ("sgd", 0.0, 0.9, 1, BLUE, "--", "SGD, momentum 0.9"),
    ("sgd", 0.0, 0.9, 10, BLUE, ":", "SGD, momentum 0.9, lr / 10"),
    ("sam", 0.1, 0.0, 1, RED, "-", "SAM, momentum 0"),
    ("sam", 0.1, 0.9, 1, RED, "--", "SAM, momentum 0.9"),
    ("sam", 0.1, 0.9, 10, RED, ":", "SAM, momentum 0.9, lr / 10"),
]


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written.

    Raises:
        ValueError: there are no records.
    """
    scale, everything = paper.training_records(batch_norm=False)
    records = [r for r in everything if (r.config["dataset"], r.config["batch_size"]) == ("cifar10", 512)]
    lr = max(r.config["lr"] for r in records)
    figure, (left, right) = style.canvas(1, 2, (11.0, 5.3))
    blocks: list[dict[str, Any]] = [{name: [] for name in ("curve", "seed", "epoch", "batch_loss", "test_accuracy")}]
    for optimiser, rho, momentum, divisor, colour, line, name in CURVES:
        width = 1.8 if optimiser == "sam" else 0.8  # told apart without colour too
        wanted = {"optimiser": optimiser, "rho": rho, "momentum": momentum, "lr": lr / divisor}
        family = [r for r in records if all(r.config[k] == v for k, v in wanted.items()) and not r.result["diverged"]]
        for i, r in enumerate(family):
            label = f"{name} ({len(family)} seeds)" if i == 0 else None
            curve, points = r.result["batch_loss"], r.result["evaluations"]
            left.plot(range(1, len(curve) + 1), curve, line, color=colour, alpha=0.8, linewidth=width, label=label)
            epochs, hits = [p["epoch"] for p in points], [p["test_accuracy"] for p in points]
            right.plot(epochs, hits, line, color=colour, marker=".", alpha=0.8, linewidth=width)
            run = {"curve": name, "seed": r.config["seed"]}
            blocks.append({**run, "epoch": list(range(1, len(curve) + 1)), "batch_loss": curve})
            blocks.append({**run, "epoch": epochs, "test_accuracy": hits})
    left.set(xlabel="epoch", ylabel="training loss (mean over mini-batches)", title="training loss")
    right.set(xlabel="epoch", ylabel="test accuracy", title="test accuracy")
    figure.legend(loc="outside upper center", ncols=3)
    contrasts = _contrasts(records, lr)
    caption = (
        "Figure 9. Training loss and test accuracy at B = 512, a line a seed, without batch norm and augmentation; "
        f"SAM in heavy lines. At {paper.describe(scale, records)}. In test accuracy, momentum 0.9 less 0: "
        f"{'; '.join(f'{k} {v}' for k, v in contrasts.items())}. The last one was declared before the runs. Dotted: "
        "a tenth of the learning rate, which takes the larger effective rate eta / (1 - momentum) away. The paper, "
        "at full scale: about 5 points for SGD, more than 20 for SAM."
    )
    settings = {**records[0].config, "scale": scale}
    return style.save(
        figure, out / "fig9", caption=caption, settings=settings, contrasts=contrasts, rows=style.tidy(*blocks),
        columns={"curve": "optimiser, momentum, learning rate", "seed": "seed of the run", "epoch": "epoch",
                 "batch_loss": "training loss, mean over mini-batches", "test_accuracy": "on the test set"},
    )  # fmt: skip


def _contrasts(records: list[Record], lr: float) -> dict[str, str]:
    """Gains from momentum 0.9 in test accuracy; the last one was declared before the runs."""
    full = [r for r in records if r.config["lr"] == lr]
    cells = {
        (rule, m): cell(full, "test_accuracy", optimiser=rule, rho=rho, momentum=m)
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
