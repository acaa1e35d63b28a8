"""The toy neuron: two engines, exact one-step laws, end states, and the speed that a sweep needs."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch
from neuron_autograd import ToyNeurons, by_autograd
from torch import nn

from saddlecheck.nets.neuron import EPS, EndStates, NeuronSettings, draws, labels, run
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)
RULES = [("sgd", 0.0), ("sam", 0.1), ("sam_normalised", 0.1)]


@pytest.mark.parametrize(("rule", "rho"), RULES)
@pytest.mark.parametrize("batch", [1, 4, None])
@pytest.mark.parametrize("gamma", [0.0, 0.9])
def test_the_compiled_engine_agrees_with_autograd(rule, rho, batch, gamma) -> None:
    settings = NeuronSettings(rule, 0.01, rho, batch=batch, gamma=gamma, steps=100, seeds=20)
    compiled, autograd = run(settings), by_autograd(settings)
    # 100 steps of some ten roundings of 1e-16; near the line normalised SAM multiplies an error by up to
    # 1 + eta |H| <= 1.1 a step while the sign of w1 is stable, which is at most a factor 1e4 over 100 steps.
    np.testing.assert_allclose(compiled.w1, autograd.w1, rtol=0, atol=1e-10)
    np.testing.assert_allclose(compiled.w2, autograd.w2, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("rule", "rho"), RULES[1:])
def test_one_seed_is_what_the_sam_optimiser_does(rule, rho) -> None:
    steps = 50
    end = run(NeuronSettings(rule, 0.01, rho, gamma=0.5, steps=steps, seeds=1, first_seed=7))
    w1, w2, counts = draws(7, 1, steps, 1)
    model = ToyNeurons(w1, w2)
    sam = SAM(model.parameters(), torch.optim.SGD, rho, normalised=rule == "sam_normalised", lr=0.01, momentum=0.5)
    for count in counts[0]:
        target = torch.tensor([2.0 if count else -1.0], dtype=torch.float64)
        for step in (sam.first_step, sam.second_step):
            nn.functional.mse_loss(model(torch.ones(1)), target).backward()
            step(zero_grad=True)
    assert float(model.w1.detach()) == pytest.approx(end.w1[0], abs=1e-12)
    assert float(model.w2.detach()) == pytest.approx(end.w2[0], abs=1e-12)


def test_seeds_are_the_same_whatever_their_company() -> None:
    all_of_them = run(NeuronSettings("sam", 0.01, 0.1, steps=200, seeds=10))
    some = run(NeuronSettings("sam", 0.01, 0.1, steps=200, seeds=3, first_seed=5))
    assert np.array_equal(all_of_them.w1[5:8], some.w1)


def test_starts_and_labels_have_the_stated_laws() -> None:
    w1, w2, counts = draws(0, 2_000, 64, 4)
    assert w1.min() >= -0.1
    assert w1.max() <= 0.1
    assert 0 <= w2.min() < 0.01 < 0.99 < w2.max() <= 1
    # 128,000 counts of Binomial(4, 1/2): the mean has standard error 1/sqrt(128000) = 0.0028, five of them are 0.014;
    # the variance 1 has standard error about 1/sqrt(128000) * 1.12, likewise.
    assert counts.mean() == pytest.approx(2.0, abs=0.014)
    assert counts.var() == pytest.approx(1.0, abs=0.016)


def test_on_the_line_the_transverse_rate_is_the_derived_one() -> None:
    # Near w1 = 0 the batch gradient is lam w1 with lam = -4 ybar w2, and constant-rho SAM multiplies w1 by
    # 1 - eta lam (1 + rho lam). Full batch, ybar = 1/2, w2 = 1: lam = -2. rho 0.6 > 1/2 contracts, 0.4 expands.
    for rho, factor in ((0.6, 1 + 0.01 * 2 * (1 - 1.2)), (0.4, 1 + 0.01 * 2 * (1 - 0.8))):
        from saddlecheck.nets import neuron_kernel

        w1, w2 = np.array([1e-6]), np.array([1.0])
        counts = np.zeros((1, 100), dtype=np.uint8)
        neuron_kernel.train(w1, w2, counts, np.array([0.5]), 0.01, rho, 1e-12, 0.0, False)
        # w2 moves by O(w1^2) = 1e-12 a step: a relative 1e-9 covers 100 of them.
        assert w1[0] == pytest.approx(1e-6 * factor**100, rel=1e-9)


def test_end_states_are_told_apart() -> None:
    w1 = np.array([0.5, 0.0, 0.0, 1.0, np.nan, 1e200])
    w2 = np.array([2.0, 0.7, -0.7, 3.0, 1.0, 1e200])
    ends = EndStates(NeuronSettings(), w1, w2)
    assert list(ends.states) == [
        "minimum", "saddle line", "local-minimum line", "elsewhere", "diverged", "diverged",
    ]  # fmt: skip
    assert list(ends.loss[:2]) == [2.25, 2.5]
    assert ends.mean_loss()[0] == np.inf


def test_fractions_carry_wilson_intervals() -> None:
    ends = EndStates(NeuronSettings(), np.r_[np.full(90, 0.5), np.zeros(10)], np.full(100, 2.0))
    fraction, low, high = ends.fractions()["saddle line"]
    # Wilson at 95 % for 10 of 100, by the formula: centre (10 + z^2/2)/(100 + z^2), half-width
    # z/(100 + z^2) sqrt(10 * 90/100 + z^2/4), z = 1.959964.
    assert (fraction, low, high) == pytest.approx((0.1, 0.05522914, 0.17436566), abs=1e-7)
    assert ends.fractions()["diverged"][1] == 0.0


def test_sgd_finds_the_minima_and_sam_the_line_as_in_figure_7b() -> None:
    # Declared beforehand: eta 0.003, 10,000 steps, one sample. Wilson intervals at 95 % must be apart.
    sgd = run(NeuronSettings("sgd", 0.003, seeds=300))
    sam = run(NeuronSettings("sam_normalised", 0.003, 0.1, seeds=300))
    assert sgd.fractions()["minimum"][1] > 0.9
    assert sam.fractions()["saddle line"][1] > 0.9
    assert sgd.fractions()["saddle line"][2] < 0.05


REFUSED = [
    ({"rule": "adam"}, "rule is one of"),
    ({"eta": 0.0}, "learning rate"),
    ({"rule": "sam", "rho": -1.0}, "rho is a finite"),
    ({"rule": "sgd", "rho": 0.1}, "plain SGD has no rho"),
    ({"gamma": 1.0}, "momentum"),
    ({"batch": 65}, "1 to 64"),
    ({"seeds": 0}, "at least 1"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_settings_outside_their_domain_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        NeuronSettings(**arguments)


def test_a_thousand_seeds_take_seconds_and_beat_a_loop_over_seeds_two_hundredfold() -> None:
    run(NeuronSettings("sam_normalised", 0.003, 0.1, steps=2, seeds=2))  # compile
    begin = time.process_time()
    run(NeuronSettings("sam_normalised", 0.003, 0.1))
    batched = time.process_time() - begin
    assert batched < 10.0  # CPU seconds, one core

    def one_step_of_one_seed(w: torch.Tensor) -> None:
        for _ in range(2):
            torch.autograd.grad((w[1] * w[0] ** 2 - 2.0) ** 2, w)

    w = torch.tensor([0.05, 0.5], dtype=torch.float64, requires_grad=True)
    begin = time.process_time()
    for _ in range(500):
        one_step_of_one_seed(w)
    looped = (time.process_time() - begin) / 500 * 1e7  # to 1,000 seeds and 10,000 steps
    assert looped / batched > 200


def _one_after_the_other(w1, w2, counts, labels, eta, rho, eps, gamma, normalised) -> None:
    """The training of each seed by itself, in plain Python floats: the same IEEE operations in the same order."""
    for s in range(len(w1)):
        a, b, m1, m2 = float(w1[s]), float(w2[s]), 0.0, 0.0
        for count in counts[s]:
            y = float(labels[count])
            d = 2.0 * (b * a * a - y)
            g1, g2 = d * 2.0 * b * a, d * a * a
            r = rho / (math.sqrt(g1 * g1 + g2 * g2) + eps) if normalised else rho
            ap, bp = a + r * g1, b + r * g2
            d = 2.0 * (bp * ap * ap - y)
            m1, m2 = gamma * m1 + d * 2.0 * bp * ap, gamma * m2 + d * ap * ap
            a, b = a - eta * m1, b - eta * m2
        w1[s], w2[s] = a, b


@pytest.mark.parametrize(("rule", "rho"), RULES)
@pytest.mark.parametrize(("batch", "seeds", "steps"), [(1, 130, 70), (3, 64, 64), (None, 1, 130), (7, 3, 101)])
def test_blocks_of_seeds_change_no_bit(rule, rho, batch, seeds, steps) -> None:
    """Blocks and chunks that are full, cut short and single; one seed after the other is the same to the last bit."""
    w1, w2, counts = draws(5, seeds, steps, batch)
    for gamma in (0.0, 0.9):
        end = run(NeuronSettings(rule, 0.02, rho, batch=batch, gamma=gamma, steps=steps, seeds=seeds, first_seed=5))
        a, b = w1.copy(), w2.copy()
        _one_after_the_other(a, b, counts, labels(batch), 0.02, rho, EPS, gamma, rule == "sam_normalised")
        assert np.array_equal(end.w1, a, equal_nan=True)  # two seeds of one case diverge
        assert np.array_equal(end.w2, b, equal_nan=True)


def test_draws_are_those_of_a_generator_a_seed() -> None:
    for batch, steps in ((1, 37), (5, 50), (8, 21), (16, 9), (32, 5), (63, 4), (64, 3)):
        w1, w2, counts = draws(3, 4, steps, batch)
        for i in range(4):
            rng = np.random.Generator(np.random.Philox(key=3 + i))
            assert (w1[i], w2[i]) == (rng.uniform(-0.1, 0.1), rng.uniform(0.0, 1.0))
            bits = np.unpackbits(np.frombuffer(rng.bytes((steps * batch + 7) // 8), dtype=np.uint8))
            assert np.array_equal(counts[i], bits[: steps * batch].reshape(steps, batch).sum(axis=1))
