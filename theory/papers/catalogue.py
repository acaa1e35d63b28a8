"""The catalogue of all claims: one explicit list, in the paper's order, then what goes beyond it.

Within a module a claim is followed by its amendments and by what belongs to it.
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Catalogue
from saddlecheck.theory.papers.kim.background import background, perturbed
from saddlecheck.theory.papers.ours import (
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
)
from saddlecheck.theory.papers.kim.diffusion import crossing, diffusion, gap, gap_series, variance
from saddlecheck.theory.papers.kim.geometry import beale, cases, geometry, neighbours, oscillation
from saddlecheck.theory.papers.kim.momentum import (
    momentum,
    momentum_effect,
    momentum_escape,
    momentum_limit,
    momentum_msd,
    tables,
)
from saddlecheck.theory.papers.kim.neuron import neuron, neuron_theorems
from saddlecheck.theory.papers.kim.saddle import saddle, saddle_examples, saddle_proof, trapping

SECTIONS = (
    # Section 2: background
    *(background, perturbed),
    # Section 4.1: SAM near a saddle, geometrically
    *(geometry, neighbours, cases, oscillation, beale),
    # Section 4.2: when a saddle attracts
    *(saddle, saddle_proof, trapping, saddle_examples),
    # Section 4.3: diffusion, and the toy neuron
    *(diffusion, variance, gap, gap_series, crossing, neuron, neuron_theorems),
    # Section 4.4: momentum and batch size, the experiments
    *(momentum, momentum_msd, momentum_effect, momentum_limit, momentum_escape, tables),
    # Beyond the paper: linear maps, normalised SAM, exact moments, escape, the neuron in mini-batches, plateaus
    *(bounds, jury, linear, ascents, momentum_edges, normalised, discrete, langevin, langevin_limits, heavy_ball),
    *(exit_times, neuron_batch, neuron_normalised, neuron_stability, neuron_thresholds, plateau),
)

CLAIMS = Catalogue(claim for module in SECTIONS for claim in module.CLAIMS)
