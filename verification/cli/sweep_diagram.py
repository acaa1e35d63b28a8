"""`saddlecheck analyse LOSS --sweep rho=0:2`: what an optimiser comes to over a range."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.analysis.continuation import bifurcation
from saddlecheck.verification.analysis.diagram import Diagram
from saddlecheck.verification.analysis.parameter import read
from saddlecheck.verification.cli.console import err, out
from saddlecheck.verification.palette import ORANGE


def sweep_command(
    loss: Loss, text: str, optimisers: Sequence[str], *, as_json: bool, plot: Path | None, box: Any, timeout: float,
    say: Callable[[str], Any], **settings: Any,
) -> None:  # fmt: skip
    """Make the diagrams, each with its share of the time, then print and draw them."""
    name, low, high = read(text)
    more: dict[str, Any] = {**settings, "box": box, "timeout": timeout / len(optimisers), "progress": say}
    found = [bifurcation(loss, name, low, high, optimiser=o, **more) for o in optimisers]
    if plot is not None:
        from saddlecheck.verification.figures.bifurcation_plot import draw

        say("drawing")
        draw(found, str(plot))
    if as_json:
        print(json.dumps([d.to_dict() for d in found], allow_nan=False))
    else:
        for d in found:
            print_diagram(d)
    if plot is not None:
        err.print(f"The picture is in {plot}", markup=False)


def print_diagram(d: Diagram) -> None:
    """Critical points, thresholds with their claims, and the ranges of the parameter with the same attractors."""
    out.print(f"\n[bold]{d.optimiser}[/] on {d.loss}", highlight=False)
    for k, (kind, at) in enumerate(zip(d.kinds, d.critical, strict=True), 1):
        out.print(f"  point {k}: {kind} at ({', '.join(f'{x:.6g}' for x in at)})", markup=False)
    out.print("thresholds:" if d.thresholds else "thresholds: none in this range.")
    for t in d.thresholds:
        proof = t.claim or "numerical"
        out.print(f"  {d.parameter} = {t.value:.8g}: point {t.point} {t.before} below, {t.after} above ({proof})")
    out.print(f"simulated, from {d.settings.starts} starts at each of {len(d.slices)} values:")
    for r in d.ranges:
        ends = f"{r.low:.5g}" if r.low == r.high else f"{r.low:.5g} to {r.high:.5g}"
        out.print(f"  {d.parameter} = {ends}: {r.attractors}", markup=False)
    own = sorted(s.value for s in d.slices if s.equilibria)
    if own:
        out.print(
            f"{d.optimiser} rests where the gradient is not zero, at {len(own)} values from {own[0]:.5g} to "
            f"{own[-1]:.5g} (found by Newton's method); --json lists the places.",
            highlight=False,
        )
    for w in d.warnings:
        out.print(f"[{ORANGE}]warning:[/] {w}")
