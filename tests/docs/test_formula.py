import re

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.prose import myst, plain, typeset
from saddlecheck.theory.printing.tex import tex
from saddlecheck.theory.symbols import x
from saddlecheck.verification.site.formula import LONG, block, display
from saddlecheck.verification.site.line_breaks import NARROW, broken, pieces, width


def bare(text):
    """LaTeX without what a line break may change: the size of a pair of parentheses, and blanks."""
    return re.sub(r"\\(left|right|bigl|bigr)(?![a-z])|\s", "", text)


@pytest.fixture(scope="module")
def printed():
    """Formulas of the ledger in LaTeX, each once."""
    chosen = list(CLAIMS.values())[::4]
    return dict.fromkeys(tex(f) for c in chosen for f in (c.statement, *c.given, *(s.formula for s in c.steps)))


def test_line_breaks_change_no_symbol(printed):
    for line in printed:
        assert bare(" ".join(broken(line))) == bare(line)
        if width(line) < NARROW:  # no fraction is so wide that it is written on one level
            assert bare(" ".join(pieces(line))) == bare(line)


def test_a_wide_fraction_is_written_on_one_level_and_a_narrow_one_stays():
    terms = " + ".join(f"x_{{{i}}}" for i in range(40))
    assert bare("".join(pieces(rf"\frac{{{terms}}}{{y}}"))) == bare(rf"\left({terms}\right)/y")
    assert pieces(r"\frac{x}{y}") == [r"\frac{x}{y}"]


def test_a_split_pair_of_parentheses_is_not_stretched(printed):
    for whole in printed:
        for line in (*broken(whole), *pieces(whole)):
            assert line.count(r"\left") == line.count(r"\right")


def test_lines_fit_where_a_cut_exists():
    terms = sp.symbols("alpha1:60")
    lines = broken(tex(sp.Add(*terms)), 60)
    assert len(lines) > 1
    assert max(map(width, lines)) <= 60


def test_a_formula_too_long_to_read_is_folded_away_and_says_so():
    terms = sp.symbols("x1:400")
    shown = display(sp.Eq(sp.Add(*terms), 0, evaluate=False))
    assert len(tex(sp.Add(*terms))) > LONG
    assert "<details" in shown
    assert "characters" in shown


def test_what_a_long_formula_repeats_is_defined_first():
    before, after = display(CLAIMS["langevin-rest"].statement).split("</div>", 1)
    assert "Abbreviated, with" in before
    name = "<msub><mi>S</mi><mn>1</mn></msub>"
    assert before.count(name) == 1
    assert name in after


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rho > 1/mu", "ρ > 1/μ"),
        ("l(w) = x^2/2 + c", "ℓ(w) = x²/2 + c"),
        ("w_n^2 <= 3", "wₙ² ≤ 3"),
        ("the metal and the amount", "the metal and the amount"),
        ("by thm3-gamma and eq14-gamma0, 1-gamma", "by thm3-gamma and eq14-gamma0, 1-γ"),
        ("lambda-lemma-part on the lambda lemma, beta-smooth", "lambda-lemma-part on the λ lemma, β-smooth"),
        ("1/sigma^(-3/2)", "1/σ^(−3/2)"),
        ("(1 + rho lam)^2, 2 - eta lam/(eta lam^2)", "(1 + ρ λ)², 2 − η λ/(η λ²)"),
    ],
)
def test_plain_text_is_typeset_as_it_is_read(text, shown):
    assert typeset(text) == shown


def test_text_cannot_become_markup():
    assert myst("a*b_c <script> $x$ [y](z)").count("\\") >= 8
    assert "<script>" not in plain("<script>alert(1)</script>")


def test_a_line_ends_before_an_implication_rather_than_inside_a_relation():
    a, b, c, d = (sp.Symbol(n, real=True) for n in ("alpha", "beta", "gamma", "delta"))
    lines = broken(tex(sp.Implies((a + b + c > 1) & (b + c > d), a + b + c + d > 2)), 34)
    assert lines[1].startswith(r"\;\Longrightarrow")


def test_words_among_formulas_are_words():
    words = "An equilibrium at which every eigenvalue of the Jacobian has a negative real part attracts what is near."
    shown = block(sp.And(Prop("lemma", words), x > 0, evaluate=False))
    assert f"<span>{words}</span>" in shown
    assert "<mi>x</mi>" in shown
