r"""What mini-batch noise does: the stationary variance where a point attracts, the escape time where it repels.

The noise is the paper's (23): each mini-batch gradient has covariance |H|/B, and SAM uses one mini-batch for both of
its gradients. Variances are those of the discrete algorithm; the escape time is that of its limit
dw = -a w dt + sqrt(2D) dW, from 0 to |w| = R along the direction that leaves fastest (claim exit-time).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from saddlecheck.theory.papers.kim.diffusion.variance_laws import GAINS, RATES, Law
from saddlecheck.theory.symbols import lam, rho
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import Rule

VARIANCE_CLAIMS, ESCAPE_CLAIMS = ("discrete-laws", "discrete-stationary"), ("exit-time",)
_LAWS: dict[str, Law] = {"gd": "sgd", "sam": "same_batch", "heavy_ball": "sgd", "heavy_ball_sam": "same_batch"}


def stationary_variance(rule: Rule, spectrum: Sequence[float], settings: AnalysisSettings) -> float | None:
    """E |w - d|^2 in the long run, weight^2, on the quadratic part; None without a batch or a law for this rule."""
    from saddlecheck.numerics.exact_moments import discrete_variance

    law = _LAWS.get(rule.id)
    if settings.batch is None or law is None:
        return None
    gamma = 0.0 if rule.optimiser.momentum is None else settings.momentum
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


def escape_time(rule: Rule, spectrum: Sequence[float], settings: AnalysisSettings) -> float | None:
    """Mean number of steps to |w - d| = radius along the direction with the most negative rate; None if not known."""
    from saddlecheck.numerics.closed_form import exit_time

    law = _LAWS.get(rule.id)
    if settings.batch is None or law is None or (rule.optimiser.momentum is not None and settings.momentum > 0):
        return None
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
