"""Zeros of the gradient, sifted by where the formula as written has a value and is smooth."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from saddlecheck.theory.critical.conditions import Place

T = TypeVar("T")
_SHOWN = 5
_TINY = 1e-12


@dataclass(frozen=True)
class Sifted(Generic[T]):
    """The zeros that are critical points, sentences about the others, and whether nothing was left open."""

    inside: tuple[T, ...]
    notes: tuple[str, ...]
    clear: bool

    @classmethod
    def of(cls, zeros: Iterable[T], place: Callable[[T], Place], at: Callable[[T], Sequence[float]]) -> "Sifted[T]":
        """Those inside; those at which there is no value are left out, the rest is named.

        `place`: of a zero.
        `at`: its coordinates, to be printed.

        Returns:
            The zeros inside, sentences on those in doubt, and whether there are none of these.
        """
        by_place: dict[Place, list[T]] = {"inside": [], "edge": [], "unknown": [], "outside": []}
        for zero in zeros:
            by_place[place(zero)].append(zero)
        edge, unknown = ([printed(at(z)) for z in by_place[p]] for p in ("edge", "unknown"))
        notes = []
        if edge:
            notes.append(f"The gradient is or tends to zero at {_several(edge)}, but the loss is not smooth there.")
        if unknown:
            notes.append(
                f"The gradient is or tends to zero at {_several(unknown)}; whether the formula has a value there and "
                "is smooth was not decided."
            )
        return cls(tuple(by_place["inside"]), tuple(notes), not notes)


def centres(balls: Sequence[Any]) -> tuple[float, ...]:
    """Midpoints of Arb balls as floats, 0 for a small ball around it."""
    return tuple(0.0 if b.contains(0) and float(b.rad()) < _TINY else float(b.mid()) for b in balls)


def printed(place: Sequence[float]) -> str:
    """Coordinates for a sentence."""
    return "(" + ", ".join(f"{x:.6g}" for x in place) + ")"


def _several(places: Sequence[str]) -> str:
    more = f" and {len(places) - _SHOWN} more places" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more
