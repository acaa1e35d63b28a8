"""The logic by which a statement is found to be empty: compared with truth tables."""

import itertools
import random

import pytest
import sympy as sp

from saddlecheck.theory.claims.vacuity import _consistent

_SYMBOLS = sp.symbols("p q r", real=True)
_LETTERS = [s > 0 for s in _SYMBOLS]
_JUNCTIONS = ((sp.And, 2), (sp.Or, 3), (sp.Not, 1), (sp.Implies, 2), (sp.Equivalent, 2))


def _random_formula(draw, depth):
    if depth == 0:
        return draw.choice([*_LETTERS, sp.true, sp.false])
    junction, arity = draw.choice(_JUNCTIONS)
    return junction(*(_random_formula(draw, depth - 1) for _ in range(arity)))


def _has_a_model(formula):
    signs = itertools.product((1, -1), repeat=len(_SYMBOLS))
    return any(sp.S(formula).subs(dict(zip(_SYMBOLS, row, strict=True))) == sp.true for row in signs)


@pytest.mark.parametrize("seed", range(40))
def test_it_agrees_with_the_truth_table(seed):
    draw = random.Random(seed)
    formula = _random_formula(draw, 3)
    assert _consistent(formula) == _has_a_model(formula)
    # the twin: with its own negation beside it, nothing is satisfiable
    assert not _consistent(formula, sp.Not(formula))


def test_the_formulas_are_of_both_sorts():
    found = {_has_a_model(_random_formula(random.Random(seed), 3)) for seed in range(40)}
    assert found == {True, False}
