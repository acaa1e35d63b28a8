"""`saddlecheck papers --contradictions`: which claims of different papers exclude each other, which are one formula."""

from __future__ import annotations

import json
from typing import Any

import sympy as sp
from rich.markup import escape

from saddlecheck.theory.papers.shared import Occurrence, Shared
from saddlecheck.verification.cli.console import out
from saddlecheck.verification.ledger import comparison


def print_contradictions(*, as_json: bool) -> None:
    """Print the pairs, each with the point that separates it, then the formulas that several papers have."""
    pairs, formulas = comparison.pairs(), comparison.formulas()
    if as_json:
        print(json.dumps({"contradictions": [_pair(p) for p in pairs], "formulas": [_formula(f) for f in formulas]}))
        return
    out.print("[bold]Claims that cannot both be right[/]: no value of Q makes both true at the point\n")
    for p in map(_pair, pairs):
        first, second = p["claims"]
        for c in (first, second):
            out.print(f"[bold]{c['id']}[/] ({escape(c['paper'])}, {c['known']}) says {escape(c['says'])}")
        out.print(f"  {escape(p['words'])}", highlight=False)
        at = ", ".join(f"{s} = {v}" for s, v in p["point"].items())
        out.print(f"  at {escape(at)}; Q is {p['value']}")
        out.print(f"  [dim]Q: {escape(p['about'])}; {', '.join(p['engines'])}[/]\n")
    out.print("[bold]One formula in several papers[/], up to the names of its letters\n")
    for f in map(_formula, formulas):
        out.print(f"[bold]{escape(f['formula'])}[/]", highlight=False)
        for name, words in (
            ("asserted", "asserted by"),
            ("normalised", "with rho/|g| for rho"),
            ("assumed", "a condition of"),
        ):
            if f[name]:
                out.print(f"  {words}: {escape(', '.join(c['id'] for c in f[name]))}", highlight=False)


def _pair(pair: comparison.Pair) -> dict[str, Any]:
    brief, clash = pair.clash.brief, pair.clash
    claims = [
        {"id": claim.id, "paper": paper.id, "known": known, "says": in_text(says)}
        for claim, paper, known, says in zip(pair.claims, pair.papers, pair.known, brief, strict=True)
    ]
    return {
        "claims": claims, "words": pair.words, "about": pair.contradiction.about,
        "quantity": str(pair.contradiction.quantity),
        "point": {str(s): str(v) for s, v in clash.point.items()}, "value": str(clash.value),
        "engines": list(clash.engines),
    }  # fmt: skip


def _formula(one: Shared) -> dict[str, Any]:
    def listed(places: tuple[Occurrence, ...]) -> list[dict[str, str]]:
        return [{"id": p.claim, "paper": p.paper, "formula": f"{p.polynomial} = 0"} for p in places]

    return {
        "formula": f"{one.polynomial} = 0", "papers": list(one.papers), "asserted": listed(one.asserted),
        "assumed": listed(one.assumed), "normalised": listed(one.normalised),
    }  # fmt: skip


def in_text(formula: Any) -> str:
    """A relation, or several joined, as text."""
    if isinstance(formula, sp.And):
        return " and ".join(sorted(map(in_text, formula.args)))
    return f"{formula.lhs} = {formula.rhs}" if isinstance(formula, sp.Eq) else str(formula)
