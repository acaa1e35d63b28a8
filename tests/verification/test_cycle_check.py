"""The self-check of a cycle can fail: another size, another period, a band that is too narrow."""

from dataclasses import replace

import pytest

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.analysis import self_check
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.settings import AnalysisSettings

HEAVY = "heavy_ball_sam_normalised"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "confirmed"),
        ({"cycle": 0.0013524616, "period": 2, "ends": ()}, "contradicted"),  # the 2-cycle, on which few starts end
        ({"cycle": 0.0029255 * 1.01}, "contradicted"),  # of the right period, a hundredth too large
        ({"period": 2}, "contradicted"),
        ({"verdict": "repels"}, "contradicted"),
        ({"period": None, "cycle": 0.0029255 / 2, "sampled": 64}, "contradicted"),  # a band of half its size
        ({"period": None, "cycle": 0.03, "sampled": 64}, "confirmed"),
    ],
)
def test_another_size_or_period_is_contradicted(change, word):
    settings = AnalysisSettings(rho=0.05, lr=0.00556, momentum=0.9, optimisers=(HEAVY,))
    loss = Loss("x**2 + 9*y**2")
    (point,) = analyse(loss, rho=0.05, lr=0.00556, momentum=0.9, optimisers=(HEAVY,), simulate=False).points
    ruling = replace(point.optimisers[HEAVY], **change)
    (checked,) = self_check.check([replace(point, optimisers={HEAVY: ruling})], Landscape(loss), settings)
    assert checked.optimisers[HEAVY].simulated == word


def test_a_band_of_less_than_its_width_is_contradicted():
    settings = AnalysisSettings(rho=1.0, lr=0.01, optimisers=("sam_normalised",))
    loss = Loss("-x**2 - 2*y**2")
    (point,) = analyse(loss, rho=1, lr=0.01, optimisers=("sam_normalised",), simulate=False).points
    ruling = point.optimisers["sam_normalised"]
    for share, word in ((1.0, "confirmed"), (0.1, "contradicted")):
        changed = replace(point, optimisers={"sam_normalised": replace(ruling, cycle=share * ruling.cycle)})
        (checked,) = self_check.check([changed], Landscape(loss), settings)
        assert checked.optimisers["sam_normalised"].simulated == word


def test_starts_that_reach_an_equilibrium_of_its_own_do_not_contradict_a_cycle_that_attracts():
    """Normalised SAM with rho = 3/2 rests at +-1/2, where w + rho g/|g| is the other minimum's place.

    Starts up to ten half-widths away reach them; that others end on the cycle, with its width and period, is what the
    verdict says.
    """
    (saddle,) = (
        p for p in analyse("(x**2 - 1)**2/4 + y**2/2", rho=1.5, lr=0.1, optimisers=[HEAVY], basins=False).points
        if p.kind == "saddle"
    )  # fmt: skip
    ruling = saddle.optimisers[HEAVY]
    assert ruling.verdict == "cycle"
    assert ruling.simulated == "inconclusive"
    assert "at rest at (" in ruling.seen
