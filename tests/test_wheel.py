"""What is installed is what is meant to be: four packages with their data, and nothing of the tests."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling (it is in the tests group)")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_the_four_packages_and_nothing_else(names):
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"theory", "numerics", "nets", "verification"}


def test_every_source_file_is_in(names):
    sources = {str(p.relative_to(ROOT)) for d in ("theory", "numerics", "nets", "verification")
               for p in (ROOT / d).rglob("*.py")}  # fmt: skip
    assert sources <= set(names)


@pytest.mark.parametrize(
    "needed",
    [
        "theory/py.typed",
        "verification/py.typed",
        "verification/ledger/pinned.toml",
        "verification/site/templates/claim.md.jinja",
    ],
)
def test_data_files_are_in(names, needed):
    assert needed in names


def test_licence_and_command_are_in(names):
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("entry_points.txt") for name in names)
