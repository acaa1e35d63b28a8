"""From evidence to verdicts, and the tools that apply them."""

from verification.analyse import analyse
from verification.judge import Verdict
from verification.ledger import Report, check, check_all

__all__ = ["Report", "Verdict", "analyse", "check", "check_all"]
