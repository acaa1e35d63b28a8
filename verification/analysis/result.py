"""What an analysis returns: a ruling for each optimiser at each critical point, as objects and as JSON data.

The JSON has the fields in their order; `SET` marks those that are there only where they are set, `INSIDE` those that
are not in it. `saddlecheck.verification.analysis.schema` reads the schema off the same classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from saddlecheck.theory.critical.points import Kind as CriticalKind
from saddlecheck.verification.analysis.settings import INSIDE, AnalysisSettings

SCHEMA_VERSION = 2  # of the JSON; raised when a field's meaning changes, or one goes
FlowWord = Literal["attracts", "repels", "neutral", "undecided"]
VerdictWord = Literal["attracts", "repels", "neutral", "cycle", "undecided"]
Seen = Literal["confirmed", "contradicted", "inconclusive"]
Kind = CriticalKind | Literal["unknown"]
Range = tuple[float, float | None]
SET = {"json": "set"}


def as_json(value: Any) -> Any:
    """Results as JSON data. JSON has no infinity: None stands for a number that is not finite."""
    if is_dataclass(value):
        named = [(f.metadata.get("json"), f.name, getattr(value, f.name)) for f in fields(value)]
        data = {n: as_json(v) for how, n, v in named if how is None or (how == "set" and v not in (None, (), {}))}
        return data | getattr(value, "remarks", {})
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(v) for v in value]
    return finite(value) if isinstance(value, float) else value


def finite(value: float | None) -> float | None:
    """The number, None where it is not finite."""
    return None if value is None or not math.isfinite(value) else value


@dataclass(frozen=True)
class End:
    """A cycle beside a critical point and how many of `of` random starts came to it.

    On a quadratic loss, or in the loss's quadratic part, each is known exactly; pattern is its signs, such as ++--.
    Else they were run on the loss itself, and pattern is empty.

    Attributes:
        half_width: a weight.
        period: in steps.
    """

    pattern: str
    half_width: float
    starts: int
    of: int
    period: int


@dataclass(frozen=True)
class NoisyRun:
    """Runs with mini-batch noise where no formula says what it does: means over `of` paths, and their standard errors.

    Attributes:
        variance: E |w - d|^2 over the last quarter of the steps, weight^2; None where a path left.
        variance_error: its standard error.
        escape_time: mean number of steps to leave the ball; None where a path stayed.
        escape_error: its standard error.
        escaped: how many left.
        steps: that were run.
    """

    variance: float | None
    variance_error: float | None
    escape_time: float | None
    escape_error: float | None
    escaped: int
    of: int
    steps: int


@dataclass(frozen=True)
class Stage:
    """Steps of a schedule, from `first` to `last`, counted from 0, with one verdict."""

    first: int
    last: int
    verdict: VerdictWord


@dataclass(frozen=True)
class Ruling:
    """What one optimiser does at one critical point.

    Attributes:
        verdict: of the discrete map at the given settings: attracts, repels, neutral (linearisation is exactly marginal
            and nothing beyond it moves), cycle (its orbit is bounded, but it circles the point), undecided.
        lr_max: below it every step attracts (or cycles), inf where all do; None where no step does, or where it is
            named in `unknown`.
        why: one sentence.
        claims: ids of the theorems that it rests on.
        flow: the verdict for infinitely small steps.
        certified: it follows from enclosures, not from floats; of a cycle that it exists and attracts, not which starts
            come to it.
        cycle: half-width of the cycle that most starts come to, or of the band, a weight; none where it repels.
        period: its steps, None for a band.
        variance: with mini-batch noise, weight^2.
        escape_time: likewise, steps.
        mean_square: likewise, what a step multiplies E w^2 by along the eigenvector where it is largest.
        noisy: likewise, runs where neither variance nor escape time has a formula.
        schedule: where a schedule of learning rates was given, its steps by verdict.
        simulated: None if it was not simulated, else `seen` says what was seen.
        cycle_at: the cycle's points in order.
        ends: the cycles about the point that random starts came to, this one included.
        sampled: from how many starts a band was measured, 0 for one that is proved.
        rate: what a step multiplies the distance from the cycle by in the long run, 0 where it is not known.
        radii: of a rule of the user's own: the open ranges of rho in which small steps attract; None for no upper end.
        unknown: names of fields that are None because they are not known.
    """

    verdict: VerdictWord
    lr_max: float | None
    why: str
    claims: tuple[str, ...]
    flow: FlowWord = "undecided"
    certified: bool = True
    cycle: float | None = field(default=None, metadata=SET)
    period: int | None = field(default=None, metadata=SET)
    variance: float | None = field(default=None, metadata=SET)
    escape_time: float | None = field(default=None, metadata=SET)
    mean_square: float | None = field(default=None, metadata=SET)
    noisy: NoisyRun | None = field(default=None, metadata=SET)
    schedule: tuple[Stage, ...] = field(default=(), metadata=SET)
    simulated: Seen | None = None
    seen: str | None = field(default=None, metadata=SET)
    cycle_at: tuple[tuple[float, ...], ...] | None = field(default=None, metadata=SET)
    ends: tuple[End, ...] = field(default=(), metadata=SET)
    sampled: int = field(default=0, metadata=INSIDE)
    rate: float = field(default=0.0, metadata=INSIDE)
    radii: tuple[Range, ...] = field(default=(), metadata=SET)
    unknown: tuple[str, ...] = field(default=(), metadata=INSIDE)

    def __post_init__(self) -> None:
        # None says that no step attracts, so where one does, or may, it is not known which.
        if self.lr_max is None and self.verdict in ("attracts", "cycle", "undecided"):
            object.__setattr__(self, "unknown", ("lr_max",))
        if self.verdict == "repels":  # nothing ends on a cycle that the words may speak of
            for name, nothing in (("cycle", None), ("period", None), ("cycle_at", None), ("rate", 0.0)):
                object.__setattr__(self, name, nothing)

    @property
    def remarks(self) -> dict[str, Any]:
        """Why a null in the JSON is one, where it does not mean that there is no such number."""
        if not self.unknown and self.lr_max != math.inf:
            return {}
        return {"null_means": {"lr_max": "unknown" if self.unknown else "unbounded"}}


@dataclass(frozen=True)
class Share:
    """Of `of` random starts at a distance, which share an optimiser captured, with Wilson's 95 % interval."""

    radius: float
    captured: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Region:
    """The largest stable step of each optimiser over rho; None where no small step attracts, or there is no bound."""

    rho: tuple[float, ...]
    lr_max: dict[str, tuple[float | None, ...]]


@dataclass(frozen=True)
class Point:
    """A critical point and the rulings on it.

    Attributes:
        at: floats, as value and eigenvalues are.
        index: number of negative eigenvalues.
        rho_threshold: beyond it constant-radius SAM's flow holds every negative direction; None without any, and where
            `threshold_known` is False.
        certified: existence is proved.
        exact: coordinates as text where they are known exactly.
        basins: optimiser id -> shares of captured starts at growing distances.
        transverse: on a line or surface of critical points, so that the rulings are about the directions across it.
    """

    at: tuple[float, ...]
    value: float
    eigenvalues: tuple[float, ...]
    kind: Kind
    index: int
    rho_threshold: float | None
    optimisers: dict[str, Ruling]
    certified: bool
    exact: tuple[str, ...] | None = field(default=None, metadata=SET)
    basins: dict[str, tuple[Share, ...]] = field(default_factory=dict, metadata=SET)
    region: Region | None = field(default=None, metadata=SET)
    transverse: bool = field(default=False, metadata=INSIDE)
    threshold_known: bool = field(default=True, metadata=INSIDE)

    @property
    def remarks(self) -> dict[str, Any]:
        """As of a ruling."""
        return {} if self.threshold_known else {"null_means": {"rho_threshold": "unknown"}}


@dataclass(frozen=True)
class ComponentPart:
    """A kind of critical point, and where on its component it holds."""

    kind: str
    where: str


@dataclass(frozen=True)
class Component:
    """A line, curve or surface of critical points: its equations, its kinds and where they hold, rulings at samples."""

    equations: tuple[str, ...]
    dimension: int
    value: float
    pieces: tuple[ComponentPart, ...]
    transverse_eigenvalues: tuple[str, ...]
    samples: tuple[Point, ...]


@dataclass(frozen=True)
class OwnRule:
    """What follows from a rule of the user's own for every quadratic, as text.

    Attributes:
        basis: what is proved of it and what is numerical.
        multiplier: of a displacement along an eigenvector, by a step; None where there is no closed form.
        minimum: when small steps attract along an eigenvalue lambda > 0.
        trapped: when they attract along an eigenvalue -mu < 0.
    """

    basis: str
    multiplier: str | None = field(default=None, metadata=SET)
    minimum: str | None = field(default=None, metadata=SET)
    trapped: str | None = field(default=None, metadata=SET)


@dataclass(frozen=True)
class Findings:
    """What an analysis found: the critical points of a loss and what each optimiser does at them.

    Attributes:
        points: isolated ones, by value.
        components: lines, curves, ….
        warnings: hypotheses that fail, contradictions, what could not be finished.
        complete: all real critical points are here, and that is proved.
        settings: rho, lr, momentum, ….
        box: searched, None for all of space.
        rules: by id, what follows from rules of the user's own whatever the loss.
        measured: what was estimated from data, for a torch model.
        source: the loss as an object where it is symbolic (for plots).
    """

    loss: str
    variables: tuple[str, ...]
    points: tuple[Point, ...]
    components: tuple[Component, ...]
    warnings: tuple[str, ...]
    complete: bool
    settings: AnalysisSettings
    engines: tuple[str, ...]
    box: tuple[tuple[float, float], ...] | None = None
    measured: dict[str, Any] | None = field(default=None, metadata=SET)
    rules: dict[str, OwnRule] = field(default_factory=dict, metadata=SET)
    source: Any = field(default=None, repr=False, compare=False, metadata=INSIDE)

    def to_dict(self) -> dict[str, Any]:
        """JSON data, valid against `saddlecheck.verification.analysis.schema.SCHEMA`."""
        return {"schema": SCHEMA_VERSION, **as_json(self)}

    @property
    def everything(self) -> list[Point]:
        """Isolated points and the samples of components."""
        return [*self.points, *(s for c in self.components for s in c.samples)]
