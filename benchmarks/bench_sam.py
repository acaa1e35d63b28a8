"""One step of SAM and of variants as a multiple of two SGD steps, beside the same as pytorch_optimizer has them.

    pip install --no-deps pytorch_optimizer      # the peer, needed by this file only
    python benchmarks/bench_sam.py [OUT.json]

One thread, CPU time; in each turn every route takes some steps, forwards and backwards in alternation, so that a busy
neighbour hits all alike. The figure is the median over turns of the ratio to the SGD steps of the same turn;
`less_peer` is that of our ratio less the peer's: the aim is at most 0.01.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytorch_optimizer as peer
import torch
from torch import Tensor, nn

from saddlecheck.nets import GSAM, SAM, Every, FriendlySAM, LookSAM, WeightedSAM

PEERS = {
    "SAM": "pytorch_optimizer",
    **{f"{name}{k}": f"{name} of pytorch_optimizer{k}"
       for name, k in (("GSAM", ""), ("Friendly SAM", ""), ("WSAM", ""), ("LookSAM", ", k = 5"))},
}  # fmt: skip


def three_conv_cnn() -> tuple[nn.Module, Tensor, Tensor, int]:
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip
    return model, torch.randn(128, 3, 32, 32), torch.randint(0, 10, (128,)), 1


def deep_narrow_mlp() -> tuple[nn.Module, Tensor, Tensor, int]:
    layers = [m for _ in range(10) for m in (nn.Linear(32, 32), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(32, 10)), torch.randn(64, 32), torch.randint(0, 10, (64,)), 10


def mlp() -> tuple[nn.Module, Tensor, Tensor, int]:
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    return model, torch.randn(128, 784), torch.randint(0, 10, (128,)), 3


def routes(make: Callable[[], tuple[nn.Module, Tensor, Tensor, int]]) -> dict[str, Callable[[], None]]:
    def loss_of(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[], None]:
        return lambda: nn.functional.cross_entropy(model(x), y).backward()

    def sgd() -> Callable[[], None]:
        model, x, y, _ = make()
        backward, optimiser = loss_of(model, x, y), torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

        def two() -> None:
            for _ in range(2):
                backward()
                optimiser.step()
                optimiser.zero_grad()

        return two

    def sam(build: Callable[[nn.Module], torch.optim.Optimizer]) -> Callable[[], None]:
        model, x, y, _ = make()
        backward, optimiser = loss_of(model, x, y), build(model)

        def one() -> None:
            backward()
            optimiser.first_step(zero_grad=True)
            backward()
            optimiser.second_step(zero_grad=True)

        return one

    def closures(build: Callable[[nn.Module], torch.optim.Optimizer], *, first: bool) -> Callable[[], None]:
        """A step by closure; the peers' takes a backward before it."""
        model, x, y, _ = make()
        optimiser = build(model)

        def closure() -> Tensor:
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            return loss

        def one() -> None:
            if first:
                closure()
            optimiser.step(closure)

        return one

    options = {"lr": 1e-3, "momentum": 0.9}

    def variant(**more: object) -> Callable[[], None]:
        return closures(lambda m: SAM(m.parameters(), torch.optim.SGD, 0.05, **more, **options), first=False)

    def rival(kind: type[torch.optim.Optimizer], **more: object) -> Callable[[], None]:
        return closures(lambda m: kind(m.parameters(), torch.optim.SGD, rho=0.05, **more, **options), first=True)

    def gsam() -> Callable[[], None]:
        model, x, y, _ = make()
        base = torch.optim.SGD(model.parameters(), **options)
        rate = torch.optim.lr_scheduler.LambdaLR(base, lambda _: 1.0)
        rho = peer.ProportionScheduler(rate, max_lr=1e-3, min_lr=1e-3, max_value=0.05, min_value=0.05)
        optimiser = peer.GSAM(model.parameters(), base, model, rho, alpha=0.4)

        def one() -> None:
            optimiser.set_closure(nn.functional.cross_entropy, x, y)
            optimiser.step()

        return one

    return {
        "two SGD steps": sgd(),
        "SAM": sam(lambda m: SAM(m.parameters(), torch.optim.SGD, 0.05, **options)),
        "SAM, flat": sam(lambda m: SAM(m.parameters(), torch.optim.SGD, 0.05, flat=True, **options)),
        "pytorch_optimizer": sam(lambda m: peer.SAM(m.parameters(), torch.optim.SGD, rho=0.05, **options)),
        "GSAM": variant(ascent=GSAM(0.4)),
        "GSAM of pytorch_optimizer": gsam(),
        "Friendly SAM": variant(ascent=FriendlySAM()),
        "Friendly SAM of pytorch_optimizer": rival(peer.FriendlySAM),
        "WSAM": variant(ascent=WeightedSAM(9.0)),
        "WSAM of pytorch_optimizer": closures(
            lambda m: peer.WSAM(m, m.parameters(), torch.optim.SGD, rho=0.05, decouple=False, **options), first=False
        ),
        "LookSAM, k = 5": variant(ascent=LookSAM(0.7), when=Every(5)),
        "LookSAM of pytorch_optimizer, k = 5": rival(peer.LookSAM, k=5),
    }


def measure(make: Callable[[], tuple[nn.Module, Tensor, Tensor, int]], turns: int = 60) -> dict[str, dict[str, float]]:
    torch.manual_seed(0)
    steps, contenders = make()[3], routes(make)
    for run in contenders.values():
        for _ in range(steps):
            run()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(turns):
        for name in list(contenders)[:: -1 if turn % 2 else 1]:
            t = time.process_time()
            for _ in range(steps):
                contenders[name]()
            seconds[name].append((time.process_time() - t) / steps)
    base = seconds["two SGD steps"]
    ratios = {name: np.divide(s, base) for name, s in seconds.items()}
    found = {
        name: {"microseconds": round(1e6 * statistics.median(seconds[name]), 1), **_spread("ratio", ratios[name])}
        for name in contenders
    }
    for name, other in PEERS.items():
        found[name] |= _spread("less_peer", ratios[name] - ratios[other])
    return found


def _spread(name: str, values: np.ndarray) -> dict[str, float]:
    """The median, and what a tenth of the turns lie below and above."""
    low, middle, high = (round(float(x), 3) for x in np.quantile(values, (0.1, 0.5, 0.9)))
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def main() -> None:
    torch.set_num_threads(1)
    result = {
        "what": "one step as a multiple of two SGD steps; CPU time, one thread; median, 10 % to 90 % range of 60 turns",
        "torch": torch.__version__,
        "pytorch_optimizer": version("pytorch_optimizer"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load": [round(x, 1) for x in os.getloadavg()],  # processes that wanted a core, over 1, 5 and 15 minutes
        "cases": {f.__name__: measure(f) for f in (three_conv_cnn, deep_narrow_mlp, mlp)},
    }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n")


if __name__ == "__main__":
    main()
