"""A GradScaler around a step with two passes: what it may unscale when, and the call that cannot work."""

from __future__ import annotations

from torch.amp.grad_scaler import GradScaler, OptState
from torch.optim.optimizer import Optimizer

from saddlecheck.nets.wrapper import WrappedOptimizer


def refuse_scaler_step(optimiser: Optimizer) -> None:
    """Refuse `scaler.step(SAM, ...)`: it unscales the gradients that are there, but SAM takes its own later.

    For an optimiser with `_step_supports_amp_scaling` GradScaler.step sets two attributes during the call.

    Raises:
        RuntimeError: they are set.
    """
    if "grad_scale" in vars(optimiser):
        vars(optimiser).pop("grad_scale")
        vars(optimiser).pop("found_inf", None)
        raise RuntimeError(
            "scaler.step(SAM) would multiply the step by the scale, because SAM takes its gradients later: call "
            "optimiser.step(closure, scaler=scaler), or both half steps with scaler=scaler, then scaler.update()."
        )


def unscaled_at_w(scaler: GradScaler | None, optimiser: WrappedOptimizer) -> bool:
    """Return whether the gradients at w have been unscaled, as `scaler.unscale_(optimiser)` does for clipping.

    Raises:
        RuntimeError: the base optimiser was given, which is unscaled at w^p; its gradients there would stay scaled.
    """
    if scaler is not None and _unscaled(scaler, optimiser.base_optimizer):
        raise RuntimeError(
            "scaler.unscale_(optimiser.base_optimizer) was called before first_step: it belongs between the two steps; "
            "at w call scaler.unscale_(optimiser)."
        )
    return scaler is not None and _unscaled(scaler, optimiser)


def refuse_to_unscale_twice(scaler: GradScaler | None, optimiser: WrappedOptimizer, before: bool) -> None:
    """Refuse gradients at w^p that were unscaled under SAM's name: the base optimiser's step unscales again.

    Raises:
        RuntimeError: they were, and not already at w (`before`).
    """
    if scaler is not None and not before and _unscaled(scaler, optimiser):
        raise RuntimeError(
            "scaler.unscale_ was given SAM between the two steps, and the step would unscale again: call "
            "scaler.unscale_(optimiser.base_optimizer) there."
        )


def _unscaled(scaler: GradScaler, optimiser: Optimizer) -> bool:
    """Whether `scaler.unscale_(optimiser)` was called since the last update: elsewhere it shows only as an error."""
    state = scaler._per_optimizer_states.get(id(optimiser))
    return state is not None and state["stage"] is OptState.UNSCALED
