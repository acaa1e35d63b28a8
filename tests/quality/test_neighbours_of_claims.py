"""The statements next to each claim that holds: at most one in fifty is neither refuted nor proved.

A change of each tenth claim, and every condition left out; `tox -e neighbours` takes all claims and three changes of
each, by SADDLECHECK_NEIGHBOURS. The counts and what is undecided, with the reason, are printed at the end of the run.
"""

import dataclasses
import os

import pytest
from sympy import Ge

from saddlecheck.theory import BEYOND, CLAIMS, Claim
from saddlecheck.theory.claims.steps import Accept, Entails
from saddlecheck.theory.symbols import x, y
from saddlecheck.verification.ledger import beside
from saddlecheck.verification.ledger.beside import Beside
from saddlecheck.verification.ledger.neighbours import neighbours
from saddlecheck.verification.ledger.processes import shared, worker_pool

ALL = os.environ.get("SADDLECHECK_NEIGHBOURS")  # changes of each claim, where all claims are taken
MOST = int(ALL or 1)
CHOSEN = list(CLAIMS)[:: 1 if ALL else 10]
UNDECIDED = 0.02


def of_claim(claim_id):
    return list(neighbours(shared()[claim_id], MOST))


@pytest.mark.slow
def test_nearly_all_neighbours_are_decided(record_property):
    with worker_pool(os.cpu_count() or 1, CLAIMS) as pool:
        found = [neighbour for some in pool.map(of_claim, CHOSEN) for neighbour in some]
    left = [n for n in found if n.found == "undecided"]
    record_property("neighbours", [sum(n.found == what for n in found) for what in ("refuted", "proved", "undecided")])
    record_property("undecided", [f"{n.claim}, {n.change}: {n.why}" for n in left])
    assert len(left) <= UNDECIDED * len(found)
    assert len(found) > len(CHOSEN)


def test_what_is_stored_is_decided_but_for_one_in_fifty():
    known = [found for claim in CLAIMS.values() if (found := beside.stored(claim)) is not None]
    left = sum(len(found.undecided) for found in known)
    assert known
    assert left <= UNDECIDED * sum(found.count for found in known)
    assert all(why for found in known for why in found.undecided.values())


SQUARES = Ge(x**2 + y**2, 2 * x * y, evaluate=False)
PROVED = Claim("squares", "S", BEYOND, "Squares.", SQUARES, (x > 0,), (Entails("so", SQUARES),))


def test_an_outcome_counts_for_the_assertion_it_was_found_for(monkeypatch):
    entry = dataclasses.asdict(Beside(PROVED.assertion, 2, ("without x > 0",), {"strictness 1": "no answer in time"}))
    monkeypatch.setattr(beside, "_store", lambda: {"squares": entry})
    assert beside.lines([PROVED]) == [
        "statements next to 1 claims, as last looked at: 2 refuted, 1 true as well, 1 undecided (25.0%)",
        "undecided: squares, strictness 1: no answer in time",
    ]
    other = dataclasses.replace(PROVED, given=(x > 1,))
    assert beside.stored(other) is None
    assert beside.lines([other]) == []
    assert beside.lines([PROVED, dataclasses.replace(other, id="other")])[0].endswith("; 1 claims were not looked at")


def test_what_is_looked_at_is_what_becomes_of_the_neighbours():
    found = beside.look(PROVED)
    assert (found.of, found.proved, found.undecided) == (PROVED.assertion, ("without x > 0",), {})
    assert found.refuted == 1  # x^2 + y^2 > 2 x y fails at x = y


def test_a_lemma_on_a_source_has_no_neighbours():
    accepted = dataclasses.replace(PROVED, steps=(Accept("so", SQUARES, source="Euclid"),))
    assert beside.has_neighbours(PROVED)
    assert not beside.has_neighbours(accepted)
    assert not beside.has_neighbours(dataclasses.replace(PROVED, steps=()))
