#!/usr/bin/env bash
# version:   torch 2.13.0 (CPU), Python 3.11
# guess:     a custom function whose backward is marked once_differentiable, as it must be where it is computed outside
#            torch, refuses a second derivative; the mark's docstring and its error message say so.
# behaviour: it refuses where all of the gradient comes through it, or in .backward(). autograd.grad(gradient, x) walks only
#            to x, and the node that would raise does not lead there: its term is left out, and the rest is returned.
# seen:      f = x^3 at 2, second derivatives by autograd.grad: f: refused; f + x^2: 2 (truth 14); x f: 12 (truth 48);
#            x f by .backward(): refused
# matters:   models always use a weight in more ways than one, or have regularisers: Hessian-vector products of such a model
#            are those of another loss, and a saddle's negative direction may be in the term that is missing.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from torch.autograd.function import once_differentiable


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * gradient


def second(loss, by_backward=False):
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss(x), x, create_graph=True)
    try:
        if by_backward:
            gradient.backward()
            return float(x.grad)
        return float(torch.autograd.grad(gradient, x)[0])
    except RuntimeError:
        return "refused"


f = Cube.apply
found = [second(f), second(lambda x: f(x) + x**2), second(lambda x: x * f(x)), second(lambda x: x * f(x), True)]
print("f: {}; f + x^2: {} (truth 14); x f: {} (truth 48); x f by .backward(): {}".format(*found))
sys.exit(0 if found == ["refused", 2.0, 12.0, "refused"] else 1)
PY
