"""Kim, Park, Choi and Lee: a file for each subject, by section, and what amends or goes beyond a statement there."""

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.theory.papers.kim.paper import PAPER as PAPER

__getattr__, __dir__, __all__ = attach(__name__, {"paper": ("PAPER",)})
