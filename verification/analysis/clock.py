"""When to stop: a deadline is a reading of the monotonic clock, None for no limit."""

from __future__ import annotations

import time

LATE = "time ran out before it was judged; give a longer timeout."


def over(deadline: float | None) -> bool:
    """Whether it has passed."""
    return deadline is not None and time.monotonic() > deadline


def left(deadline: float | None) -> float | None:
    """Seconds until then, at least a hundredth; None for no limit."""
    return None if deadline is None else max(deadline - time.monotonic(), 0.01)
