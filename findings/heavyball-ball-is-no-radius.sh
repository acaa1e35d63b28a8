#!/usr/bin/env bash
# version:   heavyball 3.2.1, torch 2.13.0 (CPU), numpy 2.4.6, Python 3.11
# guess:     SAMWrapper(ball=0.1) is adaptive SAM as in its cited paper: the perturbation lies in a ball of size 0.1,
#            |eps / w| = 0.1, whatever the size of the gradient.
# behaviour: nothing is divided by a norm: eps = ball * w^2 * g. It grows with the gradient, without a bound.
# seen:      w = (1, 2), ball 0.1: |eps/w| is 0.854 for the gradient (3, 4) and 8.54 for (30, 40); the paper's is 0.1 for both
# matters:   it is the constant form of adaptive SAM: a saddle traps it from a radius on that depends on curvature AND on
#            the weights' size, near a critical point the perturbation vanishes, and a ball taken from a paper is another one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 heavyball==3.2.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import heavyball
import torch

torch.set_num_threads(1)
heavyball.utils.compile_mode = None


def relative_length(gradient, ball=0.1):
    """|eps/w| of the perturbation at which the closure is evaluated the second time."""
    w, seen = torch.nn.Parameter(torch.tensor([1.0, 2.0])), []

    def closure():
        w.grad = None
        loss = (torch.tensor(gradient) * w).sum()
        loss.backward()
        seen.append(w.detach().clone())
        return loss

    heavyball.SAMWrapper([w], heavyball.SGD([w], lr=0.0), ball=ball).step(closure)
    return float(((seen[1] - seen[0]) / seen[0]).norm())


small, large = relative_length([3.0, 4.0]), relative_length([30.0, 40.0])
print(f"|eps/w| is {small:.3f} for the gradient (3, 4) and {large:.3g} for (30, 40)")
# By hand: eps/w = ball w g = 0.1 (3, 8), of length 0.1 sqrt(73).
sys.exit(0 if abs(small - 0.1 * 73**0.5) < 1e-5 and abs(large / small - 10) < 1e-4 else 1)
PY
