"""The script that counts private module-level names sees what it counts, and nothing else."""

import runpy
import subprocess
import sys
from pathlib import Path

from saddlecheck.theory import papers

SCRIPT = Path(__file__).parents[2] / "tools" / "count_names.py"
MODULE = """
__all__ = ["public"]
_one = 1
_two, (_three, four) = 2, (3, 4)
_five: int = 5
public = _one


def _function():
    _local = 6
    return [_item for _item in (_one, _local)]
"""


def test_assigned_private_names_are_counted():
    private_names = runpy.run_path(str(SCRIPT))["private_names"]
    assert list(private_names(MODULE)) == ["_one", "_two", "_three", "_five"]


def test_a_folder_is_summed_up(tmp_path):
    (tmp_path / "a.py").write_text(MODULE)
    (tmp_path / "b.py").write_text("_x = 1\n")
    run = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["    4 a.py", "    1 b.py", "    5 in all"]


def test_what_is_no_folder_is_said_in_one_line(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "none")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "is no folder" in run.stderr


def test_claims_are_written_without_looking_names_up():
    """There were 638 before the formulas stood where they are used."""
    counted = runpy.run_path(str(SCRIPT))["counted"]
    claims = Path(papers.__file__).parent
    assert sum(sum(counted(claims / paper).values()) for paper in ("kim", "ours")) < 300
