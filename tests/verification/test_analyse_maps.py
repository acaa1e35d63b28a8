"""The rules that the analyser judges are the theory's own maps: Jacobians, steps, cycles and their edges."""

import numpy as np
import pytest
import sympy as sp
from analyses import at

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.symbols import eta, gamma, kappa, rho, tau
from saddlecheck.verification.analysis import cycle_model, self_check
from saddlecheck.verification.analysis.dynamics import Landscape, step
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal
from saddlecheck.verification.analysis.stability import RULES, linearise

LINEAR = [r for r in RULES.values() if not r.force.normalised]
BUMPY = Loss("x**2 - y**2 + x*y**2/3 + y**4/5 + x**3/7")  # critical at the origin, and quadratic in no direction


@pytest.mark.parametrize("rule", LINEAR, ids=lambda r: r.id)
def test_verdicts_are_those_of_the_symbolic_jacobian(rule):
    rng = np.random.default_rng(7)
    settings = AnalysisSettings(rho=0.7, lr=0.1, momentum=0.6)
    origin = dict.fromkeys(rule.state(BUMPY), sp.Integer(0))
    jacobian = rule.map_jacobian(BUMPY, origin)
    spectrum = [Interval.exact(-2), Interval.exact(2)]
    for _ in range(12):
        r, lr, m = rng.uniform(0, 1.5), rng.uniform(0.01, 0.6), rng.uniform(0, 0.95)
        settings = AnalysisSettings(rho=round(r, 6), lr=round(lr, 6), momentum=round(m, 6))
        values = {rho: settings.rho, eta: settings.lr, gamma: settings.momentum, tau: 0, kappa: 0}
        numeric = np.array(jacobian.subs(values), dtype=float)
        radius = np.abs(np.linalg.eigvals(numeric)).max()
        found = linearise(rule, spectrum, decimal(settings.lr), settings.exact)
        assert found.verdict == ("attracts" if radius < 1 else "repels")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_simulated_steps_are_the_symbolic_update(rule):
    values = {rho: 0.3, eta: 0.05, gamma: 0.7, tau: 0, kappa: 0}
    state = rule.state(BUMPY)
    update = sp.lambdify(state, list(rule.update(BUMPY).subs(values)), modules="numpy")
    advance = step(rule, Landscape(BUMPY), rho=0.3, lr=0.05, momentum=0.7)
    w, m = np.array([[0.4, -0.2], [0.3, 0.9]]), np.array([[0.1, -0.3], [0.2, 0.05]])
    for k in range(2):
        start = [*w[:, k], *m[:, k]][: len(state)]
        w1, m1 = advance(w, m)
        # A step is some twenty operations on numbers of order one: 1e-14 is fifty roundings.
        assert np.array([*w1[:, k], *m1[:, k]])[: len(state)] == pytest.approx(np.array(update(*start)), abs=1e-14)


def test_asam_is_judged_by_its_own_jacobian():
    loss = Loss("(x - 1)**2 - (y - 2)**2 + (x - 1)*(y - 2)**2")
    rule = RULES["asam"]
    origin = {loss.variables[0]: 1, loss.variables[1]: 2}
    for radius in (0.05, 0.2, 0.9):
        jacobian = rule.map_jacobian(loss, origin).subs({rho: radius, eta: 0.01})
        size = np.abs(np.linalg.eigvals(np.array(jacobian, dtype=float))).max()
        found = analyse(loss, rho=radius, lr=0.01, optimisers=("asam",), basins=False)
        ruling = at(found, 1, 2).optimisers["asam"]
        assert ruling.verdict == ("attracts" if size < 1 else "repels")
        assert ruling.simulated == "confirmed"


@pytest.mark.parametrize("name", ["sam_normalised", "heavy_ball_sam_normalised", "nesterov_sam_normalised"])
def test_the_cycle_is_where_the_map_ends(name):
    settings = AnalysisSettings(rho=0.5, lr=0.02, momentum=0.3)
    model = cycle_model.on_quadratic(RULES[name], [Interval.exact(1), Interval.exact(4)], settings)
    advance = step(RULES[name], Landscape(Loss("2*x**2 + y**2/2")), rho=0.5, lr=0.02, momentum=0.3)
    # With momentum other orbits attract too, so the start is near: after its step to +size the buffer is g/(1 + gamma).
    w = np.array([[1.02 * model.size], [1e-3]])
    m = np.array([[-4 * (model.size + 0.5) / 1.3], [0.0]])
    for _ in range(20_000):
        w, m = advance(w, m)
    # The softer direction decays by at least 1 - eta lam = 0.98 a step and is gone; 1e-9 of the size is rounding.
    assert abs(w[0, 0]) == pytest.approx(model.size, rel=1e-9)
    assert abs(w[1, 0]) < 1e-9
    assert model.verdict == "cycle"


@pytest.mark.parametrize("seed", range(12))
def test_the_edge_of_the_normalised_cycle_is_where_its_verdict_changes(seed):
    rng = np.random.default_rng(seed)
    spectrum = [Interval.exact(decimal(round(float(v), 6))) for v in sorted(rng.uniform([-1, 0.1, 2], [-0.1, 1, 5]))]
    edge = cycle_model.on_quadratic(RULES["sam_normalised"], spectrum, AnalysisSettings(rho=1, lr=1e-6)).lr_max
    below, above = (
        cycle_model.on_quadratic(RULES["sam_normalised"], spectrum, AnalysisSettings(rho=1, lr=edge * f)).verdict
        for f in (0.999, 1.001)
    )
    assert (below, above) == ("cycle", "repels")


def test_the_ball_of_gradients_maps_into_itself_and_a_longer_step_leaves_it():
    rng = np.random.default_rng(3)
    for trial in range(40):
        n = int(rng.integers(1, 5))
        lam = rng.uniform(-3, 3, n)
        steepest, softest = np.abs(lam).max(), min([-v for v in lam if v < 0], default=np.inf)
        lr = 0.99 * min(softest / steepest**2, 1 / steepest)
        model = cycle_model.bounded_orbit(
            RULES["sam_normalised"],
            [Interval.exact(decimal(float(v))) for v in sorted(lam)],
            AnalysisSettings(rho=1.0, lr=lr),
        )
        assert model is not None
        bound = min(softest, 10.0)
        u = self_check.on_sphere(rng, n, 200) * bound * rng.uniform(0, 1, 200)
        norm = np.linalg.norm(u, axis=0)
        after = (1 - lr * lam[:, None] - lr * lam[:, None] ** 2 / norm) * u
        assert np.all(np.linalg.norm(after, axis=0) <= bound * (1 + 1e-12)), (trial, lam)
