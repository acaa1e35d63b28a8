"""`analyse` for a torch module with data: the extremal eigenvalues of its Hessian and its gradient's noise.

Nothing here is certified: numbers are floats with measured residuals. A module's weights are a critical point only as
far as its gradient is small; where it is not, what was measured is reported and no point is listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from verification.analysis.result import Analysis, Point, Ruling
from verification.analysis.settings import Settings
from verification.analysis.stability import RULES

if TYPE_CHECKING:
    from nets.noise import Noise
    from nets.spectrum import Eigenpair, Spectrum

_NOISE_BAND = (0.5, 2.0)  # of variance over curvature, inside which |H|/B is called right
_NOISELESS = 1e-6  # of variance over curvature: what a training that has not quite come to rest may leave
_PLATEAU = 1e-2  # of |g| over the largest |lambda|: how far the nearest critical point may be, a weight
_DECREASE = 1e-4  # of the loss: what one gradient step of length 1/|lambda| may still gain at a critical point


def analyse_module(model: Any, criterion: Any, data: Any, checkpoint: Any, settings: Settings) -> Analysis:
    """What the two ends of the Hessian's spectrum say at a module's weights.

    Args:
        model: a torch module, used in the mode that it is in.
        criterion: (output, targets) -> scalar, a mean over the samples.
        data: one batch (inputs, targets) or a loader.
        checkpoint: a file with weights to be loaded first, or None.
        settings: of the optimisers.

    Raises:
        ValueError: there is no Hessian (train mode, a random loss, …), or two ways to compute it disagree.
    """
    from nets.landscape import load_weights
    from nets.noise import noise_along
    from nets.spectrum import spectrum

    if checkpoint is not None:
        load_weights(model, checkpoint)
    found = spectrum(model, criterion, data, k=2, seed=settings.seed)
    ends = {"lowest": found.lowest[0], "highest": found.highest[0]}
    noise = {name: noise_along(model, criterion, data, e.vector, e.value) for name, e in ends.items()}
    measured = {
        "weights": found.size,
        "loss": found.loss,
        "gradient_norm": found.gradient,
        "products": found.products,
        "converged": found.converged,
        **{f"{name}_bracket": list(e.bracket) for name, e in ends.items()},
        **{f"noise_over_curvature_{name}": None if n is None else _finite(n.ratio) for name, n in noise.items()},
    }
    notes = tuple(_notes(found, noise, settings))
    points = (_point(found, settings),) if _at_rest(found) else ()
    return Analysis(
        type(model).__name__, ("w",), points, (), False, notes, settings.to_dict(), ("Lanczos",), measured=measured
    )


def _point(found: Spectrum, settings: Settings) -> Point:
    from nets.verdict import verdicts

    words = verdicts(found, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    rulings = {
        n: Ruling(v.verdict, None, v.why, RULES[n].claims, certified=False)
        for n, v in words.items()
        if settings.optimisers is None or n in settings.optimisers
    }
    low, high = found.lowest[0], found.highest[0]
    kind, index = _kind(low, high) if found.converged else "unknown", _index(found)
    return Point((), found.loss, (low.value, high.value), kind, index, None, rulings, False)


def _stiffness(found: Spectrum) -> float:
    return max(abs(found.lowest[0].value), abs(found.highest[0].value))


def _at_rest(found: Spectrum) -> bool:
    """Whether the gradient is small beside the curvature, and one step of length 1/|lambda| gains next to nothing.

    To second order a step -g/|lambda| lowers the loss by |g|^2 / (2 |lambda|) at least, for |lambda| = ||H||.
    """
    gradient, stiffness = found.gradient, _stiffness(found)
    if gradient == 0.0:
        return True
    return gradient <= _PLATEAU * stiffness and gradient**2 <= 2 * stiffness * _DECREASE * abs(found.loss)


def _notes(found: Spectrum, noise: dict[str, Noise | None], settings: Settings) -> Iterator[str]:
    if found.check.startswith("central"):
        yield f"About the Hessian: {found.check}."
    if not found.converged:
        yield f"The spectrum is not converged: {found.why}."
    if not _at_rest(found):
        yield (
            f"The gradient's norm is {found.gradient:.3g} at a curvature of {_stiffness(found):.3g}: these weights are "
            "no critical point, so none is listed and no optimiser is judged; train on, or analyse a later checkpoint."
        )
    low_pair = found.lowest[0]
    if low_pair.bracket[1] < 0:
        yield (
            "SAM's threshold is set by the negative eigenvalue nearest to zero, which the ends of a spectrum do not "
            f"show; rho = {settings.rho:g} is enough for the lowest one found beyond {-1 / low_pair.value:.4g}."
        )
    low, high = _NOISE_BAND
    ratios = {name: n.ratio for name, n in noise.items() if n is not None}
    for name, ratio in ratios.items():
        if not low <= ratio <= high:
            yield (
                f"Along the {name} eigenvector the per-sample noise is {ratio:.3g} times |lambda|: covariance |H|/B, "
                f"on which Theorem 2's variances rest, fails here (claim eq23)."
            )
    if len(ratios) < len(noise):
        yield "The samples' own losses cannot be told apart, so the mini-batch noise was not measured."
    if low_pair.bracket[1] < 0 and ratios.get("lowest", 1.0) < _NOISELESS:
        yield (
            "No mini-batch noise leads out of this saddle along the lowest eigenvector, as where hidden units are "
            "alike (claim plateau-noise): no batch size makes SGD or SAM leave it sooner."
        )


def _kind(low: Eigenpair, high: Eigenpair) -> str:
    if low.bracket[0] > 0:
        return "minimum"
    if high.bracket[1] < 0:
        return "maximum"
    return "saddle" if low.bracket[1] < 0 < high.bracket[0] else "unknown"


def _index(found: Spectrum) -> int:
    """How many are certainly negative: a lower bound."""
    return sum(pair.bracket[1] < 0 for pair in found.lowest)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
