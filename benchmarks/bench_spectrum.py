r"""Both extreme Hessian eigenvalues of a small CNN on 512 images, beside curvlinops with scipy's eigsh.

    pip install --no-deps curvlinops-for-pytorch backpack-for-pytorch einops einconv unfoldNd linear_operator \
        jaxtyping tqdm      # the peer and what it imports, needed by this file only
    python benchmarks/bench_spectrum.py [OUT.json]

One thread, CPU time, the same model, data and tolerance (1e-3 of each eigenvalue), each route twice, interleaved;
the minimum counts. Setting up (one linearisation here, the operator's own there) is included.
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

import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn

from nets.resnet import build
from nets.spectrum import spectrum

Result = tuple[float, float, int]


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    from curvlinops import HessianLinearOperator

    model = build("small-cnn", classes=10, width=16, batch_norm=False, seed=0).eval()
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(512, 3, 32, 32, generator=g), torch.randint(0, 10, (512,), generator=g)
    weights = {n: p for n, p in model.named_parameters() if p.requires_grad}
    count = [0]

    def ours() -> Result:
        found = spectrum(model, nn.functional.cross_entropy, (x, y), tolerance=1e-3)
        return found.lowest[0].value, found.highest[0].value, found.products

    def peer(ends: str) -> Callable[[], Result]:
        def measured() -> Result:
            loss, parameters = nn.CrossEntropyLoss(), list(weights.values())
            linear = HessianLinearOperator(model, loss, parameters, [(x, y)], check_deterministic=False).to_scipy()
            count[0], product = 0, linear.matvec

            def counted(v):
                count[0] += 1
                return product(v)

            linear = LinearOperator(linear.shape, matvec=counted, dtype=linear.dtype)
            if ends == "BE":
                low, high = eigsh(linear, k=2, which="BE", tol=1e-3, return_eigenvectors=False)
            else:
                low, high = (eigsh(linear, k=1, which=e, tol=1e-3, return_eigenvectors=False)[0] for e in ("SA", "LA"))
            return float(low), float(high), count[0]

        return measured

    routes = {"ours": ours, "curvlinops, eigsh BE": peer("BE"), "curvlinops, eigsh SA and LA": peer("apart")}
    seconds: dict[str, list[float]] = {name: [] for name in routes}
    values: dict[str, Result] = {}
    for _ in range(2):
        for name, route in routes.items():
            begin = time.process_time()
            values[name] = route()
            seconds[name].append(time.process_time() - begin)
    result = {
        "what": "both extreme Hessian eigenvalues to 1e-3, 512 images; CPU seconds, one thread, minimum of 2",
        "parameters": sum(p.numel() for p in weights.values()),
        "torch": torch.__version__,
        "curvlinops": version("curvlinops-for-pytorch"),
        "python": platform.python_version(),
        "routes": {
            name: {
                "seconds": round(min(seconds[name]), 2),
                "relative": round(min(seconds[name]) / min(seconds["curvlinops, eigsh BE"]), 3),
                "lowest": round(values[name][0], 6),
                "highest": round(values[name][1], 6),
                "products": values[name][2],
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
