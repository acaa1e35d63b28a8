"""In a loop of two steps, what `step` would have called: torch's hooks, and Lightning's count of steps."""

from __future__ import annotations

from torch.optim import Optimizer


def before(optimiser: Optimizer) -> None:
    """Before the base step."""
    for hook in optimiser._optimizer_step_pre_hooks.values():
        hook(optimiser, (), {})
    # Lightning's wrapper inherits from the optimiser's class; it counts global_step with these two.
    getattr(optimiser, "_on_before_step", _nothing)()


def after(optimiser: Optimizer) -> None:
    """After the base step."""
    for hook in optimiser._optimizer_step_post_hooks.values():
        hook(optimiser, (), {})
    getattr(optimiser, "_on_after_step", _nothing)()


def _nothing() -> None:
    """What is called where there is no framework that counts."""
