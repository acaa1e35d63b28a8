#!/usr/bin/env bash
# version:   accelerate 1.15.0, torch 2.13.0, CPU, Python 3.11
# guess:     inside `accelerator.accumulate(model)`, `optimizer.step(closure)` evaluates the closure for every
#            micro-batch, since closures compute the loss and call backward.
# behaviour: on the steps that do not synchronise, AcceleratedOptimizer.step returns without calling the closure at
#            all: the micro-batch is neither evaluated nor accumulated. No error, no warning.
# seen:      4 micro-batches, accumulation over 2: closure called for micro-batches [1, 3]
# matters:   optimisers that take a closure (SAM, LBFGS) train on every second micro-batch while the loop looks right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 accelerate==1.15.0
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from accelerate import Accelerator

accelerator = Accelerator(gradient_accumulation_steps=2, cpu=True)
model = torch.nn.Linear(2, 1)
model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.1))
called = []
for k in range(4):
    with accelerator.accumulate(model):

        def closure(k=k):
            called.append(k)
            loss = model(torch.ones(3, 2)).square().mean()
            accelerator.backward(loss)
            return loss

        optimizer.step(closure)
        optimizer.zero_grad()
print(f"4 micro-batches, accumulation over 2: closure called for micro-batches {called}")
sys.exit(0 if called == [1, 3] else 1)
PY
