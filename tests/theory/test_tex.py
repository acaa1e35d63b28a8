"""The printer writes as the paper does."""

import pytest
import sympy as sp

from theory.nodes import Coefficient, Prop, value
from theory.symbols import B, a, eta, gamma, lam, mu, rho, t, w1, w2, x
from theory.tex import tex, tex_lines

K = 1 + rho * lam


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (K, r"1 + \rho \lambda"),
        (lam * K, r"\lambda \left(1 + \rho \lambda\right)"),
        (-mu + rho * mu**2 > 0, r"\rho \mu^{2} - \mu > 0"),
        (eta * sp.Abs(lam) / (2 * B), r"\frac{\eta \left|{\lambda}\right|}{2 B}"),
        ((1 - gamma) ** 3, r"\left(1 - \gamma\right)^{3}"),
        (w1**2 * w2, r"w_{1}^{2} w_{2}"),
        (sp.Implies(x > 0, K > 0, evaluate=False), r"x > 0 \;\Longrightarrow\; 1 + \rho \lambda > 0"),
        (sp.And(x > 0, t > 0, evaluate=False), r"t > 0 \;\wedge\; x > 0"),
        (Prop("p", "A lemma."), r"\text{A lemma.}"),
        (Coefficient(sp.exp(a * t), t, sp.S.Zero, sp.S(2)), r"\left[t^{2}\right]\;e^{a t}"),
        (Coefficient(x + a * x, x, sp.S.Zero, sp.S.One), r"\left[x\right]\;\left(x + a x\right)"),
        (value(K, rho, 1), r"\left. 1 + \rho \lambda \right|_{\rho = 1}"),
        (-x - 1, r"-1 - x"),
    ],
)
def test_form(expr, expected):
    assert tex(expr) == expected


def test_or_inside_and_is_bracketed():
    text = tex(sp.And(sp.Or(x > 0, t > 1, evaluate=False), mu > 0, evaluate=False))
    assert r"\vee" in text
    assert r"\left(" in text


def test_a_conjunction_is_displayed_line_by_line():
    assert tex_lines(sp.And(x > 0, t > 0, evaluate=False)) == ["t > 0", "x > 0"]
    assert tex_lines(x > 0) == ["x > 0"]
