"""Under DDP the monitor reads gradients that are averaged over the ranks, and says why it reads no others."""

from __future__ import annotations

import math

import pytest
import torch
from networks import on_two_processes

torch.set_num_threads(1)

WORKER = """
import contextlib, json, os, sys
import torch
from torch import distributed as dist, nn
from saddlecheck.nets.monitor import Monitor
from saddlecheck.nets.sam import SAM
torch.set_num_threads(1)
rank, store, out, modes = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=2)
data = torch.randn(3, 2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
class Writer:
    def add_scalar(self, *_): pass
results = {}
for mode in modes:
    torch.manual_seed(0)
    plain = nn.Linear(3, 1, bias=False).double()
    options = {"static_graph": "static" in mode, "gradient_as_bucket_view": "view" in mode}
    model = nn.parallel.DistributedDataParallel(plain, **options)
    sam = SAM(plain.parameters(), torch.optim.SGD, 0.5, lr=0.01, check_finite="unchecked" not in mode)
    found = []
    # The monitor runs on one rank only: it must need nothing of the other.
    with Monitor(sam, Writer(), every=1) if rank == 0 else contextlib.nullcontext() as monitor:
        for x in data:
            g = []
            for half in (sam.first_step, sam.second_step):
                with model.no_sync() if "own" in mode and half == sam.first_step else contextlib.nullcontext():
                    (model(x[rank]) ** 2).mean().backward()
                g.append(plain.weight.grad.clone())
                if "value" in mode:
                    nn.utils.clip_grad_value_(plain.parameters(), 1e-3)
                else:
                    nn.utils.clip_grad_norm_(plain.parameters(), 0.01)
                half(zero_grad=True)
            hessian = 2 * x.reshape(-1, 3).T @ x.reshape(-1, 3) / 8
            found.append(float((g[0] @ hessian @ g[0].T) / g[0].square().sum()))
    readings = [[r.curvature, r.trapping, r.reason] for r in monitor.readings] if rank == 0 else []
    results[mode] = [found, readings]
with open(out, "w") as file:
    json.dump(results, file)
dist.barrier()
os._exit(0)
"""
RANKS = ["common", "common, static graph, view", "common, view", "own", "own, clipped by value", "unchecked"]


@pytest.fixture(scope="module")
def on_ranks(tmp_path_factory) -> dict:
    return on_two_processes(WORKER, tmp_path_factory.mktemp("ranks"), *RANKS)[0]


@pytest.mark.slow
@pytest.mark.parametrize("mode", RANKS)
def test_under_ddp_the_averaged_gradients_are_read_and_local_ones_are_not(mode, on_ranks) -> None:
    expected, readings = on_ranks[mode]
    for want, (curvature, trapping, reason) in zip(expected, readings, strict=True):
        assert not trapping
        if mode.startswith("common"):
            assert curvature == pytest.approx(want, rel=1e-9)  # averages over two ranks: a few roundings
            assert reason == ""
        else:
            assert math.isnan(curvature)
            assert ("without check_finite" if mode == "unchecked" else "own") in reason
    if mode == "own, clipped by value":  # a step with the same signs on both ranks, or this would test nothing new
        assert any("may be the ranks' own" in reason for _, _, reason in readings)
