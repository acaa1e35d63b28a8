"""Whose voice each claim is: the ledger agrees with a table that was written by reading the paper."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from saddlecheck.theory import BEYOND, CLAIMS

TABLE: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("voices.toml").read_text("utf-8"))


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
    assert differences(CLAIMS.values()) == []


@pytest.mark.parametrize("name", ["theorems-contradict", "thm1", "eq11-practice"])
@pytest.mark.parametrize("voice", ["paper", "reading", "ours"])
def test_one_wrong_voice_is_noticed(name, voice):
    changed = [dataclasses.replace(c, voice=voice) if c.id == name else c for c in CLAIMS.values()]
    assert len(differences(changed)) == (CLAIMS[name].voice != voice)


def test_repairs_and_results_beyond_the_paper_are_ours():
    assert {c.voice for c in CLAIMS.values() if c.amends or c.place == BEYOND} == {"ours"}


def test_what_speaks_for_the_paper_was_seen_in_it():
    assert {c.provenance for c in CLAIMS.values() if c.voice == "ours"} == {None}
    assert {c.provenance for c in CLAIMS.values() if c.voice != "ours"} == {"seen"}
