"""The command line as a process of its own: terminals, folders, pipes and interrupts."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def from_the_shell(*arguments, **options):
    code = "from saddlecheck.verification.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("arguments", [("--help",), ("claims",), ("show", "exp-sign"), ("figure",)])
def test_a_terminal_that_knows_only_ascii_is_served(tmp_path, arguments):
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    found = from_the_shell(*arguments, env=os.environ | ascii_only | {"SADDLECHECK_CACHE": str(tmp_path)})
    assert found.returncode == 0, found.stderr
    assert found.stdout.isascii()


def test_a_folder_that_is_gone_is_said_in_one_line(tmp_path):
    (gone := tmp_path / "gone").mkdir()
    begin = f"import os; os.rmdir({str(gone)!r}); from saddlecheck.verification.cli.main import main; main()"
    found = subprocess.run(
        [sys.executable, "-P", "-c", begin, "check", "exp-sign"], cwd=gone, capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    assert found.stderr == "saddlecheck: the folder in which it was started is gone; change to one that is there.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has the device that is always full")
def test_standard_output_that_is_full_is_said_in_one_line(tmp_path):
    with Path("/dev/full").open("w") as full:
        command = [*COMMAND, "claims", "--section", "4.3"]
        found = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert found.returncode == 2
    assert found.stderr == (
        "saddlecheck: the output cannot be written (No space left on device); make room for it, or send it elsewhere.\n"
    )


COMMAND = [sys.executable, "-c", "from saddlecheck.verification.cli.main import main; main()"]


@pytest.mark.slow
def test_a_real_interrupt_keeps_what_was_finished(tmp_path):
    environment = {**os.environ, "SADDLECHECK_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [*COMMAND, "check", "--no-numeric", "--jobs", "2", "--report", str(tmp_path / "report")],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "cache").glob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever happened, nothing keeps running
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list((tmp_path / "cache").glob("*.json"))


def test_a_closed_pipe_is_no_error():
    shell = f"{sys.executable} -c 'from saddlecheck.verification.cli.main import main; main()' claims | head -n 1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_without_colour_and_on_a_narrow_terminal(tmp_path):
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "40", "SADDLECHECK_CACHE": str(tmp_path)}
    arguments = [*COMMAND, "check", "thm1", "--report", str(tmp_path / "report")]
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 40
