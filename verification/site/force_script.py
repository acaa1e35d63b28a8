"""The explorer's rules as JavaScript, printed from the theory's own: what each descends, where, and its rate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.optimisers.column import Column, length
from saddlecheck.theory.optimisers.force import Force
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.theory.symbols import lam, rho

# The explorer's names and titles; rules of the gradient at two points, without Hessian products and without a memory.
SHOWN: Mapping[str, tuple[str, Force]] = {
    "gd": ("gradient descent", OPTIMISERS["gd"].force),
    "sam": ("SAM, constant radius", OPTIMISERS["sam"].force),
    "normalised": ("SAM, normalised radius", OPTIMISERS["sam_normalised"].force),
    "two-steps": ("SAM, two ascent steps", OPTIMISERS["sam_nstep"].force),
    "asam": ("ASAM, constant radius", OPTIMISERS["asam"].force),
    "asam-normalised": ("ASAM, normalised radius", NAMED["asam_normalised"].force),
    "gsam": ("GSAM, α = 0.4", NAMED["gsam"].force),
    "unified": ("unified SAM, t = 1/2", NAMED["unified_sam"].force),
}


class _Guarded(Column):
    """A vector whose length, as a divisor, is 1 where it is 0: an ascent from a critical point stays."""

    def norm(self) -> Any:
        size = length(list(self))
        return sp.Piecewise((size, size > 0), (1, True))


def rules_js() -> str:
    """`const RULES`: for each name its title, what it descends, where it looks, and its rate.

    `descended(loss, rho, x, y)` and `perturbed(loss, rho, x, y)` are two numbers each; the loss has `gradient` and, for
    the ascent's mini-batch, `ascent`. `rate(lambda, rho)` is null where a displacement does not decay at one: there the
    explorer measures.

    Returns:
        JavaScript.
    """
    rows = [f"  {json.dumps(name)}: {_rule(title, force)}," for name, (title, force) in SHOWN.items()]
    return "const RULES = {\n" + "\n".join(rows) + "\n};"


def _rule(title: str, force: Force) -> str:
    descended, perturbed = _functions(force)
    parts = (f"title: {json.dumps(title, ensure_ascii=False)}", descended, perturbed, _rate(force))
    return "{ " + ", ".join(parts) + " }"


def _functions(force: Force) -> tuple[str, str]:
    """What is descended, and the place of the last gradient: there the descent looks."""
    doprint = JavascriptCodePrinter().doprint
    calls: list[tuple[str, str, str]] = []  # the place's common parts, the place, and what receives the gradient there

    def gradient(at: Any) -> Column:
        k = len(calls)
        g = sp.symbols(f"g{k}x g{k}y", real=True)
        shared, place = sp.cse(list(at), sp.numbered_symbols(f"t{k}_", real=True))
        common = "".join(f"const {name} = {doprint(part)}; " for name, part in shared)
        calls.append((common, ", ".join(map(doprint, place)), f"[{g[0]}, {g[1]}]"))
        return Column.of(g).view(_Guarded)

    more = {"ascent": gradient} if "ascent" in force.wants else {}
    found = force.rule(gradient, Column.of(sp.symbols("x y", real=True)).view(_Guarded), rho, **more)
    # The last gradient is the descent's; those before it lead to its place and are the ascent's.
    before = "".join(f"{common}const {g} = loss.ascent({place}); " for common, place, g in calls[:-1])
    common, place, g = calls[-1]
    result = ", ".join(map(doprint, found))
    descended = f"{before}{common}const {g} = loss.gradient({place}); return [{result}];"
    bodies = (descended, f"{before}{common}return [{place}];")
    one, other = (f"(loss, rho, x, y) => {{ {' '.join(body.split())} }}" for body in bodies)
    return f"descended: {one}", f"perturbed: {other}"


def _rate(force: Force) -> str:
    response, rate = force.response, "null"
    if response is not None and response.q == 0:
        rate = f"(lambda, rho) => {JavascriptCodePrinter().doprint(response.p.xreplace({lam: sp.Symbol('lambda')}))}"
    return f"rate: {rate}"
