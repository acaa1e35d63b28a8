"""The training records behind Figures 7 to 9 and Table 1, and what to say about them."""

from __future__ import annotations

from pathlib import Path

from nets import record
from nets.record import Record

RECORDS = Path(__file__).parent.parent / "records"


def toy_record() -> Record:
    """The record of the toy neuron's sweep.

    Raises:
        ValueError: there is none.
    """
    found = record.read_all(RECORDS, "toy-neuron")
    if not found:
        raise ValueError("there is no record of the toy neuron: run its sweep first.")
    return found[0]


def training_records(*, batch_norm: bool, scale: str | None = None) -> tuple[str, list[Record]]:
    """(scale, records) of CIFAR runs: those of the paper's scale if there are any, else the reduced ones.

    Raises:
        ValueError: there is none of either.
    """
    everything = [r for r in record.read_all(RECORDS, "training") if r.config["batch_norm"] == batch_norm]
    for wanted in ("full", "reduced") if scale is None else (scale,):
        if found := [r for r in everything if r.scale == wanted]:
            return wanted, found
    raise ValueError("there are no records of CIFAR runs: run the sweep first (saddlecheck sweep --help).")


def describe(scale: str, records: list[Record]) -> str:
    """One line on what was run, for a caption."""
    c = records[0].config
    count = len({r.config["seed"] for r in records})
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    source = str(records[0].result["source"])
    return f"{scale} scale: {c['model']} of width {c['width']}, {source}, {c['epochs']} epochs, {seeds}"
