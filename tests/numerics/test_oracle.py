"""Second opinions: sdeint on the same increments to rounding, SciPy on the moment equations."""

from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from oracle import covariance_by_scipy, euler_by_sdeint

from saddlecheck.numerics import Descent, DriftSDE, langevin, ornstein_uhlenbeck, simulate

x, y = sp.symbols("x y", real=True)
PATHS, STEPS, DT, SEED = 6, 60, 0.02, 17


def assert_same_moments(ensemble, paths):
    # Both do the same sums in another order: 60 steps of ten roundings on numbers of order 1.
    budget = STEPS * 10 * np.finfo(float).eps
    np.testing.assert_allclose(ensemble.mean[0], paths[:, -1].mean(0), rtol=0, atol=budget)
    np.testing.assert_allclose(
        ensemble.covariance[0], np.cov(paths[:, -1].T).reshape(ensemble.covariance[0].shape), rtol=0, atol=budget
    )


@pytest.mark.parametrize("two_point", [False, True])
def test_linear_paths_are_sdeints(two_point):
    pytest.importorskip("sdeint")
    for sde in (ornstein_uhlenbeck(-1.0, 0.5), langevin(h=-0.5, phi=1.0, mass=2.0, diffusion=0.3)):
        start = [0.4] + [0.0] * (len(sde.labels) - 1)
        ours = simulate(sde.scheme("euler", DT), paths=PATHS, steps=STEPS, seed=SEED, start=start, two_point=two_point)
        theirs = euler_by_sdeint(
            lambda w, sde=sde: -sde.drift @ w,
            sde.noise,
            start,
            dt=DT,
            steps=STEPS,
            paths=PATHS,
            seed=SEED,
            two_point=two_point,
        )
        assert_same_moments(ours, theirs)


def test_sams_non_linear_paths_are_sdeints():
    pytest.importorskip("sdeint")
    loss, rho, D = SimpleNamespace(expr=x**4 / 4 - x**2 / 2 + y**2 + x * y, variables=(x, y)), 0.2, np.diag([0.3, 0.1])
    slope = lambda w: np.array([w[0] ** 3 - w[0] + w[1], 2 * w[1] + w[0]])  # noqa: E731 # by hand
    ours = simulate(
        Descent(loss, (DriftSDE(DT, rho=rho, scheme="euler"),), 2 * D / DT),
        paths=PATHS,
        steps=STEPS,
        seed=SEED,
        start=[0.3, -0.1],
    )
    # A mini-batch's noise is part of the gradient, so it enters the step with a minus sign.
    theirs = euler_by_sdeint(
        lambda w: -slope(w + rho * slope(w)), -np.sqrt(2 * D), [0.3, -0.1], dt=DT, steps=STEPS, paths=PATHS, seed=SEED
    )
    assert_same_moments(ours, theirs)
    # The twin: other increments do not agree.
    other = euler_by_sdeint(
        lambda w: -slope(w + rho * slope(w)),
        np.sqrt(2 * D),
        [0.3, -0.1],
        dt=DT,
        steps=STEPS,
        paths=PATHS,
        seed=SEED + 1,
    )
    assert np.max(np.abs(ours.mean[0] - other[:, -1].mean(0))) > 1e-3


@pytest.mark.parametrize(
    "sde",
    [
        ornstein_uhlenbeck([[1.0, 0.5], [0.5, -2.0]], [[1.0, 0.2], [0.2, 0.5]]),
        langevin(h=-1.0, phi=0.5, mass=0.1, diffusion=0.3),
        langevin(h=0.0, phi=5.0, mass=2.0, diffusion=0.3),
        langevin(h=1.0, phi=2.0, mass=1.0, diffusion=0.3),  # critical damping
    ],
    ids=["matrix", "saddle", "free", "critical"],
)
def test_transition_covariance_is_scipys_solution_of_the_moment_equation(sde):
    for t in (0.0, 0.3, 3.0):
        ours, theirs = sde.transition_law(t)[1], covariance_by_scipy(sde, t)
        # DOP853 at rtol 1e-12 keeps about 1e-10 over tens of steps of a growing solution.
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * max(1e-3, np.max(np.abs(theirs))))
