"""A loss: an exact formula that can be asked for all its critical points."""

from saddlecheck.theory.critical.critical import critical_points
from saddlecheck.theory.critical.critical_set import Box, CriticalSet
from saddlecheck.theory.critical.objective import Objective


class Loss(Objective):
    """A real function of real variables, held exactly, with all its critical points.

    Made from a SymPy expression or from text such as "x**2 - y**2"; see `saddlecheck.theory.critical.objective`.
    """

    def critical_points(self, box: Box | None = None, timeout: float | None = None) -> CriticalSet:
        """All real critical points, with certificates where possible; see `saddlecheck.theory.critical.critical`.

        box: one (low, high) pair a variable, searched where elimination does not apply (default [-10, 10] each).
        timeout: seconds; afterwards what is found so far is returned with complete=False.
        """
        return critical_points(self, box=box, timeout=timeout)
