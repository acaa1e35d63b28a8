"""What is installed is what is meant to be: one package with its data, and nothing of the tests."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "numerics", "nets", "verification")


def built(kind: str, source: Path, folder: Path) -> Path:
    """The wheel or sdist that hatchling makes of a source folder."""
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling (it is in the tests group)")
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_one_package_and_nothing_else(names):
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"saddlecheck"}


def test_every_source_file_is_in(names):
    sources = {f"saddlecheck/{p.relative_to(ROOT)}" for d in PACKAGES for p in (ROOT / d).rglob("*.py")}
    assert sources | {"saddlecheck/__init__.py", "saddlecheck/_lazy.py"} <= names


@pytest.mark.parametrize(
    "needed",
    [
        "py.typed",
        "verification/ledger/pinned.toml",
        "verification/site/web/explorer.html",
        "verification/site/templates/claim.md.jinja",
    ],
)
def test_data_files_are_in(names, needed):
    assert f"saddlecheck/{needed}" in names


def test_licence_and_command_are_in(names):
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("entry_points.txt") for name in names)


def test_a_wheel_made_from_the_sdist_is_the_same(names, tmp_path):
    """src/ holds links: a walk that follows each only once would lose a package on the way."""
    sdist = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = built("wheel", source, tmp_path / "wheel")
    assert set(zipfile.ZipFile(again).namelist()) == names


# The user's folder and the wheel come before all else; a checkout that is installed for development is left out.
PATH = "import os, sys; sys.path = ['', {wheel!r}, *(p for p in sys.path if p and not os.path.exists(p + '/theory'))]; "


def run(code: str, wheel: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    code = PATH.format(wheel=str(wheel)) + code
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_name_is_taken(wheel, package, tmp_path):
    done = run(f"import {package}", wheel, tmp_path)
    assert f"No module named '{package}'" in done.stderr


def test_folders_of_the_users_own_change_nothing(wheel, tmp_path):
    for package in (*PACKAGES, "docs"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise RuntimeError('the user\\'s own folder was imported')\n")
    code = "from saddlecheck import Loss, variance; print(Loss('x**2 - y**2').critical_points().points[0].kind)"
    done = run(code, wheel, tmp_path)
    assert done.stdout.strip() == "saddle", done.stderr
