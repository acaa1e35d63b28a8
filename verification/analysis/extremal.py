"""What the extremal eigenvalues of a Hessian decide about a critical point, for each optimiser, and what they cannot.

The pairs that were found are linearised as everywhere (`saddlecheck.verification.analysis.stability`), on their
brackets. For SAM a negative eigenvalue lam passes exactly when rho > 1/|lam|: it is the one nearest to zero that sets
the threshold, and the extremal eigenvalues do not show that one.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from saddlecheck.nets.lanczos import Eigenpair, Spectrum
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.optimisers.criteria import criteria
from saddlecheck.verification.analysis.reading import explain
from saddlecheck.verification.analysis.result import Ruling, VerdictWord
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import RULES, judged, linearise

JUDGED = ("gd", "heavy_ball", "sam", "heavy_ball_sam", "sam_normalised")


def rulings(found: Spectrum, settings: AnalysisSettings) -> dict[str, Ruling]:
    """A ruling for each of JUDGED that was asked for, at the point where `found` was computed.

    The point is taken to be critical, which the caller has to know.

    Returns:
        Rulings by optimiser id; none is certified, for the eigenvalues between the two ends are not known.
    """
    asked = judged(settings)
    rules = {n: asked[n] for n in (*JUDGED, *(o.id for o in settings.own)) if n in asked}
    decided = {n: _decided(r, found, settings) for n, r in rules.items()}
    return {
        name: Ruling(word, None, why, rules[name].claims, certified=False, unknown=("lr_max",))
        for name, (word, why) in decided.items()
    }


def _decided(rule: Optimiser, found: Spectrum, settings: AnalysisSettings) -> tuple[VerdictWord, str]:
    rho = settings.rho
    bottom, top = found.lowest[0], found.highest[0]
    if not found.confirmed:
        return "undecided", f"the Hessian is not confirmed: {found.check}."
    if not found.converged:  # a bracket then holds some eigenvalue, which need not be the one at the end
        return "undecided", (
            f"the spectrum has not converged: eigenvalues lie at {_shown(bottom)} and {_shown(top)}, and others may "
            "lie beyond them; raise max_products."
        )
    if rule.base is not None:
        return "undecided", f"{rule.base.title} is judged on formulas and on losses of few weights only."
    if rule.force.normalised and rho:
        if rule.momentum is not None:
            return "undecided", "normalised SAM with momentum is followed on losses of few weights only."
        return "undecided", _normalised(bottom, top, rho, settings.lr)
    response = rule.force.response
    if not rule.force.normalised and (response is None or response.q != 0 or response.alpha != 0):
        return "undecided", "the rule is not shown to be a polynomial in the Hessian, and only that is known here."
    pairs = (*found.lowest, *found.highest)
    spectrum = [Interval(*map(Fraction, pair.bracket)) for pair in pairs]
    acting = rule.unforced if rule.force.normalised else rule
    linear = linearise(acting, spectrum, decimal(settings.lr), settings.exact)
    if linear.verdict == "repels" and linear.growing and rule.id in RULES:
        below = f", and rho = {rho:g} is below 1/|lam|" if rho and rule.force.uses_radius else ""
        return "repels", f"an eigenvalue {_shown(pairs[linear.growing[0]])} is negative{below}."
    if linear.verdict == "repels":
        return "repels", explain(rule, linear, spectrum, settings)
    if linear.verdict == "attracts" and rule.id not in RULES and not _holds_every_minimum(rule):
        return "undecided", "the ends of the spectrum are held, but the rule may push out eigenvalues in between."
    if linear.verdict == "attracts" and bottom.bracket[0] > 0:
        return "attracts", (
            f"the eigenvalues found at the two ends are {_shown(bottom)} and {_shown(top)}; if none lies further out, "
            f"all are positive and lr is below the edge {linear.lr_max:.4g}."
        )
    if bottom.bracket[1] < 0 and rule.id not in RULES:
        return "undecided", f"the lowest eigenvalue found, {_shown(bottom)}, is held, but others may not be."
    if bottom.bracket[1] < 0:
        return "undecided", (
            f"the lowest eigenvalue found, {_shown(bottom)}, is held by rho = {rho:g}, but any negative one nearer to "
            f"zero than {-1 / rho:.4g} would escape, and the extremal eigenvalues do not show those."
        )
    return "undecided", f"the brackets of {_shown(bottom)} and {_shown(top)} do not exclude zero or the edge."


def _holds_every_minimum(rule: Optimiser) -> bool:
    closed = criteria(rule.force)
    return closed is not None and closed.minimum == sp.true


def _normalised(bottom: Eigenpair, top: Eigenpair, rho: float, lr: float) -> str:
    if bottom.bracket[0] > 0 and lr * top.bracket[1] < 2:
        size = lr * top.value * rho / (2 - lr * top.value)
        return f"normalised SAM does not settle at a minimum: it ends in a 2-cycle of half-width about {size:.3g}."
    return (
        "normalised SAM has no linearisation at a critical point; whether its orbit is bounded here depends on the top "
        "direction and on the distance, not on these two eigenvalues alone."
    )


def _shown(pair: Eigenpair) -> str:
    return f"{pair.value:.4g} +- {pair.residual:.1g}"
