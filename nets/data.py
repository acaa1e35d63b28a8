"""CIFAR-10 and CIFAR-100 from the official binary archives, whole on the device, augmented there in batches.

The binary archives hold plain bytes: a record is one label byte (two for CIFAR-100: coarse, fine) and 3,072 bytes in
R, G, B planes of 32 x 32. Members are read in memory and never unpacked to disk, and nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Name = Literal["cifar10", "cifar100"]
SIDE, PIXELS = 32, 3 * 32 * 32
MAX_MEMBER = 1 << 30  # bytes; the largest member of either archive holds 154 MB


@dataclass(frozen=True)
class Layout:
    """Where an official archive lies and how its records are laid out."""

    url: str
    sha256: str
    label_bytes: int
    classes: int
    train: str  # a member's name starts so
    test: str


LAYOUTS: dict[str, Layout] = {
    "cifar10": Layout(
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        label_bytes=1,
        classes=10,
        train="data_batch_",
        test="test_batch",
    ),
    "cifar100": Layout(
        "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        label_bytes=2,
        classes=100,
        train="train",
        test="test",
    ),
}
# Archives whose origin a record has to name, by SHA-256.
KNOWN = {
    "cb3d07ffd79dc6ba41ce4febd252ef19fb0ccaf0329c67e42c04cbbb4de80592": "CIFAR-10 subset, JPEG copies",
    LAYOUTS["cifar10"].sha256: "CIFAR-10",
    LAYOUTS["cifar100"].sha256: "CIFAR-100",
}


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

    mean, std: shape (1, 3, 1, 1), in units of pixel values 0 to 255.  classes: how many.  source: for the record.
    """

    train: Split
    test: Split
    mean: Tensor
    std: Tensor
    classes: int
    source: str


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

    Raises:
        ValueError: a wrong checksum, a damaged or hostile archive, records that are not CIFAR's.
    """
    if name not in LAYOUTS:
        raise ValueError(f"the data set is one of {', '.join(LAYOUTS)}, got {name!r}.")
    if pool not in (1, 2, 4):
        raise ValueError(f"pool is 1, 2 or 4 pixels, got {pool}.")
    layout = LAYOUTS[name]
    if path is None:
        path, sha256 = _fetch(layout), layout.sha256
    if not path.exists():
        raise ValueError(f"there is no data set at {path}: give an archive in CIFAR's binary format or a folder.")
    if sha256 is not None and path.is_file() and (found := _sha256(path)) != sha256.lower():
        raise ValueError(f"{path.name} has SHA-256 {found}, expected {sha256.lower()}: fetch it again.")
    parts: dict[str, list[bytes]] = {"train": [], "test": []}
    for member, content in sorted(_files(path, (layout.train, layout.test))):
        parts["train" if member.startswith(layout.train) else "test"].append(content)
    train = _decode(parts["train"], layout, f"{path.name}: {layout.train}*.bin")
    test = _decode(parts["test"], layout, f"{path.name}: {layout.test}*.bin")
    if limit is not None:
        train = _first_of_each_class(*train, limit)
    first, second = (
        Split(_pooled(torch.from_numpy(x), pool).to(device), torch.from_numpy(y).to(device)) for x, y in (train, test)
    )
    pixels = first.images.double()
    mean, std = pixels.mean(dim=(0, 2, 3), keepdim=True), pixels.std(dim=(0, 2, 3), keepdim=True)
    digest = _sha256(path) if path.is_file() else ""
    what = KNOWN.get(digest, f"{name} from {path.name}") + (f" ({digest[:16]})" if digest else "")
    source = f"{what}, {len(first)} training and {len(second)} test images"
    return Dataset(first, second, mean.float(), std.float(), layout.classes, source)


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


def _fetch(layout: Layout) -> Path:
    """The official archive in the user's cache, checked by pooch on every use."""
    import pooch

    name = layout.url.rsplit("/", 1)[1]
    return Path(pooch.retrieve(layout.url, f"sha256:{layout.sha256}", fname=name, path=pooch.os_cache("saddlecheck")))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(path: Path, starts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of the binary files whose name starts with one of `starts`."""
    if path.is_dir():
        for file in path.rglob("*.bin"):
            if file.name.startswith(starts):
                yield file.name, file.read_bytes()
        return
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                yield from _member(archive, member, path, starts)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        first = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(f"{path.name} is damaged or no tar archive ({first}): fetch it again.") from error


def _member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, starts: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """The content of a member that is wanted; ValueError for one that no honest archive holds."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise ValueError(f"{path.name} holds a member that points outside it ({member.name!r}): refused.")
    if member.isdir() or not (name.suffix == ".bin" and name.name.startswith(starts)):
        return
    if not member.isreg():
        raise ValueError(f"{path.name}: {member.name!r} is a link or a device, not a file: refused.")
    if member.size > MAX_MEMBER:
        raise ValueError(f"{path.name}: {member.name!r} claims {member.size} bytes, at most {MAX_MEMBER} make sense.")
    file = archive.extractfile(member)
    content = file.read() if file is not None else b""
    if len(content) != member.size:
        raise ValueError(f"{path.name} is truncated: {member.name!r} has {len(content)} of {member.size} bytes.")
    yield name.name, content


def _decode(parts: list[bytes], layout: Layout, where: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images (n, 3, 32, 32) and labels (n,); the last label byte is the fine one."""
    size = layout.label_bytes + PIXELS
    if not parts:
        raise ValueError(f"{where}: there is no such file; is this CIFAR's binary version?")
    for part in parts:
        if len(part) == 0 or len(part) % size:
            raise ValueError(f"{where}: {len(part)} bytes are no whole number of records of {size} bytes.")
    rows = np.frombuffer(b"".join(parts), dtype=np.uint8).reshape(-1, size)
    labels = rows[:, layout.label_bytes - 1].astype(np.int64)
    if labels.max() >= layout.classes:
        raise ValueError(f"{where}: a label is {labels.max()}, but there are {layout.classes} classes.")
    return rows[:, layout.label_bytes :].reshape(-1, 3, SIDE, SIDE).copy(), labels


def _first_of_each_class(
    images: NDArray[np.uint8], labels: NDArray[np.int64], limit: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A balanced part that does not depend on any seed."""
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == c)[:limit] for c in np.unique(labels)]))
    return images[chosen], labels[chosen]


def _pooled(images: Tensor, pool: int) -> Tensor:
    if pool == 1:
        return images
    return torch.nn.functional.avg_pool2d(images.float(), pool).round().to(torch.uint8)
