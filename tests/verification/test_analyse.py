"""The analyser against known landscapes and against deliberate mistakes."""

import time

import jsonschema
import numpy as np
import pytest
import sympy as sp
from analyses import at, verdicts

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.critical import landscapes
from saddlecheck.theory.optimisers.force import Force
from saddlecheck.verification.analysis import reading, self_check
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.noise import ESCAPE_CLAIMS, VARIANCE_CLAIMS
from saddlecheck.verification.analysis.schema import SCHEMA
from saddlecheck.verification.analysis.stability import RULES

OTHERS = (  # cited where they apply, outside the table of rules
    "mild-flow", "hyperbolic-wlog", "toy-transverse", "eq23", "weight-decay-descent", "thm1-equality-repels",
    "thm1-equality-attracts", "thm1-equality-cubic",
)  # fmt: skip
FOUR = ("gd", "sam", "sam_normalised", "heavy_ball_sam")


# Known answers.


def test_the_hyperbolic_paraboloid():
    (point,) = analyse("x**2 - y**2", rho=1, lr=0.01).points
    assert (point.kind, point.index, point.rho_threshold) == ("saddle", 1, 0.5)
    assert verdicts(point)["sam"] == "attracts"
    assert verdicts(point)["gd"] == "repels"
    # rates 6 and 2 at rho = 1: the edge is 2/6; the 2-cycle is eta L rho/(2 - eta L) with L = 2.
    assert point.optimisers["sam"].lr_max == pytest.approx(1 / 3, rel=1e-15)
    assert point.optimisers["sam_normalised"].cycle == pytest.approx(0.02 / 1.98, rel=1e-12)
    assert all(r.simulated == "confirmed" for r in point.optimisers.values())
    assert all(r.certified for r in point.optimisers.values())


def test_beale():
    found = analyse(landscapes.BEALE, rho=0.05, lr=0.002, optimisers=FOUR)
    assert found.complete
    assert sorted(p.kind for p in found.points) == ["minimum", "saddle", "saddle"]
    # Its Hessian at (0, 1) is ((0, 111/4), (111/4, 0)); the other saddle's number is known to ten digits.
    assert at(found, 0, 1).rho_threshold == pytest.approx(4 / 111, rel=1e-14)
    assert at(found, 0.1005, -2.6445).rho_threshold == pytest.approx(1.2803651844, abs=5e-11)
    assert verdicts(at(found, 0, 1))["sam"] == "attracts"
    assert verdicts(at(found, 0.1005, -2.6445))["sam"] == "repels"


def test_the_toy_neuron_is_two_lines():
    found = analyse(landscapes.TOY_NEURON, rho=0.3, lr=0.01, optimisers=("gd", "sam"))
    assert found.points == ()
    line, curve = sorted(found.components, key=lambda c: len(c.equations[0]))
    assert line.equations == ("w1",)
    assert curve.equations == ("2*w1**2*w2 - 1",)
    assert {p.kind for p in line.pieces} == {"minimum", "maximum", "undecided"}
    assert [p.kind for p in curve.pieces] == ["minimum"]
    above = next(p for p in line.samples if p.at == (0.0, 1.0))
    # Across the line the curvature is -2 w2: the threshold is 1/(2 w2).
    assert above.rho_threshold == 0.5
    assert verdicts(above) == {"gd": "repels", "sam": "repels"}
    assert {r.simulated for c in found.components for p in c.samples for r in p.optimisers.values()} <= {
        "confirmed",
        "inconclusive",
    }
    assert any("hyperbolic-wlog" in w for w in found.warnings)


@pytest.mark.parametrize(
    ("loss", "kinds"),
    [
        (landscapes.DOUBLE_WELL, {"minimum": 2, "maximum": 1}),
        (landscapes.HIMMELBLAU, {"minimum": 4, "saddle": 4, "maximum": 1}),
        (landscapes.ROSENBROCK, {"minimum": 1}),
        (landscapes.SIX_HUMP_CAMEL, {"minimum": 6, "saddle": 7, "maximum": 2}),
        (landscapes.MONKEY_SADDLE, {"degenerate": 1}),
        ("x + y + y**3", {}),
        ("x**3 - 3*x", {"minimum": 1, "maximum": 1}),
        ("exp(-x**2 - y**2)", {"maximum": 1}),
    ],
    ids=str,
)
def test_kinds_and_no_contradiction(loss, kinds):
    found = analyse(loss, rho=0.05, lr=0.005, optimisers=FOUR, basins=False)
    counted = {k: sum(p.kind == k for p in found.points) for k in {p.kind for p in found.points}}
    assert counted == kinds
    assert found.complete
    assert not [w for w in found.warnings if "CONTRADICTED" in w]


def test_a_constant_is_neutral():
    found = analyse("0*x + 0*y + 5", rho=1, lr=0.1)
    (component,) = found.components
    assert component.dimension == 2
    assert {r.verdict for p in component.samples for r in p.optimisers.values()} == {"neutral"}


def test_six_variables_are_judged_and_the_check_says_what_it_left_out():
    text = "+".join(f"(x{i}**2 - 1)**2/4" for i in range(6)) + "+" + "+".join(f"x{i}*x{i + 1}/10" for i in range(5))
    found = analyse(text, rho=0.1, lr=0.05, optimisers=FOUR, basins=False, steps=200)
    assert len(found.points) == 3**6
    assert found.complete
    for p in found.points:  # gradient descent keeps exactly the minima, at a step far below every edge
        assert (p.optimisers["gd"].verdict == "attracts") == (p.kind == "minimum")
    assert any("covered the first" in w for w in found.warnings)


# Exact decisions at the edge, and beyond linearisation.


@pytest.mark.parametrize(
    ("text", "settings", "optimiser", "verdict"),
    [
        ("x**2 - y**2", {"rho": 0.5, "lr": 0.01}, "sam", "neutral"),  # rho = 1/mu on a quadratic: nothing moves
        ("x**2", {"rho": 0, "lr": 1.0}, "gd", "neutral"),  # 1 - 2 eta = -1: it oscillates without decay
        ("(x**2 - 1)**2/4", {"rho": 1, "lr": 0.01}, "sam", "repels"),  # claim thm1-equality-repels at x = 0
        ("-x**2/2 - x**4/4", {"rho": 1, "lr": 0.01}, "sam", "attracts"),  # claim thm1-equality-attracts
        ("-x**2/2 + x**3/3", {"rho": 1, "lr": 0.01}, "sam", "repels"),  # claim thm1-equality-cubic
        ("x**4", {"rho": 0.1, "lr": 0.1}, "gd", "attracts"),
        ("-x**4", {"rho": 0.1, "lr": 0.1}, "sam", "repels"),
        ("x**3", {"rho": 0.1, "lr": 0.1}, "heavy_ball_sam", "repels"),
        ("y**2 + (x - y)**4", {"rho": 0.1, "lr": 0.1}, "gd", "attracts"),
        ("x**3 - 3*x*y**2", {"rho": 0.1, "lr": 0.1}, "gd", "repels"),  # a kernel of dimension two
        ("x**4 + y**4 - 199*x**2*y**2/100", {"rho": 0.1, "lr": 0.1}, "sam", "attracts"),
        ("x**4 + y**4 - 201*x**2*y**2/100", {"rho": 0.1, "lr": 0.1}, "sam", "repels"),
        ("(x**2 - y**2)**2 + x**6", {"rho": 0.1, "lr": 0.1}, "gd", "undecided"),  # the leading form is 0 on two lines
        ("-x**2/2", {"rho": 1, "lr": 0.1}, "sam_normalised", "cycle"),  # claim normalised-maximum-capture
        ("4*x**2 - y**2/2", {"rho": 1, "lr": 0.1}, "sam_normalised", "repels"),  # eta L (L + mu) = 7.2 > 2 mu
        ("4*x**2 - y**2/2", {"rho": 1, "lr": 0.02}, "sam_normalised", "cycle"),  # 1.44 < 2
    ],
)
def test_decisions_beyond_linearisation(text, settings, optimiser, verdict):
    found = analyse(text, **settings, optimisers=(optimiser,), basins=False)
    assert verdicts(at(found, *np.zeros(len(found.variables))))[optimiser] == verdict
    assert not [w for w in found.warnings if "CONTRADICTED" in w]


@pytest.mark.parametrize(("text", "verdict"), [("x**4 + y**4", "attracts"), ("-x**4 - y**4 - z**4", "repels")])
def test_slow_points_are_followed_until_they_tell(text, verdict, monkeypatch):
    ruling = analyse(text, rho=0.05, lr=0.01, optimisers=("sam",), basins=False).points[0].optimisers["sam"]
    assert (ruling.verdict, ruling.simulated) == (verdict, "confirmed")
    # The twin: with the steps of every other point the paths have hardly moved.
    monkeypatch.setattr(self_check, "_PATIENCE", 1)
    ruling = analyse(text, rho=0.05, lr=0.01, optimisers=("sam",), basins=False).points[0].optimisers["sam"]
    assert ruling.simulated == "inconclusive"


def test_noise_laws():
    # A pure number each: eta^2 v/(1 - q^2), v = |lam|/B, q = 1 - eta lam, both directions of x^2 + y^2 (lam = 2).
    (point,) = analyse("x**2 + y**2", rho=0, lr=0.1, batch=4, simulate=False).points
    assert point.optimisers["gd"].variance == pytest.approx(2 * 0.01 * 0.5 / (1 - 0.8**2), rel=1e-12)
    (point,) = analyse("x**2 - y**2", rho=0, lr=0.1, batch=4, simulate=False).points
    assert point.optimisers["gd"].variance is None
    assert point.optimisers["gd"].escape_time > 0


def test_escape_takes_longer_with_less_noise_and_is_given_in_steps():
    times = [
        analyse("-x**2", rho=0, lr=0.01, batch=b, simulate=False, optimisers=("gd",)).points[0].optimisers["gd"]
        for b in (1, 100)
    ]
    # D = eta |lam|/(2B), rate -2: about ln(R sqrt(|a|/D))/|a| in time; a hundredfold batch adds ln(10)/2 of it.
    added = (times[1].escape_time - times[0].escape_time) * 0.01
    # Both are asymptotic in a R^2/D (200 at B = 1): the error is of the order of its inverse.
    assert added == pytest.approx(np.log(10) / 2, abs=1 / 200)
    assert "exit-time" in times[0].claims


# The check can fail, the output keeps its form, bad input is one sentence.


def test_a_wrong_verdict_is_contradicted(monkeypatch):
    monkeypatch.setattr(Force, "on", lambda _force, gradient, _rho, **_more: gradient)
    found = analyse("x**2 - y**2", rho=1, lr=0.01, optimisers=("sam",), basins=False)
    assert found.points[0].optimisers["sam"].simulated == "contradicted"
    assert any(w.startswith("CONTRADICTED at (0, 0): sam was judged 'attracts'") for w in found.warnings)


@pytest.mark.parametrize(
    "loss",
    ["x**2 - y**2", landscapes.TOY_NEURON, "x + y", "x**4 + y**2", "sin(x)*exp(y)", "0*x", sp.Symbol("z") ** 2],
    ids=str,
)
def test_json_is_valid(loss):
    found = analyse(loss, rho=0.2, lr=0.05, momentum=0.5, batch=8, region=True, steps=200, box=None)
    jsonschema.validate(found.to_dict(), SCHEMA)
    assert "tabular" in found.latex()


def test_the_schema_notices_a_word_that_is_no_verdict():
    data = analyse("x**2", rho=0.2, lr=0.05, simulate=False).to_dict()
    data["points"][0]["optimisers"]["gd"]["verdict"] = "traps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_cited_claims_exist():
    cited = {c for r in RULES.values() for c in r.claims} | {*VARIANCE_CLAIMS, *ESCAPE_CLAIMS, *OTHERS}
    assert cited <= set(CLAIMS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rho": -1}, "rho is -1"),
        ({"rho": float("nan")}, "rho is nan"),
        ({"lr": 0}, "lr is 0"),
        ({"momentum": 1}, "momentum is 1"),
        ({"batch": 0}, "batch is 0"),
        ({"optimisers": ("adam",)}, "'adam' is no optimiser"),
        ({"box": [(0, 1)]}, "1 ranges, the loss 2 variables"),
        ({"timeout": 0}, "has to be positive"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"start": [0, 0]}, "belong to torch losses"),
    ],
)
def test_bad_settings_are_one_sentence(change, says):
    with pytest.raises(ValueError, match=says) as caught:
        analyse("x**2 - y**2", **{"rho": 1, "lr": 0.1, **change})
    assert "\n" not in str(caught.value)


def test_weight_decay_inside_the_loss_moves_the_threshold():
    # Claim weight-decay-loss: 1/(mu - kappa), with mu = 2.
    (point,) = analyse("x**2 - y**2", rho=1, lr=0.01, weight_decay=0.5, optimisers=("sam",), simulate=False).points
    assert point.rho_threshold == pytest.approx(1 / 1.5, rel=1e-15)


@pytest.mark.parametrize("radius", [0.3, 0.37, 0.38, 0.5])
def test_weight_decay_in_the_descent_has_its_own_threshold(radius):
    # Claim weight-decay-descent: (mu - kappa)/mu^2 = (2 - 0.5)/4 = 0.375 with mu = 2, kappa = 0.5.
    (point,) = analyse("x**2 - y**2", rho=radius, lr=0.01, weight_decay=0.5, optimisers=("sam_decayed",)).points
    assert point.optimisers["sam_decayed"].verdict == ("attracts" if radius > 0.375 else "repels")


def test_weight_decay_in_the_descent_moves_the_fixed_point():
    found = analyse("(x - 1)**2 + y**4 - y**2", rho=0.1, lr=0.01, weight_decay=0.2, basins=False)
    rulings = [p.optimisers["sam_decayed"] for p in found.points]
    assert all("its own fixed point" in r.why for r in rulings)
    # In x: 2 (1 + 0.2)(x - 1) + 0.2 x = 0 against 2 (x - 1) + 0.2 x = 0, 12/13 against 10/11.
    away = float(at(found, 10 / 11, 0).optimisers["sam_decayed"].why.split("fixed point, ")[1].split(" away")[0])
    assert away == pytest.approx(12 / 13 - 10 / 11, rel=1e-3)  # printed with four digits
    jsonschema.validate(found.to_dict(), SCHEMA)


def test_time_that_runs_out_is_said():
    found = analyse(landscapes.SIX_HUMP_CAMEL, rho=0.1, lr=0.01, timeout=0.3)
    assert any("Time ran out" in w or "Not proved" in w for w in found.warnings)


def test_points_that_were_found_are_listed_though_there_was_no_time_to_judge_them(monkeypatch):
    whole = analyse("(x**2 - 1)**2/4 + y**2", rho=0.1, lr=0.01, simulate=False)
    monkeypatch.setattr(reading, "over", lambda deadline: True)
    found = analyse("(x**2 - 1)**2/4 + y**2", rho=0.1, lr=0.01, simulate=False)
    assert [(p.at, p.kind, p.eigenvalues) for p in found.points] == [
        (p.at, p.kind, p.eigenvalues) for p in whole.points
    ]
    assert {r.verdict for p in found.points for r in p.optimisers.values()} == {"undecided"}
    assert all("time ran out" in r.why for p in found.points for r in p.optimisers.values())
    assert (whole.complete, found.complete) == (True, False)
    assert "Time ran out: 3 of 3 points are listed but not (all) judged." in found.warnings
    jsonschema.validate(found.to_dict(), SCHEMA)


def test_the_timeout_holds_for_judging_and_for_the_self_check():
    text = "+".join(f"(x{i}**2 - 1)**2/4" for i in range(5)) + "+" + "+".join(f"x{i}*x{i + 1}/10" for i in range(4))
    begin = time.monotonic()
    found = analyse(text, rho=0.1, lr=0.05, momentum=0.9, timeout=4, steps=100_000)
    # Beyond it: one exact step of the search, one point's next order, and what a loaded machine adds.
    assert time.monotonic() - begin < 4 + 8
    assert any("Time ran out" in w for w in found.warnings)
