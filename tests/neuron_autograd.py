"""The toy neuron through torch's own derivatives: the referee of the engine that has the gradient by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from saddlecheck.nets.neuron import EPS, EndStates, Floats, NeuronSettings, draws, labels


class ToyNeurons(nn.Module):
    """Many neurons side by side: w1 and w2 of shape (seeds,), forward(x) = w2 (w1 x)^2."""

    def __init__(self, w1: Floats, w2: Floats) -> None:
        super().__init__()
        self.w1 = nn.Parameter(torch.tensor(w1))
        self.w2 = nn.Parameter(torch.tensor(w2))

    def forward(self, x: Tensor) -> Tensor:
        """Predictions for inputs x that broadcast against (seeds,)."""
        return self.w2 * (self.w1 * x) ** 2


def by_autograd(settings: NeuronSettings) -> EndStates:
    """What `saddlecheck.nets.neuron.run` returns."""
    w1, w2, counts = draws(settings.first_seed, settings.seeds, settings.steps, settings.batch)
    return EndStates(settings, *train(settings, w1, w2, labels(settings.batch)[counts]))


def train(settings: NeuronSettings, w1: Floats, w2: Floats, labels: Floats) -> tuple[Floats, Floats]:
    """End weights of all seeds, trained as one batch; w1, w2: starts, shape (seeds,); labels: shape (seeds, steps)."""
    model, targets = ToyNeurons(w1, w2), torch.tensor(labels)
    weights = [model.w1, model.w2]
    momentum = [torch.zeros_like(p) for p in weights]

    def gradients(y: Tensor) -> tuple[Tensor, ...]:
        # Seeds do not interact, so the gradient of the sum holds the gradient of every seed.
        return torch.autograd.grad(((model(torch.ones(())) - y) ** 2).sum(), weights)

    for t in range(settings.steps):
        y, start = targets[:, t], [p.detach().clone() for p in weights]
        g = gradients(y)
        if settings.rule != "sgd":
            norm = torch.sqrt(sum(x * x for x in g)) if settings.rule == "sam_normalised" else None  # type: ignore[arg-type]  # sum of tensors
            r = settings.rho if norm is None else settings.rho / (norm + EPS)
            with torch.no_grad():
                for p, x in zip(weights, g, strict=True):
                    p.add_(r * x)
            g = gradients(y)
        with torch.no_grad():
            for p, w, m, x in zip(weights, start, momentum, g, strict=True):
                m.mul_(settings.gamma).add_(x)
                p.copy_(w - settings.eta * m)
    return model.w1.detach().numpy(), model.w2.detach().numpy()
