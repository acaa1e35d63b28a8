"""The explorer: one self-contained page whose losses are emitted by SymPy's printer from the ledger's own objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from saddlecheck._files import write_whole
from saddlecheck.theory.critical import landscapes
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.site.force_script import rules_js

WEB = Path(__file__).with_name("web")
SCRIPTS = (
    "parser.js", "noise.js", "dynamics.js", "settle.js", "view.js", "map.js", "app.js", "basins.js", "address.js",
    "play.js", "input.js",
)  # fmt: skip


@dataclass(frozen=True)
class ShownLoss:
    """A loss in the explorer, and how the page opens on it.

    Attributes:
        centre, half: the square that is shown.
        start: of the first run.
        rho, lr: of the sliders.
        rho_max: the end of rho's slider (weight per gradient, as everywhere).
    """

    loss: Loss
    centre: tuple[float, float]
    half: float
    start: tuple[float, float]
    rho: float
    lr: float
    rho_max: float

    @property
    def id(self) -> str:
        """The loss's name in the page's address."""
        return str(self.loss).replace(" ", "-").lower()


_VALLEY = Loss("(x**2 - 1)**2/4 + y**2/2", name="double well with a valley")

LOSSES: tuple[ShownLoss, ...] = (  # the page opens on the first
    ShownLoss(landscapes.FOUR_WELLS, (0, 0), 2, (0.1, -0.4), 0.3, 0.02, 1.0),
    ShownLoss(landscapes.HYPERBOLIC, (0, 0), 4, (-3, -0.01), 0.4, 0.02, 2.0),
    ShownLoss(landscapes.BEALE, (0, 0), 4.5, (0.7, 1.8), 0.05, 0.001, 1.0),
    ShownLoss(_VALLEY, (0, 0), 2, (0.05, 1.2), 0.8, 0.05, 4.0),
    ShownLoss(landscapes.TOY_NEURON, (0, 0), 3, (-1.2, 1.8), 0.1, 0.01, 2.0),
    ShownLoss(landscapes.HIMMELBLAU, (0, 0), 5.5, (0.2, -4), 0.01, 0.002, 0.2),
    ShownLoss(landscapes.ROSENBROCK, (0, 0.8), 2, (-1.2, 1), 0.0005, 0.0008, 0.01),
    ShownLoss(landscapes.SIX_HUMP_CAMEL, (0, 0), 2, (1.2, 0.1), 0.1, 0.01, 1.0),
    ShownLoss(landscapes.MONKEY_SADDLE, (0, 0), 2, (0.8, 1.2), 0.2, 0.02, 2.0),
)


class _Printer(JavascriptCodePrinter):  # type: ignore[misc]  # sympy is untyped
    """SymPy's JavaScript printer with x*x for squares, as a person would write it and a processor likes it."""

    def _print_Pow(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        if expr.exp == 2 and expr.base.is_Symbol:
            name = self._print(expr.base)
            return f"({name}*{name})"
        return str(super()._print_Pow(expr))


def function_js(expressions: Sequence[sp.Expr], variables: Sequence[sp.Symbol], *, scalar: bool = False) -> str:
    """JavaScript function of two numbers that returns the expressions' values, common parts computed once."""
    x, y = sp.symbols("x y", real=True)
    stand_ins = dict(zip(variables, (x, y), strict=True))
    names = sp.numbered_symbols("t", real=True)
    shared, reduced = sp.cse([e.xreplace(stand_ins) for e in expressions], names)
    printer = _Printer()
    body = "".join(f"const {name} = {printer.doprint(part)}; " for name, part in shared)
    values = [printer.doprint(e) for e in reduced]
    result = values[0] if scalar else f"[{', '.join(values)}]"
    return f"(x, y) => {{ {body}return {result}; }}"


def loss_js(shown: ShownLoss) -> str:
    """One loss as a JavaScript object: its value, gradient and Hessian as functions, its certified critical points."""
    loss = shown.loss
    if len(loss.variables) != 2:
        raise ValueError(f"the explorer draws losses of two variables, {loss} has {len(loss.variables)}.")
    H = loss.hessian
    points, curves = _points(shown)
    data = {
        "id": shown.id,
        "name": str(loss)[0].upper() + str(loss)[1:],
        "formula": str(loss.expr),
        "variables": [v.name for v in loss.variables],
        "points": points,
        "line": curves,
        "view": {"x": shown.centre[0], "y": shown.centre[1], "half": shown.half},
        "start": list(shown.start),
        "rho": shown.rho,
        "lr": shown.lr,
        "rhoMax": shown.rho_max,
    }
    functions = {
        "value": function_js([loss.expr], loss.variables, scalar=True),
        "gradient": function_js(list(loss.gradient), loss.variables),
        "hessian": function_js([H[0, 0], H[0, 1], H[1, 1]], loss.variables),
    }
    rows = [f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}," for k, v in data.items()]
    rows += [f"  {name}: {code}," for name, code in functions.items()]
    return "{\n" + "\n".join(rows) + "\n}"


def _points(shown: ShownLoss) -> tuple[list[list[float]], bool]:
    """Every critical point near the picture, certified; for curves of them, their certified samples (and True)."""
    found = shown.loss.critical_points()
    if not found.complete:
        raise ValueError(f"not all critical points of {shown.loss} were certified, so the explorer cannot list them.")
    samples = [p for c in found.components for p in c.samples]
    near = [
        [float(v) for v in p.location]
        for p in (*found.points, *samples)
        if all(abs(v - c) <= 1.5 * shown.half for v, c in zip(p.location, shown.centre, strict=True))
    ]
    return near, bool(samples)


@cache
def page_html() -> str:
    """The whole page: markup, style and scripts in one file that needs nothing else."""
    losses = "const LOSSES = [" + ",\n".join(loss_js(shown) for shown in LOSSES) + "];"
    script = "\n".join([losses, rules_js(), *((WEB / name).read_text("utf-8") for name in SCRIPTS)])
    page = (WEB / "explorer.html").read_text("utf-8")
    return page.replace("@@STYLE@@", (WEB / "explorer.css").read_text("utf-8")).replace("@@SCRIPT@@", script)


def write(path: Path) -> Path:
    """Write the page, whole or not at all; returns its path."""
    return write_whole(path, page_html())
