"""Long and Bartlett: verdicts, twins, and the edge against the public number."""

import numpy as np
import pytest
from settled import expected, told, verdicts

from saddlecheck.numerics import sam_edge
from saddlecheck.theory.papers.edge import EDGE_VALUE, PAPER, g
from saddlecheck.theory.symbols import eta, rho


@pytest.mark.slow
def test_verdicts():
    assert verdicts(PAPER) == expected(PAPER)


def test_the_words_fit():
    assert told(PAPER) == []


def test_the_public_number_is_the_claims():
    # The printed form cancels down to a third of its terms at these values: a few units in the last place.
    value = float(EDGE_VALUE.subs({g: 0.8, rho: 0.3, eta: 0.4}))
    assert np.isclose(value, sam_edge(gradient=0.8, rho=0.3, lr=0.4), rtol=1e-14, atol=0)
