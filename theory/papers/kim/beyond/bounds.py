"""Bounds on exponentials, from which the inequalities of the ledger follow for all times.

Solvers of real arithmetic know exp as an unknown number. What they need to know about it is proved here, once, from
its derivative and its value at 0, by `Monotone` steps.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Entails, Step
from saddlecheck.theory.symbols import Expr, t, x


def exp_steps(z: Expr, prefix: str = "") -> tuple[Step, ...]:
    """The derivation of e^z >= 1 + z for a symbol z, strict off 0; the last step states both.

    prefix: put before the names of the steps, for claims that need the bound for several symbols.
    """
    e = sp.exp(z)
    positive = sp.Gt(e, 0, evaluate=False)
    right, left = (sp.Implies(side, r, evaluate=False) for side, r in ((z > 0, e - 1 > 0), (z < 0, e - 1 < 0)))
    curve = {"of": e - 1 - z, "along": z, "slope": e - 1}
    above = [sp.Implies(side, e - 1 - z > 0, evaluate=False) for side in (z > 0, z < 0)]
    at_zero = sp.Implies(z >= 0, e - 1 - z >= 0, evaluate=False)
    name = {k: prefix + k for k in ("positive", "right", "left", "above right", "above left", "at zero", "bound")}
    return (
        Entails(name["positive"], positive, "an exponential is positive"),
        Monotone(name["right"], right, "the exponential increases from 1", uses=(name["positive"],),
                 of=e - 1, along=z, slope=e, sign=positive),
        Monotone(name["left"], left, "so it was below 1 before", uses=(name["positive"],),
                 of=e - 1, along=z, slope=e, sign=positive),
        Monotone(name["above right"], above[0], "its tangent at 0 falls behind", uses=(name["right"],),
                 sign=right, **curve),
        Monotone(name["above left"], above[1], "on the left as well", uses=(name["left"],), sign=left, **curve),
        Monotone(name["at zero"], at_zero, "and touches it at 0", uses=(name["right"],), sign=right, **curve),
        Entails(name["bound"], exp_bound(z), "the three cases together",
                uses=(name["above right"], name["above left"], name["at zero"])),
    )  # fmt: skip


def exp_bound(z: Expr) -> sp.And:
    """The formula e^z >= 1 + z, strict for z != 0."""
    strict = sp.Implies(sp.Ne(z, 0), sp.exp(z) > 1 + z, evaluate=False)
    return sp.And(sp.exp(z) >= 1 + z, strict, evaluate=False)


def growth_steps(rate: Expr, prefix: str = "") -> tuple[Step, ...]:
    """The derivation of rate (e^(rate t) - 1) > 0, and from it of e^(rate t) > 1 + rate t, for t > 0.

    rate: an expression without t that the claim's conditions keep away from 0. The claim must give t > 0.
    The steps are named prefix + "moves", "one way" and "tangent".
    """
    e = sp.exp(rate * t)
    moves, one_way, tangent = rate**2 * e > 0, rate * (e - 1) > 0, e > 1 + rate * t
    return (
        Entails(prefix + "moves", moves, "a square times an exponential"),
        Monotone(prefix + "one way", one_way, "an exponential leaves 1 one way", uses=(prefix + "moves",),
                 of=rate * (e - 1), along=t, slope=rate**2 * e, sign=moves),
        Monotone(prefix + "tangent", tangent, "and lies above its tangent", uses=(prefix + "one way",),
                 of=e - 1 - rate * t, along=t, slope=rate * (e - 1), sign=one_way),
    )  # fmt: skip


EXP_BOUND = Claim(
    id="exp-bound",
    title="The exponential lies above its tangent at 0",
    place=BEYOND,
    says="e^x is at least 1 + x for every real x, and greater unless x = 0.",
    statement=exp_bound(x),
    steps=exp_steps(x),
    finding="Proved from the derivative alone; every inequality of the ledger that holds for all times rests on it.",
    twins=(
        Twin("the bound for 1 + 2x", sp.exp(x) >= 1 + 2 * x),
        Twin("strict at 0 too", sp.exp(x) > 1 + x),
    ),
)

CLAIMS: tuple[Claim, ...] = (EXP_BOUND,)

__all__ = ["CLAIMS", "EXP_BOUND", "Monotone", "exp_bound", "exp_steps", "growth_steps"]
