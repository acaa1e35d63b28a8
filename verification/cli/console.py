"""Where output goes and how verdicts look: results on stdout, progress on stderr, words always beside colours."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from saddlecheck.verification.ledger.judge import Verdict

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

# Okabe and Ito's colours: told apart with any common colour blindness; the word carries the meaning.
COLOUR = {
    Verdict.HOLDS: "#009e73",
    Verdict.CORRECTED: "#56b4e9",
    Verdict.CONDITIONAL: "#0072b2",
    Verdict.REFUTED: "#d55e00",
    Verdict.NUMERIC: "#cc79a7",
    Verdict.ACCEPTED: "#999999",
    Verdict.OPEN: "#e69f00",
}


def coloured(verdict: Verdict) -> str:
    """A verdict as rich markup."""
    return f"[{COLOUR[verdict]}]{verdict.value}[/]"


def progress() -> Progress:
    """A progress bar on stderr that leaves nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
