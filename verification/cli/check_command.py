"""`saddlecheck check`: settle claims, this project's or a user's own, print the verdicts, write the certificates."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.checker.verdict import Verdict
from saddlecheck.verification.cli import junit
from saddlecheck.verification.cli.console import err, out, progress
from saddlecheck.verification.cli.subject import InPaper, Subject, Words, subject
from saddlecheck.verification.cli.tables import board_table, verdict_table
from saddlecheck.verification.ledger import cache, pins, scoreboard
from saddlecheck.verification.ledger.lookup import known
from saddlecheck.verification.ledger.snapshot import Entry, Results


def check(
    words: Words = None,
    paper: InPaper = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a claim, nothing else.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Print every claim's verdict, not the summary.")] = False,
    verdict: Annotated[
        str | None, typer.Option(help="Print the claims with these verdicts, e.g. refuted,open.", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers prove and refute.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for the certificates; report, for a FILE report/PAPER.", show_default=False),
    ] = None,
    numeric: Annotated[bool, typer.Option(help="Count experiments and training records as evidence.")] = True,
    full: Annotated[bool, typer.Option("--full", help="The longer experiments, with tighter margins.")] = False,
    draw: Annotated[int, typer.Option(min=0, help="Repeat the experiments on this other set of random numbers.")] = 0,
    pin: Annotated[bool, typer.Option("--pin", help="Record these verdicts and statements as reviewed.")] = False,
    fail_on: Annotated[
        str | None, typer.Option(help="Exit with 1 on these verdicts, e.g. refuted,open.", show_default=False)
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write the verdicts as JUnit XML too.", show_default=False)
    ] = None,
) -> int:
    """Settle every claim, the named ones, or those in a Python FILE of your own, which is run as your own program.

    Proves, refutes, simulates; writes certificates; ends with how the papers came out and the false claims that matter,
    or with verdicts (--all, --verdict, named claims, a FILE). Exit code 1 if a verdict, or what a claim states, is not
    as it was last reviewed; for a FILE that is FILE.pinned.toml beside it, if --pin has written it.

    Examples:  saddlecheck check    saddlecheck check thm1 cor1-inequality    saddlecheck check --json > book.jsonl    \
saddlecheck check my_paper.py --fail-on refuted,open
    """
    failing = junit.verdicts(fail_on) if fail_on is not None else frozenset()
    asked = junit.verdicts(verdict) if verdict is not None else frozenset(Verdict)
    about, ids = subject(words or [], paper)
    if pin and about.pins is None:
        raise ValueError("a paper that a package ships has no file beside which to record a review.")
    if every and as_json:
        raise ValueError("--json prints every claim by itself; leave --all out.")
    if junit_file is not None and junit_file.is_dir():
        raise ValueError(f"{junit_file} is a folder; name the file, as in {junit_file}/verdicts.xml.")
    folder = about.folder if report is None else report
    begin = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    entries = settled(about, ids, jobs=jobs, numeric=numeric, profile=Profile(full, draw), cluster=cluster)
    for name, entry in entries.items():
        cache.write_json(folder / f"{name}.json", entry["certificate"])
    summaries = {name: entry["summary"] for name, entry in entries.items()}
    cache.write_json(folder / "ledger.json", {"claims": list(summaries.values()), "versions": cache.versions()})
    changed = _changed(about, entries, numeric=numeric, pin=pin)
    for lines in (changed or {}).values():
        for line in lines:
            err.print(line, markup=False)
    took, moved = time.monotonic() - begin, None if changed is None else len(changed)
    listed = bool(every or ids or verdict is not None or about.file is not None)
    if listed or as_json:
        _list([s for s in summaries.values() if s["verdict"] in asked], summaries, folder, as_json=as_json)
    else:
        from saddlecheck.verification.cli import closing  # it evaluates formulas, and imports SymPy

        shipped = "" if about.in_house or about.paper is None else about.paper.id
        closing.screen(entries, took=took, folder=str(folder), changed=moved, shipped=shipped)
    wrong = {i: [*(changed or {}).get(i, ()), *_unwanted(s, failing)] for i, s in summaries.items()}
    wrong = {i: lines for i, lines in wrong.items() if lines}
    if junit_file is not None:
        junit.write(junit_file, about.paper.id if about.paper else "saddlecheck", summaries, wrong)
    return int(bool(wrong))


def _list(
    chosen: Sequence[Mapping[str, Any]], summaries: Mapping[str, Mapping[str, Any]], folder: Path, *, as_json: bool
) -> None:
    """Print claims, with the scoreboard of all that were settled."""
    if as_json:
        for one in chosen:
            print(json.dumps(one))
        return
    out.print(verdict_table(chosen))
    if len(summaries) > 1:
        out.print(board_table(scoreboard.of_summaries(summaries.values())))
    out.print(f"Certificates are in {folder}/ ; verify one with: saddlecheck recheck {folder}/ID.json")


def _unwanted(summary: Mapping[str, Any], failing: frozenset[Any]) -> list[str]:
    return [f"{summary['id']} is {summary['words']}"] if summary["verdict"] in failing else []


def _changed(about: Subject, entries: Mapping[str, Entry], *, numeric: bool, pin: bool) -> dict[str, list[str]] | None:
    """Claim id -> what is not as it was reviewed; None for a user's file that was never pinned: it has no review."""
    if about.pins is None or not (about.in_house or pin or about.pins.exists()):
        return None
    # Without experiments, a claim that waits for a run has not moved: it was not judged.
    waiting = {
        i for i, e in entries.items() if not numeric and e["certificate"]["settles"] and not e["summary"]["engines"]
    }
    found = pins.pins({i: e["summary"] for i, e in entries.items() if i not in waiting})
    if pin:
        pins.store(found, about.own, about.pins)
        err.print(f"{about.pins} holds what is now reviewed.", markup=False, soft_wrap=True)
    reviewed = pins.load(about.pins)
    return {i: lines for i, one in found.items() if (lines := pins.changes({i: one}, reviewed))}


def settled(
    about: Subject, ids: list[str], *, jobs: int, numeric: bool, profile: Profile, cluster: str | None = None
) -> dict[str, Entry]:
    """Certificates and summaries of the claims asked for, in the list's order; this project's are kept between runs."""
    wanted = set(known(ids or None, about.own))
    results = Results(numeric, profile)
    entries = results.load(wanted) if about.in_house else {}
    if missing := [i for i in about.own if i in wanted and i not in entries]:
        with progress() as bar:
            tasks = {"proofs": bar.add_task("proofs", total=len(missing))}
            if numeric:
                tasks["experiments"] = bar.add_task("experiments", total=None)
            reports = about.check_all(
                missing, jobs=jobs, numeric=numeric, profile=profile, cluster=cluster,
                progress=lambda stage, _id: bar.advance(tasks[stage]),
            )  # fmt: skip
        found = {i: {"certificate": about.certificate(r), "summary": r.summary()} for i, r in reports.items()}
        if about.in_house:
            results.store(found)
        entries |= found
    return {i: entries[i] for i in about.own if i in wanted}
