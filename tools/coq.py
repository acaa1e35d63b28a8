"""Compile the exported claims with Coq, and print which are theorems there and on which axioms they rest.

    python tools/coq.py             compile every claim's file; exit 1 if a step that is stored as proved is not
    python tools/coq.py --search    try the scripts of the steps that have none stored, store what works, then compile
    python tools/coq.py --twins     put a false twin of each claim to the same scripts; exit 1 if Coq accepts one

Ids of claims restrict each of these. Debian 12: apt-get install coq libcoq-coquelicot libcoq-interval.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from saddlecheck._files import write_whole
from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import document, files, scripts, terms
from saddlecheck.verification.ledger import proofs

SECONDS = 40  # of one tactic, in a search; what is shipped has no clock
WHOLE = 600  # of one file
HEADER = "From Coq Require Import Reals Lra Lia Psatz Classical_Prop.\nFrom Coquelicot Require Import Coquelicot.\n"
HEADER += "From Interval Require Import Tactic.\nRequire Import prelude.\nOpen Scope R_scope.\n"


def coqc(path: Path) -> subprocess.CompletedProcess[str]:
    """Coq's answer to a file."""
    command = ["coqc", "-q", "-w", "none", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=WHOLE, check=False)


def goals(claim, tactics):
    """For each lemma of a claim without a stored script, its scripts as goals with what it uses as hypotheses."""
    try:
        lemmas = document.lemmas(claim, CLAIMS, proofs.stored)
    except Untranslatable:
        return
    for lemma in lemmas:
        if files.digest(lemma) in tactics or lemma.kind not in scripts.KINDS:
            continue
        try:
            statement = files.assumed(lemma, set())
            intro = " ".join(each.name for each in files.missing(lemma, set()))
            found = [(name, [*([f"intros {intro}."] if intro else []), *lines]) for name, lines in scripts.candidates(lemma, proofs.stored)]
        except Untranslatable:
            continue
        yield lemma, [(name, f"Goal {statement}.\nProof.\n" + "\n".join(lines) + "\nQed.\n") for name, lines in found]


def search(ids: Iterable[str], folder: Path) -> None:
    """Find a script for each step that has none, and store which."""
    write_whole(folder / "prelude.v", files.prelude(interval=False))
    coqc(folder / "prelude.v")
    store = {name: dict(value) if isinstance(value, dict) else value for name, value in files.stored().items()}
    for key in ids:
        waiting = list(goals(CLAIMS[key], store["tactics"]))
        while waiting := [(lemma, candidates) for lemma, candidates in waiting if candidates]:
            proved, failed, why = attempt(folder / f"{terms.name(key)}.v", [(lemma, *candidates[0]) for lemma, candidates in waiting])
            for lemma, name in proved:
                store["tactics"][files.digest(lemma)] = name
            if failed is not None:
                print(f"{key}: {failed[0].title or failed[0].name!r}: {failed[1]} does not prove it: {why}", flush=True)
            tried = {lemma.name for lemma, _ in proved}
            waiting = [
                (lemma, candidates[1:] if failed is not None and lemma is failed[0] else candidates)
                for lemma, candidates in waiting if lemma.name not in tried
            ]
        save(store)
        print(f"{key}: searched", flush=True)


def attempt(path: Path, tried):
    """Compile goals in one file: those that pass, the first that fails (or None), and why."""
    text, ends = f"Set Default Timeout {SECONDS}. " + HEADER, []
    for _, _, goal in tried:
        text += goal
        ends.append(text.count("\n"))
    write_whole(path, text)
    try:
        done = coqc(path)
    except subprocess.TimeoutExpired:
        return [], tried[0][:2], "out of time"
    if done.returncode == 0:
        return [(lemma, name) for lemma, name, _ in tried], None, ""
    line = int(re.findall(r"line (\d+), characters", done.stderr)[-1])
    at = next(i for i, end in enumerate(ends) if line <= end)
    return [(lemma, name) for lemma, name, _ in tried[:at]], tried[at][:2], " ".join(done.stderr.split())[-200:]


def save(store) -> None:
    """Write the store, sorted."""
    write_whole(files.STORE, json.dumps(store, indent=0, sort_keys=True) + "\n")
    files.stored.cache_clear()


def check(ids: Iterable[str], folder: Path) -> int:
    """Compile every claim's file, record those that pass, print counts and axioms."""
    store = {name: dict(value) if isinstance(value, dict) else value for name, value in files.stored().items()}
    store["coq"] = files.VERSION
    steps = proved = claims = complete = wrong = 0
    axioms: set[str] = set()
    for key in ids:
        claim = CLAIMS[key]
        if not claim.steps:
            continue
        file = files.export(claim, CLAIMS, proofs.stored)
        path = folder / f"{terms.name(key)}.v"
        write_whole(path, file.text)
        done = coqc(path)
        if done.returncode:
            wrong += 1
            print(f"{key}: Coq refuses the file: {' '.join(done.stderr.split())[-300:]}", flush=True)
        elif file.complete:
            store["accepted"][key] = file.digest
            axioms |= set(re.findall(r"^([\w.']+)\s*(?=:|$)", done.stdout.partition("Axioms:")[2], re.MULTILINE))
        if done.returncode or not file.complete:
            store["accepted"].pop(key, None)
        accepts = any(isinstance(step, Accept) for step in claim.steps)
        provable = [step.name for step in claim.steps if not isinstance(step, Accept)]
        steps += len(provable)
        proved += 0 if done.returncode else sum(not file.steps[name] for name in provable)
        claims += not accepts
        complete += not accepts and file.complete and not done.returncode
        open_steps = "; ".join(f"{name}: {why}" for name, why in file.steps.items() if why)
        print(f"{key}: {'theorem' if file.complete and not done.returncode else 'incomplete'} {open_steps}", flush=True)
        save(store)
    print(f"steps: {proved} of {steps} proved ({proved / max(steps, 1):.1%})")
    print(f"claims without an accepted lemma: {complete} of {claims} are theorems ({complete / max(claims, 1):.1%})")
    print("axioms: " + ", ".join(sorted(axioms)))
    return int(wrong > 0)


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="claims; all if none is given")
    parser.add_argument("--search", action="store_true", help="try the scripts of steps that have none stored")
    parser.add_argument("--only-search", action="store_true", help="do not compile the files afterwards")
    chosen = parser.parse_args()
    ids = chosen.ids or list(CLAIMS)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.search or chosen.only_search:
            search(ids, Path(folder))
        return 0 if chosen.only_search else check(ids, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
