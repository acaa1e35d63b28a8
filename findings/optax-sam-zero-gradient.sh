#!/usr/bin/env bash
# version:   optax 0.2.6, jax 0.10.2, Python 3.11
# guess:     normalised SAM by optax.contrib.sam and optax.contrib.normalize stays where it is when a gradient is exactly 0,
#            as implementations that add a small number to the norm, or skip the perturbation, do.
# behaviour: normalize divides 0 by 0. At a critical point all weights are nan after one update. They are nan after two also
#            where only the gradient at the PERTURBED point is 0: the branch that is not taken is computed as well and
#            multiplied by 0, and 0 * nan is nan.
# seen:      l = -w^2/2, rho = 0.5: from 0, a critical point: nan; from 0.5, where the ascent ends at 0: nan; from 0.4: 0.39
# matters:   both are the points that a study of saddles is about: where runs are started, and where the normalised ascent of
#            a negative direction balances (|w| = rho, an equilibrium of the method). A saddle seems to destroy the run.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q optax==0.2.6 jax==0.10.2
"$folder/venv/bin/python" -W ignore - <<'PY'
import math
import sys

import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)
rho, lr = 0.5, 0.1


def step(w):
    """One step of SAM: an update of ascent and one of descent."""
    ascent = optax.chain(optax.contrib.normalize(), optax.sgd(rho))
    rule = optax.contrib.sam(optax.sgd(lr), ascent)
    w = jnp.array(w)
    state = rule.init(w)
    for _ in range(2):
        updates, state = rule.update(-w, state, w)
        w = optax.apply_updates(w, updates)
    return float(w)


critical, balanced, other = step(0.0), step(0.5), step(0.4)
print(f"from 0, a critical point: {critical:.3g}; from 0.5, where the ascent ends at 0: {balanced:.3g}; from 0.4: {other:.3g}")
# The method's own step from 0.4: ascent to -0.1, where the gradient is 0.1.
sys.exit(0 if math.isnan(critical) and math.isnan(balanced) and abs(other - 0.39) < 1e-12 else 1)
PY
