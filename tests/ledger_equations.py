"""The equations that steps of the ledger rest on, with their premises; as a script it writes them to a JSON file."""

import json
import sys
from pathlib import Path

import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.increasing import Increasing
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Equal


def of_step(step, premises):
    """The equations of a step and what they may use; none for a step that decides no identity."""
    if isinstance(step, Equal):
        return (step.formula.args if isinstance(step.formula, sp.And) else (step.formula,)), premises
    if isinstance(step, Monotone):
        return tuple(step._equations(step._is_regular())), tuple(p for p in premises if p != step.sign)
    if isinstance(step, Increasing):
        return of_step(step._rule(sp.S.true), premises)
    if isinstance(step, Induction):
        following = [side.subs(step.over, step.over + 1) for side in step.formula.args]
        split = [sp.expand(sp.expand_power_exp(side)) for side in following]
        return tuple(sp.Eq(a, b, evaluate=False) for a, b in zip(following, split, strict=True)), premises
    return (), ()


def table():
    """Rows of claim, step, kind, equation and the numbers of its premises; and the premises, each once."""
    numbers, rows = {}, []
    for claim in CLAIMS.values():
        for step in claim.steps:
            equations, premises = of_step(step, claim.premises(step))
            cited = [numbers.setdefault(json.dumps(serial.encode(p)), len(numbers)) for p in premises]
            rows += [[claim.id, step.name, type(step).__name__, serial.encode(e), cited] for e in equations]
    return {"premises": [json.loads(text) for text in numbers], "equations": rows}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(table(), separators=(",", ":")))
