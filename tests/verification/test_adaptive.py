"""Rules over adaptive bases: verdict and runs agree on both sides of each threshold; AdamW's own rest point; bad input.

The runs here are written without the analysis: plain loops over the base's step, from starts of their own.
"""

from __future__ import annotations

import json
import math

import jsonschema
import numpy as np
import pytest

from saddlecheck import Adam, AdamW, Force, Optimiser, RMSprop, analyse
from saddlecheck.theory.optimisers.rules import sharpness_aware
from saddlecheck.verification.analysis.adaptive_cycle import edge, two_cycle
from saddlecheck.verification.analysis.schema import SCHEMA

SEEDS = range(15)


def pair(seed):
    """A base with random settings, a Hessian with one negative eigenvalue, and the loss."""
    rng = np.random.default_rng([15, seed])
    b1, b2 = (round(float(x), 2) for x in rng.uniform((0, 0.5), (0.9, 0.99)))
    eps = round(float(rng.uniform(0.05, 0.5)), 3)
    base = (Adam(betas=(b1, b2), eps=eps), RMSprop(alpha=b2, eps=eps), AdamW(betas=(b1, b2), eps=eps))[seed % 3]
    angle, low, high = rng.uniform(0, np.pi), -rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    Q = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    a, b, _, d = (Q @ np.diag([low, high]) @ Q.T).round(3).ravel()
    return base, np.array([[a, b], [b, d]]), f"({a})*x**2/2 + ({b})*x*y + ({d})*y**2/2"


def near(base, H, rho, lr, seed, steps=6000, size=1e-9):
    """Where eight starts, so near that |g| is far below epsilon, are at the end, in units of their distance."""
    rng = np.random.default_rng([7, seed])
    w = size * rng.standard_normal((len(H), 8))
    first, memory = np.linalg.norm(w, axis=0), tuple(np.zeros_like(w) for _ in base.kept)
    for t in range(1, steps + 1):
        g = sharpness_aware(lambda x: H @ x, w, rho, ascent=lambda x: H @ x)
        w, memory = base.step(w, memory, g, lr, t)
    return np.linalg.norm(w, axis=0) / first


def ruled(loss, base, rho, lr, **more):
    found = analyse(loss, rho=rho, lr=lr, optimisers="sam", base=base, simulate=False, **more)
    return found.points[0].optimisers[f"{base.id}_sam"]


def agrees(word, base, H, rho, lr, seed):
    """Whether the runs end nearer than they began, all of them, exactly where it attracts, and farther where not."""
    ratios = near(base, H, rho, lr, seed)
    return bool(np.all(ratios < 1)) if word == "attracts" else bool(np.median(ratios) > 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_verdict_and_runs_agree_on_both_sides_of_each_threshold(seed):
    """The radius 1/mu, and the learning rate at which rest is lost.

    5 % beyond the radius the slowest multiplier is 1 - 0.05 lr mu/eps or less, and 6000 steps at half the edge shrink
    it by far more than the transient of the buffer, 1/(1 - beta1) <= 10, has raised it; 3 % beyond the edge a root is
    outside the circle by (1 - beta1) 0.03/2 at least.
    """
    base, H, loss = pair(seed)
    low = float(np.min(np.linalg.eigvalsh(H)))
    for rho in (0.95 / -low, 1.05 / -low):
        small = ruled(loss, base, rho, 1e-4)
        lr = small.lr_max / 2 if small.lr_max else 0.2 * base.eps
        word = ruled(loss, base, rho, lr).verdict
        assert word == ("attracts" if rho * -low > 1 else "repels")
        assert agrees(word, base, H, rho, lr, seed)
        assert not agrees({"attracts": "repels", "repels": "attracts"}[word], base, H, rho, lr, seed)
    top = ruled(loss, base, 1.05 / -low, 1e-4).lr_max
    for factor, attracts in ((0.97, True), (1.03, False)):
        there = ruled(loss, base, 1.05 / -low, factor * top)
        assert (there.verdict == "attracts") == attracts
        assert there.flow == "attracts"
        assert agrees("attracts" if attracts else "repels", base, H, 1.05 / -low, factor * top, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_edge_is_the_formula(seed):
    """2 eps (1 + beta1)/((1 - beta1) p), p the largest rate; with decay (1 + beta1) kappa joins (1 - beta1) p/eps."""
    base, H, loss = pair(seed)
    eigenvalues = np.linalg.eigvalsh(H)
    rho = 1.5 / -eigenvalues[0]
    top = float(np.max(eigenvalues * (1 + rho * eigenvalues)))
    b1, kappa = (base.betas[0] if base.id != "rmsprop" else 0.0), base.decay
    expected = 2 * (1 + b1) / (kappa * (1 + b1) + (1 - b1) * top / base.eps)
    found = ruled(loss, base, rho, 1e-4)
    assert found.lr_max == pytest.approx(expected, rel=1e-9)  # by bisection from eigenvalues, or exactly
    assert found.certified == (kappa == 0)
    assert found.radii[0][0] == pytest.approx(-1 / eigenvalues[0], rel=1e-9)


def alternates(base, rate, lr, start, steps):
    """The last two positions of one weight."""
    w, memory, before = np.array([start]), tuple(np.zeros(1) for _ in base.kept), 0.0
    for t in range(1, steps + 1):
        before = float(w[0])
        w, memory = base.step(w, memory, rate * w, lr, t)
    return before, float(w[0])


@pytest.mark.parametrize("seed", range(12))
def test_the_two_cycle_and_where_it_attracts(seed):
    """Just within its condition a path from beside the cycle stays on it, just beyond it leaves.

    The largest root of the polynomial is 1 - c d at a relative distance d from the condition, c of the order of 1 -
    beta1 or 1 - beta2: with d = 0.2 a thousandth of the width grows or dies out within 40,000 steps.
    """
    rng = np.random.default_rng([22, seed])
    b1, b2 = (float(x) for x in rng.uniform((0.3, 0.6), (0.9, 0.95)))
    limit = (1 - b1) * (1 - b1 * b2) / (2 * b1 * (1 + b2))
    rate, eps = float(rng.uniform(0.5, 2)), 1e-3
    top = edge((b1, b2), eps, rate)
    for share, attracts in ((0.8 * limit, True), (1.2 * limit, False)):
        if share >= 1:
            continue
        lr = top / (1 - share)
        width = lr * (1 - b1) / (2 * (1 + b1)) - eps / rate
        found = two_cycle((b1, b2), eps, [rate], lr)
        assert (found is not None) == attracts
        if attracts:
            assert found.half_width == pytest.approx(width, rel=1e-9)
            assert found.rate < 1
        w, m = np.array([1.001 * width]), np.array([-(1 - b1) * rate * width / (1 + b1)])
        base, memory = Adam(betas=(b1, b2), eps=eps), (m, np.array([(rate * width) ** 2]))
        for _ in range(40_000):
            before = w
            w, memory = base.step(w, memory, rate * w, lr, math.inf)
        on = abs(abs(float(w[0])) - width) < 1e-4 * width and abs(float(w[0] + before[0])) < 1e-4 * width
        assert on == attracts


def test_rmsprop_ends_on_its_cycle_and_the_analysis_says_so():
    found = analyse("x**2 - y**2", rho=1.0, lr=1e-3, optimisers="sam", base="rmsprop")
    ruling = found.points[0].optimisers["rmsprop_sam"]
    assert (ruling.verdict, ruling.period, ruling.certified, ruling.simulated) == ("cycle", 2, True, "confirmed")
    widths = [1e-3 / 2 - 1e-8 / p for p in (6.0, 2.0)]  # lambda (1 + rho lambda) at 2 and -2
    assert ruling.cycle == pytest.approx(math.hypot(*widths), rel=1e-12)
    for rate in (6.0, 2.0):
        before, after = alternates(RMSprop(), rate, 1e-3, 1e-2, 6000)
        assert abs(before + after) < 1e-6 * abs(after)
        assert abs(after) == pytest.approx(1e-3 / 2 - 1e-8 / rate, rel=1e-6)
    jsonschema.validate(json.loads(json.dumps(found.to_dict())), SCHEMA)


def test_adam_at_its_defaults_is_held_by_a_saddle_without_resting():
    held, left = (
        analyse("x**2 - y**2", rho=rho, lr=1e-3, optimisers="sam", base="adam").points[0].optimisers["adam_sam"]
        for rho in (0.6, 0.4)
    )
    assert (held.verdict, held.certified, held.simulated) == ("cycle", True, "confirmed")
    assert held.cycle < 10e-3  # nearer than the farthest starts
    assert (left.verdict, left.certified, left.simulated) == ("repels", True, "confirmed")
    # The rest point's own edge, of the stiffer direction: 38 eps/(2 (1 + 0.6 * 2)).
    assert "it rests below lr = 8.63636e-08" in held.why


def test_where_coordinates_act_on_each_other_it_is_undecided_beyond_the_edge_and_says_what_runs_did():
    found = analyse("x**2 + x*y + y**2", rho=0.3, lr=1e-3, optimisers="sam", base="adam", basins=False)
    ruling = found.points[0].optimisers["adam_sam"]
    assert (ruling.verdict, ruling.flow, ruling.certified) == ("undecided", "attracts", False)
    assert "20 of 20 starts stayed within" in ruling.seen
    assert ruling.lr_max == pytest.approx(38e-8 / (3 * (1 + 0.3 * 3)), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "word", "certified"),
    [("x**2 - y**2", "cycle", True), ("x**2 - 2*y**2/5", "repels", True), ("x**2 + x*y - y**2", "undecided", False)],
)
def test_lion_never_rests(loss, word, certified):
    """With rho = 0.6 the direction of eigenvalue -2 is held, that of -4/5 is not."""
    ruling = analyse(loss, rho=0.6, lr=1e-3, optimisers="sam", base="lion").points[0].optimisers["lion_sam"]
    assert (ruling.verdict, ruling.certified) == (word, certified)
    assert ruling.simulated == ("inconclusive" if word == "undecided" else "confirmed")
    assert "no" not in (ruling.seen or "no")[:3]


def test_mini_batch_noise_is_undecided_with_the_settings_of_the_run():
    found = analyse("x**2 - y**2", rho=1.0, lr=1e-3, batch=16, base="adamw", basins=False)
    for name, stays in (("adamw", False), ("adamw_sam", True)):
        ruling = found.points[0].optimisers[name]
        assert ruling.verdict == "undecided"
        assert ruling.seen.startswith("20 of 20" if stays else "0 of 20")
        assert ruling.seen.endswith("with the noise of mini-batches of 16")


def test_adamw_rests_beside_the_point():
    """Where g (1 - kappa |w|) = -kappa eps w: the place, the verdict there, and the same without decay."""
    base = AdamW(eps=1e-3, betas=(0.5, 0.9), weight_decay=0.1)
    found = analyse("(x - 3)**2/2 + (y + 2)**2", rho=0.2, lr=1e-3, optimisers="sam", base=base, basins=False)
    ruling = found.points[0].optimisers["adamw_sam"]
    assert (ruling.verdict, ruling.simulated) == ("attracts", "confirmed")
    rates, centre = np.array([1.2, 2.8]), np.array([3.0, -2.0])
    w, memory = centre.copy(), (np.zeros(2), np.zeros(2))
    for t in range(1, 60_000):
        w, memory = base.step(w, memory, rates * (w - centre), 1e-3, t)
    g = rates * (w - centre)
    assert np.max(np.abs(g * (1 - 0.1 * np.abs(w)) + 0.1 * 1e-3 * w)) < 1e-13
    assert f"{np.linalg.norm(w - centre):.4g} away" in ruling.why
    plain = analyse("(x - 3)**2/2 + (y + 2)**2", rho=0.2, lr=1e-3, optimisers="sam",
                    base=AdamW(eps=1e-3, betas=(0.5, 0.9), weight_decay=0.0), simulate=False)  # fmt: skip
    assert plain.points[0].optimisers["adamw_sam"].certified


def test_adamw_has_no_rest_point_where_the_decay_is_larger_than_its_step():
    base = AdamW(eps=1e-3, weight_decay=0.5)
    ruling = analyse("(x - 3)**2/2", rho=0.2, lr=1e-3, optimisers="sam", base=base).points[0].optimisers["adamw_sam"]
    assert ruling.verdict == "undecided"
    assert "no rest point" in ruling.why
    assert ruling.seen.startswith("0 of 20 starts stayed") or "stayed within" in ruling.seen


def test_a_rule_of_ones_own_over_a_base():
    def half(gradient, w, rho):
        return 0.5 * gradient(w) + 0.5 * gradient(w + rho * gradient(w))

    base = Adam(eps=0.1, lr=0.01)
    mine = Optimiser("mine", "half of SAM over Adam", Force(half, vectorised=False), base=base)
    for rho, word in ((1.2, "attracts"), (0.8, "repels")):  # twice SAM's threshold of 1/2
        found = analyse("x**2 - y**2 + x*y**2", rho=rho, lr=0.7, optimisers=[mine], basins=False)
        ruling = found.points[0].optimisers["mine"]
        assert (ruling.verdict, ruling.simulated) == (word, "confirmed")
        assert ruling.radii == ((1.0, None),)
    assert found.rules["mine"].trapped.startswith("mu*rho > 2")
    jsonschema.validate(json.loads(json.dumps(found.to_dict())), SCHEMA)


def test_a_rule_that_does_not_commute_is_judged_by_its_jacobian():
    def scaled(gradient, w, rho):
        return np.array([0.5, 2.0]) * gradient(w + rho * gradient(w))

    found = analyse("x**2 + x*y - y**2", rho=1.0, lr=0.01, optimisers=scaled, base="adam:eps=0.5", basins=False)
    ruling = found.points[0].optimisers["adam_scaled"]
    assert (ruling.verdict, ruling.certified, ruling.simulated) == ("attracts", False, "confirmed")
