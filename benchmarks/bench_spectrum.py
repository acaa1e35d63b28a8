r"""Both extreme Hessian eigenvalues of a small CNN on 512 images, beside curvlinops with scipy's eigsh.

    tox -e spectrum-peer -- [OUT.json]

One thread, CPU time, the same model, data and tolerance (residual within 1e-3 of each eigenvalue), three random starts,
routes interleaved. Setting up is included every time: here a comparison with central differences and two more products
that confirm the residuals, there the operator's own.
"""

from __future__ import annotations

import json
import platform
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn

from saddlecheck.nets.lanczos import spectrum
from saddlecheck.nets.resnet import build

Result = tuple[float, float, int]


def start(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    from curvlinops import HessianLinearOperator

    model = build("small-cnn", classes=10, width=29, batch_norm=False, seed=0).eval()
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(512, 3, 32, 32, generator=g), torch.randint(0, 10, (512,), generator=g)
    weights = {n: p for n, p in model.named_parameters() if p.requires_grad}
    count = [0]

    def ours(seed: int) -> Result:
        found = spectrum(model, nn.functional.cross_entropy, (x, y), tolerance=1e-3, seed=seed)
        return found.lowest[0].value, found.highest[0].value, found.products

    def peer(ends: str) -> Callable[[int], Result]:
        def measured(seed: int) -> Result:
            loss, parameters = nn.CrossEntropyLoss(), list(weights.values())
            linear = HessianLinearOperator(model, loss, parameters, [(x, y)], check_deterministic=False).to_scipy()
            count[0], product = 0, linear.matvec

            def counted(v):
                count[0] += 1
                return product(v)

            linear = LinearOperator(linear.shape, matvec=counted, dtype=linear.dtype)
            options = {"tol": 1e-3, "return_eigenvectors": False, "v0": start(seed, linear.shape[0])}
            if ends == "BE":
                low, high = eigsh(linear, k=2, which="BE", **options)
            else:
                low, high = (eigsh(linear, k=1, which=e, **options)[0] for e in ("SA", "LA"))
            return float(low), float(high), count[0]

        return measured

    routes = {"ours": ours, "curvlinops, eigsh BE": peer("BE"), "curvlinops, eigsh SA and LA": peer("apart")}
    seconds: dict[str, list[float]] = {name: [] for name in routes}
    values: dict[str, list[Result]] = {name: [] for name in routes}
    for seed in range(3):
        for name, route in routes.items():
            begin = time.process_time()
            values[name].append(route(seed))
            seconds[name].append(time.process_time() - begin)
    mean = {name: sum(t) / len(t) for name, t in seconds.items()}
    result = {
        "what": "both extreme Hessian eigenvalues to 1e-3, 512 images; CPU seconds, one thread, mean of 3 starts",
        "parameters": sum(p.numel() for p in weights.values()),
        "torch": torch.__version__,
        "curvlinops": version("curvlinops-for-pytorch"),
        "python": platform.python_version(),
        "routes": {
            name: {
                "seconds": round(mean[name], 2),
                "relative": round(mean[name] / mean["curvlinops, eigsh BE"], 3),
                "lowest": [round(v[0], 5) for v in values[name]],
                "highest": [round(v[1], 5) for v in values[name]],
                "products": [v[2] for v in values[name]],
            }
            for name in routes
        },
    }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n")


if __name__ == "__main__":
    main()
