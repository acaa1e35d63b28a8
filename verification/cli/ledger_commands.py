"""`saddlecheck check`, `claims`, `show` and `recheck`."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.printing import terminal
from saddlecheck.verification.cli.console import coloured, err, out, progress
from saddlecheck.verification.ledger import book, cache, certificate, snapshot
from saddlecheck.verification.ledger import recheck as rechecking
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.twins import run_trials

Ids = Annotated[list[str] | None, typer.Argument(help="Claim ids; all claims if none is given.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the ledger's verbs to the application."""
    app.command()(check)
    app.command()(claims)
    app.command()(show)
    app.command()(recheck)
    app.command()(twins)


def check(
    ids: Ids = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a claim, nothing else.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    report: Annotated[Path, typer.Option(help="Folder for the certificates.")] = Path("report"),
    numeric: Annotated[bool, typer.Option(help="Count experiments and training records as evidence.")] = True,
    full: Annotated[bool, typer.Option("--full", help="The longer experiments, with tighter margins.")] = False,
    draw: Annotated[int, typer.Option(min=0, help="Repeat the experiments on this other set of random numbers.")] = 0,
    pin: Annotated[bool, typer.Option("--pin", help="Record these verdicts as reviewed.")] = False,
) -> int:
    """Settle every claim, or the named ones: prove, refute, simulate; print the verdicts; write certificates.

    Exit code 1 if a verdict is not as it was last reviewed.

    Examples:  saddlecheck check    saddlecheck check thm1 cor1-inequality    saddlecheck check --json > book.jsonl
    """
    report.mkdir(parents=True, exist_ok=True)
    certificates = _certificates(ids, jobs=jobs, numeric=numeric, profile=Profile(full, draw))
    for name, data in certificates.items():
        cache.write_json(report / f"{name}.json", data)
    summaries = [certificate.summary(data) for data in certificates.values()]
    cache.write_json(report / "ledger.json", {"claims": summaries})
    if as_json:
        for one in summaries:
            print(json.dumps(one))
    else:
        out.print(table(certificates.values()))
        out.print(f"Certificates are in {report}/ ; re-evaluate one with: saddlecheck recheck {report}/ID.json")
    # Without experiments, a claim that waits for a run has not moved: it was not judged.
    waiting = {name for name, data in certificates.items() if not numeric and data["settles"] and not data["engines"]}
    verdicts = {name: data["verdict"] for name, data in certificates.items() if name not in waiting}
    if pin:
        book.pin(verdicts)
    moved = book.moves(verdicts, book.pinned_verdicts())
    for m in moved:
        err.print(f"moved: {m.id} is now {m.found!r}, last reviewed as {m.pinned!r}", markup=False)
    return int(bool(moved))


def _certificates(ids: list[str] | None, *, jobs: int, numeric: bool, profile: Profile) -> dict[str, dict[str, Any]]:
    """The certificates of the claims asked for, from the last run where nothing has changed since."""
    key = snapshot.key(numeric=numeric, profile=profile)
    if (stored := snapshot.load(key)) is not None:
        return {i: stored[i] for i in known(ids, tuple(stored))}
    wanted = known(ids)
    with progress() as bar:
        tasks = {"proofs": bar.add_task("proofs", total=len(wanted))}
        if numeric:
            tasks["experiments"] = bar.add_task("experiments", total=None)
        reports = book.check_all(
            wanted, jobs=jobs, numeric=numeric, profile=profile, progress=lambda stage, _id: bar.advance(tasks[stage])
        )
    certificates = {i: certificate.certificate(r) for i, r in reports.items()}
    if not ids:
        snapshot.store(key, certificates)
    return certificates


def claims(
    section: Annotated[str | None, typer.Option(help="Only this section of the paper, e.g. 4.3.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a claim, nothing else.")] = False,
) -> None:
    """List the claims, in the paper's order, with place and id."""
    chosen = [c for c in book.claims().values() if section is None or c.place.section == section]
    if not chosen:
        sections = sorted({c.place.section for c in book.claims().values()})
        raise ValueError(f"no claim is from section {section!r}; sections are {', '.join(sections)}.")
    if as_json:
        for c in chosen:
            fields = {"id": c.id, "place": str(c.place), "title": c.title, "says": c.says, "amends": c.amends}
            print(json.dumps(fields))
        return
    listing = Table(box=None, pad_edge=False)
    for column in ("id", "place", "claim"):
        listing.add_column(column, no_wrap=column == "id", overflow="fold")
    for c in chosen:
        listing.add_row(c.id, str(c.place), escape(c.title + (f" (amends {c.amends})" if c.amends else "")))
    out.print(listing)


def show(
    claim_id: Annotated[str, typer.Argument(metavar="ID", help="A claim's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the certificate as JSON, nothing else.")] = False,
) -> None:
    """Show one claim: statement, conditions, each step with its checks, verdict and witness."""
    (name,) = known([claim_id])
    report = book.check(name)
    if as_json:
        print(json.dumps(certificate.certificate(report)))
        return
    claim, judgement = report.claim, report.judgement
    out.print(f"[bold]{claim.id}[/] · {escape(claim.title)}\n{escape(str(claim.place))}\n\n{escape(claim.says)}")
    if claim.reading:
        out.print(f"[dim]{escape(claim.reading)}[/]")
    out.print("\n[bold]Statement[/]")
    _print_formula(claim.statement)
    for condition in claim.given:
        _print_formula(condition, "given ")
    for step in claim.steps:
        out.print(f"\n[bold]{escape(step.name)}[/]  {escape(step.because)}")
        _print_formula(step.formula)
        for e in (e for e in report.evidence if e.about == step.name):
            out.print(f"  {e.engine}: {e.status} in {e.seconds:.2f} s {e.why}", markup=False)
    out.print(f"\n{coloured(report.verdict)}: {escape(judgement.reason)}")
    if judgement.witness is not None:
        out.print("  witness: " + (", ".join(f"{s} = {v}" for s, v in judgement.witness.items()) or "no variables"))
    if claim.finding:
        out.print(escape(claim.finding))


def twins(
    ids: Ids = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    every: Annotated[bool, typer.Option("--every", help="Every general mistake in every step.")] = False,
) -> int:
    """Put every claim with a deliberate mistake to the engines, and report how many mistakes are refuted.

    Exit code 1 if one survives.
    """
    wanted = known(ids)
    with progress() as bar:
        tried = [
            t for batch in bar.track(run_trials(wanted, jobs, every), len(wanted), description="twins") for t in batch
        ]
    for t in tried:
        if not t.killed:
            err.print(f"survived: {t.claim}, {t.target}: {t.mistake}: {t.formula}", markup=False)
    killed = sum(t.killed for t in tried)
    out.print(f"false twins: {killed} of {len(tried)} refuted ({killed / max(len(tried), 1):.1%})")
    return int(killed < len(tried))


def recheck(
    file: Annotated[Path, typer.Argument(help="A certificate written by `check`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")] = False,
) -> int:
    """Re-evaluate a certificate's witness and steps from the file alone, without the derivations.

    Exit code 1 if anything in it is contradicted.
    """
    data = rechecking.read(file)
    found = list(rechecking.recheck(data))
    if as_json:
        print(json.dumps({"id": data["id"], "verdict": data["verdict"], "lines": [asdict(line) for line in found]}))
    else:
        out.print(f"{data['id']}: {data['verdict']}", markup=False)
        for line in found:
            out.print(f"  {line.what}: {line.result} ({line.how})", markup=False)
    return int(any(line.result == "contradicted" for line in found))


def known(ids: list[str] | None, existing: Collection[str] | None = None) -> list[str]:
    """The ids, each of which must be a claim's; a ValueError with the nearest ids otherwise. None means all."""
    existing = book.claims() if existing is None else existing
    for i in ids or ():
        if i not in existing:
            near = difflib.get_close_matches(i, existing, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`saddlecheck claims` lists them all."
            raise ValueError(f"no claim is called {i!r}: {hint}")
    return list(ids) if ids else list(existing)


def table(certificates: Iterable[Mapping[str, Any]]) -> Table:
    """The verdict table of some certificates."""
    wide = out.width >= 100
    result = Table(box=None, pad_edge=False)
    result.add_column("claim", no_wrap=wide, overflow="fold")
    for column in ("place", "verdict", "engines", "witness or reason") if wide else ("verdict", "witness or reason"):
        result.add_column(column, overflow="fold")
    for c in certificates:
        point = ", ".join(f"{s} = {v}" for s, v in (c["witness"] or {}).items())
        grounds = "; ".join(part for part in (f"at {point}" if point else "", c["reason"]) if part)
        middle = (c["place"], coloured(Verdict(c["verdict"])), " ".join(c["engines"]))
        result.add_row(c["id"], *(middle if wide else middle[1:2]), escape(grounds))
    return result


def _print_formula(formula: Any, before: str = "") -> None:
    for line in terminal.lines(formula):
        out.print(f"  {before}{line}", markup=False)
        before = ""
