"""Training: SAM and its variants for PyTorch, the toy neuron, CIFAR runs, sweeps, and the curvature of a model.

Records and what they say (saddlecheck.nets.record, saddlecheck.nets.training_evidence, saddlecheck.nets.contrast) are
read without torch; everything else needs the extra `nets`. `SAM`, `Monitor` and `spectrum` are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.nets.captured import CapturedStep as CapturedStep
    from saddlecheck.nets.climbing import DNSAM as DNSAM
    from saddlecheck.nets.climbing import EGSAM as EGSAM
    from saddlecheck.nets.climbing import Ascent as Ascent
    from saddlecheck.nets.climbing import NStepSAM as NStepSAM
    from saddlecheck.nets.climbing import UnifiedSAM as UnifiedSAM
    from saddlecheck.nets.errors import HessianMismatch as HessianMismatch
    from saddlecheck.nets.explaining import explain as explain
    from saddlecheck.nets.fit_config import FitConfig as FitConfig
    from saddlecheck.nets.fitting import fit as fit
    from saddlecheck.nets.lanczos import spectrum as spectrum
    from saddlecheck.nets.lanczos_quadrature import density as density
    from saddlecheck.nets.mixing import GSAM as GSAM
    from saddlecheck.nets.mixing import GradientPenalty as GradientPenalty
    from saddlecheck.nets.mixing import LookSAM as LookSAM
    from saddlecheck.nets.mixing import WeightedSAM as WeightedSAM
    from saddlecheck.nets.monitor import Monitor as Monitor
    from saddlecheck.nets.occasional import Every as Every
    from saddlecheck.nets.occasional import Sometimes as Sometimes
    from saddlecheck.nets.random_ascents import ESAM as ESAM
    from saddlecheck.nets.random_ascents import RandomPerturbation as RandomPerturbation
    from saddlecheck.nets.random_ascents import sharpest as sharpest
    from saddlecheck.nets.randomness import same_draws as same_draws
    from saddlecheck.nets.recorder import Recorder as Recorder
    from saddlecheck.nets.remembering import FriendlySAM as FriendlySAM
    from saddlecheck.nets.remembering import MomentumAscent as MomentumAscent
    from saddlecheck.nets.remembering import StaleAscent as StaleAscent
    from saddlecheck.nets.remembering import StalePerturbedAscent as StalePerturbedAscent
    from saddlecheck.nets.sam import SAM as SAM
    from saddlecheck.nets.subsets import subset_ends as subset_ends
    from saddlecheck.nets.task import Task as Task
    from saddlecheck.nets.weights import load_weights as load_weights
    from saddlecheck.nets.weights import save_weights as save_weights

_HOME = {
    "captured": ("CapturedStep",),
    "climbing": (
        "Ascent",
        "DNSAM",
        "EGSAM",
        "NStepSAM",
        "UnifiedSAM",
    ),
    "mixing": (
        "GSAM",
        "GradientPenalty",
        "LookSAM",
        "WeightedSAM",
    ),
    "occasional": (
        "Every",
        "Sometimes",
    ),
    "random_ascents": (
        "ESAM",
        "RandomPerturbation",
        "sharpest",
    ),
    "remembering": (
        "FriendlySAM",
        "MomentumAscent",
        "StaleAscent",
        "StalePerturbedAscent",
    ),
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
