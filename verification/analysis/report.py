"""The analysis as a table for a terminal: words carry the meaning, colours repeat it."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from saddlecheck.verification.analysis.reading import listed
from saddlecheck.verification.analysis.result import Component, Findings, OwnRule, Point, Ruling
from saddlecheck.verification.analysis.settings import SHOWN
from saddlecheck.verification.palette import ORANGE, RULING

_ROWS = 24
_WIDE = 110  # columns from which the verdicts fit beside the spectrum; below they follow it


def print_report(analysis: Findings, console: Console, *, every: bool = False) -> None:
    """Print the table, the reasons, the shares of captured starts and the warnings."""
    console.print(f"[bold]{escape(analysis.loss)}[/]  " + _settings(analysis))
    if analysis.points:
        console.print(
            _table(analysis, [] if every or console.width < _WIDE else chosen(analysis.points[0], every=False))
        )
        if len(analysis.points) > _ROWS:
            console.print(f"… and {len(analysis.points) - _ROWS} more points; --json lists them all.")
    elif not analysis.components:
        console.print("No critical point" + (": there is none." if analysis.complete else " was found."))
    for name, about in analysis.rules.items():
        _print_rule(name, about, console)
    for component in analysis.components:
        _print_component(component, console, every=every)
    for k, p in enumerate(analysis.points[:_ROWS]):
        _print_reasons(f"point {k + 1}", p, console, every=every)
    if analysis.measured is not None:
        for name, value in analysis.measured.items():
            console.print(f"  {name}: {value}", markup=False)
    where = "" if analysis.box is None else " in the box"
    status = "all real critical points, certified" if analysis.complete else "not proved to be complete"
    engines = f" ({', '.join(analysis.engines)})" if analysis.engines else ""
    console.print(f"\n[bold]List:[/] {status}{where}{escape(engines)}")
    for w in analysis.warnings:
        console.print(f"[{ORANGE}]warning:[/] {escape(w)}")


def _settings(analysis: Findings) -> str:
    s = analysis.settings
    shown = [f"rho = {s.rho:g}", f"lr = {s.lr:g}", f"momentum = {s.momentum:g}"]
    if s.batch is not None:
        shown.append(f"batch = {s.batch:g}")
    return "[dim]" + ", ".join(shown) + "[/]"


def chosen(p: Point, *, every: bool) -> list[str]:
    """Ids of the optimisers that are shown."""
    usual = [n for n in SHOWN if n in p.optimisers]
    return list(p.optimisers) if every or not usual else usual


def _table(analysis: Findings, names: list[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("", "at", "kind", "eigenvalues", "rho*"):
        table.add_column(column, overflow="fold")
    for n in names:
        table.add_column(n.replace("_", " "), overflow="fold")
    for k, p in enumerate(analysis.points[:_ROWS]):
        table.add_row(str(k + 1), *_about(p), *(_word(p.optimisers[n]) for n in names))
    return table


def _about(p: Point) -> tuple[str, str, str, str]:
    place = f"({listed(p.at)})" if p.at else "here"
    values = [f"{e:.5g}" for e in p.eigenvalues]
    spectrum = ", ".join(values if len(values) <= 4 else [*values[:2], "…", *values[-1:]])
    none = "–" if p.threshold_known else "?"
    return place, p.kind, spectrum, none if p.rho_threshold is None else f"{p.rho_threshold:.8g}"


def _word(r: Ruling) -> str:
    mark = {"confirmed": " ✓", "contradicted": " ✗"}.get(r.simulated or "", "")
    return f"[{RULING[r.verdict]}]{r.verdict}[/]{mark}"


def _print_reasons(title: str, p: Point, console: Console, *, every: bool) -> None:
    console.print(f"\n[bold]{title}[/] {escape(_about(p)[0])}")
    for n in chosen(p, every=every):
        r = p.optimisers[n]
        extras = []
        if r.flow not in ("undecided", r.verdict):
            extras.append(f"the flow {r.flow}")
        if r.radii:
            extras.append(f"small steps attract for {_radii(r)}")
        if r.variance is not None:
            extras.append(f"stationary variance {r.variance:.4g}")
        if r.escape_time is not None:
            extras.append(f"mean escape after {r.escape_time:.4g} steps")
        if r.seen is not None:
            extras.append(f"simulation {r.simulated}: {r.seen}")
        if shares := p.basins.get(n):
            whole = [s for s in shares if s.captured == s.of]
            shown = whole[-1] if whole else shares[0]
            extras.append(
                f"captures {shown.captured} of {shown.of} starts from distance {shown.radius:.3g} "
                f"(95 %: {shown.low:.2f} to {shown.high:.2f})"
            )
        tail = f" [dim]{escape('; '.join(extras))}[/]" if extras else ""
        console.print(f"  {n}: {_word(r)}  {escape(r.why)}{tail}")
        console.print(f"    [dim]rests on {escape(', '.join(r.claims))}[/]")
    if p.region is not None:
        console.print(_region(p, every=every))


def _print_rule(name: str, about: OwnRule, console: Console) -> None:
    console.print(f"\n[bold]{escape(name)}[/]: {escape(about.basis)}.")
    if about.multiplier is not None:
        console.print(f"  a step multiplies by {about.multiplier}", markup=False)
        console.print(
            f"  small steps hold a minimum: {about.minimum}; trap a direction -mu: {about.trapped}", markup=False
        )


def _radii(r: Ruling) -> str:
    return ", ".join(f"rho > {low:.6g}" if high is None else f"{low:.6g} < rho < {high:.6g}" for low, high in r.radii)


def _region(p: Point, *, every: bool) -> Table:
    assert p.region is not None
    names = [n for n in chosen(p, every=every) if n in p.region.lr_max]
    table = Table(title="stable for steps below", title_justify="left", box=None, pad_edge=False)
    for column in ("rho", *(n.replace("_", " ") for n in names)):
        table.add_column(column, overflow="fold")
    for k in range(0, len(p.region.rho), 4):
        row = [p.region.lr_max[n][k] for n in names]
        table.add_row(f"{p.region.rho[k]:.4g}", *("–" if v is None else f"{v:.5g}" for v in row))
    return table


def _print_component(c: Component, console: Console, *, every: bool) -> None:
    place = " and ".join(f"{e} = 0" for e in c.equations) or "everywhere"
    console.print(f"\n[bold]critical set of dimension {c.dimension}:[/] {escape(place)}")
    for p in c.pieces:
        console.print(f"  {p.kind} across it" + ("" if p.where == "True" else f" where {p.where}"), markup=False)
    if c.transverse_eigenvalues:
        console.print(f"  transverse eigenvalues: {', '.join(c.transverse_eigenvalues)}", markup=False)
    for sample in c.samples:
        _print_reasons("sample", sample, console, every=every)
