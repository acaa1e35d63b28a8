"""The verdict that the parts of a certificate amount to, computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Verdict(StrEnum):
    """What the evidence on a claim amounts to."""

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
Repair = tuple[str, bool, str]  # a claim that amends this one: its id, whether it only adds conditions, its verdict


def alone(bases: Sequence[str], sources: Sequence[str], runs: Sequence[tuple[str, str]], refuted: bool,
          ) -> tuple[str, str | None]:  # fmt: skip
    """The verdict on a claim by itself and its reason, None if it is open.

    bases: of each step.  sources: of the steps that are accepted.  runs: (status, sentence) of each experiment.
    refuted: whether the certificate's point makes the conditions true and the statement false.
    """
    proved = bool(bases) and NOTHING not in bases
    against = [why for status, why in runs if status == "refuted"]
    if refuted:
        return Verdict.REFUTED, AT_A_POINT
    if against:
        return (Verdict.OPEN, CLASH) if proved else (Verdict.REFUTED, against[0])
    if proved:
        accepted = "rests on " + "; ".join(dict.fromkeys(sources))
        count = f"{len(bases)} step{'s' if len(bases) > 1 else ''}"
        return (Verdict.ACCEPTED, accepted) if sources else (Verdict.HOLDS, count)
    if runs and all(status == "proved" for status, _ in runs):
        return Verdict.NUMERIC, runs[0][1]
    return Verdict.OPEN, None


def repaired(verdict: str, reason: str | None, repairs: Sequence[Repair]) -> tuple[str, str | None]:
    """The verdict on a claim and its reason once the claims that amend it are considered, the proved ones first."""
    for chosen in ({Verdict.HOLDS: ""}, {Verdict.ACCEPTED: f", {SOURCE}", Verdict.NUMERIC: ", simulated"}):
        standing = [r for r in repairs if r[2] in chosen]
        if verdict == Verdict.REFUTED and standing:
            names = ", ".join(name for name, _, _ in standing)
            weakest = list(chosen)[max(list(chosen).index(Verdict(found)) for _, _, found in standing)]
            why = f"false as printed; {names} state{'s' if len(standing) == 1 else ''} what holds{chosen[weakest]}"
            return (Verdict.CONDITIONAL if any(only for _, only, _ in standing) else Verdict.CORRECTED), why
    return verdict, reason
