"""The second leg: exact recursions, large ensembles and trajectories that check every closed form.

Names are imported when first used: `import numerics` costs nothing, compiled kernels load with what needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.algorithm import Algorithm as Algorithm
    from numerics.arms import DriftSDE as DriftSDE
    from numerics.arms import QuadraticModel as QuadraticModel
    from numerics.closed_form import exit_time as exit_time
    from numerics.closed_form import langevin_msd as langevin_msd
    from numerics.closed_form import printed_msd as printed_msd
    from numerics.closed_form import variance as variance
    from numerics.ensemble import Ensemble as Ensemble
    from numerics.job import Descent as Descent
    from numerics.job import Exit as Exit
    from numerics.recurrence import Recurrence as Recurrence
    from numerics.recurrence import together as together
    from numerics.recursion import discrete_variance as discrete_variance
    from numerics.sde import langevin as langevin
    from numerics.sde import ornstein_uhlenbeck as ornstein_uhlenbeck
    from numerics.simulation import Settings as Settings
    from numerics.simulation import simulate as simulate

_HOME = {
    "Algorithm": "algorithm",
    "Descent": "job",
    "DriftSDE": "arms",
    "Ensemble": "ensemble",
    "Exit": "job",
    "QuadraticModel": "arms",
    "Recurrence": "recurrence",
    "Settings": "simulation",
    "discrete_variance": "recursion",
    "exit_time": "closed_form",
    "langevin": "sde",
    "langevin_msd": "closed_form",
    "ornstein_uhlenbeck": "sde",
    "printed_msd": "closed_form",
    "simulate": "simulation",
    "together": "recurrence",
    "variance": "closed_form",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'numerics' has no attribute {name!r}")
    return getattr(importlib.import_module(f"numerics.{_HOME[name]}"), name)
