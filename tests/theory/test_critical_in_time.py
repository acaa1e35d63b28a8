"""What a search for critical points leaves when its time runs out: each stage is interrupted in turn."""

import time
from math import exp

import pytest
import sympy as sp

from saddlecheck.theory.critical import algebraic_set, decomposition, ideal, multistart, search
from saddlecheck.theory.critical.box_search import Found
from saddlecheck.theory.critical.critical import critical_points
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import TimedOut

# cos x + x**2/8: x = 4 sin x has the three solutions 0 and +-2.47457...; 4 cos x - 1 > 0 only at 0.
LOSS = Loss("cos(x) + x**2/8")
SOLUTION = 2.474576787369828


def interrupted(stage, after):
    """A generator's function whose time runs out once it has yielded so many times."""

    def run(*args):
        for k, item in enumerate(stage(*args)):
            if k == after:
                raise TimedOut
            yield item

    return run


@pytest.fixture
def boxes_give_up(monkeypatch):
    monkeypatch.setattr(search.box_search, "search", lambda *_: Found((), (), exhausted=True))


@pytest.mark.usefixtures("boxes_give_up")
def test_the_numerical_search_keeps_what_it_has_proved(monkeypatch):
    monkeypatch.setattr(multistart, "_stops", interrupted(multistart._stops, after=1))
    found = critical_points(LOSS, timeout=60)
    (point,) = found.points
    assert point.certified
    assert min(abs(point.location[0] - x) for x in (0, SOLUTION, -SOLUTION)) < 1e-12  # it is printed to 15 digits
    assert not found.complete
    assert any("Time ran out" in note for note in found.notes)


@pytest.mark.usefixtures("boxes_give_up")
def test_a_numerical_search_that_lists_at_its_end_is_seen_to_lose_them(monkeypatch):
    monkeypatch.setattr(multistart, "_stops", interrupted(multistart._stops, after=1))
    whole = multistart.search
    monkeypatch.setattr(multistart, "search", lambda *args: iter(list(whole(*args))))
    assert critical_points(LOSS, timeout=60).points == ()


def test_zeros_of_the_box_are_kept_one_by_one(monkeypatch):
    whole, calls = search._place, []

    def placed(*args):
        calls.append(args)
        if len(calls) == 3:
            raise TimedOut
        return whole(*args)

    monkeypatch.setattr(search, "_place", placed)
    found = critical_points(LOSS, timeout=60)
    assert (len(found.points), found.complete) == (2, False)


def test_elimination_in_this_process_leaves_time_for_the_box(monkeypatch):
    def endless(_problem):
        while True:
            pass

    monkeypatch.setattr(algebraic_set, "solve", endless)
    begin = time.process_time()
    found = critical_points(Loss("x**4/4 - x**2/2"), timeout=2)
    # 2 seconds, and what a call that cannot be interrupted adds on a loaded machine.
    assert time.process_time() - begin < 2 + 1
    assert [p.location for p in found.points] == [(-1.0,), (1.0,), (0.0,)]
    assert found.complete  # in the box
    assert any("Exact elimination gave up (no answer within" in note for note in found.notes)


@pytest.mark.parametrize("constant", ["sigmoid(1e60)", "1/(1 + exp(-1e25))", "tanh(1e60)"])
def test_a_constant_that_rounds_to_one_costs_no_time(constant):
    begin = time.process_time()
    found = critical_points(Loss(f"({constant} + tan(0) + x)**2"), timeout=5)
    assert found.complete
    assert [p.location for p in found.points] == [(-1.0,)]  # the constants are 1 to far more digits than are printed
    assert time.process_time() - begin < 5 + 1  # it takes a tenth of a second; here as above


def test_constants_keep_their_value_in_the_equation():
    (point,) = critical_points(Loss("x**2*exp(3) - x*exp(2)/(1 + exp(-1))")).points
    # 2 x exp(3) = exp(2)/(1 + exp(-1)); a relative error of some roundings, 1e-14.
    assert point.location[0] == pytest.approx(exp(-1) / (1 + exp(-1)) / 2, rel=1e-14)


@pytest.mark.parametrize(
    ("first", "second"), [("x - 1", "x - 10**30"), ("x + y*10**18", "x*10**18 + y"), ("2*x - 3", "(x + 10**40)**2")]
)
def test_factors_whose_coefficients_lie_far_apart(first, second):
    symbols = sp.symbols("x y", real=True)
    ring = ideal.polynomial_ring(symbols)
    parts = [ideal.to_flint(sp.sympify(t, {"x": symbols[0], "y": symbols[1]}), symbols) for t in (first, second)]
    product = ring.constant(1)
    for q, power in decomposition._factors(-6 * parts[0] * parts[1]):
        product *= q**power
    assert len(decomposition._factors(parts[0] * parts[1])) == 2
    assert product in (parts[0] * parts[1], -parts[0] * parts[1])


def test_a_component_with_far_coefficients_is_found():
    # The gradient of z (x - 1)(x - 10^30) vanishes on the lines x = 1, z = 0 and x = 10^30, z = 0 only.
    found = critical_points(Loss("z*(x - 1)*(x - 1e30) + 0*y", variables=sp.symbols("x y z", real=True)), timeout=60)
    assert found.complete
    assert sorted(float(c.samples[0].location[0]) for c in found.components) == [1.0, 1e30]
