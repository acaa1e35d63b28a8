"""The verdict that the parts of a certificate amount to, computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the evidence on a claim amounts to.

    Example:
        >>> from saddlecheck import Verdict
        >>> Verdict("holds under extra conditions") is Verdict.CONDITIONAL
        True
    """

    HOLDS = "holds"
    CORRECTED = "holds with a correction"
    CONDITIONAL = "holds under extra conditions"
    REFUTED = "refuted"
    NUMERIC = "checked numerically only"
    ACCEPTED = "accepted on a source"
    OPEN = "open"


# What a step rests on: the checker itself, or what the engines are reported to have done, or nothing.
CHECKED, SOURCE, NOTHING = "checked", "accepted on a source", "open"
TRUSTED = (SOURCE, NOTHING, "proved twice", "enclosed", "proved once and tested", "two solvers, one translation")
AT_A_POINT = "every condition is true and the statement false there"
CLASH = "its proof and a simulation contradict each other: one of them is wrong"
# What others may rest on, the strongest first, and how a reason names it.
STANDING = {Verdict.HOLDS: "", Verdict.ACCEPTED: f", {SOURCE}", Verdict.NUMERIC: ", simulated"}
_RANK = list(STANDING)
Repair = tuple[str, bool, str]  # a claim that amends this one: its id, whether it only adds conditions, its verdict


@dataclass(frozen=True)
class Finding:
    """A verdict, its reason (None where it is open: whatever is missing), and the weakest thing that it rests on."""

    verdict: Verdict
    reason: str | None
    ground: Verdict = Verdict.HOLDS


def alone(bases: Sequence[str], sources: Sequence[str], runs: Sequence[tuple[str, str]], refuted: bool) -> Finding:
    """The verdict on a claim by itself.

    bases: of each step.  sources: of the steps that are accepted.  runs: (status, sentence) of each experiment.
    refuted: whether the certificate's point makes the conditions true and the statement false.

    Returns:
        The verdict with its reason and ground.
    """
    proved = bool(bases) and NOTHING not in bases
    against = [why for status, why in runs if status == "refuted"]
    if refuted:
        return Finding(Verdict.REFUTED, AT_A_POINT)
    if against and proved:
        return Finding(Verdict.OPEN, CLASH)
    if against:
        return Finding(Verdict.REFUTED, against[0], Verdict.NUMERIC)
    if proved and sources:
        return Finding(Verdict.ACCEPTED, "rests on " + "; ".join(dict.fromkeys(sources)), Verdict.ACCEPTED)
    if proved:
        return Finding(Verdict.HOLDS, f"{len(bases)} step{'s' if len(bases) > 1 else ''}")
    if runs and all(status == "proved" for status, _ in runs):
        return Finding(Verdict.NUMERIC, runs[0][1], Verdict.NUMERIC)
    return Finding(Verdict.OPEN, None)


def limited(found: Finding, rests: Sequence[tuple[str, str]]) -> Finding:
    """The verdict, no stronger than those of the claims that it rests on: (id, verdict as printed) of each."""
    if found.verdict is Verdict.OPEN:
        return found
    for name, other in rests:
        if other not in STANDING:
            return Finding(Verdict.OPEN, f"rests on {name}, which is {other}")
        if _RANK.index(Verdict(other)) > _RANK.index(found.ground):
            word = found.verdict if found.verdict is Verdict.REFUTED else Verdict(other)
            found = Finding(word, f"{found.reason}; rests on {name}, {other}", Verdict(other))
    return found


def repaired(found: Finding, repairs: Sequence[Repair]) -> Finding:
    """The verdict once the claims that amend this one are considered; those that are proved come first."""
    for chosen in ((Verdict.HOLDS,), (Verdict.ACCEPTED, Verdict.NUMERIC)):
        standing = [r for r in repairs if r[2] in chosen]
        if found.verdict is Verdict.REFUTED and standing:
            names = ", ".join(name for name, _, _ in standing)
            ground = max((found.ground, *(Verdict(v) for _, _, v in standing)), key=_RANK.index)
            reason = f"false as printed; {names} state{'s' if len(standing) == 1 else ''} what holds{STANDING[ground]}"
            only = any(only for _, only, _ in standing)
            return Finding(Verdict.CONDITIONAL if only else Verdict.CORRECTED, reason, ground)
    return found
