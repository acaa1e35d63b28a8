"""Loss: exact, signless, with the derivatives that finite differences confirm."""

import pickle

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.critical.landscapes import LANDSCAPES
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss

x, y = sp.symbols("x y", real=True)


def test_from_text_and_from_an_expression_agree():
    plain, positive = sp.Symbol("x"), sp.Symbol("y", positive=True)
    from_text, from_sympy = Loss("x**2 - y**2"), Loss(plain**2 - positive**2)
    assert from_text == from_sympy
    assert from_sympy.variables == (x, y)
    assert hash(from_text) == hash(from_sympy)


def test_floats_become_the_decimals_they_print_as():
    assert Loss(sp.Float("0.1") * sp.Symbol("x")).expr == x / 10
    assert Loss(0.1, variables=(x,)).expr == sp.Rational(1, 10)


def test_variables_keep_the_order_given_and_may_be_more_than_occur():
    assert Loss("y + x", variables=(y, x)).variables == (y, x)
    assert Loss("x**2", variables=(x, y)).gradient == sp.Matrix([2 * x, 0])
    assert Loss("w10 + w9").variables == tuple(sp.symbols("w9 w10", real=True))


def test_derivatives_of_the_hyperbolic_paraboloid():
    loss = Loss("x**2 - y**2")
    assert loss.gradient == sp.Matrix([2 * x, -2 * y])
    assert loss.hessian == sp.diag(2, -2)


@pytest.mark.parametrize("loss", LANDSCAPES.values(), ids=str)
def test_derivatives_agree_with_central_differences(loss):
    f = sp.lambdify(loss.variables, loss.expr)
    gradient = sp.lambdify(loss.variables, list(loss.gradient))
    hessian = sp.lambdify(loss.variables, loss.hessian.tolist())
    n = len(loss.variables)
    at, h = np.linspace(0.3, 0.9, n), 1e-4
    steps = h * np.eye(n)
    slopes = [(f(*(at + e)) - f(*(at - e))) / (2 * h) for e in steps]
    curvature = [(np.array(gradient(*(at + e))) - np.array(gradient(*(at - e)))) / (2 * h) for e in steps]
    # Truncation: h^2/6 times third derivatives, below 1e5 for these functions here: 2e-4.  Rounding: 1e3*1e-16/1e-4.
    assert np.array(gradient(*at)) == pytest.approx(np.array(slopes), abs=5e-4)
    assert np.array(hessian(*at)) == pytest.approx(np.array(curvature), abs=5e-4)


@pytest.mark.parametrize(
    ("expression", "variables", "why"),
    [
        (sp.Integer(3), None, "no variables"),
        (sp.Symbol("x"), (y,), "give each of them once"),
        (sp.Symbol("x"), (x, x), "give each of them once"),
        (sp.oo * sp.Symbol("x"), None, "finite real formula"),
        (sp.I * sp.Symbol("x"), None, "finite real formula"),
        (sp.Symbol("x") + sp.Symbol("x", positive=True), None, "share one name"),
        ([1, 2], None, "not list"),
        (True, None, "not bool"),
    ],
)
def test_bad_losses_are_refused_with_the_reason(expression, variables, why):
    with pytest.raises(BadLoss, match=why):
        Loss(expression, variables)


def test_survives_pickling():
    loss = Loss("(x - 1)**2*y", name="mine")
    again = pickle.loads(pickle.dumps(loss))
    assert again == loss
    assert again.name == "mine"
    assert str(again) == "mine"
    assert str(Loss("x")) == "x"
