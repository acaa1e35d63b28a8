#!/usr/bin/env bash
# version:   pytorch_optimizer 4.1.0, torch 2.13.0, CPU, Python 3.11
# guess:     SAM's step(closure) evaluates the closure at w and then at the perturbed weights, as torch's LBFGS does and
#            as a loop with the closure alone expects.
# behaviour: it evaluates the closure once, where the ascent has led, and ascends along whatever lies in .grad before. In
#            the first step, and in any after the gradient was put away, that is nothing: the step is plain SGD.
# seen:      asked at [1.0] in the first step, at [0.8] in the second with its gradient put away
# matters:   a loop that calls step(closure) alone, as closures are meant to be used, does not begin with SAM.
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
