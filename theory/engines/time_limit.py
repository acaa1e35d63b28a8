"""Time limits: for calls in a process of their own, and for work in this one."""

import gc
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import saddlecheck
from saddlecheck.theory.errors import GaveUp, TimedOut

P = ParamSpec("P")
R = TypeVar("R")
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from saddlecheck.theory.engines.time_limit import answer; answer()"
)
_AGAIN = 0.25  # seconds until an interruption that was suppressed is repeated


@contextmanager
def until(deadline: float | None) -> Iterator[None]:
    """Interrupt the block when time.monotonic() passes the deadline: SymPy looks at no clock.

    Python can interrupt itself in the main thread only; elsewhere just the places that look at the clock stop.

    Raises:
        TimedOut: the deadline has passed.
    """
    main = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    if deadline is None or not main:
        yield
        return
    if time.monotonic() >= deadline:
        raise TimedOut

    rung: list[float] = []

    def stop(_signal: int, frame: FrameType | None) -> None:
        rung.append(time.monotonic())
        if not _untouchable(frame):  # the alarm comes again
            raise TimedOut

    handler = signal.signal(signal.SIGALRM, stop)
    before, interval = signal.setitimer(signal.ITIMER_REAL, max(1e-3, deadline - time.monotonic()), _AGAIN)
    start = time.monotonic()
    try:
        yield
    except Exception as error:
        if rung:  # a library, ctypes for one, made an exception of its own of the interruption
            raise TimedOut from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if before:  # an alarm that was set outside
            signal.setitimer(signal.ITIMER_REAL, max(1e-3, before - (time.monotonic() - start)), interval)


def _untouchable(frame: FrameType | None) -> bool:
    """Whether an import is under way (half a module would stay behind), or code that reports exceptions and goes on.

    That is what finalisers and callbacks of the garbage collector do, and objects of z3's that were half made at their
    end.

    Returns:
        True where an exception raised now would be lost or would do harm.
    """
    collecting = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in collecting:
            return True
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if module in ("importlib", "weakref", "z3") or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def within(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Value of function(*args, **kwargs), a module's own function; raises GaveUp when it takes longer."""
    call = pickle.dumps((function, args, kwargs))
    root = str(Path(str(saddlecheck.__file__)).parents[1])
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, root], input=call, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise GaveUp(f"no answer within {seconds:g} seconds") from None
    if done.returncode != 0:
        raise GaveUp("the computation ran out of memory or was stopped")
    # The bytes come from our own child, started above, over its own pipe.
    outcome: Any = pickle.loads(done.stdout)
    if isinstance(outcome, Exception):
        raise outcome
    value: R = outcome
    return value


def answer() -> None:
    """The child's side: read a call from stdin, write its value (or the exception it raised) to stdout."""
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())
    try:
        outcome = function(*args, **kwargs)
    except Exception as error:
        outcome = error
    sys.stdout.buffer.write(pickle.dumps(outcome))
