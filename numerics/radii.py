r"""Radii from which a direction of negative curvature no longer lets SAM go, for ascents other than the plain one.

With the constant radius $w^p = w + \rho g$ and exact gradients the radius is $1/\mu$ for curvature $-\mu$. Each
function takes scalars or arrays that broadcast, and returns inf where the value exceeds the largest float.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks
from saddlecheck.numerics.certain import signs, values
from saddlecheck.numerics.checks import Floats, shown


def noisy_threshold(*, mu: ArrayLike, s: ArrayLike, d: ArrayLike = 1) -> Floats:
    r"""Radius from which mini-batch normalised SAM no longer leaves a direction of curvature -mu on average, small lr.

    The step is $w^p = w + \rho\,g_b(w)/|g_b(w)|$, $w' = w - \eta\,g_b(w^p)$ with $g_b(w) = Hw + s\xi$, the same
    standard normal $\xi$ in d dimensions in both. Near the saddle the mean of $g_b/|g_b|$ is $K_d Hw/s$ with
    $K_d = (1 - 1/d)\,E[1/|\xi|] = \Gamma(\frac{d+1}2)/(\sqrt2\,\Gamma(\frac d2 + 1))$, in one dimension
    $\sqrt{2/\pi}$. So the mean moves at the rate $-(\lambda + \rho K_d\lambda^2/s)$, which for $\lambda = -\mu$ is
    negative beyond $\rho = s/(\mu K_d)$. In high dimension this is $s\sqrt d/\mu$: the constant radius
    $\rho/|g_b|$ at $1/\mu$. Claims `sam-drift-threshold` and `sam-drift-dimension`.

    Args:
        mu: size of the negative eigenvalue, > 0.
        s: standard deviation of one coordinate of a mini-batch gradient, >= 0.
        d: dimension of the noise, a whole number >= 1.

    Returns:
        Weight, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> import math
        >>> from saddlecheck.numerics import noisy_threshold
        >>> math.isclose(noisy_threshold(mu=2.0, s=1.0), math.sqrt(math.pi / 2) / 2, rel_tol=1e-15)
        True
    """
    checks.agree(mu=mu, s=s, d=d)
    curvature, noise, size = checks.positive("mu", mu), checks.at_least("s", s, 0.0), _whole("d", d)

    def threshold(d: Any, s: Any, mu: Any) -> Any:
        # 1/K_d = sqrt(2) Gamma(d/2 + 1)/Gamma(d/2 + 1/2)
        return arb(2).sqrt() * ((d / 2 + 1).lgamma() - ((d + 1) / 2).lgamma()).exp() * s / mu

    return values(threshold, size, noise, curvature)


def micro_batch_threshold(*, m1: ArrayLike, m2: ArrayLike, m: ArrayLike = 1) -> Floats:
    r"""Constant radius from which m-SAM with random curvature no longer leaves on average.

    The batch is split into micro-batches of m samples, drawn with replacement, each with an ascent of its own:
    $w' = w - \eta\,\overline{h_b(1 + \rho h_b)}\,w$, where $h_b$ is the mean of m curvatures. As
    $E h_b = m_1$ and $E h_b^2 = m_1^2 + (m_2 - m_1^2)/m$, the mean shrinks beyond
    $\rho = -m_1/(m_1^2 + (m_2 - m_1^2)/m)$, for every batch size and, up to $|1-\eta a| < 1$, every lr.
    Claim `msam-drift-threshold`.

    Args:
        m1: mean of one sample's curvature, < 0.
        m2: mean of its square, >= m1^2.
        m: samples in a micro-batch, a whole number >= 1.

    Returns:
        Weight per gradient, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import micro_batch_threshold
        >>> micro_batch_threshold(m1=-1.0, m2=4.0, m=[1, 3]).tolist()
        [0.25, 0.5]
    """
    checks.agree(m1=m1, m2=m2, m=m)
    mean, square, size = checks.finite("m1", m1), checks.finite("m2", m2), _whole("m", m)
    if np.any(mean >= 0):
        raise ValueError(f"m1 must be < 0, got {shown(m1)}: where the mean curvature is not negative nothing leaves")
    rounding = 4 * np.finfo(float).eps  # equality may have been rounded
    if np.any(signs(lambda m1, m2: m2 * (1 + arb(rounding)) - m1**2, mean, square) < 0):
        raise ValueError(f"m2 must be >= m1^2, got {shown(m2)} and m1 = {shown(m1)}: a mean square is never below it")
    return values(lambda m1, m2, m: -m1 / (m1**2 + (m2 - m1**2).max(arb(0)) / m), mean, square, size)


def fraction_threshold(
    *, mu: ArrayLike, theta: ArrayLike | None = None, every: ArrayLike | None = None, lr: ArrayLike | None = None
) -> Floats:
    r"""Constant radius from which a direction of curvature -mu traps if only some of the steps are SAM's.

    A random fraction theta of the steps, in the flow: the rate is
    $-(1-\theta)\mu - \theta\mu(1-\rho\mu)$, positive beyond $1/(\theta\mu)$. Every k-th step, in the map: k steps
    multiply by $(1+\eta\mu)^{k-1}(1 + \eta\mu - \eta\rho\mu^2)$, which is below 1 beyond
    $\rho = \bigl(1 + \eta\mu - (1+\eta\mu)^{1-k}\bigr)/(\eta\mu^2)$ (and above -1 up to the same with a plus sign
    before the power). For $\eta \to 0$ this is $k/\mu$. Claims `looksam` and
    `looksam-every`.

    Args:
        mu: size of the negative eigenvalue, > 0.
        theta: fraction of the steps, in (0, 1].
        every: k, a whole number >= 1.
        lr: learning rate, > 0; given with `every` and with nothing else.

    Returns:
        Weight per gradient, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains; unless exactly one of theta and every is given, every together with lr.

    Example:
        >>> from saddlecheck.numerics import fraction_threshold
        >>> float(fraction_threshold(mu=2.0, theta=0.25)), float(fraction_threshold(mu=1.0, every=2, lr=1.0))
        (2.0, 1.5)
    """
    curvature = checks.positive("mu", mu)
    if theta is not None and every is None and lr is None:
        checks.agree(mu=mu, theta=theta)
        part = checks.positive("theta", theta)
        if np.any(part > 1):
            raise ValueError(f"theta must lie in (0, 1], got {shown(theta)}: it is a fraction of the steps")
        return values(lambda theta, mu: 1 / (theta * mu), part, curvature)
    if theta is None and every is not None and lr is not None:
        checks.agree(mu=mu, every=every, lr=lr)
        return values(_every, checks.positive("lr", lr), curvature, _whole("every", every))
    raise ValueError(
        f"give theta alone (the flow) or every with lr (the map), "
        f"got theta = {shown(theta)}, every = {shown(every)}, lr = {shown(lr)}"
    )


def _every(lr: Any, mu: Any, k: Any) -> Any:
    step = lr * mu
    shrink = -((1 - k) * step.log1p()).expm1()  # 1 - (1 + eta mu)^(1-k)
    return (1 + shrink / step) / mu


def eg_sam_threshold(*, mu: ArrayLike, lr: ArrayLike) -> Floats:
    r"""Constant radius from which the ascent after a lookahead, $w^p = w - \eta g + \rho g$, no longer leaves.

    $w' = w - \eta g(w^p)$ has the rate $\lambda(1 + (\rho-\eta)\lambda)$ along an eigendirection: SAM's with the
    radius $\rho - \eta$. For $\lambda = -\mu$ it is positive beyond $1/\mu + \eta$. Claims `eg-sam` and
    `eg-sam-map`.

    Args:
        mu: size of the negative eigenvalue, > 0.
        lr: learning rate, > 0.

    Returns:
        Weight per gradient, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import eg_sam_threshold
        >>> float(eg_sam_threshold(mu=2.0, lr=0.25))
        0.75
    """
    checks.agree(mu=mu, lr=lr)
    return values(lambda mu, lr: 1 / mu + lr, checks.positive("mu", mu), checks.positive("lr", lr))


def _whole(name: str, value: ArrayLike) -> Floats:
    """`value` as float64. Raises ValueError unless every entry is a whole number >= 1."""
    array = checks.at_least(name, value, 1.0)
    if np.any(array != np.floor(array)):
        raise ValueError(f"{name} must be a whole number, got {shown(value)}: it counts")
    return array
