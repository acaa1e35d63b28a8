"""Exact recursions, large ensembles and trajectories, which check every closed form.

Names are imported when first used: importing this package loads nothing, compiled kernels load with what needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.numerics.algorithm import Algorithm as Algorithm
    from saddlecheck.numerics.closed_form import exit_time as exit_time
    from saddlecheck.numerics.closed_form import langevin_msd as langevin_msd
    from saddlecheck.numerics.closed_form import printed_msd as printed_msd
    from saddlecheck.numerics.closed_form import variance as variance
    from saddlecheck.numerics.common_noise import DriftSDE as DriftSDE
    from saddlecheck.numerics.common_noise import QuadraticModel as QuadraticModel
    from saddlecheck.numerics.ensemble import Ensemble as Ensemble
    from saddlecheck.numerics.ensemble_run import EnsembleSettings as EnsembleSettings
    from saddlecheck.numerics.ensemble_run import simulate as simulate
    from saddlecheck.numerics.exact_moments import discrete_variance as discrete_variance
    from saddlecheck.numerics.job import Descent as Descent
    from saddlecheck.numerics.job import Exit as Exit
    from saddlecheck.numerics.linear_map import Recurrence as Recurrence
    from saddlecheck.numerics.linear_map import together as together
    from saddlecheck.numerics.oscillation import capture_window as capture_window
    from saddlecheck.numerics.oscillation import product_model_time as product_model_time
    from saddlecheck.numerics.oscillation import sam_edge as sam_edge
    from saddlecheck.numerics.oscillation import two_cycle as two_cycle
    from saddlecheck.numerics.oscillation import unified_cycle as unified_cycle
    from saddlecheck.numerics.oscillation import valley_drift as valley_drift
    from saddlecheck.numerics.radii import eg_sam_threshold as eg_sam_threshold
    from saddlecheck.numerics.radii import fraction_threshold as fraction_threshold
    from saddlecheck.numerics.radii import micro_batch_threshold as micro_batch_threshold
    from saddlecheck.numerics.radii import noisy_threshold as noisy_threshold
    from saddlecheck.numerics.sde import langevin as langevin
    from saddlecheck.numerics.sde import ornstein_uhlenbeck as ornstein_uhlenbeck
    from saddlecheck.numerics.stationary import dnsam_density as dnsam_density
    from saddlecheck.numerics.stationary import mean_square_rate as mean_square_rate
    from saddlecheck.numerics.stationary import usam_floor as usam_floor

_HOME = {
    "algorithm": ("Algorithm",),
    "common_noise": ("DriftSDE", "QuadraticModel"),
    "closed_form": ("exit_time", "langevin_msd", "printed_msd", "variance"),
    "ensemble": ("Ensemble",),
    "job": ("Descent", "Exit"),
    "linear_map": ("Recurrence", "together"),
    "exact_moments": ("discrete_variance",),
    "oscillation": ("capture_window", "product_model_time", "sam_edge", "two_cycle", "unified_cycle", "valley_drift"),
    "radii": ("eg_sam_threshold", "fraction_threshold", "micro_batch_threshold", "noisy_threshold"),
    "sde": ("langevin", "ornstein_uhlenbeck"),
    "stationary": ("dnsam_density", "mean_square_rate", "usam_floor"),
    "ensemble_run": ("EnsembleSettings", "simulate"),
}

__getattr__, __dir__, __all__ = attach(__name__, _HOME)
