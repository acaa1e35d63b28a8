r"""AdamW's own rest point beside a critical point, and whether it attracts.

At rest m = g and v = g^2, so a step stays where kappa w_i (|g_i| + epsilon) = -g_i for each i. Then g_i and w_i have
opposite signs and g_i (1 - kappa |w_i|) + kappa epsilon w_i = 0, which has a derivative (claim adamw-rest-point): the
point is epsilon kappa w/lambda away from the critical one, is the critical one where w or kappa is 0, and there is
none where kappa |w_i| >= 1, for a step then undoes less than the decay. With s = sqrt(v) and D = |g| + epsilon the
step's derivative in (w, m, s) is

    dm' = beta1 dm + (1 - beta1) J dw,    ds' = beta2 ds + (1 - beta2) sign(g) J dw,
    dw' = (1 - lr kappa) dw - lr/D dm' + lr g/D^2 ds'.

Where g_i = 0, v_i has no part in the first order (`saddlecheck.theory.optimisers.bases`), as its factor here is 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.optimisers.bases import Adam, Base
from saddlecheck.verification.analysis.dynamics import Floats, Surface
from saddlecheck.verification.analysis.own import one_by_one
from saddlecheck.verification.analysis.own_ruling import derivative
from saddlecheck.verification.analysis.result import FlowWord, Ruling
from saddlecheck.verification.analysis.settings import AnalysisSettings

_ROUNDS, _SETTLED, _MARGIN = 50, 1e-9, 1e-9
_DOUBLINGS, _HALVINGS = 120, 60


def place(rule: Optimiser, base: Adam, surface: Surface, near: Floats, settings: AnalysisSettings) -> Floats | None:
    """The rest point, shape (n,), by Newton's method from a critical point; None where there is none near it."""
    kappa, eps, w = base.decay, base.eps, near.copy()
    direction = one_by_one(rule, surface, settings.rho)
    for _ in range(_ROUNDS):
        found = derivative(rule, surface, w, settings.rho)
        if found is None or np.any(kappa * np.abs(w) >= 1):
            return None
        g, kept = direction(w), 1 - kappa * np.abs(w)
        slope = kept[:, None] * found.matrix + np.diag(kappa * eps - kappa * np.sign(w) * g)
        try:
            change = np.linalg.solve(slope, g * kept + kappa * eps * w)
        except np.linalg.LinAlgError:
            return None
        w = w - change
        if not np.all(np.isfinite(w)) or np.linalg.norm(w - near) > _near(near, slope, kappa * eps):
            return None
        if np.linalg.norm(change) <= _SETTLED * np.linalg.norm(w - near) + 1e-15 * np.linalg.norm(w):
            return w
    return None


def _near(at: Floats, slope: Floats, shift: float) -> float:
    """How far away the point may lie: ten times its distance on the quadratic part."""
    return 10 * float(np.linalg.norm(np.linalg.solve(slope, shift * at))) + 1e-12 * (1 + float(np.linalg.norm(at)))


def ruling(rule: Optimiser, base: Adam, surface: Surface, at: Floats, settings: AnalysisSettings, lr: float) -> Ruling:
    """What AdamW does at its rest point near `at`; undecided where it has none."""
    if derivative(rule, surface, at, settings.rho) is None:
        why = "the rule has no derivative at the point, so only its own runs say what it does."
        return Ruling("undecided", None, why, rule.claims, certified=False)
    rest = place(rule, base, surface, at, settings)
    found = None if rest is None else derivative(rule, surface, rest, settings.rho)
    if rest is None or found is None:
        why = f"{base.title} has no rest point near this one, where its decay and its step balance."
        return Ruling("undecided", None, why, rule.claims, certified=False)
    g = np.where(rest == 0, 0.0, one_by_one(rule, surface, settings.rho)(rest))
    moving = linear(base, found.matrix, g)
    D = np.abs(g) + base.eps
    rates = np.linalg.eigvals(np.diag(np.full(len(g), base.decay)) + (base.eps / D**2)[:, None] * found.matrix)
    slack = _MARGIN * float(np.max(np.abs(rates)))
    flow: FlowWord = (
        "attracts" if np.all(rates.real > slack) else "repels" if np.any(rates.real < -slack) else "undecided"
    )
    edge = _edge(lambda eta: _largest(moving(eta)), 1 / float(np.max(np.abs(rates)))) if flow == "attracts" else None
    size, moved = _largest(moving(lr)), float(np.linalg.norm(rest - at))
    where = "at this very point" if moved == 0 else f"at its own rest point, {moved:.4g} away"
    why = f"numerical: {where} the largest multiplier of a step is {size:.6g}"
    why += f", and it rests there below lr = {edge:.6g}." if edge is not None else "."
    if abs(size - 1) <= _MARGIN:
        return Ruling("undecided", edge, why, rule.claims, flow, certified=False)
    return Ruling("attracts" if size < 1 else "repels", edge, why, rule.claims, flow, certified=False)


def linear(base: Base, J: Floats, g: Floats) -> Callable[[float], Floats]:
    """Learning rate to the step's derivative at a rest point, that of v's own memory left out where g is 0.

    Args:
        base: one that rests.
        J: derivative of the rule, shape (n, n).
        g: the rule's direction there, shape (n,).

    Returns:
        A function whose values have the shape (2 n + k, 2 n + k), k entries of g being other than 0.
    """
    assert base.rest is not None
    b1, b2 = getattr(base, "betas", (base.rest.momentum, getattr(base, "alpha", 0.0)))
    D, n = np.abs(g) + base.rest.epsilon, len(g)
    moved = np.flatnonzero(g)  # where v has a part in it
    signed = np.sign(g)[moved, None]

    def derivative_of_step(lr: float) -> Floats:
        memory = np.hstack([(1 - b1) * J, b1 * np.eye(n), np.zeros((n, len(moved)))])
        spread = np.hstack([(1 - b2) * signed * J[moved], np.zeros((len(moved), n)), b2 * np.eye(len(moved))])
        back = np.zeros((n, len(moved)))
        back[moved, np.arange(len(moved))] = (lr * g / D**2)[moved]
        weights = np.hstack([(1 - lr * base.decay) * np.eye(n), np.zeros((n, n + len(moved)))])
        weights = weights - (lr / D)[:, None] * memory + back @ spread
        return np.vstack([weights, memory, spread])

    return derivative_of_step


def _largest(matrix: Floats) -> float:
    return float(np.max(np.abs(np.linalg.eigvals(matrix))))


def _edge(size: Callable[[float], float], scale: float) -> float | None:
    """The end of the learning rates from 0 on at which it attracts, looked for by doubling, then by bisection."""
    low, high = 0.0, 1e-6 * scale
    for _ in range(_DOUBLINGS):
        if size(high) >= 1:
            break
        low, high = high, 2 * high
    else:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if size(middle) >= 1 else (middle, high)
    return low or None
