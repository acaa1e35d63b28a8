"""Whose voice each claim is: the ledger agrees with a table that was written by reading the paper."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from saddlecheck.theory import BEYOND, CLAIMS, PAPERS

TABLE: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("voices.toml").read_text("utf-8"))


LITERATURE: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("literature.toml").read_text("utf-8"))
AUDITED = [claim for paper in PAPERS if paper.id in ("kim", "ours") for claim in paper.claims]


def differences(claims) -> list[str]:
    """What separates some claims from the table, a line each."""
    wanted = {name: voice for voice, names in TABLE.items() for name in names}
    found = {claim.id: claim.voice for claim in claims}
    return [
        f"{name}: {found.get(name, 'no claim')}, in the table {wanted.get(name, 'not there')}"
        for name in sorted({*wanted, *found})
        if found.get(name) != wanted.get(name)
    ]


def test_the_table_names_each_claim_once():
    names = [name for listed in TABLE.values() for name in listed]
    assert sorted(names) == sorted(set(names))
    assert set(TABLE) == {"paper", "reading", "ours"}


def test_the_ledger_speaks_with_the_tables_voices():
    assert differences(AUDITED) == []


@pytest.mark.parametrize("name", ["theorems-contradict", "thm1", "eq11-practice"])
@pytest.mark.parametrize("voice", ["paper", "reading", "ours"])
def test_one_wrong_voice_is_noticed(name, voice):
    changed = [dataclasses.replace(c, voice=voice) if c.id == name else c for c in AUDITED]
    assert len(differences(changed)) == (CLAIMS[name].voice != voice)


def test_repairs_and_results_beyond_the_paper_are_ours():
    assert {c.voice for c in CLAIMS.values() if c.amends or c.place == BEYOND} == {"ours"}


def test_what_speaks_for_the_paper_was_seen_in_it():
    assert {c.provenance for c in CLAIMS.values() if c.voice == "ours"} == {None}
    assert {c.provenance for c in AUDITED if c.voice != "ours"} == {"seen"}


def test_each_row_of_the_literature_is_a_claim_that_says_how_it_is_known():
    found = {name: CLAIMS[name].provenance or "ours" for names in LITERATURE.values() for name in names}
    assert found == {name: known for known, names in LITERATURE.items() for name in names}
    assert len(found) == 48


def test_no_page_says_that_an_unseen_paper_states_something():
    unseen = [c for c in CLAIMS.values() if c.voice == "paper" and c.provenance != "seen"]
    assert len(unseen) > 20
    assert [c.id for c in unseen if not c.says.startswith("Attributed to ")] == []
