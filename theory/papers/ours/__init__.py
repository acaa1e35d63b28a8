"""Results of ours that belong to no paper: linear maps, normalised SAM, exact moments, exit times, plateaus."""

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.theory.papers.ours.paper import PAPER as PAPER

__getattr__, __dir__, __all__ = attach(__name__, {"paper": ("PAPER",)})
