"""Time limits: for calls in a process of their own, and for work in this one."""

import gc
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import saddlecheck
from saddlecheck.theory.engines.solver_process import alarms_held_back
from saddlecheck.theory.errors import GaveUp, TimedOut

P = ParamSpec("P")
R = TypeVar("R")
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from saddlecheck.theory.engines.time_limit import answer; answer()"
)
_AGAIN = 0.25  # seconds until an interruption that was suppressed is repeated


class until:  # noqa: N801  used as a word of the language: with until(deadline)
    """Interrupt the block when a clock, time.monotonic() if no other, passes the deadline: SymPy looks at no clock.

    Python can interrupt itself in the main thread only; elsewhere just the places that look at the clock stop. A
    deadline of None is none. Another clock may be slower than the wall's and stand still, but not be faster.

    A class, and no generator: the interruption must not fall between the end of the block and the line that disarms
    it, or it would ring on in code that knows nothing of it. Both methods are known by their frames.

    Raises:
        TimedOut: the deadline has passed.
    """

    def __init__(self, deadline: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        main = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
        self.deadline = deadline if main else None
        self.clock = clock
        self.rung = False

    def __enter__(self) -> None:
        if self.deadline is None:
            return
        left = self.deadline - self.clock()
        if left <= 0:
            raise TimedOut
        self.start = time.monotonic()
        self.handler = signal.signal(signal.SIGALRM, self._stop)
        self.before, self.interval = signal.setitimer(signal.ITIMER_REAL, max(1e-3, left), _AGAIN)
        self.rung = False  # what rang until here was set outside

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self.deadline is None:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.handler)
        if self.before:  # an alarm that was set outside
            left = self.before - (time.monotonic() - self.start)
            signal.setitimer(signal.ITIMER_REAL, max(1e-3, left), self.interval)
        # A library, ctypes for one, may have made an exception of its own of the interruption.
        if self.rung and isinstance(error, Exception) and not isinstance(error, TimedOut):
            raise TimedOut from error

    def _stop(self, _signal: int, frame: FrameType | None) -> None:
        if self.deadline is None or self.clock() < self.deadline:  # a slow clock is asked again
            return
        self.rung = True
        if not _untouchable(frame):  # the alarm comes again
            raise TimedOut


def _untouchable(frame: FrameType | None) -> bool:
    """Return whether an exception raised now would be lost or do harm.

    So it would while a limit is set or lifted, while a module is imported (half of it would stay behind), in finalisers
    and callbacks of the garbage collector, and in objects of z3's that were half made at their end: these report
    exceptions and go on.
    """
    collecting = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in collecting or frame.f_code in _OF_LIMITS:
            return True
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if module in ("importlib", "weakref", "z3") or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


_OF_LIMITS = (until.__enter__.__code__, until.__exit__.__code__)


def within(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Value of function(*args, **kwargs), a module's own function; raises GaveUp when it takes longer."""
    call = pickle.dumps((function, args, kwargs))
    root = str(Path(str(saddlecheck.__file__)).parents[1])
    try:
        with alarms_held_back():  # the child has a limit of its own, and an alarm could leave it running
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, root], input=call, capture_output=True, timeout=seconds, check=False
            )
    except subprocess.TimeoutExpired:
        raise GaveUp(f"no answer within {seconds:.3g} seconds") from None
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
