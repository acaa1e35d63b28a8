"""Adaptive bases along a schedule, and over a range of the radius or the learning rate: against closed forms."""

import math

import numpy as np
import pytest

from saddlecheck import Adam, AdamW, RMSprop, analyse, bifurcation
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.analysis import adaptive_base, own
from saddlecheck.verification.analysis.adaptive_check import forgotten
from saddlecheck.verification.analysis.dynamics import Landscape, start, step
from saddlecheck.verification.analysis.equilibria import own_equilibria
from saddlecheck.verification.analysis.orbits import settle
from saddlecheck.verification.analysis.schedule import bisected
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.cli.main import run

WELL = "(x**2 - 1)**2/4"


def stages(loss, base, schedule, rho=2.5, **more):
    found = analyse(loss, rho=rho, lr=0.01, schedule=schedule, base=base, optimisers="sam", simulate=False, **more)
    (ruling,) = found.points[0].optimisers.values()
    return [(s.first, s.last, s.verdict) for s in ruling.schedule]


def test_rest_is_lost_where_the_schedule_is_above_the_edge():
    """SAM's rates at x^2 - y^2/2 are 2 (1 + 2 rho) = 12 and -(1 - rho) = 1.5 with rho = 2.5.

    Adam rests below 2 eps (1 + b)/((1 - b) 12) = 0.2 19/12 = 0.31667, eps = 0.1 and b = 0.9. Beyond it circles where
    the coordinates do not act on each other; where they do, nothing is proved.
    """
    base, schedule = Adam(eps=0.1), [0.5, 0.3166, 0.3167, 0.1]
    assert stages("x**2 - y**2/2", base, schedule) == [
        (0, 0, "cycle"), (1, 1, "attracts"), (2, 2, "cycle"), (3, 3, "attracts")]  # fmt: skip
    assert stages("x**2 - y**2/2 + x**2*y**2", base, schedule)[0] == (0, 0, "undecided")
    assert stages("x**2 - y**2/2", base, schedule, rho=0.9) == [(0, 3, "repels")]  # below 1/mu = 1


@pytest.mark.parametrize("base", [AdamW(eps=0.1), RMSprop(eps=0.1), Adam(betas=(0.5, 0.9), eps=1e-3), "lion"])
def test_each_stage_is_the_verdict_at_its_rates(base):
    """Bisection asks a few rates; each of them, asked alone, has the verdict of its stage."""
    loss, rates = "(x - 1)**2 - (y - 2)**2/2", np.geomspace(1e-4, 1.0, 12)
    words = []
    for rate in rates:
        found = analyse(loss, rho=2.5, lr=float(rate), base=base, optimisers="sam", simulate=False)
        words += [r.verdict for r in found.points[0].optimisers.values()]
    got = [v for first, last, v in stages(loss, base, rates) for _ in range(first, last + 1)]
    assert got == words


def test_bisection_finds_one_change_and_not_two():
    """A verdict that changes and changes back between the ends is not seen: what it is used for changes once."""
    rates, asked = np.linspace(0.001, 1, 1000), []

    def once(rate):
        asked.append(rate)
        return "attracts" if rate < 0.37 else "neutral" if rate == 0.37 else "repels"

    assert [(s.first, s.last, s.verdict) for s in bisected(rates, once)] == [
        (0, 368, "attracts"), (369, 369, "neutral"), (370, 999, "repels")]  # fmt: skip
    assert len(asked) < 40
    assert len(bisected(rates, lambda rate: "repels" if 0.3 < rate < 0.4 else "attracts")) == 1


def test_a_base_with_a_rate_of_its_own_has_no_schedule():
    with pytest.raises(ValueError, match=r"learning rate of its own, 0.1, which no schedule moves"):
        analyse("x**2", rho=0.1, lr=0.01, schedule="0.1,0.2", base=Adam(lr=0.1))


def test_rmsprop_over_a_range_of_rates():
    """On x^2/2 with rho = 1 SAM's rate is p = 2: rest below lr = 2 eps/p = 0.1, beyond it a 2-cycle of lr/2 - eps/p."""
    base = RMSprop(alpha=0.9, eps=0.1)
    found = bifurcation("x**2/2", "lr", 0.04, 0.24, base=base, rho=1.0, values=6, starts=6, timeout=None)
    (edge,) = found.thresholds
    assert (edge.before, edge.after) == ("attracts", "cycle")
    # A step of 0.04 halved 44 times is 2e-15, a rate near 1 is rounded to 1e-16 a handful of times: below 1e-13 of 0.1.
    assert edge.value == pytest.approx(0.1, rel=1e-9)
    assert [[a.words for a in s.attractors] for s in found.slices] == [["point 1"]] * 2 + [["2-cycle"]] * 4
    for s in found.slices[2:]:
        # Periods are told to 1e-7 of the scale, 1.5 here; v forgets by 0.9 a step, which two looks leave below that.
        assert s.attractors[0].high[0] == pytest.approx(s.value / 2 - 0.05, abs=3e-7)


def test_a_narrow_range_of_rest_is_no_threshold_of_its_own():
    """With eps = 1e-8 and lr = 0.02 rest is within 1e-6 of rho = 1 alone: what is seen is from repels to cycle."""
    found = bifurcation(WELL, "rho", 0.5, 3.0, base="rmsprop", lr=0.02, values=2, starts=6, timeout=None)
    (change,) = (t for t in found.thresholds if found.critical[t.point - 1] == (0.0,))
    assert (change.before, change.after) == ("repels", "cycle")
    assert change.value == pytest.approx(1, abs=1e-5)
    # All three points repel where |g| is below eps at rho = 3: nothing rests at one of them.
    assert {a.words for a in found.slices[1].attractors} == {"2-cycle"}


def test_rounding_would_hold_a_path_at_a_point_that_repels():
    """The false twin: while v remembers the start, paths go to the minimum to the last bit, and stay."""
    (rule,) = own.read("sam", "rmsprop")[1]
    settings = AnalysisSettings(3.0, 0.02, own=(rule,), optimisers=(rule.id,))
    advance = step(rule, Landscape(Loss(WELL)), rho=3.0, lr=0.02, momentum=0.0)
    w = np.linspace(0.5, 1.6, 12)[None, :]
    naive = settle(advance, w, start(rule, w), 1.5, 2000)
    assert "fixed point" in {m.kind for m in naive}
    patient = settle(advance, w, start(rule, w), 1.5, 2000, unseen=forgotten(rule.base, settings, 1.5))
    assert {(m.kind, m.period) for m in patient} == {("cycle", 2)}


def test_own_equilibria_over_a_base_have_the_multiplier_of_heavy_ball():
    """On the double well SAM rests at w^2 = 1 - 1/rho, where its slope is l''(0) (1 + rho l''(w)) = -2 for rho = 2.

    Over Adam with b = 1/2 and lr/eps = 1/5 the multipliers solve z^2 - (3/2 - (1/5)(1/2)(-2)) z + 1/2 = 0.
    """
    (rule,) = own.read("sam", Adam(betas=(0.5, 0.9), eps=0.1))[1]
    settings = AnalysisSettings(2.0, 0.02, own=(rule,), optimisers=(rule.id,))
    surface, starts = Landscape(Loss(WELL)), np.linspace(-0.9, 0.9, 8)[None, :]
    low, high = own_equilibria(rule, surface, np.array([[-1.0, 0.0, 1.0]]), starts, 1.5, settings)
    assert (low.at[0], high.at[0]) == pytest.approx((-math.sqrt(0.5), math.sqrt(0.5)))
    assert high.multiplier == pytest.approx(max(np.roots([1, -1.7, 0.5])), abs=1e-6)  # a difference quotient's error
    assert high.attracts is False


def test_adamw_rests_beside_the_minimum_by_its_decay():
    """g (1 - kappa w) = -kappa eps w beside w = 1, by Newton's method on that equation alone."""
    base, rho = AdamW(betas=(0.5, 0.9), eps=0.1), 0.5
    w = 1.0
    for _ in range(50):
        g = (w + rho * (w**3 - w)) ** 3 - (w + rho * (w**3 - w))
        w -= (g * (1 - 0.01 * w) + 0.01 * 0.1 * w) / 4  # the slope is 2 (1 + 2 rho) = 4 to a hundredth
    found = bifurcation(WELL, "rho", rho, 0.6, base=base, lr=0.02, values=2, starts=4, timeout=None)
    (rest,) = (a for a in found.slices[0].attractors if a.low[0] > 0)
    assert (rest.kind, rest.high[0]) == ("own equilibrium", pytest.approx(w, abs=1e-9))
    assert any(e.at[0] == pytest.approx(w, abs=1e-9) and e.attracts for e in found.slices[0].equilibria)


@pytest.mark.parametrize(
    ("base", "parameter", "says"),
    [("lion", "rho", "never rests"), ("adam", "momentum", "settings of its own"),
     ("adam:lr=0.1", "lr", "learning rate of its own, 0.1")],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_with_its_reason(base, parameter, says):
    with pytest.raises(ValueError, match=says):
        bifurcation("x**2", parameter, 0.1, 0.5, base=base)
    assert adaptive_base.read(base) is not None  # the base itself is fine


def test_the_commands(capsys):
    sweep = ["analyse", "x**2/2", "--sweep", "lr=0.04:0.24", "--rho", "1"]
    assert run([*sweep, "--base", "rmsprop:alpha=0.9,eps=0.1", "--timeout", "8"]) == 0
    shown = capsys.readouterr().out
    assert "rmsprop_sam on" in shown
    assert "lr = 0.1: point 1 attracts below, cycle above (adam-rest)" in " ".join(shown.split())
    assert run([*sweep, "--base", "lion"]) == 2
    assert "no attractors to follow" in " ".join(capsys.readouterr().err.split())
    schedule = ["analyse", "x**2 - y**2/2", "--rho", "2.5", "--schedule", "0.5,0.1", "--no-simulate", "-o", "sam"]
    assert run([*schedule, "--base", "adam:eps=0.1"]) == 0
    assert "cycle up to step 0, attracts from step 1" in " ".join(capsys.readouterr().out.split())
