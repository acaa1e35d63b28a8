"""Normal forms of what a claim compares: the polynomials at whose zeros its inequalities and equations change.

|1 - eta lambda (1 + rho lambda)| < 1, eta lambda (1 + rho lambda) < 2 and lambda < (sqrt(1 + 8 rho/eta) - 1)/(2 rho)
are one formula for positive symbols: each changes at the zeros of eta lambda (1 + rho lambda) - 2. Found by taking the
norm over roots and absolute values, and dropping the factors that have one sign under the claim's conditions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient, conjuncts, exact_part
from saddlecheck.theory.engines.counterexample import carried_out
from saddlecheck.theory.symbols import B, Expr, Formula, eta, gamma, rho

FIXED = (eta, rho, gamma, B)  # they mean one thing in all papers; every other letter may be another's
_LARGEST = 60  # terms of a polynomial that is factored; longer ones are no formula that two papers print
_LONGEST = 60  # operations of a side: a formula that two papers print is short
_RENAMED = 6  # letters that may be exchanged: 720 orders

Form = tuple[tuple[str, ...], tuple[tuple[tuple[int, ...], int], ...]]


def asserted(statement: Formula, given: Sequence[Formula]) -> set[Expr]:
    """The irreducible polynomials at whose zeros parts of a statement change, those of constant sign left out.

    Both the comparison and each of its sides count: in f - f' >= eta (g^2 - beta^2 rho^2)/2 the sign of the right side
    says whether the loss falls.

    Returns:
        Primitive polynomials over the integers; none of a statement in words.
    """
    formula = exact_part(statement)
    if formula is None:
        return set()
    signs = _signs(given)
    sides = (s for r in _relations(formula) for s in (r.lhs - r.rhs, r.lhs, r.rhs))
    return {p for side in sides for p in _factors(side) if not _one_sign(p, signs)} - assumed(given)


def assumed(given: Sequence[Formula]) -> set[Expr]:
    """The same of conditions."""
    signs = _signs(given)
    sides = (r.lhs - r.rhs for g in given for r in _relations(g))
    return {p for side in sides for p in _factors(side) if not _one_sign(p, signs)}


def is_formula(polynomial: Expr) -> bool:
    """Whether it relates an algorithm's step, radius, momentum or batch to something, and not linearly."""
    poly = sp.Poly(polynomial)
    others = set(poly.gens) - set(FIXED)
    return bool(0 < len(others) < len(poly.gens)) and len(poly.terms()) >= 2 and poly.total_degree() >= 2


@lru_cache(maxsize=4096)
def normal_form(polynomial: Expr) -> Form | None:
    """The polynomial up to its sign and the names of its letters other than `FIXED`; None if it has too many."""
    letters = sorted(polynomial.free_symbols, key=str)
    fixed, free = [s for s in FIXED if s in letters], [s for s in letters if s not in FIXED]
    if len(free) > _RENAMED:
        return None
    terms = [(powers, int(c)) for powers, c in sp.Poly(polynomial, *fixed, *free).terms()]
    columns = range(len(fixed), len(letters))
    # Which of the fixed letters occur is part of the form, so that no other letter stands for one of them.
    return tuple(map(str, fixed)), min(
        _ordered(terms, (*range(len(fixed)), *order)) for order in itertools.permutations(columns)
    )


def _ordered(
    terms: Sequence[tuple[tuple[int, ...], int]], order: Sequence[int]
) -> tuple[tuple[tuple[int, ...], int], ...]:
    """The terms with their letters in that order, sorted, the last one positive."""
    found = sorted((tuple(powers[i] for i in order), c) for powers, c in terms)
    return tuple((powers, c if found[-1][1] > 0 else -c) for powers, c in found)


def _relations(formula: Formula) -> Iterator[Any]:
    if isinstance(formula, sp.core.relational.Relational):
        yield formula
    elif isinstance(formula, sp.logic.boolalg.BooleanFunction):
        for part in formula.args:
            yield from _relations(part)


@lru_cache(maxsize=4096)
def _factors(side: Expr) -> tuple[Expr, ...]:
    """Irreducible factors of the norm of the numerator; none where it is no algebraic expression of its letters."""
    if not _algebraic(side):
        return ()
    try:
        norm = _norm(sp.together(carried_out(side)).as_numer_denom()[0])
    except Exception:  # a derivative or a series that SymPy does not find
        return ()
    if norm is None or not norm.free_symbols:
        return ()
    return tuple(
        sp.Poly(p, *sorted(p.free_symbols, key=str)).primitive()[1].as_expr() for p, _ in sp.factor_list(norm)[1]
    )


def _norm(numerator: Expr) -> Expr | None:
    """The product over the signs of all roots and absolute values; None where that is no short polynomial."""
    while irrational := _irrational(numerator):
        g, part = sp.Dummy("g"), irrational[-1]  # within the last one there is no other
        if isinstance(part, sp.Abs):
            square, put = part.args[0] ** 2, {part: g}
        else:  # every odd power of the root
            square, put = part.base, {e: g**e.exp.p for e in irrational if _is_root(e) and e.base == part.base}
        powers = sp.collect(sp.expand(sp.together(numerator.xreplace(put)).as_numer_denom()[0]), g, evaluate=False)
        halves = [sp.Add(*(c * square ** (k // 2) for k, c in _by_power(powers, g) if k % 2 == odd)) for odd in (0, 1)]
        numerator = sp.together(halves[0] ** 2 - square * halves[1] ** 2).as_numer_denom()[0]
        if sp.count_ops(numerator) > 10 * _LONGEST:
            return None
    expanded = sp.expand(numerator)
    letters = expanded.free_symbols
    if not letters or expanded.has(sp.Dummy) or not expanded.is_polynomial(*letters):
        return None
    rational = all(c.is_Rational for c in sp.Poly(expanded).coeffs())
    return expanded if rational and len(sp.Add.make_args(expanded)) <= _LARGEST else None


def _by_power(collected: dict[Any, Expr], g: Any) -> Iterator[tuple[int, Expr]]:
    return ((int(sp.degree(power, g)) if power.has(g) else 0, c) for power, c in collected.items())


def _algebraic(side: Expr) -> bool:
    """Whether it is short, speaks of an algorithm, and has but roots, absolute values, coefficients of polynomials."""
    if not side.free_symbols & set(FIXED) or len(side.free_symbols) > len(FIXED) + _RENAMED:
        return False
    functions = side.atoms(sp.Function)
    known = all(isinstance(f, sp.Abs) or (isinstance(f, Coefficient) and not _irrational(f)) for f in functions)
    powers = all(p.exp.is_Rational for p in side.atoms(sp.Pow))
    return (
        known
        and powers
        and len(_irrational(side)) <= 2
        and sp.count_ops(side) <= _LONGEST // (1 + len(_irrational(side)))
    )


def _irrational(e: Expr) -> list[Expr]:
    """Its roots and absolute values, inner ones last."""
    return [part for part in dict.fromkeys(sp.preorder_traversal(e)) if isinstance(part, sp.Abs) or _is_root(part)]


def _is_root(e: Expr) -> bool:
    return bool(isinstance(e, sp.Pow) and e.exp.is_Rational and e.exp.q == 2)


def _signs(given: Iterable[Formula]) -> dict[Any, int]:
    """The letters with a sign: 1, -1, or 0 for one that only is not 0."""
    signs: dict[Any, int] = {}
    for g in given:
        for part in conjuncts(g):
            if not isinstance(part, sp.core.relational.Relational) or not (part.lhs.is_Symbol and part.rhs == 0):
                continue
            sign = {">": 1, ">=": 1, "<": -1, "<=": -1, "!=": 0}.get(part.rel_op)
            if sign is not None:
                signs[part.lhs] = sign or signs.get(part.lhs, 0)
    return signs


def _one_sign(polynomial: Expr, signs: dict[Any, int]) -> bool:
    if polynomial in signs:
        return True
    if any(signs.get(s, 0) == 0 for s in polynomial.free_symbols):
        return False
    turned = polynomial.subs({s: -s for s in polynomial.free_symbols if signs[s] < 0}, simultaneous=True)
    coefficients = sp.Poly(turned).coeffs()
    return all(c > 0 for c in coefficients) or all(c < 0 for c in coefficients)
