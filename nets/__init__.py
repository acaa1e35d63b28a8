"""Training: SAM for PyTorch, the toy neuron, CIFAR runs, sweeps, and the curvature of a model.

Records and what they say (saddlecheck.nets.record, saddlecheck.nets.training_evidence, saddlecheck.nets.contrast) are
read without torch; everything else needs the extra `nets`. `SAM`, `Monitor` and `spectrum` are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.nets.errors import HessianMismatch as HessianMismatch
    from saddlecheck.nets.lanczos import spectrum as spectrum
    from saddlecheck.nets.monitor import Monitor as Monitor
    from saddlecheck.nets.sam import SAM as SAM

_HOME = {"monitor": ("Monitor",), "sam": ("SAM",), "lanczos": ("spectrum",), "errors": ("HessianMismatch",)}

__getattr__, __dir__, __all__ = attach(__name__, _HOME, extra={"torch": "nets"})
