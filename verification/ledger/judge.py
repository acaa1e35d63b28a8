"""The judge: a pure function from evidence to a verdict. No verdict is written by hand anywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from saddlecheck.theory.checker.verdict import AT_A_POINT, CLASH, Verdict
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.claim import Claim, extends
from saddlecheck.theory.claims.evidence import AT_SCALE, MODEL, NUMERIC, RAN, STATEMENT, Evidence
from saddlecheck.verification.ledger.ground import Ground

# What it takes for a step of each kind: the engines that have to prove it, and what that is worth; the strongest first.
# SymPy and flint reduce an identity to 0 (proofs), Arb evaluates it at points (a test); Z3 and cvc5 read one
# translation. The checker of certificates reads the step by itself and follows a rule of its own, with flint's normal
# forms and stored proofs of consequences. So it and a solver are two proofs of a consequence. Monotone, Increasing and
# Induction need identities and consequences: SymPy and flint ask Z3 there, and Arb asks cvc5, in one rule, so that the
# passage between the solvers' answers bounds what the two are worth. The checker and SymPy with Z3 are two proofs; the
# checker and Arb with cvc5 are one proof and a test.
CHECKER = "certificate"
_PAIRS = ("sympy arb", "flint arb")
_CONSEQUENCE = (
    *((f"{CHECKER} {solver}", Ground.TWICE) for solver in ("z3", "cvc5")),
    ("z3 cvc5", Ground.SOLVERS),
)
_RULE = (
    (f"{CHECKER} sympy", Ground.TWICE),
    (f"{CHECKER} arb", Ground.TESTED),
    *((pair, Ground.SOLVERS) for pair in _PAIRS),
)
_WORTH: dict[str, tuple[tuple[str, Ground], ...]] = {
    "Equal": (("sympy flint", Ground.TWICE), *((pair, Ground.TESTED) for pair in _PAIRS)),
    **dict.fromkeys(("Entails", "Instance", "Cite"), _CONSEQUENCE),
    **dict.fromkeys(("Monotone", "Increasing", "Induction"), _RULE),
    "Bounded": (("arb mpmath", Ground.ENCLOSED),),
    "RealZeros": (("sympy arb", Ground.TWICE),),
    "Accept": (("source", Ground.ACCEPTED),),
}
# The kinds of step that the checker proves by means that no engine of theirs shares.
VERIFIABLE = frozenset(kind for kind, worth in _WORTH.items() if any(CHECKER in engines for engines, _ in worth))
_EVALUATORS = ("sympy", "arb")  # of a statement at a point
_SEARCH = "search"  # looks for a counterexample: proposes, and proves nothing


@dataclass(frozen=True)
class Judgement:
    """A verdict and its grounds.

    verdict: on the claim with its amendments.  as_printed: on the claim alone (differs where an amendment repairs
    it).  engines: those whose evidence carries the verdict.  reason: one sentence.  ground: what was done for the
    weakest part.  weakest: that part, a step or a repair.  witness: the point that refutes the printed form.
    amended_by: ids of the repairs that stand.  inside: where the witness lies on an edge, another one with every
    inequality strict, if there is one.
    """

    verdict: Verdict
    as_printed: Verdict
    engines: tuple[str, ...]
    reason: str
    ground: Ground = Ground.NONE
    weakest: str = ""
    witness: dict[str, str] | None = None
    amended_by: tuple[str, ...] = ()
    inside: dict[str, str] | None = None

    @property
    def words(self) -> str:
        """The verdict with its ground where that is weaker than the word: 'holds with a correction, simulated'."""
        said = self.verdict in (Verdict.ACCEPTED, Verdict.NUMERIC)
        return f"{self.verdict}, {self.ground}" if not said and self.ground in _HANDED.values() else str(self.verdict)


# What others may rest on, the strongest first, and the ground that it hands on.
_HANDED = {Verdict.HOLDS: None, Verdict.ACCEPTED: Ground.ACCEPTED, Verdict.NUMERIC: Ground.SIMULATED}


def judge(
    claim: Claim,
    evidence: Sequence[Evidence],
    repairs: Sequence[tuple[Claim, Judgement]] = (),
    rests: Mapping[str, Judgement] | None = None,
) -> Judgement:
    """The verdict on a claim.

    Args:
        claim: the claim.
        evidence: what the engines, runs and sources say about it.
        repairs: the claims that amend it, each with its own judgement. Those that are proved come first; one that is
            accepted or simulated counts where none is proved, and the reason says so.
        rests: the judgements of the claims that it rests on by itself, by id. The verdict is no stronger than theirs.

    Returns:
        The verdict with its ground, its reason and its witness.

    Raises:
        ValueError: for evidence of an engine that the kind of step does not have.
    """
    alone = _limited(_alone(claim, evidence), rests or {})
    if alone.verdict in _HANDED and (unjudged := [i for i in graph.grounds(claim) if i not in (rests or {})]):
        alone = _plain(Verdict.OPEN, (), f"rests on {unjudged[0]}, which is not judged")
    for accepted in ((Verdict.HOLDS,), (Verdict.ACCEPTED, Verdict.NUMERIC)):
        standing = [(c, j) for c, j in repairs if j.verdict in accepted]
        if alone.verdict is Verdict.REFUTED and standing:
            return _repaired(alone, standing, any(extends(c, claim) for c, _ in standing))
    return alone


def _limited(alone: Judgement, rests: Mapping[str, Judgement]) -> Judgement:
    """A judgement that is no stronger than those of the claims that it rests on."""
    strength = list(_HANDED)
    for name, other in rests.items():
        if alone.verdict is Verdict.OPEN:
            break
        if other.as_printed not in strength:
            return _plain(Verdict.OPEN, (), f"rests on {name}, which is {other.as_printed}")
        handed = _HANDED[other.as_printed] or other.ground
        if _rank(handed) > _rank(alone.ground):
            reason = alone.reason
            word: Verdict = alone.verdict
            if handed in _HANDED.values():
                reason += f"; rests on {name}, {other.as_printed}"
                word = word if word is Verdict.REFUTED else other.as_printed
            alone = replace(alone, verdict=word, as_printed=word, reason=reason, ground=handed, weakest=f"claim {name}")
    return alone


def _repaired(alone: Judgement, standing: Sequence[tuple[Claim, Judgement]], conditional: bool) -> Judgement:
    names = tuple(c.id for c, _ in standing)
    weakest, repair = max(standing, key=lambda s: _rank(s[1].ground))
    ground, part = repair.ground, f"claim {weakest.id}"
    if alone.ground in _HANDED.values() and _rank(alone.ground) > _rank(ground):
        ground, part = alone.ground, alone.weakest
    reason = f"false as printed; {', '.join(names)} {'states' if len(names) == 1 else 'state'} what holds"
    if ground in _HANDED.values():
        reason += f", {ground}"
    verdict = Verdict.CONDITIONAL if conditional else Verdict.CORRECTED
    return Judgement(verdict, alone.as_printed, alone.engines, reason, ground, part, alone.witness, names, alone.inside)


def _alone(claim: Claim, evidence: Sequence[Evidence]) -> Judgement:
    """The verdict on a claim by itself."""
    exact = [e for e in evidence if e.kind not in NUMERIC]
    runs = [e for e in evidence if e.kind in NUMERIC]
    if (where := point(exact)) is not None:
        engines = tuple(e.engine for e in _evaluated(exact))
        inside = next((e.settings["inside"] for e in exact if "inside" in e.settings), None)
        return Judgement(
            Verdict.REFUTED, Verdict.REFUTED, engines, AT_A_POINT, Ground.POINT, witness=where, inside=inside
        )
    proof, reason, ground, weakest = _proof(claim, exact)
    against = [e for e in runs if e.status == "refuted"]
    if against and proof is not None:
        return _plain(Verdict.OPEN, (), CLASH)
    if against:
        witness = dict(against[0].witness or {})
        engines = (against[0].engine,)
        return Judgement(Verdict.REFUTED, Verdict.REFUTED, engines, against[0].why, Ground.SIMULATED, witness=witness)
    if proof is not None:
        verdict = Verdict.ACCEPTED if ground is Ground.ACCEPTED else Verdict.HOLDS
        return _plain(verdict, proof, reason, ground, weakest)
    if runs and all(e.status == "proved" for e in runs):
        return _plain(Verdict.NUMERIC, tuple(sorted({e.engine for e in runs})), runs[0].why, Ground.SIMULATED)
    if claim.settles and not claim.steps:
        reason = f"{_at_scale(runs)}to settle it: {claim.settles}"
    return _plain(Verdict.OPEN, (), reason)


def _at_scale(runs: Sequence[Evidence]) -> str:
    """What training runs say at their own scale, where that is smaller than the claim's."""
    said = [f"{e.settings[AT_SCALE]} ({e.settings[RAN]})" for e in runs if AT_SCALE in e.settings]
    return f"at the scale of the runs, not the paper's: {'; '.join(said)}; " if said else ""


def point(evidence: Sequence[Evidence]) -> dict[str, str] | None:
    """The point at which at least two evaluators have found the statement false, if there is one."""
    return dict(against[0].witness or {}) if len(against := _evaluated(evidence)) > 1 else None


def _evaluated(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What the evaluators found about one point, at most once each; the search only proposes it.

    Returns:
        The evidence that refutes, one item an evaluator.

    Raises:
        ValueError: for another engine, and where two speak of different points.
    """
    exact = [e for e in evidence if e.about == STATEMENT and e.kind not in (*NUMERIC, MODEL) and e.engine != _SEARCH]
    if strange := [e.engine for e in exact if e.engine not in _EVALUATORS]:
        raise ValueError(f"no evaluator of statements is called {strange[0]!r}; they are {', '.join(_EVALUATORS)}.")
    against = {e.engine: e for e in exact if e.status == "refuted"}
    if len({str(e.witness) for e in against.values()}) > 1:
        raise ValueError("two evaluators speak of different points; settle the claim again.")
    return list(against.values())


def _plain(
    verdict: Verdict, engines: tuple[str, ...], reason: str, ground: Ground = Ground.NONE, weakest: str = ""
) -> Judgement:
    return Judgement(verdict, verdict, engines, reason, ground, weakest)


def _proof(claim: Claim, evidence: Sequence[Evidence]) -> tuple[tuple[str, ...] | None, str, Ground, str]:
    """The engines of a complete proof, how long it is, its ground and weakest step; or None and what is missing."""
    if not claim.steps:
        return None, "neither a proof nor a counterexample was found", Ground.NONE, ""
    grounds, engines, sources = {}, set(), []
    for step in claim.steps:
        found = [e for e in evidence if e.about == step.name]
        ground, gap = step_ground(step.name, type(step).__name__, found)
        if gap:
            return None, gap, Ground.NONE, ""
        grounds[step.name] = ground
        engines |= {e.engine for e in found if e.status == "proved"}
        sources += [e.why for e in found if e.engine == "source"]
    weakest = max(grounds, key=lambda name: _rank(grounds[name]))
    reason = f"{len(grounds)} step{'s' if len(grounds) > 1 else ''}"
    if sources:
        reason = "rests on " + "; ".join(dict.fromkeys(sources))
    return tuple(sorted(engines)), reason, grounds[weakest], f"step {weakest!r}"


def step_ground(name: str, kind: str, found: Sequence[Evidence]) -> tuple[Ground, str]:
    """What the findings about a step are worth, and what is missing if that is not enough.

    Returns:
        (ground, what is missing); the second is empty where the step is settled.

    Raises:
        ValueError: for a kind of step that has no rule, and for an engine that the kind does not have.
    """
    if kind not in _WORTH:
        raise ValueError(f"step {name!r} is of the kind {kind!r}, for which the judge has no rule.")
    known = {_SEARCH}.union(*(engines.split() for engines, _ in _WORTH[kind]))
    if unknown := [e.engine for e in found if e.engine not in known]:
        raise ValueError(
            f"step {name!r} has evidence of {unknown[0]!r}; {kind} steps have that of {', '.join(sorted(known))}."
        )
    if bad := [e for e in found if e.status == "refuted"]:
        return Ground.NONE, f"step {name!r} is refuted by {bad[0].engine}: {bad[0].why}"
    proved = {e.engine for e in found if e.status == "proved"}
    for engines, ground in _WORTH[kind]:
        if proved.issuperset(engines.split()):
            return ground, ""
    missing = "; ".join(f"{e.engine}: {e.why or e.status}" for e in found if e.status != "proved")
    alone = f"rests on {' and '.join(sorted(proved))} alone" if proved else "is not proved"
    return Ground.NONE, f"step {name!r} {alone} ({missing or 'no other engine covers it'})"


def _rank(ground: Ground) -> int:
    return list(Ground).index(ground)


__all__ = ["Ground", "Judgement", "Verdict", "judge", "step_ground"]
