"""A claim as one Coq file that needs no other: the prelude, the claims that it cites, its steps, its theorem.

Which script proves which step was found once, by trying them (`tools/coq.py --search`), and is stored by the digest of
the step. A step without one is a comment, the steps that use it have what it says as a hypothesis, and the claim has no
theorem: nothing is admitted.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from saddlecheck.theory.checker import certificate
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import scripts, terms
from saddlecheck.theory.proof_assistant.document import Find, Lemma, lemmas

VERSION = "8.16"
STORE = Path(__file__).resolve().parent.parent / "data" / "tactics.json"
_PRELUDE = Path(__file__).parent / "prelude.v"
_COMMENTS = re.compile(r"\(\*.*?\*\)\n?", re.DOTALL)  # none is inside another: _plain sees to it
_INTERVAL = "From Interval Require Import Tactic.\n"


@dataclass(frozen=True)
class File:
    """An exported claim.

    text: the file.  steps: for each step of the claim, whether a script proves it, and why not if none does.
    complete: whether the file ends with the claim as a theorem.
    """

    text: str
    steps: Mapping[str, str]
    complete: bool

    @property
    def digest(self) -> str:
        """The SHA-256 of what Coq reads: the text without its comments, in which the claim's words stand."""
        return hashlib.sha256(_COMMENTS.sub("", self.text).encode()).hexdigest()


@dataclass
class _Writer:
    """Writes lemmas and knows which of them hold without further hypotheses."""

    tactics: Mapping[str, str]
    find: Find
    established: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    interval: bool = False

    def write(self, lemma: Lemma) -> str:
        """Write a lemma, or a comment; returns why it has no proof, or nothing."""
        try:
            script = chosen(lemma, self.tactics, self.find)
            statement = assumed(lemma, self.established)
        except Untranslatable as error:
            self.blocks.append(_comment(f"Step {lemma.title!r} ({lemma.kind}) has no Coq form: {error}."))
            return str(error)
        if script is None:
            self.blocks.append(
                _comment(f"Step {lemma.title!r} ({lemma.kind}) has no proof here. It says:") + _statement(lemma)
            )
            return "no script proves it"
        self.interval |= lemma.kind == "Bounded"
        open_ones = missing(lemma, self.established)
        if not open_ones:
            self.established.add(lemma.name)
        intro = [f"intros {' '.join(each.name for each in open_ones)}."] if open_ones else []
        title = f"(* {_plain(lemma.title)} *)\n" if lemma.title else ""
        self.blocks.append(
            f"{title}Lemma {lemma.name} : {statement}.\nProof.\n" + "\n".join([*intro, *script]) + "\nQed.\n"
        )
        return ""


def export(
    claim: Asserted, claims: Mapping[str, Asserted], find: Find, tactics: Mapping[str, str] | None = None
) -> File:
    """The Coq file of a claim.

    Args:
        claim: The claim; one without a derivation has a file that says so.
        claims: All claims, for those that it cites.
        find: The stored proofs.
        tactics: Which script proves which step; None means the stored ones.

    Returns:
        The file.
    """
    find = with_own(find)
    writer = _Writer(stored()["tactics"] if tactics is None else tactics, find)
    order = [claims[key] for key in below(claim, claims)] + [claim]
    steps: dict[str, str] = {}
    last: Lemma | None = None
    for each in order:
        steps, last = {}, None
        writer.blocks.append(_heading(each))
        if any(isinstance(step, Accept) for step in each.steps):
            writer.blocks.append(
                _comment("It rests on a lemma that is accepted on a source; Coq is told nothing of it.")
            )
        try:
            own = lemmas(each, claims, find)
        except Untranslatable as error:
            writer.blocks.append(_comment(f"It has no Coq form: {error}."))
            steps = {step.name: str(error) for step in each.steps}
            continue
        for lemma in own:
            why = writer.write(lemma)
            if lemma.title:
                steps[lemma.title] = why
            last = lemma
    complete = last is not None and last.name in writer.established
    if last is not None and complete:
        name = terms.name(claim.id)
        writer.blocks.append(
            f"Theorem {name} : {last.statement()}.\nProof. exact {last.name}. Qed.\nPrint Assumptions {name}.\n"
        )
    elif claim.steps:
        writer.blocks.append(_comment("A step is missing: the claim is no theorem here."))
    else:
        writer.blocks.append(_comment("The claim has no derivation: it is refuted, open, or settled by runs."))
    return File("\n".join([prelude(interval=writer.interval), *writer.blocks]), steps, complete)


def prelude(*, interval: bool) -> str:
    """What every file begins with. interval: whether with Coq's library for interval arithmetic."""
    text = _PRELUDE.read_text("utf-8")
    return text.replace("Open Scope", _INTERVAL + "Open Scope", 1) if interval else text


def chosen(lemma: Lemma, tactics: Mapping[str, str], find: Find) -> list[str] | None:
    """The script that is stored for a lemma; None if there is none, or none of that name any more."""
    wanted = tactics.get(digest(lemma))
    if wanted is None:
        return None
    return next((lines for name, lines in scripts.candidates(lemma, find) if name == wanted), None)


def missing(lemma: Lemma, established: set[str]) -> list[Lemma]:
    """The lemmas that a lemma uses and that do not stand by themselves."""
    used = [*lemma.cited, *([lemma.source] if lemma.source else [])]
    return list({each.name: each for each in used if each.name not in established}.values())


def assumed(lemma: Lemma, established: set[str]) -> str:
    """A lemma's statement, with what it uses and is not established as hypotheses."""
    return "".join(f"\n  ({each.statement()}) ->" for each in missing(lemma, established)) + lemma.statement()


def digest(lemma: Lemma) -> str:
    """The digest of all that a step's lemma is about."""
    cited = [(each.name, each.formula) for each in lemma.cited]
    about = (lemma.kind, lemma.given, cited, lemma.formula, sorted(lemma.fields.items()))
    return hashlib.sha256(repr(about).encode()).hexdigest()


def with_own(find: Find) -> Find:
    """The stored proofs, and those of obligations that only Coq asks for: it checks them, so that none is trusted."""
    return lambda premises, goal: (
        proof
        if (proof := find(premises, goal)) is not None
        else stored()["proofs"].get(certificate.key(premises, goal))
    )


@cache
def stored() -> Mapping[str, Any]:
    """The store.

    Returns:
        `tactics`, step's digest -> name of its script; `proofs`, key -> certificate of an obligation; `accepted`,
        claim -> digest of the file.
    """
    empty: dict[str, Any] = {"tactics": {}, "proofs": {}, "accepted": {}}
    return {**empty, **json.loads(STORE.read_text("utf-8"))} if STORE.exists() else empty


def is_accepted(claim: Asserted, claims: Mapping[str, Asserted], find: Find) -> bool:
    """Whether Coq accepted this very file of the claim, its comments apart, when the stored run was made."""
    if stored()["accepted"].get(claim.id) is None:
        return False
    file = export(claim, claims, find)
    return file.complete and file.digest == stored()["accepted"][claim.id]


def is_stored(claim: Asserted, claims: Mapping[str, Asserted], find: Find) -> bool:
    """Whether the stored run tried this very file, complete or not."""
    return bool(stored()["accepted"].get(claim.id) == export(claim, claims, find).digest)


def below(claim: Asserted, claims: Mapping[str, Asserted]) -> list[str]:
    """The claims that a claim cites, directly or not, each after those that it cites itself."""
    found: list[str] = []
    for edge in graph.cited(claim):
        if edge.how == "cites":
            found += [key for key in [*below(claims[edge.on], claims), edge.on] if key not in found]
    return found


def _heading(claim: Any) -> str:
    return _comment(f"Claim {claim.id}: {claim.title}.\n{claim.says}")


def _comment(text: str) -> str:
    wrapped = "\n".join(textwrap.fill(line, 110, subsequent_indent="   ") for line in _plain(text).splitlines())
    return f"(* {wrapped} *)\n"


def _plain(text: str) -> str:
    """Text that neither ends a comment nor opens a string in one."""
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "'")


def _statement(lemma: Lemma) -> str:
    return _comment(lemma.statement())
