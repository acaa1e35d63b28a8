"""The hypotheses of the theorems, held against the loss at hand: a warning for each that fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from saddlecheck.verification.analysis.clock import LATE
from saddlecheck.verification.analysis.reading import listed
from saddlecheck.verification.analysis.result import Component, Point
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import RULES, judged

if TYPE_CHECKING:
    from saddlecheck.theory.critical.critical_set import CriticalSet

_SMALL_SHARE = 0.5


def warnings(
    found: CriticalSet, points: Sequence[Point], components: Sequence[Component], settings: AnalysisSettings
) -> Iterator[str]:
    """One sentence for each hypothesis that fails, and for each contradiction."""
    yield from found.notes
    if not found.complete:
        yield "The list of critical points is not proved to be complete."
    elif found.box is not None:
        box = " x ".join(f"[{low:g}, {high:g}]" for low, high in found.box)
        yield f"The list is complete inside the box {box} only; give --box to search elsewhere."
    if components:
        yield (
            "Critical points fill lines or surfaces: the Hessian is degenerate there, which Theorem 1 excludes; "
            "verdicts are about the directions across (claims hyperbolic-wlog, toy-transverse)."
        )
    if settings.batch is not None and settings.noise == "additive":
        yield (
            "Variances and escape times assume gradient noise of covariance |H|/B (claim eq23 shows that it can be "
            "otherwise); with data, analyse a torch model to measure it."
        )
    if points and settings.rho > 0 and any(rule.force.normalised for rule in judged(settings).values()):
        yield (
            "At a critical point the gradient is exactly 0 and normalised SAM has no direction: implementations stay "
            "there, and verdicts are about every start beside it."
        )
    for p in points:
        yield from _at(p)


def _at(p: Point) -> Iterator[str]:
    place = f"({listed(p.at)})"
    if p.kind == "degenerate" and not p.transverse:
        yield f"At {place} the Hessian is degenerate, so Theorem 1's hyperbolicity fails (claim hyperbolic-wlog)."
    if not p.certified:
        yield f"The point {place} was found numerically; its existence is not proved."
    beyond = [name for name, r in p.optimisers.items() if r.flow == "attracts" and r.verdict == "repels" and r.lr_max]
    if beyond:
        yield f"At {place} the flow attracts but the step is too long for {', '.join(beyond)}."
    yield from contradictions([p])
    for name, shares in p.basins.items():
        small = [s for s in shares if s.captured / s.of < _SMALL_SHARE]
        if small and name in RULES and RULES[name].force.linear and RULES[name].force.uses_radius:
            yield (
                f"At {place} {name}'s verdict is local: from distance {small[0].radius:.3g} it captured "
                f"{small[0].captured} of {small[0].of} starts."
            )


def contradictions(points: Iterable[Point]) -> Iterator[str]:
    """A sentence for each ruling that its own optimiser contradicted."""
    for p in points:
        for name, r in p.optimisers.items():
            if r.simulated == "contradicted":
                yield f"CONTRADICTED at ({listed(p.at)}): {name} was judged {r.verdict!r}, but {r.seen}."


def not_judged(points: Sequence[Point]) -> list[str]:
    """A sentence where time ran out before every optimiser was judged at every point."""
    late = sum(any(r.why == LATE for r in p.optimisers.values()) for p in points)
    return [f"Time ran out: {late} of {len(points)} points are listed but not (all) judged."] if late else []
