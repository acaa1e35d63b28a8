#!/usr/bin/env bash
# version:   pytorch_optimizer 4.1.0, torch 2.13.0, CPU, Python 3.11
# guess:     WSAM's max_norm clips the gradient that the step is made along, as clipping does: it shortens the step and
#            keeps it downhill.
# behaviour: it clips the gradient at the perturbed weights alone, before the two are mixed. For gamma > 1/2 the mixture
#            subtracts a multiple of the other gradient, which is not clipped, and the step goes uphill.
# seen:      the loss w^2/2 goes from 0.5 to 0.3655 without max_norm, and to 1.6038 with max_norm 0.01
# matters:   the option that is switched on against divergence makes every minimum repel.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pytorch_optimizer==4.1.0
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from pytorch_optimizer import WSAM


def loss_after_a_step(**more):
    model = torch.nn.Module()
    model.w = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
    optimiser = WSAM(model, model.parameters(), torch.optim.SGD, rho=0.05, gamma=0.9, decouple=False, lr=0.1, **more)

    def closure():
        optimiser.zero_grad()
        loss = (model.w**2).sum() / 2
        loss.backward()
        return loss

    optimiser.step(closure)
    return (model.w.item() ** 2) / 2


free, clipped = loss_after_a_step(), loss_after_a_step(max_norm=0.01)
print(f"the loss w^2/2 goes from 0.5 to {free:.4f} without max_norm, and to {clipped:.4f} with max_norm 0.01")
sys.exit(0 if free < 0.5 < clipped else 1)
PY
