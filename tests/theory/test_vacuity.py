"""The logic by which a statement is found to be empty, by its table and by Z3: compared with SymPy's truth values."""

import itertools
import random

import pytest
import sympy as sp

from saddlecheck.theory.claims import vacuity
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.errors import NoRule

_LETTERS = [Prop(name, "") for name in "pqr"]
_JUNCTIONS = ((sp.And, 2), (sp.Or, 3), (sp.Not, 1), (sp.Implies, 2), (sp.Equivalent, 2))


def _random_formula(draw, depth):
    if depth == 0:
        return draw.choice([*_LETTERS, sp.true, sp.false])
    junction, arity = draw.choice(_JUNCTIONS)
    return junction(*(_random_formula(draw, depth - 1) for _ in range(arity)))


def _has_a_model(formula):
    rows = itertools.product((sp.true, sp.false), repeat=len(_LETTERS))
    return any(sp.S(formula).xreplace(dict(zip(_LETTERS, row, strict=True))) == sp.true for row in rows)


@pytest.mark.parametrize("table", [8, 0], ids=["by the table", "by Z3"])
@pytest.mark.parametrize("seed", range(40))
def test_it_agrees_with_the_truth_values(seed, table, monkeypatch):
    monkeypatch.setattr(vacuity, "_TABLE", table)
    draw = random.Random(seed)
    formula = _random_formula(draw, 3)
    assert vacuity._consistent(formula) == _has_a_model(formula)
    # the twin: with its own negation beside it, nothing is satisfiable
    assert not vacuity._consistent(formula, sp.Not(formula))


@pytest.mark.parametrize("table", [8, 0], ids=["by the table", "by Z3"])
def test_another_junction_is_refused(table, monkeypatch):
    monkeypatch.setattr(vacuity, "_TABLE", table)
    with pytest.raises(NoRule, match="Xor is no formula"):
        vacuity._consistent(sp.Xor(*_LETTERS, evaluate=False))


def test_the_formulas_are_of_both_sorts():
    found = {_has_a_model(_random_formula(random.Random(seed), 3)) for seed in range(40)}
    assert found == {True, False}
