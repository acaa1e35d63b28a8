"""What the claims of many sections write again and again, by the field's names.

- `GD`, `SAM`, `SAM_NORMALISED`, `SAM_COMPOSED`: gradient descent, SAM with a constant and with a normalised radius, and
  gradient descent on the loss at the perturbed weight; each without noise and without momentum.
- `line`: the loss lam w^2/2, one direction of a quadratic.
- `k`: on it the gradient at the perturbed weight over the gradient at the weight.
"""

from __future__ import annotations

from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.symbols import lam, rho

GD, SAM = OPTIMISERS["gd"], OPTIMISERS["sam"]
SAM_NORMALISED, SAM_COMPOSED = OPTIMISERS["sam_normalised"], OPTIMISERS["sam_composed"]

line = quadratic()
k = 1 + rho * lam
