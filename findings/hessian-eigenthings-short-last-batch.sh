#!/usr/bin/env bash
# version:   hessian-eigenthings 1.0.0a5, torch 2.13.0 (CPU), numpy 2.4.6, Python 3.11
# guess:     HessianOperator over a DataLoader with a mean loss and full_dataset=True (the default) is the Hessian of the
#            mean loss over the data set; the loader's batch size is a matter of memory.
# behaviour: batches are averaged with equal weights, so samples of a short last batch count more. microbatch_size divides
#            a batch in the same way.
# seen:      11 samples with curvatures 1, ..., 1, 100: the data set's top eigenvalue is 10; with batches of 11: 10,
#            of 10: 50.5, of 4: 12, of 3: 13.4
# matters:   the sharpness of one model depends on the batch size with which it is measured; thresholds 1/mu and 2/lr that
#            are read off it move with it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 hessian-eigenthings==1.0.0a5 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch
from hessian_eigenthings import HessianOperator
from torch.utils.data import DataLoader, TensorDataset

curvatures = torch.tensor([1.0] * 10 + [100.0], dtype=torch.float64)
data = TensorDataset(curvatures.sqrt()[:, None], torch.zeros(11, 1, dtype=torch.float64))
model = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)


def loss(model, batch):
    inputs, targets = batch
    return ((model(inputs) - targets) ** 2).mean() / 2


one = torch.ones(1, dtype=torch.float64)
found = {n: float(HessianOperator(model, DataLoader(data, n), loss).matvec(one)) for n in (11, 10, 4, 3)}
print("the data set's:", float(curvatures.mean()), "by batch size:", {k: round(v, 1) for k, v in found.items()})
# Equal weights by hand: size 10 gives (1 + 100)/2, size 4 (1 + 1 + 34)/3, size 3 (1 + 1 + 1 + 50.5)/4.
expected = {11: 10, 10: 50.5, 4: 12, 3: 13.375}
sys.exit(0 if all(abs(found[size] - value) < 1e-9 for size, value in expected.items()) else 1)
PY
