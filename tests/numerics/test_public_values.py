"""What all values of the literature share: keywords alone, numbers or lists, float64 of no dimension for numbers.

Integer input is what a user types: it must give what the same floats give, to the last bit.
"""

import inspect
import math

import numpy as np
import pytest
from scipy.special import gammaln

from saddlecheck import numerics

CALLS = {
    "sam_edge": {"gradient": 2, "rho": 3, "lr": 1},
    "two_cycle": {"top": 1, "rho": 3, "lr": 1, "momentum": 0},
    "capture_window": {"top": 2, "lr": 1, "momentum": 0.95},
    "valley_drift": {"top": 1, "rho": 2, "lr": 1, "momentum": 0},
    "noisy_threshold": {"mu": 2, "s": 3, "d": 5},
    "micro_batch_threshold": {"m1": -1, "m2": 4, "m": 3},
    "fraction_threshold": {"mu": 2, "every": 3, "lr": 1},
    "mean_square_rate": {"moments": (1, 2, 3, 8), "rho": 2, "lr": 1, "batches": "same"},
    "product_model_time": {"start": 1, "stop": 1, "rho": 2, "lr": 1},
    "usam_floor": {"eigenvalues": [1, 2], "rho": 1, "lr": 0.1, "s": 2},
    "dnsam_density": {"x": 1, "lam": 2, "rho": 1, "lr": 1, "s": 3},
    "unified_cycle": {"lam": 1, "rho": 2, "lr": 1, "t": 1},
    "eg_sam_threshold": {"mu": 2, "lr": 1},
}


def call(name, change):
    """The values of a function, as a tuple, after `change` of each of its numbers."""
    kept = {"batches", "moments", "eigenvalues"}  # the last two are collections already
    changed = {k: v if k in kept else change(v) for k, v in CALLS[name].items()}
    found = getattr(numerics, name)(**changed)
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("name", CALLS)
def test_only_the_place_of_a_density_may_go_without_its_name(name):
    kinds = {p.name: p.kind for p in inspect.signature(getattr(numerics, name)).parameters.values()}
    assert {n for n, kind in kinds.items() if kind is not inspect.Parameter.KEYWORD_ONLY} <= {"x"}
    assert ("x" in kinds) is (name == "dnsam_density")


@pytest.mark.parametrize("name", CALLS)
def test_numbers_give_a_number_and_lists_an_array(name):
    for one, floats, many in zip(call(name, lambda v: v), call(name, float), call(name, lambda v: [v]), strict=True):
        assert isinstance(one, np.float64)
        assert one == floats
        assert isinstance(many, np.ndarray)
        assert many.dtype == np.float64
        assert many.tolist() == [one]


@pytest.mark.parametrize("name", CALLS)
def test_each_argument_broadcasts_with_the_others(name):
    along = {k for k in CALLS[name] if k not in {"batches", "moments", "eigenvalues"}}
    for k in along:
        column = {**CALLS[name], k: [[CALLS[name][k]]] * 3}
        row = {j: [v, v] if j in along - {k} else v for j, v in column.items()}
        found = getattr(numerics, name)(**row)
        for each in found if isinstance(found, tuple) else (found,):
            assert each.shape == (3, 2 if len(along) > 1 else 1), k
            assert np.all(each == each[0, 0]), k


@pytest.mark.parametrize("name", CALLS)
def test_numbers_of_less_precision_are_read_exactly_and_answered_in_float64(name):
    kept = {"moments": tuple(map(np.float32, (1, 2, 3, 8))), "eigenvalues": np.float32([1, 2])}
    found = getattr(numerics, name)(
        **{k: kept.get(k, v if isinstance(v, str) else np.float32(v)) for k, v in CALLS[name].items()}
    )
    for one in found if isinstance(found, tuple) else (found,):
        assert one.dtype == np.float64
    exact = {k: v if isinstance(v, str) else np.float64(np.float32(v)) for k, v in CALLS[name].items()}
    again = getattr(numerics, name)(**exact)
    assert np.array_equal(found, again)


NUMBERS = [(name, k) for name, given in CALLS.items() for k, v in given.items() if not isinstance(v, str)]
WRONG = ("1", None, 1j, math.nan, math.inf, [1, [2, 3]], {}, np.linspace(-30, 30, 2000), np.ma.masked_equal([1, 2], 2))


@pytest.mark.parametrize(("name", "argument"), NUMBERS)
def test_what_is_no_number_of_the_domain_is_refused_in_one_line_that_names_it(name, argument):
    for wrong in WRONG if argument != "x" else WRONG[:-2]:
        with pytest.raises(ValueError, match=rf"\b{argument}\b") as caught:
            getattr(numerics, name)(**{**CALLS[name], argument: wrong})
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 260


@pytest.mark.parametrize(("name", "argument"), [pair for pair in NUMBERS if pair[1] not in {"moments", "eigenvalues"}])
def test_shapes_that_do_not_broadcast_are_refused_by_name(name, argument):
    other = next(k for n, k in NUMBERS if n == name and k not in {argument, "moments", "eigenvalues"})
    given = {**CALLS[name], argument: [CALLS[name][argument]] * 2, other: [CALLS[name][other]] * 3}
    with pytest.raises(ValueError, match="do not broadcast") as caught:
        getattr(numerics, name)(**given)
    assert f"{argument} (2,)" in str(caught.value)
    assert f"{other} (3,)" in str(caught.value)


@pytest.mark.parametrize("batches", [None, 3, ["same"], np.array(["same", "same"]), "Same"])
def test_a_choice_that_does_not_exist_is_refused_with_those_that_do(batches):
    with pytest.raises(ValueError, match="choose one of same, independent, full_ascent"):
        numerics.mean_square_rate(**{**CALLS["mean_square_rate"], "batches": batches})


@pytest.mark.parametrize("moments", [3.0, np.array(3.0), (1, 2, 3), "abc", range(5)])
def test_moments_that_are_not_four_are_refused(moments):
    with pytest.raises(ValueError, match="give all four"):
        numerics.mean_square_rate(moments=moments, rho=1, lr=1, batches="same")


def test_a_quadratic_without_eigenvalues_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        numerics.usam_floor(eigenvalues=[], rho=1, lr=0.1, s=2)


def test_the_edge_at_the_ends_of_the_range_of_floats():
    # 8 rho/lr is beyond the largest float. The edge is sqrt(2 g/(lr rho)) but for a share of sqrt(lr g/rho) = 1e-100,
    # and a handful of roundings.
    assert math.isclose(numerics.sam_edge(gradient=1e200, rho=1e200, lr=1e-200), 2**0.5 * 1e100, rel_tol=1e-15)


def test_the_noisy_threshold_against_stirling_in_every_dimension():
    # Each ln Gamma is rounded relatively to a few 2^-53 and is below d ln d, which is below d^2 here.
    for d in (1, 2, 3, 10, 100, 1000):
        K = math.exp(gammaln((d + 1) / 2) - gammaln(d / 2 + 1)) / math.sqrt(2)
        assert math.isclose(numerics.noisy_threshold(mu=2.0, s=3.0, d=d) * 2 / 3 * K, 1.0, rel_tol=2e-16 * (20 + d**2))
    for d in (10.0**6, 10.0**12, 10.0**300):
        # The quotient's series gives 1/K^2 = d (1 + 1/(2 d) + O(1/d^2)), and d^-2 is 1e-12 at most.
        square = (numerics.noisy_threshold(mu=2.0, s=3.0, d=d) * 2 / 3) ** 2 / d
        assert math.isclose(square, 1 + 1 / (2 * d), rel_tol=1e-11)


@pytest.mark.parametrize("momentum", [0.0, 1e-12, 0.95])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_the_cycle_in_positions_alone(momentum, share):
    """The heavy ball written with the last two weights, w' = w + beta (w - w_last) - lr g(w^p), instead of a buffer."""
    top, rho = 1.7, 0.4
    lr = share * 2 * (1 + momentum) / top
    c = numerics.two_cycle(top=top, rho=rho, lr=lr, momentum=momentum)
    after = c + momentum * (c - -c) - lr * top * (c + rho)
    # Terms of size 2 (1 + beta)(c + rho) at most are summed, with a few roundings each.
    assert abs(after + c) < 16 * 2.0**-53 * 2 * (1 + momentum) * (c + rho)
    wrong = numerics.two_cycle(top=top, rho=rho, lr=lr * (1 - 1e-9), momentum=momentum)
    assert abs(c + momentum * 2 * c - lr * top * (c + rho) + wrong) > 16 * 2.0**-53 * 2 * (1 + momentum) * (c + rho)
