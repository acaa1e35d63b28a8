"""Each row of the literature is answered whole: its questions, the claims that answer each, and what was found.

The verdicts are those last reviewed; that they are the ones computed today is held where the ledger is settled.
"""

import itertools
import tomllib
from pathlib import Path

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.claims import graph
from saddlecheck.verification.ledger import pins

HERE = Path(__file__).parent
ROWS: dict[str, dict[str, list[str]]] = tomllib.loads((HERE / "rows.toml").read_text("utf-8"))
KNOWN: dict[str, list[str]] = tomllib.loads((HERE.parent / "theory" / "literature.toml").read_text("utf-8"))
PARTS = {row: [*itertools.chain.from_iterable(questions.values())] for row, questions in ROWS.items()}

# By proof or exact witness. What rests on a source, on runs or on nothing yet does not count.
SETTLED = {"holds", "holds with a correction", "holds under extra conditions", "refuted"}
# The rows that are not, and the parts that keep them open: none.
UNSETTLED: dict[str, dict[str, str]] = {}


def unsettled(verdicts) -> dict[str, dict[str, str]]:
    """Rows of which a part has no proof and no exact witness, with these parts and their verdicts."""
    found = {row: {i: verdicts[i] for i in parts if verdicts[i] not in SETTLED} for row, parts in PARTS.items()}
    return {row: parts for row, parts in found.items() if parts}


def test_the_rows_are_those_of_the_literature():
    assert sorted(ROWS) == sorted(itertools.chain.from_iterable(KNOWN.values()))
    assert len(ROWS) == 48


@pytest.mark.parametrize("row", ROWS)
def test_every_question_of_a_row_has_claims_that_answer_it(row):
    assert all(ROWS[row].values())
    assert row in PARTS[row], "the row itself is a claim"
    assert [i for i in PARTS[row] if i != row and not i.startswith(f"{row}-")] == []
    assert [i for i in PARTS[row] if i not in CLAIMS] == []


def test_every_claim_about_the_literature_answers_a_row_or_is_a_lemma_of_one():
    answering = [*itertools.chain.from_iterable(PARTS.values())]
    assert len(answering) == len(set(answering))
    resting = graph.below(CLAIMS, answering)
    others = [c.id for p in PAPERS if p.id not in {"kim", "ours"} for c in p.claims if c.id not in resting]
    assert others == []


def test_nearly_all_rows_are_settled_by_proof_or_exact_witness():
    verdicts = {i: pin.verdict for i, pin in pins.load().items()}
    assert unsettled(verdicts) == UNSETTLED
    assert len(ROWS) - len(UNSETTLED) >= 38


@pytest.mark.parametrize("verdict", ["open", "accepted on a source", "checked numerically only"])
def test_a_row_with_one_weak_part_does_not_count(verdict):
    verdicts = {i: pin.verdict for i, pin in pins.load().items()} | {"sam-saddle-map-ball": verdict}
    assert unsettled(verdicts) == UNSETTLED | {"sam-saddle": {"sam-saddle-map-ball": verdict}}
