"""Facts that contradict each other at sight: about one polynomial, up to a factor, of which no sign is left.

No solver is asked, so that a formula of high degree costs nothing. It finds what follows by "and", "or" and "not" from
facts that are read as they stand, as where a formula is a premise under another name.
"""

from __future__ import annotations

from collections.abc import Sequence

from saddlecheck.theory.checker.facts import Cases, Facts, Sign, key
from saddlecheck.theory.checker.signs import ANY, NONNEGATIVE, NONZERO, POSITIVE
from saddlecheck.theory.checker.signs import Sign as Signs

_SAYS: dict[str, Signs] = {">": POSITIVE, ">=": NONNEGATIVE, "=": frozenset({0}), "!=": NONZERO}


class Seen:
    """What facts say of the signs of polynomials, each with a leading coefficient of 1."""

    def __init__(self, facts: Facts) -> None:
        self.signs: dict[object, Signs] = {}
        self.said_by: dict[object, list[int]] = {}
        for i, fact in enumerate(facts):
            if isinstance(fact, Sign):
                about, signs = _read(fact)
                self.signs[about] = self.signs.get(about, _of_number(fact)) & signs
                self.said_by.setdefault(about, []).append(i)

    @property
    def conflict(self) -> list[int]:
        """The numbers of facts about one polynomial that contradict each other; none if there are none."""
        return next((self.said_by[about] for about, signs in self.signs.items() if not signs), [])

    def excludes(self, facts: Sequence[Sign | Cases]) -> bool:
        """Whether one of some further facts contradicts the known ones at sight, or each of its alternatives does."""
        return any(self._excludes(fact) for fact in facts)

    def _excludes(self, fact: Sign | Cases) -> bool:
        if isinstance(fact, Cases):
            return all(self.excludes(alternative) for alternative in fact.alternatives)
        about, signs = _read(fact)
        return not self.signs.get(about, _of_number(fact)) & signs

    def standing(self, cases: Cases) -> int:
        """How many alternatives are not excluded."""
        return sum(not self.excludes(alternative) for alternative in cases.alternatives)


def _read(fact: Sign) -> tuple[object, Signs]:
    """A polynomial up to a factor, and the signs that the fact leaves to it."""
    if not fact.poly:
        return (), _SAYS[fact.relation]
    lead = fact.poly.leading_coefficient()
    return key(fact.poly / lead), frozenset(s if lead > 0 else -s for s in _SAYS[fact.relation])


def _of_number(fact: Sign) -> Signs:
    """The signs that a polynomial has by itself: a number has one."""
    return frozenset({0}) if not fact.poly else POSITIVE if fact.poly.is_constant() else ANY


__all__ = ["Seen"]
