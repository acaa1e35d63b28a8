"""Five hundred random polynomials: what the analyser predicts against what the optimisers do.

Predictions come from the theory's Jacobians and enclosures, outcomes from running the optimisers; the two share the
gradient and nothing else. A verdict that rests on linearisation is a theorem, so not one contradiction is allowed.
Normalised SAM on a loss that is not quadratic is judged by its quadratic part or in floats (certified = False): it may
be wrong where rho reaches too far, and then the warning has to say so.
"""

from collections import Counter

import pytest
from polynomials import random_polynomial

from saddlecheck.verification.analysis.entry import analyse

OPTIMISERS = ("gd", "sam", "sam_normalised", "heavy_ball_sam")
SETTINGS = {"rho": 0.1, "lr": 0.02, "momentum": 0.5}
BATCHES, SIZE = 10, 50


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
def test_predictions_and_outcomes_agree(batch):
    tally = Counter()
    for seed in range(batch * SIZE, (batch + 1) * SIZE):
        found = analyse(
            random_polynomial(seed, "x y" if seed % 3 else "x y z"),
            **SETTINGS,
            optimisers=OPTIMISERS,
            basins=False,
            steps=600,
            starts=8,
            timeout=None,
        )
        assert found.complete, seed
        for p in [*found.points, *(s for c in found.components for s in c.samples)]:
            for name, ruling in p.optimisers.items():
                tally[ruling.simulated] += 1
                tally[ruling.verdict] += 1
                if ruling.simulated == "contradicted":
                    assert name == "sam_normalised", (seed, p.at, ruling)
                    assert not ruling.certified, (seed, p.at, ruling)
                    place = "(" + ", ".join(f"{x:.6g}" for x in p.at) + ")"
                    assert any(w.startswith(f"CONTRADICTED at {place}: {name}") for w in found.warnings), seed
    print(f"losses {batch * SIZE} to {(batch + 1) * SIZE - 1}: {dict(tally)}")
    # The check has power: it decides most verdicts, of each kind, and most verdicts are not "undecided".
    judged = sum(tally[w] for w in ("attracts", "repels", "cycle", "neutral"))
    assert tally["confirmed"] > 0.75 * judged
    assert judged > 0.8 * (judged + tally["undecided"])
    assert min(tally["attracts"], tally["repels"], tally["cycle"]) > 0
