#!/usr/bin/env bash
# version:   torch 2.13.0, CPU, Python 3.11
# guess:     weight normalisation (torch.nn.utils.parametrizations.weight_norm) can be differentiated twice, as its
#            formula g v / |v| can: both routes give one Hessian.
# behaviour: torch.autograd.gradcheck passes, and so does gradgradcheck on the formula; on the fused torch._weight_norm
#            gradgradcheck fails, and a Hessian-vector product by double backward differs from central differences of
#            the gradient by a quarter. No error, no warning.
# seen:      formula: relative error 6.9e-11; fused: relative error 2.6e-01
# matters:   curvature tools that differentiate a loss twice report wrong eigenvalues for every network with weight
#            norm (text to speech, recurrent and normalisation-free models). Writing the formula out, or forward mode
#            checked against differences, avoids it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
v, g, c = torch.randn(4, 6, requires_grad=True), torch.rand(4, 1, requires_grad=True), torch.randn(4, 6)


def error(weight):
    """Relative error of a double-backward product against central differences of the gradient."""
    def gradient(a, b, keep=False):
        return torch.autograd.grad((torch.sin(weight(a, b)) * c).sum(), (a, b), create_graph=keep)

    torch.manual_seed(1)
    dv, dg, h = torch.randn_like(v), torch.randn_like(g), 1e-6
    product = torch.cat([p.reshape(-1) for p in torch.autograd.grad(gradient(v, g, True), (v, g), (dv, dg))])
    up, down = (gradient((v + s * dv).detach().requires_grad_(), (g + s * dg).detach().requires_grad_()) for s in (h, -h))
    difference = torch.cat([(a - b).reshape(-1) / (2 * h) for a, b in zip(up, down)])
    return float((product - difference).norm() / difference.norm())


formula = error(lambda a, b: a * (b / a.norm(2, 1, keepdim=True)))
fused = error(lambda a, b: torch._weight_norm(a, b, 0))
print(f"formula: relative error {formula:.1e}; fused: relative error {fused:.1e}")
sys.exit(0 if formula < 1e-7 and fused > 1e-3 else 1)
PY
