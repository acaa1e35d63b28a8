#!/usr/bin/env bash
# version:   torch 2.13.0, CPU, Python 3.11
# guess:     smooth functions have the right second derivative at 0, or at least nan where a formula divides by 0.
# behaviour: the gradient is right, the Hessian by double backward is silently 0 for |w|^2 written as sum |w_i|^2
#            (truth 2) and for std(w)^2 at equal entries (truth not 0), and nan for sinc (truth -pi^2/3).
# seen:      sum |w_i|^2: 0.0 (truth 2); std^2: 0.0 (truth 0.6667); sinc: nan (truth -3.2899)
# matters:   critical points sit exactly at such places (equal or zero weights): a saddle loses its direction, and a
#            minimum looks flat. Only differences of the gradient show it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import math
import sys

import torch

torch.set_default_dtype(torch.float64)


def second(f):
    """First diagonal entry of the Hessian at 0 by double backward, and by central differences of the gradient."""
    w = torch.zeros(3, requires_grad=True)
    (g,) = torch.autograd.grad(f(w), w, create_graph=True)
    (row,) = torch.autograd.grad(g[0], w)
    e, h = torch.eye(3)[0], 1e-4
    slopes = [torch.autograd.grad(f(p := (s * e).requires_grad_()), p)[0][0].item() for s in (h, -h)]
    return row[0].item(), (slopes[0] - slopes[1]) / (2 * h)


absolute, deviation, sinc = second(lambda w: (w.abs() ** 2).sum()), second(lambda w: w.std() ** 2), second(lambda w: torch.sinc(w).sum())
print(f"sum |w_i|^2: {absolute[0]} (truth 2); std^2: {deviation[0]} (truth {deviation[1]:.4f}); sinc: {sinc[0]} (truth {-math.pi**2 / 3:.4f})")
right = math.isclose(absolute[1], 2, rel_tol=1e-6) and math.isclose(deviation[1], 2 / 3, rel_tol=1e-6)
sys.exit(0 if right and absolute[0] == 0 and deviation[0] == 0 and math.isnan(sinc[0]) else 1)
PY
