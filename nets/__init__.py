"""Training: SAM for PyTorch, the toy neuron, CIFAR runs, sweeps, and the curvature of a model.

Records and what they say (nets.record, nets.evidence, nets.contrast) are read without torch; everything else needs
the extra `nets`. `SAM` and `Monitor` are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nets.monitor import Monitor
    from nets.sam import SAM

__all__ = ["SAM", "Monitor"]


def __getattr__(name: str) -> Any:
    """Load torch only when one of its names is asked for.

    Raises:
        AttributeError: there is no such name.
        ImportError: torch is missing; the message names the extra that installs it.
    """
    if name not in __all__:
        raise AttributeError(f"module 'nets' has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"nets.{name.lower()}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ImportError(f"{name} needs PyTorch: pip install 'saddlecheck[nets]'") from error
