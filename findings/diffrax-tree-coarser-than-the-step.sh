#!/usr/bin/env bash
# version:   diffrax 0.7.2, jax 0.10.2, Python 3.11
# guess:     tol of VirtualBrownianTree is an accuracy of the path; a step below it is refused, or costs a little accuracy.
# behaviour: a path that is queried below tol is smooth there: increments of neighbouring steps are correlated, and nothing
#            is said. Euler's recursion then has coloured noise and a stationary variance of its own.
# seen:      dy = -10 y dt + dW, step 0.01: variance 0.0519 at tol 0.001, 0.0743 at tol 0.5; the recursion's own is 0.0526
# matters:   a step that is halved for a convergence study, or sharpened where the drift is stiff, passes below a fixed tol,
#            and the study converges to a process that is not the SDE.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q diffrax==0.7.2 jax==0.10.2
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import diffrax
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
theta, step, end, paths = 10.0, 0.01, 2.0, 20_000


def variance(tol):
    def one(key):
        path = diffrax.VirtualBrownianTree(0.0, end, tol=tol, shape=(), key=key)
        drift = diffrax.ODETerm(lambda t, y, args: -theta * y)
        noise = diffrax.ControlTerm(lambda t, y, args: jnp.ones(()), path)
        terms, last = diffrax.MultiTerm(drift, noise), diffrax.SaveAt(t1=True)
        return diffrax.diffeqsolve(terms, diffrax.Euler(), 0.0, end, step, jnp.zeros(()), saveat=last).ys

    return float(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(0), paths)).var())


exact = 1 / (2 * theta * (1 - theta * step / 2))  # w <- (1 - theta h) w + sqrt(h) xi at rest
fine, coarse = variance(1e-3), variance(0.5)
print(f"variance {fine:.4f} at tol 0.001, {coarse:.4f} at tol 0.5; the recursion's own is {exact:.4f}")
# One standard error of a sample variance of 20,000 normal values is 1 %.
sys.exit(0 if abs(fine / exact - 1) < 0.05 and coarse / exact > 1.2 else 1)
PY
