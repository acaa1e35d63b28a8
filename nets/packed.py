"""A packed CIFAR: images as JPEG files that share their headers, in one file. No torch here.

    8 bytes       CIFARJPG
    u32           number of headers; for each u32 length and so many bytes (what the JPEG files of a kind begin with)
    twice         (training, test) u32 number of images; for each u8 label, u8 header, u16 length and so many bytes

Numbers are little-endian; an image is header, bytes, FF D9. Pillow decodes; pixels are those of a lossy copy.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

MAGIC = b"CIFARJPG"
MAX_FILE, MAX_IMAGES, SIDE, CLASSES = 1 << 26, 100_000, 32, 10
_END = b"\xff\xd9"
Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]


def is_packed(path: Path) -> bool:
    """Whether a file begins as a packed CIFAR."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_packed(path: Path) -> tuple[Arrays, Arrays]:
    """Training and test images, shape (n, 3, 32, 32), with labels, shape (n,), of a packed CIFAR-10.

    Args:
        path: of the file.

    Returns:
        (training, test), each a pair of uint8 images and int64 labels.

    Raises:
        ValueError: the file is truncated, too large, or holds something else than 32 x 32 images of ten classes.
    """
    if path.stat().st_size > MAX_FILE:
        raise ValueError(f"{path.name} holds {path.stat().st_size} bytes, at most {MAX_FILE} make sense: refused.")
    reader = _Reader(path)
    headers = [reader.bytes(reader.number("<I")) for _ in range(reader.count("header", 256))]
    first, second = (_split(reader, headers) for _ in range(2))
    reader.end()
    return first, second


class _Reader:
    """The bytes of a file, taken from its start."""

    def __init__(self, path: Path) -> None:
        self.name, self._raw, self._at = path.name, path.read_bytes(), len(MAGIC)

    def bytes(self, size: int) -> bytes:
        if self._at + size > len(self._raw):
            raise ValueError(f"{self.name} is truncated: it ends after {len(self._raw)} bytes.")
        self._at += size
        return self._raw[self._at - size : self._at]

    def number(self, form: str) -> int:
        value: int = struct.unpack(form, self.bytes(struct.calcsize(form)))[0]
        return value

    def count(self, what: str, most: int) -> int:
        found = self.number("<I")
        if not 1 <= found <= most:
            raise ValueError(f"{self.name} counts {found} {what}s, 1 to {most} make sense: refused.")
        return found

    def end(self) -> None:
        if self._at != len(self._raw):
            raise ValueError(
                f"{self.name} goes on for {len(self._raw) - self._at} bytes after its last image: refused."
            )


def _split(reader: _Reader, headers: list[bytes]) -> Arrays:
    n = reader.count("image", MAX_IMAGES)
    images, labels = np.empty((n, 3, SIDE, SIDE), dtype=np.uint8), np.empty(n, dtype=np.int64)
    for i in range(n):
        label, header, size = reader.number("<B"), reader.number("<B"), reader.number("<H")
        if label >= CLASSES or header >= len(headers):
            raise ValueError(f"{reader.name}: image {i} has label {label} and header {header}, which are not there.")
        images[i], labels[i] = _pixels(headers[header] + reader.bytes(size) + _END, reader.name, i), label
    return images, labels


def _pixels(jpeg: bytes, name: str, i: int) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.size != (SIDE, SIDE):  # before anything is decoded
                raise ValueError(f"{name}: image {i} is of {image.size[0]} x {image.size[1]} pixels, not 32 x 32.")
            return np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError(f"{name}: image {i} is no JPEG image ({error}).") from error
