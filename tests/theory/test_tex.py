"""The printer writes as the paper does."""

import re

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.nodes import Coefficient, Prop, value
from saddlecheck.theory.printing.tex import alphabet, tex, tex_lines
from saddlecheck.theory.symbols import B, a, eta, gamma, lam, mu, rho, t, w1, w2, x

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


def test_what_was_left_unevaluated_is_printed_as_it_stands():
    assert tex(sp.Eq(K, K, evaluate=False)) == r"1 + \rho \lambda = 1 + \rho \lambda"
    assert tex(sp.Gt(sp.exp(x), 0, evaluate=False)) == "e^{x} > 0"
    assert tex(sp.Implies(x > 0, sp.Eq(a, a, evaluate=False), evaluate=False)) == r"x > 0 \;\Longrightarrow\; a = a"
    assert tex(sp.Add(x, t - x, evaluate=False)) == r"\left(t - x\right) + x"


def test_a_name_stands_for_its_part_without_parentheses():
    named = {K: "S_{1}"}
    assert tex(mu * K**2 / (2 * gamma + K), named) == r"\frac{\mu S_{1}^{2}}{1 + 2 \gamma + \rho \lambda}"
    assert tex(mu * K - a / K, named) == r"\mu S_{1} - \frac{a}{S_{1}}"


def test_a_coefficient_as_a_factor_is_bracketed():
    coefficient = Coefficient(sp.exp(a * t), t, sp.S.Zero, sp.S.One)
    assert tex(B * coefficient) == r"B \left(\left[t\right]\;e^{a t}\right)"
    assert tex(B * value(sp.exp(a * t), t, 0)) == r"B \left. e^{a t} \right|_{t = 0}"


def test_an_exponent_in_words_is_set_as_mathematics():
    assert tex(Prop("p", "It is at w^p, not at w_0.")) == r"\text{It is at }w^{p}\text{, not at }w_{0}\text{.}"
    assert tex(Prop("p", "It is (a b)^(1/2) there.")) == r"\text{It is (a b)}^{1/2}\text{ there.}"


def test_no_proposition_of_the_ledger_keeps_what_text_mode_refuses():
    formulas = [f for c in CLAIMS.values() for f in (c.statement, *c.given, *(s.formula for s in c.steps))]
    texts = [text for f in formulas for prop in f.atoms(Prop) for text in re.findall(r"\\text\{([^{}]*)\}", tex(prop))]
    assert len(texts) > 20
    assert [text for text in texts if set(text) & set("^_#%&$\\")] == []


def test_what_was_printed_before_depends_on_letters_names_and_kind():
    assert tex(x + 1) == "1 + x"
    with alphabet({"x": r"\xi"}):
        assert tex(x + 1) == r"1 + \xi"
        assert tex(x + 1, {x: "Q"}) == "1 + Q"
    assert tex(x + 1) == "1 + x"
    assert tex(sp.Add(x, x, evaluate=False)) != tex(2 * x)
    assert (tex(sp.Integer(1)), tex(1), tex(sp.true)) == ("1", "1", r"\text{True}")
