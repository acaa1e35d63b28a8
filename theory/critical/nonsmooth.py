"""Sentences on where a formula has a value, and where it has one without being smooth."""

from collections.abc import Sequence

import sympy as sp

from saddlecheck.theory.critical import box_search
from saddlecheck.theory.critical.admissible import centres, printed
from saddlecheck.theory.critical.conditions import Condition
from saddlecheck.theory.critical.domain import proved
from saddlecheck.theory.critical.ideal import Ideal
from saddlecheck.theory.critical.objective import Objective
from saddlecheck.theory.errors import BadLoss, GaveUp

_SHOWN = 5


class Sentences:
    """Sentences on the conditions of a loss: at first on all of them; `settle` drops those that always hold.

    nowhere: whether the loss is smooth wherever it has a value, but for the border of that set.
    """

    def __init__(self, loss: Objective) -> None:
        self.loss = loss
        self.limits = [c for c in loss.domain if c.value is not None]
        self.rough = {c: "" for c in loss.domain if c.rough}

    @property
    def nowhere(self) -> bool:
        """See the class."""
        return all(c.edge_of_domain for c in self.rough)

    @property
    def said(self) -> tuple[str, ...]:
        """The sentences."""
        found = []
        strict = {c.expr for c in self.limits if c.kind == "positive"}
        needed = [c for c in self.limits if c.kind == "positive" or c.expr not in strict]
        limits = list(dict.fromkeys(c.value for c in needed if c.value))
        if limits:
            found.append(f"The formula has a real value only where {' and '.join(limits)}.")
        for c, place in self.rough.items():
            found.append(f"The loss has a value but is not smooth where {c.written} = 0{place}: no verdict there.")
        return tuple(dict.fromkeys(found))

    def settle(self, box: Sequence[tuple[float, float]] | None) -> None:
        """Drop the conditions that hold everywhere (in the box), and say where the others fail if at few points."""
        held = [c for c in self.loss.domain if c.value is not None and self._always(c, [], box)]
        free = [c for c in self.limits if c.kind == "root" and proved([], sp.Ge(c.expr, 0))]
        self.limits = [c for c in self.limits if c not in held and c not in free]
        premises = [c.smooth if c.kind != "root" else sp.Ge(c.expr, 0) for c in self.limits]
        for c in list(self.rough):
            if c in held or self._always(c, [p for p in premises if p != sp.Ge(c.expr, 0)], box):
                del self.rough[c]
            else:
                self.rough[c] = self._place(c)

    def _always(self, c: Condition, premises: list[sp.Basic], box: Sequence[tuple[float, float]] | None) -> bool:
        strict = sp.Ne(c.expr, 0) if premises else c.smooth
        if c.expr.is_rational_function(*self.loss.variables):
            return proved(premises, strict)
        try:
            return box is not None and box_search.holds(c, self.loss.variables, box)
        except BadLoss:  # a kink within a root: it has no enclosure as a whole
            return False

    def _place(self, c: Condition) -> str:
        """The zeros of a polynomial condition, in words, where they are few points."""
        variables = self.loss.variables
        if not c.expr.is_polynomial(*variables) or not all(k.is_Rational for k in sp.Poly(c.expr, *variables).coeffs()):
            return ""
        equations = [c.expr]
        if len(variables) > 1:
            if not (proved([], sp.Ge(c.expr, 0)) or proved([], sp.Le(c.expr, 0))):
                return ""
            equations += [c.expr.diff(v) for v in variables]  # zeros of a function of one sign are its extrema
        from saddlecheck.theory.critical import rur

        try:
            ideal = Ideal.of(variables, equations)
            places = sorted(centres(z.balls()) for z in rur.solve(ideal).real) if ideal.is_finite else []
        except GaveUp:
            return ""
        return f", at {', '.join(map(printed, places))}" if 0 < len(places) <= _SHOWN else ""
