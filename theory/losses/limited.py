"""A call in a process of its own, stopped after a time limit: exact algebra has no natural place to look at a clock."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from theory.losses.ideal import GaveUp

P = ParamSpec("P")
R = TypeVar("R")
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from theory.losses.limited import answer; answer()"


def within(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Value of function(*args, **kwargs), a module's own function; raises GaveUp when it takes longer."""
    call = pickle.dumps((function, args, kwargs))
    root = str(Path(__file__).resolve().parents[1])
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
