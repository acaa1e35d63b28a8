"""Whether a run is done: its record exists and belongs to this configuration, these data and this code."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from saddlecheck.nets import record
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.record import Record


def finished(config: TrainConfig, path: Path, sha256: str) -> Record | None:
    """The record of a finished run, or None where there is none; nothing is ever overwritten.

    Args:
        config: of the run.
        path: where its record lies if it is done.
        sha256: of the data set that the run is to use.

    Returns:
        The record that lies at `path`, or None.

    Raises:
        ValueError: the file is no record, or it is another run's, of other data, or stale; the message names it.
    """
    if not path.exists():
        return None
    found = record.read(path)
    remedy = f"move {path} away, or choose another folder, and the run is made anew"
    if found.kind != "training" or found.config != asdict(config):
        raise ValueError(f"{path.name} is the record of another run: {remedy}.")
    if (why := found.why_stale()) is not None:
        raise ValueError(f"{path.name} is stale: {why.rstrip('.')}; {remedy}.")
    if (had := found.result.get("sha256", "")) != sha256:
        raise ValueError(
            f"{path.name} was made from other data ({found.result.get('source')}; SHA-256 {str(had)[:16]}, "
            f"this is {sha256[:16]}): {remedy}."
        )
    return found
