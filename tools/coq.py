"""Compile the exported claims with Coq, and print which are theorems there and on which axioms they rest.

    python tools/coq.py             compile every claim's file; exit 1 if Coq refuses one
    python tools/coq.py --search    also try the scripts of steps that have none stored, and store what works
    python tools/coq.py --twins     put a false twin of each claim to the same scripts; exit 1 if Coq accepts one

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
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole
from saddlecheck.theory import CLAIMS, Claim, Twin
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import document, files, scripts, terms
from saddlecheck.verification.ledger import proofs

SECONDS = 150  # of one tactic, in a search; what is shipped has no clock
WHOLE = 900  # of one file


@dataclass
class Result:
    """What became of a claim. proved, provable: steps.  tactics: those found.  refused: what Coq said, if it did."""

    claim: Claim
    file: files.File
    tactics: dict[str, str] = field(default_factory=dict)
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


def compiled(claim: Claim, folder: Path, tactics: dict[str, str]) -> Result:
    """A claim's file, and what Coq says to it."""
    file = files.export(claim, CLAIMS, proofs.stored, tactics)
    path = folder / f"{terms.name(claim.id)}.v"
    write_whole(path, file.text)
    done = coqc(path)
    axioms = frozenset(re.findall(r"^([\w.']+)\s*(?=:|$)", done.stdout.partition("Axioms:")[2], re.MULTILINE))
    refused = (" ".join(done.stderr.split()) or "no reason") if done.returncode else ""
    return Result(claim, file, tactics, refused, axioms)


def options(claim: Claim) -> dict[str, tuple[str, list[str]]]:
    """For each lemma of a claim and of those that it cites, by its name: its digest, and the names of its scripts."""
    found: dict[str, tuple[str, list[str]]] = {}
    for key in [*files.below(claim, CLAIMS), claim.id]:
        try:
            lemmas = document.lemmas(claim if key == claim.id else CLAIMS[key], CLAIMS, proofs.stored)
        except Untranslatable:
            continue
        for lemma in lemmas:
            try:
                names = [name for name, _ in scripts.candidates(lemma, proofs.stored)]
            except Untranslatable:
                continue
            found[lemma.name] = files.digest(lemma), names
    return found


def searched(claim: Claim, folder: Path, known: dict[str, str], rejected: set[tuple[str, str]]) -> Result:
    """A claim's file with the first script of each lemma that Coq accepts; those that it refuses are left out."""
    tactics = dict(known)
    before = files.export(claim, CLAIMS, proofs.stored, tactics)
    if files.stored()["accepted"].get(claim.id) == before.digest:
        return Result(claim, before, tactics)
    waiting = {
        name: (digest, [n for n in names if (digest, n) not in rejected])
        for name, (digest, names) in options(claim).items()
        if digest not in known
    }
    for digest, names in waiting.values():
        if names:
            tactics[digest] = names[0]
    while True:
        file = files.export(claim, CLAIMS, proofs.stored, tactics)
        path = folder / f"{terms.name(claim.id)}.v"
        write_whole(path, f"Set Default Timeout {SECONDS}. " + file.text)
        done = coqc(path)
        if not done.returncode:
            break
        where = re.findall(r"line (\d+), characters", done.stderr)
        lines = file.text.splitlines()[: int(where[-1])] if where else []
        name = next((m[1] for line in reversed(lines) if (m := re.match(r"Lemma (\w+) :", line))), "")
        if name not in waiting:
            print(f"{claim.id}: {' '.join(done.stderr.split())[-300:]}", flush=True)
            break
        digest, names = waiting[name]
        rejected.add((digest, names[0]))
        print(f"{claim.id}: {names[0]} does not prove {name}: {' '.join(done.stderr.split())[-160:]}", flush=True)
        del names[0], tactics[digest]
        if names:
            tactics[digest] = names[0]
    axioms = frozenset(re.findall(r"^([\w.']+)\s*(?=:|$)", done.stdout.partition("Axioms:")[2], re.MULTILINE))
    return Result(claim, file, tactics, " ".join(done.stderr.split()) if done.returncode else "", axioms)


def run(claims: list[Claim], one: Callable[[Claim], Result], jobs: int) -> Iterator[Result]:
    """The results, in the order of the claims."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, claims)


def store() -> dict[str, Any]:
    """A copy of the store that can be changed."""
    return {"coq": files.VERSION, **{name: dict(files.stored()[name]) for name in ("tactics", "accepted")}}


def save(data: dict[str, Any]) -> None:
    """Write the store, one entry a line."""
    write_whole(files.STORE, json.dumps(data, indent=0, sort_keys=True) + "\n")
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
        if not result.refused:
            data["tactics"].update(result.tactics)
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


def _false(claim: Claim, twin: Twin) -> Claim:
    """A claim that states its twin, by the same steps: the last one says what the twin says."""
    last = replace(claim.steps[-1], formula=twin.statement)
    given = claim.given if twin.given is None else twin.given
    return replace(claim, statement=twin.statement, given=given, steps=(*claim.steps[:-1], last), twins=(), amends=None)


def twins(claims: list[Claim], folder: Path, jobs: int) -> int:
    """Put each claim's first twin to the scripts of its steps: the last step states the twin. Coq must refuse it."""
    false = [_false(claim, claim.twins[0]) for claim in claims if claim.steps and claim.twins]
    accepted = 0
    for result in run(false, partial(searched, folder=folder, known={}, rejected=set()), jobs):
        if result.is_theorem:
            accepted += 1
            print(f"{result.claim.id}: Coq accepts its false twin {result.claim.statement}", flush=True)
    print(f"false twins: Coq accepts {accepted} of {len(false)}")
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
    with tempfile.TemporaryDirectory() as name:
        folder, known = Path(name), store()["tactics"]
        if chosen.twins:
            return twins(claims, folder, chosen.jobs)
        if chosen.search:
            one = partial(searched, folder=folder, known=known, rejected=set())
        else:
            one = partial(compiled, folder=folder, tactics=known)
        return report(run(claims, one, chosen.jobs), keep=chosen.search)


if __name__ == "__main__":
    sys.exit(main())
