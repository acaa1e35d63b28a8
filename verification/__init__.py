"""From evidence to verdicts, and the tools that apply them."""

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.verification.analysis.continuation import bifurcation as bifurcation
    from saddlecheck.verification.analysis.entry import analyse as analyse
    from saddlecheck.verification.analysis.parameter import phases as phases
    from saddlecheck.verification.ledger.book import Report as Report
    from saddlecheck.verification.ledger.book import check as check
    from saddlecheck.verification.ledger.book import check_all as check_all
    from saddlecheck.verification.ledger.judge import Verdict as Verdict

_HOME = {
    "analysis.continuation": ("bifurcation",),
    "analysis.entry": ("analyse",),
    "analysis.parameter": ("phases",),
    "ledger.judge": ("Verdict",),
    "ledger.book": ("Report", "check", "check_all"),
}

__getattr__, __dir__, __all__ = attach(__name__, _HOME)
