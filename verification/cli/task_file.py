"""The task of a file of the user's: a function that returns a model, data and a loss."""

from __future__ import annotations

import difflib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck.verification import user_file

SECONDS = 600.0  # for a task to read its data and make its model

if TYPE_CHECKING:
    from saddlecheck.nets.task import Task


def read_task(what: str, seed: int = 0) -> Task:
    """The task of a file, made under a fixed seed."""
    import torch

    from saddlecheck.nets.task import Task

    place = user_file.named(what)
    if place is None or not place[1]:
        raise ValueError(f"{what!r} names no task; give FILE.py:FUNCTION, a function that returns model, data, loss.")
    path, name = place
    found = user_file.run(path, seconds=SECONDS, last_resort=True)
    make = found.get(name)
    if not callable(make):
        near = difflib.get_close_matches(name, [n for n, value in found.items() if callable(value)], 1)
        hint = f"; did you mean {near[0]}?" if near else ": write one that returns model, data, loss."
        raise ValueError(f"{path} defines no function {name!r}{hint}")  # noqa: TRY004  bad input
    torch.manual_seed(seed)
    with user_file.guarded(path, SECONDS, last_resort=True):
        given = make()
    return Task.of(given)


def loaded(what: str, weights: Path | None) -> Task:
    """The task, in eval mode, with the weights of a run."""
    from saddlecheck.nets import load_weights

    task = read_task(what)
    if weights is not None:
        load_weights(task.model, weights / "weights.safetensors" if weights.is_dir() else weights)
    task.model.eval()
    return task


def need_torch() -> None:
    """Raise ValueError where torch is missing."""
    if find_spec("torch") is None:
        raise ValueError(
            "this trains or measures networks and torch is not installed: pip install 'saddlecheck[nets]'."
        )
