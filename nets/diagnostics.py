"""What is measured along a run on request: the two gradients of SAM and the extremal eigenvalues of the Hessian."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from saddlecheck.nets.lanczos import Spectrum, spectrum


def diagnose(model: nn.Module, x: Tensor, y: Tensor, *, rho: float) -> dict[str, Any]:
    """JSON data about one point of weight space, on one batch, in evaluation mode and single precision.

    Args:
        model: its weights are perturbed along the way and put back.
        x: inputs.
        y: class labels.
        rho: weight; w^p = w + rho g / |g| whatever rule trains the model, so that runs can be compared.

    Returns:
        cosine: cos(grad l(w), grad l(w^p)).  gradient, perturbed_gradient: their norms.  lowest, highest: (Hessian
        eigenvalue, residual).  products: spent.  converged.
    """
    training = model.training
    model.eval()
    try:
        weights = [p for p in model.parameters() if p.requires_grad]
        g = _gradient(model, weights, x, y)
        norm = torch.linalg.vector_norm(g)
        copies = [p.detach().clone() for p in weights]
        with torch.no_grad():
            for p, part in zip(weights, _split(rho * g / (norm + 1e-12), weights), strict=True):
                p.add_(part)
        try:
            gp = _gradient(model, weights, x, y)
        finally:
            with torch.no_grad():
                for p, copy in zip(weights, copies, strict=True):
                    p.copy_(copy)
        found: Spectrum = spectrum(model, nn.functional.cross_entropy, (x, y), tolerance=1e-2, max_products=60)
    finally:
        model.train(training)
    low, high = found.lowest[0], found.highest[0]
    return {
        "cosine": float(torch.nn.functional.cosine_similarity(g, gp, dim=0)),
        "gradient": float(norm),
        "perturbed_gradient": float(torch.linalg.vector_norm(gp)),
        "lowest": [low.value, low.residual],
        "highest": [high.value, high.residual],
        "products": found.products,
        "converged": found.converged,
    }


def _gradient(model: nn.Module, weights: list[nn.Parameter], x: Tensor, y: Tensor) -> Tensor:
    grads = torch.autograd.grad(nn.functional.cross_entropy(model(x), y), weights)
    return torch.cat([g.reshape(-1) for g in grads])


def _split(flat: Tensor, weights: list[nn.Parameter]) -> list[Tensor]:
    offsets = torch.tensor([0, *[p.numel() for p in weights]]).cumsum(0).tolist()
    return [flat[a:b].view_as(p) for a, b, p in zip(offsets, offsets[1:], weights, strict=False)]
