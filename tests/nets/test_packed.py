"""A packed CIFAR: read as its archive would be, and refused where it is damaged."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saddlecheck.nets import archive, data
from saddlecheck.nets.packed import MAGIC, is_packed, read_packed


def _jpeg(seed: int, size: int = 32) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _packed(
    train: int = 4, test: int = 2, *, size: int = 32, label: int | None = None
) -> tuple[bytes, list[np.ndarray]]:
    """A packed file, and the pixels that its images decode to."""
    files = [_jpeg(i, size) for i in range(train + test)]
    shared = len(files[0])
    while any(f[:shared] != files[0][:shared] for f in files):
        shared -= 1
    out = MAGIC + struct.pack("<II", 1, shared) + files[0][:shared]
    for first, count in ((0, train), (train, test)):
        out += struct.pack("<I", count)
        for i in range(first, first + count):
            body = files[i][shared:-2]
            out += struct.pack("<BBH", i % 10 if label is None else label, 0, len(body)) + body
    return out, [np.asarray(Image.open(io.BytesIO(f)).convert("RGB")).transpose(2, 0, 1) for f in files]


def test_images_and_labels_come_back(tmp_path: Path) -> None:
    content, pixels = _packed()
    path = tmp_path / "cifar.bin"
    path.write_bytes(content)
    assert is_packed(path)
    (x, y), (tx, ty) = read_packed(path)
    assert np.array_equal(np.concatenate([x, tx]), np.stack(pixels))
    assert [*y, *ty] == [0, 1, 2, 3, 4, 5]
    loaded = data.load("cifar10", path)
    assert len(loaded.train) == 4
    assert np.array_equal(loaded.train.images.numpy(), x)
    with pytest.raises(ValueError, match="packed CIFAR-10"):
        archive.read(archive.LAYOUTS["cifar100"], path)


def test_an_archive_and_a_folder_are_not_taken_for_packed(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"CIFARxxx")
    assert not is_packed(tmp_path / "other.bin")
    assert not is_packed(tmp_path)


def _broken() -> dict[str, tuple[bytes, str]]:
    good, _ = _packed()
    return {
        "truncated": (good[:-40], "is truncated"),
        "longer": (good + b"x", "goes on for 1 bytes"),
        "no headers": (MAGIC + struct.pack("<I", 0), "counts 0 headers"),
        "too many headers": (MAGIC + struct.pack("<I", 2**31), "counts 2147483648 headers"),
        "a label": (_packed(label=10)[0], "label 10"),
        "a size": (_packed(size=16)[0], "16 x 16 pixels"),
        "no JPEG": (
            MAGIC + struct.pack("<II", 1, 2) + b"ab" + struct.pack("<IBBH", 1, 0, 0, 1) + b"c",
            "no JPEG image",
        ),
    }


@pytest.mark.parametrize("name", list(_broken()))
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    content, words = _broken()[name]
    path = tmp_path / "cifar.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        read_packed(path)
    assert str(caught.value).startswith("cifar.bin")
