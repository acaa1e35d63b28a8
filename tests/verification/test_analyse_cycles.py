"""Normalised SAM's cycles: which exist, which attract, which one starts reach, and a check that tells them apart."""

from dataclasses import replace

import numpy as np
import pytest
from analyses import at

from numerics.algorithm import Algorithm
from numerics.cycles import advance, periodic_orbit
from theory.losses.interval import Interval
from theory.losses.loss import Loss
from verification.analyse import analyse
from verification.analysis import cycles, relay, simulate
from verification.analysis.dynamics import Landscape
from verification.analysis.settings import Settings, decimal
from verification.analysis.stability import RULES

HEAVY, NESTEROV = "heavy_ball_sam_normalised", "nesterov_sam_normalised"
NAMES = ("sam_normalised", HEAVY, NESTEROV)
FOUR = (1, 1, -1, -1)


def spectrum(*values):
    return [Interval.exact(decimal(float(v))) for v in values]


def four_cycle(e, gamma):
    r"""Half-width over rho of heavy ball's cycle + + - -, where it exists, else None.

    With s_k = Re((1 - i) i^k) the recurrence w_(k+1) - (1 + gamma - e) w_k + gamma w_(k-1) = -e s_k has the response
    w_k = Re(W i^k), W = e ((2 - e) + i (e - 2 gamma))/N, N = (1 + gamma - e)^2 + (1 - gamma)^2: w_0 = e (2 - e)/N and
    w_1 = e (2 gamma - e)/N have to be positive, and w_0 is the larger.
    """
    n = (1 + gamma - e) ** 2 + (1 - gamma) ** 2
    return e * (2 - e) / n if e < min(2 * gamma, 2) else None


def run(lam, rho, lr, gamma, start, steps=6000):
    """Heavy ball on lam w^2/2 as anybody would write it: the last 240 positions."""
    w, m, track = start, 0.0, []
    for _ in range(steps):
        m = gamma * m + lam * (w + rho * np.sign(w))
        w -= lr * m
        track.append(w)
    return np.array(track[-240:])


# Which cycles exist, and how large they are.


@pytest.mark.parametrize("gamma", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999, 1.001])
def test_the_cycle_of_period_four_is_the_closed_form_and_ends_where_that_does(gamma, share):
    e = round(2 * gamma * share, 12)
    settings = Settings(rho=1.0, lr=e, momentum=gamma)
    found, expected = relay.orbit(RULES[HEAVY], spectrum(1), 0, settings, FOUR), four_cycle(e, gamma)
    assert (found is None) == (expected is None)
    if found is not None:
        # Arb's enclosure is far below a float's rounding: 1e-14 is that of the formula.
        assert found.half_width == pytest.approx(expected, rel=1e-14)
        assert found.word == "attracts"


@pytest.mark.parametrize(("lam", "gamma"), [(1.0, 0.9), (2.0, 0.9), (18.0, 0.9), (1.0, 0.5), (18.0, 0.5)])
def test_starts_beside_a_minimum_come_to_the_cycle_that_is_named(lam, gamma):
    rho, lr = 0.05, 0.1 / lam
    model = cycles.on_quadratic(RULES[HEAVY], spectrum(lam), Settings(rho=rho, lr=lr, momentum=gamma))
    for start in (1e-3 * model.size, 0.5 * model.size):
        track = run(lam, rho, lr, gamma, start)
        # Along it paths contract by sqrt(gamma) = 0.95 a step, or 1 - e/(1 - gamma) = 0.8: 3000 steps leave nothing.
        assert np.max(np.abs(track)) == pytest.approx(model.size, rel=1e-12)
        assert np.array_equal(np.sign(track[4:]), np.sign(track[:-4]))
    assert (model.verdict, model.orbit.pattern) == ("cycle", "++--")
    # The twin: the 2-cycle is stable too, from a start on it, and less than half as large.
    two = relay.orbit(RULES[HEAVY], spectrum(lam), 0, Settings(rho=rho, lr=lr, momentum=gamma), (1, -1))
    assert two.word == "attracts"
    assert 2 < model.size / (rho * two.half_width) < 2.6


@pytest.mark.parametrize("name", [HEAVY, NESTEROV])
@pytest.mark.parametrize("lam", [1.0, -1.0, -3.0, 9.0])
def test_what_is_proved_across_is_what_the_jacobians_say(name, lam):
    settings = Settings(rho=0.3, lr=0.01, momentum=0.8)
    loss = Loss(f"5*x**2 + {lam}*y**2/2")
    values = sorted([10.0, lam])
    found = relay.orbit(RULES[name], spectrum(*values), values.index(10.0), settings, FOUR)
    assert found is not None
    algorithm = Algorithm("exact_ascent", 0.01, 0.3, 0.8, nesterov=name == NESTEROV, normalised=True)
    state = np.array([0.3 * found.places[0], 0, 3.0 * found.buffers[0], 0])
    after = state
    for _ in range(4):
        after = advance(loss, algorithm, after)
    assert after == pytest.approx(state, abs=1e-14)  # of order one, and four steps of rounding
    largest = np.abs(periodic_orbit(loss, algorithm, state, 4).multipliers[0])
    assert (found.word == "attracts") == (largest < 1)
    assert abs(largest - 1) > 1e-6  # far from the edge, so that neither side rounds across it


def test_an_orbit_of_a_shorter_period_is_not_taken_for_a_longer_one():
    loss = Loss("5*x**2")
    algorithm = Algorithm("exact_ascent", 0.05, 0.3, 0.8, normalised=True)
    two = relay.orbit(RULES[HEAVY], spectrum(10), 0, Settings(rho=0.3, lr=0.05, momentum=0.8), (1, -1))
    with pytest.raises(ValueError, match="an orbit of period 2 was found"):
        periodic_orbit(loss, algorithm, [0.3 * two.places[0], 3.0 * two.buffers[0]], 4)


def test_patterns():
    assert relay.pattern_of(np.array([1.0, 2, -1, -2] * 60)) == FOUR
    assert relay.pattern_of(np.random.default_rng(0).standard_normal(240)) is None
    assert relay.canonical((-1, 1, 1, -1)) == relay.canonical((-1, -1, 1, 1)) == FOUR
    assert relay.canonical((-1, -1, 1)) == relay.canonical((1, -1, 1)) == (1, 1, -1)


# What an analysis says.


def test_the_cycle_is_the_one_that_starts_reach_and_the_others_are_named():
    found = analyse("x**2 + 9*y**2", rho=0.05, lr=0.00556, momentum=0.9, optimisers=(HEAVY,), basins=False)
    ruling = found.points[0].optimisers[HEAVY]
    assert (ruling.verdict, ruling.period, ruling.certified) == ("cycle", 4, True)
    assert ruling.cycle == pytest.approx(0.05 * four_cycle(0.00556 * 18, 0.9), rel=1e-12)
    assert ruling.ends[0].pattern == "++--"
    assert "period 2 and half-width 0.001352" in ruling.why
    assert sum(e.starts for e in ruling.ends) == ruling.ends[0].of
    assert ruling.simulated == "confirmed"
    assert "half-width 0.002926 and period 4" in ruling.seen


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("loss", ["x**2 + 9*y**2", "9*x**2 - 4*y**2", "x**2 - y**2", "9*x**2 + 8*y**2 - z**2"])
def test_no_rule_that_normalises_is_contradicted(loss, gamma):
    found = analyse(loss, rho=0.05, lr=0.00556, momentum=gamma, optimisers=NAMES, basins=False)
    rulings = found.points[0].optimisers.values()
    assert {r.simulated for r in rulings} <= {"confirmed", "inconclusive"}
    assert {r.simulated for r in rulings if r.verdict == "cycle" and r.certified} <= {"confirmed"}
    assert all(r.verdict == "cycle" for n, r in found.points[0].optimisers.items() if n == "sam_normalised")


@pytest.mark.parametrize("gamma", [0.5, 0.9])
def test_coupled_wells_have_cycles_of_their_own(gamma):
    # Third derivatives part the steps to and fro: the quadratic part's cycles are not the loss's.
    found = analyse("(x**2-1)**2/4+(y**2-1)**2/4+x*y/10", rho=0.05, lr=0.00556, momentum=gamma,
                    optimisers=(HEAVY, NESTEROV), basins=False)  # fmt: skip
    for p in found.points:
        for r in p.optimisers.values():
            assert r.simulated == ("inconclusive" if r.verdict == "undecided" else "confirmed"), (p.at, r)
            assert not r.certified
    well = at(found, 1.05, -1.05).optimisers[NESTEROV]
    assert (well.verdict, well.period) == ("cycle", 2)


def test_a_cycle_slower_than_the_runs_is_still_the_one():
    model = cycles.on_quadratic(RULES["sam_normalised"], spectrum(1, 4), Settings(rho=1, lr=1e-9))
    assert (model.verdict, model.orbit.period) == ("cycle", 2)


@pytest.mark.parametrize(("gamma", "known"), [(0.0, True), (0.9, False)])
def test_the_largest_step_with_momentum_at_a_saddle_is_unknown_not_absent(gamma, known):
    found = analyse("9*x**2 - 4*y**2", rho=0.05, lr=0.001, momentum=gamma, optimisers=(HEAVY,), simulate=False)
    data = found.to_dict()["points"][0]["optimisers"][HEAVY]
    assert (data["lr_max"] is not None) == known
    assert data.get("null_means") == (None if known else {"lr_max": "unknown"})


# The self-check can fail.


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "confirmed"),
        ({"cycle": 0.0013524616, "period": 2, "ends": ()}, "contradicted"),  # the 2-cycle, on which few starts end
        ({"cycle": 0.0029255 * 1.01}, "contradicted"),  # of the right period, a hundredth too large
        ({"period": 2}, "contradicted"),
        ({"verdict": "repels"}, "contradicted"),
        ({"period": None, "cycle": 0.0029255 / 2, "sampled": 64}, "contradicted"),  # a band of half its size
        ({"period": None, "cycle": 0.03, "sampled": 64}, "confirmed"),
    ],
)
def test_another_size_or_period_is_contradicted(change, word):
    settings = Settings(rho=0.05, lr=0.00556, momentum=0.9, optimisers=(HEAVY,))
    loss = Loss("x**2 + 9*y**2")
    (point,) = analyse(loss, rho=0.05, lr=0.00556, momentum=0.9, optimisers=(HEAVY,), simulate=False).points
    ruling = replace(point.optimisers[HEAVY], **change)
    (checked,) = simulate.check([replace(point, optimisers={HEAVY: ruling})], Landscape(loss), settings)
    assert checked.optimisers[HEAVY].simulated == word


def test_a_band_of_less_than_its_width_is_contradicted():
    settings = Settings(rho=1.0, lr=0.01, optimisers=("sam_normalised",))
    loss = Loss("-x**2 - 2*y**2")
    (point,) = analyse(loss, rho=1, lr=0.01, optimisers=("sam_normalised",), simulate=False).points
    ruling = point.optimisers["sam_normalised"]
    for share, word in ((1.0, "confirmed"), (0.1, "contradicted")):
        changed = replace(point, optimisers={"sam_normalised": replace(ruling, cycle=share * ruling.cycle)})
        (checked,) = simulate.check([changed], Landscape(loss), settings)
        assert checked.optimisers["sam_normalised"].simulated == word
