"""Claims about algorithms with noise: an exact law referees, and the algorithm itself, run 200,000 times, agrees.

noise.toml says of each row of the literature that speaks of such an algorithm which claim is the law and which test
runs the algorithm, or why none does.
"""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from saddlecheck.numerics import mean_square_rate, micro_batch_threshold, two_cycle
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


SLOWS, GROWS = 0.003, 0.007  # eta mu: below and above sigma^2/2 = 0.005


@pytest.mark.parametrize("growth", [SLOWS, GROWS])
def test_noise_decides_whether_dnsam_nears_the_radius_at_a_maximum(growth):
    """DNSAM itself near x = rho, where its SDE's ln|x - rho| grows by eta (mu - eta s^2/(2 rho^2)) = a - sigma^2/2.

    Per step ln(1 + a - sigma xi) has the mean a - sigma^2/2 - a^2/2 + a sigma^2 - 3 sigma^4/4, and less than 1e-5 more:
    the discrete step differs from the SDE by at most 1.4e-4 of 2e-3. Over 200 steps ln|x - rho| moves by 0.4 +- 1.5, so
    from 1e-8 the distance stays where the step is linear (1e-4) and far above rounding (1e-13), up to 6 deviations.
    """
    rho, mu, sigma, steps, paths = 1.0, 0.5, 0.1, 200, 40_000
    eta = growth / mu
    s = sigma * rho / eta
    rng, start = np.random.default_rng(SEED), 1e-8
    x = np.full(paths, rho + start)
    for _ in range(steps):
        noisy = -mu * x + s * rng.standard_normal(paths)
        ascended = x + rho * noisy / np.abs(mu * x)
        x = x - eta * (noisy - mu * (ascended - x))
    logarithm = np.log(np.abs(x - rho) / start) / steps
    discrete = -(growth**2) / 2 + growth * sigma**2 - 3 * sigma**4 / 4
    error = ERRORS * logarithm.std() / math.sqrt(paths) + abs(discrete) + 1e-5
    assert np.mean(logarithm) == pytest.approx(growth - sigma**2 / 2, abs=error)
    assert error < sigma**2 / 20  # so that a wrong sign, or no term of Ito's, would be seen
    assert abs(np.mean(logarithm) - growth) > 5 * error
    # The mean distance grows all the same, by 1 + a a step; a bracket below 0 has the chance P(xi > 10).
    mean, spread = np.mean(x - rho) / start, np.std(x - rho) / start
    assert mean == pytest.approx((1 + growth) ** steps, abs=ERRORS * spread / math.sqrt(paths))


@pytest.mark.parametrize(("up", "down"), [(0.3, -0.3), (0.3, 0.1), (-0.2, 0.4)])
def test_samples_drawn_at_random_drift_as_their_own_cycles_do(up, down):
    """Batch size 1 on the samples (l_k + b_k y) x_k^2/2: the mean drift at a finite step, for a constant trace as well.

    Over the run y stays within 500 0.94 rho^2 = 5e-4, so the eigenvalues and the drift change by less than 1e-3 of
    themselves; the next order is rho^2 = 1e-6 of it. The rest is the chance of which samples are drawn.
    """
    rho, eta, level, steps, paths = 1e-3, 1.0, np.array([1.2, 0.5]), 500, 2000
    slope = np.array([up, down])
    rng, rows = np.random.default_rng(SEED), np.arange(paths)
    x = np.tile(two_cycle(top=level, rho=rho, lr=eta), (paths, 1)) * rng.choice([-1, 1], (paths, 2))
    y = np.zeros(paths)
    for _ in range(steps):
        k = rng.integers(2, size=paths)
        w, b = x[rows, k], slope[k]
        across, along = (level[k] + b * y) * w, b * w**2 / 2
        size = np.hypot(across, along)
        w_up, y_up = w + rho * across / size, y + rho * along / size
        x[rows, k], y = w - eta * (level[k] + b * y_up) * w_up, y - eta * b * w_up**2 / 2
    drift = -2 * eta * slope / (2 - eta * level) ** 2  # of each sample, in units of rho^2
    measured = y / (steps * rho**2)
    error = ERRORS * measured.std() / math.sqrt(paths) + 1e-3 * np.max(np.abs(drift))
    assert np.mean(measured) == pytest.approx(np.mean(drift), abs=error)
    trace = -eta * np.mean(slope) / 2  # the false twin: minus eta/2 times the gradient of the trace, at every step size
    assert abs(np.mean(measured) - trace) > 10 * error
