"""Where a SAM step stands, for its two halves and for observers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.nn.modules.batchnorm import _BatchNorm

from saddlecheck.nets.rounding import warn_if_lost

# Those whose forward is known to look at track_running_stats.
_OBEYING = (_BatchNorm.forward, nn.SyncBatchNorm.forward)
Optimiser = TypeVar("Optimiser", contravariant=True)


class Observer(Protocol[Optimiser]):
    """Something that looks on: called twice a step, with the gradients in place before they are used.

    What it raises does not reach the training: the step is taken, then the failure is one warning, and the observer
    is called no more. A warning that the user has turned into an error is raised after the step.
    """

    def ascent(self, optimiser: Optimiser) -> None:
        """Weights are w, gradients are those at w."""

    def descent(self, optimiser: Optimiser) -> None:
        """Weights are w^p and gradients those at w^p; `optimiser.saved(weight)` is w."""


class ObserverFailed(UserWarning):
    """An observer raised an error; it was switched off and the training goes on."""


@dataclass
class Progress:
    """Where a step stands, for its two halves and for observers. One object, changed in place.

    Attributes:
        perturbed: weights at w^p and the copies of w.
        frozen: batch-norm layers that do not record.
        buffers: what other layers keep: layer, name, tensor, its version, and a copy.
        scaler: the GradScaler of this step.
        unscaled_before: whether it had unscaled the gradients at w.
        same_batch: whether both gradients are of the same mini-batch, as far as can be known.
        local: whether ranks climb along different gradients; None if that was not looked at.
        climbs: ascents in this step so far.
        climbing: whether this step climbs; None before it was asked.
        ascents: how many there were; told: whether the user knows that rounding takes most of the perturbation.
        failures: what observers raised in this step.
        loss: what the last `step(closure)` returned, the loss at w; None if that was no tensor.
    """

    perturbed: list[tuple[list[Tensor], list[Tensor]]] = field(default_factory=list)
    frozen: list[_BatchNorm] = field(default_factory=list)
    buffers: list[tuple[nn.Module, str, Tensor, int, Tensor]] = field(default_factory=list)
    scaler: GradScaler | None = None
    unscaled_before: bool = False
    same_batch: bool = True
    local: bool | None = False
    climbs: int = 0
    climbing: bool | None = None
    ascents: int = 0
    told: bool = False
    failures: list[tuple[Observer[Any], Exception]] = field(default_factory=list)
    loss: Tensor | None = None

    def freeze(self, model: nn.Module | None) -> None:
        """Let the model's layers keep no statistics of the perturbed weights.

        Batch norm is told not to record. Of any other layer in train mode (instance norm, spectral norm, one of the
        user's own, a batch norm with a `forward` of its own) the buffers are copied, and put back by `restore` where
        they have changed.
        """
        for layer in () if model is None else model.modules():
            if not layer.training:
                continue
            if isinstance(layer, _BatchNorm) and type(layer).forward in _OBEYING:
                if layer.track_running_stats:
                    layer.track_running_stats = False
                    self.frozen.append(layer)
                continue
            for name, buffer in layer.named_buffers(recurse=False):
                self.buffers.append((layer, name, buffer, buffer._version, buffer.clone()))

    @torch.no_grad()
    def restore(self) -> None:
        """Weights back to w, batch norm back to recording, other layers' buffers to what they were."""
        for weights, copies in self.perturbed:
            torch._foreach_copy_(weights, copies)
        for layer in self.frozen:
            layer.track_running_stats = True
        for owner, name, buffer, version, copy in self.buffers:
            if owner._buffers[name] is not buffer:
                owner._buffers[name] = buffer
            if buffer._version != version:
                buffer.copy_(copy)
        self.perturbed.clear()
        self.frozen.clear()
        self.buffers.clear()
        self.scaler = None
        self.climbs, self.climbing = 0, None

    def tell_if_lost(self, climbed: list[tuple[list[Tensor], float | Tensor]]) -> None:
        """Compare what was meant with what the weights' dtype kept, at ascents 1, 2, 4, 8, … until it was told."""
        self.ascents += 1
        if not self.told and self.ascents & (self.ascents - 1) == 0 and not torch.compiler.is_compiling():
            self.told = True  # before the warning, which may be an error
            self.told = warn_if_lost(self.perturbed, climbed)

    def notify(self, observers: list[Observer[Any]], half: str, optimiser: object) -> None:
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
