r"""What normalised SAM does about a minimum and along a valley: its 2-cycle, and what the cycle does to flatness.

The step is $w^p = w + \rho\,g(w)/|g(w)|$, $v' = \beta v + g(w^p)$, $w' = w - \eta v'$; rho is the normalised radius,
lr is $\eta$, momentum is $\beta$, and without momentum $v' = g(w^p)$. Each function takes scalars or arrays that
broadcast, and returns inf where the value exceeds the largest float.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks
from saddlecheck.numerics.certain import each, signs, value, values
from saddlecheck.numerics.checks import Floats, shown


def sam_edge(*, gradient: ArrayLike, rho: ArrayLike, lr: ArrayLike) -> Floats:
    r"""Largest top eigenvalue that normalised SAM can live with where the gradient has that norm.

    Along the top eigenvector, with the gradient along it too, a step multiplies w by $1 - \eta L (1 + \rho L/|g|)$,
    which is -1 at the positive root L of $\eta L (1 + \rho L/|g|) = 2$, that is at
    $(|g|/2\rho)(\sqrt{1 + 8\rho/(\eta|g|)} - 1)$. Claim `sam-edge`.

    Args:
        gradient: norm of the gradient, >= 0; at 0 the value is the limit, 0 unless rho is 0.
        rho: normalised radius, >= 0; at 0 the edge is gradient descent's, 2/lr.
        lr: learning rate, > 0.

    Returns:
        Curvature, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import sam_edge
        >>> float(sam_edge(gradient=1.0, rho=1.0, lr=1.0)), float(sam_edge(gradient=1.0, rho=0.0, lr=0.1))
        (1.0, 20.0)
    """
    checks.agree(gradient=gradient, rho=rho, lr=lr)
    norm, radius = checks.at_least("gradient", gradient, 0.0), checks.at_least("rho", rho, 0.0)
    return values(_edge, norm, radius, checks.positive("lr", lr))


def _edge(norm: Any, radius: Any, rate: Any) -> Any:
    if norm == 0:  # the limit
        return arb(0) if radius > 0 else 2 / rate
    # The root with its difference rationalised: nothing cancels.
    return 4 / (rate * (1 + (1 + 8 * radius / (rate * norm)).sqrt()))


def two_cycle(*, top: ArrayLike, rho: ArrayLike, lr: ArrayLike, momentum: ArrayLike = 0.0) -> Floats:
    r"""Half-width c of the 2-cycle $w = \pm c$ of normalised SAM on a minimum of curvature L.

    At w = c the ascent moves to $c + \rho$; the step leads to -c if $v' = 2c/\eta$, and v has alternated, so that
    $2c/\eta = -\beta\,2c/\eta + L(c + \rho)$: $c = \eta L\rho/(2(1+\beta) - \eta L)$. Claim `two-cycle-momentum`.

    It is reached without momentum, in one dimension, from every start but those that step onto 0 exactly, where the
    ascent has no direction; in more dimensions only the cycle along the top eigenvector attracts (if the eigenvalue is
    simple), and almost every start ends there (claim `two-cycle`). With momentum the cycle attracts a neighbourhood of
    its states (w, v) = (c, -2c/lr), for every lr below the bound. Orbits of longer periods may attract too and take the
    other starts, the more of them the larger the momentum: with momentum 0.9 and lr top = 0.01 nearly all.

    Args:
        top: L, curvature along the cycle, > 0.
        rho: normalised radius, >= 0.
        lr: learning rate, > 0, with lr top < 2 (1 + momentum): beyond there is no such cycle.
        momentum: of the heavy ball, in [0, 1).

    Returns:
        Weight, float64 of the broadcast shape.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import two_cycle
        >>> float(two_cycle(top=1.0, rho=1.0, lr=1.0)), float(two_cycle(top=1.0, rho=1.0, lr=1.0, momentum=0.5))
        (1.0, 0.5)
    """
    checks.agree(top=top, rho=rho, lr=lr, momentum=momentum)
    cycle = _below_the_bound(top, lr, momentum)
    return values(
        lambda L, eta, beta, rho: rho * eta * L / _slack(L, eta, beta), *cycle, checks.at_least("rho", rho, 0.0)
    )


def capture_window(*, top: ArrayLike, lr: ArrayLike, momentum: ArrayLike = 0.0) -> tuple[Floats, Floats]:
    r"""The mu for which the 2-cycle along curvature L attracts across a direction of curvature -mu, at a saddle.

    On the cycle the gradient has the norm Lc at both points, so that across it normalised SAM is SAM with the radius
    $\rho/(Lc) = (2(1+\beta) - \eta L)/(\eta L^2)$: a heavy ball of curvature
    $A = -\mu + \mu^2 (2(1+\beta) - \eta L)/(\eta L^2)$, which contracts if and only if $0 < \eta A < 2(1+\beta)$. The
    two inequalities are $\mu > \eta L^2/(2(1+\beta) - \eta L)$ and $\mu < 2(1+\beta)L/(2(1+\beta) - \eta L)$; rho drops
    out. Claim `two-cycle-capture`.

    Args:
        top: L, curvature along the cycle, > 0.
        lr: learning rate, > 0.
        momentum: of the heavy ball, in [0, 1).

    Returns:
        (smallest, largest) mu, the ends of an open interval, float64 of the broadcast shape; both nan where there is no
        cycle, which is for lr top >= 2 (1 + momentum).

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import capture_window
        >>> [float(end) for end in capture_window(top=1.0, lr=0.5)]  # 1/3 and 4/3
        [0.3333333333333333, 1.3333333333333333]
    """
    checks.agree(top=top, lr=lr, momentum=momentum)
    cycle = _cycle(top, lr, momentum)
    exists = signs(_slack, *cycle)

    def end(numerator: Callable[..., Any]) -> Floats:
        def at(side: float, *settings: float) -> float:
            L, eta, beta = map(arb, settings)
            return value(lambda: L * numerator(L, eta, beta) / _slack(L, eta, beta)) if side > 0 else math.nan

        return each(at, exists, *cycle)

    return end(lambda L, eta, _: eta * L), end(lambda _, __, beta: 2 * (1 + beta))


def valley_drift(*, top: ArrayLike, rho: ArrayLike, lr: ArrayLike, momentum: ArrayLike = 0.0) -> Floats:
    r"""The c of the displacement $-c\,\nabla l_1$ a step along a valley of minima, l_1 being its top eigenvalue.

    Across the valley SAM circles in the 2-cycle, and meets the gradient at $\pm(c_1 + \rho)$ with $c_1$ of `two_cycle`;
    the gradient along the valley there is $(c_1 + \rho)^2\nabla l_1/2$, the same at both points, so that the heavy ball
    sums it to $1/(1-\beta)$ of itself:
    $c = \frac{\eta}{2(1-\beta)}\Bigl(\frac{2(1+\beta)\rho}{2(1+\beta) - \eta L}\Bigr)^2$.
    This is the leading order in rho, exact in lr; the next one is smaller by rho^2. For lr -> 0 without momentum it is
    $\eta\rho^2/2$. Claims `two-cycle-drift-exact` and
    `two-cycle-drift-momentum`.

    Args:
        top: L, the top eigenvalue, > 0.
        rho: normalised radius, >= 0.
        lr: learning rate, > 0, with lr top < 2 (1 + momentum).
        momentum: of the heavy ball, in [0, 1).

    Returns:
        Weight^4 per loss, float64 of the broadcast shape; the mean over the two steps of the cycle, once v has settled.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import valley_drift
        >>> float(valley_drift(top=1.0, rho=0.1, lr=1.0))  # 2 lr rho^2/(2 - lr top)^2
        0.020000000000000004
    """
    checks.agree(top=top, rho=rho, lr=lr, momentum=momentum)
    cycle = _below_the_bound(top, lr, momentum)
    return values(_drift, *cycle, checks.at_least("rho", rho, 0.0))


def _drift(L: Any, eta: Any, beta: Any, rho: Any) -> Any:
    reach = 2 * (1 + beta) * rho / _slack(L, eta, beta)  # of the ascended weight, from the valley
    return eta / (2 * (1 - beta)) * reach**2


def product_model_time(*, start: ArrayLike, stop: ArrayLike, rho: ArrayLike, lr: ArrayLike) -> Floats:
    r"""Steps of normalised SAM on l(xy), l''(0) = 1, while lr y^2 falls from start to stop, leading order in rho.

    The valley is x = 0, its top eigenvalue y^2 and the drift that of `valley_drift`. So $u = \eta y^2$ falls by
    $8\eta\rho^2 u/(2-u)^2$ a step, which sums to
    $\bigl(4\ln(u_0/u_1) - 4(u_0 - u_1) + (u_0^2 - u_1^2)/2\bigr)/(8\eta\rho^2)$. Claim `dai-product-time`.

    Args:
        start: lr y^2 at the first step, in (0, 2).
        stop: lr y^2 at the last, in (0, start].
        rho: normalised radius, > 0.
        lr: learning rate, > 0.

    Returns:
        Steps, float64 of the broadcast shape, no whole number.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import product_model_time
        >>> round(float(product_model_time(start=1.0, stop=0.5, rho=0.1, lr=0.1)), 3)
        143.449
    """
    checks.agree(start=start, stop=stop, rho=rho, lr=lr)
    first, last = checks.positive("start", start), checks.positive("stop", stop)
    radius, rate = checks.positive("rho", rho), checks.positive("lr", lr)
    if np.any(first >= 2):
        raise ValueError(f"start must be below 2, got {shown(start)}: at lr y^2 >= 2 normalised SAM has no 2-cycle")
    if np.any(last > first):
        raise ValueError(f"stop must not exceed start, got {shown(stop)} and {shown(start)}: lr y^2 only falls")
    return values(_time, first, last, radius, rate)


def _time(first: Any, last: Any, radius: Any, rate: Any) -> Any:
    if first == last:
        return arb(0)
    return (4 * (first / last).log() - 4 * (first - last) + (first**2 - last**2) / 2) / (8 * rate * radius**2)


def unified_cycle(*, lam: ArrayLike, rho: ArrayLike, lr: ArrayLike, t: ArrayLike) -> Floats:
    r"""Half-width in one dimension of the 2-cycle of SAM with the ascent $w^p = w + \rho(1 - t + t/|g|)g$.

    t = 0 is the constant radius, t = 1 the normalised one; $w' = w - \eta g(w^p)$. On $\lambda w^2/2$ a step from w > 0
    leads to $(1 - A)w - \eta|\lambda|\rho t$ with $A = \eta\lambda(1 + (1-t)\rho\lambda)$, so that it leads to -w at
    $w = \eta|\lambda|\rho t/(2 - A)$. The cycle attracts if and only if A > 0: at a minimum always, at a maximum for
    $(1-t)\rho|\lambda| > 1$ only; otherwise it is a cycle that repels, within the band that captures. Claims
    `unified-cycle` and `unified-capture`.

    Args:
        lam: curvature of either sign, not 0.
        rho: radius of both parts, >= 0.
        lr: learning rate, > 0, with A < 2: beyond there is no such cycle.
        t: weight of the normalised part, in [0, 1].

    Returns:
        Weight, float64 of the broadcast shape; 0 for t = 0, where nothing is circled.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import unified_cycle
        >>> float(unified_cycle(lam=1.0, rho=1.0, lr=1.0, t=1.0)), float(unified_cycle(lam=1.0, rho=1.0, lr=0.5, t=0.5))
        (1.0, 0.2)
    """
    checks.agree(lam=lam, rho=rho, lr=lr, t=t)
    curvature, radius = checks.finite("lam", lam), checks.at_least("rho", rho, 0.0)
    rate, weight = checks.positive("lr", lr), checks.at_least("t", t, 0.0)
    if np.any(curvature == 0):
        raise ValueError(f"lam must not be 0, got {shown(lam)}: without curvature there is no gradient to ascend")
    if np.any(weight > 1):
        raise ValueError(f"t must lie in [0, 1], got {shown(t)}: it is the weight of the normalised part")
    settings = curvature, radius, rate, weight
    if np.any(signs(_unified_slack, *settings) <= 0):
        raise ValueError(
            f"there is no 2-cycle unless lr lam (1 + (1 - t) rho lam) < 2, got lr = {shown(lr)}, lam = {shown(lam)}, "
            f"rho = {shown(rho)}, t = {shown(t)}: choose a smaller lr"
        )
    return values(lambda *at: at[2] * abs(at[0]) * at[1] * at[3] / _unified_slack(*at), *settings)


def _unified_slack(lam: Any, rho: Any, lr: Any, t: Any) -> Any:
    """2 - A."""
    return 2 - lr * lam * (1 + (1 - t) * rho * lam)


def _slack(top: Any, lr: Any, momentum: Any) -> Any:
    """2(1 + beta) - eta L, positive where there is a 2-cycle."""
    return 2 * (1 + momentum) - lr * top


def _cycle(top: ArrayLike, lr: ArrayLike, momentum: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """The values L, eta and beta, checked."""
    return checks.positive("top", top), checks.positive("lr", lr), checks.momentum(momentum, "momentum")


def _below_the_bound(top: ArrayLike, lr: ArrayLike, momentum: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """The values L, eta and beta. Raises ValueError where there is no 2-cycle."""
    cycle = _cycle(top, lr, momentum)
    if np.any(signs(_slack, *cycle) <= 0):
        raise ValueError(
            f"there is no 2-cycle unless lr top < 2 (1 + momentum), got lr = {shown(lr)}, top = {shown(top)}, "
            f"momentum = {shown(momentum)}: choose a smaller lr"
        )
    return cycle
