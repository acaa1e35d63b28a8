"""Arguments: what the paper says, and each repair of it, comes with a proof or a refutation in sentences."""

import dataclasses
import re

import pytest

from saddlecheck.theory import CLAIMS

# A sentence ends with a full stop and the next one begins with a capital; "f'' . . ." has no place here.
_END = re.compile(r"(?<=[.])\s+(?=[A-Z(])")


def faults(claim) -> list[str]:
    """What is missing in a claim's argument."""
    sentences = _END.split(claim.argument.strip())
    return [
        *(["it has none"] if not claim.argument else []),
        *([f"{len(sentences)} sentences"] if claim.argument and not 3 <= len(sentences) <= 6 else []),
        *(["the last sentence does not end"] if claim.argument and not claim.argument.endswith(".") else []),
    ]


ARGUED = [c for c in CLAIMS.values() if c.voice != "ours" or (c.amends and CLAIMS[c.amends].voice != "ours")]


@pytest.mark.parametrize("claim", ARGUED, ids=[c.id for c in ARGUED])
def test_what_the_paper_says_and_each_repair_is_argued(claim):
    assert faults(claim) == []


def test_an_argument_that_is_there_is_a_paragraph():
    wrong = {c.id: faults(c) for c in CLAIMS.values() if c.argument and faults(c)}
    assert wrong == {}


@pytest.mark.parametrize(
    "text", ["", "One sentence.", "It is so. And so.", "One. Two. Three", "A. B. C. D. E. F. G."], ids=repr
)
def test_a_poor_argument_is_noticed(text):
    assert faults(dataclasses.replace(CLAIMS["thm1"], argument=text))
