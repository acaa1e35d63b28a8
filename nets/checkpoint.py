"""Checkpoints as NumPy archives: arrays and one JSON text, never a pickle, written atomically."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saddlecheck._files import write_whole

META = "meta.json"


def save(path: Path, model: nn.Module, optimiser: Optimizer, meta: dict[str, Any]) -> None:
    """Weights, buffers, optimiser state and `meta`, JSON data, in one file."""
    arrays = {f"model/{name}": _array(t) for name, t in model.state_dict().items()}
    state = optimiser.state_dict()
    for index, entries in state["state"].items():
        for name, value in entries.items():
            if value is not None:
                arrays[f"optimiser/{index}/{name}"] = _array(value)
    if "ascent" in state:  # of a variant of SAM
        for name, held in state["ascent"].pop("kept").items():
            arrays |= {f"ascent/{name}/{place}": _array(value) for place, value in held.items()}
        meta = {**meta, "ascent": state["ascent"]}
    arrays[META] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_whole(path, buffer.getvalue())


def load(path: Path, model: nn.Module, optimiser: Optimizer) -> dict[str, Any]:
    """Put a checkpoint's numbers into `model` and `optimiser`, bit for bit, and return its `meta`.

    Returns:
        The checkpoint's `meta`: what the run stored beside its tensors.

    Raises:
        ValueError: the file is no checkpoint of this model; a pickle in particular is refused, never loaded.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta: dict[str, Any] = dict(json.loads(arrays.pop(META).tobytes()))
    except (ValueError, TypeError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path.name} is no checkpoint of ours (arrays and JSON; pickles are never loaded): "
            "delete it to start the run from the beginning."
        ) from error
    weights = {k.removeprefix("model/"): torch.from_numpy(v) for k, v in arrays.items() if k.startswith("model/")}
    try:
        model.load_state_dict(weights)  # copies into the model's own dtype
    except RuntimeError as error:
        raise ValueError(f"{path.name} holds another network than this run's: delete it to start over.") from error
    try:
        _restore(optimiser, arrays, meta.pop("ascent", None))
    except (IndexError, KeyError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path.name} holds another optimiser's state: delete it to start over.") from error
    return meta


def _restore(optimiser: Optimizer, arrays: dict[str, Any], ascent: dict[str, Any] | None) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    kept: dict[str, dict[int, Tensor]] = {}
    for key in (k for k in arrays if k.startswith("ascent/")):
        _, name, index = key.split("/")
        kept.setdefault(name, {})[int(index)] = torch.from_numpy(arrays[key])
    for key, array in arrays.items():
        if not key.startswith("optimiser/"):
            continue
        _, index, name = key.split("/")
        value = torch.from_numpy(array)
        p = parameters[int(index)]
        if value.shape == p.shape:
            # The parameter's own memory layout, so that later steps round exactly as they would have.
            value = torch.empty_like(p).detach().copy_(value)
        state.setdefault(int(index), {})[name] = value
    whole = {"state": state, "param_groups": optimiser.state_dict()["param_groups"]}
    optimiser.load_state_dict({**whole, **({} if ascent is None else {"ascent": {**ascent, "kept": kept}})})


def _array(value: Tensor | float) -> Any:
    """A NumPy array; bfloat16, which NumPy lacks, as float32, which holds each of its numbers."""
    if isinstance(value, Tensor):
        wide = value.float() if value.dtype is torch.bfloat16 else value
        return wide.detach().cpu().numpy()
    return np.asarray(value)
