"""All real critical points of a loss, and how much of "all" is proved.

Polynomial and rational losses: the gradient's numerators generate an ideal.  Where its complex zeros are finitely
many, elimination lists every real one: three counts have to agree (Arb's isolation, SymPy's exact count, the
signature of Hermite's form) and Krawczyk's test on the gradient itself confirms each simple point.  A large system
is settled by counting instead (`saddlecheck.theory.critical.zero_count`).  Where there are infinitely many, the zero
set is split into components (`saddlecheck.theory.critical.components`).  Other losses: subdivision of a box
(`saddlecheck.theory.critical.box_search`), and where that gives up, a numerical search that says so
(`saddlecheck.theory.critical.multistart`).

A loss with abs, relu, max or min is treated piece by piece (`saddlecheck.theory.critical.smooth_pieces`).  Each zero of
the gradient is held against the conditions that the formula as written puts on a point
(`saddlecheck.theory.critical.domain`).
"""

from math import isfinite

from saddlecheck.theory.critical.critical_set import Box, CriticalSet
from saddlecheck.theory.critical.objective import Objective
from saddlecheck.theory.critical.search import Hunt
from saddlecheck.theory.errors import BadLoss

DEFAULT_RANGE = (-10.0, 10.0)


def critical_points(loss: Objective, *, box: Box | None = None, timeout: float | None = None) -> CriticalSet:
    """Critical points of a loss, certified wherever an engine can.

    Args:
        loss: a formula with its variables and domain.
        box: searched where elimination does not apply, one (low, high) a variable; default [-10, 10] each.
        timeout: seconds; then the result is what was found so far, with complete=False.

    Returns:
        Points by value, components, and whether they are all.

    Raises:
        BadLoss: for a box or timeout that makes no sense.
    """
    region = _checked_box(loss, box)
    if timeout is not None and not timeout > 0:
        raise BadLoss(f"the timeout is {timeout} seconds, but has to be positive.")
    return Hunt(loss, region, timeout).result()


def _checked_box(loss: Objective, box: Box | None) -> tuple[tuple[float, float], ...]:
    n = len(loss.variables)
    region = tuple((float(low), float(high)) for low, high in (box or [DEFAULT_RANGE] * n))
    if len(region) != n:
        raise BadLoss(f"the box has {len(region)} ranges, the loss {n} variables; give one range a variable.")
    for v, (low, high) in zip(loss.variables, region, strict=True):
        if not (low < high and isfinite(low) and isfinite(high)):
            raise BadLoss(f"the range [{low}, {high}] of {v} is empty or not finite; give low < high.")
    return region
