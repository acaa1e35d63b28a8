"""Where a claim stands in its source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in the paper: its section, and the equation, theorem, figure or passage. `beyond` is not in the paper.

    Example:
        >>> from saddlecheck.theory import BEYOND, Place
        >>> print(Place("4.2", "Theorem 1"))
        4.2, Theorem 1
        >>> print(BEYOND)
        beyond the paper
    """

    section: str
    passage: str = ""

    def __str__(self) -> str:
        return f"{self.section}, {self.passage}" if self.passage else self.section


BEYOND = Place("beyond the paper")

__all__ = ["BEYOND", "Place"]
