#!/usr/bin/env bash
# version:   pytorch_optimizer 4.1.0, torch 2.13.0, CPU, Python 3.11
# guess:     LookSAM keeps the part of the perturbed gradient that is orthogonal to the gradient, so how the weights are
#            cut into tensors changes nothing.
# behaviour: norms and inner products are those of each tensor by itself. In tensors of one number nothing is orthogonal
#            to the gradient, and between its SAM steps LookSAM is then plain SGD.
# seen:      after a SAM step and one step after it: [0.9214, 0.3485] with one tensor, [0.7958, 0.3904] with two, and
#            [0.7958, 0.3904] by SAM and then SGD
# matters:   a model with biases, scales and matrices apart runs another rule than the one whose trap was computed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pytorch_optimizer==4.1.0
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from pytorch_optimizer import SAM, LookSAM

LR, RHO = 0.1, 0.5


def two_steps(pieces, build):
    weights = [torch.nn.Parameter(piece) for piece in torch.ones(2, dtype=torch.float64).split(2 // pieces)]

    def closure():
        for piece in weights:
            piece.grad = None
        x, y = torch.cat(weights)
        loss = (x**2 + 3 * y**2) / 2
        loss.backward()
        return loss

    build(weights, closure)
    return [round(value, 4) for value in torch.cat([piece.detach() for piece in weights]).tolist()]


def looksam(weights, closure):
    optimiser = LookSAM(weights, torch.optim.SGD, rho=RHO, k=2, alpha=0.7, lr=LR)
    for _ in range(2):
        closure()
        optimiser.step(closure)


def sam_then_sgd(weights, closure):
    closure()
    SAM(weights, torch.optim.SGD, rho=RHO, lr=LR).step(closure)
    closure()
    torch.optim.SGD(weights, lr=LR).step()


one, two, plain = two_steps(1, looksam), two_steps(2, looksam), two_steps(2, sam_then_sgd)
print(f"after a SAM step and one step after it: {one} with one tensor, {two} with two, and {plain} by SAM and then SGD")
sys.exit(0 if one != two and two == plain else 1)
PY
