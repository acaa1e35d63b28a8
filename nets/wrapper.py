"""An optimiser around another one: shared groups and state, flat buffers, state dicts, copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer, ParamsT

from saddlecheck.nets.ascent import Live, check_group
from saddlecheck.nets.flat import FlatBuffer


class WrappedOptimizer(Optimizer):
    """`base_optimizer` with more keys in its groups; what is done with it is the subclass's.

    Args:
        params: parameters or parameter groups.
        extra: keys of the groups beyond the base optimiser's, and their defaults.
        base_optimizer: makes the optimiser that steps.
        flat: keep all weights of a group in one buffer.
        base_arguments: go to the base optimiser.

    Raises:
        ValueError: a group that `add_param_group` refuses; a base optimiser that needs a closure.
    """

    def __init__(
        self,
        params: ParamsT,
        extra: dict[str, Any],
        base_optimizer: Callable[..., Optimizer],
        *,
        flat: bool,
        base_arguments: dict[str, Any],
    ) -> None:
        if isinstance(base_optimizer, Optimizer):
            raise ValueError(  # noqa: TRY004  bad input
                f"the base optimiser is a class or a factory, got an instance of {type(base_optimizer).__name__}: pass "
                "torch.optim.SGD and its arguments, as in SAM(params, torch.optim.SGD, lr=0.1)."
            )
        is_other_class = isinstance(base_optimizer, type) and not issubclass(base_optimizer, Optimizer)
        if is_other_class or not callable(base_optimizer):
            raise ValueError(
                f"the base optimiser is a class or a factory such as torch.optim.SGD, got {base_optimizer!r}."
            )
        self._extra, self._flat = extra, flat
        self._buffers: list[FlatBuffer] = []
        super().__init__(params, dict(extra))
        self.base_optimizer = base_optimizer(self.param_groups, **base_arguments)
        if isinstance(self.base_optimizer, torch.optim.LBFGS):
            raise ValueError(  # noqa: TRY004  the type is right, it is this optimiser that has no SAM
                "LBFGS evaluates its own closure and cannot be the base of SAM: use SGD, Adam or the like."
            )
        if isinstance(self.base_optimizer, WrappedOptimizer):
            raise ValueError(  # noqa: TRY004  likewise
                "SAM around SAM has no meaning: for several ascents a step take ascent=NStepSAM(2)."
            )
        if any(group.get("differentiable", False) for group in self.base_optimizer.param_groups):
            raise ValueError(
                "differentiable=True asks for a graph through the step, which SAM's restored weights break."
            )
        self.defaults = {**self.base_optimizer.defaults, **extra}
        self._share()

    def _share(self) -> None:
        """Groups and state are the base optimiser's own objects, never copies."""
        self.param_groups = self.base_optimizer.param_groups
        self.state = self.base_optimizer.state

    @property
    def flat(self) -> bool:
        """Whether the weights of a group lie in one buffer."""
        return self._flat

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group; see the class for what it may carry.

        Raises:
            ValueError: rho is negative or not finite, weights are complex, or the devices are several.
        """
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            check_group(group)
            if self._flat:
                self._buffers.append(FlatBuffer(group["params"]))
                group.pop("param_names", None)
                group["params"] = [self._buffers[-1].weights]
        except ValueError:
            self.param_groups.pop()  # a refused group leaves no trace
            raise

    def live(self) -> list[Live]:
        """Return every group with the weights that have a gradient, and the gradients; groups without one are left out.

        Raises:
            ValueError: a gradient is sparse.
        """
        for buffer in self._buffers:
            buffer.gather()
        live: list[Live] = []
        for group in self.param_groups:
            weights = [p for p in group["params"] if p.grad is not None]
            gradients = [p.grad for p in weights]
            if any(g.layout is not torch.strided for g in gradients):
                raise ValueError("SAM needs dense gradients, got a sparse one: use sparse=False.")
            if weights:
                live.append((group, weights, gradients))
        return live

    def leaves(self) -> Iterator[Tensor]:
        """The model's own parameters, which backward fills; with `flat` the groups hold one buffer each instead."""
        for buffer in self._buffers:
            yield from buffer.parameters
        if not self._flat:
            for group in self.param_groups:
                yield from group["params"]

    def _tell_graphs(self) -> None:
        """After a change of the weights: see `FlatBuffer.tell_graphs`."""
        if not torch.compiler.is_compiling():
            for buffer in self._buffers:
                buffer.tell_graphs()

    def gradients(self) -> list[Tensor]:
        """All gradients that there are."""
        return [g for _, _, gradients in self.live() for g in gradients]

    def state_dict(self) -> dict[str, Any]:
        """The base optimiser's state dict, whose groups carry the extra keys too. Hooks on this optimiser are run.

        Returns:
            `state` and `param_groups`, as the base optimiser's own; and what a variant's ascent keeps.

        Raises:
            RuntimeError: in the middle of a step, when the weights are not the ones to save.
        """
        self._require_at_w("save")
        for before in self._optimizer_state_dict_pre_hooks.values():
            before(self)
        state = {**self.base_optimizer.state_dict(), **self._own_state()}
        for after in self._optimizer_state_dict_post_hooks.values():
            changed = after(self, state)
            state = state if changed is None else changed
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue exactly where `state_dict` left off; one of the plain base optimiser is welcome too.

        Hooks on this optimiser are run.

        Args:
            state_dict: what `state_dict` returned, here or of the base optimiser.

        Raises:
            RuntimeError: in the middle of a step, whose copies of the weights would be put back.
            ValueError: it is of other groups; with `flat`, of weights that were not in flat buffers.
        """
        self._require_at_w("load")
        state_dict = dict(state_dict)
        for before in self._optimizer_load_state_dict_pre_hooks.values():
            changed = before(self, state_dict)
            state_dict = state_dict if changed is None else changed
        if self._flat and any(len(group["params"]) > 1 for group in state_dict["param_groups"]):
            raise ValueError(
                "this state is of weights one by one, not of flat buffers: load it into SAM without flat=True."
            )
        self._load_own(state_dict)  # refuses before anything is changed
        self.base_optimizer.load_state_dict(state_dict)
        self._share()
        for group in self.param_groups:
            for name in self._extra:
                group.setdefault(name, self._extra[name])
        for after in self._optimizer_load_state_dict_post_hooks.values():
            after(self)

    def _own_state(self) -> dict[str, Any]:
        """What the subclass adds to the base optimiser's state dict."""
        return {}

    def _load_own(self, state_dict: dict[str, Any]) -> None:
        """Take it up again; raise ValueError where it is another optimiser's."""

    def _require_at_w(self, verb: str) -> None:
        """Raise RuntimeError where a step is under way."""

    def __getstate__(self) -> dict[str, Any]:
        own = ["base_optimizer", "_extra", "_flat", "_buffers"]
        return {**super().__getstate__(), **{name: getattr(self, name) for name in own}}
