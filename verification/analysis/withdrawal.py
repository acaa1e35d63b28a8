"""What was derived of a rule of the user's own is withdrawn where its runs show that it is not the function it seemed.

A rule is run on symbols and tried on floats before anything is said of it. It may still be another one later: a state
that shows after hundreds of calls, another branch for symbols than for floats. So it is asked again after its runs, and
a ruling that its own runs contradict counts against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saddlecheck.theory.errors import BadRule
from saddlecheck.verification.analysis.dynamics import Floats
from saddlecheck.verification.analysis.reading import listed
from saddlecheck.verification.analysis.result import OwnRule, Point, Ruling


@dataclass(frozen=True)
class RuleAnswer:
    """What the rule with this id answered at w, shape (n,), before its runs; `direction` asks it again."""

    rule: str
    direction: Callable[[Floats], Floats]
    w: Floats
    answer: Floats


@dataclass(frozen=True)
class Lost:
    """What is lost of a rule, and why: certainty alone where `fickle` is false, else its verdicts, too."""

    why: str
    fickle: bool

    @property
    def left(self) -> OwnRule:
        """What is left to say of it."""
        return OwnRule(f"nothing is proved: {self.why}")


def withdrawn(asked: Sequence[RuleAnswer], points: Sequence[Point]) -> dict[str, Lost]:
    """The rules, by id, whose runs disagree with what was derived of them."""
    found: dict[str, Lost] = {}
    for one in asked:
        for p in points:
            ruling = p.optimisers.get(one.rule)
            if ruling is not None and ruling.simulated == "contradicted":
                found[one.rule] = Lost(
                    f"its own runs contradict the verdict {ruling.verdict!r} at ({listed(p.at)}), so it is not the "
                    "function that was derived by running it; look for a state, a random number, or a branch that only "
                    "some numbers take",
                    fickle=False,
                )
    for one in asked:
        if not _again(one):
            found[one.rule] = Lost(
                f"at w = ({listed(one.w)}) it answers otherwise after its runs than before, so it keeps a state or "
                "draws random numbers; make it a function of its arguments",
                fickle=True,
            )
    return found


def _again(one: RuleAnswer) -> bool:
    try:
        with np.errstate(all="ignore"):
            return np.array_equal(one.direction(one.w.copy()), one.answer, equal_nan=True)
    except BadRule:
        return False


def without(points: Sequence[Point], lost: Mapping[str, Lost]) -> list[Point]:
    """The points, with what is left of the rulings on these rules."""
    return [replace(p, optimisers={n: _left(r, lost.get(n)) for n, r in p.optimisers.items()}) for p in points]


def _left(ruling: Ruling, lost: Lost | None) -> Ruling:
    if lost is None:
        return ruling
    if lost.fickle:
        return Ruling("undecided", None, f"{lost.why}.", ruling.claims, certified=False)
    return replace(ruling, certified=False)
