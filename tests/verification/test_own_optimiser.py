"""Rules of the user's own: verdict and simulation agree on both sides of each threshold; bad rules are one line."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from saddlecheck.theory.optimiser import OPTIMISERS, Force, Optimiser, heavy_ball, nesterov
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.schema import SCHEMA

STEPS, SETTLED = 1200, 400


def mixed(rng):
    """A weighted mean of the gradient and the perturbed one."""
    a, c = (round(float(v), 2) for v in rng.uniform((0.1, 0.5), (0.9, 2.0)))
    return lambda gradient, w, rho: a * gradient(w) + (1 - a) * gradient(w + c * rho * gradient(w))


def nested(rng):
    """Two ascents of unlike lengths."""
    a, b = (round(float(v), 2) for v in rng.uniform((0.3, -1.0), (1.5, 1.0)))
    return lambda gradient, w, rho: gradient(w + a * rho * gradient(w + b * rho * gradient(w)))


def scaled(rng):
    """Each weight with a step of its own: it does not commute with the Hessian."""
    d = rng.uniform(0.5, 2.0, 2).round(2)
    return lambda gradient, w, rho: d * gradient(w + rho * gradient(w))


def turned(rng):
    """The direction turned by a fixed angle: its rates are complex."""
    c, s = np.cos(0.3), np.sin(0.3)
    R = np.array([[c, -s], [s, c]])
    k = round(float(rng.uniform(0.5, 1.5)), 2)
    return lambda gradient, w, rho: R @ np.asarray(gradient(w + k * rho * gradient(w)))


def decided(rng):
    """A decision that nothing but floats can take."""
    k = round(float(rng.uniform(0.5, 1.5)), 2)

    def rule(gradient, w, rho):
        g = gradient(w)
        return gradient(w + k * rho * g) if float(np.sum(g**2)) < 1e300 else g

    return rule


KINDS = (mixed, nested, scaled, turned, decided)
PAIRS = [(kind, seed) for kind in KINDS for seed in range(12)]  # sixty


def growth(rule, H, rho, lr, momentum, gamma, seed):
    """Mean logarithm of what a step multiplies the state by, in the long run; the rules here are linear."""
    rng = np.random.default_rng(seed)
    w, m, total = rng.standard_normal(2), np.zeros(2), 0.0
    for k in range(STEPS):
        g = np.asarray(rule(lambda v: H @ v, w, rho))
        w, m = (w - lr * g, m) if momentum is None else momentum.rule(w, m, g, lr, gamma, 0.0)
        size = float(np.sqrt(w @ w + m @ m))
        w, m = w / size, m / size
        total += np.log(size) if k >= SETTLED else 0.0
    return total / (STEPS - SETTLED)


def pair(kind, seed):
    """A rule, a Hessian, an optimiser and the loss with a saddle in it at the origin, all from the seed."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    rule = kind(rng)
    angle, low, high = rng.uniform(0, np.pi), -rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    Q = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    a, b, _, d = (Q @ np.diag([low, high]) @ Q.T).round(3).ravel()
    momentum = (None, heavy_ball, nesterov)[seed % 3] if kind is not turned else None
    rule.__name__ = "own"
    optimiser = rule
    if momentum is not None:
        optimiser = Optimiser("own", "own", Force(rule, vectorised=False), momentum)
    return rule, np.array([[a, b], [b, d]]), optimiser, momentum, f"({a})*x**2/2 + ({b})*x*y + ({d})*y**2/2"


def ruled(loss, optimiser, rho, lr, gamma):
    found = analyse(loss, rho=rho, lr=lr, momentum=gamma, optimisers=[optimiser], simulate=False)
    (point,) = found.points
    return point.optimisers["own"]


@pytest.mark.parametrize(("kind", "seed"), PAIRS, ids=lambda v: getattr(v, "__name__", v))
def test_verdict_and_simulation_agree_on_both_sides_of_each_threshold(kind, seed):
    """The verdict turns at the radius and at the learning rate at which runs turn from shrinking to growing.

    The runs are linear and renormalised, so the sign of their mean growth is that of the largest multiplier's
    logarithm, as soon as the other direction has died out: 400 steps are dropped.
    """
    rule, H, optimiser, momentum, loss = pair(kind, seed)
    gamma = 0.0 if momentum is None else 0.5
    small = 0.05
    ruling = ruled(loss, optimiser, 1.0, small, gamma)
    tested = 0
    for end in {e for pair_ in ruling.radii for e in pair_ if e}:
        words = set()
        sides = {rho: ruled(loss, optimiser, rho, small, gamma) for rho in (0.95 * end, 1.05 * end)}
        step = min([small, *(r.lr_max / 2 for r in sides.values() if r.lr_max)])  # not too long for the curvature
        for rho in sides:
            there = ruled(loss, optimiser, rho, step, gamma)
            rate = growth(rule, H, rho, step, momentum, gamma, seed)
            assert there.verdict == ("attracts" if rate < 0 else "repels")
            words.add(there.verdict)
            if there.verdict == "attracts" and there.lr_max is not None:
                for factor, word in ((0.97, "attracts"), (1.03, "repels")):
                    lr = factor * there.lr_max
                    assert ruled(loss, optimiser, rho, lr, gamma).verdict == word
                    assert (growth(rule, H, rho, lr, momentum, gamma, seed) < 0) == (word == "attracts")
                    tested += 1
        assert len(words) == 2
        tested += 2
    if not ruling.radii:  # no radius holds this saddle
        for rho in (0.0, 1.0, 5.0):
            assert ruled(loss, optimiser, rho, small, gamma).verdict == "repels"
            assert growth(rule, H, rho, small, momentum, gamma, seed) > 0
            tested += 1
    assert tested >= 3


def test_the_same_rule_has_the_same_answer_as_the_houses():
    def mine(gradient, w, rho):
        return gradient(w + rho * gradient(w))

    found = analyse("x**2 - y**2 + x*y**2", rho=1.0, lr=0.05, batch=8, optimisers=["sam", mine])
    house, own = (found.points[0].optimisers[n] for n in ("sam", "mine"))
    assert (own.verdict, own.lr_max, own.claims, own.certified) == (house.verdict, house.lr_max, house.claims, True)
    assert (own.variance, own.simulated) == (house.variance, "confirmed")
    assert own.radii == ((0.5, None),)
    about = found.rules["mine"]
    assert about.trapped == "mu*rho > 1"
    assert about.minimum == "always"
    jsonschema.validate(json.loads(json.dumps(found.to_dict())), SCHEMA)


def test_normalised_sam_of_ones_own_has_its_theorems():
    def mine(gradient, w, rho):
        g = gradient(w)
        return gradient(w + rho * g / (np.linalg.norm(g) + 1e-12))

    found = analyse("x**2 + 9*y**2", rho=0.05, lr=0.05, optimisers=["sam_normalised", mine], basins=False)
    house, own = (found.points[0].optimisers[n] for n in ("sam_normalised", "mine"))
    assert (own.verdict, own.cycle, own.claims) == (house.verdict, house.cycle, house.claims)
    assert own.simulated == "confirmed"


def test_what_has_no_derivative_is_undecided_and_says_what_its_runs_did():
    def mine(gradient, w, rho):
        g = gradient(w)
        return gradient(w + rho * w**2 * g / (np.linalg.norm(w * g) + 1e-12))

    ruling = analyse("(x-1)**2 - (y-1)**2", rho=1, lr=0.01, optimisers=mine, basins=False).points[0].optimisers["mine"]
    assert ruling.verdict == "undecided"
    assert "no derivative" in ruling.why
    assert "20 starts" in ruling.seen


def test_a_corner_is_no_derivative():
    def mine(gradient, w, rho):
        return gradient(w) + 0.5 * np.abs(gradient(w))

    ruling = analyse("x**2 + y**2", rho=0.1, lr=0.1, optimisers=mine, basins=False).points[0].optimisers["mine"]
    assert ruling.verdict == "undecided"


def test_what_moves_the_critical_point_is_said():
    def mine(gradient, w, rho):
        return gradient(w) + 0.1 * w

    found = analyse("(x-1)**2", rho=0.1, lr=0.1, optimisers=mine, basins=False)
    assert "no fixed point" in found.points[0].optimisers["mine"].why
    assert "only the origin" in found.rules["mine"].basis
    origin = analyse("x**2 - y**2/50", rho=0.1, lr=0.1, optimisers=mine, basins=False).points[0].optimisers["mine"]
    assert (origin.verdict, origin.simulated) == ("attracts", "confirmed")  # 0.1 outweighs 1/25


def test_an_optimiser_and_a_torch_loss():
    torch = pytest.importorskip("torch")
    own = Optimiser("own", "mine", OPTIMISERS["sam"].force, heavy_ball)

    def loss(w):
        return torch.square(w[0]) - torch.square(w[1])

    found = analyse(loss, rho=1, lr=0.05, momentum=0.5, start=[0.3, 0.2], optimisers=own)
    assert found.points[0].optimisers["own"].verdict == "attracts"
    assert found.points[0].optimisers["own"].simulated == "confirmed"


def test_zero_eigenvalues_and_flat_losses():
    """Along x^4 the leading order decides for a rule that follows the gradient there, and for no other."""

    def follows(gradient, w, rho):
        return gradient(w + 2 * rho * gradient(w))

    def ignores(gradient, w, rho):
        """The rate is rho lam^2: along the kernel nothing is known of it."""
        return gradient(w + rho * gradient(w)) - gradient(w)

    found = analyse("x**4 + y**2", rho=0.5, lr=0.05, optimisers=[follows, ignores], basins=False)
    rulings = found.points[0].optimisers
    assert (rulings["follows"].verdict, rulings["follows"].simulated) == ("attracts", "confirmed")
    assert rulings["ignores"].verdict == "undecided"
    assert rulings["follows"].radii == ((0.0, None),)
    flat = analyse("0*x", rho=0.5, lr=0.05, optimisers=[follows], simulate=False)
    assert all(r.optimisers["follows"].verdict == "neutral" for r in flat.everything)


def test_a_picture_of_ones_own_rule_alone(tmp_path):
    def mine(gradient, w, rho):
        return gradient(w + 2 * rho * gradient(w))

    found = analyse("x**2 - y**2", rho=0.5, lr=0.05, optimisers=[mine], simulate=False, region=True)
    found.plot(str(tmp_path / "mine.png"))
    assert (tmp_path / "mine.png").stat().st_size > 1000
    assert "mine" in found.points[0].region.lr_max
    assert "tabular" in found.latex()
