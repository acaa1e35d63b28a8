"""Abbreviations change what is printed, and nothing that is said."""

import re
from functools import cache

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.printing.abbreviations import LONG, abbreviations, definitions
from saddlecheck.theory.printing.tex import tex_lines
from saddlecheck.theory.symbols import real, t, x

names_of = cache(abbreviations)


@pytest.fixture(scope="module")
def longest():
    return [c.statement for c in CLAIMS.values() if sum(map(len, tex_lines(c.statement))) > LONG]


def written_out(line, names):
    """The LaTeX with each name replaced by what it stands for, without parentheses and blanks."""
    for definition in reversed(definitions(names)):
        name, body = definition.split(" = ", 1)
        line = line.replace(name, body)
    return bare(line)


def bare(line):
    return re.sub(r"\\left\(|\\right\)|\s", "", line)


def total(formula, names):
    return sum(map(len, [*tex_lines(formula, names), *definitions(names)]))


def test_written_out_an_abbreviated_formula_is_the_formula(longest):
    assert len(longest) > 20
    for formula in longest:
        names = names_of(formula)
        assert names
        assert [written_out(line, names) for line in tex_lines(formula, names)] == list(map(bare, tex_lines(formula)))


def test_names_are_defined_before_they_are_used_and_make_the_whole_shorter(longest):
    for formula in longest:
        names = names_of(formula)
        for i, line in enumerate(definitions(names)):
            assert all(name not in line for name in list(names.values())[i + 1 :])
        assert total(formula, names) < total(formula, {})


def test_a_short_formula_has_no_names():
    assert abbreviations(CLAIMS["thm1"].statement) == {}
    assert abbreviations(sp.Eq(sp.Add(*sp.symbols("x1:400")), 0, evaluate=False)) == {}  # long, but repeats nothing


def test_no_name_is_one_of_the_formulas_own():
    root = sum((real(f"S{i}") * t**i for i in range(60)), x)
    names = abbreviations(sp.Eq(sp.sin(root), value(sp.cos(root), t, 0), evaluate=False))
    assert list(names.values()) == ["Q_{1}"]
    assert root in names
