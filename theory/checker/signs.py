"""What is known of the sign of a number: the set of the signs, of -1, 0 and 1, that it may have."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

Sign = frozenset[int]
ANY, NONZERO, NONNEGATIVE, POSITIVE = map(frozenset, ((-1, 0, 1), (-1, 1), (0, 1), (1,)))


def of_product(c: Any, signs: Iterable[tuple[Sign, int]]) -> Sign:
    """The signs of c times powers of numbers of these signs."""
    found = frozenset({(c > 0) - (c < 0)})
    for sign, k in signs:
        found = _times(found, sign, k if k < 2 else 2 - k % 2)  # by the parity alone
    return found


def of_sum(signs: Iterable[Sign]) -> Sign:
    """The signs of a sum of numbers of these signs."""
    found: Sign = frozenset({0})
    for sign in signs:
        found = _plus(found, sign)
    return found


@cache  # there are eight sets of signs
def _times(a: Sign, b: Sign, k: int) -> Sign:
    return frozenset(x * y**k for x in a for y in b)


@cache
def _plus(a: Sign, b: Sign) -> Sign:
    return frozenset[int]().union(*(ANY if x * y < 0 else {x or y} for x in a for y in b))
