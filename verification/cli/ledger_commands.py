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
from saddlecheck.theory.claims import graph
from saddlecheck.theory.printing import terminal
from saddlecheck.theory.proof_assistant import files
from saddlecheck.verification.cli.console import coloured, err, out, progress
from saddlecheck.verification.ledger import book, cache, pins, proofs, snapshot
from saddlecheck.verification.ledger import recheck as rechecking
from saddlecheck.verification.ledger.judge import Ground, Verdict
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
    pin: Annotated[bool, typer.Option("--pin", help="Record these verdicts and statements as reviewed.")] = False,
) -> int:
    """Settle every claim, or the named ones: prove, refute, simulate; print the verdicts; write certificates.

    Exit code 1 if a verdict, or what a claim states, is not as it was last reviewed.

    Examples:  saddlecheck check    saddlecheck check thm1 cor1-inequality    saddlecheck check --json > book.jsonl
    """
    report.mkdir(parents=True, exist_ok=True)
    entries = _entries(ids, jobs=jobs, numeric=numeric, profile=Profile(full, draw))
    for name, entry in entries.items():
        cache.write_json(report / f"{name}.json", entry["certificate"])
    summaries = {name: entry["summary"] for name, entry in entries.items()}
    cache.write_json(report / "ledger.json", {"claims": list(summaries.values()), "versions": cache.versions()})
    if as_json:
        for one in summaries.values():
            print(json.dumps(one))
    else:
        out.print(table(summaries.values()))
        out.print(f"Certificates are in {report}/ ; verify one with: saddlecheck recheck {report}/ID.json")
    # Without experiments, a claim that waits for a run has not moved: it was not judged.
    settles = {name: entry["certificate"]["settles"] for name, entry in entries.items()}
    waiting = {name for name, one in summaries.items() if not numeric and settles[name] and not one["engines"]}
    found = pins.pins({name: one for name, one in summaries.items() if name not in waiting})
    if pin:
        pins.store(found, book.claims())
    changed = pins.changes(found, pins.load())
    for line in changed:
        err.print(line, markup=False)
    return int(bool(changed))


def _entries(ids: list[str] | None, *, jobs: int, numeric: bool, profile: Profile) -> dict[str, snapshot.Entry]:
    """Certificates and summaries of the claims asked for, from the last run where nothing has changed since."""
    key = snapshot.key(numeric=numeric, profile=profile)
    if (stored := snapshot.load(key)) is not None:
        chosen = {i: stored[i] for i in known(ids, tuple(stored))}
        if snapshot.verified(chosen):
            return chosen
    wanted = known(ids)
    with progress() as bar:
        tasks = {"proofs": bar.add_task("proofs", total=len(wanted))}
        if numeric:
            tasks["experiments"] = bar.add_task("experiments", total=None)
        reports = book.check_all(
            wanted, jobs=jobs, numeric=numeric, profile=profile, progress=lambda stage, _id: bar.advance(tasks[stage])
        )
    entries = {i: {"certificate": r.certificate(), "summary": r.summary()} for i, r in reports.items()}
    if not ids:
        snapshot.store(key, entries)
    return entries


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
    as_graph: Annotated[bool, typer.Option("--graph", help="Print the claims that it rests on, and how.")] = False,
) -> None:
    """Show one claim: statement, conditions, each step with its checks, verdict and witness.

    Examples:  saddlecheck show thm1    saddlecheck show thm1 --graph    saddlecheck show thm1 --graph --json
    """
    (name,) = known([claim_id])
    if as_graph:
        _show_graph(name, as_json)
        return
    report = book.check(name)
    if as_json:
        print(json.dumps(report.certificate()))
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
    word = coloured(report.verdict) + judgement.words.removeprefix(report.verdict)
    out.print(f"\n{word}: {escape(judgement.reason)}")
    if ground := grounds(report.summary()):
        out.print(f"  ground: {ground}", markup=False)
    if files.is_accepted(claim, book.claims(), proofs.stored):
        out.print(
            f"  accepted by Coq {files.VERSION} (stored run); saddlecheck export --coq {claim.id} writes the file"
        )
    if judgement.witness is not None:
        out.print("  witness: " + (", ".join(f"{s} = {v}" for s, v in judgement.witness.items()) or "no variables"))
    if judgement.inside is not None:
        out.print("  and off the edge: " + ", ".join(f"{s} = {v}" for s, v in judgement.inside.items()))
    if claim.finding:
        out.print(escape(claim.finding))


def _show_graph(name: str, as_json: bool) -> None:
    """The claims below one, each with its verdict and the edges that leave it."""
    below = graph.below(book.claims(), [name])
    reports = book.check_all(below)
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
    """Verify a certificate by a small checker that knows neither the claims nor the engines.

    Exit code 0 if all of it is verified, 1 if something is refuted or was altered, 3 if there are parts that the
    checker can only trust; it lists them.
    """
    found = rechecking.recheck(file)
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        out.print(f"{found.id}: {found.verdict or 'no verdict'}", markup=False)
        for line in found.lines:
            out.print(f"  {line.what}: {line.result} ({line.how})", markup=False)
    return found.exit_code


def known(ids: list[str] | None, existing: Collection[str] | None = None) -> list[str]:
    """The ids, each of which must be a claim's; a ValueError with the nearest ids otherwise. None means all."""
    existing = book.claims() if existing is None else existing
    for i in ids or ():
        if i not in existing:
            near = difflib.get_close_matches(i, existing, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`saddlecheck claims` lists them all."
            raise ValueError(f"no claim is called {i!r}: {hint}")
    return list(ids) if ids else list(existing)


def grounds(summary: Mapping[str, Any]) -> str:
    """What was done for a verdict, and the weakest part where that is what it says; empty where nothing decides it."""
    if summary["ground"] == Ground.NONE:
        return ""
    return f"{summary['ground']} ({summary['weakest']})" if summary["weakest"] else str(summary["ground"])


def table(summaries: Iterable[Mapping[str, Any]]) -> Table:
    """The verdict table: each verdict with what was done for it, and the weakest part of that."""
    wide = out.width >= 100
    result = Table(box=None, pad_edge=False)
    result.add_column("claim", no_wrap=wide, overflow="fold")
    columns = ("place", "verdict", "ground", "engines", "witness or reason")
    for column in columns if wide else ("verdict", "ground", "witness or reason"):
        result.add_column(column, overflow="fold")
    for c in summaries:
        point = ", ".join(f"{s} = {v}" for s, v in (c["witness"] or {}).items())
        why = "; ".join(part for part in (f"at {point}" if point else "", c["reason"]) if part)
        word = coloured(Verdict(c["verdict"])) + str(c["words"]).removeprefix(c["verdict"])
        middle = (c["place"], word, escape(grounds(c)), " ".join(c["engines"]))
        result.add_row(c["id"], *(middle if wide else middle[1:3]), escape(why))
    return result


def _print_formula(formula: Any, before: str = "") -> None:
    for line in terminal.lines(formula):
        out.print(f"  {before}{line}", markup=False)
        before = ""
