#!/usr/bin/env bash
# version:   loss-landscapes 3.0.6, torch 2.13.0, CPU, Python 3.11
# guess:     linear_interpolation(a, b, ...) returns the loss from a to b, a's own first, and leaves both models alone.
# behaviour: the first value lies a step beyond a, whose own loss is at no place of the result; and without
#            deepcopy_model=True the model a holds b's weights afterwards.
# seen:      positions [0.25, 0.5, 0.75, 1.0], and a is at 1.0 afterwards
# matters:   a barrier is measured from the wrong end point, and whatever is evaluated next on a is evaluated on b.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/pip" install -q --no-deps loss-landscapes==3.0.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import loss_landscapes
import torch


def model_at(weight):
    model = torch.nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(weight)
    return model


def position(wrapped):
    return float(wrapped.get_module_parameters().as_numpy()[0])


a, b = model_at(0.0), model_at(1.0)
positions = loss_landscapes.linear_interpolation(a, b, position, steps=4).tolist()
print(f"positions {positions}, and a is at {a.weight.item()} afterwards")
sys.exit(0 if positions == [0.25, 0.5, 0.75, 1.0] and a.weight.item() == 1.0 else 1)
PY
