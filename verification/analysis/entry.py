"""`analyse`: which optimisers a loss's critical points attract, by the theorems that the ledger proved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.result import Component, ComponentPart, Findings, OwnRule, Point
from saddlecheck.verification.analysis.settings import AnalysisSettings, Noise

if TYPE_CHECKING:
    from saddlecheck.theory.critical.components import CriticalComponent
    from saddlecheck.verification.analysis.rulings import Judge

__all__ = ["Analysis", "analyse"]

DEFAULT_TIMEOUT = 60.0
_SEARCH = 0.6  # of the timeout, at most, for finding points: the rest judges what was found
_SIMULATED = 30  # points; the self-check of hundreds of them would take longer than the analysis
_MEASURED = 16  # points whose share of captured starts is measured
_SAMPLES = 3  # certified points shown of a component


class Analysis(Findings):
    """What `analyse` returns: the findings, and how they are shown."""

    def latex(self) -> str:
        """A LaTeX snippet that states the verdicts and cites the theorems."""
        from saddlecheck.verification.analysis.latex import snippet

        return snippet(self)

    def _repr_html_(self) -> str:
        from saddlecheck.verification import notebook

        return notebook.analysis(self)

    def _repr_latex_(self) -> str:
        return self.latex()

    def plot(self, path: str) -> None:
        """Write a picture: contours and basins for two variables, spectra otherwise, and the stability map."""
        from saddlecheck.verification.figures.analysis_plot import draw

        draw(self, path)


def analyse(
    loss: Any,
    *,
    rho: float,
    lr: float,
    momentum: float = 0.0,
    batch: float | None = None,
    noise: Noise = "additive",
    spread: float = 1.0,
    schedule: str | Sequence[float] | None = None,
    weight_decay: float = 0.0,
    radius: float = 1.0,
    box: Sequence[tuple[float, float]] | None = None,
    start: Any = None,
    data: Any = None,
    criterion: Callable[..., Any] | None = None,
    checkpoint: Any = None,
    optimisers: Any = None,
    base: Any = None,
    simulate: bool = True,
    basins: bool = True,
    region: bool = False,
    starts: int = 20,
    steps: int = 4000,
    seed: int = 0,
    timeout: float | None = DEFAULT_TIMEOUT,
    progress: Callable[[str], None] | None = None,
) -> Analysis:
    """Every critical point of a loss, and for each optimiser whether it attracts, repels, or is circled.

    Args:
        loss: text such as "x**2 - y**2", a SymPy expression, a `saddlecheck.theory.Loss`, a function of one torch
            tensor (with `start` or `box`), or a torch module (with `data` and `criterion`).
        rho: SAM's radius: weight per gradient (constant), weight (normalised).
        lr: learning rate.
        momentum: gamma of heavy ball and Nesterov, in [0, 1).
        batch: mini-batch size; then the mean-square multiplier, the stationary variance or the escape time are given,
            by a formula or from runs with error bars.
        noise: additive, a gradient noise of covariance |H|/batch, or multiplicative: mini-batches differ in curvature.
        spread: of multiplicative noise: a single sample's curvature deviates by spread |lambda|.
        schedule: learning rates, one a step, or text such as "cosine:0.1:200"; then each ruling says at which steps of
            it the point attracts.
        weight_decay: kappa; the loss analysed is then loss + kappa |w|^2/2 (decay inside the loss), and sam_decayed
            is judged too, SAM with the decay in the descent only.
        radius: of the ball for the escape time.
        box: one (low, high) a variable, searched where no exact method applies; default [-10, 10] each.
        start: points, shape (n,) or (k, n), from which a torch function's critical points are sought.
        data: a torch module's batch (x, y).
        criterion: its loss(prediction, y), a mean over the samples.
        checkpoint: a file with its weights (read with weights_only).
        optimisers: what to judge, default all of this project. Ids, and rules of your own, which are functions
            rule(gradient, w, rho) -> direction with gradient callable at any point, or an `Optimiser` (see the guide
            on your own optimiser).
        base: take each optimiser over this: AdamW(eps=1e-4), or text such as "adamw:eps=1e-4" (adam, adamw, rmsprop,
            lion). By default gd, sam and gsam are then judged; momentum plays no part.
        simulate: check every verdict by running the optimiser.
        basins: measure the share of random starts captured at growing distances.
        region: tabulate the largest stable step over rho.
        starts: random starts a distance.
        steps: of the simulations, at most.
        seed: of the starts.
        timeout: seconds, kept within a few (a single step of an exact method is not broken off). Points that were
            found but not judged by then are listed as "undecided", and `warnings` says what is missing. None for no
            limit.
        progress: called with what is being done, in words.

    Returns:
        Points, components, rulings, warnings; `to_dict()` is the JSON form, `latex()` a table, `plot(path)` a figure.

    Raises:
        ValueError: a loss that cannot be read, a setting outside its domain, an unknown optimiser.

    Example:
        >>> from saddlecheck import analyse
        >>> (saddle,) = analyse("x**2 - y**2", rho=1.0, lr=0.01, simulate=False, basins=False).points
        >>> saddle.at, {name: saddle.optimisers[name].verdict for name in ("gd", "sam")}  # SAM from rho = 1/2 on
        ((0.0, 0.0), {'gd': 'repels', 'sam': 'attracts'})
    """
    from saddlecheck.verification.analysis import own
    from saddlecheck.verification.analysis import schedule as schedules

    ids, rules = own.read(optimisers, base)
    rates = None if schedule is None else schedules.read(schedule)
    fixed = [rule.base for rule in rules if rule.base is not None and rule.base.lr is not None]
    if rates is not None and fixed:
        raise ValueError(
            f"the base has a learning rate of its own, {fixed[0].lr}, which no schedule moves; leave it out."
        )
    settings = AnalysisSettings(
        rho, lr, momentum, batch, radius, weight_decay, ids, starts if simulate else 0, steps, seed, noise=noise,
        spread=spread, own=rules, schedule=rates,
    )  # fmt: skip
    if region and base is not None:
        from saddlecheck.verification.analysis.region import require_tabulated

        require_tabulated(rules)
    about = {r.id: own.facts(r) for r in rules}
    deadline = None if timeout is None else time.monotonic() + timeout
    if _is_torch(loss):
        from saddlecheck.verification.analysis.torch_losses import analyse_torch

        measured = analyse_torch(
            loss, settings, box=box, start=start, data=data, criterion=criterion, checkpoint=checkpoint,
            deadline=deadline,
        )  # fmt: skip
        if rates is not None:
            measured = replace(measured, points=tuple(schedules.applied(p, rates, settings) for p in measured.points))
        return Analysis(**{**vars(measured), "rules": about | measured.rules})
    if data is not None or checkpoint is not None or start is not None:
        raise ValueError("start, data and checkpoint belong to torch losses; a formula needs none of them.")
    found = _symbolic(
        loss, settings, box=box, simulate=simulate, basins=basins, region=region, timeout=timeout,
        deadline=deadline, say=progress or (lambda _: None), about=about,
    )  # fmt: skip
    if rates is None:
        return found
    components = tuple(
        replace(c, samples=tuple(schedules.applied(p, rates, settings) for p in c.samples)) for c in found.components
    )
    return replace(
        found, points=tuple(schedules.applied(p, rates, settings) for p in found.points), components=components
    )


def _symbolic(
    given: Any, settings: AnalysisSettings, *, box: Any, simulate: bool, basins: bool, region: bool,
    timeout: float | None, deadline: float | None, say: Callable[[str], None], about: dict[str, OwnRule],
) -> Analysis:  # fmt: skip
    from saddlecheck.theory.critical.loss import Loss
    from saddlecheck.verification.analysis import audit, decay, own, withdrawal
    from saddlecheck.verification.analysis.dynamics import Landscape
    from saddlecheck.verification.analysis.rulings import Judge

    loss = given if isinstance(given, Loss) else Loss(given)
    text = str(loss)
    if settings.weight_decay:
        kappa = settings.exact_decay
        loss = Loss(loss.expr + kappa * sum(v**2 for v in loss.variables) / 2, loss.variables, domain=loss.domain)
        text += f" + {settings.weight_decay:g}*|w|**2/2"
    say("finding critical points")
    found = loss.critical_points(box=box, timeout=None if timeout is None else _SEARCH * timeout)
    judge = Judge(loss, settings, deadline, tuple(p.location for p in found.points))
    asked = own.checked(settings.own, judge.landscape, judge.places, settings.rho, settings.seed)
    points: list[Point] = []
    for k, p in enumerate(found.points):
        say(f"judging point {k + 1} of {len(found.points)}")
        points.append(judge.near(p).point(p))
    components = [_component(c, judge) for c in found.components]
    late = audit.not_judged([*points, *(s for c in components for s in c.samples)])
    complete = found.complete and not late
    if settings.weight_decay and (settings.optimisers is None or decay.NAME in settings.optimisers):
        bare = Landscape(decay.bare_loss(loss, settings.exact_decay))
        rulings = [decay.ruling(p, bare, settings, deadline) for p in points]
        pairs = zip(points, rulings, strict=True)
        points = [replace(p, optimisers={**p.optimisers, decay.NAME: r}) for p, r in pairs]
    if simulate and settings.starts:
        points, components, more = _checked(points, components, judge, basins, deadline, say)
        late += more
    if simulate and settings.starts and settings.batch is not None:
        from saddlecheck.verification.analysis import noisy_runs

        say("running with mini-batch noise")
        points[:_MEASURED] = noisy_runs.added(points[:_MEASURED], judge.landscape, settings, deadline)
    if region:
        from saddlecheck.verification.analysis.region import table

        points = [p if over(deadline) else replace(p, region=table(p, settings)) for p in points]
        if any(p.region is None for p in points):
            late.append("Time ran out: the stable steps are not tabulated for all points.")
    lost = withdrawal.withdrawn(asked, [*points, *(s for c in components for s in c.samples)])
    points = withdrawal.without(points, lost)
    components = [replace(c, samples=tuple(withdrawal.without(c.samples, lost))) for c in components]
    heard = (*audit.warnings(found, points, components, settings), *late)
    return Analysis(
        text, tuple(v.name for v in loss.variables), tuple(points), tuple(components), heard, complete,
        settings, found.engines, found.box, rules=about | {n: one.left for n, one in lost.items()}, source=loss,
    )  # fmt: skip


def _checked(
    points: list[Point], components: list[Component], judge: Judge, basins: bool, deadline: float | None,
    say: Callable[[str], None],
) -> tuple[list[Point], list[Component], list[str]]:  # fmt: skip
    """Points and components' samples after the self-check, and sentences on what was left out."""
    import numpy as np

    from saddlecheck.verification.analysis import self_check

    notes = []
    if len(points) > _SIMULATED:
        notes.append(f"The self-check by simulation covered the first {_SIMULATED} of {len(points)} points.")
    if basins and len(points) > _MEASURED:
        notes.append(f"Shares of captured starts were measured for the first {_MEASURED} points.")
    if over(deadline):
        return points, components, [*notes, "Time ran out: verdicts were not checked by simulation."]
    say("checking the verdicts by simulation")
    check = partial(self_check.check, landscape=judge.landscape, settings=judge.settings, deadline=deadline)
    head = check(points[:_SIMULATED])
    samples = iter(check([s for c in components for s in c.samples]))  # all together: a step costs the same for many
    components = [replace(c, samples=tuple(next(samples) for _ in c.samples)) for c in components]
    if over(deadline):
        notes.append("Time ran out: some verdicts were not checked by simulation.")
    if basins and head:
        others = np.array([p.at for p in points])
        done = []
        for p in head[:_MEASURED]:
            if over(deadline):
                notes.append("Time ran out: shares of captured starts are missing for some points.")
                break
            say("measuring the share of captured starts")
            done += self_check.basins([p], others, judge.landscape, judge.settings, deadline)
        head = done + head[len(done) :]
    return head + points[_SIMULATED:], components, notes


def _component(found: CriticalComponent, judge: Judge) -> Component:
    samples = tuple(judge.near(p).point(p, tangent=found.dimension) for p in found.samples[:_SAMPLES])
    return Component(
        tuple(str(e) for e in found.equations), found.dimension, found.value.middle,
        tuple(ComponentPart(piece.kind, str(piece.where)) for piece in found.pieces),
        tuple(str(e) for e in found.transverse_eigenvalues), samples,
    )  # fmt: skip


def _is_torch(loss: Any) -> bool:
    """A module or a function; text, expressions and Loss objects are neither (and torch need not be installed)."""
    import sympy as sp

    from saddlecheck.theory.critical.loss import Loss

    return callable(loss) and not isinstance(loss, (str, Loss, sp.Basic))
