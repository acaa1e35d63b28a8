"""`saddlecheck show`, `twins` and `recheck`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.evidence import AT_SCALE
from saddlecheck.theory.papers.losses import losses
from saddlecheck.theory.printing import displays, terminal
from saddlecheck.theory.printing.tex import alphabet
from saddlecheck.theory.proof_assistant import files
from saddlecheck.verification.cli.console import coloured, err, out, progress
from saddlecheck.verification.cli.subject import InPaper, Subject, Words, one, subject
from saddlecheck.verification.cli.tables import grounds
from saddlecheck.verification.ledger import beside, pins, proofs, wordings
from saddlecheck.verification.ledger import recheck as rechecking
from saddlecheck.verification.ledger.lookup import known
from saddlecheck.verification.ledger.twins import run_trials
from saddlecheck.verification.user_file import named


def show(
    words: Words = None,
    paper: InPaper = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the certificate as JSON, nothing else.")] = False,
    as_graph: Annotated[bool, typer.Option("--graph", help="Print the claims that it rests on, and how.")] = False,
) -> None:
    """Show one claim, by its id or its place: statement, conditions, each step with its checks, verdict and witness.

    A place is looked up in the first paper, or in that of --paper; your own FILE may stand before the claim.

    Examples:  saddlecheck show thm1    saddlecheck show "Theorem 2"    saddlecheck show "(12)"    \
saddlecheck show thm1 --graph --json
    """
    if not words:
        raise ValueError('name a claim by its id or its place, as in `saddlecheck show thm1` or show "Theorem 2".')
    about, name = one(words, paper)
    with alphabet(about.paper.symbols if about.paper else {}):
        if as_graph:
            _show_graph(about, name, as_json)
        else:
            _show_claim(about, name, as_json)


def _show_claim(about: Subject, name: str, as_json: bool) -> None:
    report = about.check_all([name])[name]
    if as_json:
        print(json.dumps(about.certificate(report)))
        return
    claim, judgement = report.claim, report.judgement
    out.print(f"[bold]{claim.id}[/] · {escape(claim.title)}\n{escape(str(claim.place))}\n\n{escape(claim.says)}")
    if claim.reading:
        out.print(f"[dim]{escape(claim.reading)}[/]")
    if about.in_house and (settled_for := losses(claim.id)):
        out.print(f"[dim]{escape(settled_for)}[/]")
    out.print("\n[bold]Statement[/]")
    shown = displays.in_text(claim)
    for line in shown.formula if claim.display else ():
        out.print(f"  {line}", markup=False)
    for line in shown.where:
        out.print(f"  where {line}", markup=False)
    if claim.display:
        out.print("[dim]as it was checked[/]")
    _print_formula(claim.statement)
    for condition in claim.given:
        _print_formula(condition, "given ")
    if claim.argument:
        out.print(f"\n[bold]Argument[/]\n{escape(claim.argument)}")
    for step in claim.steps:
        out.print(f"\n[bold]{escape(step.name)}[/]  {escape(step.because)}")
        _print_formula(step.formula)
        for e in (e for e in report.evidence if e.about == step.name):
            out.print(f"  {e.engine}: {e.status} in {e.seconds:.2f} s {e.why}", markup=False)
    for e in (e for e in report.evidence if AT_SCALE in e.settings):
        out.print(f"\n[bold]Runs at a smaller scale[/]  {e.settings[AT_SCALE]}")
        out.print(f"  {e.why}", markup=False)
    word = coloured(report.verdict) + judgement.words.removeprefix(report.verdict)
    out.print(f"\n{word}: {escape(judgement.reason)}")
    if ground := grounds(report.summary()):
        out.print(f"  ground: {ground}", markup=False)
    if files.is_accepted(claim, about.around(name), proofs.stored):
        out.print(
            f"  accepted by Coq {files.VERSION} (stored run); saddlecheck export --coq {claim.id} writes the file"
        )
    if judgement.witness is not None:
        out.print("  witness: " + (", ".join(f"{s} = {v}" for s, v in judgement.witness.items()) or "no variables"))
    if judgement.inside is not None:
        out.print("  and off the edge: " + ", ".join(f"{s} = {v}" for s, v in judgement.inside.items()))
    if claim.finding:
        out.print(escape(claim.finding))


def _show_graph(about: Subject, name: str, as_json: bool) -> None:
    """The claims below one, each with its verdict and the edges that leave it."""
    below = graph.below(about.around(name), [name])
    reports = about.check_all(below)
    for i, edges in below.items():
        if as_json:
            plain = [
                {"on": e.on, "how": e.how, "step": e.step, "at": {str(k): str(v) for k, v in e.at.items()}}
                for e in edges
            ]
            print(json.dumps({"id": i, "verdict": reports[i].judgement.words, "edges": plain}))
            continue
        out.print(f"{i}: {reports[i].judgement.words}", markup=False)
        for e in edges:
            out.print(f"  {str(e).removeprefix(i + ' ')}", markup=False)


def twins(
    words: Words = None,
    paper: InPaper = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    every: Annotated[bool, typer.Option("--every", help="Every general mistake in every step.")] = False,
) -> int:
    """Put every claim with a deliberate mistake to the engines, and report how many mistakes are refuted.

    Then come the statements next to the ledger's claims, different in one place or under one condition less, as they
    were last looked at: how many are refuted or true as well, and each that nothing decides. Exit code 1 if a twin
    survives.

    Examples:  saddlecheck twins thm1    saddlecheck twins my_paper.py
    """
    about, ids = subject(words or [], paper)
    wanted = known(ids or None, about.own)
    with progress() as bar:
        batches = run_trials(about.catalogue, wanted, jobs, every)
        tried = [t for batch in bar.track(batches, len(wanted), description="twins") for t in batch]
    for t in tried:
        if not t.killed:
            err.print(f"survived: {t.claim}, {t.target}: {t.mistake}: {t.formula}", markup=False)
    if not tried:
        out.print("no false twins: they are made of steps, and of what twins=(…) of a claim names")
        return 0
    killed = sum(t.killed for t in tried)
    out.print(f"false twins: {killed} of {len(tried)} refuted ({killed / len(tried):.1%})")
    for line in beside.lines(about.catalogue[i] for i in wanted):
        out.print(line, markup=False)
    return int(killed < len(tried))


def recheck(
    file: Annotated[Path, typer.Argument(help="A certificate written by `check`, or your own FILE.py[:NAME].")],
    report: Annotated[
        Path | None,
        typer.Option(help="Where the certificates of FILE.py are; report/PAPER.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a certificate.")] = False,
) -> int:
    """Verify a certificate by a small checker that knows neither the claims nor the engines.

    Of FILE.py all certificates are verified, and that their words and formulas are those of the file. Exit code 0 if
    all of it is verified, 1 if something is refuted or was altered, 3 if there are parts that the checker can only
    trust; it lists them.
    """
    if named(str(file)) is None:
        return _print_examination(rechecking.recheck(file, pins.wordings()), as_json)
    about, _ = subject([str(file)])
    folder = about.folder if report is None else report
    if missing := [i for i in about.own if not (folder / f"{i}.json").exists()]:
        raise ValueError(f"{folder}/{missing[0]}.json is missing; write it with `saddlecheck check {file}`.")
    words = wordings.of(about.catalogue, about.paper)
    codes = {_print_examination(rechecking.recheck(folder / f"{i}.json", words), as_json) for i in about.own}
    return next((code for code in (1, 3) if code in codes), 0)


def _print_examination(found: rechecking.Examination, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        out.print(f"{found.id}: {found.verdict or 'no verdict'}", markup=False)
        for line in found.lines:
            out.print(f"  {line.what}: {line.result} ({line.how})", markup=False)
    return found.exit_code


def _print_formula(formula: Any, before: str = "") -> None:
    for line in terminal.lines(formula):
        out.print(f"  {before}{line}", markup=False)
        before = ""
