#!/usr/bin/env bash
# version:   torch 2.13.0, CPU, Python 3.11
# guess:     the map that torch.func.linearize returns is linear: it gives the same product each time it is applied.
# behaviour: for a gradient whose formula fills a fresh buffer in place (index_add_, as in message passing), the first
#            application is right and every later one is wrong, by more each time: the traced buffer was folded into a
#            constant, and each application adds to it. No error, no warning. torch.func.jvp stays right.
# seen:      linearize, three applications: relative errors 2.5e-11, 4.0e-01, 6.6e-01; jvp: 2.5e-11
# matters:   one linearisation for many Hessian-vector products at a point is what the function is for; a Lanczos run
#            on it converges to numbers that belong to no Hessian. A check of the first product does not notice.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
x, target, w = torch.randn(12, 6), torch.randint(0, 3, (12,)), torch.randn(39)


def loss(w):
    hidden = torch.zeros(12, 4)
    hidden.index_add_(0, torch.arange(12) // 2, torch.tanh(x @ w[:24].view(6, 4)))
    return torch.nn.functional.cross_entropy(hidden @ w[24:36].view(4, 3) + w[36:], target)


gradient, v, h = torch.func.grad(loss), torch.randn(39), 1e-6
difference = (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)


def error(product):
    return float((product - difference).norm() / difference.norm())


push = torch.func.linearize(gradient, w)[1]
errors, forward = [error(push(v)) for _ in range(3)], error(torch.func.jvp(gradient, (w,), (v,))[1])
print("linearize, three applications: relative errors " + ", ".join(f"{e:.1e}" for e in errors) + f"; jvp: {forward:.1e}")
sys.exit(0 if forward < 1e-7 and errors[0] < 1e-7 and errors[1] > 1e-2 and errors[2] > errors[1] else 1)
PY
