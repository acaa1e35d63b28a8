"""What is claimed, and why it is or is not so.

`CLAIMS` is the catalogue: every claim of the paper in the paper's order, each followed by its amendments, then
results beyond the paper. It is built when it is first asked for. Importing this package proves nothing and imports no
solver; `verification.check` does. `Loss` is a loss of the user's own, `OPTIMISERS` what may be run on it.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# SymPy would do its arithmetic with python-flint where that is installed, and then share code with the engine that is
# to check it. Set before SymPy is first imported; certificates record which arithmetic was really used.
os.environ.setdefault("SYMPY_GROUND_TYPES", "python")

if TYPE_CHECKING:
    from theory.catalogue import CLAIMS
    from theory.claim import BEYOND, Catalogue, Claim, Place, Twin
    from theory.losses.loss import Loss
    from theory.losses.parse import BadLoss
    from theory.optimiser import OPTIMISERS

_HOME = {
    "CLAIMS": "catalogue",
    "BEYOND": "claim",
    "Catalogue": "claim",
    "Claim": "claim",
    "Place": "claim",
    "Twin": "claim",
    "Loss": "losses.loss",
    "OPTIMISERS": "optimiser",
    "BadLoss": "losses.parse",
}

__all__ = ["BEYOND", "CLAIMS", "OPTIMISERS", "BadLoss", "Catalogue", "Claim", "Loss", "Place", "Twin"]


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it."""
    if name not in _HOME:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    return getattr(import_module(f"theory.{_HOME[name]}"), name)
