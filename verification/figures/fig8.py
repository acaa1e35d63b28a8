"""Figure 8: SAM and SGD against batch size and momentum, without batch norm and augmentation; from the records."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.contrast import cell, interval
from saddlecheck.nets.groups import Group
from saddlecheck.verification.figures import style, training_runs

RULES = {"sam": ("SAM, rho = 0.1", style.RED, "^", 0.1), "sgd": ("SGD", style.BLUE, "o", 0.0)}
COLUMNS = {
    "group": "what the runs have in common", "along": "what varies", "at": "its value",
    "measure": "what was measured at the end", "rule": "optimiser", "seed": "seed of the run", "value": "the measure",
}  # fmt: skip
MEASURES = {"train_loss": "training loss", "test_accuracy": "test accuracy"}


VARIED = frozenset({"optimiser", "rho", "batch_size", "momentum"})
# What the paper's text says of SAM at B = 512 without momentum: the loss exceeds 1, the accuracy is below 60 %.
STATED = {"train_loss": (1.0, "above", "^"), "test_accuracy": (0.6, "below", "v")}
PANELS = (("batch_size", {"momentum": 0.0}), ("momentum", {"batch_size": 512}))


@style.styled
def draw(out: Path) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; ValueError without records."""
    found = training_runs.training_groups(VARIED, _shown)
    figure, axes = style.canvas(2 * len(found), 2, 4.7 * len(found))
    data: dict[str, list[dict[str, Any]]] = {}
    for k, (group, row) in enumerate(zip(found, axes.reshape(len(found), 4), strict=True), 1):
        panels = [(along, fixed, measure) for along, fixed in PANELS for measure in MEASURES]
        data[str(group)] = [
            _panel(axis, group, along, measure, **fixed)
            for axis, (along, fixed, measure) in zip(row, panels, strict=True)
        ]
        for axis in row:
            axis.set_title(f"({k}) {axis.get_title(loc='left')}", loc="left")
            axis.legend()
    numbered = [f"({k}) {training_runs.describe(g)}" for k, g in enumerate(found, 1)]
    caption = (
        "Figure 8. Training loss and test accuracy at the last epoch against batch size and momentum, without batch "
        "norm and augmentation: a dot a seed, means with Student's 95 % intervals over seeds. Two rows of panels for "
        f"each group of runs, from the top: {'; '.join(numbered)}. Open triangles: what the paper's text says, at full "
        "scale, of SAM at B = 512 without momentum, a training loss above 1 and an accuracy below 60 %; its loss grows "
        "with B and momentum lowers it."
    )
    settings = {f"runs ({k})": str(g) for k, g in enumerate(found, 1)}
    return style.save(
        figure, out / "fig8", caption=caption, settings=settings, rows=_rows(data), columns=COLUMNS, panels=data
    )


def _shown(c: TrainConfig) -> bool:
    """SAM at the paper's radius and SGD, at the learning rate of the grid."""
    rule = (c.optimiser, c.rho) in {(name, look[3]) for name, look in RULES.items()}
    return rule and not c.batch_norm and not c.augment and c.lr == TrainConfig().lr


def _rows(data: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    """The end value of each seed, one a row."""
    return style.tidy(
        {name: [] for name in COLUMNS},
        *(
            {"group": group, "along": panel["along"], "at": float(place), "measure": panel["measure"], "rule": rule,
             "seed": list(found["seeds"]), "value": list(found["seeds"].values())}
            for group, panels in data.items() for panel in panels for rule in RULES
            for place, found in panel.get(rule, {}).items()
        )
    )  # fmt: skip


def _panel(axis: Any, group: Group, along: str, measure: str, **fixed: Any) -> dict[str, Any]:
    """One measure along one setting: each seed a dot, the mean with its interval over seeds a marker."""
    shown: dict[str, Any] = {}
    places = sorted(
        {getattr(r.config, along) for r in group.runs if all(getattr(r.config, k) == v for k, v in fixed.items())}
    )
    for rule, (name, colour, marker, rho) in RULES.items():
        cells = [cell(group.runs, measure, optimiser=rule, rho=rho, **{along: p}, **fixed).values for p in places]
        found = [(i, p, c) for i, (p, c) in enumerate(zip(places, cells, strict=True)) if c]
        if not found:
            continue
        means = [interval(c.values()) for _, _, c in found]
        x = [i + (0.06 if rule == "sam" else -0.06) for i, _, _ in found]
        for xi, (_, _, c) in zip(x, found, strict=True):
            axis.plot([xi] * len(c), list(c.values()), ".", color=colour, alpha=0.4, markersize=3.5)
        spread = [m.high - m.mean if math.isfinite(m.high) else 0.0 for m in means]
        axis.errorbar(
            x, [m.mean for m in means], spread, color=colour, marker=marker, markersize=4, capsize=2, label=name
        )
        shown[rule] = {
            f"{p:g}": {
                "seeds": {seed: v if math.isfinite(v) else None for seed, v in c.items()},
                "mean": m.mean if math.isfinite(m.mean) else None,
            }
            for (_, p, c), m in zip(found, means, strict=True)
        }
    value, side, marker = STATED[measure]
    stated = [i for i, p in enumerate(places) if {along: p, **fixed} == {"batch_size": 512, "momentum": 0.0}]
    axis.plot(
        [i - 0.2 for i in stated], [value] * len(stated), marker, color=style.BLACK, fillstyle="none", markersize=6,
        label=f"the paper, SAM: {side} {value:g}",
    )  # fmt: skip
    axis.set_xlim(-0.4, len(places) - 0.6)  # a single place stays in the middle
    axis.set_xticks(range(len(places)), [f"{p:g}" for p in places])
    fixed_text = ", ".join(f"{'B' if k == 'batch_size' else k} = {v:g}" for k, v in fixed.items())
    axis.set(xlabel="batch size" if along == "batch_size" else "momentum", ylabel=MEASURES[measure], title=fixed_text)
    return {"along": along, "measure": measure, **shown}
