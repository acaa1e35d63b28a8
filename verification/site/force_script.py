"""The explorer's rules as JavaScript, printed from the theory's own: what each descends, and its rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.optimisers.column import Column, length
from saddlecheck.theory.optimisers.force import Force
from saddlecheck.theory.symbols import lam, rho

# The explorer's names; rules that ask for the gradient alone.
SHOWN: Mapping[str, Force] = {
    "gd": OPTIMISERS["gd"].force,
    "sam": OPTIMISERS["sam"].force,
    "normalised": OPTIMISERS["sam_normalised"].force,
}


class _Guarded(Column):
    """A gradient whose direction is 0 where it is 0: an ascent that starts there stays."""

    def unit(self) -> Any:
        size = length(list(self))
        return self / sp.Piecewise((size, size > 0), (1, True))


def rules_js() -> str:
    """`const RULES`: for each name `descended(loss, rho, x, y)`, `rate(lambda, rho)` and whether it is normalised."""
    rows = [f"  {name}: {{ {_descended(force)}, {_rate(force)}" for name, force in SHOWN.items()]
    return "const RULES = {\n" + "\n".join(rows) + "\n};"


def _descended(force: Force) -> str:
    printer = JavascriptCodePrinter()
    lines: list[str] = []
    x, y = sp.symbols("x y", real=True)

    def gradient(at: Any) -> Column:
        k = len(lines)
        g = sp.symbols(f"g{k}x g{k}y", real=True)
        shared, place = sp.cse(list(at), sp.numbered_symbols(f"t{k}_", real=True))
        common = "".join(f"const {name} = {printer.doprint(part)}; " for name, part in shared)
        lines.append(f"{common}const [{g[0]}, {g[1]}] = loss.gradient({', '.join(map(printer.doprint, place))}); ")
        return Column.of(g).view(_Guarded)

    more = {"ascent": gradient} if "ascent" in force.wants else {}
    found = force.rule(gradient, Column.of((x, y)), rho, **more)
    result = ", ".join(printer.doprint(v) for v in found)
    body = "".join(lines).replace("\n", " ")
    return f"descended: (loss, rho, x, y) => {{ {body}return [{result}]; }}"


def _rate(force: Force) -> str:
    response = force.response
    assert response is not None, "the explorer's rules are functions of the Hessian beside a critical point"
    rate = JavascriptCodePrinter().doprint(response.p.xreplace({lam: sp.Symbol("lambda")}))
    return f"rate: (lambda, rho) => {rate}, normalised: {str(force.normalised).lower()} }},"
