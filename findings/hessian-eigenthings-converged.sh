#!/usr/bin/env bash
# version:   hessian-eigenthings 1.0.0a5, torch 2.13.0 (CPU), numpy 2.4.6, Python 3.11
# guess:     lanczos(k=2, which="LA") returns the two largest eigenvalues where `converged` is true for both, and with its
#            defaults works until tol is reached or the flag is false.
# behaviour: a residual says that a value is near SOME eigenvalue: of a repeated one a single copy is found, and the next
#            smaller is returned in its place, converged, with residual 0. max_iter defaults to 2k, two steps for k = 1.
# seen:      diag(5, 5, 1, 0.5): [5.0, 1.0], converged [True, True]; the largest two are 5, 5
#            diag(1 .. 100)/100, k=1: 0.814 after 2 steps, converged [False]; the largest is 1
# matters:   networks repeat eigenvalues by symmetry; the second largest, and how many directions are at the edge, are then
#            wrong with every flag green. The number of directions past 2/lr is miscounted.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 hessian-eigenthings==1.0.0a5 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from hessian_eigenthings import LambdaOperator, lanczos

def run(diagonal, **options):
    d = torch.tensor(diagonal, dtype=torch.float64)
    operator = LambdaOperator(lambda v: d * v, size=len(d), dtype=torch.float64)
    return lanczos(operator, which="LA", seed=0, **options)


twice = run([5.0, 5.0, 1.0, 0.5], k=2, max_iter=4)
default = run([i / 100 for i in range(1, 101)], k=1)
for result in (twice, default):
    print([round(float(v), 3) for v in result.eigenvalues], result.converged.tolist(), result.iterations)
missed = abs(float(twice.eigenvalues[1]) - 1) < 1e-9 and all(twice.converged.tolist())
short = default.iterations == 2 and float(default.eigenvalues[0]) < 0.9 and not any(default.converged.tolist())
sys.exit(0 if missed and short else 1)
PY
