"""Figure 8: SAM and SGD against batch size and momentum, without batch norm and augmentation; from the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nets.contrast import cell, interval
from nets.record import Record
from verification.figures import paper, style

RULES = {"sam": ("SAM, rho = 0.1", style.RED, "^", 0.1), "sgd": ("SGD", style.BLUE, "o", 0.0)}
COLUMNS = {
    "dataset": "data set", "along": "what varies", "at": "its value", "measure": "what was measured at the end",
    "rule": "optimiser", "seed": "seed of the run", "value": "the measure",
}  # fmt: skip
MEASURES = {"train_loss": "training loss", "test_accuracy": "test accuracy"}


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written.

    Raises:
        ValueError: there are no records.
    """
    scale, records = paper.training_records(batch_norm=False)
    names = sorted({r.config["dataset"] for r in records})
    figure, axes = style.canvas(2 * len(names), 2, (10.0, 6.6 * len(names)))
    rows = axes.reshape(len(names), 4)
    data: dict[str, Any] = {"scale": scale}
    for name, row in zip(names, rows, strict=True):
        mine = [r for r in records if r.config["dataset"] == name and r.config["lr"] == 0.1]
        data[name] = [_panel(row[0], mine, "batch_size", "train_loss", momentum=0.0)]
        data[name].append(_panel(row[1], mine, "batch_size", "test_accuracy", momentum=0.0))
        data[name].append(_panel(row[2], mine, "momentum", "train_loss", batch_size=512))
        data[name].append(_panel(row[3], mine, "momentum", "test_accuracy", batch_size=512))
        row[0].legend()
    caption = (
        "Figure 8. Training loss and test accuracy at the last epoch against batch size and momentum, without batch "
        "norm and augmentation: a dot a seed, means with 95 % intervals over seeds. "
        f"At {paper.describe(scale, records)}. The paper, at full scale: SAM's training loss grows with B and exceeds "
        "1 at B = 512 without momentum; momentum lowers it."
    )
    settings = dict(records[0].config)
    rows = _rows(names, data)
    return style.save(figure, out / "fig8", caption=caption, settings=settings, rows=rows, columns=COLUMNS, **data)


def _rows(names: list[str], data: dict[str, Any]) -> dict[str, list[Any]]:
    """The end value of each seed, one a row."""
    return style.tidy(
        {name: [] for name in COLUMNS},
        *(
            {"dataset": name, "along": panel["along"], "at": float(place), "measure": panel["measure"], "rule": rule,
             "seed": list(found["seeds"]), "value": list(found["seeds"].values())}
            for name in names for panel in data[name] for rule in RULES for place, found in panel.get(rule, {}).items()
        )
    )  # fmt: skip


def _panel(axis: Any, records: list[Record], along: str, measure: str, **fixed: Any) -> dict[str, Any]:
    """One measure along one setting: each seed a dot, the mean with its interval over seeds a marker."""
    shown: dict[str, Any] = {}
    places = sorted({r.config[along] for r in records if all(r.config[k] == v for k, v in fixed.items())})
    for rule, (name, colour, marker, rho) in RULES.items():
        cells = [cell(records, measure, optimiser=rule, rho=rho, **{along: p}, **fixed) for p in places]
        found = [(i, p, c) for i, (p, c) in enumerate(zip(places, cells, strict=True)) if c]
        if not found:
            continue
        means = [interval(c.values()) for _, _, c in found]
        x = [i + (0.06 if rule == "sam" else -0.06) for i, _, _ in found]
        for xi, (_, _, c) in zip(x, found, strict=True):
            axis.plot([xi] * len(c), list(c.values()), ".", color=colour, alpha=0.4, markersize=5)
        spread = [m.high - m.mean if m.seeds > 1 else 0.0 for m in means]
        axis.errorbar(
            x, [m.mean for m in means], spread, color=colour, marker=marker, markersize=6, capsize=3, label=name
        )
        shown[rule] = {f"{p:g}": {"seeds": c, "mean": m.mean} for (_, p, c), m in zip(found, means, strict=True)}
    axis.set_xticks(range(len(places)), [f"{p:g}" for p in places])
    fixed_text = ", ".join(f"{'B' if k == 'batch_size' else k} = {v:g}" for k, v in fixed.items())
    axis.set(xlabel="batch size" if along == "batch_size" else "momentum", ylabel=MEASURES[measure], title=fixed_text)
    return {"along": along, "measure": measure, **shown}
