"""Gradients that are accumulated before a step: which of them are new, and which losses can be taken again at w^p.

An optimiser sees gradients, not losses. A micro-batch whose backward ran before `step(closure)` has left its gradient
at w, and nothing in the optimiser can give the one at w^p: only its loss can, computed again. So SAM takes again what
was given to `record`, and refuses the rest. Each other reading is another algorithm in silence: to climb along the
whole gradient and descend along the closure's loses all micro-batches but the last from the descent; to descend along
the sum adds gradients at w to one at w^p; and a gradient of the closure's own batch, taken once before the step, looks
like an earlier micro-batch and would count twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import ref

import torch
from torch import Tensor

Closure = Callable[[], Tensor | float]
Loss = Callable[[], Tensor]
Recorded = list[tuple[Loss, Tensor]]
_UNRECORDED = (
    "gradients were accumulated before step(closure), and the closure cannot give them again at w^p: take each "
    "micro-batch's loss through SAM.record, or run all micro-batches in the closure, or call zero_grad() before the "
    "step if they shall not count."
)


class Microbatches:
    """What has been accumulated since the last step: which gradients are new, and which losses can be taken again."""

    def __init__(self) -> None:
        self.losses: Recorded = []
        self.earlier: Recorded = []
        self.unrecorded = False
        self._used: dict[int, tuple[ref[Tensor], int]] = {}

    def __reduce__(self) -> tuple[type[Microbatches], tuple[()]]:
        """A copy starts afresh: graphs and weak references do not travel."""
        return (Microbatches, ())

    def use_up(self, gradients: Iterable[Tensor]) -> None:
        """These gradients have been stepped with, or cleared: what is added to them from now on is new."""
        self.losses, self.earlier, self.unrecorded = [], [], False
        self._used = {id(g): (ref(g), g._version) for g in gradients}

    def fresh(self, gradients: Iterable[Tensor]) -> bool:
        """Whether something has been accumulated since; the values are looked at only where that is not plain."""
        return any(bool(g.any()) for g in gradients if not self._is_used(g))

    def all_used(self, gradients: Iterable[Tensor]) -> bool:
        """Whether nothing has been added to any of them since."""
        return all(map(self._is_used, gradients))

    def _is_used(self, gradient: Tensor) -> bool:
        known, version = self._used.get(id(gradient), (None, 0))
        return known is not None and known() is gradient and version == gradient._version

    def record(self, compute: Loss) -> Tensor:
        """Return the loss, remembered with the factor that backward gives it (1/k, a GradScaler's scale).

        Raises:
            TypeError: what was computed is no tensor.
        """
        loss = compute()
        if not isinstance(loss, Tensor):
            raise TypeError(
                f"SAM.record takes a function that returns the loss as a tensor, got {type(loss).__name__}."
            )
        device = loss.device.type
        precision = torch.autocast(device, torch.get_autocast_dtype(device), torch.is_autocast_enabled(device))

        def again() -> Tensor:
            with precision:
                return compute()

        if loss.requires_grad:
            loss.register_hook(  # type: ignore[no-untyped-call]  # torch's own annotation
                lambda factor: self.losses.append((again, factor.detach().clone()))
            )
        return loss

    def ascent(
        self, closure: Closure, gradients: Iterable[Tensor], clear: Callable[[], None], leaves: Iterable[Tensor]
    ) -> tuple[Any, Recorded]:
        """Run the closure at w on top of what was accumulated: its loss, and the losses to be taken again.

        Args:
            closure: may itself clear the gradients; what was there before then does not count.
            gradients: as they are before it.
            clear: the optimiser's `zero_grad`.
            leaves: the model's own parameters, which backward fills.

        Returns:
            What the closure returned, and the losses that were recorded before.

        Raises:
            RuntimeError: gradients were accumulated of which SAM does not know the losses.
        """
        accumulated = self.fresh(gradients)
        if not accumulated:
            clear()
        self.earlier, self.losses = self.losses, []
        self.unrecorded = accumulated and not self.earlier
        if not accumulated:
            with torch.enable_grad():
                return closure(), self.earlier
        with torch.enable_grad(), _stacked(leaves) as stacked:
            loss = closure()
        if not stacked:  # the closure has cleared by way of the model, of which this optimiser is not told
            self.earlier, self.unrecorded = [], False
        if self.unrecorded:
            raise RuntimeError(_UNRECORDED)
        return loss, self.earlier

    def without_ascent(self, gradients: Iterable[Tensor]) -> Recorded:
        """Return the losses that were recorded, to be taken at w^p, for an ascent that needs no gradient at w.

        Raises:
            RuntimeError: gradients were accumulated of which SAM does not know the losses.
        """
        if self.fresh(gradients) and not self.losses:
            raise RuntimeError(_UNRECORDED)
        self.earlier, self.losses = self.losses, []
        return self.earlier

    @staticmethod
    def replay(losses: Recorded) -> None:
        """Take the losses and their gradients again, at the weights as they are."""
        for compute, factor in losses:
            compute().backward(factor)  # type: ignore[no-untyped-call]  # torch's own annotation


@contextmanager
def _stacked(leaves: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Collects the weights to whose gradient a backward in the block adds, in place of starting afresh from None."""
    found: list[Tensor] = []
    before = [(p, p.grad) for p in leaves if p.grad is not None]

    def watch(old: Tensor) -> Callable[[Tensor], None]:
        def after(p: Tensor) -> None:
            # create_graph adds out of place, and the sum has a graph.
            if p.grad is old or (p.grad is not None and p.grad.requires_grad):
                found.append(p)

        return after

    handles = [
        p.register_post_accumulate_grad_hook(watch(old))  # type: ignore[no-untyped-call]  # torch's own annotation
        for p, old in before
        if p.requires_grad
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
