"""Names in the text of a formula change what is printed, and nothing that is said."""

import re

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.terminal import lines
from saddlecheck.theory.symbols import x


def bare(text):
    return re.sub(r"[()\s]", "", text)


@pytest.mark.parametrize("name", ["beale-single-saddle", "langevin-rest", "heavy-ball-msd"])
def test_written_out_a_named_formula_is_the_formula(name):
    formula = CLAIMS[name].statement
    text, *defined = lines(formula)
    assert defined
    for definition in reversed(defined):
        short, body = definition.removeprefix("with ").split(" = ", 1)
        text = re.sub(rf"\b{short}\b", lambda _, body=body: body, text)
    assert bare(text) == bare(str(formula))
    assert sum(map(len, lines(formula))) < len(str(formula))


def test_a_short_formula_and_a_proposition_are_printed_as_they_are():
    assert lines(sp.Eq((x + 1) ** 2, x, evaluate=False)) == ["Eq((x + 1)**2, x)"]
    assert lines(Prop("p", "All is well.")) == ["All is well."]
