r"""Where a training run has ended, and what holds it there: trapped, at the edge, slow, diverging or fine.

With w the weights, g the gradient, H the Hessian of the loss on the samples given, lam_1 its highest eigenvalue, and d
the critical point near w, if Newton's method finds one within its budget (nets/nearest.py):

    diverging    the loss is not finite, or ends above its start and at twice its least value
    trapped      d is a saddle or a maximum, and SAM's perturbation turns it into an attractor where w is: for each of
                 its negative eigenvalues -mu that is found (the four lowest, those below minus a hundredth of the
                 highest in size) rho mu > |H (w - d)| for normalised rho, rho mu > 1 for constant rho (claims
                 sam-saddle and thm1-strict)
    at the edge  lam_1 is at least nine tenths of the largest curvature at which the rule is stable (reading.edge; with
                 momentum gamma it is that of the learning rate lr / (1 + gamma), with Nesterov's lr (1 + 2 gamma) /
                 (1 + gamma))
    slow         the loss still falls: by more than 1 % between the last two tenths of the epochs; or d is a saddle that
                 does not hold the run; or more than half of the way from the first epoch's loss to that at d is ahead
    fine         none of these, and d has no eigenvalue below minus a hundredth of its highest

in this order; anything else is undecided, with the reason. A base optimiser with a preconditioner (Adam, …) moves the
edge, which is then not stated; the sign of SAM's rates, and with it what traps, does not depend on a positive one. For
adaptive SAM, and for groups with different rho, no condition of a trap is known: a saddle is undecided there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import SGD, Optimizer

from saddlecheck.nets.batches import Data, Loss
from saddlecheck.nets.curvature import along_gradient
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.explanation import Explanation, diverged, falling, losses_of, without
from saddlecheck.nets.lanczos import Spectrum, spectrum
from saddlecheck.nets.nearest import Nearest, nearest_critical
from saddlecheck.nets.reading import edge
from saddlecheck.nets.sam import SAM

# Of the largest stable curvature. There a step multiplies a displacement along the top eigenvector by 1 - 2 * 0.9 =
# -0.8: it takes ten steps to fall to a tenth (0.8^10 = 0.11), so each step's noise is still swinging when the next ones
# come. Spectra are found to 1e-2, which moves this to 0.89 or 0.91.
AT_EDGE = 0.9
# Of the highest eigenvalue: a lowest one above minus this is no saddle that a run could be held at. d is known to
# nearest.SMALL of the gradient; eigenvalues move by at most |H(d) - H(c)| (Weyl), and where that is of the same part
# of |H| the sign of a smaller one is not known. A constant rho that traps mu = lam_1/100 has rho lam_1 > 100, and is
# stable along lam_1 for lr lam_1 < 2/101 only.
FLAT = 0.01
EXPLAINED = 512  # training samples that show where a run has ended
AHEAD = 0.5  # of the way from the first epoch's loss to that of the minimum; what counts as far is a convention
_PRODUCTS = 100  # of each spectrum; one that has not converged by then is said to be so and decides nothing
_LOWEST = 4  # eigenvalues of a saddle that are looked at


@dataclass(frozen=True)
class Rule:
    """What the questions need to know of an optimiser.

    Attributes:
        rho: None where its groups have different perturbations, or it is a variant of SAM.
        normalised: rho is divided by |g|.
        adaptive: some group's perturbation is scaled by its weights.
        stable: the rule is stable where lam (1 + r lam) is below this, r being the radius; None if not known.
    """

    rho: float | None
    normalised: bool
    adaptive: bool
    stable: float | None

    @classmethod
    def of(cls, optimiser: Optimizer) -> Rule:
        """The rule of SAM, or of another optimiser of torch's (rho 0)."""
        base = optimiser.base_optimizer if isinstance(optimiser, SAM) else optimiser
        variant = isinstance(optimiser, SAM) and not optimiser.is_plain
        return cls._from(type(base).__name__, optimiser.param_groups, variant=variant)

    @classmethod
    def described(cls, found: Mapping[str, Any]) -> Rule:
        """The rule of an optimiser that a record describes. Raises ValueError for a description that is none."""
        try:
            return cls._from(found["base"], found["groups"], variant="ascent" in found)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"the record describes no optimiser ({type(error).__name__}: {error}).") from error

    @classmethod
    def _from(cls, base: str, groups: Sequence[Mapping[str, Any]], *, variant: bool) -> Rule:
        group = groups[0]
        same = all(g.get(k) == group.get(k) for g in groups for k in ("rho", "normalised"))
        limits = {_stable(g) for g in groups} if base == SGD.__name__ else {None}
        return cls(
            float(group.get("rho", 0.0)) if same and not variant else None,
            bool(group.get("normalised", True)),
            any(g.get("adaptive", False) for g in groups),
            limits.pop() if len(limits) == 1 else None,
        )


def _stable(group: Mapping[str, Any]) -> float | None:
    """Return the curvature, of loss and perturbation together, at which SGD with a group's settings overshoots.

    Heavy ball with the gradient's share 1 - dampening: lr (1 - dampening) (c + weight_decay) = 2 (1 + momentum).
    Nesterov, torch's form: lr (1 + 2 momentum) (c + weight_decay) = 2 (1 + momentum).
    """
    lr, momentum, decay = float(group["lr"]), float(group["momentum"]), float(group.get("weight_decay", 0.0))
    rate = lr * (
        1 + 2 * momentum if group.get("nesterov") else 1 - float(group.get("dampening", 0.0) if momentum else 0.0)
    )
    if not rate > 0.0 or group.get("maximize"):
        return None
    limit = 2 * (1 + momentum) / rate - decay
    return limit if limit > 0.0 else None


def explain(
    model: nn.Module,
    loss: Loss,
    data: Data,
    optimiser: Optimizer | Rule,
    *,
    curves: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Explanation:
    """Say where a run has ended.

    Args:
        model: with the run's weights; it is looked at in eval mode and not moved.
        loss: maps the model's output and the targets to a scalar.
        data: inputs and targets, as for `spectrum`: some hundred samples.
        optimiser: the one that trained it, or its rule.
        curves: `batch_loss`, the mean loss of each epoch, if known.
        seed: of Lanczos' random start.

    Returns:
        The verdict, the reason and the numbers.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, explain
        >>> class Saddle(torch.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.w = torch.nn.Parameter(torch.tensor([1e-3, 1e-3], dtype=torch.float64))
        ...     def forward(self, x):
        ...         return x * (self.w[0] ** 2 - self.w[1] ** 2) / 2
        >>> model, one = Saddle(), torch.ones(1, dtype=torch.float64)
        >>> optimiser = SAM(model.parameters(), torch.optim.SGD, rho=0.1, lr=0.01)
        >>> explain(model, lambda output, target: output.mean(), (one, one), optimiser).verdict
        'trapped'
    """
    rule = optimiser if isinstance(optimiser, Rule) else Rule.of(optimiser)
    losses = losses_of(curves or {})
    if why := diverged(losses):
        return Explanation("diverging", why)
    training = model.training
    model.eval()
    try:
        at = spectrum(model, loss, data, tolerance=1e-2, max_products=_PRODUCTS, seed=seed)
        along = along_gradient(model, loss, data)
        near = nearest_critical(model, loss, data)
        there = (
            None
            if near is None
            else spectrum(near.model, near.loss, data, tolerance=1e-2, max_products=_PRODUCTS, seed=seed)
        )
        # In one direction SAM may be drawn in while it leaves along another: only then more eigenvalues are needed.
        more = () if near is None or there is None else _negative(near, data, there, seed)
    except (ValueError, HessianMismatch, RuntimeError) as error:  # the last: what torch cannot differentiate or hold
        return without(losses, f"the curvature is not available: {error}")
    finally:
        model.train(training)
    return _judged(rule, losses, at, along, near, there, more)


def _judged(
    rule: Rule, losses: Sequence[float | None], at: Spectrum, along: float | None, near: Nearest | None,
    there: Spectrum | None, negative: Sequence[float],
) -> Explanation:  # fmt: skip
    """The verdict from what was measured, in the module's order."""
    highest, lowest = at.highest[0], at.lowest[0]
    limit = _limit(rule, at)
    numbers: dict[str, float | None] = {
        "loss": at.loss, "gradient": at.gradient, "along": along, "highest": highest.value, "lowest": lowest.value,
        "edge": limit, "distance": None, "saddle": None, "pull": None, "hold": None,
    }  # fmt: skip
    saddle, kind = False, ""
    if near is not None and there is not None:
        bottom, top = there.lowest[0], there.highest[0]
        saddle = bool(negative)
        kind = "maximum" if top.value < 0.0 else "saddle"
        hold = None if rule.rho is None or rule.adaptive else rule.rho * max(0.0, -bottom.value)
        numbers |= {"pull": near.pull, "distance": near.distance, "saddle": bottom.value, "hold": hold}
        needed = near.pull if rule.normalised else 1.0
        if saddle and hold is not None and rule.rho is not None and rule.rho * -max(negative) > needed:
            what = f"|H (w - d)| = {near.pull:.3g}" if rule.normalised else "1"
            return Explanation(
                "trapped",
                f"a {kind} lies at a distance of {near.distance:.3g}; the lowest eigenvalue found there is "
                f"{bottom.value:.4g}, and rho mu = {hold:.3g} exceeds {what}: it attracts SAM",
                numbers,
            )
    still = falling(losses)
    if limit is not None and highest.value + highest.residual >= AT_EDGE * limit:
        part = highest.value / limit
        why = f"the highest eigenvalue found, {highest.value:.4g}, is at {part:.0%} of the stable limit {limit:.4g}"
        return Explanation("at the edge", f"{why}; {still}" if still else why, numbers)
    if still:
        return Explanation("slow", still, numbers)
    if near is None or there is None:
        return Explanation("undecided", "no critical point was found near the weights within the budget", numbers)
    if not there.converged:
        return Explanation("undecided", "the eigenvalues at the critical point have not converged", numbers)
    if saddle and numbers["hold"] is None:
        why = "whether it holds this rule (adaptive, of several rho, or a variant of SAM) is not known"
        return Explanation("undecided", f"a {kind} lies at a distance of {near.distance:.3g}; {why}", numbers)
    if saddle:
        return Explanation("slow", f"a {kind} at a distance of {near.distance:.3g} does not hold the run", numbers)
    if losses and losses[0] is not None and at.loss - there.loss > AHEAD * max(0.0, losses[0] - there.loss) > 0.0:
        why = f"the loss is {at.loss:.4g}, that of the minimum which Newton's method finds from here {there.loss:.4g}"
        return Explanation("slow", f"{why}: more than half of the way is ahead", numbers)
    return Explanation("fine", f"a minimum, or a flat point, lies at a distance of {near.distance:.3g}", numbers)


def _negative(near: Nearest, data: Data, there: Spectrum, seed: int) -> Sequence[float]:
    """The negative eigenvalues at d that count, lowest first, as far as they are found; none where d is no saddle."""
    bottom, top = there.lowest[0], there.highest[0]
    counts = -FLAT * abs(top.value)
    if not there.converged or bottom.value + bottom.residual >= counts:
        return ()
    k = min(_LOWEST, there.size)
    found = spectrum(near.model, near.loss, data, k=k, tolerance=1e-2, max_products=_PRODUCTS, seed=seed).lowest
    return (bottom.value, *(p.value for p in found[1:] if p.value + p.residual < counts))


def _limit(rule: Rule, at: Spectrum) -> float | None:
    """The largest curvature at which the rule is stable with the perturbation that it takes at w."""
    if rule.stable is None or rule.rho is None or (rule.adaptive and rule.rho > 0.0):
        return None
    # At a gradient of zero the normalised perturbation is none.
    radius = rule.rho if not rule.normalised else rule.rho / at.gradient if at.gradient > 0.0 else 0.0
    return edge(2.0 / rule.stable, radius) if math.isfinite(radius) else None
