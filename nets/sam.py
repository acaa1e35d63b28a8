r"""SAM, sharpness-aware minimisation, as an optimiser around any other optimiser.

One step from weights $w$ with gradient $g = \nabla\ell(w)$, paper's equations (5) and (6):

    w^p = w + rho g                                    constant rho        (normalised=False)
    w^p = w + rho g / (|g| + eps)                      normalised rho      (Foret et al., 2021)
    w^p = w + rho T^2 g / (|T g| + eps),  T = diag|w|  adaptive (ASAM, Kwon et al., 2021)
    w  <- base optimiser's step from w with the gradient at w^p

|g| runs over all parameter groups. At a critical point g = 0 and w^p = w: eps, 1e-12 by default, is all that
stands between a saddle and 0/0, so it is part of the algorithm. For |g| >> eps it changes nothing. Where the base
optimiser maximises, w^p lies downhill: the worst case of what is optimised.

    optimiser = SAM(model.parameters(), torch.optim.SGD, rho=0.05, lr=0.1, momentum=0.9)
    optimiser.step(closure)                  # closure: loss, loss.backward(), return loss; it runs twice
    # or, in a loop of your own:
    loss(model(x), y).backward(); optimiser.first_step(zero_grad=True)
    loss(model(x), y).backward(); optimiser.second_step(zero_grad=True)

Micro-batches: call backward several times before each of the two steps, or, where a framework runs the loop, take
each loss through `record`. Another mini-batch for the ascent: run the first backward on it (or pass
`ascent_closure`). Distributed data parallel: run the first backward under `model.no_sync()` and every rank perturbs
along its own gradient (m-sharpness); the second backward averages as usual, and the ranks stay equal because each
restores the saved weights before the base step. Mixed precision: give the GradScaler to both steps, or to `step`.
Half-precision weights: w^p is rounded at random (nets/rounding.py), the base step as without SAM.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.amp.grad_scaler import GradScaler
from torch.optim.optimizer import Optimizer, ParamsT

from saddlecheck.nets import step_hooks
from saddlecheck.nets.ascent import MeasuredGradient, check_radius, climb, measure
from saddlecheck.nets.microbatches import Closure, Loss, Microbatches
from saddlecheck.nets.ranks import refuse_together
from saddlecheck.nets.scaling import refuse_scaler_step, refuse_to_unscale_twice, unscaled_at_w
from saddlecheck.nets.step_state import Observer, Progress
from saddlecheck.nets.wrapper import WrappedOptimizer


class SAM(WrappedOptimizer):
    """Sharpness-aware minimisation around `base_optimizer`, a class or factory such as `torch.optim.SGD`.

    Args:
        params: parameters or parameter groups; a group may carry its own rho, normalised, adaptive.
        base_optimizer: makes the optimiser that steps; the groups are shared, so schedulers act on both.
        rho: weight for normalised rho, weight per gradient for constant rho, a pure number for adaptive.
        normalised: divide the perturbation by the norm of the whole gradient.
        adaptive: scale each perturbation by the weight's own size (ASAM).
        eps: added to the norm, same unit as the gradient.
        check_finite: refuse a NaN or an infinity in either gradient (one device synchronisation a pass). Where
            torch.distributed runs, the ranks agree on it: one rank's NaN is refused on all, so that none waits for
            another. With a GradScaler the scaler skips such steps instead, and nothing is checked here.
        model: its layers that keep statistics (batch, instance and spectral norm, buffers of the user's own layers) are
            left as they were by the pass at the perturbed weights.
        flat: keep all weights of a group in one buffer (nets/flat.py): faster for many small tensors. A weight
            without a gradient then counts as one with gradient zero; checkpoints hold one state a group.
        process_group: the ranks that take their steps together, for `check_finite`; None for all of them. A rank that
            trains on its own passes a group of itself: `torch.distributed.new_subgroups(1)[0]`.
        base_arguments: go to the base optimiser: lr, momentum, …

    Raises:
        ValueError: an argument outside its domain; complex weights; a base optimiser that needs a closure.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM
        >>> w = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, normalised=False)
        >>> def closure():
        ...     optimiser.zero_grad()
        ...     loss = (w**2).sum() / 2
        ...     loss.backward()
        ...     return loss
        >>> optimiser.step(closure).item()
        0.5
        >>> round(w.item(), 12)  # 1 - lr (1 + rho)
        0.85
    """

    # torch's way to let an optimiser see that it is called by GradScaler.step, which cannot take SAM's two passes.
    _step_supports_amp_scaling = True
    _in_step = False  # second_step is called by `step`

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
        process_group: dist.ProcessGroup | None = None,
        **base_arguments: Any,
    ) -> None:
        if not 0.0 <= eps < math.inf:
            raise ValueError(f"eps is a number >= 0 added to the gradient norm, got {eps}: 1e-12 is usual.")
        self._eps, self._check_finite, self._model = eps, check_finite, model
        self.process_group = process_group
        self._copies: dict[Tensor, Tensor] = {}
        self._microbatches = Microbatches()
        self.progress = Progress()
        self.observers: list[Observer[SAM]] = []
        extra = {"rho": rho, "normalised": normalised, "adaptive": adaptive}
        super().__init__(params, extra, base_optimizer, flat=flat, base_arguments=base_arguments)

    def saved(self, weight: Tensor) -> Tensor:
        """The weight of a group as it was before the ascent, between the two steps."""
        return self._copies[weight]

    @torch.no_grad()
    def first_step(self, zero_grad: bool = False, *, scaler: GradScaler | None = None) -> None:
        """Climb to w^p with the gradients that backward left, and keep w aside.

        Args:
            zero_grad: clear the gradients afterwards; a second pass on top of the first one's is not SAM.
            scaler: the GradScaler that scaled the loss. To clip, first call `scaler.unscale_` with this optimiser.

        Raises:
            RuntimeError: the weights are perturbed already, or the scaler has unscaled for the base optimiser.
            ValueError: no parameter has a gradient, one is sparse, or a schedule has made rho senseless.
            FloatingPointError: a gradient is not finite (see `check_finite`); no weight has been touched.
        """
        now = self.progress
        if now.perturbed:
            raise RuntimeError("first_step was called twice: call second_step, or restore() to give up.")
        now.scaler, now.unscaled_before = scaler, unscaled_at_w(scaler, self)
        for group in self.param_groups:
            check_radius(group)
        live = self.live()
        checked = self._check_finite and scaler is None
        measured = measure(live, fetch=checked) if live else MeasuredGradient(live, None)
        now.local = self._refuse(measured, "the weights w", checked)
        now.notify(self.observers, "ascent", self)
        for _, weights, _ in live:
            copies = [self._copy_of(p) for p in weights]
            torch._foreach_copy_(copies, weights)
            now.perturbed.append((weights, copies))
        scale = None
        if scaler is not None and not now.unscaled_before:
            scale = scaler.scale(torch.ones((), device=live[0][1][0].device))
        climbed = climb(measured, self._eps, scale)
        now.freeze(self._model)
        if zero_grad:
            self.zero_grad()
        if self._check_finite or live[0][1][0].device.type == "cpu":  # elsewhere numbers are to stay on the device
            now.tell_if_lost(climbed)

    @torch.no_grad()
    def second_step(self, zero_grad: bool = False, *, scaler: GradScaler | None = None) -> None:
        """Go back to w and let the base optimiser step with the gradients at w^p.

        Args:
            zero_grad: clear the gradients afterwards.
            scaler: takes the base step, or skips it after an overflow; call its `update()` yourself. To clip,
                first call `scaler.unscale_(optimiser.base_optimizer)`.

        Raises:
            RuntimeError: there was no first_step, or the scaler has unscaled what it would unscale again.
            FloatingPointError: a gradient is not finite (see `check_finite`); the weights are back at w.
        """
        now = self.progress
        if not now.perturbed:
            raise RuntimeError("second_step needs a first_step before it: the weights are not perturbed.")
        if not self._in_step:  # torch's wrapper around `step` has called them
            step_hooks.before(self)
        try:
            refuse_to_unscale_twice(scaler, self, now.unscaled_before)
            measured = MeasuredGradient(self.live(), None)
            self._refuse(measured, "the perturbed weights w^p", self._check_finite and scaler is None)
            now.scaler = now.scaler or scaler
            now.notify(self.observers, "descent", self)
        finally:
            self.restore()
        if scaler is None:
            self.base_optimizer.step()
        else:
            scaler.step(self.base_optimizer)
        self._opt_called = True  # what learning-rate schedulers look for when they warn about a wrong order
        self._microbatches.use_up(g for _, _, gradients in measured.live for g in gradients)
        if zero_grad:
            self.zero_grad()
        if not self._in_step:
            step_hooks.after(self)
        now.tell()

    def step(
        self,
        closure: Closure | None = None,
        *,
        ascent_closure: Closure | None = None,
        scaler: GradScaler | None = None,
    ) -> Any:
        """One SAM step. The gradient of the whole accumulated batch is taken at w and again at w^p.

        Gradients that the last step has used are cleared. New ones count: those whose losses went through `record`
        are taken again at w^p, then the closure runs again. The rest has no gradient at w^p and is refused, unless
        the closure itself calls `zero_grad()`. After an error the weights are at w and the gradients are cleared.

        Args:
            closure: evaluates the loss, calls backward and returns the loss. It runs at w and again at w^p. Without
                one, the recorded losses are the batch.
            ascent_closure: runs at w instead: another mini-batch, or the same one under `no_sync()`.
            scaler: the GradScaler with which the closures scale their losses; call its `update()` afterwards.

        Returns:
            What the first pass returned, the loss at w; None without a closure.

        Raises:
            TypeError: neither a closure nor a recorded loss.
            RuntimeError: called by a GradScaler, or gradients were accumulated that cannot be had at w^p.
        """
        refuse_scaler_step(self)
        batches = self._microbatches
        if closure is None and not batches.losses:
            raise TypeError(
                "SAM needs two gradients: pass a closure, take the losses through SAM.record before backward, or call "
                "first_step and second_step."
            )
        loss, again = None, batches.losses
        self.progress.same_batch = ascent_closure is None
        self._in_step = True
        try:
            if closure is not None:
                first = closure if ascent_closure is None else ascent_closure
                loss, again = batches.ascent(first, self.gradients(), self.zero_grad)
            self.progress.loss = loss.detach() if isinstance(loss, Tensor) else None
            self.first_step(zero_grad=True, scaler=scaler)
            with torch.enable_grad():
                Microbatches.replay(again)
                if closure is not None:
                    closure()
            self.second_step(scaler=scaler)
        except BaseException:
            self.restore()
            self.zero_grad()  # half a batch, or a NaN, must not count as accumulation in the next step
            raise
        finally:
            self.progress.same_batch = True
            self._in_step = False
        return loss

    def record(self, compute: Loss) -> Tensor:
        """`compute()`, a loss that `step` may take again at w^p: for loops that accumulate before they step.

        Example::

            loss = optimiser.record(lambda: criterion(model(x), y))      # no other line of the loop changes
            loss.backward()                                              # or the framework's own, divided or scaled
            optimiser.step()                                             # once a batch, with or without a closure

        Args:
            compute: returns the whole loss and does not call backward; what is added to it outside (a penalty) has a
                gradient at w only. It keeps its mini-batch alive until the step or `zero_grad()`.

        Returns:
            The loss, with the graph whose backward is recorded.
        """
        return self._microbatches.record(compute)

    def restore(self) -> None:
        """Put the weights back to w without a step; harmless when they are there already."""
        self.progress.restore()

    def _refuse(self, measured: MeasuredGradient, where: str, checked: bool) -> bool | None:
        device = self.param_groups[0]["params"][0].device
        return refuse_together(measured, where, device, self.process_group, checked=checked)

    def _copy_of(self, weight: Tensor) -> Tensor:
        copy = self._copies.get(weight)
        if copy is None:
            copy = self._copies[weight] = torch.empty_like(weight)
        return copy

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients and the recorded losses; gradients in a flat buffer are set to zero, never to None."""
        if not self._flat:
            super().zero_grad(set_to_none)
        for buffer in self._buffers:
            buffer.zero()
        self._microbatches.use_up(p.grad for h in self.param_groups for p in h["params"] if p.grad is not None)

    def _require_at_w(self, verb: str) -> None:
        if self.progress.perturbed:
            raise RuntimeError(f"the weights are perturbed: {verb} after second_step, or call restore() first.")

    def __getstate__(self) -> dict[str, Any]:
        own = ["_eps", "_check_finite", "_model", "process_group", "_copies", "_microbatches", "progress", "observers"]
        used_up = not self._microbatches.fresh(self.gradients())
        return {**super().__getstate__(), **{name: getattr(self, name) for name in own}, "used_up": used_up}

    def __setstate__(self, state: dict[str, Any]) -> None:
        used_up = state.pop("used_up", False)
        super().__setstate__(state)
        if used_up:  # the copy's gradients are other tensors
            self._microbatches.use_up(self.gradients())
