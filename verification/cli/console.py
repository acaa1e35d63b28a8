"""Where output goes and how verdicts look: results on stdout, progress on stderr, words always beside colours."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from saddlecheck.theory.checker.verdict import Verdict
from saddlecheck.verification.palette import VERDICT

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def coloured(verdict: Verdict) -> str:
    """A verdict as rich markup."""
    return f"[{VERDICT[verdict]}]{verdict.value}[/]"


def progress() -> Progress:
    """A progress bar on stderr that leaves nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
