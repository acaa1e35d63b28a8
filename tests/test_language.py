"""The prose of code and pages: plain terms, and none of the marks that a careless replacement leaves."""

import functools
import re
from pathlib import Path
from typing import get_args

import pytest

from saddlecheck.theory.checker.verdict import Verdict
from saddlecheck.theory.claims.claim import Provenance, Voice
from saddlecheck.verification.ledger.judge import Ground

ROOT = Path(__file__).parents[1]
PLACES = ("theory", "numerics", "nets", "verification", "docs", "src/saddlecheck/__init__.py", "README.md",
          "CONTRIBUTING.md", "CHANGELOG.md", "tools", "benchmarks")  # fmt: skip
# Manner, each with the plain word for it: "without end", "from then on", "back and forth", "silently", "to no effect",
# "not defined for", "of this project", "imports", the thing without a person.
MANNERED = re.compile(
    r"\bfor ever\b|\bfor good\b|\bto and fro\b|\bof one's own\b|\bwhat is wanted\b|\bwho asked\b|\bbefore anybody\b|"
    r"\bnobody (?:wants|has to|need)\b|\bstiffest (?:direction|quadratic)\b|\blets anybody\b|\bin vain\b|"
    r"\bwithout a word\b|\bnot known of\b|\b(?:of|outside) the house\b|\bthe house's\b|\bbrings? \w+ along\b", re.I
)  # fmt: skip
SCARS = re.compile(r"\b(the|of|to|is|and|a|in|for|with|by) \1\b|\b(?:it|this|that)judge\b")


@functools.cache
def prose():
    return list(_prose())


def _prose():
    # Pages that were built here, perhaps from an older state, are no source.
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    built = {ROOT / line.strip("/") for line in ignored if line.startswith("docs/")}
    for place in PLACES:
        paths = [ROOT / place] if "." in place else sorted((ROOT / place).rglob("*"))
        for path in paths:
            if path.suffix in (".py", ".md", ".jinja") and not built & {path, *path.parents}:
                yield path, re.sub(r'"?\n\s*(?:#\s*|f?")?', " ", path.read_text("utf-8"))


def found(pattern):
    return [f"{path.relative_to(ROOT)}: {hit.group()}" for path, text in prose() for hit in pattern.finditer(text)]


@pytest.mark.parametrize("pattern", [MANNERED, SCARS], ids=["manner", "scars"])
def test_the_prose_is_plain(pattern):
    assert len(prose()) > 400
    assert found(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "words"),
    [(MANNERED, "it drifts for ever."), (MANNERED, "left for good"), (MANNERED, "a paper of one's own"),
     (MANNERED, "the papers of the house"), (MANNERED, "it brings SciPy along"), (MANNERED, "lost without a word"),
     (SCARS, "the loss itjudge."), (SCARS, "changes the the sign")],
)  # fmt: skip
def test_manner_and_scars_are_noticed(pattern, words):
    assert pattern.search(words)


def entry(word, text):
    """What the glossary says under a headword, on one line."""
    return " ".join(re.search(rf"^{word}\n: (.*?)(?:\n\n|\Z)", text, re.M | re.S)[1].split())


def test_the_glossary_has_every_verdict_ground_voice_and_provenance():
    text = (ROOT / "docs" / "guides" / "glossary.md").read_text("utf-8")
    for word, values in (("verdict", Verdict), ("voice", get_args(Voice)), ("provenance", get_args(Provenance)),
                         ("ground", [g.replace("solvers,", "solvers that read") for g in Ground])):  # fmt: skip
        assert [v for v in values if v not in entry(word, text)] == [], word
    assert "accepted on a source" not in entry("voice", text)


def test_a_word_that_goes_on_is_none():
    assert not MANNERED.search("for every radius")
    assert not SCARS.search("is island")
