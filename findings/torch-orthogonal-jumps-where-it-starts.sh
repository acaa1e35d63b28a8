#!/usr/bin/env bash
# version:   torch 2.13.0 (CPU), Python 3.11
# guess:     a model under parametrizations.orthogonal is smooth in its weights where it starts, as the Householder map is.
# behaviour: the map multiplies columns by the diagonal of the raw weights cut to integers. Where a layer begins, that
#            diagonal is 1 or -1 and the raw weights are a multiple of the axes: one entry moved toward 0 by 1e-9 cuts to 0.
# seen:      a column of the weight after its raw entry moved by 1e-9 toward 0: norm 0.0 (it is 1 before); the derivative that
#            autograd gives is finite
# matters:   the loss jumps at the very point from which training starts: differences of losses or gradients disagree with
#            every derivative, a perturbation of SAM changes the function, and the "Hessian" there is that of no function.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch

torch.manual_seed(0)
plain = torch.nn.Linear(3, 3, bias=False, dtype=torch.float64)
layer = torch.nn.utils.parametrizations.orthogonal(plain, orthogonal_map="householder")
raw = layer.parametrizations.weight.original
before = layer.weight[:, 0].detach().clone()
(slope,) = torch.autograd.grad(layer.weight[:, 0].sum(), raw)
with torch.no_grad():
    raw[0, 0] -= 1e-9 * raw[0, 0].sign()
after = layer.weight[:, 0].detach()
print(f"norm before {before.norm():.3f}, after 1e-9: {after.norm():.3f}; "
      f"autograd's derivative is finite: {bool(slope.isfinite().all())}")
sys.exit(0 if abs(before.norm() - 1) < 1e-12 and after.norm() < 1e-6 and slope.isfinite().all() else 1)
PY
