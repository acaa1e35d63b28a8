#!/usr/bin/env bash
# version:   torch 2.13.0, CPU, Python 3.11
# guess:     GradScaler.step refuses every closure, as its documentation says that closures are not supported.
# behaviour: only the keyword is refused. A closure given by position is handed to the optimiser, which calls it after
#            the gradients were unscaled: the step then uses the closure's gradients, which still carry the scale.
# seen:      closure=...: RuntimeError; positional: step of 102.4 where 0.1 is right
# matters:   optimisers with closures take steps that are 1024 (or 65536) times too long, without a word.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch

w = torch.nn.Parameter(torch.zeros(1))
optimiser, scaler = torch.optim.SGD([w], lr=0.1), torch.amp.GradScaler("cpu", init_scale=1024.0)


def closure():
    optimiser.zero_grad()
    loss = w.sum()
    scaler.scale(loss).backward()
    return loss


closure()
try:
    scaler.step(optimiser, closure=closure)
    keyword = "accepted"
except RuntimeError as error:
    keyword = type(error).__name__
w.data.zero_()
scaler, _ = torch.amp.GradScaler("cpu", init_scale=1024.0), None
closure()
scaler.step(optimiser, closure)
print(f"closure=...: {keyword}; positional: step of {-w.item():.1f} where 0.1 is right")
sys.exit(0 if keyword == "RuntimeError" and abs(w.item() + 102.4) < 1e-3 else 1)
PY
