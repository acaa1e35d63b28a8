"""The public formulas over the whole range of float64: arguments of any exponent, against mpmath, without a warning."""

import functools
import math
import random

import mpmath
import numpy as np
import pytest

from saddlecheck import numerics
from saddlecheck.numerics import certain

# Polynomials of degree at most 10 in floats, each of at most 2,098 bits, and quotients of them: nothing cancels.
BITS = 25_000
# A ball of 62 bits, rounded to 53; beyond the normal range to half the smallest float.
ROUNDED, SMALLEST = 2.0**-52, 5e-324
DRAWS = 60


def slack(top, lr, momentum):
    return 2 * (1 + momentum) - lr * top


def unified(lam, rho, lr, t):
    return lr * abs(lam) * rho * t / (2 - lr * lam * (1 + (1 - t) * rho * lam))


def every(mu, lr, every):
    return (1 + lr * mu - (1 + lr * mu) ** (1 - every)) / (lr * mu**2)


def rate(h, rho, lr):
    """Multiplier with a curvature that is h and 3h with equal probability, one batch in both gradients."""
    return sum((1 - lr * x * (1 + rho * x)) ** 2 for x in (h, 3 * h)) / 2


def floor(lam, rho, lr, s):
    return lr * s**2 * (1 + rho * lam) / (2 * (2 - lr * lam * (1 + rho * lam)))


def variance(lam, rho, eta, batch, gamma, n):
    """By the recursion of the second moments of (w, p), one batch in both gradients."""
    x, noise = eta * lam * (1 + rho * lam), eta**2 * abs(lam) / batch * (1 + rho * lam) ** 2
    ww = wp = pp = 0 * x
    for _ in range(n):
        # p' = gamma p + x w + xi, w' = w - p'.
        new_pp = gamma**2 * pp + 2 * gamma * x * wp + x**2 * ww + noise
        cross = gamma * wp + x * ww  # of w and p'
        ww, wp, pp = ww - 2 * cross + new_pp, cross - new_pp, new_pp
    return ww


def steady(lam, rho, eta, batch, gamma):
    x, noise = eta * lam * (1 + rho * lam), eta**2 * abs(lam) / batch * (1 + rho * lam) ** 2
    return noise * (1 + gamma) / ((1 - gamma) * x * (2 * (1 + gamma) - x))


# name: (the function, the formula, the names of its arguments of either sign or of their fixed values)
CALLS = {
    "sam_edge": (
        numerics.sam_edge,
        lambda gradient, rho, lr: (mpmath.sqrt(gradient**2 + 8 * rho * gradient / lr) - gradient) / (2 * rho),
        {"gradient": None, "rho": None, "lr": None},
    ),
    "two_cycle": (
        numerics.two_cycle,
        lambda top, rho, lr, momentum: lr * top * rho / slack(top, lr, momentum),
        {"top": None, "rho": None, "lr": None, "momentum": 0.7},
    ),
    "window from": (
        lambda **at: numerics.capture_window(**at)[0],
        lambda top, lr, momentum: lr * top**2 / slack(top, lr, momentum),
        {"top": None, "lr": None, "momentum": 0.7},
    ),
    "window to": (
        lambda **at: numerics.capture_window(**at)[1],
        lambda top, lr, momentum: 2 * (1 + momentum) * top / slack(top, lr, momentum),
        {"top": None, "lr": None, "momentum": 0.7},
    ),
    "valley_drift": (
        numerics.valley_drift,
        lambda top, rho, lr, momentum: (
            lr / (2 * (1 - momentum)) * (2 * (1 + momentum) * rho / slack(top, lr, momentum)) ** 2
        ),
        {"top": None, "rho": None, "lr": None, "momentum": 0.7},
    ),
    "product_model_time": (
        numerics.product_model_time,
        lambda start, stop, rho, lr: (
            (4 * mpmath.log(start / stop) - 4 * (start - stop) + (start**2 - stop**2) / 2) / (8 * lr * rho**2)
        ),
        {"start": math.nextafter(2.0, 0.0), "stop": 2 - 2.0**-50, "rho": None, "lr": None},
    ),
    "unified_cycle": (numerics.unified_cycle, unified, {"lam": "either", "rho": None, "lr": None, "t": 0.3}),
    "noisy_threshold": (
        numerics.noisy_threshold,
        lambda mu, s, d: mpmath.sqrt(mpmath.pi / 2) * s / mu,
        {"mu": None, "s": None, "d": 1.0},
    ),
    "micro_batch_threshold": (
        numerics.micro_batch_threshold,
        lambda m1, m2, m: -m1 / (m1**2 + (m2 - m1**2) / m),
        {"m1": "negative", "m2": None, "m": 7.0},
    ),
    "fraction_threshold": (
        numerics.fraction_threshold,
        lambda mu, theta: 1 / (theta * mu),
        {"mu": None, "theta": 1e-300},
    ),
    "every third": (numerics.fraction_threshold, every, {"mu": None, "lr": None, "every": 3}),
    "eg_sam_threshold": (numerics.eg_sam_threshold, lambda mu, lr: 1 / mu + lr, {"mu": None, "lr": None}),
    "mean_square_rate": (
        lambda h, **at: numerics.mean_square_rate(
            moments=[(h**j + (3 * h) ** j) / 2 for j in (1, 2, 3, 4)], batches="same", **at
        ),
        rate,
        {"h": "small", "rho": None, "lr": None},
    ),
    "usam_floor": (
        lambda lam, **at: numerics.usam_floor(eigenvalues=lam, **at),
        floor,
        {"lam": "either", "rho": None, "lr": None, "s": None},
    ),
    "variance of 1": (
        functools.partial(numerics.discrete_variance, "same_batch", n=1),
        functools.partial(variance, n=1, gamma=0),
        {"lam": "either", "rho": None, "eta": None, "batch": "count"},
    ),
    "variance of 5": (
        functools.partial(numerics.discrete_variance, "same_batch", n=5),
        functools.partial(variance, n=5),
        {"lam": "either", "rho": None, "eta": None, "batch": "count", "gamma": 0.7},
    ),
    "variance of many": (
        functools.partial(numerics.discrete_variance, "same_batch", n=math.inf),
        steady,
        {"lam": "either", "rho": None, "eta": None, "batch": "count", "gamma": 0.7},
    ),
}


def drawn(rng, kind):
    if isinstance(kind, int | float):
        return kind
    if kind == "count":
        return 2.0 ** rng.randint(0, 1000)
    if kind == "small":  # its fourth power, to be exact, has few bits and an exponent within the range
        return rng.choice((1, -1)) * rng.randint(1, 1 << 10) * 2.0 ** rng.randint(-250, 240)
    size = rng.uniform(1, 2) * 2.0 ** rng.randint(-1022, 1023)
    return size * {"negative": -1, "either": rng.choice((1, -1))}.get(kind, 1)


def near(found, exact):
    if abs(exact) > 2 * mpmath.mpf(2.0**1023):
        return found == math.copysign(math.inf, exact)
    return abs(mpmath.mpf(float(found)) - exact) <= ROUNDED * abs(exact) + SMALLEST


def outcomes(name):
    """Pairs (what the function gives, the exact value) over random arguments that it takes."""
    function, formula, kinds = CALLS[name]
    rng = random.Random(15)
    for _ in range(DRAWS * 20):
        at = {k: drawn(rng, kind) for k, kind in kinds.items()}
        try:
            found = function(**at)
        except ValueError:
            continue
        if not math.isnan(found):
            yield at, found, formula(**{k: mpmath.mpf(v) for k, v in at.items()})


@pytest.mark.parametrize("name", CALLS)
def test_arguments_of_any_exponent_give_the_exact_value_rounded(name):
    with mpmath.workprec(BITS):
        seen = 0
        for at, found, exact in outcomes(name):
            assert near(found, exact), (at, found, mpmath.nstr(exact, 20))
            seen += 1
            if seen == DRAWS:
                break
    assert seen == DRAWS, "most arguments are refused: draw more"


@pytest.mark.parametrize("name", ["two_cycle", "valley_drift", "sam_edge", "unified_cycle", "window from"])
def test_the_same_formulas_in_floats_miss_it(name):
    """The false twin: what NumPy makes of them."""
    _, formula, _ = CALLS[name]
    with mpmath.workprec(BITS), np.errstate(all="ignore"):
        wrong = sum(
            not near(np.float64(formula(**{k: np.float64(v) for k, v in at.items()})), exact)
            for at, _, exact in outcomes(name)
        )
    assert wrong > 0


def test_what_is_refused_is_refused_by_the_exact_sign():
    # 3 times the float nearest to 1/3 is below 1 by 2^-54, which a product in floats rounds away.
    third = 1 / 3
    assert numerics.two_cycle(top=3.0, rho=1.0, lr=2 * third) == pytest.approx(2.0**54, rel=ROUNDED)
    assert numerics.usam_floor(eigenvalues=1e-200, rho=0.0, lr=1e-200, s=1.0) == 1e-200 / 4  # its rate is 1e-400
    for refused in (
        lambda: numerics.two_cycle(top=1e200, rho=1.0, lr=1e200),
        lambda: numerics.two_cycle(top=2.0, rho=1.0, lr=1.0),
        lambda: numerics.unified_cycle(lam=1e300, rho=1e300, lr=1e-300, t=0.5),
        lambda: numerics.usam_floor(eigenvalues=[1e300, -1e-300], rho=1e300, lr=1e-300, s=1.0),
        lambda: numerics.micro_batch_threshold(m1=-1e200, m2=1.0),
        lambda: numerics.mean_square_rate(moments=(1e200, 1.0, 1.0, 1.0), rho=1.0, lr=1.0, batches="same"),
        lambda: numerics.discrete_variance("sgd", lam=1e200, rho=0.0, eta=1e200, batch=1, n=math.inf),
    ):
        with pytest.raises(ValueError, match=r"^(there is no|m2 must|no random number|no stationary)"):
            refused()
    assert np.isnan(numerics.capture_window(top=1e200, lr=1e200)).all()


def test_a_density_of_any_scale_is_one_density():
    """DNSAM's at sizes of rho from 1e-280 to 1e280, in whose units all else is one: f(x) = f_1(x/rho)/rho."""
    for power in (-930, -300, 0, 300, 930):
        rho = 2.0**power
        # kappa = 2 lam/(eta s^2) in units of 1/rho^2: lam = rho^-1, eta = rho, s = 1.
        at = {"lam": 1 / rho, "rho": rho, "lr": rho, "s": 1.0}
        unit = numerics.dnsam_density([0.0, 0.3, 1.0, 4.0], lam=1.0, rho=1.0, lr=1.0, s=1.0)
        scaled = numerics.dnsam_density(np.array([0.0, 0.3, 1.0, 4.0]) * rho, **at)
        assert scaled.tolist() == (unit / rho).tolist()


@pytest.mark.parametrize("r", [0.0, 1e-300, 1e-9, 1e-3, 1.0, 1e6, 1e29, 1e31, 1e300])
def test_the_mass_of_a_density_is_one_for_every_ratio_of_its_scales(r):
    # In y = ln x, about W = (1 + 3r)^(1/3): analytic within pi/6, so steps of 1/16 leave 1e-23; the two ends e^-40.
    grid = float(np.cbrt(1 + 3 * r)) * np.exp(np.arange(-40.0, 3.0, 1 / 16))
    density = numerics.dnsam_density(grid, lam=0.5, rho=r, lr=1.0, s=1.0)  # kappa = 1
    # Sums of 688 positive terms, each of a few roundings, twice: here and in the normalisation.
    assert abs(2 / 16 * math.fsum(grid * density) - 1) < 800 * 2.0**-53


def test_beyond_any_float_there_is_no_certain_value():
    with pytest.raises(ArithmeticError, match="no precision"):
        certain.value(lambda: certain.arb(0) / certain.arb(0))
    with pytest.raises(ArithmeticError, match="no precision"):
        certain.sign(lambda: certain.arb(2).sqrt() ** 2 - 2)
