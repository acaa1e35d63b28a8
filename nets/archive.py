"""CIFAR's official binary archives: where they lie, which is which, and their bytes as arrays. No torch here.

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

import numpy as np
from numpy.typing import NDArray

from saddlecheck.nets.config import Name
from saddlecheck.nets.packed import Arrays, is_packed, read_packed

SIDE, PIXELS = 32, 3 * 32 * 32
MAX_BYTES = 1 << 28  # of an archive, unpacked; either official one holds 184 MB


@dataclass(frozen=True)
class Layout:
    """Where an official archive lies and how its records are laid out."""

    url: str
    sha256: str
    label_bytes: int
    classes: int
    train: str  # a member's name starts so
    test: str


LAYOUTS: dict[Name, Layout] = {
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
    "ab833b92c31310d4dd371c9fb0b013d409d42cd5f9dbe6bdb4f50b7e19941f20": "CIFAR-10, JPEG copies",
    "7e506ef02539ed0384dc90bf992032d1e7440aa346251d9ee4d8cd85e9fda20c": "CIFAR-10, JPEG copies",  # the same, packed
    "cb3d07ffd79dc6ba41ce4febd252ef19fb0ccaf0329c67e42c04cbbb4de80592": "CIFAR-10 subset, JPEG copies",
    LAYOUTS["cifar10"].sha256: "CIFAR-10",
    LAYOUTS["cifar100"].sha256: "CIFAR-100",
}


def read(layout: Layout, path: Path) -> tuple[Arrays, Arrays]:
    """Training and test images, shape (n, 3, 32, 32), with labels, shape (n,), of an archive, folder or packed file.

    Returns:
        (training, test), each a pair of uint8 images and int64 labels.

    Raises:
        ValueError: a damaged or hostile archive, records that are not CIFAR's.
    """
    require_there(path)
    if is_packed(path):
        if layout is not LAYOUTS["cifar10"]:
            raise ValueError(f"{path.name} is a packed CIFAR-10, and another data set is asked for.")
        return read_packed(path)
    files = dict(sorted(_files(path, (layout.train, layout.test))))
    train = [content for name, content in files.items() if name.startswith(layout.train)]
    test = [content for name, content in files.items() if not name.startswith(layout.train)]
    return (
        _decode(train, layout, f"{path.name}: {layout.train}*.bin"),
        _decode(test, layout, f"{path.name}: {layout.test}*.bin"),
    )


def require_there(path: Path) -> None:
    """Raise ValueError where there is no archive and no folder."""
    if not path.exists():
        raise ValueError(f"there is no data set at {path}: give an archive in CIFAR's binary format or a folder.")


def digest(layout: Layout, path: Path | None) -> str:
    """Return the SHA-256 of a data set: an archive's file, a folder's names and files, the official archive for None.

    Raises:
        ValueError: there is nothing at the path, or a folder that cannot be read.
    """
    if path is None:
        return layout.sha256
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    require_there(path)
    hasher = hashlib.sha256()
    for name, content in sorted(_files(path, (layout.train, layout.test))):
        hasher.update(f"{name}\0{len(content)}\0".encode() + content)
    return hasher.hexdigest()


def fetch(layout: Layout) -> Path:
    """Return the path of the official archive in the user's cache, checked by pooch on every use.

    Raises:
        ValueError: what came is not the official archive.
        ConnectionError: it cannot be fetched.
    """
    import pooch

    name = layout.url.rsplit("/", 1)[1]
    try:
        found = pooch.retrieve(layout.url, f"sha256:{layout.sha256}", fname=name, path=pooch.os_cache("saddlecheck"))
    except OSError as error:  # of requests' too, whose text is a chain of its own parts
        raise ConnectionError(
            f"{name} is not in the cache and cannot be fetched from {layout.url} ({type(error).__name__}): give the "
            "archive or its folder as data (--data), or try again where there is a network."
        ) from error
    return Path(found)


def first_of_each_class(images: NDArray[np.uint8], labels: NDArray[np.int64], limit: int) -> Arrays:
    """A balanced part that does not depend on any seed."""
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == c)[:limit] for c in np.unique(labels)]))
    return images[chosen], labels[chosen]


def _files(path: Path, starts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of the binary files whose name starts with one of `starts`, each name once."""
    seen: set[str] = set()
    for name, content in _folder(path, starts) if path.is_dir() else _archive(path, starts):
        if name in seen:
            raise ValueError(f"{path.name} holds {name!r} twice, and which one counts is not said: refused.")
        seen.add(name)
        yield name, content


def _folder(path: Path, starts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for file in sorted(path.rglob("*.bin")):
        if not file.name.startswith(starts):
            continue
        if not file.is_file():
            raise ValueError(f"{path.name}: {file.name!r} is a folder or a device, not a file: refused.")
        total += file.stat().st_size
        _check_total(total, path)
        yield file.name, file.read_bytes()


def _archive(path: Path, starts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    total = 0
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                total += member.size
                _check_total(total, path)
                yield from _member(archive, member, path, starts)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        first = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(f"{path.name} is damaged or no tar archive ({first}): fetch it again.") from error


def _check_total(total: int, path: Path) -> None:
    if total > MAX_BYTES:
        raise ValueError(f"{path.name} unpacks to {total} bytes or more, at most {MAX_BYTES} make sense: refused.")


def _member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, starts: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """The content of a member that is read; ValueError for one that no archive of CIFAR holds."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise ValueError(f"{path.name} holds a member that points outside it ({member.name!r}): refused.")
    if member.isdir() or not (name.suffix == ".bin" and name.name.startswith(starts)):
        return
    if not member.isreg():
        raise ValueError(f"{path.name}: {member.name!r} is a link or a device, not a file: refused.")
    file = archive.extractfile(member)
    content = file.read() if file is not None else b""
    if len(content) != member.size:
        raise ValueError(f"{path.name} is truncated: {member.name!r} has {len(content)} of {member.size} bytes.")
    yield name.name, content


def _decode(parts: list[bytes], layout: Layout, where: str) -> Arrays:
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
