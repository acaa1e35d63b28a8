"""Training: SAM for PyTorch, the toy neuron, CIFAR runs, sweeps, and the curvature of a model.

Records and what they say (saddlecheck.nets.record, saddlecheck.nets.training_evidence, saddlecheck.nets.contrast) are
read without torch; everything else needs the extra `nets`. `SAM`, `Monitor` and `spectrum` are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.nets.errors import HessianMismatch as HessianMismatch
    from saddlecheck.nets.explaining import explain as explain
    from saddlecheck.nets.fit_config import FitConfig as FitConfig
    from saddlecheck.nets.fitting import fit as fit
    from saddlecheck.nets.lanczos import spectrum as spectrum
    from saddlecheck.nets.lanczos_quadrature import density as density
    from saddlecheck.nets.monitor import Monitor as Monitor
    from saddlecheck.nets.randomness import same_draws as same_draws
    from saddlecheck.nets.recorder import Recorder as Recorder
    from saddlecheck.nets.sam import SAM as SAM
    from saddlecheck.nets.subsets import subset_ends as subset_ends
    from saddlecheck.nets.task import Task as Task
    from saddlecheck.nets.weights import load_weights as load_weights
    from saddlecheck.nets.weights import save_weights as save_weights

_HOME = {
    "lanczos_quadrature": ("density",),
    "errors": ("HessianMismatch",),
    "explaining": ("explain",),
    "fit_config": ("FitConfig",),
    "fitting": ("fit",),
    "lanczos": ("spectrum",),
    "monitor": ("Monitor",),
    "randomness": ("same_draws",),
    "recorder": ("Recorder",),
    "sam": ("SAM",),
    "subsets": ("subset_ends",),
    "task": ("Task",),
    "weights": ("load_weights", "save_weights"),
}

__getattr__, __dir__, __all__ = attach(__name__, _HOME, extra={"torch": "nets"})
