"""60 pairs of a rule and a random quadratic: on both sides of each threshold the runs do what the verdict says."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.symbols import eta, gamma, kappa, lam, rho, tau
from saddlecheck.verification.analysis.dynamics import Landscape, step
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import RULES, conditions
from saddlecheck.verification.analysis.thresholds import thresholds

LINEAR = [r for r in RULES.values() if r.force.linear]
DOUBLINGS, ASIDE = 15, 0.03
GRIDS = {"rho": np.linspace(0.05, 4, 12), "lr": np.linspace(0.01, 3, 12)}


def quadratic(seed):
    """A saddle, a minimum or a maximum at the origin, by the seed."""
    rng = np.random.default_rng(seed)
    low, high = ((-1, 1), (1, 1), (-1, -1), (-1, 1), (-1, 1))[seed % 5]
    eigenvalues = np.array([low, high]) * rng.uniform(0.5, 2, 2)
    angle = rng.uniform(0, np.pi)
    Q = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    a, b, _, d = (Q @ np.diag(eigenvalues) @ Q.T).round(3).ravel()
    return Loss(f"({a})*x**2/2 + ({b})*x*y + ({d})*y**2/2")


def growth(rule, loss, settings):
    """Logarithm of what a step multiplies the state by in the long run, from 2^15 steps.

    The map is linear: steps from the basis are its matrix, and squaring runs twice as many. Each square is scaled to
    norm 1, so nothing overflows; the second half of the steps is what counts.
    """
    n = 4 if rule.momentum else 2
    advance = step(rule, Landscape(loss), rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    basis = np.eye(n)
    w, m = advance(basis[:2], basis[2:] if n == 4 else np.zeros((2, n)))
    M, logarithm = np.concatenate([w, m])[:n], 0.0
    for _ in range(DOUBLINGS):
        size = np.linalg.norm(M)
        before, M, logarithm = logarithm + np.log(size), (M / size) @ (M / size), 2 * (logarithm + np.log(size))
    return (logarithm + np.log(np.linalg.norm(M)) - before) / 2 ** (DOUBLINGS - 1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", LINEAR, ids=lambda r: r.id)
def test_runs_turn_where_the_verdict_does(rule, seed):
    """Aside of a threshold by 3 % of it the multiplier is off 1 by more than 1e-4; of two nearer ones nothing is asked.

    Over 2^14 steps a growth of 1e-4 a step is 1.6, the constants of a matrix of norm about 1 (a few units, and the
    length of a Jordan block's polynomial) in a difference of two logarithms are less.
    """
    loss, found = quadratic(seed), 0
    places = loss.critical_points()
    for parameter, grid in GRIDS.items():
        given = {"rho": 1.1, "lr": 0.1, "momentum": 0.5, "optimisers": (rule.id,)}
        changes = thresholds(loss, places, rule, parameter, list(grid), AnalysisSettings(**given))
        values = [t.value for t in changes]
        for t in changes:
            if any(0 < abs(v - t.value) < 3 * ASIDE * t.value for v in values):
                continue
            for factor, verdict in ((1 - ASIDE, t.before), (1 + ASIDE, t.after)):
                rate = growth(rule, loss, AnalysisSettings(**(given | {parameter: factor * t.value})))
                assert (rate < 0) == (verdict == "attracts"), (parameter, t)
            assert t.certified
            assert t.claim in rule.claims
            found += 1
        if not changes:  # one verdict at all values: the runs at both ends say the same
            words = {growth(rule, loss, AnalysisSettings(**(given | {parameter: v}))) < 0 for v in (grid[0], grid[-1])}
            assert len(words) == 1
            found += 1
    assert found >= 1


def test_a_threshold_that_is_off_would_be_noticed():
    """The false twin: beside a value that is 10 % off the runs do the same on both sides."""
    loss, rule = Loss("x**2 - y**2"), RULES["sam"]
    given = {"lr": 0.1, "momentum": 0.0, "optimisers": ("sam",)}
    (t,) = thresholds(loss, loss.critical_points(), rule, "rho", [0.1, 1.0], AnalysisSettings(rho=1.0, **given))
    assert t.value == pytest.approx(0.5, abs=1e-9)
    rates = [growth(rule, loss, AnalysisSettings(rho=f * 0.55, **given)) for f in (1 - ASIDE, 1 + ASIDE)]
    assert rates[0] < 0
    assert rates[1] < 0


def test_a_grid_that_meets_the_threshold_reports_it_once():
    loss = Loss("x**2 - y**2")
    given = AnalysisSettings(rho=1.0, lr=0.1, optimisers=("sam",))
    for grid in ([0.1, 0.5, 1.0], [0.25, 0.5], [0.5, 1.0], [0.1, 0.3, 1.0]):
        found = thresholds(loss, loss.critical_points(), RULES["sam"], "rho", grid, given)
        assert [t.value for t in found] == pytest.approx([0.5], abs=1e-9)
        assert found[0].claim == "thm1-threshold"


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.force.linear], ids=lambda r: r.id)
def test_the_edge_is_that_of_the_optimisers_own_map(rule):
    """The conditions come from gradient descent's map at the force's rate; here from the rule's own."""
    z = sp.Symbol("z", real=True)
    own = sp.Poly(rule.characteristic(z), z)
    sides = [own.eval(1), (-1) ** own.degree() * own.eval(-1), *([1 - own.eval(0)] if own.degree() == 2 else [])]
    values = {lam: Fraction(-3, 7), rho: Fraction(5, 2), gamma: Fraction(2, 3), tau: Fraction(0), kappa: Fraction(1, 9)}
    exact = {s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()}
    _, pairs = conditions(rule)(Interval.exact(values[lam]), values)
    expected = [sp.Poly(side.xreplace(exact), eta) for side in sides]
    assert [(p.coeff_monomial(1), p.coeff_monomial(eta)) for p in expected] == [
        (sp.Rational(a.numerator, a.denominator), sp.Rational(b.numerator, b.denominator)) for a, b in pairs
    ]
