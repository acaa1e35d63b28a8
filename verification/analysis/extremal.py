"""What the two ends of a Hessian's spectrum decide about a critical point, for each optimiser, and what they cannot.

Near a critical point each rule multiplies the coordinate along an eigenvalue lam by a linear map with rate a:
gradient descent a = lam, constant-rho SAM a = lam (1 + rho lam). With momentum gamma and learning rate eta the map
contracts exactly when 0 < eta a < 2 (1 + gamma). For SAM, lam < 0 passes exactly when rho > 1/|lam|: it is the
negative eigenvalue nearest to zero that sets the threshold, and the ends of a spectrum do not show that one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from saddlecheck.nets.lanczos import Eigenpair, Spectrum


@dataclass(frozen=True)
class Verdict:
    """attracts, repels or undecided, and the sentence that says why."""

    verdict: Literal["attracts", "repels", "undecided"]
    why: str


def verdicts(found: Spectrum, *, rho: float, lr: float, momentum: float = 0.0) -> dict[str, Verdict]:
    """A verdict for gd, heavy_ball, sam, heavy_ball_sam and sam_normalised at the point where `found` was computed.

    Args:
        found: extreme eigenpairs; the point is taken to be critical, which the caller has to know.
        rho: weight per gradient for constant rho, weight for normalised.
        lr: learning rate.
        momentum: gamma of the heavy-ball rules.

    Raises:
        ValueError: a value outside its domain.
    """
    if not (0.0 <= rho < math.inf and 0.0 < lr < math.inf and 0.0 <= momentum < 1.0):
        raise ValueError(f"need rho >= 0, lr > 0 and 0 <= momentum < 1; got {rho}, {lr}, {momentum}.")
    return {
        "gd": _linear(found, 0.0, lr, 0.0),
        "heavy_ball": _linear(found, 0.0, lr, momentum),
        "sam": _linear(found, rho, lr, 0.0),
        "heavy_ball_sam": _linear(found, rho, lr, momentum),
        "sam_normalised": _normalised(found, rho, lr),
    }


def _linear(found: Spectrum, rho: float, lr: float, momentum: float) -> Verdict:
    if not found.converged or not found.confirmed:
        return _unreliable(found)
    edge = 2.0 * (1.0 + momentum)
    for pair in (*found.lowest, *found.highest):
        low, high = _rates(pair, rho)
        if lr * low > edge:
            return Verdict(
                "repels", f"lr a >= {lr * low:.4g} > {edge:.4g} at the eigenvalue {_shown(pair)}: the step is too long."
            )
        if high < 0.0:
            beyond = "" if rho == 0.0 else f", and rho = {rho:g} is below 1/|lam|"
            return Verdict("repels", f"an eigenvalue {_shown(pair)} is negative{beyond}.")
    bottom, top = found.lowest[0], found.highest[0]
    if bottom.bracket[0] > 0.0 and lr * _rates(top, rho)[1] < edge:
        return Verdict(
            "attracts",
            f"the eigenvalues found at the two ends are {_shown(bottom)} and {_shown(top)}; if none lies further out, "
            f"all are positive and lr a < {edge:.4g}.",
        )
    if bottom.bracket[1] < 0.0:
        return Verdict(
            "undecided",
            f"the lowest eigenvalue found, {_shown(bottom)}, is held by rho = {rho:g}, but any negative one nearer to "
            f"zero than {-1 / rho:.4g} would escape, and the ends of the spectrum do not show those.",
        )
    return Verdict("undecided", f"the brackets of {_shown(bottom)} and {_shown(top)} do not exclude zero or the edge.")


def _normalised(found: Spectrum, rho: float, lr: float) -> Verdict:
    bottom, top = found.lowest[0], found.highest[0]
    if rho == 0.0 or not found.converged or not found.confirmed:
        return _linear(found, 0.0, lr, 0.0)
    if bottom.bracket[0] > 0.0 and lr * top.bracket[1] < 2.0:
        size = lr * top.value * rho / (2.0 - lr * top.value)
        return Verdict(
            "undecided",
            f"normalised SAM does not settle at a minimum: it ends in a 2-cycle of half-width about {size:.3g}.",
        )
    return Verdict(
        "undecided",
        "normalised SAM has no linearisation at a critical point; whether it is caught here depends on the stiffest "
        "direction and on the distance, not on these two eigenvalues alone.",
    )


def _unreliable(found: Spectrum) -> Verdict:
    """A bracket that has not converged holds some eigenvalue, which need not be the one at the end."""
    if not found.confirmed:
        return Verdict("undecided", f"the Hessian is not confirmed: {found.check}.")
    bottom, top = found.lowest[0], found.highest[0]
    return Verdict(
        "undecided",
        f"the spectrum has not converged: eigenvalues lie at {_shown(bottom)} and {_shown(top)}, and others may lie "
        "beyond them; raise max_products.",
    )


def _rates(pair: Eigenpair, rho: float) -> tuple[float, float]:
    """Range of a(lam) = lam (1 + rho lam) over the pair's bracket; a is convex with its minimum at -1/(2 rho)."""
    ends = [lam * (1.0 + rho * lam) for lam in pair.bracket]
    inside = rho > 0.0 and pair.bracket[0] < -0.5 / rho < pair.bracket[1]
    return (-0.25 / rho if inside else min(ends)), max(ends)


def _shown(pair: Eigenpair) -> str:
    return f"{pair.value:.4g} +- {pair.residual:.1g}"
