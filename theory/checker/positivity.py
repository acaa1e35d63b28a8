"""The check of a stored proof that inequalities entail another: a tree of cases, each closed by an identity.

The facts of a refutation (see facts.py) are to contradict each other. A certificate is nested JSON lists; facts and
atoms are numbered in the order in which they are met, a polynomial is [[number, [[atom, power], …]], …], and a node is

    ["sign", polynomial, [relation, node], …]   cases whose relations to 0, < = > <= >=, leave no sign out
    ["cases", i, node, …]                       fact i holds in one of its alternatives: a node for each
    ["sum", [[c, [[i, power], …], [polynomial, …]], …], [[i, polynomial], …]]

The last is a leaf, a Positivstellensatz identity. It adds products, of c > 0, powers of facts > 0 or >= 0, even powers
of facts != 0 and squares of the polynomials; and multiples of facts = 0. The sum vanishes identically although no
product is negative and one is positive: a contradiction.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from saddlecheck.theory.checker.facts import Cases, Facts, Polynomial, Refutation, Sign, key, natural_power, sign
from saddlecheck.theory.checker.tree import Damaged, Tree, number

_SIGNS = {"<": "-", "=": "0", ">": "+", "<=": "-0", ">=": "0+"}
_DEEPEST = 60  # cases within cases
_LARGEST = 10_000_000  # products of terms in one multiplication; what is larger would only cost time


def verify(premises: list[Tree], conclusion: Tree, certificate: Any) -> None:
    """Return if the certificate proves that the conclusion holds at every real point of the premises.

    Raises:
        Damaged: if it does not, whatever the reason.
    """
    try:
        refutation = Refutation(premises, conclusion)
        _close(refutation, refutation.facts, certificate, 0)
    except Damaged:
        raise
    except Exception as error:  # whatever a changed file makes of the arithmetic: it is no proof
        raise Damaged(f"the certificate is damaged: {type(error).__name__}: {error}") from error


def _close(refutation: Refutation, facts: Facts, node: Any, depth: int) -> None:
    """Return if the node shows that the facts contradict each other."""
    kind, *rest = node
    _require(depth <= _DEEPEST, f"cases are nested deeper than {_DEEPEST}")
    _require(kind in ("sign", "cases", "sum"), f"no node is called {str(kind)[:40]!r}")
    if kind == "sum":
        _contradict(refutation, facts, *rest)
        return
    branches: list[tuple[Facts, Any]]
    if kind == "sign":
        poly = polynomial(refutation, rest[0])
        covered = {each for relation, _ in rest[1:] for each in _SIGNS[relation]}
        _require(covered == set("-0+"), "a sign is left out")
        branches = [([sign(poly, relation)], child) for relation, child in rest[1:]]
    else:
        alternatives = _fact(facts, rest[0], Cases).alternatives
        branches = list(zip(alternatives, rest[1:], strict=True))
    for more, child in branches:
        _close(refutation, [*facts, *more], child, depth + 1)


def _contradict(refutation: Refutation, facts: Facts, products: Any, multiples: Any) -> None:
    """Return if the sum vanishes, no product is negative and one is positive."""
    total, positive = refutation.ring.constant(0), False
    for multiplier, powers, squares in products:
        term, strict = refutation.ring.constant(_number(multiplier)), not squares
        _require(_number(multiplier) > 0, "a multiplier is not positive")
        for i, exponent in powers:
            poly, relation = _fact(facts, i, Sign)
            signed = relation in (">", ">=") or (relation == "!=" and exponent % 2 == 0)
            _require(signed, f"the sign of fact {i} is not known")
            strict = strict and relation != ">="
            term = _times(term, natural_power(poly, _exponent(exponent)))
        for square in squares:
            term = _times(term, natural_power(polynomial(refutation, square), 2))
        total, positive = total + term, positive or strict
    for i, factor in multiples:
        poly, relation = _fact(facts, i, Sign)
        _require(relation == "=", f"fact {i} is no equation")
        total += _times(poly, polynomial(refutation, factor))
    _require(positive, "no product of a sum is positive")
    _require(vanishes(refutation, facts, total), "a sum does not vanish")


def vanishes(refutation: Refutation, facts: Facts, total: Polynomial) -> bool:
    """Whether a polynomial is zero, by r b = 1 for the r = 1/b that exist here and by exp(a) exp(b) = exp(a + b)."""
    ring = refutation.ring
    equations = {key(fact.poly) for fact in facts if isinstance(fact, Sign) and fact.relation == "="}
    for r, b in sorted(refutation.inverse.items(), reverse=True):  # b has only atoms that were met before r
        if total and key(ring.gen(r) * b - 1) in equations:
            highest, cleared = total.degrees()[r], ring.constant(0)
            for powers, c in total.terms():
                monomial = ring.from_dict({(*powers[:r], 0, *powers[r + 1 :]): c})
                cleared += monomial * natural_power(b, int(highest - powers[r]))
            total = cleared
    sums: dict[Any, Any] = {}
    for powers, c in total.terms():
        exponent, others = ring.constant(0), list(powers)
        for i, a in refutation.exponent.items():
            exponent, others[i] = exponent + powers[i] * a, 0
        place = (tuple(others), key(exponent))
        sums[place] = sums.get(place, 0) + c
    return not any(sums.values())


def polynomial(refutation: Refutation, data: Any) -> Polynomial:
    """A polynomial of a certificate."""
    result = refutation.ring.constant(0)
    for coefficient, powers in data:
        term = refutation.ring.constant(_number(coefficient))
        for atom, exponent in powers:
            _require(type(atom) is int and 0 <= atom < len(refutation.atoms), f"there is no atom {atom}")
            term *= natural_power(refutation.ring.gen(atom), _exponent(exponent))
        result += term
    return result


def _fact(facts: Facts, i: Any, kind: type) -> Any:
    _require(type(i) is int and 0 <= i < len(facts) and isinstance(facts[i], kind), f"there is no such fact as {i}")
    return facts[i]


def _number(data: Any) -> Any:
    """A rational: 7 or "7/3"."""
    value = number(str(data)) if type(data) in (int, str) else None
    if value is None:
        raise Damaged(f"no valid certificate: {str(data)[:40]!r} is no rational")
    return fmpq(value.numerator, value.denominator)


def _exponent(data: Any) -> int:
    _require(type(data) is int and data > 0, f"{data} is no exponent")
    return int(data)


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    _require(len(p) * len(q) <= _LARGEST, "a product has very many terms")
    return p * q


def _require(condition: bool, wrong: str) -> None:
    if not condition:
        raise Damaged(f"no valid certificate: {wrong}")
