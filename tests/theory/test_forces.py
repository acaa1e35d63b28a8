"""A rule is written once: what it gives on floats, symbols, derivatives and displacements has to be one thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from saddlecheck.theory.errors import BadRule
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, Force, epsilon
from saddlecheck.theory.optimisers import rules
from saddlecheck.theory.optimisers.criteria import criteria, radii
from saddlecheck.theory.symbols import kappa, lam, mu, rho, x, y

BUMPY = BareLoss((x, y), x**2 - y**2 + x * y**2 / 3 + y**4 / 5 + x**3 / 7 + sp.sin(x * y))
FORCES = {o.id: o.force for o in OPTIMISERS.values() if o.momentum is None}
GIVEN = {"kappa": 0.2, "epsilon": 0.5}


def halved(gradient, w, rho):
    return 0.5 * gradient(w) + 0.5 * gradient(w + rho * gradient(w))


def by_norm(gradient, w, rho):
    g = gradient(w)
    return gradient(w + rho * g / (np.linalg.norm(g) + 1e-12))


def by_root(gradient, w, rho):
    g = gradient(w)
    return gradient(w + rho / np.sqrt(np.sum(g**2)) * g)


def by_product(gradient, w, rho):
    g = gradient(w)
    return gradient(w + rho * g / np.sqrt(g @ g))


def entrywise(gradient, w, rho):
    return np.tanh(gradient(w)) + rho * np.abs(w) * np.exp(-(w**2)) * gradient(w)


OWN = {f.__name__: Force(f, vectorised=False) for f in (halved, by_norm, by_root, by_product, entrywise)}


def functions(loss):
    g = sp.lambdify(loss.variables, [sp.diff(loss.expr, v) for v in loss.variables], "numpy")
    h = sp.lambdify(loss.variables, sp.hessian(loss.expr, loss.variables), "numpy")

    def gradient(w):
        return np.stack([np.broadcast_to(part, w.shape[1:]) for part in g(*w)]).astype(float)

    def hessian(w):
        rows = h(*w)
        return np.array([[np.broadcast_to(rows[i][j], w.shape[1:]) for j in range(len(w))] for i in range(len(w))])

    return gradient, hessian


GRADIENT, HESSIAN = functions(BUMPY)


@pytest.mark.parametrize("force", [*FORCES.values(), *OWN.values()], ids=[*FORCES, *OWN])
def test_floats_are_the_symbols(force):
    rng = np.random.default_rng(3)
    form = sp.lambdify((x, y, rho, kappa, epsilon), list(force(BUMPY, BUMPY)), "numpy")
    on = force.on(GRADIENT, 0.3, hessian=HESSIAN, values=GIVEN)
    w = rng.uniform(-1.2, 1.2, (2, 40))
    expected = np.array(form(*w, 0.3, *GIVEN.values()))
    # About fifty roundings of numbers below 50: 1e-12.
    np.testing.assert_allclose(on(w), expected, rtol=0, atol=1e-12)
    twin = force.on(lambda v: GRADIENT(v) * (1 + 1e-9), 0.3, hessian=HESSIAN, values=GIVEN)
    assert np.max(np.abs(twin(w) - expected)) > 1e-12


@pytest.mark.parametrize("name", [*(n for n in FORCES if n != "sam_composed"), *OWN])
def test_jacobians_are_the_derivatives_of_the_symbols(name):
    force = (FORCES | OWN)[name]
    rng = np.random.default_rng(4)
    J = sp.Matrix(force(BUMPY, BUMPY)).jacobian([x, y]).xreplace({rho: 0.3, kappa: 0.2, epsilon: 0.5})
    form = sp.lambdify((x, y), J, "numpy")
    for w in rng.uniform(-1.2, 1.2, (10, 2)):
        found = force.jacobian(GRADIENT, HESSIAN, w, 0.3, GIVEN)
        # Products of a dozen numbers below 100 (1/|g| < 20 here): 1e-10 is a million roundings of 1e-16.
        np.testing.assert_allclose(found, form(*w), rtol=1e-10, atol=1e-10)


def test_hessian_products_have_no_derivative_here():
    with pytest.raises(TypeError, match="Hessian product"):
        FORCES["sam_composed"].jacobian(GRADIENT, HESSIAN, np.ones(2), 0.1)


@pytest.mark.parametrize("seed", range(20))
def test_responses_are_the_rules_on_random_quadratics(seed):
    """On a quadratic a linear rule is p(H)(w - c), whatever the size, the eigenvectors and the critical point."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    H = rng.standard_normal((n, n))
    H, c, radius = (H + H.T) / 2, rng.standard_normal(n), float(rng.uniform(0, 1.5))
    values, vectors = np.linalg.eigh(H)
    w = rng.standard_normal((n, 7))
    checked = 0
    for name, force in (FORCES | OWN).items():
        response = force.response
        if response is None or response.alpha != 0:
            continue
        on = force.on(lambda v: H @ (v - c[:, None]), radius, hessian=lambda v: np.repeat(H[:, :, None], v.shape[1], 2))
        u = w - c[:, None]
        g = H @ u

        def of(part):
            rates = sp.lambdify((lam, rho), part, "numpy")(values, radius) * np.ones(n)
            return (vectors * rates) @ vectors.T

        expected = of(response.p) @ u + of(response.q) @ (g / np.linalg.norm(g, axis=0))
        scale = np.max(np.abs(expected)) + 1
        np.testing.assert_allclose(on(w), expected, rtol=0, atol=1e-12 * scale, err_msg=name)  # n^2 + 20 roundings
        checked += 1
    assert checked >= 8


def test_properties_are_derived_by_running_the_rule():
    assert {n for n, f in FORCES.items() if f.normalised} == {"sam_normalised"}
    linear = {"gd", "sam", "sam_composed", "sam_nstep", "gd_decayed", "sam_decayed"}
    assert {n for n, f in FORCES.items() if f.linear} == linear
    assert {n for n, f in FORCES.items() if not f.commutes} == {"asam", "sam_softened", "sam_regularised"}
    assert {n for n, f in FORCES.items() if f.linear and not f.uses_radius} == {"gd", "gd_decayed"}
    assert all(OWN[n].normalised for n in ("by_norm", "by_root", "by_product"))
    assert OWN["halved"].linear
    assert OWN["entrywise"].response is None


@pytest.mark.parametrize(
    "rule",
    [
        lambda gradient, w, rho: gradient(2 * w),  # elsewhere than beside the point
        lambda gradient, w, rho: gradient(w) + 1,
        lambda gradient, w, rho: gradient(w) * w,
        lambda gradient, w, rho: gradient(w + rho * w / np.linalg.norm(w)),
        lambda gradient, w, rho: gradient(w) if np.linalg.norm(w) < 1 else 2 * gradient(w),
        lambda gradient, w, rho: np.sort(gradient(w)),
        lambda gradient, w, rho: gradient(w) * np.linalg.norm(gradient(w)),
        lambda gradient, w, rho: np.array([gradient(w)[0], 0.0]),
        lambda gradient, w, rho: gradient(w) + 0.1 * np.linalg.norm(gradient(w)),
    ],
)
def test_what_is_no_function_of_the_hessian_is_not_taken_for_one(rule):
    assert Force(rule, vectorised=False).response is None


@pytest.mark.parametrize("name", [n for n, f in (FORCES | OWN).items() if f.commutes])
def test_what_is_derived_to_commute_does(name):
    """Rotating the loss and the weights rotates the direction: no rule with a response looks at single entries."""
    force, rng = (FORCES | OWN)[name], np.random.default_rng(8)
    A = rng.standard_normal((4, 4))
    Q = expm(A - A.T)
    H = np.diag([1.5, -0.7, 0.3, 2.0])
    w = rng.standard_normal((4, 5))

    def turned(M):
        return force.on(lambda v: M @ v, 0.4, hessian=lambda v: np.repeat(M[:, :, None], v.shape[1], 2), values=GIVEN)

    # Some hundred roundings of numbers of order ten.
    np.testing.assert_allclose(turned(Q @ H @ Q.T)(Q @ w), Q @ turned(H)(w), atol=1e-12)
    asam = FORCES["asam"].on(lambda v: Q @ H @ Q.T @ v, 0.4)(Q @ w) - Q @ FORCES["asam"].on(lambda v: H @ v, 0.4)(w)
    assert np.max(np.abs(asam)) > 0.1  # the twin: ASAM does look at entries


def test_closed_forms():
    assert criteria(FORCES["gd"]).trapped == sp.false
    assert criteria(FORCES["sam"]).trapped == (rho * mu > 1)
    assert criteria(FORCES["sam_composed"]).trapped == sp.false
    assert criteria(Force(rules.ascending(3))).trapped == (rho * mu > 1)
    assert criteria(OWN["halved"]).trapped == (rho * mu > 2)
    assert criteria(FORCES["asam"]) is None
    assert criteria(FORCES["sam_normalised"]) is None
    window = Force(lambda gradient, w, rho: gradient(w + rho * gradient(w + -2 * rho * gradient(w))))
    # p(-mu) = -mu (1 - rho mu (1 + 2 rho mu)) > 0 exactly if 2 t^2 + t > 1, t = rho mu: from t = 1/2 on.
    assert criteria(window).trapped == (rho * mu > sp.Rational(1, 2))
    # A minimum is held while t (1 - 2 t) > -1: up to t = 1.
    assert criteria(window).minimum == (rho * lam < 1)


def test_radii_are_where_every_eigenvalue_is_held():
    assert radii(FORCES["sam"].response, [2.0, -2.0, -0.5]) == [(2.0, np.inf)]
    assert radii(FORCES["gd"].response, [2.0, -0.5]) == []
    assert radii(FORCES["gd"].response, [2.0]) == [(0.0, np.inf)]
    window = Force(lambda gradient, w, rho: gradient(w + rho * gradient(w + -2 * rho * gradient(w))))
    ((low, high),) = radii(window.response, [2.0, -4.0])
    assert (low, high) == pytest.approx((0.125, 0.5), rel=1e-12)


def test_a_rule_for_one_vector_is_run_on_many_only_where_that_is_the_same():
    def decides(gradient, w, rho):
        g = gradient(w)
        return g if np.linalg.norm(g) < 1 else g / np.linalg.norm(g)

    def by_length(gradient, w, rho):
        return gradient(w) / len(w)

    w = np.random.default_rng(2).standard_normal((2, 9))
    for rule in (decides, by_length, *(f.rule for f in OWN.values())):
        force = Force(rule, vectorised=False)
        one = replace(force, vectorised=True).on(lambda v: GRADIENT(v[:, None])[:, 0], 0.3)
        together = force.on(GRADIENT, 0.3)(w)
        np.testing.assert_allclose(together, np.stack([one(w[:, k]) for k in range(9)], 1), rtol=1e-9)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (lambda w, rho: w, "takes w, rho"),
        (lambda gradient, w, rho, extra: w, "takes gradient, w, rho, extra"),
        (lambda gradient, w, rho, *, data: w, "asks for data"),
    ],
)
def test_a_function_of_something_else_is_refused(rule, says):
    with pytest.raises(ValueError, match=says):
        Force(rule)


def test_a_rule_that_raises_is_named_in_one_line():
    with pytest.raises(BadRule, match=r"raised ZeroDivisionError at w = \[1.0, 1.0\]"):
        Force(lambda gradient, w, rho: 1 / 0).on(GRADIENT, 0.1)(np.ones(2))


def test_what_floats_do_is_what_counts():
    """A rule that looks at the class of its argument gets no response: it is run on floats as well."""

    def sly(gradient, w, rho):
        return gradient(w) * (2.0 if isinstance(w, np.ndarray) else 1.0)

    def guarded(gradient, w, rho):
        g = gradient(w)
        size = np.linalg.norm(g)
        return g if size == 0 else gradient(w + rho * g / size)

    assert Force(sly, vectorised=False).response is None
    assert Force(guarded, vectorised=False).normalised
