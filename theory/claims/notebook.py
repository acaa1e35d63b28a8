"""What shows itself in a notebook. Printing knows claims and papers, so these find it when they are asked to show."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class InNotebook:
    """A claim or a paper in Jupyter: words and mathematics, as `saddlecheck.theory.printing.notebook` writes them."""

    def _repr_html_(self) -> str:
        return str(_printing().html(self))

    def _repr_latex_(self) -> str:
        return str(_printing().latex(self))


def _printing() -> Any:
    return import_module("saddlecheck.theory.printing.notebook")


__all__ = ["InNotebook"]
