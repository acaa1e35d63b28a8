"""The mini-batches of an epoch, of tensors, a data set or a DataLoader: a function of seed and epoch alone."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset, default_convert

from saddlecheck.nets.batches import Batch, mapped, tensors
from saddlecheck.nets.randomness import Generator, kept_random_state, own_generators

# Tensors (inputs, targets), a data set of such pairs, or a loader of batches of such pairs.
Source = tuple[Tensor, Tensor] | Dataset[Any] | DataLoader[Any]
_LOOKED_AT = 64  # samples by which a data set is told from another one


class Samples:
    """Training or test data, read batch by batch.

    Args:
        source: tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader.
        batch_size: samples a mini-batch; a DataLoader has its own.

    Attributes:
        size: samples.  batch_size: of a mini-batch.  batches: mini-batches an epoch.  digest: of the first samples and
            of how many there are.

    Raises:
        ValueError: data of another form, or without a sample.
    """

    def __init__(self, source: Source, batch_size: int) -> None:
        if isinstance(source, tuple) and len(source) == 2 and all(isinstance(t, Tensor) for t in source):
            if any(t.dim() == 0 for t in source):
                raise ValueError("inputs and targets hold a sample a row; a tensor without a dimension holds none.")
            if len(source[0]) != len(source[1]):
                raise ValueError(f"{len(source[0])} inputs do not go with {len(source[1])} targets.")
            source = TensorDataset(*source)
        self._loader: DataLoader[Any] | None = None
        if isinstance(source, DataLoader):
            self._loader, self._dataset = source, source.dataset
            batch_size = source.batch_size or getattr(source.batch_sampler, "batch_size", None) or batch_size
        elif isinstance(source, Dataset) and not isinstance(source, IterableDataset):
            self._dataset = source
        else:
            raise ValueError(  # noqa: TRY004  bad input is a ValueError here
                "data are tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader; got "
                f"{type(source).__name__}{_parts(source)}."
            )
        if isinstance(self._dataset, IterableDataset):
            raise ValueError(  # noqa: TRY004  likewise
                "an IterableDataset has no length and no order to resume from: use a map-style data set."
            )
        if self._loader is not None and self._loader.batch_sampler is None:
            raise ValueError(
                "a DataLoader with batch_size=None does not say what one sample is: give it the data set of single "
                "samples and a batch_size or a batch_sampler."
            )
        try:
            self.size = len(self._dataset)  # type: ignore[arg-type]  # a map-style data set has a length
        except TypeError as error:
            raise ValueError(f"{type(self._dataset).__name__} has no length: give the data set __len__.") from error
        if self.size == 0:
            raise ValueError("the data hold no sample: there is nothing to train on.")
        samplers = (self._loader and self._loader.sampler, self._loader and self._loader.batch_sampler)
        owners = (self._dataset, self._loader, *samplers, getattr(samplers[1], "sampler", None))
        self._own = own_generators(owners)  # their numbers too are to be a function of seed and epoch
        self.batch_size = batch_size
        self.batches = len(self._loader) if self._loader is not None else -(-self.size // batch_size)
        if self.batches == 0:
            raise ValueError(
                f"the DataLoader makes no mini-batch of {self.size} samples: take a smaller batch_size, or "
                "drop_last=False."
            )
        self.digest = self._digest()

    def epoch(self, seed: int, epoch: int, device: torch.device) -> Iterator[Batch]:
        """The mini-batches of one epoch in random order. Call it under `drawing_from`, which fixes the order."""
        order = torch.Generator().manual_seed(seed_of(seed, epoch))
        self._reseed(seed_of(seed, epoch))
        loader = self._loader or DataLoader(self._dataset, self.batch_size, shuffle=True, generator=order)
        yield from self._read(loader, device)

    def in_order(self, device: torch.device) -> Iterator[Batch]:
        """All samples in their order, batch by batch."""
        self._reseed(seed_of(0, 0))
        yield from self._read(self._plain(self._dataset, self.batch_size), device)

    def first(self, size: int, device: torch.device) -> Batch:
        """The first samples, as one batch."""
        chosen = Subset(self._dataset, range(min(size, self.size)))
        self._reseed(seed_of(0, 0))
        return next(self._read(self._plain(chosen, size), device))

    def require_finite(self, device: torch.device) -> None:
        """Raise ValueError for NaN or infinity in the inputs or targets."""
        for number, batch in enumerate(self.in_order(device)):
            if not all(bool(t.isfinite().all()) for t in tensors((batch.inputs, batch.targets))):
                start = number * self.batch_size
                raise ValueError(
                    f"the data hold NaN or infinity, in samples {start} to {start + batch.size - 1}: take these out."
                )

    def _plain(self, dataset: Dataset[Any], size: int) -> DataLoader[Any]:
        return DataLoader(dataset, size, collate_fn=None if self._loader is None else self._loader.collate_fn)

    def _read(self, loader: DataLoader[Any], device: torch.device) -> Iterator[Batch]:
        for pair in loader:
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                many = f" of {len(pair)}" if isinstance(pair, tuple | list) else ""
                raise ValueError(
                    f"a sample is (inputs, targets), got a {type(pair).__name__}{many}: several inputs are a tuple or "
                    "a mapping, ((a, b), targets)."
                )
            first = next(tensors((pair[1], pair[0])), None)
            if first is None or first.dim() == 0:
                raise ValueError("no tensor of a batch shows how many samples it holds.")
            yield Batch(_on(device, pair[0]), _on(device, pair[1]), len(first))

    def _digest(self) -> str:
        """SHA-256 of the number of samples and of the first of them: tensors, arrays and plain numbers."""
        digest = hashlib.sha256(str(self.size).encode())
        with drawing_from(0, 0):
            self._reseed(seed_of(0, 0))
            for i in range(min(self.size, _LOOKED_AT)):
                sample = default_convert(self._dataset[i])  # type: ignore[no-untyped-call]  # arrays become tensors
                digest.update("\0".join(_words(sample)).encode())
                for t in tensors(sample):
                    digest.update(f"{t.dtype}{tuple(t.shape)}".encode())
                    digest.update(t.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def _reseed(self, number: int) -> None:
        for generator in self._own:
            _seed(generator, number)


@contextmanager
def drawing_from(seed: int, epoch: int) -> Iterator[None]:
    """Within the block the global generators (torch's, NumPy's, Python's) start from a number made of seed and epoch.

    Then they are put back.
    """
    with kept_random_state():
        number = seed_of(seed, epoch)
        torch.manual_seed(number)
        np.random.seed(number % 2**32)
        random.seed(number)
        yield


def seed_of(seed: int, epoch: int) -> int:
    """A generator's seed, for an epoch of a run."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{epoch}".encode()).digest()[:7])


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights are. Raises ValueError for a model without trainable weights."""
    for p in model.parameters():
        if p.requires_grad:
            return p.device
    raise ValueError("the model has no trainable weights: there is nothing to train.")


def _parts(value: Any) -> str:
    """Of what a pair is made."""
    return " of " + " and ".join(type(v).__name__ for v in value) if isinstance(value, tuple | list) else ""


def _seed(generator: Generator, number: int) -> None:
    if isinstance(generator, torch.Generator):
        generator.manual_seed(number)
    elif isinstance(generator, np.random.Generator):
        generator.bit_generator.state = type(generator.bit_generator)(number).state
    else:
        generator.seed(number % 2**32)


def _words(value: Any) -> Iterator[str]:
    """The plain numbers and words in a nest; other objects have no text that is the same in each process."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _words(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, int | float | str | bytes):
        yield repr(value)


def _on(device: torch.device, value: Any) -> Any:
    return mapped(lambda t: t.to(device, non_blocking=True), value)
