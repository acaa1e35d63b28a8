r"""The report's LaTeX: what TeX would refuse (unbalanced groups, raw special characters), and lines that fit the page.

That a document of all claims compiles was tried with pdfTeX of TeX Live 2022: no error, and no line more than 34 points
too wide. No TeX is installed where the tests run, so the same is held here by counting.
"""

import re

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.printing.tex import alphabet
from saddlecheck.verification.site import referee
from saddlecheck.verification.site.line_breaks import WIDTH, width

TOKEN = re.compile(r"\\(?:begin|end)\{(\w+\*?)\}|\\left(?![a-z])|\\right(?![a-z])|(?<!\\)[{}]")


def unbalanced(text):
    """The first token that closes what is not open, or opens what is not closed; None if all is balanced."""
    stack = []
    for hit in TOKEN.finditer(text):
        token = hit.group()
        if token.startswith((r"\begin", r"\left", "{")):
            stack.append(token)
            continue
        opener = {r"\end": rf"\begin{{{hit[1]}}}", r"\rig": r"\left", "}": "{"}[token[:4]]
        if not stack or stack.pop() != opener:
            return token
    return stack[-1] if stack else None


@pytest.fixture(scope="module")
def documents():
    found = {}
    for paper in PAPERS:
        with alphabet(paper.symbols):
            for claim in paper.claims:
                words = [referee.Block("words", w) for w in (claim.title, claim.says, claim.finding, claim.argument)]
                found[claim.id] = "".join(map(referee._latex, [*words, *referee._statement(claim, "As printed")]))
    return found


def test_all_that_is_opened_is_closed(documents):
    assert {name: token for name, text in documents.items() if (token := unbalanced(text))} == {}
    assert len(documents) == len(CLAIMS)


@pytest.mark.parametrize(
    "text", [r"\left(x", r"\right)", r"\begin{align*} x", r"\begin{a}\end{b}", "{x", "x}", r"\left(\frac{x\right)}{2}"]
)
def test_what_is_left_open_is_noticed(text):
    assert unbalanced(text) is not None


def test_words_have_no_special_characters(documents):
    for name, text in documents.items():
        words = re.sub(r"\\begin\{align\*\}.*?\\end\{align\*\}", "", text, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)[$&#%_^~]", words), name


def test_a_paragraph_of_words_is_no_line_of_mathematics(documents):
    """A line of formulas ends within a third more than the column; words flow in a paragraph of their own."""
    for name, text in documents.items():
        for line in (row for row in text.split("\n") if row.startswith("&")):
            if r"\text{" in line:
                assert width(line) <= WIDTH + 6, name  # 6 for what begins and ends a row
    assert sum(r"\parbox" in text for text in documents.values()) > 5


@pytest.mark.parametrize(
    ("line", "shown"),
    [(r"\text{" + "word " * 30 + "}", r"\parbox[t]{.9\linewidth}{\raggedright word word"),
     (r"\text{" + "word " * 30 + r"} \;\Longrightarrow\; x > 0", r"word $ \;\Longrightarrow\; x > 0$}"),
     (r"\text{short}", r"\text{short}"),
     (r"\left(\text{" + "word " * 30 + r"}\right)", r"\left(\text{word")],
)  # fmt: skip
def test_words_flow_and_formulas_stay(line, shown):
    assert shown in referee._paragraph(line)
