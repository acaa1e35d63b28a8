"""Every claim with a deliberate mistake in it is refuted. The kill rate is printed at the end of the run."""

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.verification.ledger.twins import trials


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_every_twin_is_refuted(claim, record_property):
    tried = list(trials(claim))
    record_property("twins", (sum(t.killed for t in tried), len(tried)))
    assert tried, "a claim without a false twin is a claim whose check was never seen to fail"
    survivors = [(t.target, t.mistake, t.proved_by) for t in tried if not t.killed]
    assert survivors == []


def test_there_are_enough_of_them():
    assert sum(len(claim.twins) for claim in CLAIMS.values()) >= 80
