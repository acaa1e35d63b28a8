"""Torch functions as landscapes: one tensor's function at many points; and a checkpoint's weights for a module.

A function of one flat tensor is treated as the formulas are, with its Hessian written out (small n). A module is too
large for that: its extremal eigenvalues come from `saddlecheck.nets.lanczos`, its noise from `saddlecheck.nets.noise`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float64]
Function = Callable[[Tensor], Tensor]

LARGEST = 256  # weights up to which the Hessian is written out
_ASIDE = 1e-2  # of a weight's size: how far beside a start a function is checked
_EPSILON = 2.0**-52
# Begins the seeds of directions: one that is the start itself, drawn with a plain seed, would hide what is checked.
_APART = 7_305_629
_REORDERED = 1e4  # rounding units that batching may change by adding in another order


class TorchLandscape:
    """Value, gradient and Hessian of f: R^n -> R at many points together; w has shape (n, paths), NumPy in and out.

    Points are batched (torch.func.vmap) where that gives what a plain loop gives; a function with control flow that
    depends on the data, or with operations in place, is run in the loop. Where it raises, the result is nan.

    Attributes:
        n: number of weights.
        batched: whether points are batched.
        epsilon: rounding unit of the type that the function computes in.

    Raises:
        ValueError: where f raises or is not one finite number at `example`, has more than 256 weights, returns other
            numbers on a second call, or passes no gradient, or not its own, to w.
    """

    def __init__(self, function: Function, example: Floats) -> None:
        self.n = len(example)
        if not 0 < self.n <= LARGEST:
            what = "no weights" if not self.n else f"{self.n} weights, more than {LARGEST}: hand in a module with data"
            raise ValueError(f"the function has {what}.")
        self._function = function
        single: dict[str, Function] = {
            "value": self._value_at,
            "gradient": self._gradient_at,
            "hessian": self._hessian_at,
        }
        values = torch.func.vmap(function, in_dims=1)
        batch: dict[str, Function] = {
            "value": values,
            "gradient": torch.func.grad(lambda w: values(w).sum()),  # each value has its own column of w
            "hessian": torch.func.vmap(torch.func.jacrev(torch.func.grad(function)), in_dims=1, out_dims=2),
        }
        self._single, self._batch = single, batch
        # Off the start itself: there a kink, or a symmetric point, may hide what is checked.
        beside = example + _ASIDE * (1 + np.abs(example)) * np.random.default_rng([_APART, 0]).uniform(-1, 1, self.n)
        value = self._checked(example)
        self.epsilon = float(torch.finfo(value.dtype).eps)
        self.batched = False
        self._is_repeatable(np.stack([example, beside], axis=1))
        self._has_own_gradient(beside)
        self.batched = self._may_be_batched(np.stack([example, beside, (example + beside) / 2], axis=1))

    def value(self, w: Floats) -> Floats:
        """Shape (paths,)."""
        return self._run("value", w)

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""
        return self._run("gradient", w)

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths)."""
        return self._run("hessian", w)

    def _run(self, what: str, w: Floats) -> Floats:
        if self.batched:
            try:
                return self._together(what, w)
            except Exception:  # the function's own, for one of the points: the loop finds out for which
                pass
        return self._apart(what, w)

    def _together(self, what: str, w: Floats) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # vmap names operations that it has to loop over: slow, not wrong
            return np.asarray(self._batch[what](torch.from_numpy(w.copy())).detach().numpy(), np.float64)

    def _apart(self, what: str, w: Floats) -> Floats:
        shape = {"value": (), "gradient": (self.n,), "hessian": (self.n, self.n)}[what]
        out = np.full((*shape, w.shape[1]), np.nan)
        for k in range(w.shape[1]):
            try:
                out[..., k] = self._single[what](torch.from_numpy(w[:, k].copy())).detach().numpy()
            except Exception:  # the function's own: it has no value here
                continue
        return out

    def _value_at(self, w: Tensor) -> Tensor:
        return self._function(w.clone())

    def _gradient_at(self, w: Tensor) -> Tensor:
        w.requires_grad_()
        (g,) = torch.autograd.grad(self._function(w.clone()), w)  # of a copy, which the function may overwrite
        return g

    def _hessian_at(self, w: Tensor) -> Tensor:
        def copied(x: Tensor) -> Tensor:
            return self._function(x.clone())

        return cast(Tensor, torch.autograd.functional.hessian(copied, w))  # type: ignore[no-untyped-call]  # torch's own

    def _checked(self, at: Floats) -> Tensor:
        place = at.tolist()
        try:
            w = torch.from_numpy(at.copy()).requires_grad_()
            value = self._function(w.clone())
        except Exception as error:  # the user's function: whatever it raises is its own
            first = (str(error).strip().splitlines() or [""])[0][:200]
            raise ValueError(f"the function raises {type(error).__name__} at {place}: {first}") from error
        if not isinstance(value, Tensor) or value.dim() != 0 or not torch.isfinite(value):
            shown = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) and value.dim() else value
            raise ValueError(f"the function has to return one finite number at {place}, got {shown}.")
        if not value.requires_grad:
            raise ValueError("the function passes no gradient to its weights: it detaches them, or does not use them.")
        return value

    def _is_repeatable(self, w: Floats) -> None:
        for evaluate in (self.value, self.gradient):
            first, second = evaluate(w), evaluate(w)
            if not np.array_equal(first, second, equal_nan=True):
                raise ValueError(
                    f"the function is random: two calls at one point gave {first.ravel()[0]:.6g} and "
                    f"{second.ravel()[0]:.6g}, or other gradients; draw its random numbers once, outside of it."
                )

    def _has_own_gradient(self, w: Floats) -> None:
        """The gradient against differences of values along one direction, at two steps h and 2h.

        Central differences err by h^2 |f'''|/6 and by epsilon |f|/h: the first is below their difference, the second is
        minimal, epsilon^(2/3), at h = epsilon^(1/3).

        Raises:
            ValueError: they disagree.
        """
        direction = np.random.default_rng([_APART, 1]).standard_normal(self.n)
        direction /= np.linalg.norm(direction)
        h = self.epsilon ** (1 / 3) * (1 + float(np.linalg.norm(w)))
        v = self.value(w[:, None] + direction[:, None] * h * np.array([2.0, 1.0, 0.0, -1.0, -2.0]))
        near, far = (v[1] - v[3]) / (2 * h), (v[0] - v[4]) / (4 * h)
        slope = float(direction @ self.gradient(w[:, None])[:, 0])
        slack = 4 * abs(near - far) + 100 * self.epsilon * float(np.max(np.abs(v))) / h + 1e-3 * abs(near)
        if np.all(np.isfinite(v)) and not abs(slope - near) <= slack:
            raise ValueError(
                f"the function's gradient is not that of its values: along one direction they change by {near:.6g} and "
                f"the gradient says {slope:.6g}; a part of it is detached, or has a backward pass of its own."
            )

    def _may_be_batched(self, w: Floats) -> bool:
        """Whether batching does not raise and agrees with the loop, within the rounding of another order of sums."""
        for what in self._batch:
            one = self._apart(what, w)
            try:
                many = self._together(what, w)
            except Exception:  # vmap cannot trace this function
                return False
            slack = _REORDERED * self.epsilon * float(np.max(np.abs(one[np.isfinite(one)]), initial=1.0))
            if one.shape != many.shape or not np.allclose(one, many, rtol=0, atol=slack, equal_nan=True):
                return False
        return True


def load_weights(model: nn.Module, checkpoint: str | Path) -> None:
    """Put a checkpoint's weights into the model; read with weights_only, so that nothing in it is executed.

    Raises:
        ValueError: the file is no state_dict of this model.
        FileNotFoundError: there is none.
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
