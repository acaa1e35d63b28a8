"""Table 1, subtracted in decimal arithmetic."""

from decimal import Decimal

import pytest

from saddlecheck.theory.papers.kim.momentum import tables


@pytest.mark.parametrize(
    ("radius", "difference"), [("0.01", "1.22"), ("0.05", "1.45"), ("0.1", "2.79"), ("0.5", "5.78")]
)
def test_differences_of_the_printed_entries(radius, difference):
    row, printed = tables.TABLE[radius]
    entries = [Decimal(entry) for entry in row]
    assert max(entries) - min(entries) == Decimal(difference)
    assert abs(Decimal(difference) - Decimal(printed)) <= Decimal("0.01")


def test_the_gaps_are_refuted_and_not_decided_at_construction():
    assert tables.GAPS.statement.args  # a conjunction of four equations, not a truth value
    assert len(tables.GAPS.statement.args) == 4


def test_claims_about_training_name_the_run_that_settles_them():
    for claim in (tables.FIG8, tables.FIG9, tables.TABLE1):
        assert not claim.is_formula
        assert claim.settles == f"saddlecheck sweep {claim.id}"
