#!/usr/bin/env bash
# version:   torchzero 0.4.4, torch 2.13.0, CPU, Python 3.11
# guess:     after step() the parameters hold w, as in SAM, and a learning rate of 0 leaves them where they are.
# behaviour: MSAMMomentum leaves them at the perturbed point w - rho v/|v|, v the momentum, which is downhill of w; it
#            has no method that takes them back.
# seen:      loss 3 a + 4 b, rho = 0.3, learning rate 0: (0, 0) becomes (-0.18, -0.24), which is -rho g/|g|
# matters:   what is evaluated, saved or compared with another package is a point rho away from the iterate.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 scipy==1.17.0 torchzero==0.4.4
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
import torchzero as tz

w = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
optimiser = tz.Optimizer([w], tz.m.MSAMMomentum(0.0, momentum=0.9, rho=0.3))


def closure(backward=True):
    loss = 3 * w[0] + 4 * w[1]
    if backward:
        optimiser.zero_grad()
        loss.backward()
    return loss


optimiser.step(closure)
print(f"(0, 0) becomes ({w[0].item():.2f}, {w[1].item():.2f})")
sys.exit(0 if torch.allclose(w.detach(), torch.tensor([-0.18, -0.24], dtype=w.dtype)) else 1)
PY
