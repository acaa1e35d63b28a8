"""Optax's SAM beside this project's: one step of both, and each difference that the conformance page names.

Both compute in float64 on the CPU; ten steps of a map that expands errors by at most 1 + lr 3 a step leave some
10 * 1.15^10 * 1e-16, below 1e-14. A norm that is wrong by 1 % would show as 1e-4.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saddlecheck.nets import SAM

optax = pytest.importorskip("optax", reason="tox -e peers installs it")
jax = pytest.importorskip("jax", reason="tox -e peers installs it")
jax.config.update("jax_enable_x64", True)

LR, RHO, CLOSE = 0.05, 0.1, 1e-13
CURVATURES = np.array([3.0, 1.0, -0.5])
START = np.array([0.4, -0.3, 0.2])


def gradient(w: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Of sum(c w^2)/2 - shift sum(w)."""
    return CURVATURES * w - shift


def rule(*, opaque: bool) -> optax.GradientTransformationExtraArgs:
    ascent = optax.chain(optax.contrib.normalize(), optax.sgd(RHO))
    return optax.contrib.sam(optax.sgd(LR), ascent, opaque_mode=opaque)


def theirs(shifts: list[float], *, opaque: bool, start: np.ndarray = START) -> np.ndarray:
    """The weights after one update for each shift of the loss."""
    peer, w = rule(opaque=opaque), jax.numpy.array(start)
    state = peer.init(w)
    for shift in shifts:
        more = {"grad_fn": lambda p, _, shift=shift: gradient(p, shift)} if opaque else {}
        updates, state = peer.update(gradient(w, shift), state, w, **more)
        w = optax.apply_updates(w, updates)
    return np.asarray(w)


def ours(shifts: list[float], start: np.ndarray = START) -> np.ndarray:
    w = torch.nn.Parameter(torch.tensor(start))
    sam = SAM([w], torch.optim.SGD, RHO, lr=LR)
    for shift in shifts:

        def closure(shift: float = shift) -> torch.Tensor:
            w.grad = None
            loss = (torch.tensor(CURVATURES) * w**2).sum() / 2 - shift * w.sum()
            loss.backward()
            return loss

        sam.step(closure)
    return w.detach().numpy()


def test_an_opaque_update_is_a_step_of_ours():
    shifts = list(np.linspace(-0.3, 0.4, 10))
    assert np.abs(theirs(shifts, opaque=True) - ours(shifts)).max() < CLOSE


def test_a_default_update_is_half_a_step():
    assert np.abs(theirs([0.1, 0.1], opaque=False) - ours([0.1])).max() < CLOSE
    g = gradient(START, 0.1)
    assert np.abs(theirs([0.1], opaque=False) - (START + RHO * g / np.linalg.norm(g))).max() < CLOSE


def test_by_default_the_descent_is_on_the_next_batch():
    g = gradient(START, 0.1)
    independent = START - LR * gradient(START + RHO * g / np.linalg.norm(g), -0.2)
    assert np.abs(theirs([0.1, -0.2], opaque=False) - independent).max() < CLOSE
    assert np.abs(independent - ours([0.1])).max() > 1e-3  # on one batch it is another step


@pytest.mark.parametrize("opaque", [True, False])
def test_a_gradient_of_zero_ends_their_run_and_not_ours(opaque):
    at_rest = np.zeros(3)
    assert np.isnan(theirs([0.0, 0.0], opaque=opaque, start=at_rest)).all()
    assert (ours([0.0], start=at_rest) == 0).all()


def test_a_gradient_of_zero_at_the_perturbed_point_does_so_by_default():
    balanced = np.array([0.0, 0.0, RHO])  # the ascent along the negative direction ends at 0
    assert np.isnan(theirs([0.0, 0.0], opaque=False, start=balanced)).all()
    assert np.abs(theirs([0.0], opaque=True, start=balanced) - balanced).max() < CLOSE
    assert np.abs(ours([0.0], start=balanced) - balanced).max() < CLOSE
