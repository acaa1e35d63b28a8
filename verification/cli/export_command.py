"""`saddlecheck export`: claims as files for a proof assistant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saddlecheck._files import write_whole
from saddlecheck.theory.proof_assistant import files
from saddlecheck.theory.proof_assistant.terms import name
from saddlecheck.verification.cli.console import out, progress
from saddlecheck.verification.ledger import proofs
from saddlecheck.verification.ledger.library import house, part
from saddlecheck.verification.ledger.lookup import known


def export(
    coq: Annotated[str, typer.Option("--coq", metavar="ID", help="A claim's id, or all.", show_default=False)],
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("coq"),
) -> None:
    """Write claims as Coq files, one a claim: its statement, its steps as lemmas, and the script that proves each.

    A file needs no other; Coq is not needed to write it. Compile one with: coqc FILE

    Examples:  saddlecheck export --coq exp-sign    saddlecheck export --coq all --out theorems
    """
    claims = (house() if coq == "all" else part([coq])).catalogue
    wanted = known(None if coq == "all" else [coq], claims)
    folder.mkdir(parents=True, exist_ok=True)
    theorems = 0
    with progress() as bar:
        for key in bar.track(wanted, description="exporting"):
            file = files.export(claims[key], claims, proofs.stored)
            theorems += file.complete
            write_whole(folder / f"{name(key)}.v", file.text)
            if len(wanted) == 1:
                for step, why in file.steps.items():
                    if why:
                        out.print(f"step {step!r} is not in it: {why}", markup=False)
    out.print(
        f"{len(wanted)} files are in {folder}/ ; {theorems} of them end with the claim as a theorem", markup=False
    )
