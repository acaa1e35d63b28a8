"""A certificate: one claim, its derivation with the proofs that the checker verifies, and its verdict, as a file.

`docs/certificates.md` describes the format, `certificate.schema.json` is its JSON schema.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import form, verdict
from saddlecheck.theory.checker.examination import Done
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.evidence import MODEL, NUMERIC, STATEMENT, Evidence
from saddlecheck.verification.ledger.judge import Ground, Judgement, Verdict, judge, point, step_ground
from saddlecheck.verification.ledger.proofs import Find, Prover, read, stored
from saddlecheck.verification.ledger.wordings import words

SCHEMA = Path(__file__).with_name("certificate.schema.json")
_EXAMINED: Done = {}  # by their contents: a certificate that stands in others is verified once a process


def certificate(
    claim: Claim,
    judgement: Judgement,
    evidence: Sequence[Evidence],
    repairs: Iterable[Mapping[str, Any]] = (),
    rests: Iterable[Mapping[str, Any]] = (),
    find: Find | None = None,
    paper: str = "",
) -> dict[str, Any]:
    """The certificate of a claim, as JSON data with a digest over all of it.

    Args:
        claim: the claim.
        judgement: the judge's, on this evidence.
        evidence: all of it.
        repairs: the certificates of the claims that amend it. Those that stand are put into this one.
        rests: the certificates of the claims that it rests on by itself.
        find: where the proofs of consequences come from; None means the stored ones.
        paper: id of the paper whose claim it is; empty for a claim of none.

    Returns:
        The data; its form is that of `certificate.schema.json`.

    Raises:
        RuntimeError: if the checker refuses what was written. Then the judge, the engines or the checker are wrong.
    """
    prover = Prover(find or stored)
    data = {
        "format": form.FORMAT,
        "paper": paper,
        **words(claim),
        "steps": _steps(claim, evidence, prover),
        "proofs": prover.used,
        "model": next((e.witness for e in evidence if e.kind == MODEL), None),
        "witness": point(evidence),
        "runs": _runs(evidence, judgement),
        "rests": list(rests),
        "repairs": [r for r in repairs if r["id"] in judgement.amended_by],
        "verdict": judgement.verdict.value,
        "as_printed": judgement.as_printed.value,
        "reason": judgement.reason,
    }
    data = dict(json.loads(json.dumps(data, default=str)))
    data["digest"] = checker.digest(data)
    found = checker.examine(data, {}, _EXAMINED)
    if found.exit_code == 1:
        wrong = next(line for line in found.lines if line.result in ("refuted", "altered"))
        raise RuntimeError(f"the certificate of {claim.id} is refused by the checker: {wrong.what}: {wrong.how}")
    return data


def doubt(claim: Claim, evidence: Sequence[Evidence]) -> str:
    """Return what the judge or the checker has against evidence that comes from a file, a sentence or nothing.

    Its engines are those of the kinds of step, and its points satisfy the conditions and refute the statement.
    """
    bare = dataclasses.replace(claim, steps=(), rests=())  # neither is in question here
    about = [e for e in evidence if e.about == STATEMENT]
    try:
        judge(claim, evidence)
        certificate(bare, judge(bare, about), about)
    except (ValueError, RuntimeError) as error:
        return str(error)
    return ""


def _steps(claim: Claim, evidence: Sequence[Evidence], prover: Prover) -> list[dict[str, Any]]:
    """The steps, each with what it rests on: the checker, if it verifies the step; else what the judge found."""
    written = []
    for data, rule, given, cited in read(claim):
        found = [e for e in evidence if e.about == data["name"]]
        ground, gap = step_ground(data["name"], data["kind"], found)
        if gap or ground is Ground.ACCEPTED:
            basis = verdict.NOTHING if gap else verdict.SOURCE
        else:
            basis = verdict.CHECKED if prover.verifies(rule, given, cited) else ground.value
        written.append({**data, "basis": basis})
    return written


def _runs(evidence: Sequence[Evidence], judgement: Judgement) -> list[dict[str, Any]]:
    """The runs that the verdict rests on. Beside a proof or a counterexample they decide nothing, and are left out."""
    if judgement.as_printed in (Verdict.HOLDS, Verdict.ACCEPTED) or point(evidence) is not None:
        return []
    names = ("kind", "engine", "status", "why", "witness", "settings")
    return [{name: getattr(e, name) for name in names} for e in evidence if e.kind in NUMERIC]
