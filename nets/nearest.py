r"""The critical point near a network's weights, by Newton's method with Krylov steps, within a budget of products.

Each step solves H p = -g by MINRES (scipy), which takes an indefinite H, and is halved until |g| falls. It moves the
weights of a copy. What it finds is a point with a small gradient, near enough that one may ask whether the run is at
it; "none found" within the budget is a result too.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, minres
from torch import Tensor, nn

from saddlecheck.nets.batches import Batches, Data, Loss
from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.derivatives import evaluated, mean_gradient

STEPS, PRODUCTS, HALVINGS = 12, 25, 6
# |g| at the point found, r, as a part of |g| at the start w. With a = w - d the quadratic model at d has
# g(w) = r + H a, and its critical point c has H (w - c) = g(w). So the pull |H a| that is stated differs from
# |H (w - c)| by at most |r| <= SMALL |g(w)|: `explain` compares rho mu with the pull, and a verdict is sure unless they
# agree to a hundredth. The distance |a| is off by |H^-1 r|, along a flat direction by more, and no verdict rests on
# it. Third derivatives T add |T| |a|^2 / 2 to g(w), which the model leaves out.
SMALL = 1e-2
# MINRES stops where |H p + g| <= RTOL |H| |p| (SciPy's test, which is not relative to |g|): at RTOL times the condition
# of H, of |g|, at worst. That is below SMALL up to a condition of 100, and one step then solves a quadratic; beyond it,
# or where the products are used up first, |g| falls by a part a step, and there are STEPS of them.
RTOL = 1e-4


@dataclass(frozen=True)
class Nearest:
    """A critical point near the weights.

    Attributes:
        model: a copy of the model, at the point.
        loss: the loss, a copy where it is a module: it may hold the model.
        distance: |w - d|.
        pull: |H(d) (w - d)|, the gradient at w of the quadratic loss around d.
        gradient: |g| at the point.
        start: |g| at w.
    """

    model: nn.Module
    loss: Loss
    distance: float
    pull: float
    gradient: float
    start: float


def nearest_critical(
    model: nn.Module, loss: Loss, data: Data, *, steps: int = STEPS, products: int = PRODUCTS
) -> Nearest | None:
    """Look for a critical point of the mean loss, from the model's weights.

    Args:
        model: in eval mode; it is not moved.
        loss: as for `spectrum`.
        data: as for `spectrum`.
        steps: of Newton.
        products: Hessian-vector products a step.

    Returns:
        The point, or None where the budget did not bring |g| down to a hundredth.

    Raises:
        ValueError, HessianMismatch: as `spectrum`; ValueError where the loss of a copy depends on the model's weights.
    """
    moved, loss = _copied(model, loss, data)
    weights = [p for p in moved.parameters() if p.requires_grad]
    start = _vector(weights)
    g = _slope(moved, loss, data, weights)
    first = size = float(g.norm())
    for _ in range(steps):
        if size <= SMALL * first:
            break
        p = _newton(Hessian(moved, loss, data), g, products)
        here = _vector(weights)
        for halving in range(HALVINGS):
            _move(weights, here + p.to(here) * 0.5**halving)
            trial = _slope(moved, loss, data, weights)
            if float(trial.norm()) < (1 - 0.25 * 0.5**halving) * size:
                break
        else:
            return None
        g, size = trial, float(trial.norm())
    if not size <= SMALL * first:
        return None
    away = start - _vector(weights)
    pull = Hessian(moved, loss, data)(away)
    return Nearest(moved, loss, float(away.norm()), float(pull.norm()), size, first)


def _vector(weights: list[nn.Parameter]) -> Tensor:
    """A copy of all weights, shape (n,); torch's parameters_to_vector takes no channels-last filters."""
    return torch.cat([p.detach().reshape(-1) for p in weights])


@torch.no_grad()
def _move(weights: list[nn.Parameter], to: Tensor) -> None:
    for p, part in zip(weights, torch.split(to, [p.numel() for p in weights]), strict=True):
        p.copy_(part.view(p.shape))


def _copied(model: nn.Module, loss: Loss, data: Data) -> tuple[nn.Module, Loss]:
    """Model and loss with weights of their own; raises ValueError where the loss still depends on the model's."""
    moved, criterion = copy.deepcopy((model, loss if isinstance(loss, nn.Module) else None))
    own: Loss = loss if criterion is None else criterion
    value = evaluated(moved, own, next(iter(Batches(data))))
    weights = [p for p in model.parameters() if p.requires_grad]
    outside = torch.autograd.grad(value, weights, allow_unused=True) if weights and value.requires_grad else ()
    if any(g is not None for g in outside):
        raise ValueError(
            "the loss depends on the model's weights by another way than the model that it is given, as a closure "
            "does, so no critical point can be looked for on a copy: make the penalty a part of the model, or of a "
            "loss that is a module and holds it."
        )
    return moved, own


def _newton(H: Hessian, g: Tensor, products: int) -> Tensor:
    """An approximate solution of H p = -g."""

    def product(v: NDArray[np.float64]) -> NDArray[np.float64]:
        image: NDArray[np.float64] = H(torch.from_numpy(v).to(H.like)).double().cpu().numpy()
        return image

    operator = LinearOperator((H.size, H.size), matvec=product, dtype=np.float64)
    solution, _ = minres(operator, -g.double().cpu().numpy(), maxiter=products, rtol=RTOL)
    return torch.from_numpy(solution).to(g)


def _slope(model: nn.Module, loss: Loss, data: Data, weights: list[nn.Parameter]) -> Tensor:
    return torch.cat([part.reshape(-1) for part in mean_gradient(model, loss, Batches(data), weights)[1]])
