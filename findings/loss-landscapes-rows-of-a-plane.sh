#!/usr/bin/env bash
# version:   loss-landscapes 3.0.6, torch 2.13.0, CPU, Python 3.11
# guess:     planar_interpolation and random_plane return values on a regular grid: neighbouring entries are one step
#            apart, in rows and in columns.
# behaviour: the plane is walked to and fro, and each value is taken after its step: a row that is walked forth holds
#            the steps 1 to n along the second direction, a row that is walked back 0 to n - 1, in the same columns.
# seen:      steps along the second direction: [1, 2, 3, 4], [0, 1, 2, 3], [1, 2, 3, 4], [0, 1, 2, 3]
# matters:   contours of a smooth loss come out toothed, and a valley is drawn as a chain of small basins.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/pip" install -q --no-deps loss-landscapes==3.0.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import loss_landscapes
import torch


def model_at(*weights):
    model = torch.nn.Linear(2, 1, bias=False)
    model.weight.data[:] = torch.tensor(weights)
    return model


def second_coordinate(wrapped):
    return round(4 * float(wrapped.get_module_parameters().as_numpy()[1]))


corners = model_at(0.0, 0.0), model_at(1.0, 0.0), model_at(0.0, 1.0)
rows = loss_landscapes.planar_interpolation(*corners, second_coordinate, steps=4, deepcopy_model=True).tolist()
print("steps along the second direction:", ", ".join(map(str, rows)))
sys.exit(0 if rows == [[1, 2, 3, 4], [0, 1, 2, 3]] * 2 else 1)
PY
