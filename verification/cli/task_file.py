"""The task of a file of the user's: a function that returns a model, data and a loss, and what they do when used."""

from __future__ import annotations

import contextlib
import random
import sys
import tomllib
import traceback
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck._nearest import hint
from saddlecheck.verification import user_file

SECONDS = 600.0  # for a task to read its data and make its model

if TYPE_CHECKING:
    from saddlecheck.nets.config import TrainConfig
    from saddlecheck.nets.task import Task


def read_config(path: Path) -> TrainConfig:
    """The TrainConfig in a TOML file.

    Raises ValueError, naming the file, for text that is no TOML, unknown keys and values outside their domain.
    """
    from saddlecheck.nets.config import TrainConfig

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); name a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}.") from error
    known = [f.name for f in fields(TrainConfig)]
    for name in found:
        if name not in known:
            near = hint(name, known, f"keys are {', '.join(known)}.", most=1)
            raise ValueError(f"{path}: unknown key {name!r}; {near}")
    try:
        return TrainConfig(**found)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def read_task(what: str, seed: int = 0) -> Task:
    """The task of a file, made under a fixed seed."""
    import numpy as np
    import torch

    from saddlecheck.nets.task import Task

    place = user_file.named(what)
    if place is None or not place[1]:
        raise ValueError(f"{what!r} names no task; give FILE.py:FUNCTION, a function that returns model, data, loss.")
    path, name = place
    torch.manual_seed(seed)  # before the file is run: a resumed run is to find the same data
    np.random.seed(seed % 2**32)
    random.seed(seed)
    found = user_file.run(path, seconds=SECONDS)
    make = found.get(name)
    if not callable(make):
        functions = [n for n, value in found.items() if callable(value)]
        near = hint(name, functions, "write one that returns model, data, loss.", most=1)
        raise ValueError(f"{path} defines no function {name!r}; {near}")  # noqa: TRY004  bad input
    with user_file.guarded(path, SECONDS):
        given = make()
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # model and data may import from beside the file when they are used
    return Task.of(given)


@contextlib.contextmanager
def used(what: str) -> Iterator[None]:
    """Model, data and loss of a task are at work in the block: what they print goes to stderr, errors are one line.

    Raises ValueError with the kind of the error and the last line of the task's file, or else of any, that was run.
    """
    place = user_file.named(what)
    path = what if place is None else str(place[0])
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (ValueError, OSError):
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        at = [f for f in frames if f.filename == path] or frames
        kind = type(error).__name__
        raise ValueError(f"{Path(at[-1].filename).name}:{at[-1].lineno}: {kind}: {error or 'no message'}") from error


def loaded(what: str, weights: Path | None, data: Path | None = None) -> Task:
    """The task, or a CIFAR run's, in eval mode, with the weights of a run; `data` are the CIFAR run's images."""
    from saddlecheck.nets import load_weights

    weights = None if weights is None else weights.absolute()  # the task may change the directory
    if what.endswith(".toml"):
        from saddlecheck.nets.cifar_task import cifar_task

        task = cifar_task(read_config(Path(what)), data)
    elif data is not None:
        raise ValueError("--data decides nothing here: it goes with FILE.toml; a task makes its own data.")
    else:
        task = read_task(what)
    if weights is not None:
        file = weights / "weights.safetensors" if weights.is_dir() else weights
        if not file.exists():
            raise ValueError(f"{file} is not there; name the folder of a finished run, or a safetensors file.")
        load_weights(task.model, file)
    task.model.eval()
    return task


def need_torch() -> None:
    """Raise ValueError where torch is missing."""
    if find_spec("torch") is None:
        raise ValueError(
            "this trains or measures networks and torch is not installed: pip install 'saddlecheck[nets]'."
        )
