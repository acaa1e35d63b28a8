#!/usr/bin/env bash
# version:   loss-landscapes 3.0.6, torch 2.13.0, CPU, Python 3.11
# guess:     random_line(..., distance=d) walks from the model to the distance d, "maximum distance in parameter space
#            from the start point"; a larger distance shows a wider piece of the loss.
# behaviour: the line has the length |w|/d: a larger distance shows a narrower piece, and the default 0.1 walks to ten
#            times the norm of the weights. random_plane has the same factor.
# seen:      with |w| = 2 the line ends 20.0, 2.0 and 1.0 from the model for distance 0.1, 1 and 2
# matters:   widths of minima read off such curves, the usual picture of what SAM flattens, are in inverse units.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/pip" install -q --no-deps loss-landscapes==3.0.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import loss_landscapes
import torch


def reached(distance):
    model = torch.nn.Linear(4, 1, bias=False)
    torch.nn.init.ones_(model.weight)

    def from_the_model(wrapped):
        return float(((wrapped.get_module_parameters().as_numpy() - 1) ** 2).sum() ** 0.5)

    line = loss_landscapes.random_line(model, from_the_model, distance=distance, steps=10, normalization="model")
    return round(float(line[-1]), 3)


ends = [reached(d) for d in (0.1, 1, 2)]
print(f"with |w| = 2 the line ends {ends[0]}, {ends[1]} and {ends[2]} from the model for distance 0.1, 1 and 2")
sys.exit(0 if ends == [20.0, 2.0, 1.0] else 1)
PY
