"""The stability table over an adaptive base: each rule's entries from the linear map that the base is at rest.

At rest Adam, AdamW without decay and RMSprop (beta_1 = 0) are heavy ball at the learning rate eta (1 - beta_1)/epsilon
(claim adam-rest). What small steps do is proved from that map by two solvers, as in the table without a base. Lion has
no such map, and with noise sqrt(v) never rests: those entries are a claim's, or open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sympy as sp

from saddlecheck.theory.optimisers.bases import Base
from saddlecheck.theory.optimisers.criteria import criteria
from saddlecheck.theory.optimisers.momentum import heavy_ball
from saddlecheck.theory.optimisers.variants import VARIANTS, State, Variant
from saddlecheck.theory.symbols import Expr, eta, lam, real
from saddlecheck.verification.analysis.adaptive_base import USUAL
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.analysis.stability_table import OPEN, Entry, Row, _of_variant

_B1, _EPSILON, _Z = real("beta_1"), real("epsilon"), real("z")
_EDGE = (
    "claim sam-adam-trapped: it rests along a direction of the rate p where eta*p*(1 - beta_1) < 2*epsilon*(1 + beta_1)"
)
_DECAY = "; with decay, beside the point and not at it (claim adamw-rest-point)"


def rows(base: Base) -> tuple[Row, ...]:
    """Every rule that is a function of the gradient beside the point, and linear there or along an eigenvector."""
    return tuple(_row(v, rate, base) for v, rate in _rules())


def _rules() -> Iterator[tuple[Variant, Expr]]:
    """The rules, with their rates."""
    for o in RULES.values():
        closed, response = criteria(o.force), o.force.response
        if o.momentum is None and closed is not None and response is not None:
            yield Variant(o.id, o.title, (), closed.minimum, closed.trapped), response.p
    for v in VARIANTS.values():
        if len(v.state) == len(v.outcomes) == v.period == 1:
            rate = sp.factor((1 - v.mean_map()[0]) / eta)
            if not rate.has(eta) and rate != lam:
                yield v, rate


def _row(v: Variant, rate: Expr, base: Base) -> Row:
    nothing = Entry(OPEN, OPEN)
    name = base.id if v.id == USUAL[0] else f"{base.id}_{v.id}"
    title = base.title if v.id == USUAL[0] else f"{v.title}, over {base.title}"
    if base.rest is None:
        text, backed = "a step of eta along a sign in each coordinate: no multiplier", base.claims
        circles = Entry("never rests; circles along a coordinate of positive rate", ", ".join(backed))
        return Row(name, title, Entry(text, "map"), circles, nothing, nothing, nothing, backed, v.note)
    momentum = _B1 if base.rest.momentum else sp.S.Zero

    def step(gradient: Any, state: State, _radius: Any, lr: Any) -> State:
        direction = rate.xreplace({lam: gradient(sp.S.One)}) * state[0]  # on a quadratic the gradient at 1 is lambda
        w, m = heavy_ball.rule(state[0], state[1], direction, lr * (1 - momentum) / _EPSILON, momentum, 0)
        return w, m

    given = (_EPSILON > 0, *((_B1 >= 0, _B1 < 1) if momentum != 0 else ()))
    at_rest = replace(
        v, id=name, title=title, outcomes=((sp.S.One, step),), given=given, state=("w", "m"), claims=base.claims,
        note="; ".join(part for part in (_EDGE + (_DECAY if base.decay else ""), v.note) if part),
    )  # fmt: skip
    value = sp.collect(at_rest.characteristic(_Z), _Z, sp.factor)
    multiplier = Entry(f"roots of {value}", "map", value)
    return replace(_of_variant(at_rest), multiplier=multiplier, almost_sure=nothing, mean_square=nothing)
