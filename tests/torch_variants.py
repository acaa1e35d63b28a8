"""The variants of SAM in torch on small losses, and the rules that theory has of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from saddlecheck import nets
from saddlecheck.nets import SAM, Every, Sometimes
from saddlecheck.theory.optimisers import named, rules, variants

ETA, RHO, STEPS = 0.02, 0.1, 20
SIZES = (4, 3)


def quadratic(seed: int) -> Tensor:
    """A symmetric matrix of size 7 with eigenvalues of both signs, the largest |eigenvalue| 2."""
    a = torch.randn(7, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    h = (a + a.T) / 2
    return 2 * h / torch.linalg.matrix_norm(h, 2)


HESSIANS = {f"quadratic {seed}": quadratic(seed) for seed in (0, 1, 2)}
LOSSES = {
    **{name: (lambda v, h=h: v @ h @ v / 2) for name, h in HESSIANS.items()},
    "sines and quartics": lambda v: torch.sin(v).prod() + (v**4).sum() / 20 + v[0] * v[5] - torch.cos(v[1] * v[2]),
}


def gradient(loss: str):
    def of(w: np.ndarray) -> np.ndarray:
        v = torch.tensor(w, requires_grad=True)
        return torch.autograd.grad(LOSSES[loss](v), v)[0].numpy()

    return of


def start() -> np.ndarray:
    return np.random.default_rng(5).normal(size=7) / 2


class Torch:
    """A variant on one of the losses: the weights in two tensors, the second in a group of its own."""

    def __init__(self, loss: str, rho: float = RHO, **more: object) -> None:
        first, second = torch.tensor(start()).split(SIZES)
        self.parts = [nn.Parameter(first.clone()), nn.Parameter(second.clone())]
        base = {"lr": ETA, **{k: more.pop(k) for k in ("momentum", "maximize") if k in more}}
        sign = -1.0 if base.get("maximize") else 1.0
        self.loss = lambda: sign * LOSSES[loss](torch.cat(self.parts))
        groups = [{"params": [p]} for p in self.parts]
        self.sam = SAM(groups, torch.optim.SGD, rho, **{"normalised": False, **more}, **base)
        self.passes = 0

    def closure(self) -> Tensor:
        self.passes += 1
        loss = self.loss()
        loss.backward()
        return loss

    @property
    def w(self) -> np.ndarray:
        return torch.cat(self.parts).detach().numpy().copy()

    def run(self, steps: int = STEPS) -> np.ndarray:
        for _ in range(steps):
            self.sam.step(self.closure)
        return self.w


def by_rule(step, loss: str, state: int = 1, steps: int = STEPS) -> np.ndarray:
    """The weights after some steps of a rule; what it keeps beside them starts at 0."""
    values = (start(), *[np.zeros(7)] * (state - 1))
    for _ in range(steps):
        values = step(gradient(loss), values, RHO, ETA)
    return values[0]


of = variants.of_rule
# How SAM is called, the rule's step, how many vectors it keeps, and for how many steps of torch one of the rule stands.
CASES = {
    "constant": ({}, of(rules.sharpness_aware), 1, 1),
    "normalised": ({"normalised": True, "eps": 0.0}, of(rules.normalised), 1, 1),
    "ASAM constant": ({"adaptive": True}, of(rules.adaptive), 1, 1),
    "ASAM": ({"adaptive": True, "normalised": True, "eps": 0.0}, of(named.adaptive_normalised), 1, 1),
    "EG-SAM": ({"ascent": nets.EGSAM()}, variants.lookahead, 1, 1),
    "unified": ({"ascent": nets.UnifiedSAM(0.3), "normalised": True, "eps": 0.0}, of(named.unified(0.3)), 1, 1),
    "N-step": ({"ascent": nets.NStepSAM(3)}, of(rules.ascending(3)), 1, 1),
    "GSAM": ({"ascent": nets.GSAM(0.4)}, of(variants.gsam(0.4)), 1, 1),
    "Friendly SAM": ({"ascent": nets.FriendlySAM(0.7, 0.9)}, variants.friendly(0.7, 0.9), 2, 1),
    "stale": ({"ascent": nets.StaleAscent()}, variants.stale, 2, 1),
    "stale perturbed": ({"ascent": nets.StalePerturbedAscent()}, variants.stale_perturbed, 2, 1),
    "momentum": ({"ascent": nets.MomentumAscent(), "momentum": 0.9}, variants.along_momentum(0.9), 2, 1),
    "every fifth": ({"when": Every(5)}, variants.sam_every(5), 1, 5),
}
PENALTIES = {
    "penalty": ({"ascent": nets.GradientPenalty(RHO), "rho": 0.3}, of(variants.penalised), 1, 1),
    "norm penalty": (
        {"ascent": nets.GradientPenalty(RHO), "rho": 0.3, "normalised": True, "eps": 0.0},
        of(named.penalised_normalised), 1, 1,
    ),
}  # fmt: skip
ALL = {
    **{name: options for name, (options, *_) in {**CASES, **PENALTIES}.items()},
    "LookSAM": {"ascent": nets.LookSAM(0.7), "when": Every(4)},
    "weighted": {"ascent": nets.WeightedSAM(2.0)},
    "ESAM": {"ascent": nets.ESAM(0.5)},
    "random": {"ascent": nets.RandomPerturbation()},
    "DNSAM": {"ascent": nets.DNSAM(lambda: 2.0), "normalised": True},
    "some": {"when": Sometimes(0.5), "ascent": nets.FriendlySAM()},
}
