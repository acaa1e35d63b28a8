r"""Where a training run has ended, and what holds it there: trapped, at the edge, slow, diverging or fine.

With w the weights, g the gradient, H the Hessian of the loss on the samples given, lam_1 its highest eigenvalue, and d
the critical point near w, if Newton's method finds one within its budget (nets/nearest.py):

    diverging    the loss is not finite, or ends above its start and at twice its least value
    trapped      d is a saddle, with lowest eigenvalue -mu < 0, and SAM's perturbation turns it into an attractor where
                 w is: rho mu > |H (w - d)| for normalised rho, rho mu > 1 for constant rho (claims sam-saddle and
                 thm1-strict)
    at the edge  lam_1 is at least nine tenths of the largest curvature at which the rule is stable (reading.edge; with
                 momentum gamma it is that of the learning rate lr / (1 + gamma))
    slow         the loss still falls: by more than 1 % between the last two tenths of the epochs; or d is a saddle that
                 does not hold the run
    fine         the loss no longer falls, and d has no eigenvalue below minus a hundredth of its highest

in this order; anything else is undecided, with the reason. A base optimiser with a preconditioner (Adam, …) moves the
edge, which is then not stated; the sign of SAM's rates, and with it what traps, does not depend on a positive one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import SGD, Optimizer

from saddlecheck.nets.batches import Data, Loss
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.explanation import Explanation, diverged, falling, without
from saddlecheck.nets.lanczos import Spectrum, spectrum
from saddlecheck.nets.nearest import Nearest, nearest_critical
from saddlecheck.nets.reading import edge
from saddlecheck.nets.sam import SAM

AT_EDGE = 0.9  # of the edge: the top eigenvalue hovers about it
FLAT = 0.01  # of the highest eigenvalue: a lowest one above minus this is no saddle that a run could be held at
EXPLAINED = 512  # training samples that show where a run has ended
_PRODUCTS = 100  # of each spectrum


@dataclass(frozen=True)
class Rule:
    """What the questions need to know of an optimiser; lr and momentum are None where its groups have no common one."""

    rho: float
    normalised: bool
    adaptive: bool
    lr: float | None
    momentum: float | None
    base: str

    @classmethod
    def of(cls, optimiser: Optimizer) -> Rule:
        """The rule of SAM, or of another optimiser of torch's (rho 0)."""
        base = optimiser.base_optimizer if isinstance(optimiser, SAM) else optimiser
        return cls._from(type(base).__name__, optimiser.param_groups)

    @classmethod
    def described(cls, found: Mapping[str, Any]) -> Rule:
        """The rule of an optimiser that a record describes. Raises ValueError for a description that is none."""
        try:
            return cls._from(found["base"], found["groups"])
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"the record describes no optimiser ({type(error).__name__}: {error}).") from error

    @classmethod
    def _from(cls, base: str, groups: Sequence[Mapping[str, Any]]) -> Rule:
        group = groups[0]
        asked = group.keys() & {"rho", "lr", "momentum"}
        common = {k: float(group[k]) for k in asked if all(g[k] == group[k] for g in groups)}
        sgd = base == SGD.__name__
        return cls(
            common.get("rho", math.nan) if "rho" in group else 0.0,
            bool(group.get("normalised", True)),
            bool(group.get("adaptive", False)),
            common.get("lr") if sgd else None,
            common.get("momentum") if sgd else None,
            base,
        )


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
    losses: Sequence[float | None] = (curves or {}).get("batch_loss", ())
    if why := diverged(losses):
        return Explanation("diverging", why)
    training = model.training
    model.eval()
    try:
        at = spectrum(model, loss, data, tolerance=1e-2, max_products=_PRODUCTS, seed=seed)
        near = nearest_critical(model, loss, data)
        there = (
            None
            if near is None
            else spectrum(near.model, loss, data, tolerance=1e-2, max_products=_PRODUCTS, seed=seed)
        )
    except (ValueError, HessianMismatch) as error:
        return without(losses, f"the curvature is not available: {error}")
    finally:
        model.train(training)
    return _judged(rule, losses, at, near, there)


def _judged(
    rule: Rule, losses: Sequence[float | None], at: Spectrum, near: Nearest | None, there: Spectrum | None
) -> Explanation:
    """The verdict from what was measured, in the module's order."""
    highest, lowest = at.highest[0], at.lowest[0]
    radius = rule.rho / at.gradient if rule.normalised and at.gradient > 0 else rule.rho
    limit = None
    if rule.lr and rule.momentum is not None and not rule.adaptive and math.isfinite(radius):
        limit = edge(rule.lr / (1 + rule.momentum), radius)
    numbers: dict[str, float | None] = {
        "loss": at.loss, "gradient": at.gradient, "highest": highest.value, "lowest": lowest.value, "edge": limit,
        "distance": None, "saddle": None, "pull": None, "hold": None,
    }  # fmt: skip
    saddle = False
    if near is not None and there is not None:
        bottom, top = there.lowest[0], there.highest[0]
        saddle = there.converged and bottom.value + bottom.residual < -FLAT * abs(top.value)
        mu = max(0.0, -bottom.value)
        hold = rule.rho * mu
        numbers |= {"pull": near.pull, "distance": near.distance, "saddle": bottom.value, "hold": hold}
        needed = near.pull if rule.normalised else 1.0
        if saddle and not rule.adaptive and hold > needed:
            what = f"|H (w - d)| = {near.pull:.3g}" if rule.normalised else "1"
            return Explanation(
                "trapped",
                f"a saddle lies at a distance of {near.distance:.3g}; its lowest eigenvalue is {bottom.value:.4g}, and "
                f"rho mu = {hold:.3g} exceeds {what}: it attracts SAM",
                numbers,
            )
    still = falling(losses)
    if limit is not None and highest.value + highest.residual >= AT_EDGE * limit:
        part = highest.value / limit
        why = f"the highest eigenvalue, {highest.value:.4g}, is at {part:.0%} of the stable limit {limit:.4g}"
        return Explanation("at the edge", f"{why}; {still}" if still else why, numbers)
    if still:
        return Explanation("slow", still, numbers)
    if saddle and near is not None:
        return Explanation("slow", f"a saddle at a distance of {near.distance:.3g} does not hold the run", numbers)
    if near is None:
        return Explanation("undecided", "no critical point was found near the weights within the budget", numbers)
    if there is not None and there.converged:
        return Explanation("fine", f"a minimum, or a flat point, lies at a distance of {near.distance:.3g}", numbers)
    return Explanation("undecided", "the eigenvalues at the critical point have not converged", numbers)
