r"""Where SAM with noise settles: the loss that is left, DNSAM's density, and the multiplier of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks
from saddlecheck.numerics.certain import signs, values
from saddlecheck.numerics.checks import Floats, shown

BATCHES = ("same", "independent", "full_ascent")
MODELS = ("algorithm", "sde")


def mean_square_rate(*, moments: Sequence[ArrayLike], rho: ArrayLike, lr: ArrayLike, batches: str) -> Floats:
    r"""Multiplier of E w^2 a step, for SAM with a constant radius on a scalar quadratic with random curvature.

    The step is $w^p = w + \rho h' w$, $w' = w - \eta h w^p$, where h is the curvature of the mini-batch that descends
    and h' of the one that ascends: "same" h' = h, "independent" an independent copy, "full_ascent" h' = m_1. The
    multiplier is $E(1 - \eta h(1 + \rho h'))^2$:

        same          1 - 2 eta (m1 + rho m2)     + eta^2 (m2 + 2 rho m3 + rho^2 m4)
        independent   1 - 2 eta m1 (1 + rho m1)   + eta^2 m2 (1 + 2 rho m1 + rho^2 m2)
        full_ascent   1 - 2 eta m1 (1 + rho m1)   + eta^2 m2 (1 + rho m1)^2

    Claim `random-curvature-mean-square`.

    Args:
        moments: (m1, m2, m3, m4), raw moments of the mini-batch's curvature.
        rho: weight per gradient, >= 0.
        lr: learning rate, > 0.
        batches: one of these three.

    Returns:
        float64 of the broadcast shape, >= 0; the mean square grows where it is above 1.

    Raises:
        ValueError: outside these domains, or moments that no random number has.

    Example:
        >>> from saddlecheck.numerics import mean_square_rate
        >>> both = (0.0, 1.0, 0.0, 1.0)  # curvature +1 or -1
        >>> [float(mean_square_rate(moments=both, rho=1.0, lr=0.5, batches=b)) for b in ("same", "independent")]
        [0.5, 1.5]
    """
    chosen = checks.one_of("batches", batches, BATCHES)
    m1, m2, m3, m4 = _moments(moments)
    checks.agree(moments=m1 + m2 + m3 + m4, rho=rho, lr=lr)
    settings = m1, m2, m3, m4, checks.at_least("rho", rho, 0.0), checks.positive("lr", lr)

    def rate(m1: Any, m2: Any, m3: Any, m4: Any, rho: Any, eta: Any) -> Any:
        if chosen == "same":
            mean, square = m1 + rho * m2, m2 + 2 * rho * m3 + rho**2 * m4
        else:
            mean = m1 * (1 + rho * m1)
            second = m2 if chosen == "independent" else m1**2  # of the curvature that ascends
            square = m2 * (1 + 2 * rho * m1 + rho**2 * second)
        return (1 - eta * mean) ** 2 + eta**2 * (square - mean**2).max(arb(0))

    return values(rate, *settings)


def usam_floor(
    *, eigenvalues: ArrayLike, rho: ArrayLike, lr: ArrayLike, s: ArrayLike, model: str = "algorithm"
) -> Floats:
    r"""Stationary expected loss $E\sum_i \lambda_i w_i^2/2$ of SAM with a constant radius on a quadratic, with noise.

    The step is $w^p = w + \rho\,g_b(w)$, $w' = w - \eta\,g_b(w^p)$ with $g_b(w) = Hw + s\xi$, the same standard normal
    $\xi$ in both gradients. With $k = 1 + \rho\lambda$ it is $w' = (1 - \eta\lambda k)w - \eta k s\xi$ along an
    eigendirection, so that $E w^2 = \eta k s^2/(\lambda(2 - \eta\lambda k))$ and

        algorithm   sum of eta s^2 k/(2 (2 - eta lam k))
        sde         sum of eta s^2 k/4

    where the SDE is $dw = -\lambda k\,w\,dt + \sqrt\eta\,k s\,dW$, with the step's exact covariance. (With its first
    order in rho, $1 + 2\rho\lambda$ for $k^2$, each term would be $\eta s^2(1 + 2\rho\lambda)/(4k)$.) Claims
    `usam-loss-algorithm` and `usam-loss`.

    Args:
        eigenvalues: lam_i, shape (..., n); a scalar is one eigenvalue. The sum runs over the last axis, the other axes
            broadcast with the arguments below. A negative one, below -1/rho, is trapped, and its part is negative.
        rho: weight per gradient, >= 0.
        lr: learning rate, > 0.
        s: standard deviation of one coordinate of a mini-batch gradient, >= 0.
        model: "algorithm" for the steps, "sde" for the SDE.

    Returns:
        Loss, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains, or where there is no stationary law: that takes lam (1 + rho lam) > 0 for
            every eigenvalue, and for the algorithm lr lam (1 + rho lam) < 2.

    Example:
        >>> from saddlecheck.numerics import usam_floor
        >>> settings = {"eigenvalues": [1.0, 2.0], "rho": 0.5, "lr": 0.25, "s": 1.0}
        >>> float(usam_floor(**settings)), float(usam_floor(**settings, model="sde"))
        (0.36538461538461536, 0.21875)
    """
    chosen = checks.one_of("model", model, MODELS)
    curvature = np.atleast_1d(checks.finite("eigenvalues", eigenvalues))
    if not curvature.size:
        raise ValueError("eigenvalues is empty: give at least one")
    checks.agree(eigenvalues=curvature[..., 0], rho=rho, lr=lr, s=s)
    rates = (checks.at_least("rho", rho, 0.0), checks.positive("lr", lr), checks.at_least("s", s, 0.0))
    along = curvature, rates[0][..., None], rates[1][..., None]
    stable = signs(_drift, *along) > 0
    if chosen == "algorithm":
        stable &= signs(lambda *at: 2 - _drift(*at), *along) > 0
    if not np.all(stable):
        below, drift = " < 2" if chosen == "algorithm" else "", values(_drift, *along)
        raise ValueError(
            f"there is no stationary law unless 0 < lr lam (1 + rho lam){below} for all eigenvalues, got values from "
            f"{np.min(drift):g} to {np.max(drift):g}: choose another lr or rho"
        )

    def loss(rho: Any, eta: Any, s: Any, *eigenvalues: Any) -> Any:
        return sum(
            (eta * s**2 * (1 + rho * lam) / (2 * (2 - _drift(lam, rho, eta)) if chosen == "algorithm" else 4))
            for lam in eigenvalues
        )

    return values(loss, *rates, *np.moveaxis(curvature, -1, 0))


def _drift(lam: Any, rho: Any, eta: Any) -> Any:
    return eta * lam * (1 + rho * lam)


def dnsam_density(x: ArrayLike, *, lam: ArrayLike, rho: ArrayLike, lr: ArrayLike, s: ArrayLike) -> Floats:
    r"""Stationary density of DNSAM's SDE in one dimension, on a minimum of curvature lam.

    DNSAM divides a mini-batch's ascent by the norm of the full gradient: $w^p = w + \rho\,g_b/|g|$ with
    $g_b = \lambda w + s\xi$. Its SDE is $dx = -\lambda(x + \rho\,\mathrm{sign}\,x)dt + \sqrt\eta\,s(1 + \rho/|x|)dW$,
    in Itô's sense. The flux vanishes for

    .. math:: p(x) \propto \frac{x^2}{(|x|+\rho)^2}\exp\Bigl(-\kappa\Bigl(\frac{x^2}2 - \rho|x| +
        \rho^2\ln\bigl(1 + \tfrac{|x|}\rho\bigr)\Bigr)\Bigr),\qquad \kappa = \frac{2\lambda}{\eta s^2}.

    p is 0 at 0, its modes are $\pm(\rho\eta s^2/\lambda)^{1/3}$, and for rho = 0 it is the normal density of variance
    $1/\kappa$. The normalisation is a trapezoidal sum in ln x. Claims `dnsam-drift-density` and
    `dnsam-drift-mode`.

    Args:
        x: where the density is asked for.
        lam: curvature, > 0.
        rho: weight, >= 0.
        lr: learning rate, > 0.
        s: standard deviation of the mini-batch gradient, > 0.

    Returns:
        1/weight, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import dnsam_density
        >>> float(dnsam_density(0.0, lam=1.0, rho=0.5, lr=0.1, s=1.0))
        0.0
        >>> around = dnsam_density([-0.4, -0.36840314, -0.3], lam=1.0, rho=0.5, lr=0.1, s=1.0)  # the mode is 0.05^(1/3)
        >>> bool(around[1] > max(around[0], around[2]))
        True
    """
    checks.agree(x=x, lam=lam, rho=rho, lr=lr, s=s)
    curvature, radius = checks.positive("lam", lam), checks.at_least("rho", rho, 0.0)
    rate, noise = checks.positive("lr", lr), checks.positive("s", s)
    place = np.abs(checks.finite("x", x))
    # In units of 1/sqrt(kappa) rho is the only parameter of the mass.
    scaled = values(lambda rho, *rest: rho * _scale(*rest), radius, curvature, rate, noise)
    mass = np.asarray(_mass(np.minimum(scaled, _LARGE)))
    return values(_density, place, radius, mass, curvature, rate, noise)


_LARGE = 1e30  # from this r on the mass is 2/r, the integral of z^2/r^2 exp(-z^3/(3r)), but for a part of r^(-2/3)


def _scale(lam: Any, eta: Any, s: Any) -> Any:
    """sqrt(kappa)."""
    return (2 * lam / eta).sqrt() / s


def _density(x: Any, rho: Any, mass: Any, *rest: Any) -> Any:
    """The density at x >= 0; `mass` is that of `_unnormalised` with r, which is rho in units of 1/sqrt(kappa)."""
    scale = _scale(*rest)
    if rho * scale > _LARGE:
        mass = 2 / (rho * scale)
    if rho == 0:
        return scale * (-((x * scale) ** 2) / 2).exp() / mass
    exponent = scale**2 * (x**2 / 2 - rho * x + rho**2 * (x / rho).log1p())
    return scale * (x / (x + rho)) ** 2 * (-exponent).exp() / mass


def _unnormalised(z: Floats, r: Floats) -> Floats:
    """z^2/(z+r)^2 exp(-(z^2/2 - r z + r^2 ln(1 + z/r))) for z >= 0; 1 in front of the exponential where r is 0."""
    z, r = np.broadcast_arrays(z, r)
    with np.errstate(over="ignore"):  # to inf, as where r is 0
        q = np.divide(z, r, out=np.full(z.shape, np.inf), where=r > 0)
    # In q = z/r the exponent is r^2 (q^2/2 - q + ln(1+q)). For small q its first terms cancel: q^3/3 - q^4/4 + …
    # remains, 26 terms of which leave 4^-26 relatively.
    powers = np.arange(26)
    small = np.where(q < 0.25, q, 0.0)
    tail = r**2 * small**3 * np.polynomial.polynomial.polyval(small, (-1.0) ** powers / (powers + 3))
    finite = np.where(np.isfinite(q), q, 0.0)
    front = np.divide(z, z + r, out=np.ones(z.shape), where=r > 0)
    with np.errstate(over="ignore", under="ignore"):  # far out the density is 0
        exponent = np.where(q < 0.25, tail, z * (z / 2 - r) + r**2 * np.log1p(finite))
        return np.asarray(front**2 * np.exp(-exponent))


_STEP = (
    1 / 16
)  # of ln z. The integrand is analytic for |Im ln z| < pi/6, so the sum errs by exp(-2 pi (pi/6) 16) = 1e-23
_GRID = np.arange(-40.0, 3.0, _STEP)  # about ln W: below lies e^-40 of the mass, above the density is below e^-100


def _mass(r: Floats) -> Floats:
    """Integral of `_unnormalised` over the line."""
    width = np.cbrt(1 + 3 * r)  # the exponent is about z^2/2 for small r, z^3/(3r) for large
    z = width[..., None] * np.exp(_GRID)
    return np.asarray(2 * _STEP * np.sum(z * _unnormalised(z, r[..., None]), axis=-1))


def _moments(moments: Sequence[ArrayLike]) -> tuple[Floats, Floats, Floats, Floats]:
    """m1 to m4. Raises ValueError unless (h, h^2) can have the covariance that they give."""
    try:
        given = {f"m{j}": value for j, value in enumerate(moments, start=1)}
    except TypeError:
        given = {}
    if len(given) != 4:
        raise ValueError(f"moments must be (m1, m2, m3, m4), got {shown(moments)}: give all four")
    checks.agree(**given)
    m1, m2, m3, m4 = (checks.finite(f"moment {name}", value) for name, value in given.items())
    # Var h >= 0, Var h^2 >= 0, Cov(h, h^2)^2 <= their product: some random number has these moments, and only then.
    # The moments may be off by a few units in the last place; a constant curvature sits on all three borders.
    slack = 1 + arb(16 * np.finfo(float).eps)

    def var(low: Any, high: Any) -> Any:
        return high * slack - low**2

    def room(m1: Any, m2: Any, m3: Any, m4: Any) -> Any:
        return var(m1, m2) * var(m2, m4) * slack - (m3 - m1 * m2) ** 2

    borders = signs(var, m1, m2), signs(var, m2, m4), signs(room, m1, m2, m3, m4)
    if any(np.any(border < 0) for border in borders):
        raise ValueError(f"no random number has the moments {shown(moments)}: they need m2 >= m1^2 and so on")
    return m1, m2, m3, m4
