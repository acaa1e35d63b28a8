r"""A bifurcation diagram: what an optimiser's paths come to as rho, lr or momentum changes, and theory's thresholds.

At each value of the parameter paths are run from random starts, from starts beside every critical point, and from
where the attractors of the values beside it ended (`saddlecheck.verification.analysis.branches`): an attractor that
only continuation finds shows hysteresis. `saddlecheck.verification.analysis.orbits` says what a path comes to. Beside
them stand all equilibria of the optimiser's own that Newton's method finds, those that repel included, and the
thresholds: where the ruling on a critical point changes, located by bisection, each with the claims that prove it.
Attractors are simulated, thresholds are theory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.optimisers.bases import Base
from saddlecheck.verification.analysis import own
from saddlecheck.verification.analysis.branches import Branches, Marked
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.diagram import Attractor, Diagram, Found, PeriodicKind, Slice, ranges
from saddlecheck.verification.analysis.dynamics import Floats, Landscape
from saddlecheck.verification.analysis.equilibria import Equilibrium, at_rest, own_equilibria, zeros
from saddlecheck.verification.analysis.orbits import Motion
from saddlecheck.verification.analysis.parameter import SETTINGS
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.analysis.thresholds import thresholds

_BESIDE = 1e-3  # of the scale: how far from a critical point the starts beside it lie
_ON = 1e-4  # of the scale: a fixed point this near to a critical point is that point
_NEWTON = 64  # starts of the search for equilibria at each value, beside those found at its neighbours
_OWN = 1e-5  # of the Hessian's size times the scale: a gradient above is not zero
_AT_REST = 1e-6  # of the scale: a path that is farther from the equilibrium beside it has not come to it
_SEARCH = 0.3  # of the timeout, at most, for finding critical points


class Bifurcation(Diagram):
    """What `bifurcation` returns: the diagram, and how it is drawn."""

    def plot(self, path: str) -> None:
        """Write the picture; the ending says the format."""
        from saddlecheck.verification.figures.bifurcation_plot import draw

        draw([self], path)


def bifurcation(
    loss: Any, parameter: str, low: float, high: float, *, optimiser: Any = "sam", base: Any = None,
    rho: float = 0.05, lr: float = 0.01, momentum: float = 0.0, values: int = 81, starts: int = 24, steps: int = 2000,
    seed: int = 0, box: Sequence[tuple[float, float]] | None = None, timeout: float | None = 60.0,
    progress: Callable[[str], None] | None = None,
) -> Bifurcation:  # fmt: skip
    """What an optimiser's paths come to over a range of rho, lr or momentum.

    Args:
        loss: text or a `saddlecheck.theory.Loss`.
        parameter: rho, lr or momentum.
        low: lower end.
        high: upper end.
        optimiser: an id, or a rule of your own as of `analyse`.
        base: taken over this, as of `analyse`; its momentum and decay are settings of its own.
        rho: where it is not the parameter; so are the next two.
        lr: learning rate.
        momentum: gamma.
        values: of the parameter.
        starts: random ones at each value.
        steps: before the tail that is looked at, at most.
        seed: of the starts.
        box: (low, high) a variable from which starts are drawn; default a window about the critical points.
        timeout: seconds; values that were not reached are missing, and `warnings` says so. None for no limit.
        progress: called with what is being done, in words.

    Returns:
        The diagram.

    Raises:
        ValueError: another parameter, an empty range, or as of `analyse`.

    Example:
        >>> from saddlecheck import bifurcation
        >>> found = bifurcation("x**2/2 - x**3/3", "lr", 1.5, 2.5, optimiser="gd", values=11)
        >>> [(round(t.value, 6), t.before, t.after, t.claim) for t in found.thresholds if t.point == 1]
        [(2.0, 'attracts', 'repels', 'linear-discrete')]
        >>> [s.attractors[0].words for s in found.slices[::3]]  # the logistic map with r = 1 + lr: 3 and 1 + sqrt(6)
        ['point 1', 'point 1', '2-cycle', '2-cycle']
    """
    if parameter not in SETTINGS:
        raise ValueError(f"{parameter} cannot be swept; sweep {', '.join(SETTINGS)}, or use --param for a name.")
    if values < 2 or starts < 1:
        raise ValueError(f"values is {values} and starts {starts}; give values >= 2 and starts >= 1.")
    ids, rules = own.read(optimiser, base)
    if ids is None or len(ids) != 1:
        raise ValueError("a diagram is about one optimiser; name one.")
    if rules and rules[0].base is not None:
        _sweepable(rules[0].base, parameter)
    begin: dict[str, Any] = {"rho": rho, "lr": lr, "momentum": momentum}
    grid = [float(f"{v:.12g}") for v in np.linspace(low, high, values)]
    at_each = [
        AnalysisSettings(**(begin | {parameter: v}), optimisers=ids, starts=starts, steps=steps, seed=seed, own=rules)
        for v in grid
    ]
    deadline = None if timeout is None else time.monotonic() + timeout
    read = loss if isinstance(loss, Loss) else Loss(loss)
    rule = rules[0] if rules else _known(ids[0])
    return _Sweep(read, rule, parameter, grid, at_each, box, deadline, progress or (lambda _: None)).diagram(timeout)


def _sweepable(base: Base, parameter: str) -> None:
    """Refuse, with the reason, what cannot be followed over a base."""
    if base.rest is None:
        raise ValueError(
            f"{base.title} never rests: its paths end on a continuum of cycles, each start on one of its own (claim "
            f"{base.claims[0]}), so there are no attractors to follow; analyse it at single values."
        )
    if parameter == "momentum":
        raise ValueError(f"{base.title} has no momentum but settings of its own; sweep rho or lr.")
    if parameter == "lr" and base.lr is not None:
        raise ValueError(f"{base.title} has a learning rate of its own, {base.lr}; leave it out to sweep lr.")


def _known(name: str) -> Optimiser:
    if name not in RULES:
        raise ValueError(f"{name} has a fixed point of its own and is not swept; use one of {', '.join(RULES)}.")
    return RULES[name]


@dataclass
class _Sweep:
    loss: Loss
    rule: Optimiser
    parameter: str
    grid: list[float]
    settings: list[AnalysisSettings]
    box: Sequence[tuple[float, float]] | None
    deadline: float | None
    say: Callable[[str], None]

    def diagram(self, timeout: float | None) -> Bifurcation:
        self.say("finding critical points")
        found = self.loss.critical_points(box=self.box, timeout=None if timeout is None else _SEARCH * timeout)
        self.landscape = Landscape(self.loss)
        known = [p.location for p in found.points] + [p.location for c in found.components for p in c.samples]
        self.critical = np.array(known).T if known else np.zeros((self.landscape.n, 0))
        own.checked(self.settings[0].own, self.landscape, tuple(known), self.settings[0].rho, self.settings[0].seed)
        self._window()
        self.say("locating thresholds and equilibria")
        changes = thresholds(self.loss, found, self.rule, self.parameter, self.grid, self.settings[0], self.deadline)
        zeros_at = self._equilibria(range(len(self.grid)))
        branches = Branches(self.rule, self.landscape, self.settings, self.scale, self.deadline, self.say, self.rng)
        branches.follow(self.random, self.beside)
        reached = sorted(branches.found)
        slices = tuple(self._slice(k, branches.found[k], zeros_at.get(k, ())) for k in reached)
        warnings = list(found.notes)
        if not found.complete:
            warnings.append("The list of critical points is not proved to be complete.")
        if len(reached) < len(self.grid):
            warnings.append(f"Time ran out: {len(reached)} of {len(self.grid)} values were reached.")
        elif not branches.complete:
            warnings.append("Time ran out: attractors were not continued through all values.")
        return Bifurcation(
            str(self.loss), tuple(v.name for v in self.loss.variables), self.rule.id, self.parameter, self.grid[0],
            self.grid[-1], self.settings[0], tuple(p.location for p in found.points),
            tuple(p.kind for p in found.points), found.complete, slices, changes, ranges(slices), self.scale,
            tuple(warnings),
        )  # fmt: skip

    def _window(self) -> None:
        """Where random starts lie: the box, or a window about all critical points, half as wide again."""
        if self.box is not None:
            low, high = np.array(self.box, float).T
        else:
            places = self.critical if self.critical.shape[1] else np.zeros((self.landscape.n, 1))
            low, high = places.min(axis=1), places.max(axis=1)
            half = 1.5 * np.maximum((high - low) / 2, max(1.0, float(np.max(high - low)) / 6))
            low, high = (low + high) / 2 - half, (low + high) / 2 + half
        self.scale = float(np.linalg.norm(high - low)) / 2
        rng = np.random.default_rng(self.settings[0].seed)
        self.random = low[:, None] + (high - low)[:, None] * rng.random((len(low), self.settings[0].starts))
        self.everywhere = low[:, None] + (high - low)[:, None] * rng.random((len(low), _NEWTON))
        self.rng = rng
        shifts = rng.standard_normal(self.critical.shape)
        shifts *= _BESIDE * self.scale / np.maximum(np.linalg.norm(shifts, axis=0), 1e-300)
        self.beside = np.concatenate([self.critical + shifts, self.critical - shifts], axis=1)

    def _equilibria(self, reached: Sequence[int]) -> dict[int, tuple[Equilibrium, ...]]:
        """At each value, from starts everywhere and from those found at its neighbours, forwards and backwards."""
        found: dict[int, tuple[Equilibrium, ...]] = {}
        for order, starts in ((reached, self.everywhere), (reached[::-1], self.everywhere[:, :0])):
            carried: tuple[Equilibrium, ...] = ()
            for k in order:
                if over(self.deadline):
                    return found
                known = [*found.get(k, ()), *carried]
                at = np.concatenate([starts, *(np.array(e.at)[:, None] for e in known)], axis=1)
                if at.shape[1]:
                    found[k] = tuple(
                        own_equilibria(self.rule, self.landscape, self.critical, at, self.scale, self.settings[k])
                    )
                carried = found.get(k, ())
        return found

    def _slice(self, k: int, found: list[Marked], equilibria: tuple[Equilibrium, ...]) -> Slice:
        attractors: dict[object, Attractor] = {}
        for number, one in enumerate(found):
            a = self._attractor(k, *one)
            name = ("point", a.point) if a.point else number  # paths still on their way to one point are that point's
            if name in attractors:
                b = attractors[name]
                a = replace(b, starts=a.starts + b.starts, found=tuple(dict.fromkeys(b.found + a.found)))
            attractors[name] = a
        of = self.random.shape[1]
        listed = tuple(attractors.values())
        return Slice(self.grid[k], listed, equilibria, of - sum(a.starts for a in listed), of)

    def _attractor(self, k: int, m: Motion, starts: int, found: tuple[Found, ...]) -> Attractor:
        kind: PeriodicKind = "cycle" if m.kind == "fixed point" else m.kind
        point = None
        if m.kind == "fixed point":
            kind, point = self._fixed(k, m.points[-1])
        rows = tuple(tuple(float(x) for x in p) for p in m.points)
        low, high = (tuple(float(x) for x in edge) for edge in m.extent)
        return Attractor(kind, m.period, rows, low, high, m.exponent, point, starts, found)

    def _fixed(self, k: int, at: Floats) -> tuple[PeriodicKind, int | None]:
        """Whether a fixed point is a critical point, and which; by Newton's method, as paths may barely move."""
        direction = at_rest(self.rule, self.landscape, self.settings[k].rho)
        with np.errstate(all="ignore"):
            limit = zeros(direction, at[:, None], self.scale)
        beside = limit[:, np.linalg.norm(limit - at[:, None], axis=0) <= 2 * _BESIDE * self.scale]
        if beside.shape[1] and np.linalg.norm(beside[:, 0] - at) > _AT_REST * self.scale:
            return "settling", None
        distances = np.linalg.norm(self.critical - at[:, None], axis=0)
        if len(distances) and distances.min() <= _ON * self.scale:
            return "critical point", int(distances.argmin()) + 1
        size = float(np.linalg.norm(self.landscape.hessian(at[:, None])))
        steep = float(np.linalg.norm(self.landscape.gradient(at[:, None])))
        return ("own equilibrium" if steep > _OWN * size * self.scale else "critical point"), None
