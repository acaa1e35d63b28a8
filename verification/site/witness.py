"""A witness as numbers to put in by hand: every relation of the claim, both of its sides, true or false there."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

import sympy as sp
from sympy.logic.boolalg import BooleanAtom

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.symbols import Formula
from saddlecheck.verification.site.parts import inline, table

_SHOWN = 24  # relations of a statement that are written out


def witness_table(claim: Claim, witness: Mapping[str, str]) -> str:
    """HTML: the point, then each condition and each relation of the statement evaluated there."""
    point = _point(claim, witness)
    shown = ", ".join(inline(sp.Eq(s, v, evaluate=False)) for s, v in point.items())
    where = f"<p class='point'>At {shown}:</p>" if shown else "<p>The statement has no free variables.</p>"
    rows = [("condition", *cells) for g in claim.given for cells in _rows(g, point)]
    rows += [("statement", *cells) for cells in _rows(claim.statement, point)]
    if not isinstance(claim.statement, (sp.And, sp.core.relational.Relational, BooleanAtom)):
        rows.append(("statement", "as a whole", "", "", _word(_truth(claim.statement, point))))
    return where + table(("", "relation", "left side", "right side", "there it is"), rows[:_SHOWN], "witness")


def _point(claim: Claim, witness: Mapping[str, str]) -> dict[sp.Symbol, sp.Expr]:
    symbols = set().union(*(f.free_symbols for f in (claim.statement, *claim.given)))
    named = {s.name: s for s in symbols}
    return {named[name]: sp.Rational(value) for name, value in witness.items() if name in named}


def _rows(formula: Formula, point: Mapping[sp.Symbol, sp.Expr]) -> Iterator[tuple[str, ...]]:
    relations = list(_relations(formula))
    if formula in (sp.true, sp.false):
        yield inline(formula), "", "", _word(bool(formula))
    for number, relation in enumerate(dict.fromkeys(relations), 1):
        yield (
            inline(relation, 260, f"its relation {number}, above"),
            _number(relation.lhs, point),
            _number(relation.rhs, point),
            _word(_truth(relation, point)),
        )


def _truth(formula: Formula, point: Mapping[sp.Symbol, sp.Expr]) -> bool | None:
    try:
        return truth(formula, dict(point))
    except (ValueError, ArithmeticError, NotImplementedError):
        return None


def _relations(formula: Formula) -> Iterator[Formula]:
    """Every relation in the order in which the formula is printed (SymPy's own traversal goes by hashes)."""
    if isinstance(formula, sp.core.relational.Relational):
        yield formula
    else:
        for part in formula.args:
            yield from _relations(part)


def _number(side: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> str:
    value = side.subs(point).doit()
    if value.is_Rational:
        text = str(value)
        return text if len(text) <= 24 else f"{sp.N(value, 8)}"
    if value.is_number and value.is_real:
        return f"{sp.N(value, 8)}"
    return html.escape(str(value)) if len(str(value)) <= 24 else "—"


def _word(value: bool | None) -> str:
    if value is None:
        return '<span class="muted">see above</span>'
    return '<span class="true">true</span>' if value else '<strong class="false">false</strong>'
