"""The script that counts the lines of claims leaves out what is there for a reader, and nothing else."""

import runpy
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "tools" / "count_claims.py"
CLAIM = """\
A = Claim(
    "a", "Title", PLACE, "Says.", x > 0,
    voice="paper", provenance="seen",
    display=Display(
        "x",
    ),
    given=(x > 1,),
    argument="One. "
    "Two.",
)
B = Claim("b", x > 0, voice="ours")
"""


def test_the_fields_for_a_reader_are_left_out():
    assert runpy.run_path(str(SCRIPT))["counted"](CLAIM) == (11, 5)


def test_the_lines_are_summed_by_paper(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.py").write_text(CLAIM)
    (tmp_path / "one" / "b.py").write_text("x = 1\n")
    run = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == "    12      6 one\n"
    command = [sys.executable, str(SCRIPT), str(tmp_path / "none")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
