r"""What additive mini-batch noise does: the stationary variance where a point attracts, the escape time elsewhere.

The noise is the paper's (23): each mini-batch gradient has covariance |H|/B, and SAM uses one mini-batch for both of
its gradients. Variances are those of the discrete algorithm; the escape time is that of its limit
dw = -a w dt + sqrt(2D) dW, from 0 to |w| = R along the direction that leaves fastest (claim exit-time).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy as sp

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import lam, rho
from saddlecheck.verification.analysis.settings import AnalysisSettings

if TYPE_CHECKING:
    from saddlecheck.theory.papers.kim.diffusion.variance_laws import Law

# The formulas are imported where they are used: an analysis without a batch size needs none of them.
VARIANCE_CLAIMS, ESCAPE_CLAIMS = ("discrete-laws", "discrete-stationary"), ("exit-time",)
_LAWS: tuple[Law, ...] = ("sgd", "same_batch")


def law_of(rule: Optimiser) -> Law | None:
    """The law of its noise: that with its rate; none for Nesterov's momentum, nor where no claim gives one."""
    from saddlecheck.theory.papers.kim.diffusion.variance_laws import RATES

    response = rule.force.response
    if response is None or response.q != 0 or rule.lookahead:
        return None
    return next((law for law in _LAWS if sp.expand(RATES[law] - response.p) == 0), None)


def stationary_variance(rule: Optimiser, spectrum: Sequence[float], settings: AnalysisSettings) -> float | None:
    """E |w - d|^2 in the long run, weight^2, on the quadratic part; None without a batch or a law for this rule."""
    if settings.batch is None or settings.noise != "additive" or (law := law_of(rule)) is None:
        return None
    from saddlecheck.numerics.exact_moments import discrete_variance

    gamma = 0.0 if rule.momentum is None else settings.momentum
    radius = settings.rho if law == "same_batch" else 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return float(
                sum(
                    discrete_variance(
                        law, lam=e, rho=radius, eta=settings.lr, batch=settings.batch, n=math.inf, gamma=gamma
                    )
                    for e in spectrum
                    if e != 0
                )
            )
    except (ValueError, RuntimeWarning):
        return None  # on the edge itself, or too near for floats: no stationary law


def escape_time(rule: Optimiser, spectrum: Sequence[float], settings: AnalysisSettings) -> float | None:
    """Mean number of steps to |w - d| = radius along the direction with the most negative rate; None if not known."""
    if settings.batch is None or settings.noise != "additive" or (rule.momentum is not None and settings.momentum > 0):
        return None
    if (law := law_of(rule)) is None:
        return None
    from saddlecheck.numerics.closed_form import exit_time
    from saddlecheck.theory.papers.kim.diffusion.variance_laws import GAINS, RATES

    radius = settings.rho if law == "same_batch" else 0.0
    rates = {e: float(RATES[law].subs({lam: e, rho: radius})) for e in spectrum}
    slowest = min(rates, key=lambda e: rates[e])
    if rates[slowest] >= 0:
        return None
    gain = float(GAINS[law].subs({lam: slowest, rho: radius}))
    diffusion = settings.lr * abs(slowest) / (2 * settings.batch) * gain
    if diffusion == 0:
        return None  # rho = 1/mu freezes the noise of one mini-batch: nothing starts the escape
    return float(exit_time(rate=rates[slowest], diffusion=diffusion, radius=settings.radius)) / settings.lr
