"""What is claimed, and why it is or is not so.

`PAPERS` are the papers that were read, and `CLAIMS` is the catalogue of all their claims: each paper in its order, a
claim followed by its amendments. Both are built when they are first asked for. Importing this package proves nothing
and imports no solver; `saddlecheck.verification.check` does. `Loss` is a loss of the user's own, `OPTIMISERS` holds by
id what may be run on it.

Example:
    >>> from saddlecheck.theory import OPTIMISERS, PAPERS
    >>> [paper.id for paper in (PAPERS[0], PAPERS[-1])]
    ['kim', 'ours']
    >>> from saddlecheck.theory.symbols import lam
    >>> OPTIMISERS["gd"].rate(lam), OPTIMISERS["sam"].rate(lam)
    (lambda, lambda*(lambda*rho + 1))
"""

import os
from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

# SymPy would do its arithmetic with python-flint where that is installed, and then share code with the engine that is
# to check it. Set before SymPy is first imported; certificates record which arithmetic was really used.
os.environ.setdefault("SYMPY_GROUND_TYPES", "python")

if TYPE_CHECKING:
    from saddlecheck.theory.claims.claim import BEYOND as BEYOND
    from saddlecheck.theory.claims.claim import Catalogue as Catalogue
    from saddlecheck.theory.claims.claim import Claim as Claim
    from saddlecheck.theory.claims.claim import Place as Place
    from saddlecheck.theory.claims.claim import Twin as Twin
    from saddlecheck.theory.claims.paper import Paper as Paper
    from saddlecheck.theory.critical.loss import Loss as Loss
    from saddlecheck.theory.errors import BadLoss as BadLoss
    from saddlecheck.theory.optimiser import OPTIMISERS as OPTIMISERS
    from saddlecheck.theory.optimiser import Force as Force
    from saddlecheck.theory.optimiser import Optimiser as Optimiser
    from saddlecheck.theory.optimisers.bases import Adam as Adam
    from saddlecheck.theory.optimisers.bases import AdamW as AdamW
    from saddlecheck.theory.optimisers.bases import Lion as Lion
    from saddlecheck.theory.optimisers.bases import RMSprop as RMSprop
    from saddlecheck.theory.papers.catalogue import CLAIMS as CLAIMS
    from saddlecheck.theory.papers.catalogue import PAPERS as PAPERS

_HOME = {
    "papers.catalogue": ("CLAIMS", "PAPERS"),
    "claims.claim": ("BEYOND", "Catalogue", "Claim", "Place", "Twin"),
    "claims.paper": ("Paper",),
    "critical.loss": ("Loss",),
    "errors": ("BadLoss",),
    "optimiser": ("OPTIMISERS", "Force", "Optimiser"),
    "optimisers.bases": ("Adam", "AdamW", "Lion", "RMSprop"),
}

__getattr__, __dir__, __all__ = attach(__name__, _HOME)
