"""The search for one leaf of a certificate: a sum of products of facts that vanishes though one of them is positive.

Equations that are linear in an atom, inverses first, eliminate it. What is left is a linear program over products of the
remaining facts (Handelman), with squares where products do not suffice. Floats only choose which products to take;
their multipliers are then the exact solution of the linear equations that make the sum vanish.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from saddlecheck.theory.checker.facts import Facts, Polynomial, Refutation, Sign, key

_COLUMNS = 3000  # products in one linear program
_TERMS = 100_000  # monomials in all of them
_DEGREES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16)  # factors of a product
_TINY = 1e-9


@dataclass(frozen=True)
class Product:
    """A product of facts, and what it equals by none, the first, the first two, … of the equations that were used.

    relation: to zero.  powers: fact -> power.  squares: polynomials whose squares are factors too.
    """

    stages: tuple[Polynomial, ...]
    relation: str
    powers: tuple[tuple[int, int], ...] = ()
    squares: tuple[Polynomial, ...] = ()

    @property
    def poly(self) -> Polynomial:
        """What the product equals by all of them."""
        return self.stages[-1]

    def times(self, other: Product, power: int = 1) -> Product:
        """The product with a power of another one."""
        if not power:
            return self
        powers = dict(self.powers)
        for i, p in other.powers:
            powers[i] = powers.get(i, 0) + p * power
        stages = tuple(s * o**power for s, o in zip(self.stages, other.stages, strict=True))
        relation = self.relation if other.relation != ">=" or self.relation == "=" else ">="
        return Product(stages, relation, tuple(sorted(powers.items())), self.squares + other.squares * power)


@dataclass
class Leaf:
    """Facts on their way to a contradiction.

    known: those that may be multiplied.  spare: others, whose sign may clear a fraction.  used: the equations that
    eliminated an atom, and whether the checker uses them by itself.
    """

    refutation: Refutation
    known: list[Product]
    spare: list[Product]
    used: list[tuple[Product, bool]] = field(default_factory=list)

    def eliminate(self, equation: Product, atom: int, coefficient: Polynomial, *, silent: bool) -> bool:
        """Remove an atom by an equation, coefficient * atom + rest = 0; False if the coefficient has no sign."""
        constant = coefficient.is_constant()
        sign = None if constant else self._sign(coefficient)
        if sign is None and not constant:
            return False
        if sign in self.spare:
            self.spare.remove(sign)
            self.known.append(sign)
        self.used.append((equation, silent))
        rest = coefficient * self.refutation.ring.gen(atom) - equation.poly
        self.known, self.spare = (
            [self._without(atom, p, sign, coefficient, rest) for p in group if p is not equation]
            for group in (self.known, self.spare)
        )
        return True

    def _without(self, atom: int, product: Product, sign: Product | None, coefficient: Any, rest: Any) -> Product:
        """The product, times a power of the sign, with rest / coefficient put for the atom."""
        degree = int(product.poly.degrees()[atom]) if product.poly else 0
        if degree <= 0:
            return replace(product, stages=(*product.stages, product.poly))
        ring = self.refutation.ring
        scale = fmpq(1)
        if sign is not None:
            degree += degree % 2 if sign.relation == "!=" and product.relation != "=" else 0
            scale = sign.poly.leading_coefficient() / coefficient.leading_coefficient()
        cleared = ring.constant(0)
        for powers, c in product.poly.terms():
            piece = ring.from_dict({(*powers[:atom], 0, *powers[atom + 1 :]): c}) * rest ** powers[atom]
            if sign is None:
                cleared += piece / coefficient.leading_coefficient() ** powers[atom]
            else:
                cleared += piece * coefficient ** (degree - powers[atom])
        multiplied = product if sign is None else product.times(sign, degree)
        return replace(multiplied, stages=(*multiplied.stages, cleared * scale**degree))

    def _sign(self, poly: Polynomial) -> Product | None:
        """What is a multiple of the polynomial and not zero; of known sign if there is one."""
        wanted = key(poly / poly.leading_coefficient())
        nonzero = [p for p in (*self.known, *self.spare) if p.relation in (">", "!=") and p.poly]
        same = [p for p in nonzero if key(p.poly / p.poly.leading_coefficient()) == wanted]
        return min(same, key=lambda p: (p.relation == "!=", len(p.powers)), default=None)


def leaf(refutation: Refutation, facts: Facts, core: Iterable[int], seconds: float) -> Any:
    """A leaf of a certificate that uses the facts of the core; None if none was found in time."""
    deadline = time.monotonic() + seconds
    for eliminating in (True, False):
        work = _work(refutation, facts, set(core))
        if eliminating:
            _use_linear_equations(work)
        elif not any(p.relation == "=" for p in work.known):
            return None
        for products, multiples in _programs(work, deadline):
            polys = [*(p.poly for p in products), *(e.poly * m for e, m in multiples)]
            if (found := _solve(polys, products)) is not None:
                return _written(work, facts, zip(found, products, strict=False), zip(found[len(products):], multiples, strict=True))
            if time.monotonic() > deadline:
                return None
    return None


def _work(refutation: Refutation, facts: Facts, core: set[int]) -> Leaf:
    """The facts of the core without the inverses 1/b whose b is known not to be zero."""
    signs = [(i, fact) for i, fact in enumerate(facts) if isinstance(fact, Sign)]
    inverses = {}
    for r, b in refutation.inverse.items():
        definition = Sign(refutation.ring.gen(r) * b - 1, "=")
        inverses |= {r: (i, b) for i, fact in signs if fact == definition}
    equations = {i for i, _ in inverses.values()}
    products = {i: Product((fact.poly,), fact.relation, ((i, 1),)) for i, fact in signs}
    work = Leaf(
        refutation,
        [p for i, p in products.items() if i in core | equations],
        [p for i, p in products.items() if i not in core and p.relation in (">", "!=")],
    )
    for r, (i, b) in sorted(inverses.items(), reverse=True):
        equation = next(p for p in work.known if p.powers == ((i, 1),))
        if not work.eliminate(equation, r, b, silent=True) and i not in core:
            work.known.remove(equation)
    return work


def _use_linear_equations(work: Leaf) -> None:
    """Eliminate an atom by each equation that is linear in one, the one with the simplest coefficient."""
    tried: set[Any] = set()
    while True:
        equations = [p for p in work.known if p.relation == "=" and p.powers not in tried]
        if not equations:
            return
        equation = min(equations, key=lambda p: len(p.poly))
        tried.add(equation.powers)
        for atom, coefficient in _linear_atoms(work.refutation, equation.poly):
            if work.eliminate(equation, atom, coefficient, silent=False):
                break


def _linear_atoms(refutation: Refutation, poly: Polynomial) -> list[tuple[int, Polynomial]]:
    found = []
    for atom, degree in enumerate(poly.degrees() if poly else ()):
        if degree == 1:
            found.append((atom, poly.derivative(atom)))
    return sorted(found, key=lambda pair: (not pair[1].is_constant(), len(pair[1]), pair[1].total_degree()))


def _programs(work: Leaf, deadline: float) -> Iterator[tuple[list[Product], list[Any]]]:
    """Ever larger sets of products that are not negative, and of multiples of equations.

    First products alone up to the degree that most leaves need, then squares too, then higher products.
    """
    one = work.refutation.ring.constant(1)
    unit = Product((one,) * (len(work.used) + 1), ">")
    signed = _distinct([p for p in work.known if p.relation in (">", ">=")])
    signed += _distinct([replace(p.times(p), relation=">") for p in work.known if p.relation == "!="])
    equations = [p for p in work.known if p.relation == "="]
    roots = list(_cofactors(unit, work.known))
    squares = [_squared(unit, root) for root in _roots(work, signed)]
    levels = [[(0, unit)]]

    def program(degree: int, times: list[Product], below: int) -> tuple[list[Product], list[Any]]:
        while len(levels) <= degree:
            levels.append([(j, p.times(signed[j])) for i, p in levels[-1] for j in range(i, len(signed))])
        plain, low = ([p for level in levels[: d + 1] for _, p in level] for d in (degree, below))
        every = plain + [p.times(s) for p in low for s in times][:_COLUMNS]
        return every, list(_multiples(work, equations, every))

    for degree, times, below in (
        *((1, roots, 1), (2, roots, 2), (3, roots, 2), (3, squares, 0), (4, roots, 3), (3, squares, 1), (5, roots, 3)),
        *((4, squares, 2), (6, roots, 4), (8, roots, 4), (10, roots, 4), (12, roots, 4), (14, roots, 4)),
    ):
        if times is roots or times:
            found = program(degree, times, below)
            if len(found[0]) > 2 * _COLUMNS or sum(len(p.poly) for p in found[0]) > _TERMS or time.monotonic() > deadline:
                return
            yield found


def _squared(unit: Product, root: Polynomial) -> Product:
    return Product((root**2,) * len(unit.stages), ">=", (), (root,))


def _cofactors(unit: Product, known: list[Product]) -> Iterator[Product]:
    """For each fact what is known of the sign of a part of its factors: the facts about them, and their squares."""
    facts = {key(p.poly / abs(p.poly.leading_coefficient())): p for p in known if p.relation in (">", ">=", "!=") and p.poly}
    seen = set()
    for p in known:
        square, rest = unit, unit
        root = p.poly * 0 + 1
        for factor, power in p.poly.factor()[1] if p.poly else ():
            factor /= abs(factor.leading_coefficient())
            same = facts.get(key(factor)) or facts.get(key(-factor))
            power = int(power)
            if same is p:
                continue
            if same is None or (same.relation == "!=" and power % 2):
                root *= factor ** (power // 2)
            elif same is not None:
                rest = rest.times(same, power)
        if not root.is_constant():
            rest = rest.times(_squared(unit, root))
        if not rest.poly.is_constant() and key(rest.poly) not in seen:
            seen.add(key(rest.poly))
            yield rest


def _distinct(products: list[Product]) -> list[Product]:
    """One of those that are positive multiples of each other, a strict one if there is one."""
    found: dict[Any, Product] = {}
    for p in sorted(products, key=lambda p: (p.relation != ">", len(p.powers))):
        if p.poly:
            found.setdefault(key(p.poly / abs(p.poly.leading_coefficient())), p)
        elif p.relation == ">":
            found.setdefault((), p)
    return list(found.values())


def _roots(work: Leaf, signed: list[Product]) -> Iterator[Polynomial]:
    """Monomials and factors of what is known, their sums and differences: what may be squared."""
    ring = work.refutation.ring
    atoms = sorted({a for p in work.known for a, d in enumerate(p.poly.degrees() if p.poly else ()) if d > 0})
    if len(atoms) > 8:
        return
    highest = min(3, max(((int(p.poly.total_degree()) + 1) // 2 for p in work.known if p.poly), default=0))
    bases = [ring.constant(1), *(ring.gen(a) for a in atoms)]
    monomials = {key(m): m for k in range(1, highest + 1) for m in map(math.prod, itertools.combinations_with_replacement(bases, k))}
    factors = {key(f): f for p in work.known if p.poly for f, _ in p.poly.factor()[1]}
    pool = list((monomials | factors).values())[:40]
    seen = set()
    for i, u in enumerate(pool):
        for v in (ring.constant(0), *(s * w for w in pool[:i] for s in (1, -1))):
            root = u + v
            if root and key(root) not in seen and not root.is_constant():
                seen.add(key(root))
                yield root


def _multiples(work: Leaf, equations: list[Product], products: list[Product]) -> Iterator[tuple[Product, Polynomial]]:
    """Monomial multiples of the equations that were not used, as far as the products have such monomials."""
    monomials = {powers for p in products for powers in p.poly.monoms()} if equations else set()
    for equation in equations:
        seen = set()
        for lead in equation.poly.monoms()[:1]:
            for powers in monomials:
                quotient = tuple(a - b for a, b in zip(powers, lead, strict=True))
                if min(quotient) >= 0 and quotient not in seen:
                    seen.add(quotient)
                    yield equation, work.refutation.ring.from_dict({quotient: 1})


def _solve(polys: Sequence[Polynomial], products: Sequence[Product]) -> list[Any] | None:
    """Multipliers, those of the products nonnegative, with which the polynomials add to zero; None if there are none."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    rows = {m: i for i, m in enumerate(dict.fromkeys(m for p in polys for m in p.monoms()))}
    scales = [max((abs(_float(c)) for c in p.coeffs()), default=1.0) for p in polys]
    entries = [(rows[m], j, _float(c) / s) for j, (p, s) in enumerate(zip(polys, scales, strict=True)) for m, c in p.terms()]
    entries += [(len(rows), j, 1.0) for j, p in enumerate(products) if p.relation == ">"]
    i, j, values = zip(*entries, strict=True)
    matrix = csc_array((values, (i, j)), shape=(len(rows) + 1, len(polys)))
    right = np.zeros(len(rows) + 1)
    right[-1] = 1
    free = len(polys) - len(products)
    cost = [1.0 + sum(power for _, power in p.powers) for p in products] + [0.0] * free
    bounds = [(0, None)] * len(products) + [(None, None)] * free
    solution = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds", options={"time_limit": 20.0})
    if solution.status != 0:
        return None
    found = [j for j, c in enumerate(solution.x) if abs(c) > _TINY]
    exact = _exact([polys[j] for j in found], [solution.x[j] / scales[j] for j in found])
    if exact is None or any(exact[k] < 0 for k, j in enumerate(found) if j < len(products)):
        return None
    multipliers = [fmpq(0)] * len(polys)
    for k, j in enumerate(found):
        multipliers[j] = exact[k]
    strict = any(multipliers[j] > 0 for j, p in enumerate(products) if p.relation == ">")
    return multipliers if strict else None


def _exact(polys: Sequence[Polynomial], near: Sequence[float]) -> list[Any] | None:
    """A rational solution of sum c_k p_k = 0 near a float one."""
    rows = {m: i for i, m in enumerate(dict.fromkeys(m for p in polys for m in p.monoms()))}
    matrix = fmpq_mat(len(rows), len(polys))
    for j, p in enumerate(polys):
        for m, c in p.terms():
            matrix[rows[m], j] = c
    reduced, rank = matrix.rref()
    pivots = [next(j for j in range(len(polys)) if reduced[i, j] != 0) for i in range(rank)]
    free = [j for j in range(len(polys)) if j not in pivots]
    if not free:
        return None
    largest = max(map(abs, near))
    values = [fmpq(0)] * len(polys)
    for j in free:
        values[j] = fmpq(*(near[j] / largest).as_integer_ratio()) if len(free) > 1 else fmpq(1 if near[j] > 0 else -1)
    for i, pivot in enumerate(pivots):
        values[pivot] = -sum((reduced[i, j] * values[j] for j in free), fmpq(0))
    return values


def _written(work: Leaf, facts: Facts, products: Iterable[Any], multiples: Iterable[Any]) -> Any:
    """The leaf as JSON data, with the multiples of the equations that eliminated atoms."""
    zero = work.refutation.ring.constant(0)
    taken = [(c, p) for c, p in products if c]
    cofactors = [(e, c * m, False) for c, (e, m) in multiples if c]
    for k, (equation, silent) in reversed(list(enumerate(work.used))):
        left = sum((c * p.stages[k] for c, p in taken), zero) + sum((q * e.stages[k] for e, q, _ in cofactors), zero)
        quotient, remainder = divmod(left, equation.poly)
        if remainder:
            raise ArithmeticError("what an equation eliminated is not divisible by it")
        cofactors.append((equation, -quotient, silent))
    scale = fmpq(math.lcm(*(int(c.q) for c, _ in taken)), math.gcd(*(int(c.p) for c, _ in taken)))
    terms = [[_number(scale * c), [list(power) for power in p.powers], [polynomial(s) for s in p.squares]] for c, p in taken]
    factors: dict[int, Polynomial] = {}
    for equation, cofactor, silent in cofactors:
        for i, power in equation.powers:
            if facts[i].relation == "=":
                fact = i
            else:
                cofactor *= facts[i].poly ** power
        if not silent:
            factors[fact] = factors.get(fact, zero) + scale * cofactor
    return ["sum", terms, [[i, polynomial(q)] for i, q in sorted(factors.items()) if q]]


def polynomial(poly: Polynomial) -> Any:
    """A polynomial as a certificate has it."""
    return [[_number(c), [[i, int(power)] for i, power in enumerate(powers) if power]] for powers, c in poly.terms()]


def _number(c: Any) -> int | str:
    return int(c.p) if c.q == 1 else f"{c.p}/{c.q}"


def _float(c: Any) -> float:
    return int(c.p) / int(c.q)
