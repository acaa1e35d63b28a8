"""Zero sets of positive dimension, taken apart: by factors first, then by dimension, then into squarefree parts.

For a set U of independent variables, let h be the product of the leading coefficients, in Q[U], of a Groebner basis
for a lexicographic order with U last.  Then V(I) = V(I : h^oo) + V(I + h), and the first part has no component of
dimension below |U|.  (Gianni, Trager, Zacharias, J. Symb. Comp. 6, 1988.)  An ideal that contains a squarefree
polynomial of each other variable alone (over Q(U)) is radical (Seidenberg's lemma).
"""

from collections.abc import Iterator, Sequence
from math import gcd, lcm
from typing import Any

import flint
import sympy as sp

from saddlecheck.theory.critical.ideal import Ideal, bounded_basis
from saddlecheck.theory.errors import GaveUp

_MAX_LEAVES = 200


def split(ideal: Ideal) -> list[Ideal]:
    """Ideals whose zero sets together are that of the given one, as far as factors of basis elements separate them."""
    todo, leaves = [ideal], []
    while todo:
        current = todo.pop()
        if current.is_everything:
            continue
        factors = next((f for p in current.basis if (f := _proper_factors(p))), None)
        if factors is not None:
            todo += [current.joined([q]) for q in factors]
            continue
        leaves.append(current)
        if len(leaves) > _MAX_LEAVES:
            raise GaveUp(f"the critical set has more than {_MAX_LEAVES} pieces")
    kept: list[Ideal] = []
    for leaf in sorted(leaves, key=lambda i: -i.dimension):
        # V(leaf) lies in V(big) when every generator of `big` is in `leaf`.
        if not any(all(leaf.reduces_to_zero(p) for p in big.basis) for big in kept):
            kept.append(leaf)
    return kept


def separate(leaf: Ideal) -> list[Ideal] | None:
    """A finer splitting of an ideal of positive dimension that `split` leaves whole; None where none is found.

    A part that consists of finitely many points may come with a further variable, after the given ones.

    Returns:
        Ideals whose zeros together are the given ideal's, or None: components that are conjugate stay together.
    """
    for i in range(len(leaf.variables)):
        if (off_plane := _off_the_plane(leaf, i)).is_finite:
            return [off_plane, *split(leaf.joined([leaf.ring.gen(i)]))]
    for i in range(len(leaf.variables)):
        if i not in leaf.independent:
            for polynomial in _alone(leaf, i):
                if (factors := _proper_factors(polynomial)) is not None:
                    return [piece for q in factors for piece in split(leaf.joined([q]))]
    h = _leading_coefficients(leaf)
    pure = _saturated(leaf, h)
    if all(leaf.reduces_to_zero(p) for p in pure.basis):
        return None
    return split(pure) + split(leaf.joined([h]))


def _proper_factors(polynomial: Any) -> list[Any] | None:
    """Distinct irreducible factors, or None for an irreducible polynomial."""
    factors = _factors(polynomial)
    return None if len(factors) == 1 and factors[0][1] == 1 else [q for q, _ in factors]


def _factors(polynomial: Any) -> list[tuple[Any, int]]:
    """Return irreducible factors over the integers, primitive, with their powers; constants are left out.

    By way of the rational numbers: over the integers python-flint (0.9) sorts factors by the differences of their
    coefficients in a C int, and raises OverflowError at (x - 1)(x - 10^30).
    """
    ring = polynomial.context()
    rational = flint.fmpq_mpoly_ctx.get(ring.names(), ring.ordering())
    found = []
    for q, power in rational.from_dict(polynomial.to_dict()).factor()[1]:
        terms = q.to_dict()
        common = lcm(*(int(c.q) for c in terms.values()))
        whole = {m: int(c.p) * (common // int(c.q)) for m, c in terms.items()}
        shared = gcd(*whole.values())
        found.append((ring.from_dict({m: c // shared for m, c in whole.items()}), int(power)))
    return found


def _off_the_plane(leaf: Ideal, i: int) -> Ideal:
    """The zeros with x_i different from 0: one more variable s, and s x_i = 1."""
    s = sp.Symbol("_off", real=True)
    return Ideal.of((*leaf.variables, s), [*leaf.expressions(), s * leaf.variables[i] - 1])


def _alone(leaf: Ideal, i: int) -> Iterator[Any]:
    """Elements of the ideal in which x_i and independent variables occur, but nothing else."""
    keep = {i, *leaf.independent}
    others = [j for j in range(len(leaf.variables)) if j not in keep]
    for p in _lexicographic(leaf, [*others, i, *leaf.independent]):
        if {j for j, k in enumerate(p.degrees()) if k} <= keep:
            yield p


def _leading_coefficients(leaf: Ideal) -> Any:
    """Product of the distinct factors of the leading coefficients with respect to the dependent variables."""
    ring = leaf.ring
    dependent = [j for j in range(len(leaf.variables)) if j not in leaf.independent]
    product, seen = ring.constant(1), []
    for p in _lexicographic(leaf, [*dependent, *leaf.independent]):
        heads = [(tuple(m[j] for j in dependent), m, c) for m, c in zip(p.monoms(), p.coeffs(), strict=True)]
        top = max(head for head, _, _ in heads)
        terms = {tuple(0 if j in dependent else k for j, k in enumerate(m)): c for head, m, c in heads if head == top}
        for q, _ in _factors(ring.from_dict(terms)):
            if q not in seen:
                seen.append(q)
                product *= q
    return product


def _lexicographic(leaf: Ideal, order: Sequence[int]) -> list[Any]:
    """Lexicographic Groebner basis with the variables in the given order, as polynomials of the leaf's own ring."""
    names = [leaf.variables[j].name for j in order]
    ring = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.lex)
    moved = [ring.from_dict({tuple(m[j] for j in order): c for m, c in p.to_dict().items()}) for p in leaf.basis]
    place = [order.index(j) for j in range(len(order))]
    return [
        leaf.ring.from_dict({tuple(m[k] for k in place): c for m, c in p.to_dict().items()})
        for p in bounded_basis(moved, ring)
    ]


def _saturated(leaf: Ideal, h: Any) -> Ideal:
    """I : h^oo, by eliminating s from I + (s h - 1)."""
    ring = flint.fmpz_mpoly_ctx.get(["_off", *(v.name for v in leaf.variables)], flint.Ordering.lex)

    def lifted(p: Any) -> Any:
        return ring.from_dict({(0, *m): c for m, c in p.to_dict().items()})

    inverse = ring.gen(0) * lifted(h) - 1
    basis = bounded_basis([*(lifted(p) for p in leaf.basis), inverse], ring)
    free = [p for p in basis if p.degrees()[0] == 0]
    return Ideal.generated(
        leaf.variables, [leaf.ring.from_dict({m[1:]: c for m, c in p.to_dict().items()}) for p in free]
    )
