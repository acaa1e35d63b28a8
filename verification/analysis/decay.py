r"""SAM with weight decay in the descent only, as `torch.optim.SGD` applies it: its fixed points are not the loss's.

With kappa in the descent a step is w' = w - eta (grad l(w + rho grad l(w)) + kappa w). Its fixed point near a critical
point of l + kappa |w|^2/2 is found by Newton's method; the Jacobian there, I - eta (H(w^p)(I + rho H(w)) + kappa I),
decides. At the origin both points agree and claim weight-decay-descent gives the threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.analysis.clock import LATE, over
from saddlecheck.verification.analysis.dynamics import Floats, Landscape
from saddlecheck.verification.analysis.result import FlowWord, Point, Ruling

if TYPE_CHECKING:
    from saddlecheck.verification.analysis.settings import AnalysisSettings

NAME = "sam_decayed"
_ROUNDS, _EXACT, _MARGIN = 50, 1e-12, 1e-9


def bare_loss(loss: Loss, kappa: sp.Rational) -> Loss:
    """The loss without the term kappa |w|^2/2 that was added to it."""
    bare = sp.expand(loss.expr - kappa * sum(v**2 for v in loss.variables) / 2)
    return Loss(bare, loss.variables, domain=loss.domain)


def ruling(point: Point, bare: Landscape, settings: AnalysisSettings, deadline: float | None = None) -> Ruling:
    """What sam_decayed does at its own fixed point near `point`; undecided where time ran out."""
    claims = ("weight-decay-descent", "linear-discrete")
    if over(deadline):
        return Ruling("undecided", None, LATE, claims, certified=False)
    start = np.array(point.at)
    fixed = _fixed_point(start, bare, settings)
    if fixed is None:
        why = "no fixed point of its own was found near this one."
        return Ruling("undecided", None, why, claims, certified=False)
    rates = np.linalg.eigvals(_jacobian(fixed, bare, settings))
    moved = float(np.linalg.norm(fixed - start))
    where = "at this very point" if moved < _EXACT else f"at its own fixed point, {moved:.4g} away"
    size = float(np.max(np.abs(1 - settings.lr * rates)))
    flow: FlowWord = (
        "attracts" if np.all(rates.real > _MARGIN) else "repels" if np.any(rates.real < -_MARGIN) else "undecided"
    )
    # |1 - eta a| < 1 for a complex rate a means eta < 2 Re a / |a|^2.
    edge = float(np.min(2 * rates.real / np.abs(rates) ** 2)) if flow == "attracts" else None
    why = f"{where} the largest multiplier of a step is {size:.6g}."
    if abs(size - 1) < _MARGIN:
        return Ruling("undecided", edge, why, claims, flow, False)
    return Ruling("attracts" if size < 1 else "repels", edge, why, claims, flow, False)


def _fixed_point(start: Floats, bare: Landscape, settings: AnalysisSettings) -> Floats | None:
    w = start.copy()
    for _ in range(_ROUNDS):
        g = bare.gradient(w[:, None])
        field = bare.gradient(w[:, None] + settings.rho * g)[:, 0] + settings.weight_decay * w
        if np.linalg.norm(field) <= _EXACT * (1 + np.linalg.norm(w)):
            return w
        try:
            w = w - np.linalg.solve(_jacobian(w, bare, settings), field)
        except np.linalg.LinAlgError:
            return None
        if not np.all(np.isfinite(w)):
            return None
    return None


def _jacobian(w: Floats, bare: Landscape, settings: AnalysisSettings) -> Floats:
    identity, column = np.eye(len(w)), w[:, None]
    raised = column + settings.rho * bare.gradient(column)
    inner = identity + settings.rho * bare.hessian(column)[:, :, 0]
    return np.asarray(bare.hessian(raised)[:, :, 0] @ inner + settings.weight_decay * identity)
