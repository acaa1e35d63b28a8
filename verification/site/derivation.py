"""A claim's derivation as a numbered list: the steps that matter open, small facts on one line, citations as links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.evidence import NUMERIC, STATEMENT, Evidence
from saddlecheck.theory.claims.steps import Accept, Bounded, Equal, Step, stated
from saddlecheck.theory.printing.tex import tex
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Ground, step_ground

KIND = {"Equal": "identity", "Entails": "consequence", "Bounded": "bound on a box", "RealZeros": "all real zeros",
        "Cite": "another claim"}  # fmt: skip
_SMALL = 60  # characters of LaTeX, and
_FEW = 3  # words of explanation, up to which a step is a small fact


@dataclass(frozen=True)
class ShownStep:
    """A step as the page shows it."""

    number: int
    step: Step
    kind: str
    box: Formula | None  # that it is about
    found: tuple[Evidence, ...]  # what checked it
    ground: Ground
    by: tuple[int, ...]  # numbers of the steps that it uses
    is_small: bool
    is_statement: bool


def steps(report: Report) -> list[ShownStep]:
    """The steps of a report's claim in order."""
    claim = report.claim
    number = {s.name: i for i, s in enumerate(claim.steps, 1)}
    return [_shown(s, number, report) for s in claim.steps]


def _shown(step: Step, number: dict[str, int], report: Report) -> ShownStep:
    name = type(step).__name__
    found = tuple(e for e in report.evidence if e.about == step.name and e.kind not in NUMERIC)
    last = step is report.claim.steps[-1]
    is_small = len(step.because.split()) <= _FEW and len(tex(step.formula)) <= _SMALL
    return ShownStep(
        number[step.name], step, KIND.get(name, name.lower()),
        stated(step).args[0] if isinstance(step, Bounded) else None, found,
        step_ground(step.name, name, found)[0], tuple(sorted(number[u] for u in step.uses)),
        is_small and not last and not isinstance(step, (Accept, Bounded)),
        last and len(number) > 1 and step.formula == report.claim.statement,
    )  # fmt: skip


def checkers(report: Report) -> Iterator[tuple[str, str]]:
    """Each engine that was asked about a step or found the statement false, with what it found."""
    identities = {s.name: isinstance(s, Equal) for s in report.claim.steps}
    asked: Counter[tuple[str, str]] = Counter()
    proved: Counter[tuple[str, str]] = Counter()
    for e in report.evidence:
        if e.about in identities and e.kind not in NUMERIC and e.kind != "source":
            key = e.engine, "tested at points" if e.engine == "arb" and identities[e.about] else "proved"
            asked[key] += 1
            proved[key] += e.status == "proved"
    for (engine, verb), count in asked.items():
        yield engine, f"{verb} {proved[engine, verb]} of {count} step{'' if count == 1 else 's'}"
    for e in report.evidence:
        if e.about == STATEMENT and e.kind not in NUMERIC and e.status == "refuted":
            yield e.engine, "found the counterexample" if e.engine == "search" else "found the statement false there"


def grounds(claim: Claim, shown: list[ShownStep]) -> list[tuple[str, int]]:
    """How many of the steps have each ground, the strongest first."""
    counts = Counter(s.ground for s in shown)
    return [(str(g), counts[g]) for g in Ground if counts[g]] if claim.steps else []
