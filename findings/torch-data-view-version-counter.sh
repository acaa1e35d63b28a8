#!/usr/bin/env bash
# version:   torch 2.13.0 (CPU), Python 3.11
# guess:     an in-place change of weights that a retained graph still needs is an error in backward ("modified by an
#            inplace operation"), also where the parameters are views of one flat buffer and the buffer is changed.
# behaviour: a parameter whose .data was set to a view has a version counter of its own. A change of the buffer, or of the
#            other parameters' views, moves no counter: backward goes through, with the new weights in the old graph.
# seen:      plain parameters: refused; views: 16, where the gradient at the old weights is 8 and at the new ones 64
# matters:   flat buffers are how optimisers save time; the second gradient of sharpness-aware steps, computed from a graph
#            that was retained at the first weights, is then that of no point at all, without a word.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import torch


def second_gradient(flat):
    """d/da of a^2 b^2 at (1, 2), from a graph made there, after both weights were doubled in place."""
    a, b = torch.nn.Parameter(torch.tensor([1.0])), torch.nn.Parameter(torch.tensor([2.0]))
    if flat:
        buffer = torch.tensor([1.0, 2.0])
        a.data, b.data = buffer[:1], buffer[1:]
    loss = ((a * b) ** 2).sum()
    loss.backward(retain_graph=True)
    a.grad = None
    with torch.no_grad():
        if flat:
            buffer.mul_(2)
        else:
            a.mul_(2), b.mul_(2)
    try:
        loss.backward()
    except RuntimeError as error:
        return "refused" if "inplace" in str(error) else str(error)
    return a.grad.item()


plain, flat = second_gradient(flat=False), second_gradient(flat=True)
print(f"plain parameters: {plain}; views of a buffer: {flat}; at the old weights it is 8, at the new 64")
sys.exit(0 if plain == "refused" and flat not in (8.0, 64.0, "refused") else 1)
PY
