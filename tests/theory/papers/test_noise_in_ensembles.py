"""Claims about algorithms with noise: an exact law referees, and the algorithm itself, run 200,000 times, agrees.

noise.toml says of each row of the literature that speaks of such an algorithm which claim is the law and which test
runs the algorithm, or why none does.
"""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from saddlecheck.numerics import mean_square_rate, micro_batch_threshold
from saddlecheck.theory import CLAIMS

HERE = Path(__file__).parent
ROWS = tomllib.loads((HERE / "noise.toml").read_text("utf-8"))
LITERATURE = tomllib.loads((HERE.parent / "literature.toml").read_text("utf-8"))

PATHS, STEPS, SEED = 200_000, 5, 16
ERRORS = 5  # standard errors: of a normal mean one check in 1.7 million fails by chance
ETA, RHO, LAM, KEPT = 0.2, 0.7, -1.3, 0.4
VALUES, WEIGHTS = np.array([-2.0, 0.5, 1.5]), np.array([0.5, 0.3, 0.2])
M = [float(WEIGHTS @ VALUES**j) for j in range(5)]


def drawn(rng, number=1):
    """Curvatures of independent mini-batches, shape (number, paths)."""
    return rng.choice(VALUES, p=WEIGHTS, size=(number, PATHS))


def same(w, rng):
    (h,) = drawn(rng)
    return w - ETA * h * (w + RHO * h * w)


def independent(w, rng):
    h, ascent = drawn(rng, 2)
    return w - ETA * h * (w + RHO * ascent * w)


def full_ascent(w, rng):
    (h,) = drawn(rng)
    return w - ETA * h * (w + RHO * M[1] * w)


def masked(w, rng):
    """Of one coordinate: SAM with probability KEPT, else gradient descent; a random fraction of steps does the same."""
    return w - ETA * LAM * (w + (rng.random(PATHS) < KEPT) * RHO * LAM * w)


PLAIN, SAM = 1 - ETA * LAM, 1 - ETA * LAM * (1 + RHO * LAM)
MEAN = 1 - ETA * LAM * (1 + RHO * KEPT * LAM)
# The claims' formulas: multipliers of E w^2 and of E w, and the slope of log|w| of almost every path.
LAWS = {
    "same": (same, mean_square_rate(moments=tuple(M[1:]), rho=RHO, lr=ETA, batches="same"),
             1 - ETA * (M[1] + RHO * M[2]), WEIGHTS @ np.log(np.abs(1 - ETA * VALUES * (1 + RHO * VALUES)))),
    "independent": (independent, mean_square_rate(moments=tuple(M[1:]), rho=RHO, lr=ETA, batches="independent"),
                    1 - ETA * M[1] * (1 + RHO * M[1]),
                    WEIGHTS @ np.log(np.abs(1 - ETA * np.outer(VALUES, 1 + RHO * VALUES))) @ WEIGHTS),
    "full ascent": (full_ascent, mean_square_rate(moments=tuple(M[1:]), rho=RHO, lr=ETA, batches="full_ascent"),
                    1 - ETA * M[1] * (1 + RHO * M[1]),
                    WEIGHTS @ np.log(np.abs(1 - ETA * VALUES * (1 + RHO * M[1])))),
    "a random part": (masked, MEAN**2 + KEPT * (1 - KEPT) * ETA**2 * RHO**2 * LAM**4, MEAN,
                      KEPT * math.log(SAM) + (1 - KEPT) * math.log(PLAIN)),
}  # fmt: skip


def away(sample, expected):
    """How many standard errors the mean of a sample is from what is expected."""
    return abs(np.mean(sample) - expected) / (np.std(sample) / math.sqrt(len(sample)))


@pytest.mark.parametrize("law", LAWS)
def test_mean_mean_square_and_logarithm_of_the_algorithm(law):
    step, square, mean, slope = LAWS[law]
    rng = np.random.default_rng(SEED)
    w = np.ones(PATHS)
    for _ in range(STEPS):
        w = step(w, rng)
    # A path has at most 3^5 or 9^5 values, all below 10: means of 200,000 are normal, and deviations known to 1 %.
    assert away(w**2, square**STEPS) < ERRORS
    assert away(w, mean**STEPS) < ERRORS
    assert away(np.log(np.abs(w)), slope * STEPS) < ERRORS
    wrong = [away(w**2, other**STEPS) for name, (_, other, *_) in LAWS.items() if name != law]
    assert min(wrong) > ERRORS, "the other laws are told apart"


@pytest.mark.parametrize("ascent", ["same", "independent"])
def test_the_variance_of_a_step_under_additive_noise(ascent):
    rng = np.random.default_rng(SEED)
    s, w = 0.5, 0.3
    xi = s * rng.standard_normal(PATHS)
    up = xi if ascent == "same" else s * rng.standard_normal(PATHS)
    step = -ETA * (LAM * (w + RHO * (LAM * w + up)) + xi)
    # The spread of a sample variance of a normal law is sqrt(2/n) of it.
    ratio = np.var(step) / (ETA * s) ** 2
    laws = {"same": (1 + RHO * LAM) ** 2, "independent": 1 + RHO**2 * LAM**2}
    for name, law in laws.items():
        assert bool(abs(ratio / law - 1) < ERRORS * math.sqrt(2 / PATHS)) is (name == ascent)


@pytest.mark.parametrize("c", [0.0, 0.6, 1.0])
def test_the_mean_of_friendly_sam_under_additive_noise(c):
    rng = np.random.default_rng(SEED)
    mu, w = -LAM, np.ones(PATHS)
    for _ in range(STEPS):
        xi = rng.standard_normal(PATHS)
        w = w - ETA * (-mu * (w + RHO * (-mu * w + xi + c * mu * w)) + xi)
    rate = mu * (mu * RHO * (1 - c) - 1)
    assert away(w, (1 - ETA * rate) ** STEPS) < ERRORS
    assert away(w, (1 - ETA * mu * (mu * RHO * (1 - c / 2 - 0.2) - 1)) ** STEPS) > ERRORS


@pytest.mark.parametrize("m", [1, 3])
def test_micro_batches_of_m_keep_the_mean_at_their_threshold(m):
    rng = np.random.default_rng(SEED)
    rho = micro_batch_threshold(m1=M[1], m2=M[2], m=m)
    h = drawn(rng, m).mean(axis=0)
    assert away(1 - ETA * h * (1 + rho * h), 1.0) < ERRORS
    assert away(1 - ETA * h * (1 + 1.2 * rho * h), 1.0) > ERRORS


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_claims_and_tests_that_exist(row):
    assert row in {i for ids in LITERATURE.values() for i in ids}
    assert [i for i in ROWS[row]["law"] if i not in CLAIMS] == []
    assert bool(ROWS[row]["ensembles"]) is ("none" not in ROWS[row])
    for place in ROWS[row]["ensembles"]:
        file, name = place.split("::")
        assert f"def {name}(" in (HERE.parents[1] / file).read_text("utf-8")
