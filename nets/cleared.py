"""Whether the gradients of one pass were cleared before the next: together they are the step of no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor


class Cleared:
    """Watches gradients that `first_step` has left in place.

    Loops may clear them by way of the model, of which an optimiser is not told, to None or to zero in place. A backward
    that meets one of them as it was left adds to it.
    """

    def __init__(self) -> None:
        self._handles: list[Any] = []
        self._added = False

    def __reduce__(self) -> tuple[type[Cleared], tuple[()]]:
        """A copy starts afresh: hooks do not travel."""
        return (Cleared, ())

    def watch(self, weights: Iterable[Tensor]) -> None:
        """From now on to `forget`."""
        self.forget()
        for p in weights:
            if p.requires_grad and p.grad is not None:
                self._handles.append(p.register_hook(self._looks_at(p, p.grad)))  # type: ignore[no-untyped-call]  # torch's own annotation

    def _looks_at(self, weight: Tensor, left: Tensor) -> Callable[[Tensor], None]:
        version = left._version

        def before_it_is_added(_: Tensor) -> None:
            if weight.grad is left and left._version == version:
                self._added = True

        return before_it_is_added

    def require(self) -> None:
        """Raise RuntimeError if a backward has added to what was left."""
        if self._added:
            raise RuntimeError(
                "the gradients at w were not cleared before the backward at w^p, which has added to them: call "
                "first_step(zero_grad=True), or zero_grad() between the two."
            )

    def forget(self) -> None:
        """End the watch."""
        for handle in self._handles:
            handle.remove()
        self._handles, self._added = [], False
