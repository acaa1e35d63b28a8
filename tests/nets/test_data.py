"""Reading CIFAR's binary archives, what is refused, and augmentation on the device."""

from __future__ import annotations

import functools
import hashlib
import io
import pickle
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from cifar_archives import cifar10, patches, records, write_archive

from saddlecheck.nets import archive, data
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import augmented, batches, load, normalised
from saddlecheck.nets.run import Run

torch.set_num_threads(1)


def test_images_and_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    found = load(path=cifar10(tmp_path / "small.tar.gz"))
    images, labels = patches(32, 0)
    assert np.array_equal(found.train.images.numpy(), images)
    assert np.array_equal(found.train.labels.numpy(), labels)
    assert (found.train.images.dtype, len(found.test), found.classes) == (torch.uint8, 64, 10)
    # mean and deviation by another route, in double precision, against float32: 255 * 6e-8
    np.testing.assert_allclose(found.mean.flatten().numpy(), images.mean(axis=(0, 2, 3)), rtol=1e-6)
    assert "128 training and 64 test images" in found.source


def test_cifar100_takes_the_fine_label(tmp_path: Path) -> None:
    images, labels = patches(4, 0)
    members = {f"cifar-100-binary/{n}.bin": records(images, labels + 60, 2) for n in ("train", "test")}
    found = load("cifar100", write_archive(tmp_path / "c.tar.gz", members))
    assert np.array_equal(found.train.labels.numpy(), labels + 60)
    assert found.classes == 100


def test_a_folder_serves_as_well(tmp_path: Path) -> None:
    archive = cifar10(tmp_path / "a.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    one, two = load(path=archive), load(path=tmp_path / "cifar-10-batches-bin")
    assert torch.equal(one.train.images, two.train.images)
    assert torch.equal(one.test.labels, two.test.labels)


def test_limit_is_balanced_and_pooling_averages(tmp_path: Path) -> None:
    archive = cifar10(tmp_path / "a.tar.gz")
    found, whole = load(path=archive, limit=5, pool=2), load(path=archive)
    assert torch.bincount(found.train.labels).tolist() == [5, 5, 5, 5]
    assert found.train.images.shape == (20, 3, 16, 16)
    first = torch.nonzero(whole.train.labels == found.train.labels[0])[0, 0]
    block = whole.train.images[first, 1, :2, :2].float().mean()
    assert abs(float(found.train.images[0, 1, 0, 0]) - float(block)) <= 0.5  # rounded to a byte


def test_the_official_archives_are_fetched_with_their_checksums(monkeypatch, tmp_path: Path) -> None:
    import pooch

    asked = {}

    def retrieve(url: str, known_hash: str, fname: str, path: str) -> str:
        asked[url] = known_hash
        return str(cifar10(tmp_path / fname))

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    # Our stand-in is not the official archive: its checksum must not pass, although pooch "returned" it.
    with pytest.raises(ValueError, match="SHA-256"):
        load("cifar10")
    assert asked == {LAYOUTS["cifar10"].url: "sha256:" + LAYOUTS["cifar10"].sha256}


def test_without_a_network_the_archive_is_named_in_one_line(monkeypatch) -> None:
    import pooch
    import requests

    def retrieve(*_: object, **__: object) -> str:
        raise requests.exceptions.ConnectionError("HTTPSConnectionPool(host='x', port=443): Max retries exceeded")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(ConnectionError, match=r"cifar-10-binary\.tar\.gz is not in the cache and cannot be") as caught:
        load("cifar10")
    assert "Pool" not in str(caught.value)
    assert "\n" not in str(caught.value)
    # The twin: a file that came and is another one is bad data, not a missing network.
    monkeypatch.setattr(pooch, "retrieve", lambda *_, **__: (_ for _ in ()).throw(ValueError("SHA256 hash")))
    with pytest.raises(ValueError, match="SHA256"):
        load("cifar10")


def traversal(folder: Path) -> dict:
    members = {"../outside/data_batch_1.bin": records(*patches(2, 0)), "x/test_batch.bin": records(*patches(2, 1))}
    return {"path": write_archive(folder / "evil.tar.gz", members)}


def absolute(folder: Path) -> dict:
    return {"path": write_archive(folder / "evil.tar.gz", {"/etc/data_batch_1.bin": b"x"})}


def link(folder: Path) -> dict:
    with tarfile.open(folder / "link.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("c/data_batch_1.bin")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    return {"path": folder / "link.tar.gz"}


def truncated(folder: Path) -> dict:
    whole = cifar10(folder / "whole.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    return {"path": folder / "cut.tar.gz"}


def half_a_record(folder: Path) -> dict:
    members = {f"c/{n}.bin": records(*patches(2, 0))[:-7] for n in ("data_batch_1", "test_batch")}
    return {"path": write_archive(folder / "odd.tar.gz", members)}


def bomb(folder: Path) -> dict:
    info = tarfile.TarInfo("c/data_batch_1.bin")
    info.size = 1 << 40
    (folder / "bomb.tar").write_bytes(info.tobuf() + bytes(1024))
    return {"path": folder / "bomb.tar"}


@functools.cache
def _bomb(folder: Path) -> Path:
    members = {"c/readme.txt": bytes(archive.MAX_BYTES // 2), "c/data_batch_1.bin": bytes(archive.MAX_BYTES // 2 + 1)}
    return write_archive(folder / "bomb.tar.gz", members)  # a few hundred kB


def gz_bomb(folder: Path) -> dict:
    return {"path": _bomb(folder.parent)}  # packing it takes seconds, so it is made once


def twice(folder: Path) -> dict:
    with tarfile.open(folder / "twice.tar.gz", "w:gz") as file:
        for name in ("c/data_batch_1.bin", "c/test_batch.bin", "d/data_batch_1.bin"):
            content = records(*patches(2, 0))
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return {"path": folder / "twice.tar.gz"}


def twice_in_a_folder(folder: Path) -> dict:
    for name in ("a/data_batch_1.bin", "a/test_batch.bin", "b/test_batch.bin"):
        (folder / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "f" / name).write_bytes(records(*patches(2, 0)))
    return {"path": folder / "f"}


def folder_for_a_file(folder: Path) -> dict:
    (folder / "f" / "data_batch_1.bin").mkdir(parents=True)
    return {"path": folder / "f"}


def not_an_archive(folder: Path) -> dict:
    (folder / "data.pkl").write_bytes(pickle.dumps({"data": [1, 2, 3]}))
    return {"path": folder / "data.pkl"}


def wrong_checksum(folder: Path) -> dict:
    return {"path": cifar10(folder / "a.tar.gz"), "sha256": "0" * 64}


def wrong_label(folder: Path) -> dict:
    images, labels = patches(2, 0)
    members = {f"c/{n}.bin": records(images, labels + 20) for n in ("data_batch_1", "test_batch")}
    return {"path": write_archive(folder / "l.tar.gz", members)}


HOSTILE = {
    "points outside it": traversal,
    r"points outside it \('/etc": absolute,
    "link or a device": link,
    "damaged": truncated,
    "whole number of records": half_a_record,
    "at most": bomb,
    "bomb.tar.gz unpacks to 2684354": gz_bomb,
    "holds 'data_batch_1.bin' twice": twice,
    "holds 'test_batch.bin' twice": twice_in_a_folder,
    "'data_batch_1.bin' is a folder": folder_for_a_file,
    "no tar archive": not_an_archive,
    "expected 0000": wrong_checksum,
    "a label is 2": wrong_label,
    "there is no data set": lambda folder: {"path": folder / "nothing"},
    "no such file": lambda folder: {"path": write_archive(folder / "e.tar.gz", {"readme.txt": b"hello"})},
    "the data set is one of": lambda folder: {"name": "mnist"},
    "pool is 1, 2 or 4": lambda folder: {"pool": 3},
}


@pytest.mark.parametrize("message", HOSTILE)
def test_what_is_not_a_sound_archive_is_refused_in_one_line(message, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load(**HOSTILE[message](tmp_path))
    assert "\n" not in str(caught.value)
    assert not (tmp_path.parent / "outside").exists()


def test_a_bomb_is_refused_before_it_is_unpacked_in_memory(tmp_path: Path) -> None:
    path = gz_bomb(tmp_path)["path"]
    assert path.stat().st_size < archive.MAX_BYTES / 100
    tracemalloc.start()
    with pytest.raises(ValueError, match="refused"):
        load(path=path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The headers alone decide: what is held is a block of the decompressor and the tar header, far below 16 MB.
    assert peak < 16e6


def test_a_channel_of_one_colour_stays_at_zero(tmp_path: Path) -> None:
    images, labels = patches(8, 0)
    images[:, 1] = 77
    members = {f"c/{n}.bin": records(images, labels) for n in ("data_batch_1", "test_batch")}
    found = load(path=write_archive(tmp_path / "flat.tar.gz", members))
    x = normalised(found.train.images, found.mean, found.std, torch.float32)
    assert torch.equal(x[:, 1], torch.zeros_like(x[:, 1]))
    assert float(x[:, 0].std()) == pytest.approx(1.0, abs=1e-3)  # 32,768 pixels: n - 1 for n is 2e-5
    run = Run(TrainConfig(model="small-cnn", width=2, batch_size=8, epochs=1), found, "cpu")
    run.epoch()
    assert not run.diverged


def test_the_source_names_what_it_came_from(tmp_path: Path, monkeypatch) -> None:
    path = cifar10(tmp_path / "mine.tar.gz")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load(path=path).source.startswith(f"cifar10 from mine.tar.gz ({digest[:16]}), 128 training")
    assert load(path=path).sha256 == digest
    monkeypatch.setitem(archive.KNOWN, digest, "CIFAR-10, JPEG copies")
    assert load(path=path).source.startswith("CIFAR-10, JPEG copies (")


def test_a_checksum_that_is_right_is_accepted(tmp_path: Path) -> None:
    archive = cifar10(tmp_path / "a.tar.gz")
    load(path=archive, sha256=hashlib.sha256(archive.read_bytes()).hexdigest())


def test_every_crop_is_a_window_of_the_padded_image_or_its_mirror() -> None:
    images = torch.from_numpy(patches(8, 0)[0])
    out = augmented(images, torch.Generator().manual_seed(0), padding=2)
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2))
    seen = set()
    for before, after in zip(padded, out, strict=True):
        windows = {
            (dy, dx, flip): window.flip(-1) if flip else window
            for dy in range(5)
            for dx in range(5)
            for flip in (False, True)
            for window in [before[:, dy : dy + 32, dx : dx + 32]]
        }
        fits = [key for key, window in windows.items() if torch.equal(window, after)]
        assert len(fits) >= 1
        seen.update(fits)
    # 32 images fall into 50 windows: all on one would be a broken generator; both mirrors and several shifts occur.
    assert {flip for _, _, flip in seen} == {False, True}
    assert len({(dy, dx) for dy, dx, _ in seen}) > 5


def test_normalisation_and_batches() -> None:
    images = torch.from_numpy(patches(8, 0)[0])
    mean, std = images.double().mean((0, 2, 3), keepdim=True), images.double().std((0, 2, 3), keepdim=True)
    x = normalised(images, mean, std, torch.float64)
    assert abs(float(x.mean())) < 1e-12
    assert float(x.std()) == pytest.approx(1.0, abs=1e-3)  # pooled over channels
    assert [b.tolist() for b in batches(torch.arange(7), 3)] == [[0, 1, 2], [3, 4, 5]]


def test_nothing_in_the_loader_can_unpickle() -> None:
    for module in (archive, data):
        source = Path(module.__file__).read_text()
        assert "pickle" not in source.replace("unpickled", "")
        assert "torch.load" not in source
        assert not hasattr(module, "pickle")
