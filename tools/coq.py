"""Compile the exported claims with Coq, and print which are theorems there and on which axioms they rest.

    python tools/coq.py             compile every claim's file; exit 1 if Coq refuses one
    python tools/coq.py --search    first try the scripts of steps that have none stored, the short ones first; store
                                    what works, and which files Coq accepts; both go on where they were interrupted
    python tools/coq.py --twins     put the false twins of each claim to the same scripts; exit 1 if Coq accepts one

Ids of claims restrict each of these. Debian 12: apt-get install coq libcoq-coquelicot libcoq-interval.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import coq_session

from saddlecheck._files import write_whole
from saddlecheck.theory import CLAIMS, Claim, Twin
from saddlecheck.theory.checker import certificate
from saddlecheck.theory.claims import mutation
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import document, files, scripts, terms
from saddlecheck.theory.proof_assistant.document import Lemma
from saddlecheck.verification.ledger import proofs

WHOLE = 900  # seconds for one file; what is shipped has no clock
OBLIGATION = 4.0  # seconds for the search of one certificate
find = files.with_own(proofs.stored)


@dataclass
class Result:
    """What became of a claim. proved, provable: steps.  refused: what Coq said, if it did."""

    claim: Claim
    file: files.File
    refused: str = ""
    axioms: frozenset[str] = frozenset()

    @property
    def provable(self) -> list[str]:
        """The names of the steps that are no accepted lemma."""
        return [step.name for step in self.claim.steps if not isinstance(step, Accept)]

    @property
    def proved(self) -> int:
        """How many of them Coq accepts."""
        return 0 if self.refused else sum(not self.file.steps[name] for name in self.provable)

    @property
    def is_theorem(self) -> bool:
        """Whether Coq accepts the claim as a theorem."""
        return self.file.complete and not self.refused


def coqc(path: Path) -> subprocess.CompletedProcess[str]:
    """Coq's answer to a file."""
    command = ["coqc", "-q", "-w", "none", path.name]
    try:
        return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=WHOLE, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {WHOLE} seconds")


def compiled(claim: Claim, folder: Path) -> Result:
    """A claim's file, and what Coq says to it."""
    file = files.export(claim, CLAIMS, find)
    path = folder / f"{terms.name(claim.id)}.v"
    write_whole(path, file.text)
    done = coqc(path)
    axioms = frozenset(re.findall(r"^([\w.']+)\s*(?=:|$)", done.stdout.partition("Axioms:")[2], re.MULTILINE))
    refused = (" ".join(done.stderr.split()) or "no reason") if done.returncode else ""
    return Result(claim, file, refused, axioms)


def search(claims: list[Claim], failed: dict[str, set[str]]) -> None:
    """Try the scripts of the lemmas that have none stored; store each that works.

    An obligation of a step for which no script works gets a certificate, where one is found, and the step another try.

    Args:
        claims: Those whose lemmas, and whose cited claims' lemmas, are tried.
        failed: Lemma's digest -> the scripts, by their text, that Coq is known to refuse; added to.
    """
    keys = dict.fromkeys(key for claim in claims for key in [*files.below(claim, CLAIMS), claim.id])
    waiting = [lemma for key in keys for lemma in _lemmas(CLAIMS[key])]
    waiting = [lemma for lemma in waiting if files.digest(lemma) not in files.stored()["tactics"]]
    session = coq_session.Session()
    for again in (False, True):
        tries = [(lemma, list(_candidates(lemma))) for lemma in waiting if not again or _certified(lemma)]
        waiting = []
        for lemma, names in sorted(tries, key=lambda each: sum(map(len, [line for _, s in each[1][:1] for line in s]))):
            digest = files.digest(lemma)
            if not _prove(session, lemma, names, failed.setdefault(digest, set())):
                waiting.append(lemma)
    session.close()


def _prove(session: coq_session.Session, lemma: Lemma, names: list[scripts.Script], failed: set[str]) -> bool:
    """Store the first script that Coq accepts for a lemma."""
    for name, lines in names:
        text = "\n".join(lines)
        if text in failed:
            continue
        why = session.refuses(lemma, lines)
        print(f"{lemma.name}: {name} " + (f"does not prove it: {why[-200:]}" if why else "proves it"), flush=True)
        if not why:
            data = store()
            data["tactics"][files.digest(lemma)] = name
            save(data)
            return True
        failed.add(text)
    return False


def _lemmas(claim: Any) -> list[Lemma]:
    """The lemmas of a claim that have a Coq form."""
    try:
        return document.lemmas(claim, CLAIMS, find)
    except Untranslatable:
        return []


def _candidates(lemma: Lemma) -> Iterator[scripts.Script]:
    """The scripts that may prove a lemma."""
    try:
        lemma.statement()
        yield from scripts.candidates(lemma, find)
    except Untranslatable:
        return


def _certified(lemma: Lemma) -> bool:
    """Whether an obligation of a lemma gets a certificate that it had not: it is searched, and stored."""
    data, new = store(), False
    try:
        needed = [each for each in lemma.needed if each.tree is not None]
    except Untranslatable:
        return False
    for each in needed:
        assert each.tree is not None
        premises = [*(tree for _, tree in lemma.premises()), *each.guards]
        if (
            find(premises, each.tree) is None
            and (proof := proofs.searched(premises, each.tree, OBLIGATION)) is not None
        ):
            data["proofs"][certificate.key(premises, each.tree)] = proof
            new = True
    if new:
        save(data)
    return new


def run(claims: list[Claim], one: Callable[[Claim], Result], jobs: int) -> Iterator[Result]:
    """The results, in the order of the claims."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, claims)


def store() -> dict[str, dict[str, Any]]:
    """A copy of the store that can be changed."""
    return {name: dict(files.stored()[name]) for name in ("tactics", "proofs", "accepted")}


def save(data: dict[str, dict[str, Any]]) -> None:
    """Write the store, one entry a line."""
    parts = [f'"coq": {json.dumps(files.VERSION)}']
    for name in sorted(data):
        lines = (
            f"{json.dumps(key)}: {json.dumps(data[name][key], separators=(',', ':'))}" for key in sorted(data[name])
        )
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    write_whole(files.STORE, "{\n" + ",\n".join(parts) + "\n}\n")
    files.stored.cache_clear()


def report(results: Iterable[Result], *, keep: bool) -> int:
    """Print what became of each claim, counts and axioms. keep: whether to store what was found."""
    data, seen = store(), list[Result]()
    for result in results:
        seen.append(result)
        key = result.claim.id
        data["accepted"].pop(key, None)
        if not result.refused:
            data["accepted"][key] = result.file.digest
        left = "; ".join(f"{name}: {why}" for name, why in result.file.steps.items() if why)
        word = "refused" if result.refused else "theorem" if result.is_theorem else "incomplete"
        print(f"{key}: {word} {result.refused[-300:] or left}", flush=True)
        if keep:
            save(data)
    whole = [result for result in seen if len(result.provable) == len(result.claim.steps)]
    for what, some, all_ in (
        ("steps that are no accepted lemma", sum(r.proved for r in seen), sum(len(r.provable) for r in seen)),
        ("claims without an accepted lemma", sum(r.is_theorem for r in whole), len(whole)),
    ):
        print(f"{what}: Coq accepts {some} of {all_} ({some / max(all_, 1):.1%})")
    print("axioms: " + ", ".join(sorted(frozenset().union(*(r.axioms for r in seen)))))
    return int(any(result.refused for result in seen))


def _false(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """A claim that states a twin by the same steps, the last of which says it: for each twin and general mistake."""
    general = [Twin(made, formula) for made, formula in mutation.mutants(claim.statement)]
    for twin in [*claim.twins, *general]:
        last = replace(claim.steps[-1], formula=twin.statement)
        given = claim.given if twin.given is None else twin.given
        steps = (*claim.steps[:-1], last)
        yield twin.mistake, replace(claim, statement=twin.statement, given=given, steps=steps, twins=(), amends=None)


def twins(claims: list[Claim]) -> int:
    """Put the false twins of claims to the scripts of their steps: the last one states the twin. Coq must refuse one.

    A twin is counted where its last step has a Coq form and a script that is tried.

    Returns:
        1 if Coq accepts all steps of a twin.
    """
    session, tried, accepted = coq_session.Session(), 0, 0
    for claim in claims:
        for mistake, false in _false(claim):
            tries = [(lemma, list(_candidates(lemma))) for lemma in _lemmas(false)]
            if not tries or not tries[-1][1]:
                print(f"{claim.id}: {mistake}: no script", flush=True)
                continue
            tried += 1
            proved = all(any(not session.refuses(lemma, s) for _, s in each) for lemma, each in reversed(tries))
            accepted += proved
            print(f"{claim.id}: {mistake}: " + (f"ACCEPTED: {false.statement}" if proved else "refused"), flush=True)
    session.close()
    print(f"false twins: Coq accepts {accepted} of {tried}")
    return int(accepted > 0)


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="claims; all if none is given")
    parser.add_argument("--search", action="store_true", help="try the scripts of steps that have none stored")
    parser.add_argument("--twins", action="store_true", help="put false twins to the scripts")
    parser.add_argument("--jobs", type=int, default=1, help="files at the same time")
    chosen = parser.parse_args()
    claims = [CLAIMS[key] for key in chosen.ids or CLAIMS if CLAIMS[key].steps]
    if chosen.twins:
        return twins(claims)
    if chosen.search:
        search(claims, {})
        claims = [claim for claim in claims if not files.is_stored(claim, CLAIMS, find)]
    with tempfile.TemporaryDirectory() as name:
        return report(run(claims, partial(compiled, folder=Path(name)), chosen.jobs), keep=chosen.search)


if __name__ == "__main__":
    sys.exit(main())
