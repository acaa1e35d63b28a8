"""The logic by which a statement is found to be empty: compared with truth tables."""

import itertools
import random

import pytest
import sympy as sp

from saddlecheck.theory.claims.vacuity import _satisfiable

_LETTERS = sp.symbols("p q r")
_JUNCTIONS = ((sp.And, 2), (sp.Or, 3), (sp.Not, 1), (sp.Implies, 2), (sp.Equivalent, 2), (sp.Xor, 2))


def _random_formula(draw, depth):
    if depth == 0:
        return draw.choice([*_LETTERS, sp.true, sp.false])
    junction, arity = draw.choice(_JUNCTIONS)
    return junction(*(_random_formula(draw, depth - 1) for _ in range(arity)))


def _has_a_model(formula):
    rows = itertools.product((sp.true, sp.false), repeat=len(_LETTERS))
    return any(sp.S(formula).subs(dict(zip(_LETTERS, row, strict=True))) == sp.true for row in rows)


@pytest.mark.parametrize("seed", range(40))
def test_satisfiable_agrees_with_the_truth_table(seed):
    draw = random.Random(seed)
    formula = _random_formula(draw, 3)
    assert _satisfiable(formula) == _has_a_model(formula)
    # the twin: with its own negation beside it, nothing is satisfiable
    assert not _satisfiable(sp.And(formula, sp.Not(formula), evaluate=False))


def test_the_formulas_are_of_both_sorts():
    found = {_has_a_model(_random_formula(random.Random(seed), 3)) for seed in range(40)}
    assert found == {True, False}
