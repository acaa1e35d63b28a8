"""What a user's program changes in the process does not change what comes after it."""

import builtins
import json
import os
import subprocess
import sys
import time
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
    assert err.splitlines()[1:] == ["saddlecheck: own.py:8: it exits (0); it must define what is asked for and end."]


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


def test_a_file_that_waits_for_the_machine_has_not_computed(tmp_path):
    """It sleeps, as one does that other programs hold up: 1.2 s by the wall are 0.24 s by its clock; it may take 1."""
    file = tmp_path / "patient.py"
    file.write_text("import time\ntime.sleep(1.2)\nended = True\n")
    assert user_file.run(file, seconds=1.0)["ended"]


def test_a_file_that_computes_is_interrupted_after_what_it_may_compute(tmp_path):
    file = tmp_path / "busy.py"
    file.write_text("import time\nwhile time.process_time():\n    pass\n")
    before = time.process_time()
    with pytest.raises(BadUserFile, match=r"busy\.py:[23]: it did not end within 1 seconds and was here"):
        user_file.run(file, seconds=1.0)
    # Alarms come every quarter of a second of the wall's clock, in which one thread computes no longer than that; what
    # guards the block (threads, outputs, the traceback) has half a second.
    assert 1.0 <= time.process_time() - before < 1.75


def test_threads_of_a_file_count_once(monkeypatch):
    """Two cores compute 2 s in one: the clock shows one."""
    monkeypatch.setattr(time, "process_time", iter((0.0, 2.0)).__next__)
    monkeypatch.setattr(time, "monotonic", iter((0.0, 1.0)).__next__)
    assert user_file._file_clock()() == 1.0


CATCHES = """
tries = 0
while tries < {}:
    try:
        while True:
            pass
    except BaseException as error:
        caught = error
        tries += 1
raise caught
"""


def test_a_process_that_is_no_commands_outlives_a_file_that_catches_its_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr(user_file, "_GRACE", 0.1)  # over before the third interruption, a quarter of a second apart
    file = tmp_path / "stubborn.py"
    file.write_text(CATCHES.format(3))
    with pytest.raises(BadUserFile, match=r"stubborn\.py:\d+: it did not end within 0\.2 seconds"):
        user_file.run(file, seconds=0.2)


@pytest.mark.parametrize("verb", ["check {}", "analyse x**2 --optimiser {}:rule"])
def test_the_process_of_a_command_ends_with_one_line(tmp_path, verb):
    (tmp_path / "stubborn.py").write_text(CATCHES.format("1e9"))
    code = (
        "from saddlecheck.verification import user_file\n"
        "user_file.SECONDS, user_file._GRACE = 0.5, 0.5\n"
        "from saddlecheck.verification.cli.main import main\n"
        "main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *verb.format("stubborn.py").split()], cwd=tmp_path, capture_output=True,
        text=True, check=False, timeout=100,
    )  # fmt: skip
    assert run.returncode == 2
    said = [line for line in run.stderr.splitlines() if "is run as your own program" not in line]
    assert said == ["saddlecheck: stubborn.py:1: it did not end within 0.5 seconds; take out what runs so long."]
