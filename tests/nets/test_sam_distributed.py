"""Two processes on gloo: a perturbation a rank (m-sharpness), one averaged descent, weights that stay equal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

WORKER = """
import json, os, sys
import torch
from torch import distributed as dist, nn
from nets.sam import SAM
torch.set_num_threads(1)
rank, store, out, own = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "own"
dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=2)
torch.manual_seed(0)
model = nn.parallel.DistributedDataParallel(nn.Linear(3, 1).double())
sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, momentum=0.9)
g = torch.Generator().manual_seed(7)
data = torch.randn(5, 2, 4, 3, dtype=torch.float64, generator=g)
for step in range(5):
    x = data[step, rank]
    if own:
        with model.no_sync():
            (model(x) ** 3).mean().backward()
    else:
        (model(x) ** 3).mean().backward()
    sam.first_step(zero_grad=True)
    (model(x) ** 3).mean().backward()
    sam.second_step(zero_grad=True)
with open(out, "w") as file:
    json.dump([p.detach().flatten().tolist() for p in model.parameters()], file)
dist.barrier()
os._exit(0)  # gloo's threads may outlive a destroyed group and abort the interpreter's own exit
"""


def on_one_process(*, own: bool) -> list[list[float]]:
    """The same training written out: rank r climbs along its own gradient (or the mean one), all average at the end."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1).double()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    data = torch.randn(5, 2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    for step in range(5):
        w = [p.detach().clone() for p in model.parameters()]
        g = [torch.autograd.grad((model(data[step, r]) ** 3).mean(), list(model.parameters())) for r in (0, 1)]
        mean = [(a + b) / 2 for a, b in zip(*g, strict=True)]
        descent = []
        for r in (0, 1):
            climb = g[r] if own else mean
            norm = sum(float((c**2).sum()) for c in climb) ** 0.5 + 1e-12
            with torch.no_grad():
                for p, v, c in zip(model.parameters(), w, climb, strict=True):
                    p.copy_(v + 0.5 * c / norm)
            descent.append(torch.autograd.grad((model(data[step, r]) ** 3).mean(), list(model.parameters())))
        with torch.no_grad():
            for p, v, a, b in zip(model.parameters(), w, *descent, strict=True):
                p.copy_(v)
                p.grad = (a + b) / 2
        sgd.step()
    return [p.detach().flatten().tolist() for p in model.parameters()]


@pytest.mark.slow
@pytest.mark.parametrize("own", [True, False], ids=["own ascent, no_sync", "common ascent"])
def test_ranks_agree_with_each_other_and_with_the_formula(own, tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                str(script),
                str(r),
                str(tmp_path / "store"),
                str(tmp_path / f"{r}.json"),
                "own" if own else "all",
            ],
            env=environment,
        )
        for r in (0, 1)
    ]
    assert [w.wait(timeout=120) for w in workers] == [0, 0]
    first, second = (json.loads((tmp_path / f"{r}.json").read_text()) for r in (0, 1))
    assert first == second
    # Averages in another order: a few units in the last place over five steps.
    for mine, expected in zip(first, on_one_process(own=own), strict=True):
        assert mine == pytest.approx(expected, rel=0, abs=1e-13)
    other = on_one_process(own=not own)  # the negative control: the two rules can be told apart
    assert max(abs(a - b) for p, q in zip(first, other, strict=True) for a, b in zip(p, q, strict=True)) > 1e-4
