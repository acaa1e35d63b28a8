"""Python files of the user's: run as the user's own program; what goes wrong in one is one line with file and line."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
import tokenize
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from saddlecheck.theory.engines.time_limit import until
from saddlecheck.theory.errors import MalformedClaim, TimedOut
from saddlecheck.verification import process_state
from saddlecheck.verification.errors import BadUserFile

SECONDS = 60.0  # for a file to end, on the clock of `_file_clock`
_GRACE = 20.0  # seconds more for a file that catches its interruption; then the process of a command ends
_PATIENCE = 5.0  # by what factor other programs may slow a file down at most


def named(word: str) -> tuple[Path, str] | None:
    """The file and the name in it, if a word of the command line is FILE.py or FILE.py:NAME."""
    path, colon, name = word.rpartition(":")
    if colon and path.endswith(".py") and name.isidentifier():
        return Path(path), name
    return (Path(word), "") if word.endswith(".py") else None


def source(path: Path) -> str:
    """Return the text of a file.

    Raises:
        BadUserFile: it cannot be read, or is no Python.
    """
    try:
        with tokenize.open(path) as file:
            text = file.read()
        compile(text, str(path), "exec", dont_inherit=True)
    except OSError as error:
        raise BadUserFile(f"{path} cannot be read ({error.strerror or error}); name a Python file.") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise BadUserFile(f"{path}:{line}: {getattr(error, 'msg', error)}; it is no Python.") from error
    return text


def run(path: Path, *, seconds: float = SECONDS) -> dict[str, Any]:
    """The names that a file defines, run with its folder first on the path, as Python does it.

    Args:
        path: the file. What it prints goes to stderr.
        seconds: of computing, after which it is interrupted.

    Returns:
        Name -> value.

    Raises:
        BadUserFile: it cannot be read, fails, exits or does not end.
    """
    code = compile(source(path), str(path), "exec", dont_inherit=True)
    module = types.ModuleType("saddlecheck_file_" + re.sub(r"\W", "_", path.stem))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    with guarded(path, seconds):
        exec(code, module.__dict__)  # the user's own program, which is what this is for
    return module.__dict__


@contextlib.contextmanager
def guarded(path: Path, seconds: float = SECONDS) -> Iterator[None]:
    """Code of a file is run in the block: its folder is on the path, its errors, exits and endless loops are one line.

    What it changes in the process is put back. If it catches the interruption and goes on, the process of a command
    ends with that line; in any other process the interruption comes again until it ends.

    Args:
        path: the file.
        seconds: of computing, after which it is interrupted; after five times as many by the clock on the wall.

    Raises:
        BadUserFile: it fails, exits or does not end.
        KeyboardInterrupt: the user stopped it.
    """
    folder = str(path.resolve().parent)
    late = f"it did not end within {seconds:g} seconds"
    clock = _file_clock()
    try:
        ended = _ended(clock, seconds + _GRACE, f"{path}:1: {late}; take out what runs so long.")
        stopped = until(seconds, clock)
        with process_state.put_back(), contextlib.redirect_stdout(sys.stderr), _first_on_path(folder), ended, stopped:
            yield
    except TimedOut as error:
        line = line_of(error, path)
        raise BadUserFile(f"{path}:{line}: {late} and was here; take out what runs so long.") from error
    except SystemExit as error:
        raise BadUserFile(
            f"{path}:{line_of(error, path)}: it exits ({error.code}); it must define what is asked for and end."
        ) from error
    except KeyboardInterrupt:
        raise  # the user's own
    except BaseException as error:  # a file may raise what is no Exception
        kind = "" if isinstance(error, MalformedClaim) else type(error).__name__
        said = ": ".join(filter(None, (kind, _words(error))))
        raise BadUserFile(f"{path}:{line_of(error, path)}: {said}") from error


@contextlib.contextmanager
def _first_on_path(folder: str) -> Iterator[None]:
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the file may have taken it off itself
            sys.path.remove(folder)


def _words(error: BaseException) -> str:
    """What an error says, on one line; nothing if it cannot say it."""
    try:
        return " ".join(str(error).split())
    except Exception:
        return ""


def _file_clock() -> Callable[[], float]:
    """Return a running clock of what a file costs, in seconds.

    It shows what the process has computed: how long a file takes by the clock on the wall depends on what else the
    machine does. It is never faster than that clock, so that several threads count once, and never slower than a
    fifth of it, so that a file that sleeps or waits comes to its end.
    """
    started, computed = time.monotonic(), time.process_time()

    def clock() -> float:
        passed = time.monotonic() - started
        return max(min(time.process_time() - computed, passed), passed / _PATIENCE)

    return clock


@contextlib.contextmanager
def _ended(clock: Callable[[], float], seconds: float, message: str) -> Iterator[None]:
    """End the process of a command with one line after some seconds: a program can catch all that would stop it."""
    over = threading.Event()

    def watch() -> None:
        while (left := seconds - clock()) > 0:
            if over.wait(left):
                return
        os.write(2, f"saddlecheck: {message}\n".encode())
        process_state.end(2)

    if process_state.of_a_command:
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def line_of(error: BaseException, path: Path) -> int:
    """The last line of the file itself that was being run."""
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
