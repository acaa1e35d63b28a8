#!/usr/bin/env bash
# version:   optax 0.2.6, jax 0.10.2, Python 3.11
# guess:     a drop-in optimiser: in the usual loop, one update a batch, each batch makes one step of SAM with both gradients
#            on that batch, and the weights between two batches are the weights.
# behaviour: with the default arguments an update is half a step: the ascent uses one batch, the descent the next, and after
#            an odd number of updates the weights are the perturbed ones. Both gradients on one batch need opaque_mode=True and a
#            gradient function.
# seen:      loss (w - x)^2/2, batches 1, -1, rho = 0.5, lr = 0.1, from 0: default -0.5 (the perturbed weights),
#            then -0.05; opaque 0.15, then -0.015
# matters:   ascent and descent on independent batches is another method: its perturbation is no ascent for the batch that
#            is descended, and its mean and variance near a saddle follow other formulas. An epoch has half the steps, and
#            weights that are saved or evaluated after an odd number of updates are off by rho.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q optax==0.2.6 jax==0.10.2
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)
rho, lr, batches = 0.5, 0.1, (1.0, -1.0)


def loop(opaque):
    """The weights after each batch."""
    ascent = optax.chain(optax.contrib.normalize(), optax.sgd(rho))
    rule = optax.contrib.sam(optax.sgd(lr), ascent, opaque_mode=opaque)
    w = jnp.array(0.0)
    state, seen = rule.init(w), []
    for x in batches:
        function = {"grad_fn": lambda p, _, x=x: p - x} if opaque else {}
        updates, state = rule.update(w - x, state, w, **function)
        w = optax.apply_updates(w, updates)
        seen.append(float(w))
    return seen


default, opaque = loop(False), loop(True)
print("default", default, "opaque", opaque)
# By hand: the gradient at 0 is -1, the ascent goes to -0.5. Descent from 0 on the second batch there: -lr (-0.5 + 1). On the
# first batch: -lr (-0.5 - 1); then the ascent on the second from 0.15 to 0.65, and -lr (0.65 + 1).
expected = [-0.5, -0.05, 0.15, -0.015]
sys.exit(0 if all(abs(a - b) < 1e-12 for a, b in zip(default + opaque, expected)) else 1)
PY
