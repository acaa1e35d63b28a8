"""The two halves of a SAM step: the ascent to w^p, and the base optimiser's step from w with the gradients there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.amp.grad_scaler import GradScaler
from torch.optim.optimizer import Optimizer, ParamsT

from saddlecheck.nets import step_hooks
from saddlecheck.nets.ascent import MeasuredGradient, check_radius, climb, measure
from saddlecheck.nets.ascent_checks import check_arguments, checked_ascent, checked_eps, refuse_local, refuse_scaler
from saddlecheck.nets.ascent_memory import Memory
from saddlecheck.nets.cleared import Cleared
from saddlecheck.nets.climbing import Ascent
from saddlecheck.nets.microbatches import Microbatches
from saddlecheck.nets.ranks import refuse_together
from saddlecheck.nets.scaling import refuse_to_unscale_twice, unscaled_at_w
from saddlecheck.nets.step_state import Observer, Progress
from saddlecheck.nets.wrapper import WrappedOptimizer


class HalfSteps(WrappedOptimizer):
    """What `SAM` does in two calls, with a backward before each; `SAM` adds the forms that take closures.

    Args:
        params: see `SAM`, as the others.
        base_optimizer: makes the optimiser that steps.
        extra: rho, normalised and adaptive of groups that have none of their own.
        eps: added to the norm.
        check_finite: refuse gradients that are not finite.
        model: whose statistics see the first pass only.
        flat: keep the weights of a group in one buffer.
        process_group: the ranks that step together.
        ascent: None for SAM's own.
        when: which steps climb; None for all.
        base_arguments: go to the base optimiser.

    Raises:
        ValueError: see `SAM`.
    """

    # torch's way to let an optimiser see that it is called by GradScaler.step, which cannot take SAM's two passes.
    _step_supports_amp_scaling = True
    _in_step = False  # second_step is called by `step`

    def __init__(
        self,
        params: ParamsT,
        base_optimizer: Callable[..., Optimizer],
        extra: dict[str, Any],
        *,
        eps: float,
        check_finite: bool,
        model: nn.Module | None,
        flat: bool,
        process_group: dist.ProcessGroup | None,
        ascent: Ascent | None,
        when: Callable[[int], bool] | None,
        base_arguments: dict[str, Any],
    ) -> None:
        check_arguments(model, flat=flat, check_finite=check_finite)
        self.ascent = checked_ascent(ascent, when)
        self.when, self._memory = when, Memory()
        self._eps, self._check_finite, self._model = checked_eps(eps), check_finite, model
        self.process_group = process_group
        self._copies: dict[Tensor, Tensor] = {}
        self._microbatches, self._cleared = Microbatches(), Cleared()
        self.progress = Progress()
        self.observers: list[Observer[Any]] = []
        super().__init__(params, extra, base_optimizer, flat=flat, base_arguments=base_arguments)
        self.ascent.check(self, always=when is None)

    @property
    def is_plain(self) -> bool:
        """Whether it is SAM itself, with SAM's own ascent at every step."""
        return type(self.ascent) is Ascent and self.when is None

    @property
    def checks_finite(self) -> bool:
        """Whether gradients that are not finite are refused."""
        return self._check_finite

    @property
    def climbs(self) -> bool:
        """Whether the step climbs; one that does not takes one gradient, at w, and may go without `first_step`."""
        if self.progress.climbing is None:  # asked once a step
            self.progress.climbing = self.when is None or bool(self.when(self._memory.taken))
        return self.progress.climbing

    def keep_statistics_of(self, model: nn.Module) -> None:
        """What `model=` is to the constructor, where it was not given there."""
        self._model = model if self._model is None else self._model

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
            RuntimeError: the weights are perturbed already, or the scaler has unscaled for the base optimiser; since
                the ascent before there was no backward, or one on top of gradients that were not cleared.
            ValueError: no parameter has a gradient, one is sparse, or a schedule has made rho senseless.
            FloatingPointError: a gradient is not finite (see `check_finite`); no weight has been touched.
        """
        now, ascent = self.progress, self.ascent
        if now.climbs >= ascent.passes or (now.perturbed and not now.climbs):  # the latter after an error
            raise RuntimeError("first_step was called twice: call second_step, or restore() to give up.")
        refuse_scaler(ascent, scaler)
        if now.climbs:
            self._require_anew()
        now.scaler, now.unscaled_before = scaler, unscaled_at_w(scaler, self)
        self._memory.released = zero_grad and not self._flat
        for group in self.param_groups:
            check_radius(group)
        if self.climbs:
            self._climb(scaler)
        else:
            now.climbs = ascent.passes
            now.freeze(self._model)
        if zero_grad:
            self.zero_grad()
        else:
            self._microbatches.use_up(self.gradients())
            self._cleared.watch(self.leaves())

    def _require_anew(self) -> None:
        """Raise RuntimeError unless a backward has made gradients at the perturbed weights, and these alone."""
        self._cleared.require()
        gradients = self.gradients()
        if gradients and self._microbatches.all_used(gradients):
            raise RuntimeError(
                "the gradients are still those of the pass before: call backward at the perturbed weights first."
            )

    def _climb(self, scaler: GradScaler | None) -> None:
        now, ascent = self.progress, self.ascent
        measured, first = self._direction(self._check_finite and scaler is None), now.climbs == 0
        if not measured.live:
            raise ValueError("no parameter requires a gradient: there is nothing to train.")
        device = measured.live[0][1][0].device
        if first and ascent.sees:
            now.notify(self.observers, "ascent", self)
        aside = {p for weights, _ in now.perturbed for p in weights}
        for _, weights, _ in measured.live:
            if here := [p for p in weights if p not in aside]:
                copies = [self._copy_of(p) for p in here]
                torch._foreach_copy_(copies, here)
                now.perturbed.append((here, copies))
        scaled = scaler is not None and ascent.sees and not now.unscaled_before
        scale = scaler.scale(torch.ones((), device=device)) if scaler is not None and scaled else None
        climbed = climb(measured, self._eps, scale, ascent.size)
        self._tell_graphs()
        now.climbs += 1
        if first:
            now.freeze(self._model)
            if self._check_finite or device.type == "cpu":  # elsewhere numbers are to stay on the device
                now.tell_if_lost(climbed)

    def _direction(self, checked: bool) -> MeasuredGradient:
        """What the ascent climbs along and its norm, once the gradients, where it sees them, are found to be finite."""
        ascent = self.ascent
        if not ascent.sees:
            return measure(ascent.direction([], self._memory, self), fetch=checked)
        live = self.live()
        # Where the direction's own length counts, the gradients are only checked.
        wanted = live and not ascent.own_length
        measured = measure(live, fetch=checked) if wanted else MeasuredGradient(live, None)
        self.progress.local = self._refuse(measured, "the weights w", checked)
        refuse_local(ascent, self.progress.local)
        along = ascent.direction(live, self._memory, self)
        if along is live:
            return measured
        return measure(along, fetch=False) if ascent.own_length else measured.along(along)

    @torch.no_grad()
    def second_step(self, zero_grad: bool = False, *, scaler: GradScaler | None = None) -> None:
        """Go back to w and let the base optimiser step with the gradients at w^p.

        Args:
            zero_grad: clear the gradients afterwards.
            scaler: takes the base step, or skips it after an overflow; call its `update()` yourself. To clip,
                first call `scaler.unscale_(optimiser.base_optimizer)`.

        Raises:
            RuntimeError: there was no first_step, or the scaler has unscaled what it would unscale again; there was no
                backward at w^p, or one on top of the gradients at w. The weights are back at w.
            FloatingPointError: a gradient is not finite (see `check_finite`); the weights are back at w.
        """
        now, ascent = self.progress, self.ascent
        climbed = self.climbs
        if climbed and now.climbs < ascent.passes:
            raise RuntimeError("second_step needs a first_step before it: the weights are not perturbed.")
        refuse_scaler(ascent, scaler)
        if not self._in_step:  # torch's wrapper around `step` has called them
            step_hooks.before(self)
        try:
            refuse_to_unscale_twice(scaler, self, now.unscaled_before)
            if climbed and ascent.sees:
                self._require_anew()
            measured = MeasuredGradient(self.live(), None)
            where = "the perturbed weights w^p" if climbed else "the weights w"
            self._refuse(measured, where, self._check_finite and scaler is None)
            now.scaler = now.scaler or scaler
            now.notify(self.observers, "descent", self)
            ascent.descend(measured.live, self._memory, climbed=climbed)
        finally:
            self.restore()
        if scaler is None:
            self.base_optimizer.step()
        else:
            scaler.step(self.base_optimizer)
        self._tell_graphs()
        self._memory.taken += 1
        if self._memory.released:  # in place of buffers these are gradients, which the next step has others of
            self._memory.passing.clear()
        self._opt_called = True  # what learning-rate schedulers look for when they warn about a wrong order
        self._microbatches.use_up(g for _, _, gradients in measured.live for g in gradients)
        if zero_grad:
            self.zero_grad()
        if not self._in_step:
            step_hooks.after(self)
        now.tell()

    def restore(self) -> None:
        """Put the weights back to w without a step; harmless when they are there already."""
        self.progress.restore()
        self._cleared.forget()
        self._tell_graphs()

    def _refuse(self, measured: MeasuredGradient, where: str, checked: bool) -> bool | None:
        device = next((p.device for h in self.param_groups for p in h["params"]), torch.device("cpu"))
        return refuse_together(measured, where, device, self.process_group, checked=checked)

    def _copy_of(self, weight: Tensor) -> Tensor:
        copy = self._copies.get(weight)
        # model.double() or .to(device) after a step: an old copy would round the weights, or hold them elsewhere.
        if copy is None or copy.dtype != weight.dtype or copy.device != weight.device or copy.shape != weight.shape:
            copy = self._copies[weight] = torch.empty_like(weight)
        return copy

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients and the recorded losses; gradients in a flat buffer are set to zero, never to None."""
        self._cleared.forget()
        if not self._flat:
            super().zero_grad(set_to_none)
        for buffer in self._buffers:
            buffer.zero()
        self._microbatches.use_up(p.grad for h in self.param_groups for p in h["params"] if p.grad is not None)

    def _own_state(self) -> dict[str, Any]:
        """What a variant keeps; a plain SAM keeps nothing, and its state dict is the base optimiser's."""
        if self.is_plain:
            return {}
        weights = [p for group in self.param_groups for p in group["params"]]
        return {"ascent": {"of": type(self.ascent).__name__, **self._memory.state(weights)}}

    def _load_own(self, state_dict: dict[str, Any]) -> None:
        self._memory = Memory()
        state, mine = state_dict.get("ascent"), type(self.ascent).__name__
        if state is None:
            return
        if state["of"] != mine:
            raise ValueError(f"the state is of a SAM with the ascent {state['of']}, this one has {mine}.")
        self._memory.load(state, [p for group in self.param_groups for p in group["params"]])

    def _require_at_w(self, verb: str) -> None:
        if self.progress.perturbed:
            raise RuntimeError(f"the weights are perturbed: {verb} after second_step, or call restore() first.")

    def __getstate__(self) -> dict[str, Any]:
        own = ["_eps", "_check_finite", "_model", "process_group", "_microbatches", "_cleared", "progress", "observers"]
        own += ["ascent", "when", "_memory"]
        used_up = not self._microbatches.fresh(self.gradients())
        copies = self._copies if self.progress.perturbed else {}  # between steps they are scratch
        return {
            **super().__getstate__(), **{name: getattr(self, name) for name in own}, "_copies": copies,
            "used_up": used_up,
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        used_up = state.pop("used_up", False)
        super().__setstate__(state)
        if used_up:  # the copy's gradients are other tensors
            self._microbatches.use_up(self.gradients())
