r"""A training step that a GPU replays as one graph of kernels: `CapturedStep`.

A step of SAM on a small network or mini-batch is some thousand short kernels, and to launch them one by one takes
longer than to run them. CUDA graphs record the launches of one step and replay them with a single call: both passes,
the ascent, the way back to w and the base optimiser's step. What decides a step has to lie on the device, at addresses
that stay: the mini-batch is copied into buffers, the learning rate is a tensor. Settings that are Python numbers (rho,
momentum, weight decay) are part of the graph, and a change of one is refused. Augmentation is drawn before the step.

The first `WARM_UP` calls are steps as any other, on a stream of their own, as torch asks for: they let libraries choose
kernels and the optimiser make its state. The next is recorded. On a CPU every call takes the same step unrecorded.
What it gains is unmeasured so far: `python benchmarks/gpu_rates.py` measures it where there is a GPU.

Not done: several seeds as one batch of models (`torch.func.vmap` over stacked weights). Its convolutions become grouped
ones, each model needs an ascent with a norm of its own, and only a GPU can tell whether it beats one graph a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel
from torch.optim import SGD, Optimizer

from saddlecheck.nets.rounding import NARROW
from saddlecheck.nets.sam import SAM

WARM_UP = 3  # steps before the recorded one; torch's own helpers take as many
Batch = tuple[Tensor, Tensor]
Backward = Callable[[Tensor, Tensor], Tensor]  # (inputs, targets) -> their loss, after its backward


def take(optimiser: Optimizer, backward: Backward, batch: Batch, ascent: Batch) -> Tensor:
    """One step of an optimiser, of two passes where it is SAM.

    Args:
        optimiser: SAM, or another, whose gradients are clear.
        backward: adds a mini-batch's gradient to the weights' and returns its loss.
        batch: the mini-batch of the descent.
        ascent: that of the ascent.

    Returns:
        The loss at w, of `ascent` under SAM.
    """
    if not isinstance(optimiser, SAM):
        loss = backward(*batch)
        optimiser.step()
        optimiser.zero_grad()
        return loss
    loss = backward(*ascent)
    optimiser.first_step(zero_grad=True)
    backward(*batch)
    optimiser.second_step(zero_grad=True)
    return loss


class CapturedStep:
    """A step that is recorded once and replayed from then on, where its tensors lie on a GPU.

    Args:
        model: what is trained.
        optimiser: SAM with its own ascent, or any other, whose lr is a tensor on the weights' device: torch.optim.SGD
            with fused=True, AdamW and the like with capturable=True.
        backward: computes the loss of (inputs, targets), calls its backward and returns it, detached. It fetches
            nothing from the device; a recorded step runs it no more.

    Raises:
        ValueError: a step that cannot be recorded, or not as what it is.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, CapturedStep
        >>> model = torch.nn.Linear(1, 1, bias=False)
        >>> with torch.no_grad():
        ...     _ = model.weight.fill_(1.0)
        >>> rate = torch.tensor(0.1)
        >>> optimiser = SAM(model.parameters(), torch.optim.SGD, 0.5, check_finite=False, lr=rate, fused=True)
        >>> def backward(x, y):
        ...     loss = ((model(x) - y) ** 2).mean() / 2
        ...     loss.backward()
        ...     return loss.detach()
        >>> step = CapturedStep(model, optimiser, backward)
        >>> step(torch.ones(1, 1), torch.zeros(1, 1)).item()
        0.5
        >>> round(model.weight.item(), 6)  # 1 - lr (1 + rho)
        0.85
    """

    def __init__(self, model: nn.Module, optimiser: Optimizer, backward: Backward) -> None:
        self._optimiser, self._backward = optimiser, backward
        self._weights = [p for group in optimiser.param_groups for p in group["params"]]
        _check_model(model)
        _check_optimiser(optimiser)
        self._settings: list[dict[str, Any]] = []  # of the first call: a checkpoint may be loaded before it
        self._inputs: tuple[Tensor, ...] = ()
        self._graph: torch.cuda.CUDAGraph | None = None
        self._loss = torch.zeros(())
        self._calls = 0

    def __call__(self, x: Tensor, y: Tensor, *, ascent: Batch | None = None) -> Tensor:
        """Take a step.

        Args:
            x: inputs, on the weights' device.
            y: targets.
            ascent: another mini-batch for the ascent.

        Returns:
            The loss at w, a tensor that the next call overwrites.

        Raises:
            ValueError: the mini-batch has another shape than the first one, a setting of the optimiser has changed, or
                there are gradients from before the step.
            RuntimeError: CUDA cannot record the step.
        """
        inputs = (x, y) if ascent is None else (x, y, *ascent)
        self._check_call(inputs)
        if not self._inputs:
            self._settings = _settings(self._optimiser)
            self._inputs = tuple(torch.empty_like(t) for t in inputs)
        for held, new in zip(self._inputs, inputs, strict=True):
            held.copy_(new)
        self._calls += 1
        if x.device.type != "cuda":
            return self._step()
        if self._calls <= WARM_UP:
            return self._aside()
        if self._graph is None:
            self._record()
        assert self._graph is not None
        self._graph.replay()
        return self._loss

    def _step(self) -> Tensor:
        batch = (self._inputs[0], self._inputs[1])
        ascent = batch if len(self._inputs) == 2 else (self._inputs[2], self._inputs[3])
        return take(self._optimiser, self._backward, batch, ascent)

    def _aside(self) -> Tensor:
        """A step on a stream of its own."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's own annotation
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            loss = self._step()
        torch.cuda.current_stream().wait_stream(stream)
        loss.record_stream(torch.cuda.current_stream())
        return loss

    def _record(self) -> None:
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._loss = self._step()
        except RuntimeError as error:
            raise RuntimeError(
                f"CUDA cannot record this step ({str(error).splitlines()[0]}): the loss, or a layer, fetches a number "
                "from the device or brings one there; train without a captured step."
            ) from error
        self._graph = graph

    def _check_call(self, inputs: tuple[Tensor, ...]) -> None:
        if self._inputs and _settings(self._optimiser) != self._settings:
            raise ValueError(
                "a setting of the optimiser other than the learning rate's value has changed, and the recorded step "
                "has the old one: make a new CapturedStep."
            )
        if any(p.grad is not None for p in self._weights):
            raise ValueError(
                "there are gradients from before the step, which a recorded step does not see: call zero_grad(), and "
                "accumulate inside `backward`."
            )
        form, held = ([(tuple(t.shape), t.dtype, t.device) for t in ts] for ts in (inputs, self._inputs))
        if held and form != held:
            raise ValueError(
                f"a captured step takes mini-batches of one shape and type, {_said(held)}, got {_said(form)}: drop the "
                "last, shorter one."
            )


def _said(form: list[tuple[Any, ...]]) -> str:
    return ", ".join(f"{shape} {str(dtype).removeprefix('torch.')}" for shape, dtype, _ in form)


def _settings(optimiser: Optimizer) -> list[dict[str, Any]]:
    """What a recorded step holds as it was: numbers, and which tensors and weights there are."""
    fixed = (bool, int, float, str, type(None), tuple)
    return [
        {k: v if isinstance(v, fixed) else [id(t) for t in v] if k == "params" else id(v) for k, v in group.items()}
        for group in optimiser.param_groups
    ]


def _check_model(model: nn.Module) -> None:
    if isinstance(model, DistributedDataParallel):
        raise ValueError(  # noqa: TRY004  bad input
            "the ranks' exchange of gradients is not captured: train with SAM's two steps under DDP."
        )
    for name, layer in model.named_modules():
        if isinstance(layer, _BatchNorm) and layer.track_running_stats and layer.momentum is None:
            raise ValueError(
                f"{name or 'the model'} averages its statistics over all batches (momentum=None) and fetches their "
                "number: give it a momentum."
            )


def _check_optimiser(optimiser: Optimizer) -> None:
    """Raise ValueError for an optimiser whose step fetches a number, or rests on one that is counted in Python."""
    if isinstance(optimiser, SAM):
        _check_sam(optimiser)
    base = optimiser.base_optimizer if isinstance(optimiser, SAM) else optimiser
    for group in optimiser.param_groups:
        if not isinstance(group.get("lr"), Tensor):
            raise ValueError(  # noqa: TRY004  bad input
                "a captured step reads its learning rate from a tensor: pass lr=torch.tensor(0.1)."
            )
        if isinstance(base, SGD):
            if not group["fused"]:
                raise ValueError("SGD fetches a tensor's lr unless it is fused: pass fused=True.")
        elif not group.get("capturable", False):
            raise ValueError(f"{type(base).__name__} is captured with capturable=True only, as torch has it: pass it.")
        if any(p.dtype in NARROW for p in group["params"]):
            raise ValueError("half-precision weights are rounded with numbers counted in Python: keep them in float32.")


def _check_sam(optimiser: SAM) -> None:
    if not optimiser.is_plain:
        raise ValueError("only SAM's own ascent at every step is captured: leave `ascent` and `when` out.")
    if optimiser.checks_finite:
        raise ValueError("check_finite fetches a flag from the device at each pass: pass check_finite=False.")
    if optimiser.flat:
        raise ValueError("flat buffers save kernel launches, which a captured step does not have: leave `flat` out.")
    if optimiser.observers:
        raise ValueError("a monitor looks at each step, and a replayed one shows it nothing: detach it.")
