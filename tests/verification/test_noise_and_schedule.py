"""Mini-batch noise by formula and by runs, and schedules of learning rates."""

import json
import math

import jsonschema
import numpy as np
import pytest

from saddlecheck import analyse
from saddlecheck.numerics import discrete_variance
from saddlecheck.theory import OPTIMISERS
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.papers.variants.random_curvature import MEAN_SQUARES, m1, m2, m3, m4
from saddlecheck.theory.symbols import eta, rho
from saddlecheck.verification.analysis import noisy_runs
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.random_curvature import mean_square, normal_moments
from saddlecheck.verification.analysis.schedule import in_words, read
from saddlecheck.verification.analysis.schema import SCHEMA
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.cli.main import run

NOISY = AnalysisSettings(0.5, 0.1, momentum=0.6, batch=4, noise="multiplicative", spread=0.8)


def test_moments_of_a_normal():
    """E h^4 = m^4 + 6 m^2 s^2 + 3 s^4, by the characteristic function."""
    m, s = 0.7, 1.3
    assert normal_moments(m, s, 4) == pytest.approx([1, m, m**2 + s**2, m**3 + 3 * m * s**2,
                                                     m**4 + 6 * m**2 * s**2 + 3 * s**4], rel=1e-14)  # fmt: skip


@pytest.mark.parametrize("eigenvalue", [-1.5, 0.4, 2.0])
def test_sam_has_the_factor_of_the_claim(eigenvalue):
    found = mean_square(OPTIMISERS["sam"], [eigenvalue], NOISY)
    moments = normal_moments(eigenvalue, abs(eigenvalue) * 0.8 / 2, 4)
    values = dict(zip((m1, m2, m3, m4), moments[1:], strict=True)) | {eta: 0.1, rho: 0.5}
    assert found == pytest.approx(float(MEAN_SQUARES["same"].subs(values)), rel=1e-12)
    # The false twin: independent mini-batches have another factor.
    assert found != pytest.approx(float(MEAN_SQUARES["independent"].subs(values)), rel=1e-3)


@pytest.mark.parametrize("name", ["gd", "sam", "sam_nstep", "sam_composed"])
def test_without_spread_the_factor_is_the_map_squared(name):
    rule, plain = OPTIMISERS[name], AnalysisSettings(0.5, 0.1, batch=4)
    multiplier = 1 - 0.1 * float(rule.rate(-1.5).subs({rho: 0.5}))
    assert mean_square(rule, [-1.5], plain) == pytest.approx(multiplier**2, rel=1e-12)


@pytest.mark.parametrize("name", ["heavy_ball_sam", "nesterov_sam", "heavy_ball"])
def test_with_a_momentum_the_factor_is_that_of_many_draws(name):
    """E [z^T S z] over random matrices, S carried by E M (x) M: the growth of the mean square over 40 steps.

    Its logarithm is a mean over 200,000 paths; the paths' squares scatter by a few of themselves over so few steps
    with this spread, so that log E is known to about 0.01, and 40 steps resolve the rate to 0.001.
    """
    rule, rng = OPTIMISERS[name], np.random.default_rng(0)
    factor = mean_square(rule, [1.2], NOISY)
    w, m, sizes = np.full(200_000, 1.0), np.zeros(200_000), []
    for _ in range(60):
        h = 1.2 * (1 + 0.4 * rng.standard_normal(len(w)))
        g = h * w if name == "heavy_ball" else h * (1 + 0.5 * h) * w
        w, m = rule.momentum.rule(w, m, g, 0.1, 0.6, 0.0)
        sizes.append(np.log(np.mean(w**2)))
    slope = np.polyfit(np.arange(20, 60), sizes[20:], 1)[0]
    assert slope == pytest.approx(math.log(factor), abs=0.01)


def test_runs_agree_with_the_formula_where_there_is_one():
    """SAM at the minimum of x^2 + y^2/2: the mean of 200 paths is within four of its errors of the exact variance."""
    settings = AnalysisSettings(0.4, 0.1, batch=8, steps=2000)
    loss = Landscape(Loss("x**2 + y**2/2"))
    found = noisy_runs.run(OPTIMISERS["sam"], loss, np.zeros(2), settings)
    exact = sum(
        float(discrete_variance("same_batch", lam=e, rho=0.4, eta=0.1, batch=8, n=math.inf)) for e in (2.0, 1.0)
    )
    assert found.escaped == 0
    assert abs(found.variance - exact) <= 4 * found.variance_error
    assert found.variance_error < 0.03 * exact  # else the comparison would see nothing
    wrong = sum(float(discrete_variance("sgd", lam=e, rho=0, eta=0.1, batch=8, n=math.inf)) for e in (2.0, 1.0))
    assert abs(found.variance - wrong) > 4 * found.variance_error


def test_escape_from_a_saddle_takes_as_long_as_the_exact_recursion_says():
    """A scalar maximum: by linearity w_n is normal of variance eta^2 s (q^2n - 1)/(q^2 - 1), q = 1 + eta, s = 1/B.

    The mean time to |w| > R lies between the times at which that deviation is R/3 and 3 R: a coarse bracket on purpose.
    """
    settings = AnalysisSettings(0.0, 0.05, batch=16, radius=1.0, steps=3000)
    found = noisy_runs.run(OPTIMISERS["gd"], Landscape(Loss("-x**2/2")), np.zeros(1), settings)
    q = 1.05
    deviation = np.sqrt(0.05**2 / 16 * (q ** (2 * np.arange(300)) - 1) / (q**2 - 1))
    assert found.escaped == found.of
    assert np.argmax(deviation > 1 / 3) < found.escape_time < np.argmax(deviation > 3)
    assert found.escape_error < 0.1 * found.escape_time


def test_every_rule_gets_a_formula_or_runs():
    found = analyse("x**2 - y**2/2", rho=0.5, lr=0.05, batch=4, steps=600, basins=False)
    rulings = found.points[0].optimisers
    assert rulings["gd"].escape_time is not None
    assert rulings["gd"].noisy is None
    normal = rulings["sam_normalised"]
    assert normal.mean_square is None  # no formula
    assert normal.noisy.of == noisy_runs.PATHS
    jsonschema.validate(json.loads(json.dumps(found.to_dict(), allow_nan=False)), SCHEMA)


def test_more_spread_turns_a_trap_into_none_in_mean_square():
    """At rho = 2/mu SAM contracts in the mean; with a large spread E w^2 grows, by rare long steps.

    The paths themselves still come in: almost surely is the weakest of the three (claim random-curvature-almost-sure).
    So no sample of them has a mean square worth reporting.
    """
    calm, wild = (
        analyse("x**2/2 - y**2/2", rho=2.0, lr=0.1, batch=1, noise="multiplicative", spread=s, optimisers="sam",
                steps=800, basins=False).points[0].optimisers["sam"]
        for s in (0.05, 2.0)
    )  # fmt: skip
    assert calm.mean_square < 1 < wild.mean_square
    assert "random-curvature-mean-square" in wild.claims
    assert calm.noisy.variance is not None
    assert wild.noisy.variance is None
    assert wild.noisy.escaped < wild.noisy.of / 2


@pytest.mark.parametrize(
    ("text", "rates"),
    [("0.1,0.2", [0.1, 0.2]), ("constant:0.3:2", [0.3, 0.3]), ("linear:1:4", [1, 0.75, 0.5, 0.25]),
     ("cosine:1:2", [1.0, 0.5]), ([0.5], [0.5])],
)  # fmt: skip
def test_schedules(text, rates):
    assert read(text).tolist() == pytest.approx(rates)


@pytest.mark.parametrize(
    "text", ["", "cosine", "cosine:1", "cosine:x:3", "cosine:1:0", "sine:1:3", "0.1,-1", "0.1,,2", "nan", "linear:-1:3"]
)
def test_a_bad_schedule_is_one_line(text):
    with pytest.raises(ValueError, match="learning rate"):
        read(text)


def test_a_trap_closes_where_the_schedule_falls_below_the_edge():
    """SAM at x^2 - y^2/2, rho = 2.5: edge 2/(2 (1 + 5)) = 1/6; linear from 0.5 in 100 steps: below from step 67 on."""
    found = analyse("x**2 - y**2/2", rho=2.5, lr=0.01, schedule="linear:0.5:100", simulate=False)
    rulings = found.points[0].optimisers
    stages = rulings["sam"].schedule
    assert [(s.first, s.last, s.verdict) for s in stages] == [(0, 66, "repels"), (67, 99, "attracts")]
    assert in_words(stages) == "repels up to step 66, attracts from step 67"
    assert in_words(rulings["gd"].schedule) == "repels at every step"
    assert rulings["sam_normalised"].schedule[-1].verdict == "cycle"  # edge 2 mu/(L (L + mu)) = 1/3
    assert rulings["sam_normalised"].schedule[0].last == 33
    jsonschema.validate(json.loads(json.dumps(found.to_dict(), allow_nan=False)), SCHEMA)


def test_a_schedule_does_not_depend_on_the_step_that_was_judged():
    for lr in (0.01, 0.9):
        found = analyse("x**2 + y**2/2", rho=0.5, lr=lr, schedule=[1.2, 0.4, 0.9, 0.1], simulate=False)
        words = [s.verdict for s in found.points[0].optimisers["sam"].schedule]  # edge 2/(2 (1 + 1)) = 0.5
        assert words == ["repels", "attracts", "repels", "attracts"]


def test_what_the_noise_does_is_on_the_screen(capsys):
    """E w^2 of gradient descent grows by (1 + 2 lr)^2 a step along the eigenvalue -2; -v has it among the reasons."""
    given = ["analyse", "x**2 - y**2", "--rho", "0.6", "--lr", "0.1", "-o", "gd", "-o", "sam", "--no-simulate"]
    assert run(given) == 0
    assert "E w^2" not in capsys.readouterr().out
    for more, start in ([], "with noise, point 1 (0, 0), gd: "), (["-v"], "gd: repels"):
        assert run([*given, "--batch", "8", *more]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert start in printed
        assert printed.count("a step multiplies E w^2 by 1.44") == 1


def test_the_command(capsys):
    assert run(["analyse", "x**2 - y**2/2", "--rho", "2.5", "--schedule", "linear:0.5:100", "--no-simulate"]) == 0
    assert "repels up to step 66, attracts from step 67" in " ".join(capsys.readouterr().out.split())
    for arguments, says in (
        (["--schedule", "cosine"], "no schedule"), (["--batch", "4", "--noise", "loud"], "noise is 'loud'"),
        (["--batch", "4", "--spread", "-1"], "spread is -1"),
    ):  # fmt: skip
        assert run(["analyse", "x**2", *arguments]) == 2
        assert says in capsys.readouterr().err
