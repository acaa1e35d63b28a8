#!/usr/bin/env bash
# version:   pytorch_optimizer 4.1.0, torch 2.13.0, CPU, Python 3.11
# guess:     BSAM climbs to w + e, takes the gradient there, goes back to w and descends along it, so that it brings
#            the loss w^2/2 down.
# behaviour: the ascent is never taken back, and the gradient enters the descent multiplied by weight_decay, so that at
#            the default 1e-4 a step is the ascent and next to nothing else; with weight_decay = 0 it is nothing else.
# seen:      from |w| = 1 with lr 0.5 and rho 0.05: 1.63 after 10 steps, 10.17 after 100
# matters:   near a minimum the class named after a SAM repels at every radius; no table of stable radii is about it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pytorch_optimizer==4.1.0
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from pytorch_optimizer import BSAM

torch.manual_seed(0)
w = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
optimiser = BSAM([w], num_data=10**9, lr=0.5, rho=0.05)


def closure():
    optimiser.zero_grad()
    loss = (w**2).sum() / 2
    loss.backward()
    return loss


sizes = []
for _ in range(100):
    closure()
    optimiser.step(closure)
    sizes.append(w.detach().abs().max().item())
print(f"from |w| = 1 with lr 0.5 and rho 0.05: {sizes[9]:.2f} after 10 steps, {sizes[-1]:.2f} after 100")
sys.exit(0 if abs(sizes[9] - 1.63) < 0.01 and abs(sizes[-1] - 10.17) < 0.05 else 1)
PY
