#!/usr/bin/env bash
# version:   torchzero 0.4.4, torch 2.13.0, CPU, Python 3.11
# guess:     SAM's ascent has length rho in the space of all weights, rho g/|g| with one norm, as in the paper and in
#            the other packages.
# behaviour: each tensor is divided by its own norm, so the ascent has length rho sqrt(number of tensors).
# seen:      two tensors, gradients 3 and 4, rho = 1: ascents 1.0 and 1.0 where 0.6 and 0.8 are right
# matters:   radii of runs in different packages cannot be compared: a ResNet-18 has 62 tensors, a factor of 7.9.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 scipy==1.17.0 torchzero==0.4.4
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
import torchzero as tz

a, b = torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))
optimiser = tz.Optimizer([a, b], tz.m.SAM(rho=1.0), tz.m.LR(0.1))
asked = []


def closure(backward=True):
    asked.append((a.item(), b.item()))
    loss = 3 * a.sum() + 4 * b.sum()
    if backward:
        optimiser.zero_grad()
        loss.backward()
    return loss


optimiser.step(closure)
moved = asked[-1]
print(f"ascents {moved[0]:.1f} and {moved[1]:.1f} where 0.6 and 0.8 are right")
sys.exit(0 if all(abs(x - 1) < 1e-4 for x in moved) else 1)
PY
