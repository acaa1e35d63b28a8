"""A small archive in CIFAR's official binary layout, cut from photographs that scikit-learn ships."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def photographs() -> list[NDArray[np.uint8]]:
    """Two real colour photographs, shape (h, w, 3)."""
    from sklearn.datasets import load_sample_images

    return list(load_sample_images().images)


def patches(per_class: int, offset: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """32 x 32 patches of two photographs' upper and lower halves: four classes, shape (n, 3, 32, 32), and labels."""
    rng = np.random.default_rng(offset)
    images, labels = [], []
    for c, picture in enumerate(p for photo in photographs() for p in np.array_split(photo, 2)):
        for _ in range(per_class):
            y, x = rng.integers(0, picture.shape[0] - 32), rng.integers(0, picture.shape[1] - 32)
            images.append(picture[y : y + 32, x : x + 32].transpose(2, 0, 1))
            labels.append(c)
    order = rng.permutation(len(labels))
    return np.stack(images)[order].astype(np.uint8), np.array(labels, dtype=np.uint8)[order]


def records(images: NDArray[np.uint8], labels: NDArray[np.uint8], label_bytes: int = 1) -> bytes:
    """CIFAR's records; with two label bytes the first, coarse one is 7."""
    head = labels[:, None] if label_bytes == 1 else np.stack([np.full_like(labels, 7), labels], axis=1)
    return np.concatenate([head, images.reshape(len(images), -1)], axis=1).astype(np.uint8).tobytes()


def write_archive(path: Path, members: dict[str, bytes]) -> Path:
    """A .tar.gz with these members."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def cifar10(path: Path, per_class: int = 32) -> Path:
    """A CIFAR-10 archive with two training files and a test file."""
    images, labels = patches(per_class, 0)
    half = len(labels) // 2
    return write_archive(
        path,
        {
            "cifar-10-batches-bin/data_batch_1.bin": records(images[:half], labels[:half]),
            "cifar-10-batches-bin/data_batch_2.bin": records(images[half:], labels[half:]),
            "cifar-10-batches-bin/test_batch.bin": records(*patches(per_class // 2, 1)),
            "cifar-10-batches-bin/batches.meta.txt": b"sky\nearth\n",
        },
    )
