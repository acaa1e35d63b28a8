"""The training records behind Figures 7 to 9 and Table 1, and what to say about them."""

from __future__ import annotations

from collections.abc import Callable, Set
from pathlib import Path

from saddlecheck.nets import record
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.groups import Group, groups, trained
from saddlecheck.nets.record import Record

RECORDS = Path(__file__).parent.parent / "records"


def toy_record() -> Record:
    """Return the first record of the toy neuron's sweep.

    Raises:
        ValueError: there is none.
    """
    found = record.read_all(RECORDS, "toy-neuron")
    if not found:
        raise ValueError("there is no record of the toy neuron: run its sweep first.")
    return found[0]


def training_groups(varied: Set[str], wanted: Callable[[TrainConfig], bool]) -> list[Group]:
    """CIFAR runs in groups of like with like: those of the paper's scale if there are any, else the reduced ones.

    Args:
        varied: what the figure compares; everything else is the same within a group.
        wanted: whether the figure shows a run.

    Returns:
        At least one group; in each the runs differ in `varied` and the seed alone.

    Raises:
        ValueError: there is none of either.
    """
    runs = []
    for r in record.read_all(RECORDS, "training"):
        try:
            runs.append(trained(r))
        except ValueError:
            continue  # the evidence says which records are passed over
    found = groups((r for r in runs if wanted(r.config)), varied)
    for scale in ("full", "reduced"):
        if chosen := [g for g in found if g.scale == scale]:
            return chosen
    raise ValueError("there are no records of CIFAR runs: run the sweep first (saddlecheck sweep --help).")


def describe(group: Group) -> str:
    """One line on what was run, for a caption."""
    count, lost = len({r.config.seed for r in group.runs}), sum(r.diverged for r in group.runs)
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    diverged = f"; {lost} of {len(group.runs)} runs diverged, which counts as chance and as an infinite loss"
    return f"{group.scale} scale: {group}, {seeds}{diverged if lost else ''}"
