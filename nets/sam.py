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
Variants are the same optimiser with another `ascent` (nets/climbing.py, remembering.py, mixing.py), or with ascents on
some steps only, `when` (nets/occasional.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.amp.grad_scaler import GradScaler
from torch.optim.optimizer import Optimizer, ParamsT

from saddlecheck.nets.ascent_checks import refuse_scaler
from saddlecheck.nets.climbing import Ascent
from saddlecheck.nets.half_steps import HalfSteps
from saddlecheck.nets.microbatches import Closure, Loss, Microbatches
from saddlecheck.nets.scaling import refuse_scaler_step
from saddlecheck.nets.stale_graph import is_stale, nodes_of


class SAM(HalfSteps):
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
        ascent: what replaces SAM's ascent: GSAM(), EGSAM(), FriendlySAM(), …
        when: whether the step of a number, from 0 on, climbs: Every(5), Sometimes(0.5), or a function; None for all.
        process_group: the ranks that take their steps together, for `check_finite`; None for all of them. A rank that
            trains on its own passes a group of itself: `torch.distributed.new_subgroups(1)[0]`.
        base_arguments: go to the base optimiser: lr, momentum, …

    Raises:
        ValueError: an argument outside its domain; complex weights; a base optimiser that needs a closure, or with
            which the ascent has no meaning.

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
        ascent: Ascent | None = None,
        when: Callable[[int], bool] | None = None,
        **base_arguments: Any,
    ) -> None:
        super().__init__(
            params,
            base_optimizer,
            {"rho": rho, "normalised": normalised, "adaptive": adaptive},
            eps=eps,
            check_finite=check_finite,
            model=model,
            flat=flat,
            process_group=process_group,
            ascent=ascent,
            when=when,
            base_arguments=base_arguments,
        )

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
        the closure itself calls `zero_grad()`, of this optimiser or of the model. After an error the weights are at w
        and the gradients are cleared.

        Args:
            closure: evaluates the loss, calls backward and returns the loss. It runs at w and again at w^p. Without
                one, the recorded losses are the batch.
            ascent_closure: runs at w instead: another mini-batch, or the same one under `no_sync()`.
            scaler: the GradScaler with which the closures scale their losses; call its `update()` afterwards.

        Returns:
            What the first pass returned, the loss at w (at w^p for an ascent that needs no gradient at w); None without
            a closure.

        Raises:
            TypeError: neither a closure nor a recorded loss.
            RuntimeError: called by a GradScaler; gradients were accumulated that cannot be had at w^p; the closure
                does not compute its loss anew (looked at in steps 0, 1, 3, 7, …, by what it returns).
        """
        refuse_scaler_step(self)
        self._in_step = True
        try:
            loss = self.take_gradients(closure, ascent_closure=ascent_closure, scaler=scaler)
            self.second_step(scaler=scaler)
        except BaseException:
            self.restore()
            self.zero_grad()  # half a batch, or a NaN, must not count as accumulation in the next step
            raise
        finally:
            self.progress.same_batch = True
            self._in_step = False
        return loss

    def take_gradients(
        self,
        closure: Closure | None = None,
        *,
        ascent_closure: Closure | None = None,
        scaler: GradScaler | None = None,
    ) -> Any:
        """All of `step` but the base optimiser's: `second_step` is to follow, after clipping say.

        Args:
            closure: as for `step`.
            ascent_closure: as for `step`.
            scaler: as for `step`.

        Returns:
            What the first pass returned, the loss at w (at w^p for an ascent that needs no gradient at w).

        Raises:
            TypeError: neither a closure nor a recorded loss.
            RuntimeError: gradients were accumulated that cannot be had at w^p. `restore()` puts the weights back.
        """
        batches, climbing = self._microbatches, self.climbs
        if closure is None and not batches.losses:
            raise TypeError(
                "SAM needs two gradients: pass a closure, take the losses through SAM.record before backward, or call "
                "first_step and second_step."
            )
        refuse_scaler(self.ascent, scaler)
        loss, again = None, batches.losses
        self.progress.same_batch = ascent_closure is None
        inner = closure if ascent_closure is None or not climbing else ascent_closure
        if inner is not None and (self.ascent.sees or not climbing):
            loss, again = batches.ascent(inner, self.gradients(), self.zero_grad, self.leaves())
        elif inner is not None:
            again = batches.without_ascent(self.gradients())
        self.progress.loss = loss.detach() if isinstance(loss, Tensor) else None
        # Closures are looked at in steps 0, 1, 3, 7, …: one that is wrong is wrong from the first on.
        before = nodes_of(loss) if climbing and self._memory.taken & (self._memory.taken + 1) == 0 else set()
        for left in reversed(range(self.ascent.passes if climbing else 0)):
            self.first_step(zero_grad=True, scaler=scaler)
            with torch.enable_grad():
                Microbatches.replay(again)
                run = inner if left else closure
                found = None if run is None else run()
            same = found is loss and isinstance(loss, Tensor) and loss.requires_grad
            if same or (before and is_stale(found, before, self.leaves())):
                raise RuntimeError(
                    "the loss that the closure returned rests on a graph that belongs to the weights w: compute it "
                    "anew inside the closure, and the model's output with it."
                )
            if not self.ascent.sees:
                loss = found
                self.progress.loss = loss.detach() if isinstance(loss, Tensor) else None
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
