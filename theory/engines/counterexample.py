"""Exact, small counterexamples: a grid of simple rationals, then models of the negation, then random rationals.

Floats only propose; a point counts once the conditions are true and the statement is false there by two exact
evaluations that share no code (SymPy's, and flint's rationals and balls).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.claims.kinds import admits, is_whole
from saddlecheck.theory.claims.nodes import Coefficient, Prop, exact_part
from saddlecheck.theory.engines import smt
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.engines.elimination import eliminated
from saddlecheck.theory.engines.proposals import EXACT, SIMPLE, dyadic, grid, random_points, sift
from saddlecheck.theory.engines.proposals import Witness as Witness
from saddlecheck.theory.engines.proposals import height as height
from saddlecheck.theory.symbols import Formula

_IN_NUMPY = frozenset(
    [sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sp.sign, sp.Max, sp.Min]
)


def counterexample(
    statement: Formula, given: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()
) -> Witness | None:
    """Return a minimal rational point where `given` holds and `statement` fails; None if none was found.

    None is no proof. hints: points to try first (a claim may know an algebraic or far-away candidate).
    """
    statement = exact_part(statement)
    symbols = None if statement is None else _symbols(statement, given)
    if symbols is None:
        return None
    if not symbols:
        return {} if is_counterexample({}, statement, given) else None
    found = _first(_proposals(statement, given, symbols, hints), statement, given)
    return None if found is None else _shrink(found, statement, given)


def model(given: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()) -> Witness | None:
    """A rational point that satisfies every condition, a value for each symbol in them; None if none was found."""
    found = _model(tuple(given), tuple(tuple(hint.items()) for hint in hints))
    return None if found is None else dict(found)


@lru_cache(maxsize=256)  # asked for to see that a claim says something, and again as evidence of it
def _model(given: tuple[Formula, ...], hints: tuple[tuple[tuple[Any, Any], ...], ...]) -> Witness | None:
    named = set().union(*(f.free_symbols for f in given))
    found = counterexample(sp.false, given, ({s: v for s, v in hint if s in named} for hint in hints))
    return None if found is None else {s: v for s, v in found.items() if s in named}


def is_counterexample(witness: Witness, statement: Formula, given: Sequence[Formula]) -> bool:
    """Return whether both exact evaluators find, at a point that symbols admit, the conditions true and the rest false.

    Of a conjunction with propositions in words the other conjuncts are evaluated: one that is false is enough.
    """
    statement = exact_part(statement)
    if statement is None or not all(admits(s, v) for s, v in witness.items()):
        return False
    return all(
        all(evaluate(condition, witness) is True for condition in given) and evaluate(statement, witness) is False
        for evaluate in EVALUATORS
    )


def samples(given: Sequence[Formula], symbols: Iterable[Any], count: int) -> list[Witness]:
    """Up to `count` random dyadic points (exact in binary) at which every condition holds, always the same ones."""
    ordered = sorted(symbols, key=lambda s: str(s.name))
    if not ordered:
        return [{}]
    test = _float_test(sp.false, given, ordered)
    if test is None:
        return []
    found: list[Witness] = []
    for point in sift(dyadic(ordered), ordered, test):
        if all(ball_truth(condition, point) for condition in given):
            found.append(point)
        if len(found) == count:
            break
    return found


@lru_cache(maxsize=256)
def carried_out(formula: Formula) -> Formula:
    """Return the formula with its derivatives and Taylor coefficients computed by SymPy: once, not at every point.

    Raises:
        Unsupported: SymPy computes one of them not; a part that stays would be read with a number for its variable.
    """
    try:
        return formula.replace(lambda e: isinstance(e, (sp.Derivative, Coefficient)), lambda e: e.doit())
    except Exception as error:  # whatever SymPy's series meet
        raise Unsupported(f"SymPy computes no value of {formula}: {type(error).__name__}") from error


def sympy_truth(formula: Formula, point: Witness) -> bool | None:
    """Truth at a point by SymPy's own evaluation; None where it cannot tell, or where a value does not exist."""
    try:
        if not all(base.xreplace({s: sp.S(v) for s, v in point.items()}) > 0 for base in _powers(formula)):
            return None
        value = carried_out(formula)
        value = value.xreplace({s: sp.S(v) for s, v in point.items()}) if point else value
        value = value.doit() if hasattr(value, "doit") else value
    except Exception:  # whatever SymPy meets where there is no value
        return None
    return bool(value) if value in (sp.true, sp.false) else None


@lru_cache(maxsize=256)
def _powers(formula: Formula) -> tuple[Any, ...]:
    """The bases that have to be positive: SymPy would take (-1)^y for 1 at y = 2, where a real power has no value."""
    powers = [e for e in sp.preorder_traversal(formula) if isinstance(e, sp.Pow) and not e.exp.is_Rational]
    return tuple(e.base for e in powers if not is_whole(e.exp))


def ball_truth(formula: Formula, point: Witness) -> bool | None:
    """Truth at a point by flint's rationals and balls; None where it cannot tell."""
    try:
        return truth(formula, point)
    except (Unsupported, ArithmeticError, ValueError):
        return None


EVALUATORS = (ball_truth, sympy_truth)  # the fast one first: what it does not confirm, the slow one is not asked


def _symbols(statement: Formula, given: Sequence[Formula]) -> list[Any] | None:
    formulas = [statement, *given]
    if any(f.has(Prop) if hasattr(f, "has") else False for f in formulas):
        return None
    free: set[Any] = set().union(*(f.free_symbols for f in formulas))
    return sorted(free, key=lambda s: str(s.name))


def _proposals(
    statement: Formula, given: Sequence[Formula], symbols: list[Any], hints: Iterable[Mapping[Any, Any]]
) -> Iterator[Witness]:
    yield from map(dict, hints)
    test = _float_test(statement, given, symbols)
    if test is not None:
        yield from sift(grid(symbols), symbols, test)
    yield from _on_equations(statement, given, symbols)
    # Of a term that they do not know the solvers give no value, and to say that none serves takes them longer than us.
    for engine in smt.ENGINES if smt.is_seen_whole((*given, statement)) else ():
        try:
            answer = smt.entails(given, statement, engine, timeout=2.0)
        except ValueError:  # a part that no solver can be asked about
            break
        if answer.model is not None:
            yield answer.model
        if answer.status == "proved":
            return  # no random search can find what does not exist
    if test is not None:
        yield from sift(random_points(symbols), symbols, test)


def _on_equations(statement: Formula, given: Sequence[Formula], symbols: list[Any]) -> Iterator[Witness]:
    """Points of the grid in the symbols that are left when the equations among the conditions are solved."""
    values = eliminated(tuple(given))
    left = [s for s in symbols if s not in values]
    if not values or not left:
        return
    try:
        conditions = [carried_out(condition).xreplace(values) for condition in given]
        test = _float_test(carried_out(statement).xreplace(values), conditions, left)
    except Unsupported:
        return
    if test is None:
        return
    for point in sift(grid(left), left, test):
        solved = {s: v.xreplace(point) for s, v in values.items()}
        if all(v.is_Rational for v in solved.values()):
            yield {s: {**point, **solved}[s] for s in symbols}


def _first(proposals: Iterator[Witness], statement: Formula, given: Sequence[Formula]) -> Witness | None:
    for candidate in itertools.islice(proposals, EXACT):
        if is_counterexample(candidate, statement, given):
            return candidate
    return None


def _shrink(witness: Witness, statement: Formula, given: Sequence[Formula]) -> Witness:
    """Replace one value after another by a simpler one for as long as the point stays a counterexample."""
    improved = True
    while improved:
        improved = False
        for symbol in witness:
            for simpler in sorted(SIMPLE, key=height):
                if height(simpler) >= height(witness[symbol]):
                    break
                smaller = {**witness, symbol: simpler}
                if is_counterexample(smaller, statement, given):
                    witness, improved = smaller, True
                    break
    return witness


def _float_test(statement: Formula, given: Sequence[Formula], symbols: list[Any]) -> Any:
    """A vectorised float test for 'given and not statement', or None if the formulas have no float form."""
    try:
        tests = [_compile(f, tuple(symbols)) for f in (*given, sp.Not(statement, evaluate=False))]
    except Exception:  # a part that SymPy's printer has no float form for
        return None
    return lambda *columns: np.logical_and.reduce(np.broadcast_arrays(*(test(*columns) for test in tests)))


@lru_cache(maxsize=512)  # nearby formulas (mutants, steps) share most of their parts
def _compile(f: Formula, symbols: tuple[Any, ...]) -> Any:
    if isinstance(f, sp.Implies):
        return _compile(sp.Or(sp.Not(f.args[0], evaluate=False), f.args[1], evaluate=False), symbols)
    if isinstance(f, (sp.And, sp.Or)):
        parts = [_compile(arg, symbols) for arg in f.args]
        join = np.logical_and if isinstance(f, sp.And) else np.logical_or
        return lambda *v: join.reduce(np.broadcast_arrays(*(part(*v) for part in parts)))
    if isinstance(f, sp.Not):
        relation = _compile(f.args[0], symbols)
        return lambda *v: np.logical_not(relation(*v))
    f = carried_out(f)
    if isinstance(f, (sp.Eq, sp.Ne)):
        return _within_tolerance(f, symbols)
    return _numerical(symbols, f)


def _numerical(symbols: tuple[Any, ...], f: Any) -> Any:
    """A function of NumPy arrays; SciPy is imported for functions that NumPy does not have."""
    special = {type(part) for part in f.atoms(sp.Function)} - _IN_NUMPY
    return sp.lambdify(symbols, f, modules=["scipy", "numpy"] if special else [np])  # the name would load all of NumPy


def _within_tolerance(relation: Any, symbols: tuple[Any, ...]) -> Any:
    """Equality among floats: within a relative 1e-9 (the exact evaluation decides afterwards)."""
    left, right = (_numerical(symbols, side) for side in relation.args)

    def test(*v: Any) -> Any:
        a, b = left(*v), right(*v)
        gap, bound = np.abs(a - b), 1e-9 * (1 + np.abs(a) + np.abs(b))
        return gap <= bound if isinstance(relation, sp.Eq) else gap > bound

    return test
