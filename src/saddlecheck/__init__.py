"""Which claims about sharpness-aware minimisation hold, and which saddles trap what on a loss of your own.

Everything that users need has its name here and is loaded on first use: `import saddlecheck` costs next to nothing, and
neither SymPy nor torch is imported before something needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.nets import SAM as SAM
    from saddlecheck.nets import Monitor as Monitor
    from saddlecheck.nets import spectrum as spectrum
    from saddlecheck.numerics import discrete_variance as discrete_variance
    from saddlecheck.numerics import exit_time as exit_time
    from saddlecheck.numerics import langevin_msd as langevin_msd
    from saddlecheck.numerics import printed_msd as printed_msd
    from saddlecheck.numerics import simulate as simulate
    from saddlecheck.numerics import variance as variance
    from saddlecheck.theory import CLAIMS as CLAIMS
    from saddlecheck.theory import OPTIMISERS as OPTIMISERS
    from saddlecheck.theory import PAPERS as PAPERS
    from saddlecheck.theory import Adam as Adam
    from saddlecheck.theory import AdamW as AdamW
    from saddlecheck.theory import Claim as Claim
    from saddlecheck.theory import Force as Force
    from saddlecheck.theory import Lion as Lion
    from saddlecheck.theory import Loss as Loss
    from saddlecheck.theory import Optimiser as Optimiser
    from saddlecheck.theory import Paper as Paper
    from saddlecheck.theory import RMSprop as RMSprop
    from saddlecheck.verification import Report as Report
    from saddlecheck.verification import Verdict as Verdict
    from saddlecheck.verification import analyse as analyse
    from saddlecheck.verification import bifurcation as bifurcation
    from saddlecheck.verification import check as check
    from saddlecheck.verification import check_all as check_all
    from saddlecheck.verification import phases as phases

_HOME = {
    "theory": (
        *("CLAIMS", "OPTIMISERS", "PAPERS", "Adam", "AdamW", "Claim", "Force", "Lion", "Loss", "Optimiser", "Paper"),
        "RMSprop",
    ),
    "numerics": ("discrete_variance", "exit_time", "langevin_msd", "printed_msd", "simulate", "variance"),
    "nets": ("Monitor", "SAM", "spectrum"),
    "verification": ("Report", "Verdict", "analyse", "bifurcation", "check", "check_all", "phases"),
}

__getattr__, __dir__, __all__ = attach(__name__, _HOME)
