"""The claims of ours that belong to no paper, in one explicit list."""

from __future__ import annotations

from saddlecheck.theory.papers.ours import (
    adaptive,
    adaptive_cycles,
    ascents,
    bounds,
    discrete,
    exit_times,
    heavy_ball,
    jury,
    langevin,
    langevin_limits,
    linear,
    momentum_edges,
    neuron_batch,
    neuron_normalised,
    neuron_stability,
    neuron_thresholds,
    normalised,
    plateau,
    training,
)

MODULES = (
    *(bounds, jury, linear, ascents, momentum_edges, normalised, discrete, langevin, langevin_limits, heavy_ball),
    *(exit_times, neuron_batch, neuron_normalised, neuron_stability, neuron_thresholds, plateau, training),
    *(adaptive, adaptive_cycles),
)

CLAIMS = tuple(claim for module in MODULES for claim in module.CLAIMS)
