"""The package's own promises: torch is loaded on demand, and its absence is explained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from saddlecheck import nets

ROOT = Path(__file__).parents[2]


def test_importing_nets_does_not_import_torch() -> None:
    code = "import sys; from saddlecheck.nets import contrast, record; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_without_torch_its_names_say_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from saddlecheck import nets\n"
        "try:\n    nets.SAM\nexcept ImportError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "SAM needs torch: pip install 'saddlecheck[nets]'" in done.stdout


def test_the_names_are_there() -> None:
    assert nets.SAM.__name__ == "SAM"
    assert nets.Monitor.__name__ == "Monitor"
    with pytest.raises(AttributeError, match="no attribute"):
        nets.Adam  # noqa: B018  reading the name is the test
