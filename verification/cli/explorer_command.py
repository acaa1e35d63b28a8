"""`saddlecheck explorer`: the interactive page as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saddlecheck.verification.cli.console import out


def explorer(
    target: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("explorer.html"),
) -> None:
    """Write the explorer, one HTML file that works from disk: drag rho and watch a saddle become a trap."""
    if target.is_dir():
        raise ValueError(f"{target} is a folder; name the file, as in --out {target}/explorer.html")
    from saddlecheck.verification.site.explorer import write

    out.print(f"The explorer is in {write(target)}; open it in a browser.", markup=False)
