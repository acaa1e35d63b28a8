"""A loss: an exact formula that can be asked for all its critical points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck.theory.critical.objective import Objective

if TYPE_CHECKING:
    from saddlecheck.theory.critical.critical_set import Box, CriticalSet


class Loss(Objective):
    """A real function of real variables, held exactly, with all its critical points.

    Every symbol is real and signless: assumptions of symbols handed in are dropped, and floats become the decimals they
    print as. `undecided` holds the constants of the formula that could not be told from zero.

    Args:
        expr: a SymPy expression, or text such as "x**2 - y**2" (read by a whitelist, never evaluated).
        variables: their order; by default sorted by name, numbers as numbers (w2 before w10).
        name: for reports.
        domain: where the formula has a value and is smooth, in addition to what it says itself.

    Raises:
        BadLoss: what is not a finite real formula in at least one variable.

    Example:
        >>> from saddlecheck.theory import Loss
        >>> loss = Loss("x**2 - y**2")
        >>> print(loss.hessian)
        Matrix([[2, 0], [0, -2]])
        >>> found = loss.critical_points()
        >>> [(point.location, point.index) for point in found], found.complete
        ([((0.0, 0.0), 1)], True)
    """

    def critical_points(self, box: Box | None = None, timeout: float | None = None) -> CriticalSet:
        """All real critical points, with certificates where possible; see `saddlecheck.theory.critical.critical`.

        Args:
            box: one (low, high) pair a variable, searched where elimination does not apply (default [-10, 10] each).
            timeout: seconds; afterwards what is found so far is returned with complete=False.

        Returns:
            Points by value, components, and whether they are all.
        """
        from saddlecheck.theory.critical.critical import critical_points  # it imports FLINT

        return critical_points(self, box=box, timeout=timeout)
