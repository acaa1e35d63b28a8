"""What a model's loss is evaluated on: one batch in memory, or a loader that gives the same samples at each pass."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import IterableDataset

from saddlecheck.nets.randomness import kept_random_state, own_generators, random_state

Loss = Callable[[Any, Any], Tensor]
# One batch (inputs, targets), or batches of that form that can be read again and again: a list, a DataLoader.
Data = tuple[Any, Any] | Iterable[Any]


@dataclass(frozen=True)
class Batch:
    """Inputs and targets of `size` samples.

    Attributes:
        inputs: a tensor; a tuple or list of several inputs; a mapping from the names of `forward`'s arguments to
            inputs.
        targets: whatever the loss takes beside the model's output.
    """

    inputs: Any
    targets: Any
    size: int

    def moved(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """The batch with `change` applied to each of its tensors."""
        return Batch(mapped(change, self.inputs), mapped(change, self.targets), self.size)

    def thinned(self, largest: int) -> Batch:
        """Every n-th sample, at most `largest`; all of them where a tensor's first dimension is not the sample."""
        leaves = [*tensors(self.inputs), *tensors(self.targets)]
        if self.size <= largest or any(t.dim() == 0 or len(t) != self.size for t in leaves):
            return self
        stride = -(-self.size // largest)
        thin = self.moved(lambda t: t[::stride])
        return Batch(thin.inputs, thin.targets, -(-self.size // stride))


class Batches:
    """All batches of some data, with the same samples at every pass.

    Args:
        data: one batch (inputs, targets) or a loader of such batches.

    Attributes:
        single: whether it is one batch.  samples: how many in all.  images_last: hand images over channels last, a
        quarter less time a product on the CPU; models that take views of their input may not bear it.

    Raises:
        ValueError: data of another form; a generator, which can be read only once; no batch at all.
    """

    def __init__(self, data: Data) -> None:
        self.single, self.images_last = _is_batch(data), False
        if not self.single and (not isinstance(data, Iterable) or isinstance(data, Tensor | Mapping | str)):
            raise ValueError(
                f"data is a batch (inputs, targets) or a loader of such batches, got {type(data).__name__}."
            )
        if isinstance(data, Iterator):
            raise ValueError(  # noqa: TRY004  its type is right, but it is empty after one pass
                "data is a generator, read only once: give a list of batches or a DataLoader."
            )
        self._data = data
        self.samples = sum(batch.size for batch in self)
        if self.samples == 0:
            raise ValueError("data holds no sample: there is no loss to differentiate.")

    def __iter__(self) -> Iterator[Batch]:
        # A DataLoader draws a seed from the global generator at each pass, also without shuffling.
        with nullcontext() if self.single else self._kept():
            for pair in self._pairs():
                if not isinstance(pair, tuple | list) or len(pair) != 2:
                    raise ValueError(f"each batch of a loader is (inputs, targets), got {type(pair).__name__}.")
                inputs = mapped(_images_last, pair[0]) if self.images_last else pair[0]
                yield Batch(inputs, pair[1], self._size(pair))

    def _pairs(self) -> Iterable[Any]:
        return (self._data,) if self.single else self._data

    def _size(self, pair: Any) -> int:
        """Samples in a batch: the first dimension of its first tensor, targets first."""
        first = next(tensors((pair[1], pair[0])), None)
        if first is not None and first.dim() > 0:
            return len(first)
        if self.single:
            return 1
        raise ValueError("no tensor of a batch shows how many samples it holds, so batches cannot be weighted.")

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Put back the global generators and those of the loader and its samplers."""
        samplers = (self._data, getattr(self._data, "sampler", None), getattr(self._data, "batch_sampler", None))
        owners = (*samplers, getattr(samplers[2], "sampler", None))
        own = {id(g): g for o in owners if isinstance(g := getattr(o, "generator", None), torch.Generator)}
        states = {key: g.get_state() for key, g in own.items()}
        with kept_random_state():
            try:
                yield
            finally:
                for key, g in own.items():
                    g.set_state(states[key])

    def require_same_samples(self) -> None:
        """Compare the samples of two passes, in whatever order they come, and watch whether reading one draws numbers.

        Raises:
            ValueError: they differ, as with random augmentation or a shuffling loader that drops its last batch.
        """
        if self.single:
            return
        with self._kept():
            # Two later passes may be alike and unlike the first: a loader that resumes, a data set around an iterator.
            passes = [self._digests(), self._digests()]
            if _draws(getattr(self._data, "dataset", None)) or passes != [(self.samples, passes[0][1])] * 2:
                raise ValueError(
                    "the loader gives other samples at each pass: switch off random augmentation, drop_last and "
                    "padding that depends on the order, and begin each pass at the start, so that the loss is a "
                    "function of the weights alone."
                )

    def _digests(self) -> tuple[int, list[bytes]]:
        """Return how many samples a pass has, and a digest each, sorted.

        A batch whose tensors have no common first dimension has one digest.
        """
        count, found = 0, list[bytes]()
        for pair in self._pairs():
            count += self._size(pair)
            leaves = list(tensors(pair))
            if leaves and all(t.dim() > 0 and len(t) == len(leaves[0]) for t in leaves):
                found += [_digest(row) for row in zip(*leaves, strict=True)]
            else:
                found.append(_digest(leaves))
        return count, sorted(found)


def call(model: nn.Module, inputs: Any) -> Any:
    """Return the model's output: a mapping is handed over by name, a tuple or list by position, where `forward` can.

    Otherwise the inputs are handed over as one argument.
    """
    if isinstance(inputs, Mapping) and _takes(model, (), dict(inputs)):
        return model(**inputs)
    if isinstance(inputs, tuple | list) and _takes(model, tuple(inputs), {}):
        return model(*inputs)
    return model(inputs)


def mapped(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """A nest of tuples, lists and mappings with `change` applied to its tensors; everything else stays."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: mapped(change, item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(change, item) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(mapped(change, item) for item in value)
    return value


def tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in a nest of tuples, lists and mappings."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors(item)


def _takes(model: nn.Module, positional: tuple[Any, ...], named: dict[Any, Any]) -> bool:
    try:
        inspect.signature(model.forward).bind(*positional, **named)
    except (TypeError, ValueError):  # other arguments, or a forward without a signature
        return False
    return True


def _is_batch(data: Any) -> bool:
    """Whether data is one (inputs, targets); a list of two pairs is a loader with two batches."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        return False
    return isinstance(data, tuple) or not all(isinstance(item, tuple | list) and len(item) == 2 for item in data)


def _images_last(t: Tensor) -> Tensor:
    return t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t


def _draws(dataset: Any) -> bool:
    """Whether reading the samples of a data set draws random numbers: augmentation, also where it changed nothing."""
    if isinstance(dataset, IterableDataset):
        samples: Iterable[Any] = dataset
    elif hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__"):
        samples = (dataset[i] for i in range(len(dataset)))
    else:
        return False
    own = own_generators(vars(dataset).values()) if hasattr(dataset, "__dict__") else []
    before = random_state(own)
    for _ in samples:
        pass
    return random_state(own) != before


def _digest(leaves: Iterable[Tensor]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for t in leaves:
        digest.update(f"{t.dtype}{tuple(t.shape)}".encode())
        digest.update(t.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.digest()
