"""The stability table: what each rule does at a critical point, each entry backed by a claim, a proof, or "open".

The closed forms are typed or derived with the rules; the table proves them from the rule's own map, by two solvers,
when it is made. What no solver and no claim of the ledger backs is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.formulas import every, iff
from saddlecheck.theory.engines import smt
from saddlecheck.theory.optimiser import OPTIMISERS, Momentum, Optimiser
from saddlecheck.theory.optimisers.criteria import criteria
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.theory.optimisers.variants import VARIANTS, State, Variant
from saddlecheck.theory.symbols import Formula, gamma, lam, mu, real, rho
from saddlecheck.verification.analysis.own import in_words
from saddlecheck.verification.analysis.stability import RULES

OPEN = "open"


@dataclass(frozen=True)
class Entry:
    """One entry: its text, its formula where it has one, and what backs it: claim ids, "z3, cvc5", "map" or "open"."""

    text: str
    backed: str
    formula: Any = None


@dataclass(frozen=True)
class Row:
    """What one rule does along an eigenvector of eigenvalue lambda, or -mu, for small enough steps.

    Attributes:
        multiplier: of a displacement by one step in the mean; of a map with memory its characteristic polynomial in z.
        minimum: when a minimum's direction attracts. trapped: when a direction that is curved down does.
        almost_sure, mean_square: when a displacement dies out almost surely, in mean square, at the step eta.
        claims: of the ledger. note: what the entries leave out.
    """

    id: str
    title: str
    multiplier: Entry
    minimum: Entry
    trapped: Entry
    almost_sure: Entry
    mean_square: Entry
    claims: tuple[str, ...]
    note: str = ""


@cache
def rows() -> tuple[Row, ...]:
    """Every rule: those of this project that theorems judge, then the variants."""
    others = [o for o in NAMED.values() if o.id not in VARIANTS]  # those that are not linear beside a critical point
    return (
        *(_of_house(o) for o in RULES.values()),
        *(_of_variant(v) for v in VARIANTS.values()),
        *(_by_claims(o) for o in others),
    )


def _of_house(optimiser: Optimiser) -> Row:
    closed = criteria(optimiser.force)
    if closed is None:
        return _by_claims(optimiser)
    given, state = ((gamma >= 0, gamma < 1), ("w", "m")) if optimiser.momentum else ((), ("w",))
    variant = Variant(
        optimiser.id, optimiser.title, ((sp.S.One, _step(optimiser)),), closed.minimum, closed.trapped, given, state,
        claims=optimiser.claims,
    )  # fmt: skip
    return _of_variant(variant)


def _step(optimiser: Optimiser) -> Any:
    """One step of a rule that is linear beside the point, on a quadratic: there its direction is p(H) u."""
    response = optimiser.force.response
    assert response is not None

    def step(gradient: Any, state: State, radius: Any, lr: Any) -> State:
        # On a scalar quadratic the gradient at 1 is the curvature.
        curvature = gradient(sp.S.One)
        direction = response.p.xreplace({lam: curvature, rho: radius}) * state[0]
        if isinstance(optimiser.momentum, Momentum):
            w, m = optimiser.momentum.rule(state[0], state[1], direction, lr, gamma, 0)
            return w, m
        return (state[0] - lr * direction,)

    return step


def _of_variant(v: Variant) -> Row:
    z = real("z")
    if len(v.state) == 1:
        value = sp.factor(v.mean_map()[0])
        multiplier = Entry(f"{value}{f' in {v.period} steps' if v.period > 1 else ''}", "map", value)
    else:
        value = sp.collect(v.characteristic(z), z)
        multiplier = Entry(f"roots of {value}", "map", value)
    minimum = _proved(v, (lam > 0,), lam, v.minimum)
    trapped = _proved(v, (mu > 0,), -mu, v.trapped)
    return Row(v.id, v.title, multiplier, minimum, trapped, *_of_noise(v), v.claims, v.note)


def _proved(v: Variant, sign: tuple[Formula, ...], curvature: Any, condition: Formula) -> Entry:
    """The closed form, proved equivalent to the map's own conditions by both solvers, else open."""
    premises = (*sign, rho >= 0, *v.given, *((real("eta") > 0,) if condition.has(real("eta")) else ()))
    own = [c for c in v.small_steps(curvature) if c != sp.true]
    whole = sp.false if sp.false in own else every(*own) if len(own) > 1 else own[0] if own else sp.true
    held = all(_equivalent(premises, whole, condition, engine) for engine in smt.ENGINES)
    return Entry(in_words(condition), "z3, cvc5", condition) if held else Entry(OPEN, OPEN)


def _equivalent(premises: tuple[Formula, ...], own: Formula, condition: Formula, engine: smt.Engine) -> bool:
    if condition in (sp.true, sp.false):
        conclusion = own if condition == sp.true else sp.Not(own)
        if conclusion in (sp.true, sp.false):
            return bool(conclusion)
    else:
        conclusion = iff(own, condition)
    return smt.entails(premises, conclusion, engine).status == "proved"


ADDITIVE = "as in the mean where the noise of a mini-batch is additive"
# Where mini-batches differ in curvature: of moments m_j, with multipliers k of one step.
_RANDOM_CURVATURE = {
    "sam": (
        ("two equally likely mini-batches: |k_1 k_2| < 1", "random-curvature-almost-sure"),
        (
            "one mini-batch in both gradients: eta*(m_2 + 2*rho*m_3 + rho^2*m_4) < 2*(m_1 + rho*m_2)",
            "random-curvature-mean-square",
        ),
    )
}


def _of_noise(v: Variant) -> tuple[Entry, Entry]:
    """Almost sure and mean square: derived where the step is a random multiplier; as in the mean without randomness."""
    if v.id in _RANDOM_CURVATURE:
        sure, square = (Entry(f"{ADDITIVE}; {text}", f"map, {claim}") for text, claim in _RANDOM_CURVATURE[v.id])
        return sure, square
    if len(v.outcomes) == 1:
        return Entry(ADDITIVE, "map"), Entry(ADDITIVE, "map")
    geometric, moment = v.almost_sure(), v.mean_square()
    if geometric is None or moment is None:
        return Entry(OPEN, OPEN), Entry(OPEN, OPEN)
    return Entry(f"{geometric} < 1", "map", geometric < 1), Entry(f"{moment} < 1", "map", moment < 1)


# What the ledger proved of rules that have no derivative at the point, or take the place into account: a minimum's
# entry, a negative direction's, and a note. L is the largest eigenvalue; a 2-cycle runs along its eigenvector.
_NOISY = (
    "mini-batch noise of deviation s a coordinate: in one dimension, on average, it stays from rho*mu > s*sqrt(pi/2)"
)
_NORMALISED = (
    ("never settles; circles on a 2-cycle for eta*lambda < 2", "normalised-minimum-cycle"),
    ("eta*L*(L + mu) < 2*mu for every rho, L the largest eigenvalue", "normalised-saddle-traps"),
)
_HEAVY_NORMALISED = (
    ("never settles; circles on a 2-cycle for eta*lambda < 2*(1 + gamma)", "two-cycle-momentum"),
    (
        "eta*L^2 < mu*(2*(1 + gamma) - eta*L) < 2*(1 + gamma)*L for every rho, L the largest eigenvalue",
        "two-cycle-capture",
    ),
)
_UNIFIED = (
    ("never settles for t > 0; circles on a 2-cycle for eta*lambda*(1 + rho*(1 - t)*lambda) < 2", "unified-cycle"),
    ("t > 0: eta*L*(L + mu) < 2*mu for every rho, L the largest eigenvalue", "unified-stability"),
)
_ASAM = (
    ("always", "asam-traps"),
    ("H^-1 + rho T^2 is positive definite; along a coordinate d: rho*mu*d^2 > 1", "asam-traps, asam-threshold"),
)
_NAMED = {"heavy_ball_sam_normalised": _HEAVY_NORMALISED, "unified_sam": _UNIFIED}


def _by_claims(o: Optimiser) -> Row:
    """A rule without a derivative at the point, or that takes the place into account: what the ledger proved of it."""
    nothing, r = Entry(OPEN, OPEN), o.force.response
    form, note = f"direction {r.p} u + {r.q} g/|g|, lambda standing for the Hessian" if r else OPEN, ""
    proved, more = _NAMED.get(o.id), tuple[str, ...]()
    if proved is None and o.force.normalised and o.momentum is None:
        proved = _NORMALISED
        if o.id in OPTIMISERS:
            note, more = _NOISY, ("sam-drift-threshold",)
    elif o.force.at_rest is not None:
        proved, form = _ASAM, f"eigenvalues of I - eta ({o.force.at_rest_text}), T = diag|w|"
    minimum, trapped = (nothing, nothing) if proved is None else (Entry(*cell) for cell in proved)
    backed = [c for cell in proved or () for c in cell[1].split(", ")]
    return Row(
        o.id, o.title, Entry(form, OPEN if form == OPEN else "map"), minimum, trapped, nothing, nothing,
        tuple(dict.fromkeys((*o.claims, *backed, *more))), note,
    )  # fmt: skip


COLUMNS = ("multiplier", "minimum", "trapped", "almost_sure", "mean_square")
HEADS = {
    "multiplier": "a step multiplies by",
    "minimum": "a minimum attracts small steps",
    "trapped": "a direction -mu attracts small steps",
    "almost_sure": "almost surely",
    "mean_square": "in mean square",
}


def as_json(shown: Sequence[Row] | None = None) -> list[dict[str, Any]]:
    """The table, or other rows, as JSON data."""

    def entry(e: Entry) -> dict[str, str]:
        return {"text": e.text, "backed": e.backed}

    return [
        {
            "id": r.id, "title": r.title, **{n: entry(getattr(r, n)) for n in COLUMNS}, "claims": list(r.claims),
            "note": r.note,
        }
        for r in (rows() if shown is None else shown)
    ]  # fmt: skip


def as_latex(shown: Sequence[Row] | None = None) -> str:
    """The table, or other rows, with their claims; needs the package booktabs, and a wide page."""
    heads = ("multiplier", "minimum attracts iff", r"$-\mu$ attracts iff", "almost surely", "in mean square")
    lines = [rf"\begin{{tabular}}{{{'l' * (len(heads) + 2)}}}", r"\toprule"]
    lines += [" & ".join(("rule", *heads, "claims")) + r" \\", r"\midrule"]
    for r in rows() if shown is None else shown:
        cells = [_text(r.title), *(_cell(getattr(r, n)) for n in COLUMNS)]
        lines.append(" & ".join([*cells, ", ".join(rf"\texttt{{{c}}}" for c in r.claims) or "--"]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _cell(e: Entry) -> str:
    """Its words, such as those around a characteristic polynomial, with the formula in them set as mathematics."""
    before, formula, after = e.text.partition(str(e.formula))
    return _text(before) + (f"${sp.latex(e.formula)}$" if formula else "") + _text(after)


def _text(words: str) -> str:
    """Words for LaTeX's text mode, formulas in them set as typewriter text."""
    special = {"_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%", "|": r"\textbar{}", "<": r"\textless{}",
               ">": r"\textgreater{}"}  # fmt: skip
    return "".join(special.get(c, c) for c in words)
