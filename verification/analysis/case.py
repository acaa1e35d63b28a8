"""What rulings are about: one loss at given settings, with what is known of its critical points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.settings import AnalysisSettings


@dataclass
class Case:
    """A loss, the settings of the optimisers, and how long there is.

    Attributes:
        deadline: on time.monotonic's clock, None for no limit.
        places: of the critical points that are known.
    """

    loss: Loss
    settings: AnalysisSettings
    deadline: float | None = None
    places: tuple[tuple[float, ...], ...] = ()

    @cached_property
    def quadratic(self) -> bool:
        """Whether the Hessian is the same everywhere."""
        return not self.loss.hessian.free_symbols

    @cached_property
    def landscape(self) -> Landscape:
        """The loss on arrays of points."""
        return Landscape(self.loss)
