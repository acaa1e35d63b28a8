"""What a user's program changes in the process does not change what comes after it."""

import builtins
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from saddlecheck.verification import process_state, user_file
from saddlecheck.verification.errors import BadUserFile

PAPER = """
from saddlecheck import Claim
from saddlecheck.theory import BEYOND
from saddlecheck.theory.symbols import real
x = real("x")
P = (Claim("a", "T", BEYOND, "S.", x > 0, voice="ours"),)
"""


def checked(folder: Path, program: str) -> tuple[int, list[str], str]:
    """Exit code, lines of stdout and stderr of `check --json` on a file with one claim and a program after it."""
    (folder / "own.py").write_text(PAPER + program)
    code = "from saddlecheck.verification.cli.main import main; main()"
    arguments = ["check", "own.py", "--json", "--jobs", "1", "--no-numeric"]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"SADDLECHECK_CACHE": str(folder / "cache")},
    )  # fmt: skip
    return run.returncode, run.stdout.splitlines(), run.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import os\nos.write(1, b'raw')\nos.system('echo shell')\n",
        "import os\nif os.fork() == 0:\n    print('a child')\n",
        "import os\nos.close(1)\n",
        "import sys\nsys.path.clear()\n",
        "import builtins\nbuiltins.len = lambda _: 42\n",
        "import os\nos.mkdir('elsewhere')\nos.chdir('elsewhere')\n",
    ],
    ids=[
        "writes to descriptors",
        "forks",
        "closes stdout",
        "empties the path",
        "renames builtins",
        "leaves the folder",
    ],
)
def test_the_verdict_of_its_claim_is_printed_once_and_lies_where_the_command_was_given(tmp_path, program):
    code, out, err = checked(tmp_path, program)
    assert code == 0, err
    assert [json.loads(line)["id"] for line in out] == ["a"]
    assert (tmp_path / "report" / "own" / "a.json").is_file()


def test_a_program_that_leaves_at_once_is_said_to_exit_and_checks_nothing(tmp_path):
    code, out, err = checked(tmp_path, "import os\nos._exit(0)\n")
    assert (code, out) == (2, [])
    assert err.splitlines()[1:] == ["saddlecheck: own.py:8: it exits (0); it is to define what is asked for, and end."]


def test_an_error_that_cannot_say_itself_is_named_by_its_kind(tmp_path):
    file = tmp_path / "mute.py"
    file.write_text("class Mute(Exception):\n    def __str__(self):\n        raise ValueError\n\nraise Mute\n")
    with pytest.raises(BadUserFile, match=r"mute\.py:5: Mute$"):
        user_file.run(file)


def test_what_a_program_adds_stays():
    """Its functions may need it when they are called."""
    folder = "/a/folder/that/is/not/there"
    try:
        with process_state.put_back():
            sys.path.append(folder)
            builtins.added_by_a_program = 1
            del builtins.sorted
        assert folder in sys.path
        assert builtins.added_by_a_program == 1
        assert sorted([2, 1]) == [1, 2]
        assert os._exit is process_state.end
    finally:
        sys.path.remove(folder)
        del builtins.added_by_a_program
