"""The judge: a pure function from evidence to a verdict. No verdict is written by hand anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from saddlecheck.theory.claims.claim import Claim, extends
from saddlecheck.theory.claims.evidence import NUMERIC, STATEMENT, Evidence


class Verdict(StrEnum):
    """What the evidence amounts to.

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


@dataclass(frozen=True)
class Judgement:
    """A verdict and its grounds.

    verdict: on the claim with its amendments.  as_printed: on the claim alone (differs where an amendment repairs
    it).  engines: those whose evidence carries the verdict.  witness: the point that refutes the printed form.
    amended_by: ids of the repairs that stand.  reason: one sentence.
    """

    verdict: Verdict
    as_printed: Verdict
    engines: tuple[str, ...]
    reason: str
    witness: dict[str, str] | None = None
    amended_by: tuple[str, ...] = ()


ENOUGH = 2  # engines that share no code, for each step


def judge(claim: Claim, evidence: Sequence[Evidence], repairs: Sequence[tuple[Claim, Judgement]] = ()) -> Judgement:
    """The verdict on a claim. repairs: the claims that amend it, each with its own judgement."""
    alone = _alone(claim, evidence)
    standing = [c for c, j in repairs if j.verdict in (Verdict.HOLDS, Verdict.ACCEPTED, Verdict.NUMERIC)]
    if alone.verdict is not Verdict.REFUTED or not standing:
        return alone
    conditional = any(extends(c, claim) for c in standing)
    verdict = Verdict.CONDITIONAL if conditional else Verdict.CORRECTED
    names = tuple(c.id for c in standing)
    reason = f"false as printed; {', '.join(names)} {'states' if len(names) == 1 else 'state'} what holds"
    return Judgement(verdict, alone.as_printed, alone.engines, reason, alone.witness, names)


def _alone(claim: Claim, evidence: Sequence[Evidence]) -> Judgement:
    """The verdict on a claim by itself."""
    exact = [e for e in evidence if e.kind not in NUMERIC]
    numeric = [e for e in evidence if e.kind in NUMERIC]
    for e in exact:
        if e.about == STATEMENT and e.status == "refuted":
            engines = (e.engine, "sympy", "arb")  # found by the search, evaluated by both evaluators
            return Judgement(Verdict.REFUTED, Verdict.REFUTED, engines, e.why, dict(e.witness or {}))
    proof, reason = _proof(claim, exact)
    if any(e.status == "refuted" for e in numeric):
        if proof is not None:
            return _plain(Verdict.OPEN, (), "its proof and a simulation contradict each other: one of them is wrong")
        bad = next(e for e in numeric if e.status == "refuted")
        return Judgement(Verdict.REFUTED, Verdict.REFUTED, (bad.engine,), bad.why, dict(bad.witness or {}))
    if proof is not None:
        sources = dict.fromkeys(e.why for e in exact if e.kind == "source")
        if sources:
            return _plain(Verdict.ACCEPTED, proof, "rests on " + "; ".join(sources))
        return _plain(Verdict.HOLDS, proof, reason)
    if numeric and all(e.status == "proved" for e in numeric):
        return _plain(Verdict.NUMERIC, tuple(sorted({e.engine for e in numeric})), numeric[0].why)
    return _plain(Verdict.OPEN, (), reason if claim.steps or not claim.settles else f"to settle it: {claim.settles}")


def _plain(verdict: Verdict, engines: tuple[str, ...], reason: str) -> Judgement:
    return Judgement(verdict, verdict, engines, reason)


def _proof(claim: Claim, evidence: Sequence[Evidence]) -> tuple[tuple[str, ...] | None, str]:
    """The engines of a complete proof and how many steps it has; or None and what is missing."""
    if not claim.steps:
        return None, "neither a proof nor a counterexample was found"
    engines: set[str] = set()
    for step in claim.steps:
        found = [e for e in evidence if e.about == step.name]
        if bad := [e for e in found if e.status == "refuted"]:
            return None, f"step {step.name!r} is refuted by {bad[0].engine}: {bad[0].why}"
        proved = {e.engine for e in found if e.status == "proved"}
        if any(e.kind == "source" for e in found):
            engines |= proved
            continue
        if len(proved) < ENOUGH:
            missing = "; ".join(f"{e.engine}: {e.why or e.status}" for e in found if e.status != "proved")
            alone = f"rests on {next(iter(proved))} alone" if proved else "is not proved"
            return None, f"step {step.name!r} {alone} ({missing or 'no other engine covers it'})"
        engines |= proved
    count = len(claim.steps)
    return tuple(sorted(engines)), f"{count} step{'s' if count > 1 else ''}, each by at least {ENOUGH} engines"
