"""Normalised SAM's cycles: which exist, which attract, which one starts reach, and a check that tells them apart."""

from dataclasses import replace

import numpy as np
import pytest
from analyses import at

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.cycles import advance, periodic_orbit
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.verification.analysis import cycle_model, ends, relay, self_check
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.result import as_json
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import RULES

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
    settings = AnalysisSettings(rho=1.0, lr=e, momentum=gamma)
    found, expected = relay.orbit(RULES[HEAVY], spectrum(1), 0, settings, FOUR), four_cycle(e, gamma)
    assert (found is None) == (expected is None)
    if found is not None:
        # Arb's enclosure is far below a float's rounding: 1e-14 is that of the formula.
        assert found.half_width == pytest.approx(expected, rel=1e-14)
        assert found.word == "attracts"


@pytest.mark.parametrize(("lam", "gamma"), [(1.0, 0.9), (2.0, 0.9), (18.0, 0.9), (1.0, 0.5), (18.0, 0.5)])
def test_starts_beside_a_minimum_come_to_the_cycle_that_is_named(lam, gamma):
    rho, lr = 0.05, 0.1 / lam
    model = cycle_model.on_quadratic(RULES[HEAVY], spectrum(lam), AnalysisSettings(rho=rho, lr=lr, momentum=gamma))
    for start in (1e-3 * model.size, 0.5 * model.size):
        track = run(lam, rho, lr, gamma, start)
        # Along it paths contract by sqrt(gamma) = 0.95 a step, or 1 - e/(1 - gamma) = 0.8: 3000 steps leave nothing.
        assert np.max(np.abs(track)) == pytest.approx(model.size, rel=1e-12)
        assert np.array_equal(np.sign(track[4:]), np.sign(track[:-4]))
    assert (model.verdict, model.orbit.pattern) == ("cycle", "++--")
    # The twin: the 2-cycle is stable too, from a start on it, and less than half as large.
    two = relay.orbit(RULES[HEAVY], spectrum(lam), 0, AnalysisSettings(rho=rho, lr=lr, momentum=gamma), (1, -1))
    assert two.word == "attracts"
    assert 2 < model.size / (rho * two.half_width) < 2.6


@pytest.mark.parametrize("name", [HEAVY, NESTEROV])
@pytest.mark.parametrize("lam", [1.0, -1.0, -3.0, 9.0])
def test_what_is_proved_across_is_what_the_jacobians_say(name, lam):
    settings = AnalysisSettings(rho=0.3, lr=0.01, momentum=0.8)
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
    two = relay.orbit(RULES[HEAVY], spectrum(10), 0, AnalysisSettings(rho=0.3, lr=0.05, momentum=0.8), (1, -1))
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
    model = cycle_model.on_quadratic(RULES["sam_normalised"], spectrum(1, 4), AnalysisSettings(rho=1, lr=1e-9))
    assert (model.verdict, model.orbit.period) == ("cycle", 2)


@pytest.mark.parametrize(("gamma", "known"), [(0.0, True), (0.9, False)])
def test_the_largest_step_with_momentum_at_a_saddle_is_unknown_not_absent(gamma, known):
    found = analyse("9*x**2 - 4*y**2", rho=0.05, lr=0.001, momentum=gamma, optimisers=(HEAVY,), simulate=False)
    data = found.to_dict()["points"][0]["optimisers"][HEAVY]
    assert (data["lr_max"] is not None) == known
    assert data.get("null_means") == (None if known else {"lr_max": "unknown"})


# A cycle belongs to the point that it is about.

SADDLE = "5*x**2/2 + 2*x*y - y**2/2 + y**4/4"  # minima at ±(0.537, -1.342), a saddle at 0
WELLS = "x**4/4 - x**2/2 + 3*x*y/10 + 3*y**2/4"  # minima at ±(1.03, -0.206), a saddle at 0


@pytest.mark.parametrize(
    ("loss", "rho", "lr", "gamma", "verdicts"),
    [
        (SADDLE, 0.3, 0.1, 0.9, ("cycle", "undecided", "cycle")),  # a few starts stay on a small cycle about the saddle
        (SADDLE, 0.5, 0.2, 0.5, ("cycle", "repels", "cycle")),
        (WELLS, 0.3, 0.3, 0.95, ("repels", "cycle", "repels")),
    ],
)
def test_a_cycle_is_named_only_at_the_point_that_it_is_about(loss, rho, lr, gamma, verdicts):
    found = analyse(loss, rho=rho, lr=lr, momentum=gamma, optimisers=(HEAVY,), basins=False)
    places = np.array([p.at for p in found.points])
    in_order = [found.points[i] for i in np.argsort(places[:, 0])]
    assert tuple(p.optimisers[HEAVY].verdict for p in in_order) == verdicts
    for p in in_order:
        ruling = p.optimisers[HEAVY]
        assert ruling.simulated == ("inconclusive" if ruling.verdict == "undecided" else "confirmed")
        if ruling.verdict == "cycle":
            mean = np.mean(ruling.cycle_at, axis=0)
            apart = np.linalg.norm(places - mean, axis=1)
            assert p.at == tuple(places[np.argmin(apart)])
            assert np.min(apart) <= 2 * ruling.cycle
            continue
        assert ruling.cycle is ruling.period is ruling.cycle_at is None
        assert "ended about another place" in ruling.why


def test_the_other_minimums_cycle_is_contradicted_though_size_and_period_are_right():
    settings = AnalysisSettings(rho=0.3, lr=0.1, momentum=0.9, optimisers=(HEAVY,))
    found = analyse(SADDLE, rho=0.3, lr=0.1, momentum=0.9, optimisers=(HEAVY,), simulate=False)
    points = sorted(found.points, key=lambda p: p.at)
    left, saddle, right = (p.optimisers[HEAVY] for p in points)

    def checked(*rulings):
        given = [replace(p, optimisers={HEAVY: r}) for p, r in zip(points, rulings, strict=True)]
        return [p.optimisers[HEAVY].simulated for p in self_check.check(given, Landscape(Loss(SADDLE)), settings)]

    assert checked(left, saddle, right) == ["confirmed", "inconclusive", "confirmed"]
    # The twins: by the loss's symmetry the two cycles have the same half-width, so only their places tell them apart.
    assert checked(right, right, right) == ["contradicted", "contradicted", "confirmed"]
    # Without places the starts tell: those of the saddle end about the minima, and the minima's about themselves.
    bare = replace(right, cycle_at=None)
    assert checked(bare, bare, bare) == ["confirmed", "contradicted", "confirmed"]
    band = replace(bare, cycle=3.0, period=None, sampled=64)  # the starts of the saddle do stay within 3 of it
    assert checked(left, band, right) == ["confirmed", "contradicted", "confirmed"]


def test_what_belongs_to_a_point():
    means, sizes = np.array([[0.0, 1.9, 2.1, 0.6]]), np.ones(4)
    assert ends.belongs(means, sizes).tolist() == [True, True, False, True]
    # A critical point at 1 is nearer to 1.9, 2.1 and 0.6; being listed itself does a point no harm.
    assert ends.belongs(means, sizes, np.array([[0.0, 1.0]])).tolist() == [True, False, False, False]


@pytest.mark.parametrize("name", NAMES)
def test_what_repels_names_no_cycle(name):
    ruling = analyse("x**2 - y**2", rho=0.1, lr=0.525, optimisers=(name,)).points[0].optimisers[name]
    assert ruling.verdict == "repels"
    assert ruling.cycle is ruling.period is ruling.cycle_at is None
    assert not {"cycle", "period", "cycle_at"} & set(as_json(ruling))


def relaxing(period, turn, rate, amplitude):
    """240 steps of a path that nears an orbit of that period; turn: of what is left of it, in turns a step."""
    k = np.arange(ends.LOOK)
    return (np.cos(2 * np.pi * k / period) + amplitude * rate**k * np.cos(2 * np.pi * turn * k))[:, None, None]


def test_a_path_on_its_way_is_not_settled_on_a_multiple_of_its_period():
    # What is left turns once in 8 steps. At shifts by multiples of 8 it changes by less than 0.0012 (1 - 0.994^232)
    # = 9e-4 during the look, below the rounding of 1e-3; at the period itself, 4, it changes its sign: by 2.4e-3.
    assert ends._motions(relaxing(4, 1 / 8, 0.994, 0.0012))[1].tolist() == [0]
    # The twins: settled, it has the period 4; and what stays makes an orbit of period 8, however little it is.
    assert ends._motions(relaxing(4, 1 / 8, 0.5, 0.0))[1].tolist() == [4]
    assert ends._motions(relaxing(4, 1 / 8, 1.0, 0.0012))[1].tolist() == [8]


@pytest.mark.parametrize(("loss", "rho", "lr", "gamma"), [(SADDLE, 0.3, 0.1, 0.9), (WELLS, 0.3, 0.3, 0.95)])
def test_one_orbit_is_not_listed_at_several_periods(loss, rho, lr, gamma):
    found = analyse(loss, rho=rho, lr=lr, momentum=gamma, optimisers=(HEAVY,), simulate=False)
    for p in found.points:
        listed = p.optimisers[HEAVY].ends
        for one in listed:
            # Each half-width is known within 1e-3: entries that agree within both are one orbit.
            same = [e for e in listed if abs(e.half_width - one.half_width) <= 2e-3 * one.half_width]
            assert [e.period for e in same] == [one.period]


def test_a_band_holds_the_whole_run_after_its_first_look():
    # The path shrinks throughout: it is farthest as the second look begins, at its last look twice as near.
    loss, settings = Loss("x**2/2"), AnalysisSettings(rho=0.0, lr=1e-3, steps=4 * ends.LOOK)
    (end,) = ends.follow(RULES["sam_normalised"], Landscape(loss), [np.zeros(1)], [np.ones((1, 1))], settings)
    # Gradient descent from 1: (1 - lr)^k, first seen in the second look after 241 steps; 1e-12 is 960 roundings.
    assert end.distances == pytest.approx([0.999**241], rel=1e-12)
