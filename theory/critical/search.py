"""The search for critical points, piece by piece and within a time limit: what is found is kept when time runs out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import sympy as sp

from saddlecheck.theory.critical import algebraic_set, box_search, ideal, multistart, nonsmooth
from saddlecheck.theory.critical.admissible import Sifted, centres
from saddlecheck.theory.critical.components import CriticalComponent
from saddlecheck.theory.critical.conditions import Condition, Place
from saddlecheck.theory.critical.critical_set import CriticalSet, on_piece
from saddlecheck.theory.critical.domain import Domain
from saddlecheck.theory.critical.objective import Objective
from saddlecheck.theory.critical.points import Classifier, CriticalPoint
from saddlecheck.theory.critical.smooth_pieces import Part, parts
from saddlecheck.theory.engines import smt
from saddlecheck.theory.engines.time_limit import until, within
from saddlecheck.theory.errors import GaveUp, Outgrown, TimedOut

_DEFAULT_SECONDS = 20.0  # of a box search without a time limit
_MULTISTART_SECONDS = 3.0
_PATIENCE = 0.1  # share of the whole time that one question to the SMT solver may take
# Shares of the time that is left for a piece, so that each stage leaves some to the next, and the last one some to what
# it could not prove.
_ELIMINATION, _SUBDIVISION, _MULTISTART = 0.7, 0.5, 0.8
# Up to this many complex solutions (Bezout's bound) elimination takes a moment if its bases do, and needs no process of
# its own.
_SMALL = 300
_LONG = 200  # operations; a longer equation is not factored
_UNPROVED = 1e-6  # relative; a numerical zero is held against the domain with this much around it


class Hunt:
    """One search; `result` runs it."""

    def __init__(self, loss: Objective, box: tuple[tuple[float, float], ...], timeout: float | None) -> None:
        self.loss, self.box, self.timeout = loss, box, timeout
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.points: list[CriticalPoint] = []
        self.components: list[CriticalComponent] = []
        self.engines: list[str] = []
        self.notes: list[str] = []
        self.complete = True
        self.boxed = False

    def result(self) -> CriticalSet:
        """What the search finds, in the time that it has."""
        sentences = nonsmooth.Sentences(self.loss)
        try:
            with until(self.deadline), smt.patience(_PATIENCE * (self.timeout or _DEFAULT_SECONDS)):
                smooth = parts(self.loss)
                for k, part in enumerate(smooth):
                    self._search(part, len(smooth) - k, kinked=len(smooth) > 1)
                sentences.settle(self.box if self.boxed else None)
        except TimedOut:
            self._open(f"Time ran out (limit {self.timeout:g} s); what was found until then is listed.")
        if self.loss.undecided:
            self._open(f"Whether {self.loss.undecided[0]} is exactly 0 was not decided.")
        ordered = sorted(self.points, key=lambda p: (p.value.middle, p.location))
        return CriticalSet(
            tuple(ordered), tuple(self.components), self.complete and sentences.nowhere, tuple(self.engines),
            (*sentences.said, *self.notes), self.box if self.boxed else None,
        )  # fmt: skip

    def _open(self, *notes: str) -> None:
        self.complete = False
        self._say(*notes)

    def _say(self, *notes: str) -> None:
        self.notes += [n for n in notes if n not in self.notes]

    def _used(self, *engines: str) -> None:
        self.engines += [e for e in engines if e not in self.engines]

    def _time(self, pieces: int) -> float | None:
        """Seconds for the piece at hand, None without a limit."""
        return None if self.deadline is None else max(0.05, (self.deadline - time.monotonic()) / pieces)

    def _search(self, part: Part, pieces: int, *, kinked: bool) -> None:
        problem = algebraic_set.RationalLoss.of(part, self.loss.variables)
        if problem is not None:
            try:
                found = self._eliminated(problem, self._time(pieces))
            except GaveUp as reason:
                self._say(f"Exact elimination gave up ({reason}); a box was searched instead.")
            else:
                found = on_piece(found, part.expr) if kinked else found
                self.points += found.points
                self.components += found.components
                self._used(*found.engines)
                self._say(*found.notes)
                self.complete &= found.complete
                return
        self.boxed = True
        self._in_box(part, self._time(pieces), kinked=kinked)

    def _eliminated(self, problem: algebraic_set.RationalLoss, seconds: float | None) -> CriticalSet:
        sizes = [sp.Poly(e, *problem.variables).total_degree() for e in problem.equations]
        if seconds is None:
            return algebraic_set.solve(problem)
        limit = _ELIMINATION * seconds
        start = time.monotonic()
        if prod(sizes) <= _SMALL:
            try:
                with until(start + limit), ideal.quick_bases():
                    return algebraic_set.solve(problem)
            except Outgrown:
                limit = max(0.05, limit - (time.monotonic() - start))
            except TimedOut:
                raise GaveUp(f"no answer within {limit:.3g} seconds") from None
        return within(limit, algebraic_set.solve, problem)

    def _in_box(self, part: Part, seconds: float | None, *, kinked: bool) -> None:
        start = time.monotonic()
        end = start + (seconds or _DEFAULT_SECONDS)
        variables = self.loss.variables
        gradient = [part.expr.diff(v) for v in variables]
        equations = [_reduced(g, part.conditions) for g in gradient]
        classifier, domain = Classifier(part.expr, variables), Domain(part.conditions, variables)
        stop = end if seconds is None else start + _SUBDIVISION * seconds
        found = box_search.search(equations, variables, part.conditions, self.box, stop)
        self._used("subdivision", "Krawczyk")

        def keep(balls: Any, *, certified: bool, others: list[CriticalPoint]) -> None:
            point = _classified(classifier, balls, certified=certified)
            if point is None and certified:
                self._open(f"The point {centres(balls)} could not be classified.")
            elif point is not None and not any(_same(point, p) for p in others):
                self.points.append(replace(point, piece=part.expr) if kinked else point)

        def place(zero: Any) -> Place:
            where = _place(domain, equations, zero)
            if where == "inside":  # kept at once: the time may run out at the next one
                keep(zero, certified=True, others=[])
            return where

        sifted = Sifted.of(found.zeros, place, centres)
        self.complete &= sifted.clear
        self._say(*sifted.notes)
        if not found.unresolved and not found.exhausted:
            return
        why = "time ran out" if found.exhausted else f"{len(found.unresolved)} small boxes stayed undecided"
        if self.loss.undecided:
            self._open(f"Not proved to be all critical points in the box: {why}.")
            return  # a numerical search would list a point wherever that constant makes the loss flat
        self._open(f"Not proved to be all critical points in the box: {why}; a numerical search was added.")
        self._used("multi-start search")
        now = time.monotonic()
        limit = max(end, now + _MULTISTART_SECONDS) if seconds is None else now + _MULTISTART * max(0.0, end - now)
        for balls, certified in multistart.search(gradient, variables, self.box, limit):
            wide = balls if certified else [b + _spread(b) for b in balls]
            inside = all(low <= x <= high for x, (low, high) in zip(centres(balls), self.box, strict=True))
            if inside and domain.at_balls(lambda _, w=wide: w) == "inside":  # type: ignore[misc]  # mypy infers no lambda default
                keep(balls, certified=certified, others=self.points)


def _reduced(slope: sp.Expr, conditions: Sequence[Condition]) -> sp.Expr:
    """The slope's numerator, without factors that vanish only where the formula has no value, as x beside log(x**2)."""
    quotients = slope.replace(sp.tan, lambda a: sp.sin(a) / sp.cos(a))  # a numerator without poles
    # Constants stay as they are: multiplied by its denominator, exp(-10**60) would become a number that no ball holds.
    held = {c: sp.Dummy() for c in quotients.atoms(sp.Function) if c.is_number}
    numerator = sp.fraction(sp.together(quotients.xreplace(held)))[0]
    equation = numerator.xreplace({d: c for c, d in held.items()})
    forbidden = [c.expr for c in conditions if c.kind in ("nonzero", "positive") and c.expr.is_polynomial()]
    if not forbidden or equation == 0 or equation.count_ops() > _LONG:
        return equation
    return sp.Mul(*(f for f in sp.Mul.make_args(sp.factor(equation)) if not _divides(f, forbidden)))


def _divides(factor: sp.Expr, forbidden: Sequence[sp.Expr]) -> bool:
    base = factor.as_base_exp()[0]
    if not base.free_symbols or not base.is_polynomial(*base.free_symbols):
        return False
    return any(sp.rem(e, base, *sorted(e.free_symbols | base.free_symbols, key=str)) == 0 for e in forbidden)


def _spread(ball: Any) -> Any:
    import flint

    return flint.arb(0, _UNPROVED * (1 + abs(float(ball.mid()))))


def _place(domain: Domain, equations: list[sp.Expr], zero: Any) -> Place:
    """Where a zero known by its enclosure lies; where that is not decided, it may be a simple fraction, exactly."""
    place = domain.at_balls(lambda _: zero)
    if place != "unknown":
        return place
    guess = [sp.Rational(repr(c)).limit_denominator(1000) for c in centres(zero)]
    inside = all((b * int(q.q)).contains(int(q.p)) for b, q in zip(zero, guess, strict=True))
    at = dict(zip(domain.variables, guess, strict=True))
    # The enclosure holds exactly one zero: if the fractions are one, they are that one.
    if inside and all(e.subs(at) == 0 for e in equations):
        return domain.at_rational(at)
    return place


def _classified(classifier: Classifier, balls: Any, *, certified: bool) -> CriticalPoint | None:
    try:
        return classifier.from_balls(balls, certified=certified)
    except ValueError:
        return None


def _same(a: CriticalPoint, b: CriticalPoint) -> bool:
    return all(abs(x - y) <= 1e-6 * (1 + abs(x)) for x, y in zip(a.location, b.location, strict=True))
