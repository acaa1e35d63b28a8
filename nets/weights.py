"""Weights as safetensors files: tensors and names, nothing that can run. Written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from saddlecheck._files import write_whole


def save_weights(model: nn.Module, path: Path) -> Path:
    """Write a model's parameters and buffers; tensors that share memory (tied weights) are written once.

    Args:
        model: as its `state_dict` names them.
        path: of the file; its folder is made.

    Returns:
        `path`.

    Example:
        >>> import pathlib, tempfile
        >>> import torch
        >>> from saddlecheck.nets import load_weights, save_weights
        >>> model, other = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_weights(model, pathlib.Path(folder, "weights.safetensors"))
        ...     load_weights(other, path)
        >>> torch.equal(model.weight, other.weight)
        True
    """
    return write_whole(
        path,
        save({name: t.detach().cpu().clone(memory_format=torch.contiguous_format) for name, t in _once(model).items()}),
    )


def load_weights(model: nn.Module, path: Path) -> None:
    """Put the weights of a file into a model of the same form.

    Args:
        model: its tensors are overwritten in place, on their device and in their dtype.
        path: of a file that `save_weights` wrote.

    Raises:
        ValueError: the file is no safetensors file, or holds another model's tensors.
        OSError: it cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> import torch
        >>> from saddlecheck.nets import load_weights, save_weights
        >>> model, other = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_weights(model, pathlib.Path(folder, "weights.safetensors"))
        ...     load_weights(other, path)
        >>> torch.equal(model.weight, other.weight)
        True
    """
    try:
        found = load(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{path} is no safetensors file ({error}).") from error
    own = _once(model)
    for what, names in (("lacks", own.keys() - found.keys()), ("holds the unknown", found.keys() - own.keys())):
        if names:
            raise ValueError(f"{path} {what} {', '.join(sorted(names)[:3])}: it is another model's.")
    for name, t in own.items():
        if t.shape != found[name].shape:
            raise ValueError(
                f"{path}: {name} has the shape {tuple(found[name].shape)} there and {tuple(t.shape)} in the model."
            )
    for name, t in own.items():
        t.detach().copy_(found[name])


def _once(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a model's state dict, one name for each piece of memory."""
    seen: set[Any] = set()
    kept: dict[str, Tensor] = {}
    for name, t in getattr(model, "_orig_mod", model).state_dict().items():  # torch.compile's wrapper adds a prefix
        if not isinstance(t, Tensor):  # a module's extra state
            continue
        place = (t.data_ptr(), t.storage_offset(), tuple(t.shape))
        if t.numel() == 0 or place not in seen:
            seen.add(place)
            kept[name] = t
    return kept
