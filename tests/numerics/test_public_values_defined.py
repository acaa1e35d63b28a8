"""Every value of the literature against what defines it, at inner points and at the ends of its domain.

What defines a value is an equation that it solves, or a mean that is summed term by term, in 700 digits: 8 rho/(lr |g|)
may be 10^600 beside 1. None is the library's formula.
"""

import math
from functools import partial
from itertools import pairwise

import mpmath as mp
import pytest

from saddlecheck import numerics

# A formula takes at most about twenty operations, each rounded to 2^-53, and the differences in the points below, such
# as 2 - lr top, magnify an error at most about ten times.
ROUNDED = 200 * 2.0**-53


def solved(equation):
    """The zero, of those not negative the largest, of an equation of at most second degree."""
    none, one, minus = (equation(mp.mpf(x)) for x in (0, 1, -1))
    second, first = (one + minus) / 2 - none, (one - minus) / 2
    if abs(second) <= mp.eps * 1e6 * (abs(first) + abs(none)):  # the equation is linear, up to rounding
        return -none / first
    root = mp.sqrt(first**2 - 4 * second * none)
    return max((-first + root) / (2 * second), (-first - root) / (2 * second))


def edge(gradient, rho, lr):
    """A step along the top eigenvector, where |g| = L w, leads from w to -w."""
    return solved(lambda L: lr * L * (gradient + rho * L) - 2 * gradient)


def cycle(top, rho, lr, momentum):
    """A step leads from (c, -2c/lr) to -c."""
    return solved(lambda c: c - lr * (momentum * (-2 * c / lr) + top * (c + rho)) + c)


def drift(top, rho, lr, momentum):
    """Lr times what the buffer settles at, which is fed with half the square of the ascended weight."""
    fed = (cycle(top, rho, lr, momentum) + rho) ** 2 / 2
    return lr * solved(lambda v: momentum * v + fed - v)


def fraction(mu, theta):
    """The mean rate is 0."""
    return solved(lambda rho: (1 - theta) * -mu + theta * (-mu + rho * mu**2))


def every(mu, every, lr):
    """So many steps, the last one of SAM, keep w."""
    return solved(lambda rho: (1 + lr * mu) ** (every - 1) * (1 + lr * mu * (1 - rho * mu)) - 1)


def lookahead(mu, lr):
    """The ascended weight is the critical point, so that the step leads nowhere."""
    return solved(lambda rho: 1 + lr * mu - rho * mu)


def micro(m1, m2, m):
    """The mean step is 0: m of the m^2 pairs of draws are of one sample with itself."""
    return solved(lambda rho: m1 + rho * (m * m2 + m * (m - 1) * m1**2) / m**2)


def unified(lam, rho, lr, t):
    """A step leads from w > 0 to -w; along the gradient's unit vector the ascent has the sign of lam."""
    return solved(lambda w: w - lr * lam * (w + rho * ((1 - t) * lam * w + t * mp.sign(lam))) + w)


def noisy(mu, s, d):
    """The rate of the mean is 0; K_d goes from K_1 and K_2 up by (d + 1)/(d + 2) for two dimensions more."""
    K = mp.sqrt(2 / mp.pi) if d % 2 else mp.sqrt(mp.pi / 2) / 2
    for lower in range(2 - int(d % 2), int(d), 2):
        K *= mp.mpf(lower + 1) / (lower + 2)
    return solved(lambda rho: -mu + rho * K * mu**2 / s)


def steps(start, stop, rho, lr):
    """The sum over u = lr y^2 of 1/(fall a step), as an integral over halvings of u."""
    with mp.workdps(30):
        cuts = [start]
        while cuts[-1] > stop:
            cuts.append(max(stop, cuts[-1] / 2))
        return sum(mp.quad(lambda u: (2 - u) ** 2 / (8 * lr * rho**2 * u), [b, a]) for a, b in pairwise(cuts))


POINTS = {
    "sam_edge": (edge, "gradient rho lr", [(1, 1, 1), (1e-300, 1, 0.1), (2.5, 0.3, 0.7), (5, 0, 2), (0, 1, 1)]),
    "two_cycle": (cycle, "top rho lr momentum",
                  [(1, 1, 1, 0), (2, 0.5, 0.9, 0), (3, 0.1, 0.5, 0.9), (1, 0, 0.3, 0.5), (1e-9, 1, 1e8, 0)]),
    "valley_drift": (drift, "top rho lr momentum",
                     [(1, 0.1, 1, 0), (2, 0.5, 0.9, 0), (3, 0.1, 0.5, 0.9), (0.5, 1e-3, 3.5, 0.5), (1, 0, 1, 0)]),
    "fraction_threshold": (fraction, "mu theta", [(2, 0.25), (1, 1), (1e-5, 1e-5), (3, 0.999), (1e150, 1e-10)]),
    "fraction_threshold ": (every, "mu every lr", [(1, 2, 1), (1, 1, 0.3), (2, 10, 1e-3), (3, 1000, 1e-9), (1, 5, 9)]),
    "eg_sam_threshold": (lookahead, "mu lr", [(2, 0.25), (1, 1e-9), (1e-5, 100), (3, 0.1), (1e10, 5)]),
    "micro_batch_threshold": (micro, "m1 m2 m", [(-1, 4, 1), (-1, 1, 7), (-1, 4, 3), (-1e-3, 1, 1e6), (-3, 9.5, 2)]),
    "unified_cycle": (unified, "lam rho lr t",
                      [(1, 1, 1, 1), (1, 1, 0.5, 0.5), (-2, 3, 0.1, 0.5), (-1, 0.5, 0.3, 0), (1, 0, 1, 1)]),
    "noisy_threshold": (noisy, "mu s d", [(2, 1, 1), (2, 3, 2), (0.1, 1e-3, 9), (1e-300, 1e-300, 3), (1, 5, 40)]),
    "product_model_time": (steps, "start stop rho lr",
                           [(1, 0.5, 0.1, 0.1), (1.99, 0.01, 0.3, 0.2), (1, 1, 0.1, 1), (0.5, 0.49, 1e-2, 1),
                            (1e-3, 1e-30, 1, 1)]),
}  # fmt: skip


def close(found, expected, budget):
    return abs(mp.mpf(float(found)) - expected) <= budget * abs(expected)


@pytest.mark.parametrize(("name", "point"), [(name, p) for name, (*_, points) in POINTS.items() for p in points])
def test_a_value_is_what_defines_it(name, point):
    defined, names, _ = POINTS[name]
    with mp.workdps(700):
        expected = defined(*map(mp.mpf, point))
        found = getattr(numerics, name.strip())(**dict(zip(names.split(), point, strict=True)))
        assert close(found, expected, ROUNDED)
        assert expected == 0 or not close(found * (1 + 4 * ROUNDED), expected, ROUNDED)


@pytest.mark.parametrize(
    ("top", "lr", "momentum"), [(1, 0.5, 0), (2, 0.9, 0), (1, 1e-9, 0), (1, 2, 0.5), (3, 0.1, 0.9)]
)
def test_the_window_ends_where_the_force_across_the_cycle_is_0_and_where_it_throws_over(top, lr, momentum):
    found = numerics.capture_window(top=top, lr=lr, momentum=momentum)
    with mp.workdps(60):
        L, eta, beta = map(mp.mpf, (top, lr, momentum))
        ascent = 1 / (L * cycle(L, mp.mpf(1), eta, beta))  # rho/|g| for rho = 1

        def force(mu):
            return -mu + mu**2 * ascent

        assert close(found[0], solved(force), ROUNDED)
        assert close(found[1], solved(lambda mu: eta * force(mu) - 2 * (1 + beta)), ROUNDED)


LAWS = [
    ((1, -1), (0.5, 0.5)),
    ((2, -1, 0.5), (0.25, 0.5, 0.25)),
    ((1,), (1,)),
    ((0, 3), (0.75, 0.25)),
    ((-4, 1), (0.5, 0.5)),
]


@pytest.mark.parametrize(("values", "weights"), LAWS)
@pytest.mark.parametrize(("rho", "lr"), [(1.0, 0.5), (0.0, 0.25), (2.0, 0.125)])
def test_the_mean_square_is_the_sum_over_all_draws(values, weights, rho, lr):
    drawn = list(zip(values, weights, strict=True))
    mean = sum(p * h for h, p in drawn)
    sums = {
        "same": sum(p * (1 - lr * h * (1 + rho * h)) ** 2 for h, p in drawn),
        "independent": sum(p * q * (1 - lr * h * (1 + rho * up)) ** 2 for h, p in drawn for up, q in drawn),
        "full_ascent": sum(p * (1 - lr * h * (1 + rho * mean)) ** 2 for h, p in drawn),
    }
    moments = tuple(sum(p * h**j for h, p in drawn) for j in range(1, 5))
    # The numbers are dyadic and short, so that the sums are exact; the value is a difference of terms below 600.
    for batches, expected in sums.items():
        found = numerics.mean_square_rate(moments=moments, rho=rho, lr=lr, batches=batches)
        assert abs(found - expected) < 600 * 20 * 2.0**-53
        others = [numerics.mean_square_rate(moments=moments, rho=rho, lr=1.1 * lr, batches=batches)]
        assert all(abs(other - expected) > 1e-6 for other in others)


FLOORS = [([1, 2], 0.5, 0.25, 1), ([1], 0, 0.1, 2), (3, 0.2, 0.1, 0.5), ([-2, 1], 1, 0.3, 1), ([1, 2, 3], 0.1, 0.2, 0)]


@pytest.mark.parametrize(("eigenvalues", "rho", "lr", "s"), FLOORS)
def test_the_floor_is_where_a_step_keeps_the_mean_square(eigenvalues, rho, lr, s):
    def floor(mean_square):
        with mp.workdps(60):
            curvatures = eigenvalues if isinstance(eigenvalues, list) else [eigenvalues]
            return sum(lam * solved(partial(mean_square, lam=mp.mpf(lam))) / 2 for lam in curvatures)

    def kept(M, lam):  # E of the square of (w - lr lam w^p - lr s xi), w^p = w + rho (lam w + s xi)
        return (1 - lr * lam * (1 + rho * lam)) ** 2 * M + (lr * lam * rho * s + lr * s) ** 2 - M

    def balanced(M, lam):  # Ito: twice the drift against the square of the noise
        return -2 * lam * (1 + rho * lam) * M + lr * (s + rho * lam * s) ** 2

    for model, equation in (("algorithm", kept), ("sde", balanced)):
        found = numerics.usam_floor(eigenvalues=eigenvalues, rho=rho, lr=lr, s=s, model=model)
        assert close(found, floor(equation), ROUNDED)
    assert s == 0 or not close(numerics.usam_floor(eigenvalues=eigenvalues, rho=rho, lr=lr, s=s), floor(balanced), 0.01)


DENSITIES = [
    (0.3, 1, 0.5, 0.1, 1),
    (-0.7, 2, 0, 0.1, 0.5),
    (0.1, 1, 1e-6, 0.1, 1),
    (3.0, 1, 100, 0.1, 1),
    (1e-9, 3, 0.2, 0.3, 2),
]


@pytest.mark.parametrize(("x", "lam", "rho", "lr", "s"), DENSITIES)
def test_the_density_has_no_flux_and_the_mass_1(x, lam, rho, lr, s):
    given = {"lam": lam, "rho": rho, "lr": lr, "s": s}

    def drift_over_noise(y):
        return -lam * (y + rho) / (lr * (s * (1 + rho / y)) ** 2 / 2)

    with mp.workdps(15):
        # sigma^2 p/2 is C exp of the integral of drift over sigma^2/2, from the mode.
        mode = (rho * lr * s**2 / lam) ** (1 / 3) or s * math.sqrt(lr / lam)

        def density(y):
            return mp.exp(mp.quad(drift_over_noise, [mode, y])) / (s * (1 + rho / y)) ** 2

        width = s * math.sqrt(lr / lam)
        parts, widths = (0.01, 0.1, 0.3, 0.6, 1, 1.5, 2), (1, 2, 4, 8, 12)
        cuts = sorted({1e-12, *(mode * part for part in parts), *(2 * mode + width * n for n in widths)})
        mass = 2 * mp.quad(density, cuts)
        # What is left out below 1e-12 and far out is below e^-60; each quadrature errs by less than 1e-10.
        assert close(numerics.dnsam_density(x, **given), density(abs(x)) / mass, 1e-9)
        assert not close(numerics.dnsam_density(1.001 * x, **given), density(abs(x)) / mass, 1e-9)
