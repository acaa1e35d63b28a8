"""The mini-batches of an epoch, of tensors, a data set or a DataLoader: a function of seed and epoch alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from saddlecheck.nets.batches import Batch, mapped, tensors
from saddlecheck.nets.randomness import kept_random_state

# Tensors (inputs, targets), a data set of such pairs, or a loader of batches of such pairs.
Source = tuple[Tensor, Tensor] | Dataset[Any] | DataLoader[Any]
_LOOKED_AT = 64  # samples by which a data set is told from another one


class Samples:
    """Training or test data, read batch by batch.

    Args:
        source: tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader.
        batch_size: samples a mini-batch; a DataLoader has its own.

    Attributes:
        size: samples.  batches: mini-batches an epoch.  digest: of the first samples and of how many there are.

    Raises:
        ValueError: data of another form, or without a sample.
    """

    def __init__(self, source: Source, batch_size: int) -> None:
        if isinstance(source, tuple) and len(source) == 2 and all(isinstance(t, Tensor) for t in source):
            if len(source[0]) != len(source[1]):
                raise ValueError(f"{len(source[0])} inputs do not go with {len(source[1])} targets.")
            source = TensorDataset(*source)
        self._loader: DataLoader[Any] | None = None
        if isinstance(source, DataLoader):
            self._loader, self._dataset, batch_size = source, source.dataset, source.batch_size or 1
        elif isinstance(source, Dataset) and not isinstance(source, IterableDataset):
            self._dataset = source
        else:
            raise ValueError(  # noqa: TRY004  bad input is a ValueError here
                "data are tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader; got "
                f"{type(source).__name__}."
            )
        if isinstance(self._dataset, IterableDataset):
            raise ValueError(  # noqa: TRY004  likewise
                "an IterableDataset has no length and no order to resume from: use a map-style data set."
            )
        self.size = len(self._dataset)  # type: ignore[arg-type]  # a map-style data set has a length
        if self.size == 0:
            raise ValueError("the data hold no sample: there is nothing to train on.")
        self.batch_size = batch_size
        self.batches = len(self._loader) if self._loader is not None else -(-self.size // batch_size)
        self.digest = self._digest()

    def epoch(self, seed: int, epoch: int, device: torch.device) -> Iterator[Batch]:
        """The mini-batches of one epoch in random order. Call it under `drawing_from`, which fixes the order."""
        order = torch.Generator().manual_seed(seed_of(seed, epoch))
        loader = self._loader or DataLoader(self._dataset, self.batch_size, shuffle=True, generator=order)
        yield from self._read(loader, device)

    def in_order(self, device: torch.device) -> Iterator[Batch]:
        """All samples in their order, batch by batch."""
        yield from self._read(self._plain(self._dataset, self.batch_size), device)

    def first(self, size: int, device: torch.device) -> Batch:
        """The first samples, as one batch."""
        chosen = Subset(self._dataset, range(min(size, self.size)))
        return next(self._read(self._plain(chosen, size), device))

    def _plain(self, dataset: Dataset[Any], size: int) -> DataLoader[Any]:
        return DataLoader(dataset, size, collate_fn=None if self._loader is None else self._loader.collate_fn)

    def _read(self, loader: DataLoader[Any], device: torch.device) -> Iterator[Batch]:
        for pair in loader:
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise ValueError(f"a batch is (inputs, targets), got {type(pair).__name__}.")
            first = next(tensors((pair[1], pair[0])), None)
            if first is None or first.dim() == 0:
                raise ValueError("no tensor of a batch shows how many samples it holds.")
            yield Batch(_on(device, pair[0]), _on(device, pair[1]), len(first))

    def _digest(self) -> str:
        """SHA-256 of the number of samples and of the tensors in the first of them."""
        digest = hashlib.sha256(str(self.size).encode())
        with drawing_from(0, 0):
            for i in range(min(self.size, _LOOKED_AT)):
                for t in tensors(self._dataset[i]):
                    digest.update(f"{t.dtype}{tuple(t.shape)}".encode())
                    digest.update(t.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()


@contextmanager
def drawing_from(seed: int, epoch: int) -> Iterator[None]:
    """Within the block torch's global generators start from a number made of seed and epoch; then they are put back."""
    with kept_random_state():
        torch.manual_seed(seed_of(seed, epoch))
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


def _on(device: torch.device, value: Any) -> Any:
    return mapped(lambda t: t.to(device, non_blocking=True), value)
