"""From a certified critical point to a ruling for each optimiser."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import flint
import numpy as np

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.engines.enclose import ball, real, symmetric_spectrum
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import (
    adaptive_ruling,
    cycle_ruling,
    nextorder,
    noise,
    own_ruling,
    random_curvature,
)
from saddlecheck.verification.analysis.case import Case
from saddlecheck.verification.analysis.reading import (
    attracting,
    descends,
    exact_spectrum,
    exact_text,
    explain,
    in_time,
    listed,
    of_linearisation,
)
from saddlecheck.verification.analysis.result import FlowWord, Point, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import Linearisation, judged, linearise, rho_threshold, same_map

_BITS = 192


@dataclass
class Judge(Case):
    """Rules on the critical points of one case, while there is time: then all is undecided."""

    def __post_init__(self) -> None:
        self.rules = tuple(judged(self.settings).values())
        self.lr = decimal(self.settings.lr)
        self._pieces: dict[Any, Judge] = {}

    @cached_property
    def _hessian(self) -> Tape:
        return Tape(list(self.loss.hessian), self.loss.variables)

    def near(self, found: CriticalPoint) -> Judge:
        """The judge of the smooth piece on which a point lies: this one, where the loss has no kinks."""
        if found.piece is None:
            return self
        if found.piece not in self._pieces:
            piece = Loss(found.piece, self.loss.variables)
            self._pieces[found.piece] = Judge(piece, self.settings, self.deadline, self.places)
        return self._pieces[found.piece]

    def point(self, found: CriticalPoint, *, tangent: int = 0) -> Point:
        """The point with its rulings; tangent: dimension of the component that it lies on, left out of them."""
        spectrum = exact_spectrum(found)
        if tangent:
            spectrum = [e for e in spectrum if e != Interval.exact(0)] + [Interval.exact(0)] * (
                sum(e == Interval.exact(0) for e in spectrum) - tangent
            )
            spectrum.sort(key=lambda e: e.lower)
        circling: dict[Any, tuple[Optimiser, Ruling]] = {}
        rulings = {r.id: self._in_time(r, found, spectrum, tangent, circling) for r in self.rules}
        threshold, known = rho_threshold(spectrum)
        return Point(
            at=found.location,
            value=found.value.middle,
            eigenvalues=found.spectrum,
            kind=found.kind,
            index=found.index,
            rho_threshold=threshold,
            threshold_known=known,
            optimisers=rulings,
            certified=found.certified,
            exact=exact_text(found),
            transverse=tangent > 0,
        )

    def _in_time(
        self, rule: Optimiser, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int,
        circling: dict[Any, tuple[Optimiser, Ruling]],
    ) -> Ruling:  # fmt: skip
        """The ruling, or that time ran out; `circling`: those on normalised SAM, which take runs, by their map."""
        key = same_map(rule, self.settings)
        if key in circling:
            other, ruling = circling[key]
            own = tuple(c for c in ruling.claims if c not in other.claims)
            return replace(ruling, claims=(*rule.claims, *own))
        ruling = in_time(rule.claims, self.deadline, partial(self._ruling, rule, found, spectrum, tangent))
        if rule.force.normalised:
            circling[key] = rule, ruling
        return ruling

    def _ruling(self, rule: Optimiser, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
        if not spectrum and (rule not in self.settings.own or self._is_linear(rule, found)):
            return Ruling("neutral", None, "the loss is flat around it: nothing moves.", rule.claims, flow="neutral")
        if rule.base is not None:
            return self._with_base(rule, found, spectrum, tangent)
        if rule.force.normalised:
            return cycle_ruling.rule_on(self, rule, found, spectrum, tangent)
        if rule.force.at_rest is not None:
            return self._in_place(rule, rule.force.at_rest, found, tangent)
        if not self._is_linear(rule, found):
            return own_ruling.ruling(rule, self.landscape, np.array(found.location), self.settings)
        linear = linearise(rule, spectrum, self.lr, self.settings.exact)
        why, certified = (
            explain(rule, linear, spectrum, self.settings),
            found.certified and linear.verdict != "undecided",
        )
        ruling = of_linearisation(linear, why, rule.claims, certified=certified)
        if linear.verdict in ("neutral", "undecided"):
            ruling = self._beyond_linear(rule, ruling, linear, found, spectrum, tangent)
        elif linear.verdict == "repels" and linear.lr_max is None and not linear.growing:
            ruling = self._edge_beside_kernel(rule, ruling, found, spectrum, tangent)
        ruling = self._with_noise(rule, ruling, [e.middle for e in spectrum])
        if rule not in self.settings.own:
            return ruling
        moved = (
            rule.force.response is None or rule.force.response.alpha != 0
        )  # then the place is known to rounding only
        return replace(ruling, radii=attracting(rule, spectrum), certified=ruling.certified and not moved)

    def _with_base(self, rule: Optimiser, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
        """Over an adaptive base; beside the point that is a rule without one at another learning rate."""

        def plainly(acting: Optimiser, settings: AnalysisSettings, lr: Fraction) -> Ruling:
            judge = Judge(self.loss, settings, self.deadline, self.places)
            judge.lr = lr
            return judge._ruling(acting, found, spectrum, tangent)

        H, at, n = self.loss.hessian, np.array(found.location), len(self.loss.variables)
        alone = all(H[i, j] == 0 for i in range(n) for j in range(i))
        curvatures = tuple(np.diag(self.landscape.hessian(at[:, None])[:, :, 0])) if alone else None
        place = adaptive_ruling.CriticalPlace(
            self.landscape, at, curvatures, self.quadratic, found.certified, tangent > 0, self.deadline
        )
        ruling = adaptive_ruling.ruling(rule, place, self.settings, plainly)
        rests = rule.base is not None and rule.base.rest is not None and self._is_linear(rule, found)
        return replace(ruling, radii=attracting(rule, spectrum)) if rests else ruling

    def _is_linear(self, rule: Optimiser, found: CriticalPoint) -> bool:
        """Whether the point is a fixed point beside which the rule is a polynomial in the Hessian."""
        response = rule.force.response
        return response is not None and response.q == 0 and (response.alpha == 0 or not any(found.location))

    def _edge_beside_kernel(
        self, rule: Optimiser, ruling: Ruling, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int
    ) -> Ruling:
        """The largest step of a ruling that repels because its step is too long, where an eigenvalue is zero."""
        decided = None if tangent or not descends(rule) else nextorder.along_kernel(self.loss, found)
        if decided is None:
            return replace(ruling, unknown=("lr_max",))
        if decided[0] == "repels":
            return ruling
        others = [e for e in spectrum if e.sign != 0]
        linear = linearise(rule, others, self.lr, self.settings.exact)
        return replace(ruling, lr_max=linear.lr_max, why=explain(rule, linear, others, self.settings))

    def _with_noise(self, rule: Optimiser, ruling: Ruling, spectrum: Sequence[float]) -> Ruling:
        factor = random_curvature.mean_square(rule, spectrum, self.settings)
        proved = random_curvature.claims_of(rule) if factor and self.settings.noise == "multiplicative" else ()
        ruling = replace(ruling, mean_square=factor, claims=(*ruling.claims, *proved))
        claims = ruling.claims
        if ruling.verdict == "attracts":
            variance = noise.stationary_variance(rule, spectrum, self.settings)
            more = noise.VARIANCE_CLAIMS if variance is not None else ()
            return replace(ruling, variance=variance, claims=(*claims, *more))
        if ruling.verdict == "repels" and ruling.flow == "repels":
            time = noise.escape_time(rule, spectrum, self.settings)
            return replace(ruling, escape_time=time, claims=(*claims, *(noise.ESCAPE_CLAIMS if time else ())))
        return ruling

    def _beyond_linear(
        self,
        rule: Optimiser,
        ruling: Ruling,
        linear: Linearisation,
        found: CriticalPoint,
        spectrum: Sequence[Interval],
        tangent: int,
    ) -> Ruling:
        """The next order where it is known in one dimension, else undecided (neutral for a quadratic loss)."""
        silent = [spectrum[i] for i in linear.decisive]
        shown = listed(e.middle for e in silent)
        if all(e.sign == 0 for e in silent):
            silenced = tangent or linear.verdict != "neutral" or not descends(rule)
            decided = None if silenced else nextorder.along_kernel(self.loss, found)
            if decided is not None:
                word, why = decided
                others = [e for e in spectrum if e.sign != 0]  # the next order attracts at every step: they decide
                edge = linearise(rule, others, self.lr, self.settings.exact).lr_max
                return replace(
                    ruling,
                    verdict=word,
                    why=why,
                    flow=word if ruling.flow != "repels" else "repels",
                    lr_max=edge if word == "attracts" else None,
                    unknown=(),
                )
            why = "an eigenvalue is zero or cannot be told from zero, and linearisation does not decide."
            return replace(ruling, verdict="undecided", why=why, flow=_silent(ruling.flow), certified=False)
        if linear.verdict == "undecided":
            why = f"the enclosures do not decide the sign at {shown}."
            return replace(ruling, why=why, certified=False)
        if self.quadratic:
            return replace(ruling, why=f"the multiplier along {shown} has size exactly 1 and the loss is quadratic.")
        place = found.algebraic[0].rational if found.algebraic and len(found.at) == 1 else None
        if place is not None and rule.momentum is None:
            further = nextorder.of_scalar_map(rule, self.loss, place, decimal(self.settings.rho), self.lr)
            if further is not None:
                return replace(
                    ruling,
                    verdict=further,
                    flow=further if ruling.flow == "neutral" else ruling.flow,
                    why=f"the multiplier along {shown} is exactly 1 in size; the next order decides.",
                    claims=(*ruling.claims, "thm1-equality-repels", "thm1-equality-attracts", "thm1-equality-cubic"),
                )
        why = f"the multiplier along {shown} has size exactly 1, so terms beyond second order decide."
        return replace(ruling, verdict="undecided", why=why, flow=_silent(ruling.flow), certified=False)

    def _in_place(self, rule: Optimiser, at_rest: Any, found: CriticalPoint, tangent: int) -> Ruling:
        """By the Jacobian of a rule that takes the place into account: H + rho H T^2 H for ASAM (claim asam-traps)."""
        n, radius = len(self.loss.variables), decimal(self.settings.rho)
        with flint.ctx.workprec(_BITS):
            w = [ball(x.lower, x.upper) for x in found.at]
            H = flint.arb_mat(n, n, self._hessian(w, real))
            squares = [_square(x) for x in found.at]
            T = flint.arb_mat(n, n, [squares[i] if i == j else 0 for i in range(n) for j in range(n)])
            rates = symmetric_spectrum(at_rest(H, T, real(radius), operator.mul))
        if tangent:  # the kernel of H is the kernel of that matrix
            rates = tuple(sorted(rates, key=lambda e: abs(e.middle))[tangent:])
        linear = linearise(rule.unforced, rates, self.lr, self.settings.exact)
        why = f"with the eigenvalues of {rule.force.at_rest_text}: {explain(rule, linear, rates, self.settings)}"
        if linear.verdict in ("neutral", "undecided"):
            why = f"an eigenvalue of {rule.force.at_rest_text} is zero or cannot be told from zero."
            linear = replace(linear, verdict="undecided")
        return of_linearisation(linear, why, rule.claims, certified=found.certified)


def _square(x: Interval) -> Any:
    """A ball around x^2; a tiny one is rounded outward to 1e-60, for its square would leave the range of floats."""
    size = max(abs(x.lower), abs(x.upper))
    return ball(Fraction(0), Fraction(1, 10**60)) if size < Fraction(1, 10**30) else ball(x.lower, x.upper) ** 2


def _silent(flow: FlowWord) -> FlowWord:
    return "undecided" if flow == "neutral" else flow
