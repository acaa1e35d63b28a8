r"""SAM, sharpness-aware minimisation, as an optimiser around any other optimiser.

One step from weights $w$ with gradient $g = \nabla\ell(w)$, paper's equations (5) and (6):

    w^p = w + rho g                                    constant rho        (normalised=False)
    w^p = w + rho g / (|g| + eps)                      normalised rho      (Foret et al., 2021)
    w^p = w + rho T^2 g / (|T g| + eps),  T = diag|w|  adaptive (ASAM, Kwon et al., 2021)
    w  <- base optimiser's step from w with the gradient at w^p

|g| runs over all parameter groups. At a critical point g = 0 and w^p = w: eps, 1e-12 by default, is all that
stands between a saddle and 0/0, so it is part of the algorithm. For |g| >> eps it changes nothing.

    optimiser = SAM(model.parameters(), torch.optim.SGD, rho=0.05, lr=0.1, momentum=0.9)
    optimiser.step(closure)                  # closure: loss, loss.backward(), return loss; it runs twice
    # or, in a loop of one's own:
    loss(model(x), y).backward(); optimiser.first_step(zero_grad=True)
    loss(model(x), y).backward(); optimiser.second_step(zero_grad=True)

Micro-batches: call backward several times before each of the two steps. Another mini-batch for the ascent:
run the first backward on it (or pass `ascent_closure`). Distributed data parallel: run the first backward
under `model.no_sync()` and every rank perturbs along its own gradient (m-sharpness); the second backward
averages as usual, and the ranks stay equal because each restores the saved weights before the base step.
Mixed precision: give the GradScaler to both steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.optimizer import Optimizer, ParamsT

from nets.ascent import Live, check_group, climb, gradient_norm, require_finite
from nets.flat import FlatBuffer

Closure = Callable[[], Tensor | float]


class Observer(Protocol):
    """Something that looks on: called twice a step, with the gradients in place before they are used."""

    def ascent(self, optimiser: SAM) -> None:
        """Weights are w, gradients are those at w."""

    def descent(self, optimiser: SAM) -> None:
        """Weights are w again, gradients are those at w^p."""


class SAM(Optimizer):
    """Sharpness-aware minimisation around `base_optimizer`, a class or factory such as `torch.optim.SGD`.

    Args:
        params: parameters or parameter groups; a group may carry its own rho, normalised, adaptive.
        base_optimizer: makes the optimiser that steps; the groups are shared, so schedulers act on both.
        rho: weight for normalised rho, weight per gradient for constant rho, a pure number for adaptive.
        normalised: divide the perturbation by the norm of the whole gradient.
        adaptive: scale each perturbation by the weight's own size (ASAM).
        eps: added to the norm, same unit as the gradient.
        check_finite: refuse a NaN or an infinity in either gradient (one device synchronisation a pass).
            With a GradScaler the scaler skips such steps instead, and nothing is checked here.
        model: its batch-norm layers leave their running statistics alone while the weights are perturbed.
        flat: keep all weights of a group in one buffer (nets/flat.py): faster for many small tensors. A weight
            without a gradient then counts as one with gradient zero; checkpoints hold one state a group.
        base_arguments: go to the base optimiser: lr, momentum, …

    Raises:
        ValueError: an argument outside its domain; complex weights; a base optimiser that needs a closure.
    """

    def __init__(
        self,
        params: ParamsT,
        base_optimizer: Callable[..., Optimizer],
        rho: float = 0.05,
        *,
        normalised: bool = True,
        adaptive: bool = False,
        eps: float = 1e-12,
        check_finite: bool = True,
        model: nn.Module | None = None,
        flat: bool = False,
        **base_arguments: Any,
    ) -> None:
        if not 0.0 <= eps < math.inf:
            raise ValueError(f"eps is a number >= 0 added to the gradient norm, got {eps}: 1e-12 is usual.")
        self._eps, self._check_finite, self._model, self._flat = eps, check_finite, model, flat
        self._buffers: list[FlatBuffer] = []
        self._copies: dict[Tensor, Tensor] = {}
        self._perturbed: list[tuple[list[Tensor], list[Tensor]]] = []
        self._frozen: list[_BatchNorm] = []
        self.observers: list[Observer] = []
        super().__init__(params, {"rho": rho, "normalised": normalised, "adaptive": adaptive})
        self.base_optimizer = base_optimizer(self.param_groups, **base_arguments)
        if isinstance(self.base_optimizer, torch.optim.LBFGS):
            raise ValueError(  # noqa: TRY004  the type is right, it is this optimiser that has no SAM
                "LBFGS evaluates its own closure and cannot be the base of SAM: use SGD, Adam or the like."
            )
        self.defaults = {**self.base_optimizer.defaults, **self.defaults}
        self._share()

    def _share(self) -> None:
        """Groups and state are the base optimiser's own objects, never copies."""
        self.param_groups = self.base_optimizer.param_groups
        self.state = self.base_optimizer.state

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group; see the class for what it may carry.

        Raises:
            ValueError: rho is negative or not finite, weights are complex, or the devices are several.
        """
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            check_group(group)
            if self._flat:
                self._buffers.append(FlatBuffer([p for p in group["params"] if p.requires_grad]))
                group.pop("param_names", None)
                group["params"] = [self._buffers[-1].weights]
        except ValueError:
            self.param_groups.pop()  # a refused group leaves no trace
            raise

    def _live(self) -> list[Live]:
        """Every group with the weights that have a gradient, and the gradients."""
        for buffer in self._buffers:
            buffer.gather()
        live: list[Live] = []
        for group in self.param_groups:
            weights = [p for p in group["params"] if p.grad is not None]
            gradients = [p.grad for p in weights]
            if any(g.layout is not torch.strided for g in gradients):
                raise ValueError("SAM needs dense gradients, got a sparse one: use sparse=False.")
            if weights:
                live.append((group, weights, gradients))
        if not live:
            raise ValueError("no parameter has a gradient: call backward() before the step.")
        return live

    @torch.no_grad()
    def first_step(self, zero_grad: bool = False, *, scaler: torch.amp.GradScaler | None = None) -> None:
        """Climb to w^p with the gradients that backward left, and keep w aside.

        Args:
            zero_grad: clear the gradients afterwards; a second pass on top of the first one's is not SAM.
            scaler: the GradScaler whose scale the gradients still carry.

        Raises:
            RuntimeError: the weights are perturbed already.
            ValueError: no parameter has a gradient, or one is sparse.
            FloatingPointError: a gradient is not finite (see `check_finite`); no weight has been touched.
        """
        if self._perturbed:
            raise RuntimeError("first_step was called twice: call second_step, or restore() to give up.")
        live = self._live()
        norm = gradient_norm(live)
        if self._check_finite and scaler is None:
            require_finite(live, norm, "the weights w")
        for observer in self.observers:
            observer.ascent(self)
        for _, weights, _ in live:
            copies = [self._copy_of(p) for p in weights]
            torch._foreach_copy_(copies, weights)
            self._perturbed.append((weights, copies))
        scale = None if scaler is None else scaler.scale(torch.ones((), device=live[0][1][0].device))
        climb(live, norm, self._eps, scale)
        self._freeze()
        if zero_grad:
            self.zero_grad()

    @torch.no_grad()
    def second_step(self, zero_grad: bool = False, *, scaler: torch.amp.GradScaler | None = None) -> None:
        """Go back to w and let the base optimiser step with the gradients at w^p.

        Args:
            zero_grad: clear the gradients afterwards.
            scaler: takes the base step, or skips it after an overflow; call its `update()` yourself. To clip,
                first call `scaler.unscale_(optimiser.base_optimizer)`.

        Raises:
            RuntimeError: there was no first_step.
            FloatingPointError: a gradient is not finite (see `check_finite`); the weights are back at w.
        """
        if not self._perturbed:
            raise RuntimeError("second_step needs a first_step before it: the weights are not perturbed.")
        self.restore()
        live = self._live()
        if self._check_finite and scaler is None:
            require_finite(live, None, "the perturbed weights w^p")
        for observer in self.observers:
            observer.descent(self)
        if scaler is None:
            self.base_optimizer.step()
        else:
            scaler.step(self.base_optimizer)
        self._opt_called = True  # what learning-rate schedulers look for when they warn about a wrong order
        if zero_grad:
            self.zero_grad()

    def step(self, closure: Closure | None = None, *, ascent_closure: Closure | None = None) -> Any:
        """One SAM step; gradients are cleared before each of the two passes, whatever the closures do.

        Args:
            closure: evaluates the loss, calls backward and returns the loss. It runs at w and again at w^p.
            ascent_closure: runs at w instead: another mini-batch, or the same one under `no_sync()`.

        Returns:
            What the first pass returned: the loss at w.

        Raises:
            TypeError: no closure.
        """
        if closure is None:
            raise TypeError("SAM needs two gradients: pass a closure, or call first_step and second_step.")
        self.zero_grad()
        with torch.enable_grad():
            loss = (closure if ascent_closure is None else ascent_closure)()
        self.first_step(zero_grad=True)
        try:
            with torch.enable_grad():
                closure()
        except BaseException:
            self.restore()
            raise
        self.second_step()
        return loss

    @torch.no_grad()
    def restore(self) -> None:
        """Put the weights back to w without a step; harmless when they are there already."""
        for weights, copies in self._perturbed:
            torch._foreach_copy_(weights, copies)
        self._perturbed = []
        for layer in self._frozen:
            layer.track_running_stats = True
        self._frozen = []

    def _copy_of(self, weight: Tensor) -> Tensor:
        copy = self._copies.get(weight)
        if copy is None:
            copy = self._copies[weight] = torch.empty_like(weight)
        return copy

    def _freeze(self) -> None:
        """Batch norm goes on using the batch's statistics but no longer records them."""
        if self._model is None:
            return
        for layer in self._model.modules():
            if isinstance(layer, _BatchNorm) and layer.training and layer.track_running_stats:
                layer.track_running_stats = False
                self._frozen.append(layer)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients; those in a flat buffer are set to zero, never to None."""
        if not self._flat:
            super().zero_grad(set_to_none)
        for buffer in self._buffers:
            buffer.zero()

    def state_dict(self) -> dict[str, Any]:
        """The base optimiser's state dict, whose groups carry rho, normalised and adaptive.

        Raises:
            RuntimeError: between first_step and second_step, when the weights are not the ones to save.
        """
        if self._perturbed:
            raise RuntimeError("the weights are perturbed: save after second_step, or call restore() first.")
        return self.base_optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue exactly where `state_dict` left off; one of the plain base optimiser is welcome too."""
        self.base_optimizer.load_state_dict(state_dict)
        self._share()
        for group in self.param_groups:
            for name in ("rho", "normalised", "adaptive"):
                group.setdefault(name, self.defaults[name])

    def __getstate__(self) -> dict[str, Any]:
        own = "base_optimizer _eps _check_finite _model _flat _buffers _copies _perturbed _frozen observers"
        return {**super().__getstate__(), **{name: getattr(self, name) for name in own.split()}}
