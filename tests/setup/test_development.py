"""The set-up that CONTRIBUTING.md documents, in a bare environment: what it says is run, as it stands."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.search(r"## Set up\n\n((?:    .*\n)+)", (ROOT / "CONTRIBUTING.md").read_text())[1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """The files as they are now, without what git ignores, set up by the documented commands."""
    if shutil.which("python3.11") is None:
        pytest.fail("the documented commands begin with python3.11")
    folder = tmp_path_factory.mktemp("checkout") / "saddlecheck"
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file() or (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("PIP_CONSTRAINT", "PYTHON", "VIRTUAL_ENV", "TOX"))
    }
    script = "set -e\n" + COMMANDS
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder


def python(checkout: Path, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [str(checkout / ".venv/bin/python"), "-c", code]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_the_documented_commands_work(checkout, tmp_path):
    assert python(checkout, "from saddlecheck import SAM, check", tmp_path).stderr == ""


def test_the_folders_are_not_importable_by_their_own_names(checkout, tmp_path):
    assert "No module named 'theory'" in python(checkout, "import theory", tmp_path).stderr


def test_a_new_file_is_seen_without_another_installation(checkout, tmp_path):
    (checkout / "theory" / "written_later.py").write_text("FOUND = 'yes'\n")
    done = python(checkout, "from saddlecheck.theory.written_later import FOUND; print(FOUND)", tmp_path)
    assert done.stdout == "yes\n", done.stderr


def test_mypy_finds_a_planted_error(checkout):
    planted = checkout / "numerics" / "planted.py"
    planted.write_text('"""Planted."""\n\nfrom saddlecheck.numerics import checks\n\nNAME: int = checks.__name__\n')
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MYPY"))}
    command = [str(checkout / ".venv/bin/mypy"), "-m", "saddlecheck.numerics.planted"]
    done = subprocess.run(command, cwd=checkout, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "planted.py:5" in done.stdout
    assert "Incompatible types in assignment" in done.stdout
