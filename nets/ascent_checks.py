"""What is refused of an ascent: no ascent at all, loss scales that differ, ranks that would part."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from torch import nn
from torch.amp.grad_scaler import GradScaler

from saddlecheck.nets.climbing import Ascent


def checked_ascent(ascent: Any, when: Any) -> Ascent:
    """Return the ascent that was asked for, SAM's own for None.

    Raises:
        ValueError: it is no ascent, a class or a name say; or `when` is no function.
    """
    if when is not None and not callable(when):
        raise ValueError(f"`when` is a function of the step's number, such as Every(5), got {when!r}.")
    if ascent is None:
        return Ascent()
    if not isinstance(ascent, Ascent):
        got = f"the class {ascent.__name__}" if isinstance(ascent, type) else repr(ascent)
        raise ValueError(f"an ascent is a value such as saddlecheck.nets.GSAM(0.4), got {got}.")  # noqa: TRY004  bad input
    return ascent


def checked_eps(eps: Any) -> float:
    """The number that is added to the gradient's norm; raises ValueError for anything else."""
    if not (isinstance(eps, Real) and 0.0 <= float(eps) < math.inf):
        raise ValueError(f"eps is a number >= 0 added to the gradient norm, got {eps!r}: 1e-12 is usual.")
    return float(eps)


def check_arguments(model: Any, **switches: Any) -> None:
    """Raise ValueError for a model that is none, and for a switch that is neither True nor False ("no" would be on)."""
    if model is not None and not isinstance(model, nn.Module):
        raise ValueError(f"model is the torch module that is trained, or None; got {type(model).__name__}.")
    for name, value in switches.items():
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"{name} is True or False, got {value!r}.")  # noqa: TRY004  bad input


def refuse_scaler(ascent: Ascent, scaler: GradScaler | None) -> None:
    """Raise ValueError where gradients of several passes would be added, each with a loss scale of its own."""
    if scaler is not None and ascent.mixes:
        raise ValueError(
            f"{type(ascent).__name__} adds gradients of several passes, whose loss scales may differ, and takes no "
            "GradScaler: use bfloat16 autocast, which needs none."
        )


def refuse_local(ascent: Ascent, local: bool | None) -> None:
    """Raise RuntimeError on all ranks where each would step along its own gradient at w."""
    if local and ascent.steps_along_first:
        raise RuntimeError(
            f"the ranks' gradients at w differ, as under no_sync(), and {type(ascent).__name__} steps along them: the "
            "ranks would part; average both passes."
        )
