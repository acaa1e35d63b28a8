"""What an analysis returns: a ruling for each optimiser at each critical point, as objects and as JSON data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 2  # of `Findings.to_dict`; raised when a field's meaning changes, or one goes
VerdictWord = Literal["attracts", "repels", "neutral", "cycle", "undecided"]


@dataclass(frozen=True)
class End:
    """A cycle beside a critical point and how many of `of` random starts came to it.

    On a quadratic loss, or in the loss's quadratic part, each is known exactly; pattern is its signs, such as ++--.
    Else they were run on the loss itself, and pattern is empty.  half_width: a weight.  period: in steps.
    """

    pattern: str
    half_width: float
    starts: int
    of: int
    period: int

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Ruling:
    """What one optimiser does at one critical point.

    verdict: of the discrete map at the given settings: attracts, repels, neutral (linearisation is exactly marginal
    and nothing beyond it moves), cycle (caught, but it circles the point), undecided.  lr_max: below it every step
    attracts (or cycles), inf where all do; None where no step does, or where it is named in `unknown`.  why: one
    sentence.  claims: ids of the theorems that it rests on.  flow: the verdict for infinitely small steps.  certified:
    it follows from enclosures, not from floats; of a cycle that it exists and attracts, not which starts come to it.
    cycle: half-width of the cycle that most starts come to, or of the band, a weight; none where it repels.
    period: its steps, None for a band.  cycle_at: its points in order.  ends: the cycles about the point that random
    starts came to, this one included.  sampled: from how many starts a band was measured, 0 for one that is proved.
    rate: what a step multiplies the distance from the cycle by in the long run, 0 where it is not known.
    variance, escape_time: with mini-batch noise (weight^2, steps).
    simulated: "confirmed", "contradicted" or "inconclusive", with what was seen; None if it was not simulated.
    """

    verdict: VerdictWord
    lr_max: float | None
    why: str
    claims: tuple[str, ...]
    flow: str = "undecided"
    certified: bool = True
    cycle: float | None = None
    period: int | None = None
    cycle_at: tuple[tuple[float, ...], ...] | None = None
    ends: tuple[End, ...] = ()
    sampled: int = 0
    rate: float = 0.0
    variance: float | None = None
    escape_time: float | None = None
    simulated: str | None = None
    seen: str | None = None
    unknown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # None says that no step attracts, so where one does, or may, it is not known which.
        if self.lr_max is None and self.verdict in ("attracts", "cycle", "undecided"):
            object.__setattr__(self, "unknown", ("lr_max",))
        if self.verdict == "repels":  # nothing ends on a cycle that the words may speak of
            for name, nothing in (("cycle", None), ("period", None), ("cycle_at", None), ("rate", 0.0)):
                object.__setattr__(self, name, nothing)

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        data: dict[str, Any] = {
            "verdict": self.verdict,
            "lr_max": finite(self.lr_max),
            "why": self.why,
            "claims": list(self.claims),
            "flow": self.flow,
            "certified": self.certified,
        }
        for name in ("cycle", "period", "variance", "escape_time", "simulated", "seen"):
            value = getattr(self, name)
            if value is not None:
                data[name] = finite(value) if isinstance(value, float) else value
        if self.cycle_at is not None:
            data["cycle_at"] = [list(place) for place in self.cycle_at]
        if self.ends:
            data["ends"] = [e.to_dict() for e in self.ends]
        if self.unknown or self.lr_max == math.inf:
            data["null_means"] = {"lr_max": "unknown" if self.unknown else "unbounded"}
        return data


@dataclass(frozen=True)
class Share:
    """Of `of` random starts at a distance, how many an optimiser captured, with Wilson's 95 % interval."""

    radius: float
    captured: int
    of: int
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        return {
            "radius": self.radius,
            "captured": self.captured,
            "of": self.of,
            "share": self.captured / self.of,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True)
class Point:
    """A critical point and the rulings on it.

    at, value, eigenvalues: floats.  kind: minimum, maximum, saddle or degenerate.  index: of negative eigenvalues.
    rho_threshold: beyond it constant-radius SAM's flow holds every negative direction; None without any, and where
    `threshold_known` is False.
    exact: coordinates as text where they are known exactly.  certified: existence is proved.  transverse: on a line
    or surface of critical points, so that the rulings are about the directions across it.
    basins: optimiser id -> shares of captured starts at growing distances.
    """

    at: tuple[float, ...]
    value: float
    eigenvalues: tuple[float, ...]
    kind: str
    index: int
    rho_threshold: float | None
    optimisers: dict[str, Ruling]
    certified: bool
    exact: tuple[str, ...] | None = None
    transverse: bool = False
    basins: dict[str, tuple[Share, ...]] = field(default_factory=dict)
    region: dict[str, Any] | None = None
    threshold_known: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        data: dict[str, Any] = {
            "at": list(self.at),
            "value": finite(self.value),
            "eigenvalues": [finite(e) for e in self.eigenvalues],
            "kind": self.kind,
            "index": self.index,
            "rho_threshold": finite(self.rho_threshold),
            "optimisers": {k: r.to_dict() for k, r in self.optimisers.items()},
            "certified": self.certified,
        }
        if self.exact is not None:
            data["exact"] = list(self.exact)
        if self.basins:
            data["basins"] = {k: [s.to_dict() for s in shares] for k, shares in self.basins.items()}
        if self.region is not None:
            data["region"] = self.region
        if not self.threshold_known:
            data["null_means"] = {"rho_threshold": "unknown"}
        return data


@dataclass(frozen=True)
class Component:
    """A line, curve or surface of critical points: its equations, its kinds and where they hold, rulings at samples."""

    equations: tuple[str, ...]
    dimension: int
    value: float
    pieces: tuple[tuple[str, str], ...]
    transverse_eigenvalues: tuple[str, ...]
    samples: tuple[Point, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        return {
            "equations": list(self.equations),
            "dimension": self.dimension,
            "value": finite(self.value),
            "pieces": [{"kind": kind, "where": where} for kind, where in self.pieces],
            "transverse_eigenvalues": list(self.transverse_eigenvalues),
            "samples": [p.to_dict() for p in self.samples],
        }


@dataclass(frozen=True)
class Findings:
    """What an analysis found: the critical points of a loss and what each optimiser does at them.

    points: isolated ones, by value.  components: lines, curves, …  complete: all real critical points are here, and
    that is proved.  warnings: hypotheses that fail, contradictions, what could not be finished.  box: searched, None
    for all of space.  settings: rho, lr, momentum, ….  measured: what was estimated from data, for a torch model.
    source: the loss as an object where it is symbolic (for plots).
    """

    loss: str
    variables: tuple[str, ...]
    points: tuple[Point, ...]
    components: tuple[Component, ...]
    complete: bool
    warnings: tuple[str, ...]
    settings: dict[str, Any]
    engines: tuple[str, ...] = ()
    box: tuple[tuple[float, float], ...] | None = None
    measured: dict[str, Any] | None = None
    source: Any = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON data, valid against `saddlecheck.verification.analysis.schema.SCHEMA`."""
        data: dict[str, Any] = {
            "schema": SCHEMA_VERSION,
            "loss": self.loss,
            "variables": list(self.variables),
            "points": [p.to_dict() for p in self.points],
            "components": [c.to_dict() for c in self.components],
            "warnings": list(self.warnings),
            "complete": self.complete,
            "settings": self.settings,
            "engines": list(self.engines),
            "box": None if self.box is None else [list(r) for r in self.box],
        }
        if self.measured is not None:
            data["measured"] = self.measured
        return data

    @property
    def everything(self) -> list[Point]:
        """Isolated points and the samples of components."""
        return [*self.points, *(s for c in self.components for s in c.samples)]


def finite(value: float | None) -> float | None:
    """JSON has no infinity: None stands for a bound that is not there."""
    return None if value is None or not math.isfinite(value) else value
