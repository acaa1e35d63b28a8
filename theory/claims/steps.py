"""The steps of a derivation. A step prints a formula and checks that same formula, with engines that share no code.

Each `check` is a certificate check: substitute, differentiate, evaluate, refute the negation. It never repeats the
search that found the result. What each rule proves, and from what, is told in docs/kernel.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, ClassVar

import sympy as sp

from saddlecheck.theory.claims import outcome
from saddlecheck.theory.claims.kinds import require_vocabulary
from saddlecheck.theory.claims.nodes import Coefficient, Prop, conjuncts
from saddlecheck.theory.claims.outcome import Decide, Finding, Outcome, Probe, Status
from saddlecheck.theory.engines import certificates, counterexample, identity, smt, subdivide
from saddlecheck.theory.errors import MalformedStep
from saddlecheck.theory.symbols import Expr, Formula


class Premises(tuple[Formula, ...]):
    """What a step may use: the claim's conditions, then the formulas of the steps that it cites.

    The difference matters to rules that look at other points: a cited formula holds wherever the conditions do, a
    condition holds at the point of which the claim speaks.  A plain sequence is taken for conditions.
    """

    given: tuple[Formula, ...]
    cited: tuple[Formula, ...]

    def __new__(cls, given: Iterable[Formula] = (), cited: Iterable[Formula] = ()) -> Premises:
        """The conditions and the cited formulas."""
        given, cited = tuple(given), tuple(cited)
        premises = super().__new__(cls, (*given, *cited))
        premises.given, premises.cited = given, cited
        return premises


@dataclass(frozen=True)
class Step:
    """One line of a derivation: a formula that holds wherever the premises do.

    name: unique in its claim.  because: the reason that a reader is given.  uses: names of the earlier steps cited.
    """

    name: str
    formula: Formula
    because: str = ""
    uses: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        for part in fields(self):
            object.__setattr__(self, part.name, self._plain(getattr(self, part.name)))

    def _plain(self, value: Any) -> Any:
        """A part as a copy of the plain type: what could say another thing whenever it is asked is asked once."""
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, Mapping):
            return {self._plain(k): self._plain(v) for k, v in value.items()}
        if isinstance(value, (tuple, list)):
            return tuple(map(self._plain, value))
        try:
            return sp.sympify(value, strict=True)
        except sp.SympifyError as error:
            raise self._malformed(f"{value!r} is no expression; write one of SymPy's.") from error

    def check(self, premises: Sequence[Formula]) -> list[Outcome]:
        """Return one outcome for each engine, in a fixed order; an engine that fails or runs out of time is undecided.

        Raises MalformedStep, or BadSymbol, if there is nothing that the rule could prove.
        """
        premises = premises if isinstance(premises, Premises) else Premises(premises)
        require_vocabulary([*premises, *formulas(self)])
        return [outcome.run(engine, probe) for engine, probe in self._probes(premises)]

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        raise NotImplementedError

    def _malformed(self, why: str) -> MalformedStep:
        return MalformedStep(f"step {self.name!r}: {why}")

    def _or_search(self, premises: Premises, probes: Iterable[Probe], enough: int | None = None) -> Iterator[Probe]:
        """The probes, and a search for a counterexample where none of them proves the step.

        enough: how many proofs make further probes idle; None means that all are made.

        Yields:
            The probes that are made.
        """
        proved: list[bool] = []

        def ask(probe: Callable[[], Finding]) -> Finding:
            found = probe()
            proved.append(found[0] == "proved")
            return found

        for engine, probe in probes:
            if sum(proved) == enough:
                return
            yield engine, partial(ask, probe)
        if not any(proved):
            yield "search", lambda: self._search(premises)

    def _search(self, premises: Premises) -> Finding:
        witness = counterexample.counterexample(self.formula, premises)
        return ("undecided", "no counterexample found", None) if witness is None else ("refuted", "", witness)


def paired(by: Callable[[Decide, smt.Engine], Finding]) -> Iterator[Probe]:
    """The engines of a rule that needs identities and consequences: SymPy or FLINT with Z3, and Arb with cvc5."""
    yield "sympy", lambda: by(identity.by_algebra, "z3")
    yield "arb", lambda: by(identity.by_balls, "cvc5")
    yield "flint", lambda: by(identity.by_normal_forms, "z3")


@dataclass(frozen=True)
class Equal(Step):
    """An identity, or several joined by And: each left side equals its right side wherever the premises hold.

    Engines: SymPy reduces the difference to 0, and so does the checker's own algebra over FLINT, which shares neither
    translation nor rules with it: two proofs. Arb evaluates both sides at random rational points of the premises to
    2^-100: a test, which refutes a false identity with a point. Every value must exist by the premises (Z3 for SymPy,
    cvc5 for Arb; for FLINT the signs that the premises give, else Z3).
    """

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        equations = conjuncts(self.formula)
        if not all(isinstance(e, sp.Eq) for e in equations):
            raise self._malformed(f"Equal takes equations (evaluate=False keeps one), got {self.formula}")
        yield "sympy", lambda: identity.by_algebra(equations, premises)
        yield "arb", lambda: identity.by_balls(equations, premises)
        yield "flint", lambda: identity.by_normal_forms(equations, premises)


def solves(
    name: str, equation: Formula, solution: Mapping[Expr, Expr], initial: Sequence[Formula] = (), because: str = "",
    *, uses: tuple[str, ...] = (),
) -> Equal:  # fmt: skip
    """The step that `solution` solves a differential equation with initial conditions: put it in and compare."""
    parts = [part.subs(solution) for part in (equation, *initial)]
    return Equal(name, parts[0] if len(parts) == 1 else sp.And(*parts, evaluate=False), because, uses=uses)


def series(
    name: str, expr: Expr, x: Any, coefficients: Sequence[Expr], because: str = "",
    *, at: Expr = sp.S.Zero, uses: tuple[str, ...] = (),
) -> Equal:  # fmt: skip
    """The step that the Taylor coefficients of `expr` in x at `at`, from order 0 up, are those listed."""
    parts = [sp.Eq(Coefficient(expr, x, sp.S(at), sp.S(k)), c, evaluate=False) for k, c in enumerate(coefficients)]
    return Equal(name, parts[0] if len(parts) == 1 else sp.And(*parts, evaluate=False), because, uses=uses)


@dataclass(frozen=True)
class Entails(Step):
    """A consequence of the premises, proved by a stored certificate and by refuting its negation in Z3 or cvc5.

    The certificate, a tree of cases closed by identities (see engines/certificates.py), is verified first. It and Z3
    are two proofs that share no code; cvc5 is asked where one of them gives none.
    exp, roots and other functions are unknowns there, so an inequality about them needs cited bounds. A solver's model
    refutes where both evaluators confirm it. If no engine proves it, the exact search looks for a counterexample.
    """

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        def ask(engine: smt.Engine) -> Finding:
            answer = smt.entails(premises, self.formula, engine)
            if answer.status != "refuted":
                return ("proved" if answer.status == "proved" else "undecided"), answer.why, None
            if answer.model is None or counterexample.is_counterexample(answer.model, self.formula, premises):
                return "refuted", answer.why, answer.model
            return "undecided", "the solver's counterexample is not confirmed by the evaluators", None

        solvers: list[Probe] = [(engine, partial(ask, engine)) for engine in smt.ENGINES]
        stored: Probe = ("certificate", lambda: (*certificates.prove(premises, self.formula), None))
        yield from self._or_search(premises, [stored, *solvers], enough=2)


@dataclass(frozen=True)
class Bounded(Step):
    """An inequality between real functions on a box, proved by subdivision with two interval arithmetics.

    formula: the inequality (strict), whose symbols all have a range in `box`: symbol -> (lower, upper), rationals.
    Raises MalformedStep for a range that is none.
    Engines: Arb and mpmath's interval context. The box is part of what the step says, see `stated`.
    """

    box: Mapping[Any, tuple[Any, Any]] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for s, (low, high) in self.box.items():
            rational = isinstance(low, sp.Rational) and isinstance(high, sp.Rational)
            if not (isinstance(s, sp.Symbol) and rational and low < high):
                raise self._malformed(f"the range of {s} must be two rational numbers in order, got {low} and {high}")

    @property
    def stated(self) -> Formula:
        """What later steps may use: in the box, the inequality."""
        inside = [sp.And(sp.Ge(s, low), sp.Le(s, high), evaluate=False) for s, (low, high) in self.box.items()]
        return sp.Implies(sp.And(*inside, evaluate=False), self.formula, evaluate=False)

    def _probes(self, premises: Premises) -> Iterator[Probe]:  # noqa: ARG002  # the box is the premise
        if not isinstance(self.formula, (sp.StrictLessThan, sp.StrictGreaterThan)):
            raise self._malformed(f"Bounded takes a strict inequality, got {self.formula}")
        for engine in subdivide.ENGINES:
            yield engine, partial(subdivide.prove, self.formula, self.box, engine)


@dataclass(frozen=True)
class Accept(Step):
    """A lemma of the literature that is not proved here. It is shown as such, and a claim that rests on it says so."""

    source: str = field(default="", kw_only=True)
    ENGINE: ClassVar[str] = "source"

    def _probes(self, premises: Premises) -> Iterator[Probe]:  # noqa: ARG002  # a lemma stands by itself
        if not self.source.strip():
            raise self._malformed("a lemma that is accepted needs its source")
        yield self.ENGINE, lambda: ("proved", self.source, None)


STATEMENT = Prop("the-statement", "The statement of the claim whose last step this is.")


def concluded(steps: tuple[Step, ...], statement: Formula) -> tuple[Step, ...]:
    """A claim's steps, with its statement as the formula of a last step that is written with `STATEMENT`.

    Returns:
        The steps, the others as they are.

    Raises:
        MalformedStep: another step that says STATEMENT.
    """
    if early := [step.name for step in steps[:-1] if step.formula == STATEMENT]:
        raise MalformedStep(f"step {early[0]!r} says STATEMENT, which only the last one may; write its own formula.")
    if not steps or steps[-1].formula != STATEMENT:
        return steps
    return (*steps[:-1], replace(steps[-1], formula=statement))


def stated(step: Step) -> Formula:
    """The formula that a step hands to the steps that cite it."""
    return step.stated if isinstance(step, Bounded) else step.formula


def formulas(step: Step) -> Iterator[Any]:
    """Every formula and expression that a step holds: what it says, and what its rule works with."""
    for part in fields(step):
        yield from _expressions(getattr(step, part.name))


def _expressions(value: Any) -> Iterator[Any]:
    if isinstance(value, sp.Basic):
        yield value
    elif isinstance(value, Mapping):
        yield from _expressions((*value.keys(), *value.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from _expressions(part)


__all__ = [
    "STATEMENT", "Accept", "Bounded", "Entails", "Equal", "MalformedStep", "Outcome", "Premises", "Prop", "Status",
    "Step", "concluded", "formulas", "series", "solves", "stated",
]  # fmt: skip
