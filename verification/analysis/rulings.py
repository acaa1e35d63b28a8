"""From a certified critical point to a ruling for each optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.enclose import ball, real, symmetric_spectrum
from theory.interval import Interval
from theory.optimiser import OPTIMISERS, adaptive
from theory.points import CriticalPoint
from theory.tape import Tape
from verification.analysis import cycles, nextorder, noise, orbit
from verification.analysis.dynamics import Landscape, Surface
from verification.analysis.result import Point, Ruling
from verification.analysis.settings import Settings, decimal
from verification.analysis.stability import RULES, Linear, Rule, linearise, rho_threshold

if TYPE_CHECKING:
    from theory.loss import Loss

_BITS = 192


class Judge:
    """Rules on the critical points of one loss at given settings."""

    def __init__(self, loss: Loss, settings: Settings) -> None:
        self.loss, self.settings = loss, settings
        self.rules = tuple(r for r in RULES.values() if settings.optimisers is None or r.id in settings.optimisers)
        self.lr = decimal(settings.lr)
        self.quadratic = not loss.hessian.free_symbols

    @cached_property
    def landscape(self) -> Landscape:
        """The loss on arrays of points."""
        return Landscape(self.loss)

    @cached_property
    def _hessian(self) -> Tape:
        return Tape(list(self.loss.hessian), self.loss.variables)

    def point(self, found: CriticalPoint, *, tangent: int = 0) -> Point:
        """The point with its rulings; tangent: dimension of the component that it lies on, left out of them."""
        spectrum = exact_spectrum(found)
        if tangent:
            spectrum = [e for e in spectrum if e != Interval.exact(0)] + [Interval.exact(0)] * (
                sum(e == Interval.exact(0) for e in spectrum) - tangent
            )
            spectrum.sort(key=lambda e: e.lower)
        rulings = {r.id: self._ruling(r, found, spectrum, tangent) for r in self.rules}
        return Point(
            at=found.location,
            value=found.value.middle,
            eigenvalues=found.spectrum,
            kind=found.kind,
            index=found.index,
            rho_threshold=rho_threshold(spectrum),
            optimisers=rulings,
            certified=found.certified,
            exact=_exact(found),
            transverse=tangent > 0,
        )

    def _ruling(self, rule: Rule, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
        if not spectrum:
            return Ruling("neutral", None, "the loss is flat around it: nothing moves.", rule.claims, flow="neutral")
        if rule.normalises:
            return self._circling(rule, found, spectrum, tangent)
        if rule.optimiser.force is adaptive:
            return self._adaptive(rule, found, tangent)
        linear = linearise(rule.optimiser, spectrum, self.lr, self.settings.exact)
        ruling = Ruling(
            verdict=linear.verdict,  # type: ignore[arg-type]  # one of the verdicts' words
            lr_max=linear.lr_max,
            why=explain(rule, linear, spectrum, self.settings),
            claims=rule.claims,
            flow=linear.flow,
            certified=found.certified and linear.verdict != "undecided",
        )
        if linear.verdict in ("neutral", "undecided"):
            ruling = self._beyond_linear(rule, ruling, linear, found, spectrum, tangent)
        return self._with_noise(rule, ruling, [e.middle for e in spectrum])

    def _with_noise(self, rule: Rule, ruling: Ruling, spectrum: Sequence[float]) -> Ruling:
        if ruling.verdict == "attracts":
            return replace(ruling, variance=noise.stationary_variance(rule, spectrum, self.settings))
        if ruling.verdict == "repels" and ruling.flow == "repels":
            return replace(ruling, escape_time=noise.escape_time(rule, spectrum, self.settings))
        return ruling

    def _beyond_linear(
        self,
        rule: Rule,
        ruling: Ruling,
        linear: Linear,
        found: CriticalPoint,
        spectrum: Sequence[Interval],
        tangent: int,
    ) -> Ruling:
        """The next order where it is known in one dimension, else undecided (neutral for a quadratic loss)."""
        silent = [spectrum[i] for i in linear.decisive]
        if all(e.sign == 0 for e in silent):
            decided = None if tangent or linear.verdict != "neutral" else nextorder.along_kernel(self.loss, found)
            if decided is not None:
                word, why = decided
                return replace(ruling, verdict=word, why=why, flow=word if ruling.flow != "repels" else "repels")  # type: ignore[arg-type]  # a verdict's word
            why = "an eigenvalue is zero or cannot be told from zero, and linearisation does not decide."
            return replace(ruling, verdict="undecided", why=why, flow=_silent(ruling.flow), certified=False)
        if linear.verdict == "undecided":
            why = "the enclosures do not decide the sign at " + ", ".join(f"{e.middle:.6g}" for e in silent) + "."
            return replace(ruling, why=why, certified=False)
        shown = ", ".join(f"{e.middle:.6g}" for e in silent)
        if self.quadratic:
            return replace(ruling, why=f"the multiplier along {shown} has size exactly 1 and the loss is quadratic.")
        place = found.algebraic[0].rational if found.algebraic and len(found.at) == 1 else None
        if place is not None and rule.optimiser.momentum is None:
            further = nextorder.of_scalar_map(rule.optimiser, self.loss, place, decimal(self.settings.rho), self.lr)
            if further is not None:
                return replace(
                    ruling,
                    verdict=further,  # type: ignore[arg-type]  # one of the verdicts' words
                    flow=further if ruling.flow == "neutral" else ruling.flow,
                    why=f"the multiplier along {shown} is exactly 1 in size; the next order decides.",
                    claims=(*ruling.claims, "thm1-equality-repels", "thm1-equality-attracts", "thm1-equality-cubic"),
                )
        why = f"the multiplier along {shown} has size exactly 1, so terms beyond second order decide."
        return replace(ruling, verdict="undecided", why=why, flow=_silent(ruling.flow), certified=False)

    def _adaptive(self, rule: Rule, found: CriticalPoint, tangent: int) -> Ruling:
        """ASAM: at a critical point its field has the Jacobian -(H + rho H T^2 H), T = diag|w| (claim asam-traps)."""
        import flint

        n, radius = len(self.loss.variables), decimal(self.settings.rho)
        with flint.ctx.workprec(_BITS):
            w = [ball(x.lower, x.upper) for x in found.at]
            H = flint.arb_mat(n, n, self._hessian(w, real))
            T = flint.arb_mat(n, n, [w[i] ** 2 if i == j else 0 for i in range(n) for j in range(n)])
            rates = symmetric_spectrum(H + H * T * H * real(radius))
        if tangent:  # the kernel of H is the kernel of that matrix
            rates = tuple(sorted(rates, key=lambda e: abs(e.middle))[tangent:])
        gd = OPTIMISERS["gd"]
        linear = linearise(gd, rates, self.lr, self.settings.exact)
        why = explain(rule, linear, rates, self.settings)
        why = f"with the eigenvalues of H + rho H T^2 H: {why}"
        if linear.verdict in ("neutral", "undecided"):
            why = "an eigenvalue of H + rho H T^2 H is zero or cannot be told from zero."
            linear = replace(linear, verdict="undecided")
        return Ruling(linear.verdict, linear.lr_max, why, rule.claims, linear.flow, found.certified)  # type: ignore[arg-type]  # a verdict's word

    def _circling(self, rule: Rule, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
        """Normalised SAM: the quadratic model's cycle, then the cycle of the loss itself."""
        if any(e.sign == 0 for e in spectrum):
            why = (
                "normalised SAM circles at a distance set by the curvature, and an eigenvalue here is zero or unknown."
            )
            return Ruling("undecided", None, why, rule.claims, certified=False)
        model = cycles.on_quadratic(rule, spectrum, self.settings)
        flow = (
            "attracts"
            if self.settings.rho > 0
            else linearise(OPTIMISERS["gd"], spectrum, self.lr, self.settings.exact).flow
        )
        claims = rule.claims if spectrum[0].sign > 0 else (*rule.claims, "mild-flow")
        ruling = Ruling(model.verdict, model.lr_max, model.why, claims, flow, found.certified, cycle=model.size)
        if self.quadratic or self.settings.rho == 0:
            return ruling
        if model.size is None:  # nothing to start Newton's method from
            return replace(ruling, certified=False)
        return self._on_the_loss(rule, replace(ruling, certified=False), found, tangent)

    def _nearly_quadratic(self, found: CriticalPoint) -> bool:
        """Whether at distance rho along each eigenvector the gradient is that of the quadratic part within a half."""
        centre = np.array(found.location)
        values, vectors = np.linalg.eigh(self.landscape.hessian(centre[:, None])[:, :, 0])
        for sign in (-1.0, 1.0):
            away = sign * self.settings.rho * vectors
            linear = away * values
            error = np.linalg.norm(self.landscape.gradient(centre[:, None] + away) - linear, axis=0)
            if np.any(error > 0.5 * np.linalg.norm(linear, axis=0)):
                return False
        return True

    def _on_the_loss(self, rule: Rule, ruling: Ruling, found: CriticalPoint, tangent: int) -> Ruling:
        if ruling.verdict == "cycle" and ruling.why.startswith("it is caught"):
            if not self._nearly_quadratic(found):
                why = "rho reaches beyond the loss's quadratic part, which alone would catch it."
                return replace(ruling, verdict="undecided", why=why)
            return replace(ruling, why=ruling.why + " (For the loss's quadratic part, hence for small rho.)")
        centre = np.array(found.location)
        direction = stiffest(self.landscape, centre)
        cycle = orbit.cycle_of(self.loss, rule, centre, direction, float(ruling.cycle or 0.0), self.settings)
        if cycle is None:
            why = f"{ruling.why} The loss itself has no such cycle near it: rho is too large for the quadratic part."
            return replace(ruling, verdict="undecided", why=why)
        size, word = orbit.half_width(cycle), orbit.reading(cycle)
        if tangent and word == "undecided":
            return replace(ruling, cycle=size)  # along a component one multiplier is near 1 by itself
        largest = abs(cycle.multipliers[0])
        mine = f"the loss's own 2-cycle of half-width {size:.4g}"
        if word == "attracts":
            why = f"{mine} attracts (largest multiplier of two steps {largest:.4g})."
            return replace(ruling, verdict="cycle", why=why, cycle=size)
        if word == "repels":
            why = f"{mine} repels (a multiplier of two steps is {largest:.4g})."
            return replace(ruling, verdict="repels", why=why, cycle=size)
        why = f"{mine} has a multiplier of size {largest:.4g}: the orbit turns or swings."
        return replace(ruling, verdict="undecided", why=why, cycle=size)


def exact_spectrum(found: CriticalPoint) -> list[Interval]:
    """Enclosures of the eigenvalues, ascending, with rational ones exact."""
    if found.exact_spectrum is None:
        return list(found.eigenvalues)
    return [
        e if a.rational is None else Interval.exact(a.rational)
        for e, a in zip(found.eigenvalues, found.exact_spectrum, strict=True)
    ]


def stiffest(landscape: Surface, at: Any) -> Any:
    """Unit eigenvector of the largest eigenvalue of the Hessian."""
    return np.linalg.eigh(landscape.hessian(at[:, None])[:, :, 0])[1][:, -1]


def _silent(flow: str) -> str:
    return "undecided" if flow == "neutral" else flow


def _exact(found: CriticalPoint) -> tuple[str, ...] | None:
    """Coordinates as text: rationals and surds as such, others as decimals; None where no exact form is known."""
    if found.algebraic is None:
        return None
    return tuple(
        str(number.expr) if len(number.coefficients) <= 3 else f"{place.middle:.15g}"
        for number, place in zip(found.algebraic, found.at, strict=True)
    )


def explain(rule: Rule, linear: Linear, spectrum: Sequence[Interval], s: Settings) -> str:
    """One sentence: which eigenvalue decides, and what would have to change."""
    if linear.verdict == "attracts":
        return f"every multiplier is inside the unit circle at lr = {s.lr:g}, and up to lr = {linear.lr_max:.6g}."
    bad = ", ".join(f"{spectrum[i].middle:.6g}" for i in linear.growing or linear.decisive)
    if linear.verdict == "repels" and linear.lr_max is not None:
        return f"lr = {s.lr:g} is beyond the edge {linear.lr_max:.6g} at the eigenvalue {bad}."
    if linear.verdict == "repels" and linear.growing:
        need = ""
        if rule.optimiser.force is OPTIMISERS["sam"].force:
            threshold = max(-1 / e.middle for e in spectrum if e.sign < 0)
            need = f"; SAM attracts beyond rho = {threshold:.6g}, and rho is {s.rho:g}"
        return f"the direction with eigenvalue {bad} grows{need}."
    if linear.verdict == "repels":
        return f"lr = {s.lr:g} is beyond the edge at the eigenvalue {bad}, and another direction does not attract."
    return "linearisation does not decide."
