"""The claims of the paper in one explicit list, in the paper's order.

Within a module a claim is followed by its amendments and by what belongs to it.
"""

from __future__ import annotations

from saddlecheck.theory.papers.kim.background import background, perturbed
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

MODULES = (
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
)

CLAIMS = tuple(claim for module in MODULES for claim in module.CLAIMS)
