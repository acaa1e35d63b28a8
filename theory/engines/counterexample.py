"""Exact, small counterexamples: a grid of simple rationals, then models of the negation, then random rationals.

Floats only propose; a point counts once the conditions are true and the statement is false there by two exact
evaluations that share no code (SymPy's, and flint's rationals and balls).
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.claims.kinds import Kind, admits, is_of, is_whole, kind
from saddlecheck.theory.claims.nodes import Coefficient, Prop, exact_part
from saddlecheck.theory.engines import smt
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.symbols import Formula

Witness = dict[Any, Any]

# Simplest first: the order in which a reader would try numbers.
_SIMPLE = tuple(
    sp.Rational(p, q)
    for p, q in (
        *(
            (0, 1),
            (1, 1),
            (-1, 1),
            (2, 1),
            (-2, 1),
            (1, 2),
            (-1, 2),
            (3, 1),
            (-3, 1),
            (1, 4),
            (4, 1),
            (-4, 1),
        ),
        *(
            (3, 2),
            (-3, 2),
            (1, 10),
            (10, 1),
            (3, 4),
            (-1, 4),
            (1, 3),
            (2, 3),
            (9, 10),
            (5, 1),
            (-5, 1),
            (1, 100),
        ),
    )
)
_GRID_LIMIT = 250_000  # points proposed on the grid
_RANDOM = 200_000  # random points proposed
_EXACT = 400  # proposals evaluated exactly
_PART = 1_000  # proposals in the first part that is evaluated
_SEED = 20_240_601
_IN_NUMPY = frozenset(
    [sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sp.sign, sp.Max, sp.Min]
)


def height(q: Any) -> int:
    """How long a rational is to write: |p| + q."""
    r = sp.Rational(q)
    return int(abs(r.p) + r.q) if r.p else 0


def counterexample(
    statement: Formula, given: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()
) -> Witness | None:
    """A minimal rational point where `given` holds and `statement` fails; None if none was found.

    None is no proof. hints: points to try first (a claim may know an algebraic or far-away candidate).

    Returns:
        The point, symbol -> rational number, or None.
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
    """Whether both exact evaluators find every condition true and the statement false at a point that symbols admit.

    Of a conjunction with propositions in words the other conjuncts are evaluated: one that is false is enough.

    Returns:
        False also where an evaluator does not know.
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
    rng = np.random.default_rng(_SEED)
    pools = _admitted(_dyadics, ordered)
    rows = np.stack([rng.integers(len(p), size=_RANDOM // 4) for p in pools], 1)
    test = _float_test(sp.false, given, ordered)
    if test is None:
        return []
    found: list[Witness] = []
    for point in _sift(Proposed(pools, rows), ordered, test):
        if all(ball_truth(condition, point) for condition in given):
            found.append(point)
        if len(found) == count:
            break
    return found


@cache
def _dyadics() -> tuple[Any, ...]:
    return tuple(sorted({sp.Rational(p, q) for q in (1, 4, 32, 128) for p in range(-4 * q, 4 * q + 1)}))


@lru_cache(maxsize=256)
def carried_out(formula: Formula) -> Formula:
    """The formula with its derivatives and Taylor coefficients computed by SymPy: once, not at every point."""
    return formula.replace(lambda e: isinstance(e, (sp.Derivative, Coefficient)), lambda e: e.doit())


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
        yield from _sift(_grid(symbols), symbols, test)
    for engine in smt.ENGINES:
        try:
            answer = smt.entails(given, statement, engine, timeout=2.0)
        except ValueError:  # a part that no solver can be asked about
            break
        if answer.model is not None:
            yield answer.model
        if answer.status == "proved":
            return  # no random search can find what does not exist
    if test is not None:
        yield from _sift(_random(symbols), symbols, test)


def _first(proposals: Iterator[Witness], statement: Formula, given: Sequence[Formula]) -> Witness | None:
    for candidate in itertools.islice(proposals, _EXACT):
        if is_counterexample(candidate, statement, given):
            return candidate
    return None


def _shrink(witness: Witness, statement: Formula, given: Sequence[Formula]) -> Witness:
    """Replace one value after another by a simpler one for as long as the point stays a counterexample."""
    improved = True
    while improved:
        improved = False
        for symbol in witness:
            for simpler in sorted(_SIMPLE, key=height):
                if height(simpler) >= height(witness[symbol]):
                    break
                smaller = {**witness, symbol: simpler}
                if is_counterexample(smaller, statement, given):
                    witness, improved = smaller, True
                    break
    return witness


@dataclass(frozen=True, eq=False)
class Proposed:
    """Points to try, in order: a pool of values for each symbol, and rows of indices into the pools."""

    pools: tuple[tuple[Any, ...], ...]
    rows: np.ndarray[Any, Any]

    def columns(self, start: int, stop: int) -> list[Any]:
        """The values of some rows as floats, an array for each symbol."""
        return [_floats(pool)[self.rows[start:stop, i]] for i, pool in enumerate(self.pools)]


@lru_cache(maxsize=16)
def _floats(pool: tuple[Any, ...]) -> Any:
    return np.array([float(v) for v in pool])


def _admitted(pool: Callable[[], tuple[Any, ...]], symbols: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    """For each symbol the values of a pool that its kind admits."""
    return tuple(_of_kind(pool, kind(s)) for s in symbols)


@cache
def _of_kind(pool: Callable[[], tuple[Any, ...]], of: Kind) -> tuple[Any, ...]:
    return tuple(v for v in pool() if is_of(of, v))


def _grid(symbols: list[Any]) -> Proposed:
    """All points of a grid, the simplest first."""
    per_axis = max(2, int(min(len(_SIMPLE), _GRID_LIMIT ** (1 / len(symbols)))))
    return _sorted_grid(tuple(pool[:per_axis] for pool in _admitted(_simple, symbols)))


@lru_cache(maxsize=16)
def _sorted_grid(pools: tuple[tuple[Any, ...], ...]) -> Proposed:
    axes = [np.arange(len(p), dtype=np.int16) for p in pools]
    rows = np.stack([m.ravel() for m in np.meshgrid(*axes, indexing="ij")], 1)
    heights = sum(np.array([height(v) for v in pool])[rows[:, i]] for i, pool in enumerate(pools))
    return Proposed(pools, rows[np.argsort(heights, kind="stable")])


def _random(symbols: list[Any]) -> Proposed:
    """Random points, the simplest first."""
    rng = np.random.default_rng(_SEED)
    pools = _admitted(_pool, symbols)
    # small heights are drawn more often than large ones
    rows = np.stack([(len(p) * rng.random(_RANDOM) ** 2).astype(int) for p in pools], 1)
    heights = sum(np.array([height(v) for v in pool])[rows[:, i]] for i, pool in enumerate(pools))
    return Proposed(pools, rows[np.argsort(heights, kind="stable")])


def _simple() -> tuple[Any, ...]:
    return tuple(_SIMPLE)


@cache
def _pool() -> tuple[Any, ...]:
    return tuple(sorted({sp.Rational(p, q) for q in range(1, 13) for p in range(-12 * q, 12 * q + 1)}, key=height))


def _sift(proposed: Proposed, symbols: list[Any], test: Any) -> Iterator[Witness]:
    """The first points that pass the float test: evaluated in ever larger parts, of which the first often suffices."""
    start, size, left = 0, _PART, _EXACT
    while left and start < len(proposed.rows):
        stop = start + size
        columns = proposed.columns(start, stop)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                keep = np.broadcast_to(np.asarray(test(*columns), dtype=bool), (len(columns[0]),))
            except Exception:  # floats only propose: a function that they do not have, an overflow
                return
        for row in proposed.rows[start:stop][keep][:left]:
            left -= 1
            yield {s: pool[k] for s, pool, k in zip(symbols, proposed.pools, row, strict=True)}
        start, size = stop, 4 * size


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
    return sp.lambdify(symbols, f, modules=["scipy", "numpy"] if special else ["numpy"])


def _within_tolerance(relation: Any, symbols: tuple[Any, ...]) -> Any:
    """Equality among floats: within a relative 1e-9 (the exact evaluation decides afterwards)."""
    left, right = (_numerical(symbols, side) for side in relation.args)

    def test(*v: Any) -> Any:
        a, b = left(*v), right(*v)
        gap, bound = np.abs(a - b), 1e-9 * (1 + np.abs(a) + np.abs(b))
        return gap <= bound if isinstance(relation, sp.Eq) else gap > bound

    return test
