"""Consequences over the reals, proved or refuted by two SMT solvers that share no code: Z3 and cvc5.

That every value exists is an obligation (see `claims.obligations`): it is proved first, never assumed.  What follows
for every real number is proved without saying that an integer is whole, the rest with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims.obligations import Obligation, obligations, said
from saddlecheck.theory.engines import solver_process
from saddlecheck.theory.engines.translation import Factors, Linear, Translator, applied, negation
from saddlecheck.theory.errors import NoRule
from saddlecheck.theory.symbols import Formula

Engine = Literal["z3", "cvc5"]
ENGINES: tuple[Engine, ...] = ("z3", "cvc5")
TIMEOUT = 15.0  # seconds of the processor a query; every proof in the ledger needs a tenth of that or little more
_patience = [TIMEOUT]
# The engine's own count of work for a first attempt at a question as it stands, which decides nine of ten in some
# milliseconds. A count, not a clock: what is tried does not depend on the machine's load.
FEW_STEPS: dict[Engine, int] = {"z3": 100_000, "cvc5": 5_000}


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Another time limit for the queries of a block, where an answer is wanted only if it comes quickly."""
    _patience.append(seconds)
    try:
        yield
    finally:
        _patience.pop()


@dataclass(frozen=True)
class Answer:
    """What a solver said: "proved", "refuted" (with a model where it is rational) or "unknown" (with the reason)."""

    status: Literal["proved", "refuted", "unknown"]
    model: dict[Any, Any] | None = None
    why: str = ""


def entails(premises: Sequence[Formula], conclusion: Formula, engine: Engine, timeout: float | None = None) -> Answer:
    """Whether every point of the premises satisfies the conclusion, by refuting the negation.

    The obligations of each premise are proved from other premises whose own were proved, those of the conclusion from
    all of them, with the same engine; one that is not proved makes the answer "unknown".
    """
    timeout = _patience[-1] if timeout is None else min(timeout, _patience[-1])
    translator = Translator()
    known, gap = _established(translator, premises, engine, timeout)
    gap = gap or _unmet(translator, known, conclusion, engine, timeout)
    if gap:
        return Answer("unknown", why=gap)
    question = [*known, negation(translator.formula(conclusion))]
    status, model = _solve(translator, question, engine, timeout, FEW_STEPS[engine])
    if status not in ("sat", "unsat"):
        if any(_follows(weaker(), premises, conclusion, engine) for weaker in (Linear, Factors)):
            return Answer("proved")
        status, model = _solve(translator, question, engine, timeout)
    if status == "unsat":
        return Answer("proved")
    if status == "sat" and not translator.opaque:
        return Answer("refuted", model)
    unknown = ", ".join(sorted(map(str, translator.opaque)))
    reason = f"does not follow while {unknown} could be anything: cite a bound" if status == "sat" else status
    return Answer("unknown", why=reason)


def is_seen_whole(formulas: Iterable[Formula]) -> bool:
    """Whether the solvers are told all of some formulas: where a term is an unknown to them, none gives a model."""
    translator = Translator()
    try:
        for formula in formulas:
            translator.formula(formula)
    except ValueError:  # a part that no solver can be asked about
        return False
    return not translator.opaque


def undefined(
    formulas: Sequence[Formula], premises: Sequence[Formula], engine: Engine, found: Sequence[Obligation] = ()
) -> str | None:
    """What keeps a value in the formulas from existing wherever the premises hold, as a sentence; None if nothing.

    found: obligations to prove besides those of the formulas.
    """
    try:
        needed = dict.fromkeys([*(o for f in formulas for o in obligations(f)), *found])
    except NoRule as refusal:
        return str(refusal)
    if not needed:
        return None
    translator = Translator()
    known, gap = _established(translator, premises, engine, _patience[-1])
    return gap or _first_open(translator, known, list(needed), engine, _patience[-1])


def _established(
    translator: Translator, premises: Sequence[Formula], engine: Engine, timeout: float
) -> tuple[list[str], str | None]:
    """The premises translated, each once its obligations follow from those before it, in whatever order they stand."""
    known: list[str] = []
    waiting, gap = list(premises), None
    while waiting:
        later = []
        for premise in waiting:
            if (missing := _unmet(translator, known, premise, engine, timeout)) is None:
                known.append(translator.formula(premise))
            else:
                later.append(premise)
                gap = gap or missing
        if len(later) == len(waiting):
            return known, gap
        waiting, gap = later, None
    return known, None


def _follows(weaker: Translator, premises: Sequence[Formula], conclusion: Formula, engine: Engine) -> bool:
    """Whether a translation that knows less is enough; its obligations are those that were proved already."""
    formulas = [*map(weaker.formula, premises), negation(weaker.formula(conclusion))]
    return _solve(weaker, formulas, engine, timeout=min(1.0, _patience[-1]))[0] == "unsat"


def satisfiable(premises: Iterable[Formula], engine: Engine, timeout: float | None = None) -> Answer:
    """Whether the premises have a model: "refuted" carries it (the claim that there is none is refuted)."""
    return entails(list(premises), sp.false, engine, timeout)


def _unmet(translator: Translator, known: list[str], formula: Formula, engine: Engine, timeout: float) -> str | None:
    """The first obligation of a formula that does not follow, as a sentence; None if all do."""
    return _first_open(translator, known, obligations(formula), engine, timeout)


def _first_open(
    translator: Translator, known: list[str], needed: Sequence[Obligation], engine: Engine, timeout: float
) -> str | None:
    """The first of some obligations that does not follow, as a sentence; None if all do.

    That one of them fails somewhere is refuted in one query where that is easy: it says as much as one query for each.
    """
    if len(needed := [o for o in needed if o not in translator.met]) > 1:
        failing = [
            applied("and", [*map(translator.formula, o.where), negation(translator.formula(o.needs))]) for o in needed
        ]
        if _solve(translator, [*known, applied("or", failing)], engine, timeout, FEW_STEPS[engine])[0] == "unsat":
            translator.met.update(needed)
            return None
    return next(filter(None, (_open(translator, known, o, engine, timeout) for o in needed)), None)


def _open(translator: Translator, known: list[str], o: Obligation, engine: Engine, timeout: float) -> str | None:
    if o in translator.met:
        return None
    where = [translator.formula(guard) for guard in o.where]
    negated = negation(translator.formula(o.needs))
    if _solve(translator, [*known, *where, negated], engine, timeout)[0] != "unsat":
        return f"needs {said(o.needs)}, which the conditions do not give"
    translator.met.add(o)
    return None


def _solve(
    translator: Translator, formulas: list[str], engine: Engine, timeout: float, steps: int | None = None
) -> tuple[str, dict[Any, Any] | None]:
    """Over the reals first, which decides most questions about integers too; then with what is whole said to be so."""
    status, model = _ask(translator, formulas, engine, timeout, steps)
    if status == "unsat" or not translator.whole:
        return status, model
    return _ask(translator, formulas, engine, timeout, steps, translator.whole)


def _ask(
    translator: Translator,
    formulas: list[str],
    engine: Engine,
    timeout: float,
    steps: int | None,
    whole: Sequence[str] = (),
) -> tuple[str, dict[Any, Any] | None]:
    """whole: the unknowns that get the sort of integers; each then stands in the formulas as a real number."""
    constants = translator.sorts | dict.fromkeys(whole, "Int")
    assertions = [*translator.side, *formulas]
    if whole:
        assertions = [re.sub(rf"\b({'|'.join(whole)})\b", r"(to_real \1)", text) for text in assertions]
    reply = solver_process.solve(engine, constants, assertions, timeout, steps)
    if reply.status != "sat":
        return ("no answer in time" if reply.status == "unknown" else reply.status), None
    values = {symbol: reply.values.get(name) for symbol, name in translator.names.items()}
    if None in values.values():
        return "sat", None  # an irrational point
    return "sat", {symbol: sp.Rational(value) for symbol, value in values.items()}
