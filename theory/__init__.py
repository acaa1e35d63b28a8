"""What is claimed, and why it is or is not so.

`CLAIMS` is the catalogue: every claim of the paper in the paper's order, each followed by its amendments, then
results beyond the paper. Importing this package proves nothing and imports no solver; `verification.check` does.
"""

import os

# SymPy would do its arithmetic with python-flint where that is installed, and then share code with the engine that is
# to check it. Set before SymPy is first imported; certificates record which arithmetic was really used.
os.environ.setdefault("SYMPY_GROUND_TYPES", "python")

from theory import saddle
from theory.claim import BEYOND, Catalogue, Claim, Place, Twin

CLAIMS = Catalogue((*saddle.CLAIMS,))

__all__ = ["BEYOND", "CLAIMS", "Catalogue", "Claim", "Place", "Twin"]
