"""False twins: every claim with a deliberate mistake in it, put to the same engines. All of them must be refuted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from saddlecheck.theory.claims import mutation
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.steps import Accept, Step
from saddlecheck.theory.engines import counterexample, smt
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.ledger.processes import shared, worker_pool

_PATIENCE = 1.0  # seconds: a falsehood cannot be proved, and what refutes it does so quickly or is left to the search


@dataclass(frozen=True)
class Trial:
    """One twin and what became of it.

    target: "statement", or the step whose formula carries the mistake.  refuted_by: engines that found it false.
    proved_by: engines that let it through (there must be none).
    """

    claim: str
    target: str
    mistake: str
    formula: Formula
    refuted_by: tuple[str, ...]
    proved_by: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Refuted by some engine, and proved by none."""
        return bool(self.refuted_by) and not self.proved_by


def trials(claim: Claim, *, every_mistake: bool = False) -> Iterator[Trial]:
    """Try the twins of a claim: its own, the general mistakes in its statement, and one in each step.

    every_mistake: all general mistakes in each step, not only the first that can be made there.

    Yields:
        A trial for each twin: the mistake, the engine that refuted it, or none.
    """
    for twin in claim.twins:
        yield _by_search(claim, twin.mistake, twin.statement, claim.given if twin.given is None else twin.given)
    if not claim.steps:
        return
    if claim.is_formula:
        for mistake, formula in mutation.mutants(claim.statement):
            trial = _by_search(claim, mistake, formula, claim.given)
            # a point with irrational coordinates is out of the search's reach, but not out of the last step's
            yield trial if trial.killed else _by_engines(claim, claim.steps[-1], mistake, formula)
    for step in claim.steps:
        if isinstance(step, Accept):
            continue
        for count, (mistake, formula) in enumerate(mutation.mutants(step.formula)):
            if every_mistake or count == 0:
                trial = _by_engines(claim, step, mistake, formula)
                if not (trial.killed or trial.proved_by):  # the engines know no hints
                    found = _by_search(claim, mistake, formula, tuple(claim.premises(step)))
                    trial = replace(found, target=step.name)
                yield trial


def run_trials(
    catalogue: Mapping[str, Claim], ids: Sequence[str], jobs: int, every_mistake: bool = False
) -> Iterator[list[Trial]]:
    """The trials of each claim named, in order, from several processes."""
    with worker_pool(jobs, catalogue) as pool:
        yield from pool.map(_listed, ids, [every_mistake] * len(ids))


def _listed(claim_id: str, every_mistake: bool) -> list[Trial]:
    return list(trials(shared()[claim_id], every_mistake=every_mistake))


def _by_search(claim: Claim, mistake: str, formula: Formula, given: tuple[Formula, ...]) -> Trial:
    found = counterexample.counterexample(formula, given, claim.hints) is not None
    return Trial(claim.id, "statement", mistake, formula, ("search",) if found else (), ())


def _by_engines(claim: Claim, step: Step, mistake: str, formula: Formula) -> Trial:
    premises = claim.premises(step)
    try:
        with smt.patience(_PATIENCE):
            outcomes = replace(step, formula=formula).check(premises)
    except (TypeError, ValueError):
        outcomes = []  # the step class refuses the shape of the formula: the search has to refute it
    refuted = [o.engine for o in outcomes if o.status == "refuted"]
    proved = [o.engine for o in outcomes if o.status == "proved"]
    # Where the conditions hold the cited steps do: they need not be looked at again, and an identity among them is one
    # that no ball can confirm at a point.
    if not refuted and counterexample.counterexample(formula, claim.given, claim.hints) is not None:
        refuted.append("search")
    return Trial(claim.id, step.name, mistake, formula, tuple(dict.fromkeys(refuted)), tuple(proved))
