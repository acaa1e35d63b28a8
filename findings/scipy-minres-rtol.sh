#!/usr/bin/env bash
# version:   scipy 1.17.0, numpy 2.4.6, Python 3.11
# guess:     minres(A, b, rtol=r) returns x with |b - A x| <= r |b|, as cg, gmres and the others of the module do.
# behaviour: it stops once |b - A x| <= r |A| |x|. Where A has a small eigenvalue, |A| |x| is as large as
#            |b| times the condition number, and the residual may be a large part of b.
# seen:      40 eigenvalues from 1 to 1e-7, rtol = 1e-5: minres leaves 0.58 of b with info = 0; cg leaves 3.2e-06
# matters:   Newton steps to a critical point, where a Hessian has eigenvalues near zero, are taken for solved.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q scipy==1.17.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
from scipy.sparse.linalg import cg, minres

d = np.geomspace(1, 1e-7, 40)
A, b = np.diag(d), np.ones(40)


def left(solver):
    x, info = solver(A, b, rtol=1e-5, maxiter=100_000)
    return np.linalg.norm(b - A @ x) / np.linalg.norm(b), info


(ours, info), (theirs, _) = left(minres), left(cg)
print(f"minres leaves {ours:.2g} of b with info = {info}; cg leaves {theirs:.2g}")
sys.exit(0 if info == 0 and ours > 1e-3 and theirs <= 1e-5 else 1)
PY
