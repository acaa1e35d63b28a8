"""Constants that are zero without looking it."""

import pytest

from saddlecheck.theory.critical.constants import is_zero
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss


@pytest.mark.parametrize(
    ("constant", "zero"),
    [
        ("sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6))", True),
        ("sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)) + 1e-40", False),
        ("sqrt(9 + 4*sqrt(5)) - sqrt(5) - 2", True),
        ("(sqrt(5) + 2)**(1/3) - (1 + sqrt(5))/2", True),
        ("1/(sqrt(2) - 1) - sqrt(2) - 1", True),
        ("(1/2)**0.5 + (1/3)**0.5 - (5/6 + 2*(1/6)**0.5)**0.5", True),
        ("log(6) - log(2) - log(3)", None),
        ("exp(1) - 2.718281828", False),
    ],
)
def test_constants_are_told_from_zero(constant, zero):
    expr = Loss(f"({constant}) + 0*x").expr
    assert (expr == 0 if zero else is_zero(expr) is zero) or (zero is True and is_zero(expr))


def test_a_coefficient_that_is_zero_is_no_term():
    found = Loss("(sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)))*x**4 + x**2").critical_points()
    assert found.complete
    assert [p.kind for p in found] == ["minimum"]
    with pytest.raises(BadLoss, match="divides by a constant"):
        Loss("x/(sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)))")
    open_question = Loss("(log(6) - log(2) - log(3))*x**2 + y**2").critical_points(timeout=2)
    assert not open_question.complete
    assert any("exactly 0 was not decided" in note for note in open_question.notes)
