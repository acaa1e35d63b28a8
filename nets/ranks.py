"""Refusals on which all processes agree: one rank's NaN must not leave the others waiting in a collective."""

from __future__ import annotations

import torch
from torch import distributed as dist

from saddlecheck.nets.ascent import MeasuredGradient, largest

_NOT_FINITE = (
    "{} at {} is NaN or infinite: the weights are as before the step and nothing was updated; skip this batch, or "
    "lower rho or the learning rate."
)


def refuse_together(
    measured: MeasuredGradient, where: str, device: torch.device, group: dist.ProcessGroup | None, *, checked: bool
) -> bool | None:
    """Raise on all ranks what one of them must refuse.

    Under `no_sync` a NaN is in one rank's gradient only. If that rank alone gave the step up, the others would go into
    their second backward and wait there, or be paired with its next one.

    Args:
        measured: this rank's gradients and norm.
        where: at which weights, for the message.
        device: where the gradients are.
        group: the ranks that step together; None for all.
        checked: whether gradients must be finite. Without it ranks do not talk to one another.

    Returns:
        Whether the ranks' gradients differ; None when that was not looked at.

    Raises:
        ValueError: no parameter has a gradient.
        FloatingPointError: a gradient is not finite, here or on another rank.
    """
    mine: Exception | None = None
    if not measured.live:
        mine = ValueError("no parameter has a gradient: call backward() before the step.")
    elif checked and not measured.finite():
        mine = FloatingPointError(_NOT_FINITE.format("a gradient", where))
    anyone, differ = False, None if several_ranks(group) else False
    if checked and differ is None:
        traits = None if mine is not None else _fingerprint(measured)
        anyone, differ = _agree(traits, device, group)
    if mine is not None:
        raise mine
    if anyone:
        raise FloatingPointError(_NOT_FINITE.format("another rank's gradient", where))
    return differ


def _fingerprint(measured: MeasuredGradient) -> list[float]:
    """Numbers in which the gradients of two mini-batches differ, clipped to one norm or to one value though they be."""
    size = largest(measured.live) if measured.norm is None else measured.norm
    signed = sum(float(g.sum()) for _, _, gradients in measured.live for g in gradients)
    return [float(size), signed]


def _agree(traits: list[float] | None, device: torch.device, group: dist.ProcessGroup | None) -> tuple[bool, bool]:
    """Whether a rank has a problem, and whether the ranks have different gradients; one all-reduce of five numbers.

    Args:
        traits: of this rank's gradient, None for a problem. Ranks that average have the same bits.
        device: where the gradients are.
        group: the ranks that step together; None for all.

    Returns:
        (a rank has a problem, the ranks' gradients differ), the same on every rank.
    """
    if dist.get_backend(group) == "nccl" and device.type != "cuda":
        device = torch.device("cuda", torch.cuda.current_device())
    mine = [0.0, 0.0] if traits is None else traits
    seen = [float(traits is None), *mine, *(-t for t in mine)]
    highest = torch.tensor(seen, dtype=torch.float64, device=device)
    dist.all_reduce(highest, dist.ReduceOp.MAX, group=group)
    anyone, a, b, minus_a, minus_b = highest.tolist()
    return anyone > 0.0, a != -minus_a or b != -minus_b


def several_ranks(group: dist.ProcessGroup | None) -> bool:
    """Whether other processes step along with this one."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size(group) > 1
