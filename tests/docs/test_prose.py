"""The words of claims on a page: what is set anew, what is linked, and that code stays as it was typed."""

import pytest

from saddlecheck.verification.site.prose import linked, myst, plain

NBSP = "\N{NO-BREAK SPACE}"
SET = (
    ("e^(-pt) is left", "e<sup>−pt</sup> is left"),
    ("e^(-(q-p)t)", "e<sup>−(q−p)t</sup>"),
    ("e^-t", "e<sup>−t</sup>"),
    ("the Jacobian -(H + a), x-(y)", f"the Jacobian −(H{NBSP}+{NBSP}a), x-(y)"),
    ("(1 - e^(-x))^2", "(1 − e<sup>−x</sup>)²"),
    ("1 + (1 + rho lambda)^2", f"1 + (1{NBSP}+{NBSP}ρ{NBSP}λ)²"),
    ("f^(k) `x^(k) (1 + a)^2` f^(k)", "f<sup>k</sup> {code} f<sup>k</sup>"),
    ("theta and kappa, the theory", "θ and κ, the theory"),
    ("x^2 and H^3w", "x² and H^3w"),  # whether w is raised is not known
    ("x^(2", "x^(2"),
)


@pytest.mark.parametrize(("text", "shown"), SET)
def test_exponents_are_raised_and_code_stays(text, shown):
    assert plain(text) == shown.replace("{code}", "<code>x^(k) (1 + a)^2</code>")
    assert myst(text) == shown.replace("{code}", "`x^(k) (1 + a)^2`")


def test_html_stays_harmless():
    assert plain("a^(<b>)") == "a<sup>&lt;b&gt;</sup>"
    assert myst("a^(<b>)") == r"a<sup>\<b\></sup>"


IDS = {"thm1", "thm2-as-derived", "drift", "eq14-msd-saddle"}
LINKED = (
    ("SAM's (thm2-as-derived, drift).", "SAM's ([thm2-as-derived](thm2-as-derived.md), [drift](drift.md))."),
    ("see eq14-msd-saddle.", "see [eq14-msd-saddle](eq14-msd-saddle.md)."),
    ("the drift of thm1", "the drift of thm1"),  # words, as long as no parentheses hold them
    ("(the drift)", "(the drift)"),
    ("(well-known, thm1)", "(well-known, [thm1](thm1.md))"),
    ("not-eq14-msd-saddle or eq14-msd-saddle-two", "not-eq14-msd-saddle or eq14-msd-saddle-two"),
    ("`eq14-msd-saddle` or `drift`", "[`eq14-msd-saddle`](eq14-msd-saddle.md) or [`drift`](drift.md)"),
    ("`saddlecheck check thm1`", "`saddlecheck check thm1`"),
    ("eq14-msd-saddle.json", "eq14-msd-saddle.json"),
)


@pytest.mark.parametrize(("text", "shown"), LINKED)
def test_claims_that_are_named_are_linked(text, shown):
    assert linked(text, IDS) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("has (1 + rho lambda)^2 in", "has (1~+~ρ~λ)² in"),
        ("at lambda = mu = rho = 1 it", "at λ~=~μ~=~ρ~=~1 it"),
        ("D = eta |lambda|/(2B)", "D~=~η~|λ|/(2B)"),
        ("a rate lambda (1 + rho lambda) and more", "a rate λ~(1~+~ρ~λ) and more"),
        ("the loss is 1 of two", "the loss is 1 of two"),
        ("one near (0.1005, -2.6445), it", "one near (0.1005,~−2.6445), it"),
        ("radius rho (a long remark that may be broken)", "radius ρ (a long remark that may be broken)"),
    ],
)
def test_a_short_formula_stays_on_a_line(text, shown):
    assert plain(text) == shown.replace("~", NBSP)


APOSTROPHES = (
    ("SAM's flow", "SAM’s flow"),
    ("the saddles' manifolds", "the saddles’ manifolds"),
    ("P' = a P'' and f'(x) and `it's`", "P' = a P'' and f'(x) and <code>it&#x27;s</code>"),
    ("'t is s' = 0", "'t is s' = 0"),
)


@pytest.mark.parametrize(("text", "shown"), APOSTROPHES)
def test_an_apostrophe_is_set_as_one_and_a_prime_stays(text, shown):
    assert plain(text) == shown
