"""Where a SAM step stands, for its two halves and for those who look on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from torch import Tensor
from torch.amp.grad_scaler import GradScaler
from torch.nn.modules.batchnorm import _BatchNorm

if TYPE_CHECKING:
    from nets.sam import SAM


class Observer(Protocol):
    """Something that looks on: called twice a step, with the gradients in place before they are used.

    What it raises does not reach the training: the step is taken, then the failure is one warning, and the observer
    is called no more. A warning that the user has turned into an error is raised after the step.
    """

    def ascent(self, optimiser: SAM) -> None:
        """Weights are w, gradients are those at w."""

    def descent(self, optimiser: SAM) -> None:
        """Weights are w^p and gradients those at w^p; `optimiser.saved(weight)` is w."""


class ObserverFailed(UserWarning):
    """An observer raised an error; it was switched off and the training goes on."""


@dataclass
class Progress:
    """Where a step stands, for its two halves and for observers. One object, changed in place.

    Attributes:
        perturbed: weights at w^p and the copies of w.
        frozen: batch-norm layers that do not record.
        scaler: the GradScaler of this step.
        same_batch: whether both gradients are of the same mini-batch, as far as can be known.
        local: whether ranks climb along different gradients; None if that was not looked at.
    """

    perturbed: list[tuple[list[Tensor], list[Tensor]]] = field(default_factory=list)
    frozen: list[_BatchNorm] = field(default_factory=list)
    scaler: GradScaler | None = None
    unscaled_before: bool = False
    same_batch: bool = True
    local: bool | None = False
    ascents: int = 0
    told: bool = False
    failures: list[tuple[Observer, Exception]] = field(default_factory=list)

    def notify(self, observers: list[Observer], half: str, optimiser: SAM) -> None:
        """Call `ascent` or `descent` of each observer; one that fails is taken off the list."""
        for observer in tuple(observers):
            try:
                getattr(observer, half)(optimiser)
            except Exception as error:
                self.failures.append((observer, error))
                if not isinstance(error, Warning):
                    observers.remove(observer)

    def tell(self) -> None:
        """Warn of the observers that failed in this step, which has been taken by now."""
        failures, self.failures = self.failures, []
        for observer, error in failures:
            if isinstance(error, Warning):  # one that the user's filters have turned into an error
                raise error
            warnings.warn(
                f"{type(observer).__name__} failed and was switched off, the training goes on: "
                f"{type(error).__name__}: {error}",
                ObserverFailed,
                stacklevel=4,
            )
