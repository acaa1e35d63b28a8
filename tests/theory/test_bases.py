"""Adaptive bases as formulas: their steps, what they are at rest, how far they stray, and settings that are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory import OPTIMISERS, Adam, AdamW, Lion, Optimiser, RMSprop
from saddlecheck.theory.optimiser import heavy_ball, quadratic
from saddlecheck.theory.optimisers.bases import BASES
from saddlecheck.theory.optimisers.column import Column
from saddlecheck.theory.symbols import eta, kappa, lam, real, w

B1, B2, EPS = real("beta_1"), real("beta_2"), real("epsilon")
FORCE = OPTIMISERS["sam"].force


def by_hand(name, w, m, v, g, lr):
    """One step of each base, written for one weight long after the start."""
    if name == "lion":
        c = 0.9 * m + 0.1 * g
        return (1 - lr * 0.2) * w - lr * np.sign(c), 0.99 * m + 0.01 * g, v
    if name == "rmsprop":
        v = 0.99 * v + 0.01 * g**2
        return w - lr * g / (math.sqrt(v) + 0.3), m, v
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return (1 - lr * (0.2 if name == "adamw" else 0)) * w - lr * m / (math.sqrt(v) + 0.3), m, v


GIVEN = {
    "adam": Adam(eps=0.3), "adamw": AdamW(eps=0.3, weight_decay=0.2), "rmsprop": RMSprop(eps=0.3),
    "lion": Lion(weight_decay=0.2),
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
def test_one_body_for_floats_and_symbols(name):
    base, (at, m, v), lr, curvature, radius = GIVEN[name], (0.7, -0.4, 0.09), 0.05, 1.5, 0.4
    g = curvature * (at + radius * curvature * at)
    memory = {"m": np.array([m]), "v": np.array([v])}
    expected = dict(zip(("w", "m", "v"), by_hand(name, at, m, v, g, lr), strict=True))
    after, kept = base.step(np.array([at]), tuple(memory[k] for k in base.kept), np.array([g]), lr, math.inf)
    found = {"w": after[0], **{k: part[0] for k, part in zip(base.kept, kept, strict=True)}}
    optimiser = Optimiser("x", "x", FORCE, base=base)
    assert [str(s) for s in optimiser.state(quadratic())] == ["w", *(f"{k}_w" for k in base.kept)]
    values = {w: at, real("m_w"): m, real("v_w"): v, eta: lr, lam: curvature, real("rho"): radius}
    symbolic = dict(zip(("w", *base.kept), optimiser.update(quadratic()).subs(values), strict=True))
    for key in found:  # three roundings of an expression of ten terms
        assert found[key] == pytest.approx(expected[key], rel=1e-14)
        assert float(symbolic[key]) == pytest.approx(expected[key], rel=1e-14)


def scaled(base, rate):
    """The step from delta (w, m), v = delta^2 s^2, over delta, as delta falls to 0: what a base is at rest."""
    delta, s = sp.Symbol("delta", positive=True), sp.Symbol("s", positive=True)
    start = {"m": delta * real("m"), "v": delta**2 * s**2}
    memory = tuple(Column.of([start[k]]) for k in base.kept)
    after, kept = base.step(Column.of([delta * w]), memory, Column.of([rate * delta * w]), eta, math.inf)
    moved = [after[0], *(part[0] for k, part in zip(base.kept, kept, strict=True) if k == "m")]
    return [sp.limit(sp.simplify(part / delta), delta, 0) for part in moved]


@pytest.mark.parametrize("base", [Adam(betas=(B1, B2), eps=EPS), RMSprop(alpha=B2, eps=EPS)], ids=["adam", "rmsprop"])
def test_what_a_base_is_at_rest(base):
    """The limit of its own body is heavy ball with buffer m/(1 - beta1) at the rate `factor` times eta."""
    found, rest = scaled(base, lam), base.rest
    b, lr = rest.momentum, eta * rest.factor
    m = real("m") / (1 - b) if b != 0 else sp.S.Zero
    after, buffer = heavy_ball.rule(w, m, lam * w, lr, b, 0)
    assert sp.simplify(found[0] - after) == 0
    if b != 0:
        assert sp.simplify(found[1] - (1 - b) * buffer) == 0
    longer, _ = heavy_ball.rule(w, m, lam * w, eta / rest.epsilon, b, 0)
    assert b == 0 or sp.simplify(found[0] - longer) != 0  # without the factor 1 - beta1 it is another map


def test_decay_is_decoupled():
    base = AdamW(betas=(B1, B2), eps=EPS, weight_decay=kappa)
    without = Adam(betas=(B1, B2), eps=EPS)
    one, other = (Optimiser("x", "x", FORCE, base=b).update(quadratic()) for b in (base, without))
    assert sp.simplify(one[0] - other[0] + eta * kappa * w) == 0
    assert one[1:] == other[1:]


def farthest(base, rate, start, steps=30_000, lr=1.0):
    """The largest |w| after the first crossing of 0, over many starts."""
    w, memory = np.array(start), tuple(np.zeros(len(start)) for _ in base.kept)
    crossed, largest = np.zeros(len(start), bool), 0.0
    for t in range(1, steps + 1):
        new, memory = base.step(w, memory, rate * w, lr, t)
        crossed |= new * w <= 0
        w = new
        largest = max(largest, float(np.max(np.abs(w[crossed]), initial=0.0)))
    return largest


STRAYING = {
    "adam": Adam(), "adam, slow": Adam(betas=(0.95, 0.97)), "adam, quick": Adam(betas=(0.5, 0.5)),
    "adam, no mean": Adam(betas=(0.0, 0.9)), "adamw": AdamW(weight_decay=0.02), "rmsprop": RMSprop(alpha=0.9),
    "lion": Lion(), "lion, even": Lion(betas=(0.9, 0.9)), "lion, decay": Lion(weight_decay=0.005),
}  # fmt: skip


@pytest.mark.parametrize("name", STRAYING)
def test_a_coordinate_with_a_positive_rate_stays_within_the_proved_distance(name):
    base, rng = STRAYING[name], np.random.default_rng(5)
    start = rng.choice([-1, 1], 40) * np.geomspace(1e-3, 300, 40)
    found = farthest(base, float(rng.uniform(0.5, 3)), start, steps=3000)
    assert 0 < found <= base.reach(1.0)


def test_the_distance_is_not_idle():
    """RMSprop comes to a third of it; Lion's memory of a long way carries it fifty steps on, and not one."""
    assert farthest(RMSprop(alpha=0.9), 1.0, [1e-3], steps=50) > 0.3 * RMSprop(alpha=0.9).reach(1.0)
    w, m, lion, peak = np.array([0.0]), (np.array([-60.0]),), Lion(), 0.0
    for t in range(1, 2000):
        w, m = lion.step(w, m, w, 1.0, t)
        peak = max(peak, float(w[0]))
    assert 50 < peak < lion.reach(1.0)


def test_with_a_negative_rate_it_leaves_that_distance():
    for base in (Adam(), RMSprop(), Lion()):
        w, memory = np.array([1e-3]), tuple(np.zeros(1) for _ in base.kept)
        for t in range(1, 3000):
            w, memory = base.step(w, memory, -0.7 * w, 1.0, t)
        assert w[0] > base.reach(1.0)


def test_no_distance_is_named_where_none_is_proved():
    assert Adam(betas=(0.99, 0.9)).reach(1.0) == math.inf
    assert Lion(weight_decay=0.02).reach(1.0) == math.inf  # 1 - lr kappa is below beta2 for lr = 1


REFUSED = [
    (lambda: Adam(lr=0.0), "lr is 0.0; it has to be a number, positive."),
    (lambda: Adam(betas=(0.9, 1.0)), "betas is 1.0; it has to be a number, in [0, 1)."),
    (lambda: Adam(betas=0.9), "betas is 0.9; it has to be a pair of numbers in [0, 1)."),
    (lambda: AdamW(eps=0), "eps is 0; it has to be a number, positive."),
    (lambda: AdamW(weight_decay=-0.1), "weight_decay is -0.1; it has to be a number, 0 or positive."),
    (lambda: RMSprop(alpha=math.nan), "alpha is nan; it has to be a number, in [0, 1)."),
    (lambda: Lion(lr="fast"), "lr is 'fast'; it has to be a number, positive."),
    (lambda: Optimiser("x", "mine", FORCE, heavy_ball, base=Adam()), "mine has a momentum and the base Adam"),
]


@pytest.mark.parametrize(("made", "words"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_bad_settings_are_one_line(made, words):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # the words are compared below
        made()
    assert str(refused.value).startswith(words)
    assert "\n" not in str(refused.value)
