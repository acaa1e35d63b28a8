"""The steps of a derivation. A step prints a formula and checks that same formula, with engines that share no code.

Each `check` is a certificate check: substitute, differentiate, evaluate, refute the negation. It never repeats the
search that found the result. `premises` are the claim's conditions and the formulas of the steps that are cited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.engines import certificates, counterexample, identity, smt, subdivide
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.symbols import Expr, Formula

Status = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True)
class Outcome:
    """What one engine found about one step.

    witness: a point at which the step fails (when refuted).  residual: what was left that should be zero.
    """

    engine: str
    status: Status
    why: str = ""
    witness: Mapping[Any, Any] | None = None
    residual: str = ""
    seconds: float = 0.0


Finding = tuple[Status, str, Mapping[Any, Any] | None]
Probe = tuple[str, Callable[[], Finding]]
Decide = Callable[[Sequence[Any], Sequence[Formula]], Finding]  # equations, under premises


@dataclass(frozen=True)
class Step:
    """One line of a derivation: a formula that holds wherever the premises do.

    name: unique in its claim.  because: the reason that a reader is given.  uses: names of the earlier steps cited.
    """

    name: str
    formula: Formula
    because: str = ""
    uses: tuple[str, ...] = field(default=(), kw_only=True)

    def check(self, premises: Sequence[Formula]) -> list[Outcome]:
        """One outcome for each engine, in a fixed order."""
        return [_run(engine, probe) for engine, probe in self._probes(premises)]

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        raise NotImplementedError

    def _or_search(self, premises: Sequence[Formula], probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, and a search for a counterexample where none of them proves the step."""
        proved: list[bool] = []

        def ask(probe: Callable[[], Finding]) -> Finding:
            found = probe()
            proved.append(found[0] == "proved")
            return found

        for engine, probe in probes:
            yield engine, partial(ask, probe)
        if not any(proved):
            yield "search", lambda: self._search(premises)

    def _search(self, premises: Sequence[Formula]) -> Finding:
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
    2^-100: a test, which refutes a false identity with a point. Every denominator must be nonzero by the premises (Z3
    for SymPy, cvc5 for Arb; for FLINT the signs that the premises give, else Z3).
    """

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        equations = self.formula.args if isinstance(self.formula, sp.And) else (self.formula,)
        if not all(isinstance(e, sp.Eq) for e in equations):
            raise TypeError(f"step {self.name!r}: Equal takes equations (evaluate=False keeps one), got {self.formula}")
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
    """A consequence of the premises over the reals, proved by refuting its negation in Z3 and in cvc5.

    A third engine checks a stored certificate, a tree of cases closed by identities (see engines/certificates.py).
    exp, roots and other functions are unknowns there, so an inequality about them needs cited bounds.
    If no engine proves it, the exact search looks for a counterexample.
    """

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        def ask(engine: smt.Engine) -> Finding:
            answer = smt.entails(premises, self.formula, engine)
            status: Status = "undecided" if answer.status == "unknown" else answer.status
            return status, answer.why, answer.model

        solvers: list[Probe] = [(engine, partial(ask, engine)) for engine in smt.ENGINES]
        stored: Probe = ("certificate", lambda: (*certificates.prove(premises, self.formula), None))
        yield from self._or_search(premises, [*solvers, stored])


@dataclass(frozen=True)
class Bounded(Step):
    """An inequality between real functions on a box, proved by subdivision with two interval arithmetics.

    formula: the inequality (strict), whose symbols all have a range in `box`: symbol -> (lower, upper), rationals.
    Engines: Arb and mpmath's interval context. The box is part of what the step says, see `stated`.
    """

    box: Mapping[Any, tuple[Any, Any]] = field(default_factory=dict, kw_only=True)

    @property
    def stated(self) -> Formula:
        """What later steps may use: in the box, the inequality."""
        inside = [sp.And(sp.Ge(s, low), sp.Le(s, high), evaluate=False) for s, (low, high) in self.box.items()]
        return sp.Implies(sp.And(*inside, evaluate=False), self.formula, evaluate=False)

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:  # noqa: ARG002  # the box is the premise
        for engine in subdivide.ENGINES:
            yield engine, partial(subdivide.prove, self.formula, self.box, engine)


@dataclass(frozen=True)
class Accept(Step):
    """A lemma of the literature that is not proved here. It is shown as such, and a claim that rests on it says so."""

    source: str = field(default="", kw_only=True)
    ENGINE: ClassVar[str] = "source"

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:  # noqa: ARG002  # a lemma stands by itself
        if not self.source.strip():
            raise ValueError(f"step {self.name!r}: a lemma that is accepted needs its source")
        yield self.ENGINE, lambda: ("proved", self.source, None)


def stated(step: Step) -> Formula:
    """The formula that a step hands to the steps that cite it."""
    return step.stated if isinstance(step, Bounded) else step.formula


def _run(engine: str, probe: Callable[[], Finding]) -> Outcome:
    start = time.perf_counter()
    try:
        status, why, witness = probe()
    except (Unsupported, smt.NotPolynomial) as error:
        status, why, witness = "undecided", str(error), None
    return Outcome(engine, status, why, witness, why if status == "refuted" else "", time.perf_counter() - start)


__all__ = [
    "Accept", "Bounded", "Entails", "Equal", "Outcome", "Prop", "Status", "Step", "series", "solves", "stated",
]  # fmt: skip
