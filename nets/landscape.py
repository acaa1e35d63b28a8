"""Torch functions as landscapes: critical points by Newton's method; and a checkpoint's weights for a module.

A function of one flat tensor is treated as the formulas are, with its Hessian written out (small n). A module is too
large for that: the ends of its spectrum come from `nets.spectrum`, its noise from `nets.noise`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float64]
Function = Callable[[Tensor], Tensor]

LARGEST = 256  # weights up to which the Hessian is written out
_ROUNDS = 100
_SAME = 1e-6


class TorchLandscape:
    """Value, gradient and Hessian of f: R^n -> R at many points at once; w has shape (n, paths), NumPy in and out.

    Raises ValueError where f is not one finite number at `example`, or has more than 256 weights.
    """

    def __init__(self, function: Function, example: Floats) -> None:
        self.n = len(example)
        if self.n > LARGEST:
            raise ValueError(f"the function has {self.n} weights, more than {LARGEST}: hand in a module with data.")
        value = function(torch.from_numpy(example.copy()))
        if not isinstance(value, Tensor) or value.dim() != 0 or not torch.isfinite(value):
            raise ValueError(f"the function has to return one finite number at {example.tolist()}, got {value}.")
        self._value = torch.func.vmap(function, in_dims=1)
        self._gradient = torch.func.vmap(torch.func.grad(function), in_dims=1, out_dims=1)
        self._hessian = torch.func.vmap(torch.func.jacrev(torch.func.grad(function)), in_dims=1, out_dims=2)

    def value(self, w: Floats) -> Floats:
        """Shape (paths,)."""
        return np.asarray(self._value(torch.from_numpy(w)).numpy())

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""
        return np.asarray(self._gradient(torch.from_numpy(w)).detach().numpy())

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths)."""
        return np.asarray(self._hessian(torch.from_numpy(w)).detach().numpy())


def newton(landscape: TorchLandscape, starts: Floats, *, tolerance: float = 1e-11) -> list[Floats]:
    """Critical points that damped Newton steps on the gradient reach from the starts, shape (n, k), each once."""
    found: list[Floats] = []
    for start in starts.T:
        w = start[:, None].copy()
        g = landscape.gradient(w)
        for _ in range(_ROUNDS):
            if np.linalg.norm(g) <= tolerance * (1 + np.linalg.norm(w)):
                break
            step = np.linalg.lstsq(landscape.hessian(w)[:, :, 0], g, rcond=None)[0]
            scale = 1.0
            while scale > 1e-4:  # the gradient's norm has to fall
                trial = landscape.gradient(w - scale * step)
                if np.all(np.isfinite(trial)) and np.linalg.norm(trial) < (1 - scale / 4) * np.linalg.norm(g):
                    break
                scale /= 2
            w, g = w - scale * step, landscape.gradient(w - scale * step)
            if not np.all(np.isfinite(g)):
                break
        if np.linalg.norm(g) <= 1e3 * tolerance * (1 + np.linalg.norm(w)) and not any(
            np.linalg.norm(w[:, 0] - other) <= _SAME * (1 + np.linalg.norm(other)) for other in found
        ):
            found.append(w[:, 0])
    return found


def load_weights(model: nn.Module, checkpoint: str | Path) -> None:
    """Put a checkpoint's weights into the model; read with weights_only, so that nothing in it is executed.

    Raises ValueError for a file that is no state_dict of this model, FileNotFoundError where there is none.
    """
    if not Path(checkpoint).is_file():
        raise FileNotFoundError(f"there is no checkpoint {checkpoint}.")
    try:
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")
        model.load_state_dict(state)
    except Exception as error:
        # torch.load raises whatever its format readers do; each means that this is not such a file.
        first = str(error).strip().splitlines()[0][:200]
        raise ValueError(f"{checkpoint} does not hold this model's weights: {first}") from error


def starts_in(box: Sequence[tuple[float, float]], count: int, seed: int) -> Floats:
    """Uniform starts in a box, shape (n, count)."""
    low, high = np.array(box, np.float64).T
    return np.asarray(np.random.default_rng(seed).uniform(low[:, None], high[:, None], (len(low), count)))
