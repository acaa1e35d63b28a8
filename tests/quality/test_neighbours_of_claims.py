"""The statements next to each claim that holds: at most one in fifty is neither refuted nor proved.

A change of each tenth claim, and every condition left out; `tox -e neighbours` takes all claims and three changes of
each, by SADDLECHECK_NEIGHBOURS. The counts and what is undecided, with the reason, are printed at the end of the run.
"""

import os

import pytest

from saddlecheck.theory import CLAIMS
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
