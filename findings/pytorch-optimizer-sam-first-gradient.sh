#!/usr/bin/env bash
# version:   pytorch_optimizer 4.1.0, torch 2.13.0, CPU, Python 3.11
# guess:     SAM's step(closure) evaluates the closure at w and then at the perturbed weights, as torch's LBFGS does and
#            as a loop with the closure alone expects.
# behaviour: the closure is evaluated at the perturbed weights only. The ascent uses the gradient that lies in .grad:
#            none at the first step, which is plain SGD, and after that the perturbed gradient of the step before.
# seen:      evaluated once, at w = 1.0 (SAM with rho = 0.5 asks at 1.5 too); after step 2 at w = 1.26
# matters:   a loop that only calls step(closure) trains with a stale ascent and reports it as SAM.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pytorch_optimizer==4.1.0
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from pytorch_optimizer import SAM

w = torch.nn.Parameter(torch.ones(1))
optimiser = SAM([w], torch.optim.SGD, rho=0.5, lr=0.1)
asked = []


def closure():
    optimiser.zero_grad()
    asked.append(round(w.item(), 4))
    loss = (w**2).sum()
    loss.backward()
    return loss


optimiser.step(closure)
first = list(asked)
w.grad = None
optimiser.step(closure)
print(f"asked at {first} in the first step, at {asked[1:]} in the second with its gradient put away")
sys.exit(0 if first == [1.0] and asked[1:] == [0.8] else 1)
PY
