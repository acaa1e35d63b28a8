"""All experiments: one explicit list of sets, in the paper's order, then what goes beyond it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from saddlecheck.numerics.experiment import Experiment
from saddlecheck.numerics.experiments import (
    beale,
    diffusion,
    exit_times,
    gap,
    geometry,
    langevin,
    linear,
    momentum,
    momentum_effect,
    normalised,
    saddle_examples,
)

SETS = (
    *(diffusion, gap, momentum, momentum_effect, langevin, exit_times),
    *(normalised, linear, geometry, beale, saddle_examples),
)


@functools.cache
def experiments() -> Mapping[str, Experiment]:
    """All experiments by name. Raises ValueError if two have one name."""
    found: dict[str, Experiment] = {}
    for module in SETS:
        for e in module.EXPERIMENTS:
            if e.name in found:
                raise ValueError(f"two experiments are named {e.name!r}: names are unique")
            found[e.name] = e
    return found
