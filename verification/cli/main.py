"""The command line. One line on stderr and exit code 2 for whatever a user can get wrong; never a traceback."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from saddlecheck.verification import process_state
from saddlecheck.verification.cli.verbs import Verbs

app = typer.Typer(
    name="saddlecheck",
    cls=Verbs,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
INTERRUPTED = 130
BAD_USAGE = 2
_ALLOCATIONS = 100_000  # between two collections of cycles


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("saddlecheck"))
        raise typer.Exit


@app.callback()
def saddlecheck(
    version: Annotated[  # its callback does it
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A machine-checked audit of the stability theory of sharpness-aware minimisation, and a tool for your loss."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0, 1 (a verdict moved), 2 (bad usage or input), 130 (interrupted)."""
    # What imports and formulas allocate lives until the end: to walk it every 700 objects, and once more at the end to
    # give back what the system takes back by itself, costs a command on one claim a quarter of its time.
    gc.set_threshold(_ALLOCATIONS)
    atexit.register(gc.freeze)
    process_state.of_a_command = True
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    command = typer.main.get_command(app)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without a sign shows its code, and the command goes on
            stream.reconfigure(errors="backslashreplace")
    try:
        result = command.main(list(arguments), prog_name="saddlecheck", standalone_mode=False)
    except SystemExit:
        return 0  # the parser's answer to a closed pipe: the reader of the output has ended
    except Exception as error:
        # The boundary of the program: what a user can get wrong becomes one line, anything else is a bug and is seen.
        kind = type(error).__name__
        if kind == "NoArgsIsHelpError":
            return BAD_USAGE
        if kind == "Abort":
            return _say("interrupted.", INTERRUPTED)
        usage = getattr(error, "format_message", None)  # the command-line parser's own errors
        if usage is not None:
            asked = getattr(getattr(error, "ctx", None), "command_path", command.name)
            return _say(f"{_sentence(usage())} See `{asked} --help`.", BAD_USAGE)
        if isinstance(error, OSError) and not _has_folder():
            return _say("the folder in which it was started is gone; change to one that is there.", BAD_USAGE)
        if isinstance(error, (ValueError, OSError)):
            return _say(" ".join(_said(error).split()), BAD_USAGE)
        raise
    if result == INTERRUPTED:
        return _say("interrupted. What was finished is kept; the same command goes on from there.", INTERRUPTED)
    return int(result or 0)


def _sentence(message: str) -> str:
    words = " ".join(message.split())
    return words if words.endswith(".") else f"{words}."


def _said(error: Exception) -> str:
    """The message of an error; of what the system says about a file, what, why and what to do."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    if error.filename is None:  # of a stream, as standard output
        return f"the output cannot be written ({error.strerror}); make room for it, or send it elsewhere."
    if isinstance(error, FileExistsError):
        return f"{error.filename} is there and no folder; name another place."
    return f"{error.filename} cannot be used ({error.strerror}); see that it can be read or written, or name another."


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _say(message: str, code: int) -> int:
    print(f"saddlecheck: {message}", file=sys.stderr)
    return code
