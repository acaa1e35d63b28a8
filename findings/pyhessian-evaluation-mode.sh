#!/usr/bin/env bash
# version:   PyHessian 0.1, torch 2.13.0 (CPU), numpy 2.4.6, Python 3.11
# guess:     a tool that measures the Hessian of a model leaves the model as it was: its mode, its gradients.
# behaviour: the constructor puts the model into evaluation mode, for good, and leaves the batch's gradient in .grad.
# seen:      training before True, after False; running mean moved by the next forward pass: False; parameters with .grad: 6 of 6
# matters:   curvature measured every few epochs inside a loop ends the training with frozen batch statistics and without
#            dropout, and a loop that accumulates adds the measured batch's gradient to its next step, without a word.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 PyHessian==0.1
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from pyhessian import hessian

torch.manual_seed(0)
layers = torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 2)
model = torch.nn.Sequential(*layers).train()
batch = torch.randn(64, 4), torch.randint(0, 2, (64,))
before = model.training
hessian(model, torch.nn.CrossEntropyLoss(), data=batch, cuda=False)
after = model.training
mean = layers[1].running_mean.clone()
model(batch[0])
moved = not torch.equal(mean, layers[1].running_mean)
parameters = list(model.parameters())
filled = sum(p.grad is not None for p in parameters)
print(f"training before {before}, after {after}; running mean moved by the next forward pass: {moved}; "
      f"parameters with .grad: {filled} of {len(parameters)}")
sys.exit(0 if before and not after and not moved and filled == len(parameters) else 1)
PY
