"""The contrasts of Figures 8 and 9 and of Table 1, declared before the runs. No torch here.

The one of Figure 9 was declared before any run; those of Figure 8 and Table 1 cover every part of their claims and were
declared before any run of the paper's scale; that of equal rates likewise, when the runs at reduced scale were there.
Each is positive where the claim has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from saddlecheck.nets import grids
from saddlecheck.nets.contrast import Cell, Contrast, cell, difference, difference_of_differences, extreme
from saddlecheck.nets.groups import Trained

Contrasts = dict[str, Contrast | None]  # None: there are no runs for it yet
# What the runs of a group may differ in, beside the seed.
VARIED = {
    "fig8": frozenset({"batch_size", "momentum"}),
    "fig9": frozenset({"optimiser", "rho", "momentum"}),
    "table1": frozenset({"rho", "momentum"}),
    "equal-rate": frozenset({"optimiser", "rho", "momentum", "lr"}),
}
EQUIVALENT = 0.1  # of the mean loss without momentum: a smaller difference counts as none


def _fig8(runs: Sequence[Trained]) -> Contrasts:
    """Positive: from each batch size to the next SAM's training loss rises, from each momentum to the next it falls.

    The test accuracy does the opposite. A value of the grid that has no run leaves a gap, which is said.

    Returns:
        What is compared -> its contrast, None for a gap.
    """
    found: Contrasts = {}
    for along, values, fixed, rises in (
        ("batch_size", grids.BATCH_SIZES, {"momentum": 0.0}, 1), ("momentum", grids.MOMENTA, {"batch_size": 512}, -1)
    ):  # fmt: skip
        there = [v for v in values if cell(runs, "train_loss", **{along: v}, **fixed).values]
        name = "B" if along == "batch_size" else "momentum"
        for measure, word, sign in (("train_loss", "loss", rises), ("test_accuracy", "accuracy", -rises)):
            for low, high in pairwise(there):
                pair = [cell(runs, measure, **{along: v}, **fixed) for v in (high, low)[::sign]]
                order = (high, low)[::sign]
                found[f"{word}, {name} = {order[0]:g} less {order[1]:g}"] = _if_any(difference, *pair)
        if missing := [f"{v:g}" for v in values if v not in there]:
            found[f"{name} = {', '.join(missing)}"] = None
    return found


def _fig9(runs: Sequence[Trained]) -> Contrasts:
    """Positive: momentum helps SAM (rho = 0.1) more than SGD, in test accuracy at B = 512."""
    cells = [
        cell(runs, "test_accuracy", optimiser=rule, momentum=m) for rule, m in
        (("sam", 0.9), ("sam", 0.0), ("sgd", 0.9), ("sgd", 0.0))
    ]  # fmt: skip
    return {"gain in test accuracy from momentum 0.9, SAM's less SGD's": _if_any(difference_of_differences, *cells)}


def _table1(runs: Sequence[Trained]) -> Contrasts:
    """Positive: at each radius both momenta beat none, the better one's gain grows with the radius, one cell is best.

    A momentum of the grid that has no run leaves a gap, which is said.

    Returns:
        What is compared -> its contrast, None for a gap.
    """
    none, *momenta = grids.TABLE_MOMENTA
    cells = {
        (rho, m): cell(runs, "test_accuracy", rho=rho, momentum=m) for rho in grids.RADII for m in grids.TABLE_MOMENTA
    }
    there = [m for m in momenta if any(cells[rho, m].values for rho in grids.RADII)]
    found: Contrasts = {f"momentum = {m:g}": None for m in momenta if m not in there}
    if not there:
        return found
    best, worst = ({rho: extreme(f, [cells[rho, m] for m in there]) for rho in grids.RADII} for f in (max, min))
    for rho in grids.RADII:
        found[f"radius {rho:g}, the worse momentum less none"] = _if_any(difference, worst[rho], cells[rho, none])
    for low, high in pairwise(grids.RADII):
        gains = [best[high], cells[high, none], best[low], cells[low, none]]
        name = f"gain of the better momentum at radius {high:g} less at {low:g}"
        found[name] = _if_any(difference_of_differences, *gains)
    others = extreme(max, [c for place, c in cells.items() if place != (0.1, 0.95)])
    found["radius 0.1 and momentum 0.95 less the best elsewhere"] = _if_any(difference, cells[0.1, 0.95], others)
    return found


def _equal_rate(runs: Sequence[Trained]) -> Contrasts:
    """Positive: at equal lr/(1 - momentum) the training losses differ by less than the margin, on either side.

    Returns:
        What is compared -> its contrast.
    """
    found: Contrasts = {}
    for rule in ("sam", "sgd"):
        plain = cell(runs, "train_loss", optimiser=rule, momentum=0.0, lr=0.1)
        heavy = cell(runs, "train_loss", optimiser=rule, momentum=0.9, lr=0.01)
        difference_ = _if_any(difference, heavy, plain)
        if difference_ is None:
            found[f"{rule}, momentum 0.9 at a tenth of the learning rate"] = None
            continue
        margin = EQUIVALENT * sum(plain.values.values()) / len(plain.values)
        found[f"{rule}, the margin {margin:.3g} less the difference"] = difference_.times(-1).plus(margin)
        found[f"{rule}, the difference and the margin"] = difference_.plus(margin)
    return found


def _if_any(contrast: Callable[..., Contrast], *cells: Cell) -> Contrast | None:
    """A contrast, where some seed is common to its cells."""
    return contrast(*cells) if set.intersection(*(set(c.values) for c in cells)) else None


CONTRASTS: dict[str, Callable[[Sequence[Trained]], Contrasts]] = {
    "fig8": _fig8,
    "fig9": _fig9,
    "table1": _table1,
    "equal-rate": _equal_rate,
}
