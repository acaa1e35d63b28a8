"""Bifurcation diagrams against the logistic map and SAM's double well, where all is known in closed form."""

import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.verification.analysis.continuation import bifurcation
from saddlecheck.verification.analysis.dynamics import Landscape, step
from saddlecheck.verification.analysis.equilibria import certified_equilibria, own_equilibria
from saddlecheck.verification.analysis.orbits import TOLERANCE, lyapunov, settle
from saddlecheck.verification.analysis.schema import SWEEP
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.cli.main import run

# Gradient descent on x^2/2 - x^3/3 is w' = (1 - lr) w + lr w^2: the logistic map r z (1 - z) with r = 1 + lr.
LOGISTIC = Loss("x**2/2 - x**3/3")
WELL = Loss("(x**2 - 1)**2/4")


def ends(lr, loss=LOGISTIC, starts=8, rule="gd", **settings):
    s = {"rho": 0.1, "momentum": 0.0} | settings
    advance = step(OPTIMISERS[rule], Landscape(loss), lr=lr, **s)
    w = np.linspace(0.05, 0.3, starts)[None, :]
    return [m for m in settle(advance, w, np.zeros_like(w), 1.0, 4000) if m is not None]


@pytest.mark.parametrize(
    ("r", "period"), [(2.7, 1), (3.2, 2), (3.5, 4), (3.55, 8), (3.566, 16), (3.835, 3), (3.739, 5)]
)
def test_periods_of_the_logistic_map(r, period):
    found = ends(r - 1)
    assert {m.period for m in found} == {period}
    assert {m.kind for m in found} == {"fixed point" if period == 1 else "cycle"}


def test_the_two_cycle_is_where_its_equation_puts_it():
    """T(T(w)) = w without the fixed points 0 and 1 is lr^2 w^2 + lr (2 - lr) w + 2 - lr = 0."""
    lr = 2.3
    roots = np.sort(np.roots([lr**2, lr * (2 - lr), 2 - lr]))
    assert np.sort(ends(lr)[0].points[:, 0]) == pytest.approx(roots, abs=10 * TOLERANCE)


def test_chaos_has_the_exponent_log_2():
    """At r = 4 the Lyapunov exponent is log 2; the mean over 4096 steps scatters by about 1/sqrt(4096) = 0.016."""
    advance = step(OPTIMISERS["gd"], Landscape(LOGISTIC), rho=0.0, lr=2.9999999, momentum=0.0)
    w = np.linspace(-0.2, 0.6, 16)[None, :]
    assert np.mean(lyapunov(advance, w, np.zeros_like(w), 1.0, 4096)) == pytest.approx(math.log(2), abs=0.02)
    assert {m.kind for m in ends(2.8)} == {"chaotic"}
    assert all(m.period is None and m.exponent > 0.02 for m in ends(2.8))


def test_a_turn_without_a_period_is_not_chaos():
    """The false twin of chaos: heavy ball's linear map at gamma -> 1 turns, and no distance grows."""
    advance = step(OPTIMISERS["heavy_ball"], Landscape(Loss("x**2/2")), rho=0.0, lr=0.3, momentum=1 - 1e-12)
    w = np.array([[0.3]])
    (m,) = settle(advance, w, np.zeros_like(w), 1.0, 1000)
    assert m.kind == "not periodic"
    assert abs(m.exponent) < 0.02


def test_slow_paths_are_not_called_periodic():
    """False twins of a fixed point: a start that creeps, and one that grows slowly, have not settled."""
    for lr, loss in ((1e-5, WELL), (2.0, LOGISTIC)):  # at lr = 2 the multiplier is -1: it falls like 1/sqrt(n)
        s = settle(step(OPTIMISERS["gd"], Landscape(loss), rho=0.0, lr=lr, momentum=0.0), np.array([[0.3]]),
                   np.zeros((1, 1)), 1.0, 1000)  # fmt: skip
        assert [m.kind for m in s] == ["settling"]


@pytest.mark.parametrize("rho", [0.5, 1.5, 3.0, 5.0])
def test_the_equilibria_of_sam_on_the_double_well(rho):
    """W + rho (w^3 - w) = c: +-sqrt(1 - 1/rho) for c = 0; c = 1 leaves rho w^2 + rho w + 1 = 0, c = -1 its mirror."""
    known = [-math.sqrt(1 - 1 / rho), math.sqrt(1 - 1 / rho)] if rho > 1 else []
    known += [s * (-1 + t * math.sqrt(1 - 4 / rho)) / 2 for s in (1, -1) for t in (1, -1)] if rho > 4 else []
    found = WELL.critical_points()
    places, complete = certified_equilibria(WELL, rho, found)
    assert complete
    assert [x for (x,) in places] == pytest.approx(sorted(known), abs=1e-12)
    settings = AnalysisSettings(rho, 0.1)
    critical = np.array([p.location for p in found.points]).T
    starts = np.linspace(-1.5, 1.5, 61)[None, :]
    seen = own_equilibria(OPTIMISERS["sam"], Landscape(WELL), critical, starts, 1.5, settings)
    assert [e.at[0] for e in seen] == pytest.approx(sorted(known), abs=1e-8)
    # The multiplier is 1 - lr l''(w^p)(1 + rho l''(w)), written out here.
    for e in seen:
        w = e.at[0]
        up = w + rho * (w**3 - w)
        m = 1 - 0.1 * (3 * up**2 - 1) * (1 + rho * (3 * w**2 - 1))
        assert e.multiplier == pytest.approx(abs(m), abs=1e-6)
        assert e.attracts is (abs(m) < 1)


def test_a_critical_point_that_is_not_rational_is_no_proof():
    loss = Loss("x**4/4 - x**2")  # minima at +-sqrt(2)
    assert not certified_equilibria(loss, 1.0, loss.critical_points())[1]


@pytest.fixture(scope="module")
def doubling():
    return bifurcation("x**2/2 - x**3/3", "lr", 1.5, 2.9, optimiser="gd", values=15, timeout=None)


def test_a_diagram_of_the_logistic_map(doubling):
    """Doublings at lr = 2, sqrt(6) = 2.449 and 2.544; chaos from 2.570 on."""
    by_value = {round(s.value, 6): s for s in doubling.slices}
    periods = {v: {a.period for a in by_value[v].attractors} for v in (1.6, 1.9, 2.1, 2.4, 2.5)}
    assert periods == {1.6: {1}, 1.9: {1}, 2.1: {2}, 2.4: {2}, 2.5: {4}}
    assert {a.kind for a in by_value[2.7].attractors} == {"chaotic"}
    (edge,) = [t for t in doubling.thresholds if t.point == 1]
    assert edge.value == pytest.approx(2.0, abs=1e-9)
    assert (edge.before, edge.after, edge.claim, edge.certified) == ("attracts", "repels", "linear-discrete", True)
    assert all(s.left < s.of for s in doubling.slices)
    assert not any(s.equilibria for s in doubling.slices)  # gradient descent has none of its own


@pytest.fixture(scope="module")
def trap():
    return bifurcation("(x**2 - 1)**2/4", "rho", 0.5, 5.0, optimiser="sam", lr=0.1, values=10, timeout=None)


def test_a_diagram_of_sam(trap):
    """The maximum (curvature -1) holds from rho = 1 on, the minima (2) let go from 2 = 0.1 * 2 (1 + 2 rho) on."""
    found = [(t.value, t.point, t.after, t.claim) for t in trap.thresholds]
    assert found == [
        (1.0, 3, "attracts", "thm1-threshold"), (4.5, 1, "repels", "linear-discrete"),
        (4.5, 2, "repels", "linear-discrete"),
    ]  # fmt: skip
    words = {s.value: sorted(a.words for a in s.attractors) for s in trap.slices}
    assert words[0.5] == ["point 1", "point 2"]
    assert words[3.0] == ["point 1", "point 2", "point 3"]
    assert words[5.0] == ["2-cycle", "2-cycle", "own equilibrium", "own equilibrium", "point 3"]
    assert [len(s.equilibria) for s in trap.slices if s.value in (0.5, 2.0, 5.0)] == [0, 2, 6]


def test_continuation_finds_what_starts_miss():
    """Few starts in a box about one minimum never meet the other branches; from above they are carried on."""
    settings = {"optimiser": "sam", "lr": 0.1, "values": 8, "starts": 3, "box": [(0.9, 1.1)], "timeout": None}
    found = bifurcation("(x**2 - 1)**2/4", "rho", 4.05, 4.4, **settings)
    assert all(s.of == 3 for s in found.slices)
    assert all({"point 1", "point 2", "point 3"} <= {a.words for a in s.attractors} for s in found.slices)
    assert any("backwards" in a.found or "forwards" in a.found for s in found.slices for a in s.attractors)


def each_value_alone(loss, parameter, low, high, values, **more):
    """The same sweep without continuation: each value is the end of a range of its own with two values."""
    found = {}
    for v in np.linspace(low, high, values):
        short = bifurcation(loss, parameter, v, v * (1 + 1e-9), values=2, timeout=None, **more)
        found[round(float(v), 9)] = {a.words for a in short.slices[0].attractors}
    return found


@pytest.mark.parametrize(
    ("parameter", "low", "high", "more"),
    [
        ("rho", 0.5, 5.0, {"optimiser": "sam", "lr": 0.1}),
        ("lr", 0.05, 1.1, {"optimiser": "sam", "rho": 0.3}),
        ("momentum", 0.1, 0.9, {"optimiser": "heavy_ball_sam", "rho": 2.0, "lr": 0.25}),
        ("rho", 0.5, 3.0, {"optimiser": "sam", "base": "rmsprop:eps=0.1,alpha=0.9", "lr": 0.02}),
    ],
)
def test_paths_of_all_values_together_are_the_paths_of_each(parameter, low, high, more):
    """Starts and their seed are those of each value alone; continuation may add attractors and take none away."""
    together = bifurcation("(x**2 - 1)**2/4", parameter, low, high, values=6, starts=8, timeout=None, **more)
    alone = each_value_alone("(x**2 - 1)**2/4", parameter, low, high, 6, starts=8, **more)
    words = {round(s.value, 9): {a.words for a in s.attractors} for s in together.slices}
    assert list(words) == list(alone)
    assert all(alone[v] <= words[v] for v in alone)
    assert len({frozenset(w) for w in words.values()}) > 1  # not one answer for all values
    assert not together.warnings


def test_hysteresis_ends_at_the_folds():
    """With u = w - 3, u^3 - u = rho - 1 has its folds at rho = 1 -+ 2/(3 sqrt(3)) = 1 -+ 0.3849.

    All starts lie below the lower branch, u < -1/sqrt(3). They find it up to the upper fold, and the upper branch
    beyond; below that only continuation finds the upper one, down to the lower fold.
    """

    def tilted(gradient, w, rho):
        u = w - 3.0
        return u**3 - u - (rho - 1) + 0 * gradient(w)

    settings = {"optimiser": tilted, "lr": 0.02, "values": 13, "box": [(-0.5, 0.5)], "starts": 4, "timeout": None}
    found = bifurcation("x**2/2", "rho", 0.4, 1.6, **settings)
    fold = 2 / (3 * math.sqrt(3))
    for s in found.slices:
        lower = [a for a in s.attractors if a.high[0] < 3]
        upper = [a for a in s.attractors if a.high[0] > 3]
        assert (len(lower), len(upper)) == (int(s.value - 1 < fold), int(s.value - 1 > -fold))
        for a in lower + upper:
            u = a.points[-1][0] - 3
            assert u**3 - u == pytest.approx(s.value - 1, abs=1e-4)  # merged within 1e-4 of the scale
        if abs(s.value - 1) < fold:
            assert "backwards" in upper[0].found
            assert "starts" not in upper[0].found
            assert "starts" in lower[0].found


def test_an_own_rule_is_swept_too():
    def half(gradient, w, rho):
        g = gradient(w)
        return 0.5 * g + 0.5 * gradient(w + rho * g)

    found = bifurcation("x**2 - y**2", "rho", 0.5, 1.5, optimiser=half, lr=0.05, values=6, timeout=None)
    (edge,) = found.thresholds  # half of SAM's slope: rho mu = 2, mu = 2
    assert edge.value == pytest.approx(1.0, abs=1e-9)
    assert [len(s.attractors) for s in found.slices] == [0, 0, 0, 1, 1, 1]


def test_json_keeps_its_schema(doubling, trap):
    for d in (doubling, trap):
        data = json.loads(json.dumps(d.to_dict(), allow_nan=False))
        jsonschema.validate(data, SWEEP)
        assert data["schema"] == 1
        assert data["simulated"] is True
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, "surprise": 1}, SWEEP)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in data.items() if k != "simulated"}, SWEEP)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_have_a_legend(trap, tmp_path, ending):
    path = tmp_path / f"d.{ending}"
    trap.plot(str(path))
    assert path.stat().st_size > 10_000
    if ending == "svg":
        words = path.read_text()
        for said in ("thm1-threshold", "its own equilibrium", "2-cycle", "share of starts"):
            assert said in words


def test_time_that_runs_out_is_said():
    found = bifurcation("(x**2 - 1)**2/4 + y**2", "rho", 0.5, 5.0, values=2000, timeout=2.0)
    assert any("Time ran out" in w for w in found.warnings)
    assert len(found.slices) < 2000


def test_the_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["analyse", "x**2", "--sweep", "lr=0.5:1.5", "-o", "gd", "--json", "--plot", "p.png"]) == 0
    (data,) = json.loads(capsys.readouterr().out)
    assert data["thresholds"][0]["value"] == 1.0
    assert Path("p.png").read_bytes()[:4] == b"\x89PNG"
    for arguments, says in (
        (["--sweep", "a=0:1"], "cannot be swept"),
        (["--sweep", "rho=1:0"], "empty"),
        (["--sweep", "lr=0:1"], "lr is 0"),
        (["--sweep", "rho"], "no range"),
        (["--sweep", "rho=0:1", "--tex"], "goes with none"),
        (["--sweep", "rho=0:1", "--batch", "8"], "goes with none"),
        (["--sweep", "rho=0:1", "-o", "adamant"], "adamant"),
    ):
        assert run(["analyse", "x**2", *arguments]) == 2
        captured = capsys.readouterr()
        assert says in captured.err
        assert len(captured.err.strip().splitlines()) == 1


def test_words_of_ranges(trap):
    assert replace(trap.slices[0].attractors[0], kind="chaotic").words == "chaotic band"
    assert trap.ranges[0].low == 0.5
    assert trap.ranges[-1].high == 5.0
