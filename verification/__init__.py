"""From evidence to verdicts, and the tools that apply them."""

from typing import TYPE_CHECKING

from saddlecheck._lazy import attach

if TYPE_CHECKING:
    from saddlecheck.verification.analyse import analyse as analyse
    from saddlecheck.verification.judge import Verdict as Verdict
    from saddlecheck.verification.ledger import Report as Report
    from saddlecheck.verification.ledger import check as check
    from saddlecheck.verification.ledger import check_all as check_all

_HOME = {"analyse": ("analyse",), "judge": ("Verdict",), "ledger": ("Report", "check", "check_all")}

__getattr__, __dir__, __all__ = attach(__name__, _HOME)
