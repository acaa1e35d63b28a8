"""Floors, densities and mean squares against exact averages of the algorithm and the identities that fix them."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, linalg

from saddlecheck.numerics import dnsam_density, mean_square_rate, usam_floor

ROUNDED = 64 * 2.0**-53


def moments(values, weights):
    return tuple(sum(p * h**j for h, p in zip(values, weights, strict=True)) for j in range(1, 5))


@pytest.mark.parametrize("batches", ["same", "independent", "full_ascent"])
@pytest.mark.parametrize(("rho", "lr"), [(0.0, 0.3), (0.7, 0.1), (3.0, 1.5)])
def test_the_mean_square_rate_is_the_algorithms_average(batches, rho, lr):
    values, weights = (-1.5, 0.25, 2.0), (0.2, 0.5, 0.3)
    given = moments(values, weights)
    mean = 0.0
    for (h, p), (other, q) in itertools.product(zip(values, weights, strict=True), repeat=2):
        ascent = {"same": h, "independent": other, "full_ascent": given[0]}[batches]
        raised = 1.0 + rho * ascent * 1.0
        mean += p * q * (1.0 - lr * h * raised) ** 2
    assert abs(mean_square_rate(moments=given, rho=rho, lr=lr, batches=batches) / mean - 1) < ROUNDED


def test_a_constant_curvature_needs_no_batches():
    for h in (0.1, -0.3, 1e-5, -7.7):
        rates = [
            float(mean_square_rate(moments=(h, h**2, h**3, h**4), rho=0.9, lr=0.2, batches=b))
            for b in ("same", "independent", "full_ascent")
        ]
        assert np.allclose(rates, (1 - 0.2 * h * (1 + 0.9 * h)) ** 2, rtol=ROUNDED, atol=0)


def test_a_mean_square_that_grows_is_returned_as_it_is():
    assert mean_square_rate(moments=(0.0, 1.0, 0.0, 3.0), rho=0.0, lr=0.5, batches="same") == 1.25


@pytest.mark.parametrize(
    ("spectrum", "rho", "lr"),
    [([1.0, 0.2, 3.0], 0.5, 0.2), ([1.0, -1.0], 1.5, 0.3), ([1.0], 0.0, 1.9)],
)
def test_the_algorithms_floor_is_the_covariance_that_a_step_keeps(spectrum, rho, lr):
    s, H = 0.4, np.diag(spectrum)
    n = len(spectrum)
    # One step on the three unit vectors, and on the noise alone, gives A and N of w' = A w + N xi.
    w, xi = np.hstack([np.eye(n), np.zeros((n, n))]), np.hstack([np.zeros((n, n)), np.eye(n)])
    stepped = w - lr * (H @ (w + rho * (H @ w + s * xi)) + s * xi)
    A, N = stepped[:, :n], stepped[:, n:]
    covariance = linalg.solve_discrete_lyapunov(A, N @ N.T)
    floor = usam_floor(eigenvalues=spectrum, rho=rho, lr=lr, s=s)
    # The solver is direct; 1 - A^2, here above 0.09, divides its rounding errors.
    assert abs(floor / (np.trace(H @ covariance) / 2) - 1) < 20 * ROUNDED


def test_the_algorithms_floor_in_an_ensemble():
    rng = np.random.default_rng(16)
    spectrum, rho, lr, s, runs = np.array([1.0, 0.4]), 0.8, 0.5, 0.3, 200_000
    w = np.zeros((runs, 2))
    for _ in range(60):  # the slower part forgets its start like (1 - 0.5 0.4 1.32)^2n = 0.736^120
        xi = s * rng.standard_normal((runs, 2))
        w = w - lr * (spectrum * (w + rho * (spectrum * w + xi)) + xi)
    loss = np.sum(spectrum * w**2, axis=1) / 2
    floor, sde = (usam_floor(eigenvalues=spectrum, rho=rho, lr=lr, s=s, model=m) for m in ("algorithm", "sde"))
    error = np.std(loss) / math.sqrt(runs)
    assert abs(np.mean(loss) - floor) < 5 * error
    assert abs(np.mean(loss) - sde) > 50 * error  # the SDE's differs, and this shows it


@pytest.mark.parametrize(("lam", "rho"), [(1.0, 0.5), (0.3, 4.0), (-2.0, 0.8)])
def test_the_sdes_floor_solves_its_lyapunov_equation_and_is_the_limit_of_small_steps(lam, rho):
    k, lr, s = 1 + rho * lam, 0.1, 0.7
    variance = linalg.solve_continuous_lyapunov(np.array([[-lam * k]]), np.array([[-lr * (k * s) ** 2]]))[0, 0]
    floor = usam_floor(eigenvalues=lam, rho=rho, lr=lr, s=s, model="sde")
    assert abs(floor / (lam * variance / 2) - 1) < ROUNDED
    small = 1e-9
    ratio = usam_floor(eigenvalues=lam, rho=rho, lr=small, s=s) / usam_floor(
        eigenvalues=lam, rho=rho, lr=small, s=s, model="sde"
    )
    assert abs(ratio - 1) < small * lam * k  # it is 2/(2 - a)


# sqrt(kappa) rho from far below 1 to far above.
DENSITIES = [(1.0, 1e-4, 0.1, 1.0), (1.0, 0.5, 0.1, 1.0), (3.0, 0.2, 0.01, 0.5), (2.0, 5.0, 0.01, 0.3)]


def pieces(lam, rho, lr, s):
    """Breaks of (0, inf) at which a quadrature is to stop: about 0, the mode, the width and far out."""
    width = max((rho * lr * s**2 / lam) ** (1 / 3), math.sqrt(lr / lam) * s)
    return [0.0, min(rho, width) / 10, min(rho, width), width, 2 * width, 4 * width, 8 * width, 16 * width]


def average(f, parameters):
    lam, rho, lr, s = parameters

    def integrand(x):
        return f(x) * float(dnsam_density(x, lam=lam, rho=rho, lr=lr, s=s))

    breaks = pieces(*parameters)
    return 2 * sum(integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in itertools.pairwise(breaks))


@pytest.mark.parametrize("parameters", DENSITIES)
def test_dnsams_density_is_normalised_and_kept_by_the_sde(parameters):
    lam, rho, lr, s = parameters
    assert abs(average(lambda _: 1.0, parameters) - 1) < 1e-11  # eight quadratures of 1e-12

    # A stationary law gives the generator b f' + sigma^2 f''/2 of any smooth f with f'(0) = 0 the mean 0.
    def generator(first, second):
        return lambda x: -lam * (x + rho) * first(x) + lr * s**2 * (1 + rho / x) ** 2 / 2 * second(x)

    def parts(first, second):  # the two terms apart: what they cancel to is measured by their size
        return average(generator(first, lambda _: 0.0), parameters), average(generator(first, second), parameters)

    scale = pieces(*parameters)[3]
    for first, second in (
        (lambda x: 2 * x, lambda _: 2.0),
        (lambda x: 4 * x**3, lambda x: 12 * x**2),
        (lambda x: -math.sin(x / scale) / scale, lambda x: -math.cos(x / scale) / scale**2),
    ):
        drift, whole = parts(first, second)
        assert abs(whole) < 1e-9 * abs(drift)


@pytest.mark.parametrize("parameters", DENSITIES)
def test_dnsams_density_has_its_modes_where_the_docstring_says(parameters):
    lam, rho, lr, s = parameters
    mode = (rho * lr * s**2 / lam) ** (1 / 3)
    around = dnsam_density(mode * np.array([0.999, 1.0, 1.001]), lam=lam, rho=rho, lr=lr, s=s)
    assert around[1] > max(around[0], around[2])
    assert dnsam_density(0.0, lam=lam, rho=rho, lr=lr, s=s) == 0.0


def test_dnsams_density_without_a_radius_is_normal():
    x = np.linspace(-1, 1, 21)
    variance = 0.1 * 0.5**2 / (2 * 3.0)
    normal = np.exp(-(x**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    # Exponents up to 240 are rounded to 240 2^-53 units.
    assert np.allclose(dnsam_density(x, lam=3.0, rho=0.0, lr=0.1, s=0.5), normal, rtol=1e-13, atol=0)
    tiny = dnsam_density(x[1:], lam=3.0, rho=1e-300, lr=0.1, s=0.5)
    assert np.allclose(tiny[x[1:] != 0], normal[1:][x[1:] != 0], rtol=1e-13, atol=0)


def test_dnsams_density_far_out_is_zero_and_warns_of_nothing():
    assert dnsam_density([1e160, -1e5], lam=1.0, rho=1.0, lr=0.1, s=0.1).tolist() == [0.0, 0.0]


def test_they_broadcast():
    assert mean_square_rate(moments=(0.0, [1.0, 2.0], 0.0, 9.0), rho=[[0.0], [1.0]], lr=0.1, batches="same").shape == (
        2,
        2,
    )
    assert usam_floor(eigenvalues=np.ones((4, 1, 3)), rho=[0.1, 0.2], lr=0.1, s=1.0).shape == (4, 2)
    assert usam_floor(eigenvalues=2.0, rho=0.1, lr=[0.1, 0.2], s=1.0).shape == (2,)
    assert dnsam_density(np.zeros((3, 1)), lam=1.0, rho=[0.1, 0.0], lr=0.1, s=1.0).shape == (3, 2)


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        (mean_square_rate, {"moments": (1.0, 1.0, 1.0), "rho": 0.1, "lr": 0.1, "batches": "same"}, "moments must be"),
        (
            mean_square_rate,
            {"moments": (2.0, 1.0, 1.0, 1.0), "rho": 0.1, "lr": 0.1, "batches": "same"},
            "no random number",
        ),
        (
            mean_square_rate,
            {"moments": (0.0, 1.0, 2.0, 2.0), "rho": 0.1, "lr": 0.1, "batches": "same"},
            "no random number",
        ),
        (
            mean_square_rate,
            {"moments": (1.0, 1.0, 1.0, 1.0), "rho": 0.1, "lr": 0.1, "batches": "none"},
            "unknown batches",
        ),
        (
            mean_square_rate,
            {"moments": (1.0, 1.0, 1.0, 1.0), "rho": -1.0, "lr": 0.1, "batches": "same"},
            "rho must be >= 0",
        ),
        (usam_floor, {"eigenvalues": [1.0, -1.0], "rho": 0.5, "lr": 0.1, "s": 1.0}, "no stationary law"),
        (usam_floor, {"eigenvalues": [1.0, 0.0], "rho": 0.5, "lr": 0.1, "s": 1.0}, "no stationary law"),
        (usam_floor, {"eigenvalues": 1.0, "rho": 1.0, "lr": 1.0, "s": 1.0}, "no stationary law"),
        (usam_floor, {"eigenvalues": 1.0, "rho": 1.0, "lr": 0.1, "s": 1.0, "model": "both"}, "unknown model"),
        (dnsam_density, {"x": 0.0, "lam": 0.0, "rho": 1.0, "lr": 0.1, "s": 1.0}, "lam must be > 0"),
        (dnsam_density, {"x": 0.0, "lam": 1.0, "rho": 1.0, "lr": 0.1, "s": 0.0}, "s must be > 0"),
        (dnsam_density, {"x": math.nan, "lam": 1.0, "rho": 1.0, "lr": 0.1, "s": 1.0}, "x must be finite"),
    ],
)
def test_bad_input_is_one_line(function, arguments, says):
    with pytest.raises(ValueError, match=says) as caught:
        function(**arguments)
    assert "\n" not in str(caught.value)


def test_the_sde_needs_no_bound_on_the_step():
    assert usam_floor(eigenvalues=1.0, rho=1.0, lr=1.5, s=1.0, model="sde") == 0.75
