"""CIFAR-10 and CIFAR-100 whole on the device, augmented there in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from saddlecheck.nets import archive
from saddlecheck.nets.archive import KNOWN, LAYOUTS
from saddlecheck.nets.config import Name


@dataclass(frozen=True)
class Split:
    """Images, uint8, shape (n, 3, side, side), and labels, int64, shape (n,), on one device."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """A training and a test split, the channel statistics of the first, and where it all came from.

    Attributes:
        mean, std: shape (1, 3, 1, 1), in units of pixel values 0 to 255.
        classes: how many.
        source: for the record.
        sha256: of the archive's file, or of a folder's files; empty for a data set that came from neither.
    """

    train: Split
    test: Split
    mean: Tensor
    std: Tensor
    classes: int
    source: str
    sha256: str = ""


def load(
    name: Name = "cifar10",
    path: Path | None = None,
    *,
    sha256: str | None = None,
    limit: int | None = None,
    pool: int = 1,
    device: str | torch.device = "cpu",
) -> Dataset:
    """The data set, moved to the device once.

    Args:
        name: which layout and, without a path, which official archive.
        path: an archive (.tar.gz) or a folder with the binary files; None fetches the official archive (pooch).
        sha256: what an archive must hash to; the official one is always checked against its own.
        limit: keep the first so many training images of each class, in the archive's order.
        pool: average pixels over pool x pool blocks; 2 makes 16 x 16 images for runs at reduced scale.
        device: where everything goes.

    Returns:
        Images as uint8 and labels of both splits, and the channels' mean and deviation over the training images.

    Raises:
        ValueError: a wrong checksum, a damaged or hostile archive, records that are not CIFAR's.
    """
    if name not in LAYOUTS:
        raise ValueError(f"the data set is one of {', '.join(LAYOUTS)}, got {name!r}.")
    if pool not in (1, 2, 4):
        raise ValueError(f"pool is 1, 2 or 4 pixels, got {pool}.")
    layout = LAYOUTS[name]
    if path is None:
        path, sha256 = archive.fetch(layout), layout.sha256
    digest = archive.digest(layout, path)
    if sha256 is not None and digest != sha256.lower():
        raise ValueError(f"{path.name} has SHA-256 {digest}, expected {sha256.lower()}: fetch it again.")
    train, test = archive.read(layout, path)
    if limit is not None:
        train = archive.first_of_each_class(*train, limit)
    first, second = (
        Split(_pooled(torch.from_numpy(x), pool).to(device), torch.from_numpy(y).to(device)) for x, y in (train, test)
    )
    pixels = first.images.double()
    mean, std = pixels.mean(dim=(0, 2, 3), keepdim=True), pixels.std(dim=(0, 2, 3), keepdim=True)
    std[std == 0.0] = 1.0  # a channel that is constant stays at zero
    what = f"{KNOWN.get(digest, f'{name} from {path.name}')} ({digest[:16]})"
    source = f"{what}, {len(first)} training and {len(second)} test images"
    return Dataset(first, second, mean.float(), std.float(), layout.classes, source, digest)


def batches(order: Tensor, size: int) -> Iterator[Tensor]:
    """Consecutive mini-batches of an order of indices; the incomplete last one is dropped, as a B-sample law needs."""
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def normalised(images: Tensor, mean: Tensor, std: Tensor, dtype: torch.dtype) -> Tensor:
    """Pixels as numbers with mean 0 and deviation 1 a channel, shape as given."""
    return ((images.to(dtype) - mean.to(dtype)) / std.to(dtype)).contiguous()


def augmented(images: Tensor, generator: torch.Generator | None, padding: int = 4) -> Tensor:
    """Each image cropped at random from its zero-padded self and flipped with probability 1/2; one gather a batch.

    Args:
        images: uint8, shape (n, 3, side, side).
        generator: on the images' device; None for the device's own.
        padding: pixels on each side, 4 for CIFAR.

    Returns:
        uint8, the shape of `images`.
    """
    n, _, side, _ = images.shape
    padded = torch.nn.functional.pad(images, (padding,) * 4)
    here = torch.arange(side, device=images.device)
    shift = torch.randint(0, 2 * padding + 1, (2, n, 1), device=images.device, generator=generator)
    flip = torch.randint(0, 2, (n, 1), device=images.device, generator=generator).bool()
    rows = here + shift[0]  # (n, side)
    columns = torch.where(flip, side - 1 - here, here) + shift[1]
    sample = torch.arange(n, device=images.device).view(n, 1, 1, 1)
    channel = torch.arange(3, device=images.device).view(1, 3, 1, 1)
    return padded[sample, channel, rows.view(n, 1, side, 1), columns.view(n, 1, 1, side)]


def _pooled(images: Tensor, pool: int) -> Tensor:
    if pool == 1:
        return images
    return torch.nn.functional.avg_pool2d(images.float(), pool).round().to(torch.uint8)
