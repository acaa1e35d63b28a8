"""The two gradients of a SAM step as the backward passes leave them, for the monitor."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from saddlecheck.nets.ranks import several_ranks
from saddlecheck.nets.reading import Products, products
from saddlecheck.nets.rounding import wide
from saddlecheck.nets.sam import SAM


class Gradients:
    """The two gradients of one step as the backward passes leave them, and the products of their comparison.

    Clipping and unscaling change gradients in place, between backward and the step. So they are read at the end of
    each backward; the last one before a half step counts, with all micro-batches in it. Gradients that no backward has
    made are read at the step.
    """

    def __init__(self, optimiser: SAM) -> None:
        self._optimiser = optimiser
        self._hooks: list[RemovableHandle] = []
        self._clear()

    def _clear(self) -> None:
        self._task = -1
        self._error: Exception | None = None
        self._before: dict[Tensor, Tensor] | None = None
        self._found: tuple[list[Tensor], int] | None = None
        self._kept = self._by_backward = False
        self._why_not = ""
        self._random: list[Tensor] = []
        self._reached: tuple[set[Tensor], set[Tensor]] = (set(), set())  # by the backward passes at w and at w^p

    @property
    def is_open(self) -> bool:
        """Whether this step is read."""
        return bool(self._hooks)

    def open(self) -> None:
        """Read the step that follows."""
        self._clear()
        for p in self._optimiser.leaves():
            if p.requires_grad:
                handle = p.register_post_accumulate_grad_hook(self._on_gradient)  # type: ignore[no-untyped-call]
                self._hooks.append(handle)

    def close(self) -> None:
        """Leave the backward passes alone."""
        while self._hooks:
            self._hooks.pop().remove()

    def _on_gradient(self, leaf: Tensor) -> None:
        """Have `_after_backward` called once, at the end of this backward, as DDP and FSDP do it for themselves.

        That the leaf was reached is noted, since a gradient that was cleared to zero does not say so.
        """
        at_w, at_wp = self._reached
        if not self._optimiser.progress.perturbed and at_wp:  # a step that was given up
            at_w.clear()
            at_wp.clear()
        (at_wp if self._optimiser.progress.perturbed else at_w).add(leaf)
        try:
            task = torch._C._current_graph_task_id()
            if task != self._task:
                self._task = task
                self._queue(4)
        except Exception as error:  # likewise: see _after_backward
            self._error = error

    def _queue(self, times: int) -> None:
        """Call back at the end of this backward, behind what is queued by then and what that queues in turn.

        DDP puts the averages in place in a callback; with a static graph another callback queues that one first.
        """
        later = self._after_backward if times == 0 else lambda: self._queue(times - 1)
        torch.autograd.Variable._execution_engine.queue_callback(later)

    @torch.no_grad()
    def _after_backward(self) -> None:
        try:
            if self._optimiser.progress.perturbed:
                self._found = self._products(self._optimiser)
            else:
                self._before = {p: g.clone() for _, p, g in _each(self._optimiser)}
        except Exception as error:  # it would end the user's backward; the next half step takes it up
            self._error = error

    def keep(self, optimiser: SAM) -> None:
        """The weights are at w: the first gradient is complete."""
        if self._error is not None:
            raise self._error
        self._found, self._why_not = None, ""  # what a step that was given up has left
        now = {p: g for _, p, g in _each(optimiser)}
        self._by_backward = self._before is not None
        if self._before is None:
            self._before = {p: g.clone() for p, g in now.items()}
        else:
            self._why_not = self._why_changed(now, optimiser)
        if optimiser.progress.local is not False:
            self._why_not = (
                "the ranks climbed along their own gradients"
                if optimiser.progress.local
                else "without check_finite it is not known whether the ranks climb along a common gradient"
            )
        self._random = _random_states(optimiser)
        self._kept = True

    def _why_changed(self, now: dict[Tensor, Tensor], optimiser: SAM) -> str:
        """Whether what happened to the gradient since its backward keeps it from being compared.

        Clipping does not. A GradScaler's unscale_ divides by a power of two, and a scaler that neither half step is
        given could not be taken out again. The ranks agree on the gradients that they climb along, as they are now:
        clipped by value, gradients that were never averaged may have become the same.

        Returns:
            A clause for the reading's reason; empty where the gradients may be compared.
        """
        ratio, cosine = _ratio_and_cosine(self._before or {}, now)
        power = math.log2(ratio) if 0.0 < ratio < math.inf else 0.0
        if optimiser.progress.scaler is None and power > 0.5 and abs(power - round(power)) < 1e-6:
            return "the gradients seem to have been unscaled: give the GradScaler to both steps"
        if several_ranks(optimiser.process_group) and cosine < 1.0 - 1e-9:
            return "the gradients were changed before the ascent, and may be the ranks' own"
        return ""

    def compare(self, optimiser: SAM) -> tuple[Products, float, str]:
        """The weights are at w^p: products without a loss scale, the gradients' precision, and why they say nothing."""
        if self._error is not None:
            raise self._error
        if not self._kept or self._before is None:
            return Products(*[math.nan] * 7), 1.0, "the first gradient was not seen"
        both_by_backward = self._by_backward and self._found is not None
        sums, single = self._products(optimiser) if self._found is None else self._found
        why_not, scaler = self._why_not, optimiser.progress.scaler
        at_w, at_wp = self._reached
        if at_w and at_wp:
            single = max(single, len(at_w ^ at_wp))
        if single:
            why_not = f"{single} weights have a gradient in one of the two passes only"
        if any(not torch.equal(a, b) for a, b in zip(self._random, _random_states(optimiser), strict=True)):
            why_not = "random numbers were drawn between the two steps, as dropout does"
        found = Products(*[sum(parts) for parts in zip(*(t.tolist() for t in sums), strict=True)] or [0.0] * 7)
        if scaler is not None:
            if not both_by_backward:
                why_not = "under a GradScaler gradients are read at backward, and one was made otherwise"
            found = found.per_scale(float(scaler.get_scale()))
        precision = max(torch.finfo(g.dtype).eps for g in self._before.values())
        self._before = None
        return found, precision, why_not

    def _products(self, optimiser: SAM) -> tuple[list[Tensor], int]:
        """Sums over the weights that have a gradient in both passes, a device each; how many have one in one only."""
        before = dict(self._before or {})
        sums: dict[torch.device, Tensor] = {}
        single = 0
        for group, p, gradient in _each(optimiser):
            g = before.pop(p, None)
            if g is None:
                single += bool(gradient.any())
            else:
                # What a maximising base optimiser minimises is the negative.
                sign = -1.0 if group.get("maximize", False) else 1.0
                d = wide(p.detach()) - wide(optimiser.saved(p))
                part = products(sign * g, sign * gradient, d)
                sums[p.device] = sums[p.device] + part if p.device in sums else part
        return list(sums.values()), single + sum(bool(g.any()) for g in before.values())


def _each(optimiser: SAM) -> Iterator[tuple[dict[str, object], Tensor, Tensor]]:
    """Group, weight and gradient, for every weight that has one."""
    for group, weights, gradients in optimiser.live():
        for p, g in zip(weights, gradients, strict=True):
            yield group, p, g


def _ratio_and_cosine(before: dict[Tensor, Tensor], now: dict[Tensor, Tensor]) -> tuple[float, float]:
    """|before| / |now| and the cosine between them; 1 and 1 where one of them is zero."""
    bb = nn = bn = 0.0
    for p in before.keys() & now.keys():
        b, n = wide(before[p]).reshape(-1), wide(now[p]).reshape(-1)
        bb, nn, bn = bb + float(b @ b), nn + float(n @ n), bn + float(b @ n)
    return (math.sqrt(bb / nn), bn / math.sqrt(bb * nn)) if bb * nn > 0.0 else (1.0, 1.0)


def _random_states(optimiser: SAM) -> list[Tensor]:
    """The states of the generators that dropout uses, on the host and on the weights' devices."""
    devices = {p.device for group in optimiser.param_groups for p in group["params"] if p.device.type == "cuda"}
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state(d) for d in sorted(devices, key=str))]
