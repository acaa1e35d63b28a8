"""Formulas as MathML: every formula of every claim is set, nothing of it is lost, and what cannot be set is refused."""

import re
from xml.etree import ElementTree

import pytest

from saddlecheck.theory import PAPERS
from saddlecheck.theory.printing.displays import in_tex
from saddlecheck.theory.printing.tex import alphabet, tex_lines
from saddlecheck.verification.site.mathml import display, inline


def lines_of(paper):
    with alphabet(paper.symbols):
        for claim in paper.claims:
            shown = in_tex(claim)
            formulas = (claim.statement, *claim.given, *(s.formula for s in claim.steps))
            yield from (line for f in formulas for line in tex_lines(f))
            yield from (*shown.formula, *shown.where)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.id)
def test_every_formula_of_every_claim_is_set(paper):
    for line in dict.fromkeys(lines_of(paper)):
        shown = inline(line)
        ElementTree.fromstring(shown)  # well formed
        assert "\\" not in shown, line
        # Each digit of the source is on the page, in its place: numbers cannot be lost or change their order, but for
        # an exponent and an index of one base, which MathML writes in its own order.
        digits = re.findall(r"\d", re.sub(r"\^\{[^{}]*\}|_\{[^{}]*\}", "", line))
        found = "".join(re.findall(r">([^<]*)<", shown))
        assert all(found.count(d) >= digits.count(d) for d in set(digits)), line


def test_a_digit_that_is_lost_would_be_seen():
    shown = inline("x + 1")
    assert "2" not in shown
    assert inline("x + 12").count("12") == 1


def test_a_piece_begins_with_a_sign_between_two_terms():
    shown = inline(r"\alpha + \beta + \gamma + \delta + \epsilon + \zeta + \eta + \theta + \iota + \kappa + \lambda")
    assert shown.count("<math") > 1
    assert shown.count('<math><mo form="infix">+</mo>') == shown.count("<math") - 1


def test_a_minus_before_a_number_is_no_difference():
    assert '<mo form="infix">' not in inline("- x")


@pytest.mark.parametrize(
    ("text", "prefixed"),
    [
        ("a = - b", 1),
        (r"\left(- a, - b\right)", 2),
        ("a < - b", 1),
        ("a - b", 0),
        ("a^{2} - b", 0),
        (r"\left(a\right) - b", 0),
    ],
)
def test_a_sign_of_one_term_stands_close_to_it(text, prefixed):
    assert inline(text).count('<mo form="prefix">−</mo>') + inline(text).count('<mo form="prefix">-</mo>') == prefixed


def test_rows_are_paragraphs_and_words_are_words():
    shown = display(["a < b", r"\text{the loss is convex & smooth}"], "and")
    assert shown.count("<p>") == 2
    assert shown.count(" and</p>") == 1
    assert "<span>the loss is convex &amp; smooth</span>" in shown


@pytest.mark.parametrize("wrong", [r"\frac{1}", r"\nosuchcommand", r"x_{1}_{2}"])
def test_what_cannot_be_set_is_refused_with_the_formula(wrong):
    with pytest.raises(ValueError, match="cannot be set as MathML") as error:
        inline(wrong)
    assert repr(wrong) in str(error.value)
