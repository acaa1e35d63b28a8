"""What a program of the user's that runs inside this process may change in it, put back when it ends.

Nothing here stops a program that means harm: it may do all that its user may. It keeps an ordinary program, one that
writes to file descriptor 1, forks, empties the module path or leaves by `os._exit`, from changing what comes after it.
The folder in which the process is stays the program's choice: what it reads later may lie there.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

end: Callable[[int], NoReturn] = os._exit  # the process, at once; `os._exit` itself is replaced while a program runs
of_a_command = False  # whether the process is a command's own, which may end for what a program does; `main` says so


@contextlib.contextmanager
def put_back() -> Iterator[None]:
    """The module path, the builtins and the two outputs are after the block what they were before it.

    Within it `os._exit` raises SystemExit, and what is written to descriptor 1, by child processes too, goes where
    errors go. A child process that the block forks ends with the block.
    """
    process, names, path = os.getpid(), dict(vars(builtins)), [*sys.path]
    with contextlib.ExitStack() as undo:
        undo.callback(_restore, names, path)
        with contextlib.suppress(OSError, ValueError):  # closed before
            sys.stdout.flush()
        for descriptor in (1, 2):
            with contextlib.suppress(OSError):
                undo.callback(_reopen, descriptor, os.dup(descriptor))
        with contextlib.suppress(OSError):
            os.dup2(2, 1)

        def leave(status: int) -> NoReturn:
            if os.getpid() != process:
                end(status)
            raise SystemExit(status)

        os._exit = leave
        undo.callback(setattr, os, "_exit", end)
        try:
            yield
        finally:
            if os.getpid() != process:
                end(0)


def _restore(names: dict[str, object], path: list[str]) -> None:
    """What was there is there again; what a program added stays: its functions may need it when they are called."""
    vars(builtins).update(names)
    sys.path.extend(folder for folder in path if folder not in sys.path)


def _reopen(descriptor: int, saved: int) -> None:
    os.dup2(saved, descriptor)
    os.close(saved)
