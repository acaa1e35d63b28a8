"""Points and components held against the conditions that a formula as written puts on them."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flint
import sympy as sp

from saddlecheck.theory.critical.conditions import Condition, Place
from saddlecheck.theory.engines.enclose import real
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.errors import BadLoss

if TYPE_CHECKING:
    from saddlecheck.theory.critical.rur import Zero

_BITS = (128, 512, 2048)
_SMT_SECONDS = 1.0


class Domain:
    """The conditions of one smooth formula, asked at points."""

    def __init__(self, conditions: Sequence[Condition], variables: Sequence[sp.Symbol]) -> None:
        self.conditions = tuple(conditions)
        self.variables = tuple(variables)

    @cached_property
    def _programs(self) -> list[Tape | None]:
        return [_tape(c.expr, self.variables) for c in self.conditions]

    def at_balls(self, at: Callable[[int], Sequence[Any]]) -> Place:
        """Where a point lies that is known by enclosures: at(bits) gives them."""
        return self._place(lambda k: self._sign(k, at))

    def at_zero(self, zero: "Zero") -> Place:
        """Where an exact point lies; signs of algebraic conditions are always decided."""

        def sign(k: int) -> int | None:
            program = self._programs[k]
            if program is not None and self.conditions[k].expr.is_rational_function(*self.variables):
                residues = zero.residues()
                try:
                    if program(residues, residues[0].constant)[0].is_zero:
                        return 0
                except (ZeroDivisionError, AttributeError):  # a quotient 1/0; a constant such as pi
                    pass
            return self._sign(k, lambda bits: zero.balls(bits)[: len(self.variables)])

        return self._place(sign)

    def at_rational(self, point: dict[Any, Any]) -> Place:
        """Where a rational point lies, as far as SymPy evaluates the conditions there."""

        def sign(k: int) -> int | None:
            value = self.conditions[k].expr.subs(point)
            if value == 0:
                return 0
            return self._sign(k, lambda _: [real_of(point[v]) for v in self.variables])

        return self._place(sign)

    def _sign(self, k: int, at: Callable[[int], Sequence[Any]]) -> int | None:
        program = self._programs[k]
        if program is None:
            return None
        for bits in _BITS:
            with flint.ctx.workprec(bits):
                try:
                    value = program(at(bits), real)[0]
                except ZeroDivisionError:
                    return None
                if value > 0 or value < 0:
                    return 1 if value > 0 else -1
                if value.is_zero():
                    return 0
        return None

    def _place(self, sign: Callable[[int], int | None]) -> Place:
        places: set[Place] = {c.place(sign(k)) for k, c in enumerate(self.conditions)}
        order: tuple[Place, ...] = ("outside", "unknown", "edge")
        return next((p for p in order if p in places), "inside")

    def open_on(self, equations: Sequence[sp.Expr]) -> tuple[sp.Basic, ...]:
        """The conditions that Z3 proves neither on the set where the equations hold nor from one another."""
        known: list[sp.Basic] = [sp.Eq(e, 0) for e in equations]
        order = ("side", "positive", "root", "nonzero", "kink")  # the stronger ones first
        for c in sorted(self.conditions, key=lambda c: order.index(c.kind)):
            if not proved(known, c.smooth):
                known.append(c.smooth)
        return tuple(known[len(equations) :])

    def empty_on(self, equations: Sequence[sp.Expr]) -> bool:
        """Whether Z3 proves that no point with these equations satisfies all conditions."""
        if not self.conditions:
            return False
        return proved([sp.Eq(e, 0) for e in equations], sp.Not(sp.And(*(c.smooth for c in self.conditions))))


def real_of(value: sp.Rational) -> Any:
    """Arb ball around a SymPy rational."""
    return real(Fraction(int(value.p), int(value.q)))


def proved(premises: Sequence[sp.Basic], conclusion: sp.Basic) -> bool:
    """Whether Z3 proves a conclusion about all real points; a statement that it cannot read is not proved."""
    from saddlecheck.theory.engines import smt

    if conclusion in (sp.true, sp.false):
        return bool(conclusion)
    return smt.entails(premises, conclusion, "z3", _SMT_SECONDS).status == "proved"


def _tape(expr: sp.Expr, variables: Sequence[sp.Symbol]) -> Tape | None:
    try:
        return Tape([expr], variables)
    except BadLoss:
        return None
