"""`analyse` for a torch module with data: the extremal eigenvalues of its Hessian and its gradient's noise.

Nothing here is certified: numbers are floats with measured residuals. A module's weights are a critical point only as
far as its gradient is small; where it is not, what was measured is reported and no point is listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.result import Findings, Kind, Point
from saddlecheck.verification.analysis.settings import AnalysisSettings

if TYPE_CHECKING:
    from saddlecheck.nets.lanczos import Eigenpair, Spectrum
    from saddlecheck.nets.noise import Noise

_NOISE_BAND = (0.5, 2.0)  # of variance over curvature, inside which |H|/B is called right
_NOISELESS = 1e-6  # of variance over curvature: what a training that has not quite come to rest may leave
_NEAR = 1e-2  # a weight: how far off the critical point may lie along the eigenvector of the smallest |lambda| found
_ROUNDING = 64  # units of the last place of |H| |w| to which a gradient is known


def analyse_module(
    model: Any, criterion: Any, data: Any, checkpoint: Any, settings: AnalysisSettings, deadline: float | None
) -> Findings:
    """What the extremal eigenvalues of the Hessian say at a module's weights.

    Args:
        model: a torch module, used in the mode that it is in.
        criterion: (output, targets) -> scalar, a mean over the samples.
        data: one batch (inputs, targets) or a loader.
        checkpoint: a file with weights to be loaded first, or None.
        settings: of the optimisers.
        deadline: on time.monotonic's clock, when no further product is begun; None for never.

    Returns:
        What was measured, and the point with its rulings where it may be taken for critical; never complete.

    Raises:
        ValueError: there is no Hessian (train mode, a random loss, …), or two ways to compute it disagree.
    """
    from saddlecheck.nets.lanczos import spectrum
    from saddlecheck.nets.noise import noise_along
    from saddlecheck.nets.tensor_function import load_weights

    if checkpoint is not None:
        load_weights(model, checkpoint)
    weights = [p.detach() for p in model.parameters() if p.requires_grad]
    k = min(2, sum(p.numel() for p in weights)) or 1
    found = spectrum(model, criterion, data, k=k, seed=settings.seed, deadline=deadline)
    resting = _at_rest(found, weights)
    ends = {"lowest": found.lowest[0], "highest": found.highest[0]}
    noise = {
        name: None if over(deadline) else noise_along(model, criterion, data, e.vector, e.value)
        for name, e in ends.items()
    }
    measured = {
        "weights": found.size,
        "loss": found.loss,
        "gradient_norm": found.gradient,
        "products": found.products,
        "converged": found.converged,
        **{f"{name}_bracket": list(e.bracket) for name, e in ends.items()},
        **{f"noise_over_curvature_{name}": None if n is None else _finite(n.ratio) for name, n in noise.items()},
    }
    notes = tuple(_notes(found, noise, settings, resting))
    points = (_point(found, settings),) if resting else ()
    return Findings(type(model).__name__, ("w",), points, (), notes, False, settings, ("Lanczos",), measured=measured)


def _point(found: Spectrum, settings: AnalysisSettings) -> Point:
    from saddlecheck.verification.analysis.extremal import rulings

    low, high = found.lowest[0], found.highest[0]
    kind: Kind = _kind(low, high) if found.converged and found.confirmed else "unknown"
    known = kind == "minimum"  # where no eigenvalue is negative, no radius is needed
    judged, values = rulings(found, settings), (low.value, high.value)
    return Point((), found.loss, values, kind, _index(found), None, judged, False, threshold_known=known)


def _stiffness(found: Spectrum) -> float:
    return max(abs(found.lowest[0].value), abs(found.highest[0].value))


def _flattest(found: Spectrum) -> float:
    return min(abs(pair.value) for pair in (*found.lowest, *found.highest))


def _at_rest(found: Spectrum, weights: list[Any]) -> bool:
    """Return whether a critical point lies within reach, or the gradient is nothing but rounding.

    To second order the critical point is |g| / |lambda| away along an eigenvector, so at most that far along the
    eigenvector of the smallest |lambda| found. Eigenvalues between the two ends are not seen.
    """
    import torch

    size = math.sqrt(sum(float(w.double().square().sum()) for w in weights))
    eps = max(torch.finfo(w.dtype).eps for w in weights)
    return found.gradient <= max(_NEAR * _flattest(found), _ROUNDING * eps * _stiffness(found) * size)


def _notes(found: Spectrum, noise: dict[str, Noise | None], settings: AnalysisSettings, resting: bool) -> Iterator[str]:
    if not found.confirmed:
        yield f"About the Hessian: {found.check}."
    if not found.converged:
        yield f"The spectrum is not converged: {found.why}."
    if not resting:
        yield (
            f"The gradient's norm is {found.gradient:.3g}, beside curvatures from {_flattest(found):.3g} to "
            f"{_stiffness(found):.3g} in size: these weights are no critical point, so none is listed and no optimiser "
            "is judged; train on, or analyse a later checkpoint."
        )
    if _index(found) == len(found.lowest) < found.size:
        yield f"At least {len(found.lowest)} eigenvalues are negative; no more were sought."
    low_pair = found.lowest[0]
    if low_pair.bracket[1] < 0:
        yield (
            "SAM's threshold is set by the negative eigenvalue nearest to zero, which the extremal eigenvalues do not "
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
        yield "The mini-batch noise was not measured: time ran out, or the samples' own losses cannot be told apart."
    if low_pair.bracket[1] < 0 and ratios.get("lowest", 1.0) < _NOISELESS:
        yield (
            "No mini-batch noise leads out of this saddle along the lowest eigenvector, as where hidden units are "
            "alike (claim plateau-noise): no batch size makes SGD or SAM leave it sooner."
        )


def _kind(low: Eigenpair, high: Eigenpair) -> Kind:
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
