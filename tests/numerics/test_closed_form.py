"""The public formulas against mpmath with 60 digits and more, on wide grids and next to every limit."""

import itertools
import math
import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from saddlecheck.numerics import discrete_variance, exit_time, langevin_msd, printed_msd, variance
from saddlecheck.numerics.enclosed import Formula
from saddlecheck.theory.symbols import real

# What is asked for is 1e-12; correct rounding gives half a unit in the last place, 1.1e-16, and mpmath's own
# conversion another half.
RELATIVE = 3e-16
SMALL = [0.0, 1e-300, 1e-12, 3e-4, 0.1, 1.0, 7.0]


def agrees(value, truth):
    if truth == 0:
        return value == 0
    if abs(truth) > mp.mpf(np.finfo(float).max):
        return value == math.inf
    if abs(truth) < 1e-307:
        return abs(value - truth) < 1e-320
    return abs(mp.mpf(float(value)) / truth - 1) < RELATIVE


def law_of(law, lam, rho):
    k = 1 + rho * lam
    return {"sgd": (lam, 1), "exact_ascent": (lam * k, 1), "same_batch": (lam * k, k * k),
            "independent": (lam * k, 1 + (rho * lam) ** 2), "printed": (lam * k * k, 1)}[law]  # fmt: skip


@pytest.mark.parametrize("law", ["sgd", "exact_ascent", "same_batch", "independent", "printed"])
def test_variance(law):
    lams = [s * v for v in SMALL for s in (-1, 1)]
    rhos = [0.0, 1e-9, 0.1, 1 - 2**-53, 1.0, 1 + 2**-52, 3.0, 1e3]
    times = [0.0, 1e-200, 1e-6, 1.0, 40.0, 1e4]
    with mp.workdps(60):
        for lam, rho, t in itertools.product(lams, rhos, times):
            a, gain = law_of(law, mp.mpf(lam), mp.mpf(rho))
            d = mp.mpf(0.013) * abs(mp.mpf(lam)) / (2 * mp.mpf(3)) * gain
            truth = 2 * d * t if a == 0 else d / a * -mp.expm1(-2 * a * t)
            value = variance(law, lam=lam, rho=rho, eta=0.013, batch=3.0, t=t)
            assert agrees(value, truth), (lam, rho, t, value, truth)


def langevin_reference(h, phi, mass, diffusion, t, start):
    # From the response G and C = G' + phi G, complex rates and all; 800 digits make every cancellation harmless.
    h, phi, mass, diffusion, t = (mp.mpf(x) for x in (h, phi, mass, diffusion, t))
    z = diffusion / (mass**2 * phi)
    if h == 0:
        kick = -mp.expm1(-phi * t) / phi
        position = 2 * z * (t - kick) / phi
        return position - (z * kick**2 if start == "rest" else 0)
    root = mp.sqrt(mp.mpc(phi**2 / 4 - h / mass))
    if root == 0:
        kick, slope = t * mp.exp(-phi * t / 2), (1 - phi * t / 2) * mp.exp(-phi * t / 2)
    else:
        p, q = phi / 2 - root, phi / 2 + root
        kick = (mp.exp(-p * t) - mp.exp(-q * t)) / (q - p)
        slope = (q * mp.exp(-q * t) - p * mp.exp(-p * t)) / (q - p)
    position = z * mass / h * (1 - (slope + phi * kick) ** 2)
    return mp.re(position - (z * kick**2 if start == "rest" else 0))


@pytest.mark.parametrize("start", ["rest", "stationary"])
def test_langevin_in_every_regime_and_next_to_each_limit(start):
    # Critical damping at h = M phi^2/4: phi = 2, M = 0.5 gives h = 0.5 exactly.
    stiffness = [-30.0, -1.0, -1e-10, -1e-250, 0.0, 1e-250, 1e-10, 0.4, 0.5 - 2**-54, 0.5, 0.5 + 2**-53, 0.6, 50.0]
    times = [0.0, 1e-80, 1e-7, 0.3, 3.0, 60.0]
    with mp.workdps(800):
        for h, t in itertools.product(stiffness, times):
            setting = {"h": h, "phi": 2.0, "mass": 0.5, "diffusion": 0.07, "t": t}
            value = langevin_msd(**setting, start=start)
            assert agrees(value, langevin_reference(**setting, start=start)), setting


def printed_reference(lam, rho, eta, batch, gamma, t, constants):
    lam, rho, eta, batch, gamma, t = (mp.mpf(x) for x in (lam, rho, eta, batch, gamma, t))
    k, left = 1 + rho * lam, 1 - gamma
    c2 = t / eta if constants == "corrected" else eta / t
    first = eta**2 * abs(lam) / 2 * mp.expm1(-c2 * left) ** 2 / (left**3 * batch)
    flat = eta * abs(lam) * t / left  # C3 C4/(1 - gamma), the limit of the second term without its batch
    if lam * k != 0:
        c4 = 2 * lam * k**2 * t
        flat = -eta * abs(lam) / (2 * lam * k**2) * mp.expm1(-c4 / left)
    return first + flat / (left * batch)


@pytest.mark.parametrize("constants", ["corrected", "printed"])
def test_printed_msd(constants):
    grid = itertools.product([-2.0, -1e-9, 0.0, 1e-9, 2.0], [0.0, 0.3, 0.5, 0.5 + 2**-53], [0.0, 0.9, 1 - 2**-30],
                             [1e-9, 1.0, 30.0])  # fmt: skip
    with mp.workdps(400):
        for lam, rho, gamma, t in grid:
            setting = {"lam": lam, "rho": rho, "eta": 0.01, "batch": 4.0, "gamma": gamma, "t": t}
            truth = printed_reference(**setting, constants=constants)
            assert agrees(printed_msd(**setting, constants=constants), truth), setting
    assert printed_msd(lam=-1, rho=0.1, eta=0.01, batch=1, gamma=0.5, t=0.0) == 0


def test_exit_time_is_a_double_integral():
    # T = (1/D) int_0^L exp(c y^2) int_0^y exp(-c s^2) ds dy, c = a/2D, the inner one an error function: quadrature,
    # not the series that is evaluated.
    for rate, noise, radius in itertools.product([-5.0, -1e-8, 0.0, 1e-8, 2.0], [0.1, 3.0], [0.2, 1.5]):
        with mp.workdps(30):
            c = mp.mpf(rate) / (2 * mp.mpf(noise))

            def inner(y, c=c):
                return mp.re(mp.sqrt(mp.pi) / (2 * mp.sqrt(mp.mpc(c))) * mp.erf(y * mp.sqrt(mp.mpc(c)))) if c else y

            truth = mp.quad(lambda y, c=c: mp.exp(c * y * y) * inner(y), [0, mp.mpf(radius)]) / mp.mpf(noise)
            value = exit_time(rate=rate, diffusion=noise, radius=radius)
            assert abs(value / truth - 1) < 1e-14, (rate, noise, radius)


@pytest.mark.parametrize("depth", [999.0, 1001.0, 3000.0])
def test_exit_time_of_a_deep_repeller_on_both_sides_of_its_expansion(depth):
    with mp.workdps(1500):
        truth = depth * mp.hyp2f2(1, 1, mp.mpf(3) / 2, 2, -mp.mpf(depth))
    # a = -depth, D = 1/2, L = 1: T = 2F2(-depth); float64's logarithm and sum: a few units in the last place.
    value = depth * exit_time(rate=-depth, diffusion=0.5, radius=1.0)
    assert abs(value / truth - 1) < 2e-15


def test_exit_time_at_the_ends_of_the_floats():
    # x = 5e599: T = (ln 4x + gamma)/2, and nothing overflows on the way.
    assert exit_time(rate=-1.0, diffusion=1e-300, radius=1e150) == pytest.approx(
        (math.log(2) + 600 * math.log(10) + 0.5772156649015329) / 2, rel=1e-14
    )
    assert exit_time(rate=-1e-300, diffusion=1.0, radius=1.0) == 0.5  # free diffusion, L^2/2D


def test_overflow_is_infinity_and_never_nan():
    assert variance("sgd", lam=-1.0, rho=0.0, eta=0.1, batch=1, t=1e300) == math.inf
    assert langevin_msd(h=-1.0, phi=1.0, mass=1.0, diffusion=1.0, t=1e9) == math.inf
    assert exit_time(rate=1e4, diffusion=1.0, radius=1.0) == math.inf
    assert printed_msd(lam=-1, rho=0, eta=0.1, batch=1, gamma=0.999, t=1e5) == math.inf


def test_arguments_broadcast_and_scalars_stay_scalars():
    t = np.linspace(0, 1, 5)
    table = variance("same_batch", lam=np.array([[-1.0], [1.0]]), rho=0.1, eta=0.01, batch=1, t=t)
    assert table.shape == (2, 5)
    assert table.dtype == np.float64
    assert table[1, 3] == variance("same_batch", lam=1.0, rho=0.1, eta=0.01, batch=1, t=t[3])
    assert np.ndim(exit_time(rate=1, diffusion=1, radius=1)) == 0


def test_the_discrete_variance_tends_to_the_continuous_one():
    # Error of first order in eta: halved with it. a = -0.9, t = 1; the next order is a few per cent of the first.
    both = [
        discrete_variance("same_batch", lam=-1, rho=0.1, eta=e, batch=1, n=round(1 / e))
        / variance("same_batch", lam=-1, rho=0.1, eta=e, batch=1, t=1.0)
        - 1
        for e in (1e-3, 5e-4)
    ]
    assert both[0] / both[1] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: variance("adam", lam=1, rho=0, eta=1, batch=1, t=1), "unknown law 'adam'"),
        (lambda: variance("sgd", lam=1, rho=0, eta=0, batch=1, t=1), "eta must be > 0"),
        (lambda: variance("sgd", lam=1, rho=0, eta=1, batch=0.5, t=1), "batch must be >= 1"),
        (lambda: variance("sgd", lam=1, rho=0, eta=1, batch=1, t=-1), "t must be >= 0"),
        (lambda: variance("sgd", lam=math.nan, rho=0, eta=1, batch=1, t=1), "lam must be finite"),
        (lambda: langevin_msd(h=1, phi=0, mass=1, diffusion=1, t=1), "phi must be > 0"),
        (lambda: langevin_msd(h=1, phi=1, mass=1, diffusion=1, t=1, start="hot"), "unknown start 'hot'"),
        (lambda: printed_msd(lam=1, rho=0, eta=1, batch=1, gamma=1, t=1), r"gamma must lie in \[0, 1\)"),
        (lambda: printed_msd(lam=1, rho=0, eta=1, batch=1, gamma=0, t=0, constants="printed"), "t must be > 0"),
        (lambda: exit_time(rate=1, diffusion=0, radius=1), "diffusion must be > 0"),
        (lambda: exit_time(rate=1, diffusion=1, radius=[1, -1]), "radius must be > 0"),
    ],
)
def test_bad_input_is_a_named_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_formulas_are_had_without_compiled_kernels():
    code = "import sys; from saddlecheck.numerics import variance; assert not {'numba', 'torch'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_singular_point_without_a_limit_is_named():
    x = real("x")
    with pytest.raises(ArithmeticError, match="singular"):
        Formula(1 / x)({x: 0.0})
    assert Formula(sp.Abs(x) + sp.exp(x))({x: -1.0}) == 1 + math.exp(-1)


def test_a_mutated_formula_is_seen():
    # The tolerance would notice one unit in the tenth digit: the same formula with eta/2 off by 1e-12.
    truth = mp.mpf(variance("sgd", lam=1, rho=0, eta=0.01, batch=1, t=1.0))
    assert not agrees(variance("sgd", lam=1, rho=0, eta=0.01 * (1 + 1e-12), batch=1, t=1.0), truth)
