"""The step that lists all real zeros: right lists pass, wrong ones do not, and each of its checks is needed."""

import dataclasses

import pytest
import sympy as sp

from saddlecheck.theory.claims import real_zeros
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.critical.rur import solve
from saddlecheck.theory.errors import CannotCount, GaveUp
from saddlecheck.theory.symbols import x, y

PLANE = (x, y)
# A circle of radius 1 and the line x = y: zeros at y = x = +-1/sqrt(2), roots of 2 y^2 - 1.
CIRCLE = (x**2 + y**2 - 1, x - y)
ON_CIRCLE = ((2 * y**2 - 1, y),)
# x (x^2 + 1) = 0 and y = 2 x + 3: one real zero, (0, 3), and two complex ones.
TWO = (x * (x - 1), y - 2 * x - 3)  # (0, 3) and (1, 5)
COMPLEX = (x**3 + x, y - 2 * x - 3)


def statuses(system, zeros):
    step = RealZeros("zeros", all_zeros(system, PLANE, zeros), plane=PLANE)
    return [(o.engine, o.status) for o in step.check(())]


@pytest.mark.parametrize(
    ("system", "zeros"),
    [
        (CIRCLE, ON_CIRCLE),
        (COMPLEX, ((y - 3, sp.S.Zero),)),
        ((x - y, y**2 * (y - 1)), ((y, sp.S.Zero), (y - 1, sp.S.One))),  # a double zero, and a simple one
    ],
)
def test_a_complete_list_is_proved_by_both_engines(system, zeros):
    assert statuses(system, zeros) == [("sympy", "proved"), ("arb", "proved")]


@pytest.mark.parametrize(
    ("system", "zeros"),
    [
        (TWO, ((y - 3, sp.S.Zero),)),  # one missing
        (CIRCLE, ((2 * y**2 - 1, -y),)),  # not zeros
        (COMPLEX, ((y - 3, sp.S.Zero), (y - 5, sp.S.One))),  # one too many
        (COMPLEX, ((y - 4, sp.S.Zero),)),
    ],
)
def test_a_wrong_list_is_refuted_by_both_engines(system, zeros):
    assert statuses(system, zeros) == [("sympy", "refuted"), ("arb", "refuted")]


def test_a_rational_zero_left_out_comes_back_as_a_witness():
    step = RealZeros("zeros", all_zeros(COMPLEX, PLANE, ((y - 3, sp.S.One),)), plane=PLANE)
    assert {tuple((o.witness or {}).items()) for o in step.check(())} == {((x, 0), (y, 3))}


def test_a_reducible_polynomial_for_y_is_not_accepted():
    # y (y - 3) = 0 with x = 0 lists a point that is no zero beside one that is: their number proves nothing.
    assert statuses(COMPLEX, ((y * (y - 3), sp.S.Zero),)) == [("sympy", "undecided"), ("arb", "undecided")]


def test_what_an_engine_cannot_count_stays_undecided():
    curve = (x * y, x * (y - 1))  # the whole line x = 0, of which one point is listed
    assert {status for _, status in statuses(curve, ((y, sp.S.Zero),))} == {"undecided"}
    above_one_root = (y, x**2 - 1)  # two zeros over y = 0, which no x = q(y) can list
    with pytest.raises(CannotCount, match="up to 2"):
        real_zeros._count_sympy(above_one_root, PLANE)
    assert real_zeros._count_flint(above_one_root, PLANE) == 2
    with pytest.raises(CannotCount, match="whole line"):
        real_zeros._common_degree(sp.Poly(x * y, x, y), sp.Poly(y, x, y), sp.Poly(y, y))


@pytest.mark.parametrize("formula", [sp.Eq(x, y), sp.Equivalent(sp.Eq(x, 0), sp.Eq(y, 0), evaluate=False), sp.true])
def test_another_formula_is_an_error(formula):
    with pytest.raises(ValueError, match="all_zeros"):
        RealZeros("zeros", formula, plane=PLANE).check(())


@pytest.mark.parametrize("engine", ["sympy", "flint"])
def test_without_its_check_of_the_zeros_an_engine_lets_a_wrong_point_through(engine, monkeypatch):
    monkeypatch.setattr(real_zeros, f"_vanishes_{engine}", lambda *_: True)
    step = RealZeros("zeros", all_zeros(COMPLEX, PLANE, ((y - 4, sp.S.Zero),)), plane=PLANE)
    assert "proved" in {o.status for o in step.check(())}


@pytest.mark.parametrize("engine", ["sympy", "flint"])
def test_without_its_count_an_engine_lets_an_incomplete_list_through(engine, monkeypatch):
    monkeypatch.setattr(real_zeros, f"_count_{engine}", lambda *_: 1)
    step = RealZeros("zeros", all_zeros(TWO, PLANE, ((y - 3, sp.S.Zero),)), plane=PLANE)
    assert "proved" in {o.status for o in step.check(())}


def test_doubts_of_the_exact_engine_leave_it_undecided(monkeypatch):
    # Each is the module's own word that something is not proved; "arb" then must not say "proved".
    def gives_up(_ideal):
        raise GaveUp("too large")

    def disagrees(ideal):
        zeros = solve(ideal)
        return dataclasses.replace(zeros, hermite_real=zeros.hermite_real + 1)

    for target, stand_in, why in (
        ("saddlecheck.theory.engines.enclose.certify_real", lambda *_: None, "Krawczyk"),
        ("saddlecheck.theory.critical.rur.solve", gives_up, "too large"),
        ("saddlecheck.theory.critical.rur.solve", disagrees, "Hermite"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(target, stand_in)
            step = RealZeros("zeros", all_zeros(CIRCLE, PLANE, ON_CIRCLE), plane=PLANE)
            arb = step.check(())[1]
        assert (arb.engine, arb.status) == ("arb", "undecided")
        assert why in arb.why
