"""The analysis for a terminal: a matrix of verdicts, then the reasons; words carry the meaning, colours repeat it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from saddlecheck.verification.analysis.matrix import KEY, ROWS, MatrixRow, chosen, groups, tables, word
from saddlecheck.verification.analysis.result import Component, Findings, NoisyRun, OwnRule, Point, Ruling
from saddlecheck.verification.analysis.schedule import in_words
from saddlecheck.verification.palette import ORANGE

_OF_A_POINT = re.compile(r"At (\(.*?\)),? (.*)", re.DOTALL)


def print_report(analysis: Findings, console: Console, *, every: bool = False, verbose: bool = False) -> None:
    """Print the answer.

    Args:
        analysis: what was found.
        console: where to.
        every: with all optimisers, not the usual ones.
        verbose: with the reason of each verdict, what its runs did, and the remarks on single points.
    """
    console.print(f"[bold]{escape(analysis.loss)}[/]  " + _settings(analysis))
    points = analysis.points
    names = chosen(points[0], every=every, momentum=analysis.settings.momentum > 0) if points else []
    rows = groups(points, names)
    for table in tables(rows, names, console.width) if points else ():
        console.print(table)
    if len(rows) > ROWS:
        console.print(f"… and {sum(len(g.points) for g in rows[ROWS:])} more points; --json lists them all.")
    elif not points and not analysis.components:
        console.print("No critical point" + (": there is none." if analysis.complete else " was found."))
    for alike, (basis,) in _together(analysis.rules, lambda n: (analysis.rules[n].basis,)):
        _print_rules({n: analysis.rules[n] for n in alike}, basis, console)
    for component in analysis.components:
        _print_component(component, analysis, console, every=every, verbose=verbose)
    if analysis.everything:
        console.print(f"[dim]{KEY}[/]")
    for g in rows[:ROWS] if verbose else ():
        _print_reasons(g, names, console)
    for g in rows[:ROWS]:
        if not verbose:
            _print_noise(g, names, console)
        if names and g.points[0].optimisers[names[0]].schedule:
            _print_schedule(g, names, console)
        if g.points[0].region is not None:
            console.print(f"\n[bold]{escape(g.title)}[/]")
            console.print(_region(g.points[0], names))
    if analysis.measured is not None:
        for name, value in analysis.measured.items():
            console.print(f"  {name}: {value}", markup=False)
    _print_claims(analysis, every=every, console=console)
    _print_notes(analysis, console, verbose=verbose)


def _settings(analysis: Findings) -> str:
    s = analysis.settings
    shown = [f"rho = {s.rho:g}", f"lr = {s.lr:g}", f"momentum = {s.momentum:g}"]
    if s.batch is not None:
        shown.append(f"batch = {s.batch:g}, {s.noise} noise")
    return "[dim]" + ", ".join(shown) + "[/]"


def _print_claims(analysis: Findings, console: Console, *, every: bool) -> None:
    """What the verdicts on each shown optimiser rest on, optimisers with the same theorems together."""
    resting: dict[str, dict[str, None]] = {}
    for p in analysis.everything:
        for n in chosen(p, every=every, momentum=analysis.settings.momentum > 0):
            resting.setdefault(n, {}).update(dict.fromkeys(p.optimisers[n].claims))
    for names, claims in _together(resting, lambda n: tuple(resting[n])):
        if claims:
            console.print(f"[dim]{escape(', '.join(names))}: rests on {escape(', '.join(claims))}[/]")


def _print_notes(analysis: Findings, console: Console, *, verbose: bool) -> None:
    """Completeness, then warnings: equal sentences on several points once, and those on single points on request."""
    where = "" if analysis.box is None else " in the box"
    status = "all real critical points, certified" if analysis.complete else "not proved to be complete"
    engines = f" ({', '.join(analysis.engines)})" if analysis.engines else ""
    console.print(f"[bold]List:[/] {status}{where}{escape(engines)}")
    places: dict[str, list[str]] = {}
    for w in analysis.warnings:
        found = _OF_A_POINT.fullmatch(w)
        places.setdefault(found[2] if found else w, []).extend([found[1]] if found else [])
    general = [text for text, at in places.items() if not at]
    single = [f"At {_enumerated(at)} {text}" for text, at in places.items() if at]
    for w in [*general, *(single if verbose else [])]:
        console.print(f"[{ORANGE}]warning:[/] {escape(w)}")
    if single and not verbose:
        console.print(f"[dim]-v gives reasons, and {len(single)} remarks on single points.[/]")


def _enumerated(words: Sequence[str]) -> str:
    shown = [*words[:4], f"{len(words) - 4} more"] if len(words) > 5 else list(words)
    return ", ".join(shown[:-1]) + " and " + shown[-1] if len(shown) > 1 else shown[0]


def _together(names: Iterable[str], key: Callable[[str], tuple[str, ...]]) -> list[tuple[list[str], tuple[str, ...]]]:
    """Names with equal keys, in the order of the first of each."""
    found: dict[tuple[str, ...], list[str]] = {}
    for n in names:
        found.setdefault(key(n), []).append(n)
    return [(ns, k) for k, ns in found.items()]


def _print_reasons(g: MatrixRow, names: Sequence[str], console: Console) -> None:
    """Spectrum and reasons of points with one answer; what their runs did, by point where it differs."""
    p = g.points[0]
    values = [f"{e:.5g}" for e in p.eigenvalues]
    spectrum = ", ".join(values if len(values) <= 8 else [*values[:4], "…", *values[-2:]])
    console.print(f"\n[bold]{escape(g.title)}[/]: {p.kind}, eigenvalues {spectrum}")
    for same, _ in _together(names, lambda n: (p.optimisers[n].verdict, p.optimisers[n].flow, p.optimisers[n].why)):
        r = p.optimisers[same[0]]
        flow = f" [dim]The flow {r.flow}.[/]" if r.flow not in ("undecided", r.verdict) else ""
        console.print(f"  {', '.join(same)}: {word(r)}  {escape(r.why)}{flow}")
        for n in same:
            _print_runs(g, n, console, named=len(same) > 1)


def _print_runs(g: MatrixRow, name: str, console: Console, *, named: bool) -> None:
    """What is known of one optimiser at the points of a group, equal words once."""
    texts = dict(zip(g.numbers, (_runs(p, name) for p in g.points), strict=True))
    for text in dict.fromkeys(texts.values()):
        at = [str(k) for k, t in texts.items() if t == text]
        where = "" if len(at) == len(g.points) else f"at {_enumerated(at)}: "
        if text:
            console.print(f"    [dim]{f'{name}: ' if named else ''}{where}{escape(text)}[/]")


def _runs(p: Point, name: str) -> str:
    """What is known of one optimiser beyond its verdict: radii, noise, and what its runs did."""
    r, extras = p.optimisers[name], []
    if r.radii:
        extras.append(f"small steps attract for {_radii(r)}")
    extras += _of_noise(r)
    if r.seen is not None:
        extras.append(f"simulation {r.simulated}: {r.seen}")
    if shares := p.basins.get(name):
        whole = [s for s in shares if s.captured == s.of]
        shown = whole[-1] if whole else shares[0]
        extras.append(
            f"captures {shown.captured} of {shown.of} starts from distance {shown.radius:.3g} "
            f"(95 %: {shown.low:.2f} to {shown.high:.2f})"
        )
    return "; ".join(extras)


def _of_noise(r: Ruling) -> list[str]:
    """What the mini-batches' noise does, by formula or by runs."""
    formulas = (
        ("stationary variance {:.4g}", r.variance),
        ("mean escape after {:.4g} steps", r.escape_time),
        ("a step multiplies E w^2 by {:.5g}", r.mean_square),
    )
    words = [text.format(value) for text, value in formulas if value is not None]
    return words + ([] if r.noisy is None else [_noisy(r.noisy)])


def _noisy(n: NoisyRun) -> str:
    """What runs with noise did, with one standard error."""
    if n.variance is not None:
        return f"simulated with noise: E |w - d|^2 = {n.variance:.4g} +- {n.variance_error:.2g}"
    if n.escape_time is not None:
        return f"simulated with noise: escape after {n.escape_time:.4g} +- {n.escape_error:.2g} steps"
    return f"simulated with noise: {n.escaped} of {n.of} paths left within {n.steps} steps"


def _print_noise(g: MatrixRow, names: Sequence[str], console: Console) -> None:
    """What the noise does at the first point of a group."""
    for same, words in _together(names, lambda n: tuple(_of_noise(g.points[0].optimisers[n]))):
        if words:
            console.print(f"with noise, {escape(g.title)}, {', '.join(same)}: {'; '.join(words)}", highlight=False)


def _print_schedule(g: MatrixRow, names: Sequence[str], console: Console) -> None:
    """From which step of the schedule on each verdict holds."""
    for same, (text,) in _together(names, lambda n: (in_words(g.points[0].optimisers[n].schedule),)):
        console.print(f"{escape(g.title)}, {', '.join(same)}: {text}", highlight=False)


def _print_rules(alike: dict[str, OwnRule], basis: str, console: Console) -> None:
    """What is known of the user's rules whatever the loss; those with one basis together."""
    console.print(f"\n[bold]{escape(', '.join(alike))}[/]: {escape(basis)}.")
    for name, about in alike.items():
        if about.multiplier is not None:
            of = f"{name}: " if len(alike) > 1 else ""
            console.print(f"  {of}a step multiplies by {about.multiplier}", markup=False)
            console.print(
                f"  small steps hold a minimum: {about.minimum}; trap a direction -mu: {about.trapped}", markup=False
            )


def _radii(r: Ruling) -> str:
    return ", ".join(f"rho > {low:.6g}" if high is None else f"{low:.6g} < rho < {high:.6g}" for low, high in r.radii)


def _region(p: Point, shown: Sequence[str]) -> Table:
    assert p.region is not None
    names = [n for n in shown if n in p.region.lr_max]
    table = Table(title="stable for steps below", title_justify="left", box=None, pad_edge=False)
    for column in ("rho", *(n.replace("_", " ") for n in names)):
        table.add_column(column, overflow="fold")
    for k in range(0, len(p.region.rho), 4):
        row = [p.region.lr_max[n][k] for n in names]
        table.add_row(f"{p.region.rho[k]:.4g}", *("–" if v is None else f"{v:.5g}" for v in row))
    return table


def _print_component(c: Component, analysis: Findings, console: Console, *, every: bool, verbose: bool) -> None:
    place = " and ".join(f"{e} = 0" for e in c.equations) or "everywhere"
    console.print(f"\n[bold]critical set of dimension {c.dimension}:[/] {escape(place)}")
    for p in c.pieces:
        console.print(f"  {p.kind} across it" + ("" if p.where == "True" else f" where {p.where}"), markup=False)
    if c.transverse_eigenvalues:
        console.print(f"  transverse eigenvalues: {', '.join(c.transverse_eigenvalues)}", markup=False)
    if c.samples:
        names = chosen(c.samples[0], every=every, momentum=analysis.settings.momentum > 0)
        rows = groups(c.samples, names)
        for table in tables(rows, names, console.width):
            console.print(table)
        for g in rows if verbose else ():
            _print_reasons(g, names, console)
