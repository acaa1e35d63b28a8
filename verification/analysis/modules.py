"""`analyse` for a torch module with data: what the extremal eigenvalues of its Hessian say, and the gradient's noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from verification.analysis.result import Analysis, Point, Ruling
from verification.analysis.settings import Settings
from verification.analysis.stability import RULES

if TYPE_CHECKING:
    from nets.spectrum import Eigenpair, Spectrum

_NOISE_BAND = (0.5, 2.0)  # of variance over curvature, inside which |H|/B is called right
_NOISELESS = 1e-6  # of variance over curvature: what a training that has not quite come to rest may leave
_PLATEAU = 1e-2  # of |g| over the stiffest curvature: how far the nearest critical point may be


def analyse_module(model: Any, criterion: Any, data: Any, checkpoint: Any, settings: Settings) -> Analysis:
    from nets.landscape import gradient_norm, load_weights, noise_along
    from nets.spectrum import spectrum
    from nets.verdict import verdicts

    if checkpoint is not None:
        load_weights(model, checkpoint)
    training = model.training
    model.eval()
    try:
        value, gradient = gradient_norm(model, criterion, data)
        found = spectrum(model, criterion, data, k=2, seed=settings.seed)
        ends = {"lowest": found.lowest[0], "highest": found.highest[0]}
        noise = {name: noise_along(model, criterion, data, e.vector, e.value) for name, e in ends.items()}
    finally:
        model.train(training)
    words = verdicts(found, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    rulings = {
        n: Ruling(v.verdict, None, v.why, RULES[n].claims, certified=False)
        for n, v in words.items()
        if settings.optimisers is None or n in settings.optimisers
    }
    measured = {
        "weights": found.size,
        "loss": value,
        "gradient_norm": gradient,
        "products": found.products,
        **{f"{name}_eigenvalue": list(e.bracket) for name, e in ends.items()},
        **{f"noise_over_curvature_{name}": _finite(noise[name].ratio) for name in ends},
    }
    notes = tuple(_module_warnings(found, gradient, {name: noise[name].ratio for name in ends}, settings))
    point = Point(
        (), value, (found.lowest[0].value, found.highest[0].value), _kind(ends), _index(found), None, rulings, False
    )
    return Analysis(
        type(model).__name__, ("w",), (point,), (), False, notes, settings.to_dict(), ("Lanczos",), measured=measured
    )


def _module_warnings(found: Spectrum, gradient: float, ratios: dict[str, float], settings: Settings) -> Any:
    if not found.converged:
        yield f"The spectrum is not converged: {found.why}."
    top = found.highest[0].value
    if gradient > _PLATEAU * abs(top):
        yield (
            f"The gradient's norm is {gradient:.3g}, not 0: with curvature {top:.3g} the nearest critical point may be "
            f"{gradient / abs(top):.2g} away, and verdicts are about that one."
        )
    if found.lowest[0].bracket[1] < 0:
        yield (
            "SAM's threshold is set by the negative eigenvalue nearest to zero, which the ends of a spectrum do not "
            f"show; rho = {settings.rho:g} is enough for the lowest one beyond {-1 / found.lowest[0].value:.4g}."
        )
    low, high = _NOISE_BAND
    for name, ratio in ratios.items():
        if not low <= ratio <= high:
            yield (
                f"Along the {name} eigenvector the per-sample noise is {ratio:.3g} times |lambda|: covariance |H|/B, "
                f"on which Theorem 2's variances rest, fails here (claim eq23)."
            )
    if found.lowest[0].bracket[1] < 0 and ratios.get("lowest", 1.0) < _NOISELESS:
        yield (
            "No mini-batch noise leads out of this saddle along the lowest eigenvector, as where hidden units are "
            "alike (claim plateau-noise): no batch size makes SGD or SAM leave it sooner."
        )


def _kind(ends: dict[str, Eigenpair]) -> str:
    low, high = ends["lowest"].bracket, ends["highest"].bracket
    if low[0] > 0:
        return "minimum"
    if high[1] < 0:
        return "maximum"
    return "saddle" if low[1] < 0 < high[0] else "unknown"


def _index(found: Spectrum) -> int:
    """How many are certainly negative: a lower bound."""
    return sum(pair.bracket[1] < 0 for pair in found.lowest)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
