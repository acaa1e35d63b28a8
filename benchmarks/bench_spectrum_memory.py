"""Memory of both extreme Hessian eigenvalues of ResNet-18 of full width on 512 images, on the CPU.

    python benchmarks/bench_spectrum_memory.py [OUT.json] [kept | fresh | auto]

Prints and writes the peak resident size, before and after, and the size of the Lanczos basis, one vector a product.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn

from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.lanczos import lanczos
from saddlecheck.nets.resnet import build

GIB = 2**30


def peak() -> float:
    """Peak resident size of this process so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB


def main() -> None:
    out = sys.argv[1] if len(sys.argv) > 1 else None
    graph = sys.argv[2] if len(sys.argv) > 2 else "auto"
    torch.set_num_threads(1)
    model = build("resnet18", classes=10, width=64, batch_norm=False, seed=0).eval()
    g = torch.Generator().manual_seed(0)
    data = torch.randn(512, 3, 32, 32, generator=g), torch.randint(0, 10, (512,), generator=g)
    before, begin = peak(), time.process_time()
    H = Hessian(model, nn.functional.cross_entropy, data, graph=graph)
    ready = peak()
    found = lanczos(H, H.size, k=1, tolerance=1e-2, max_products=60, seed=0, like=H.like, eps=H.eps)
    result = {
        "what": "both extreme Hessian eigenvalues of ResNet-18, full width, 512 images, single precision, one thread",
        "weights": H.size,
        "graph": H.graph,
        "products": found.products,
        "converged": found.converged,
        "lowest": [found.lowest[0].value, found.lowest[0].residual],
        "highest": [found.highest[0].value, found.highest[0].residual],
        "check": H.check,
        "basis_gib": round(found.products * H.size * H.like.element_size() / GIB, 2),
        "peak_gib": {"start": round(before, 2), "graph ready": round(ready, 2), "end": round(peak(), 2)},
        "cpu_seconds": round(time.process_time() - begin),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if out:
        Path(out).write_text(text + "\n")


if __name__ == "__main__":
    main()
