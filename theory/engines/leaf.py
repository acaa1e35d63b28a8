"""The search for one leaf of a certificate: a sum of products of facts that vanishes though one of them is positive.

Equations that are linear in an atom eliminate it. What is left is a linear program over products of the remaining facts
(Handelman's form of the Positivstellensatz), with squares where products do not suffice.
"""

from __future__ import annotations

import functools
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flint import fmpq

from saddlecheck.theory.checker.facts import Facts, Polynomial, Refutation, key
from saddlecheck.theory.engines.linear_program import multipliers
from saddlecheck.theory.engines.products import Leaf, Product, start, use_linear_equations

_COLUMNS = 3000  # products in one linear program
_TERMS = 100_000  # monomials in all of them
_ATOMS = 8  # beyond so many atoms no squares are tried
_POOL = 40  # polynomials whose sums and differences are squared


# The next set of products is tried where the last did not suffice: its name, and how many factors products have.
_STAGES = (
    *(("cofactors", 1), ("cofactors", 2), ("support", 1), ("support", 2), ("box", 1), ("cofactors", 3)),
    *(("squares", 0), ("support", 3), ("box", 2), ("cofactors", 4), ("squares", 1), ("cofactors", 5), ("squares", 2)),
    *(("cofactors", 6), ("cofactors", 8), ("cofactors", 10), ("cofactors", 12), ("cofactors", 14)),
)
_FEWER = 4  # factors of a product that is multiplied by a cofactor or a square

Multiple = tuple[Product, Polynomial]  # of an equation


def leaf(refutation: Refutation, facts: Facts, core: Iterable[int], seconds: float) -> Any:
    """A leaf of a certificate that uses the facts of the core; None if none was found in time."""
    deadline = time.monotonic() + seconds
    for eliminating in (True, False):
        work = start(refutation, facts, set(core))
        if eliminating:
            use_linear_equations(work)
        elif not any(p.relation == "=" for p in work.known):
            return None
        for products, multiples in _programs(work):
            polys = [*(p.poly for p in products), *(equation.poly * m for equation, m in multiples)]
            costs = [1.0 + sum(power for _, power in p.powers) for p in products]
            found = multipliers(polys, [p.relation == ">" for p in products], costs)
            if found is not None:
                signed, free = found[: len(products)], found[len(products) :]
                taken = [(c, p) for c, p in zip(signed, products, strict=True) if c]
                others = [(equation, c * m) for c, (equation, m) in zip(free, multiples, strict=True) if c]
                return _written(work, facts, taken, others)
            if time.monotonic() > deadline:
                return None
    return None


def _programs(work: Leaf) -> Iterator[tuple[list[Product], list[Multiple]]]:
    """Ever larger sets of products that are not negative, and of multiples of equations.

    "cofactors" and "squares" are products of facts, and shorter ones times these.

    Yields:
        (products, multiples) of one linear program.
    """
    unit = Product((work.refutation.ring.constant(1),) * (len(work.used) + 1), ">")
    signed = _distinct([p for p in work.known if p.relation in (">", ">=")])
    signed += _distinct([replace(p.times(p), relation=">") for p in work.known if p.relation == "!="])
    equations = [p for p in work.known if p.relation == "=" and p.poly]
    more = {"cofactors": list(_cofactors(unit, work.known)), "squares": [_squared(unit, r) for r in _roots(work)]}
    levels = [[(0, unit)]]  # the products of so many factors, each with the number of its last factor
    for kind, count in _STAGES:
        if kind in ("support", "box"):
            products = list(itertools.islice(_filled(unit, signed, count, box=kind == "box"), 2 * _COLUMNS))
        else:
            degree = count if kind == "cofactors" else max(3, count + 2)
            if math.comb(len(signed) + degree, degree) > _COLUMNS:
                return
            while len(levels) <= degree:
                levels.append([(j, p.times(signed[j])) for i, p in levels[-1] for j in range(i, len(signed))])
            plain = [p for level in levels[: degree + 1] for _, p in level]
            fewer = [p for level in levels[: min(count, _FEWER) + 1] for _, p in level]
            pairs = itertools.islice(itertools.product(fewer, more[kind]), _COLUMNS)
            products = plain + [p.times(q) for p, q in pairs]
        if sum(len(p.poly) for p in products) <= _TERMS:
            yield products, list(_multiples(work, equations, products))


def _filled(unit: Product, signed: list[Product], most: int, *, box: bool) -> Iterator[Product]:
    """Products of at most so many facts, times monomials of known sign.

    box: all that do not raise the highest degrees; otherwise those that add no monomial to what the facts have.

    Yields:
        The products, short ones first.
    """
    single = [p for p in signed if len(p.poly) == 1 and p.poly.total_degree() == 1]
    others = [p for p in signed if p not in single]
    choices = (c for k in range(most + 1) for c in itertools.combinations_with_replacement(others, k))
    some = [functools.reduce(Product.times, choice, unit) for choice in choices]
    highest = list(map(max, zip(*(map(int, p.poly.degrees()) for p in some), strict=True)))
    factors = {p.poly.degrees().index(1): (p, 1) for p in single}
    for atom, degree in enumerate(highest):
        if degree > 1 and atom not in factors:
            factors[atom] = (_squared(unit, unit.poly.context().gen(atom)), 2)
    support = {m for p in some for m in p.poly.monoms()}
    total = max(sum(m) for m in support)

    for p in some:
        monoms = p.poly.monoms()
        room = [h - max(powers) for h, powers in zip(highest, zip(*monoms, strict=True), strict=True)]
        steps = [range(0, r + 1, factors[a][1]) if a in factors else (0,) for a, r in enumerate(room)]
        wanted = itertools.product(*steps) if box else sorted({_difference(m, monoms[0]) for m in support})
        for powers in wanted:
            if any(power not in step for power, step in zip(powers, steps, strict=True)):
                continue
            if box and sum(powers) + max(map(sum, monoms)) > total:
                continue
            if not box and any(tuple(map(sum, zip(m, powers, strict=True))) not in support for m in monoms):
                continue
            times = ((factors[a][0], power // factors[a][1]) for a, power in enumerate(powers) if power)
            yield functools.reduce(lambda q, factor: q.times(*factor), times, p)


def _difference(powers: Any, others: Any) -> tuple[int, ...]:
    return tuple(int(a) - int(b) for a, b in zip(powers, others, strict=True))


def _squared(unit: Product, root: Polynomial) -> Product:
    return Product((root**2,) * len(unit.stages), ">=", (), (root,))


def _cofactors(unit: Product, known: list[Product]) -> Iterator[Product]:
    """For each fact the part of its factors whose sign is known: by other facts, or because it is a square.

    And the squares of the atoms whose sign no fact says.

    Yields:
        Products of one polynomial of known sign.
    """
    about = {_monic(p.poly): p for p in known if p.relation != "=" and p.poly}
    found: dict[Any, Product] = {}
    for atom in {a for p in known if p.poly for a, degree in enumerate(p.poly.degrees()) if degree > 0}:
        if _monic(a := unit.poly.context().gen(atom)) not in about:
            found[key(a**2)] = _squared(unit, a)
    for p in known:
        cofactor = unit
        root: Polynomial = unit.poly
        for factor, power in p.poly.factor()[1] if p.poly else ():
            other = about.get(_monic(factor))
            if other is None or (other.relation == "!=" and power % 2):
                root *= factor ** (int(power) // 2)
            elif other is not p:
                cofactor = cofactor.times(other, int(power))
        if not root.is_constant():
            cofactor = cofactor.times(_squared(unit, root))
        if not cofactor.poly.is_constant():
            found.setdefault(key(cofactor.poly), cofactor)
    yield from found.values()


def _monic(poly: Polynomial) -> Any:
    return key(poly / poly.leading_coefficient())


def _distinct(products: list[Product]) -> list[Product]:
    """One of those that are positive multiples of each other, a strict one if there is one."""
    found: dict[Any, Product] = {}
    for p in sorted(products, key=lambda p: (p.relation != ">", len(p.powers))):
        if p.poly:
            found.setdefault(key(p.poly / abs(p.poly.leading_coefficient())), p)
        elif p.relation == ">":
            found.setdefault((), p)
    return list(found.values())


def _roots(work: Leaf) -> Iterator[Polynomial]:
    """Monomials and factors of what is known, their sums and differences: what may be squared."""
    ring, known = work.refutation.ring, [p.poly for p in work.known if p.poly]
    atoms = sorted({a for poly in known for a, degree in enumerate(poly.degrees()) if degree > 0})
    if len(atoms) > _ATOMS:
        return
    highest = min(3, max(((int(poly.total_degree()) + 1) // 2 for poly in known), default=0))
    bases: list[Polynomial] = [ring.constant(1), *(ring.gen(a) for a in atoms)]
    choices = (c for degree in range(1, highest + 1) for c in itertools.combinations_with_replacement(bases, degree))
    pool = {key(m): m for m in map(math.prod, choices)}
    pool |= {key(factor): factor for poly in known for factor, _ in poly.factor()[1]}
    some: list[Polynomial] = list(pool.values())[:_POOL]
    found = {
        key(root): root
        for i, u in enumerate(some)
        for root in (u, *(u + sense * v for v in some[:i] for sense in (1, -1)))
        if not root.is_constant()
    }
    yield from found.values()


def _multiples(work: Leaf, equations: list[Product], products: list[Product]) -> Iterator[Multiple]:
    """Monomial multiples of the equations that were not used, as far as the products have such monomials."""
    monomials = {powers for p in products for powers in p.poly.monoms()} if equations else set()
    for equation in equations:
        lead = equation.poly.monoms()[0]
        for powers in monomials:
            quotient = tuple(a - b for a, b in zip(powers, lead, strict=True))
            if all(power >= 0 for power in quotient):
                yield equation, work.refutation.ring.from_dict({quotient: 1})


def _written(work: Leaf, facts: Facts, taken: list[tuple[Any, Product]], multiples: list[Multiple]) -> Any:
    """The leaf as JSON data, with the multiples of the equations that eliminated atoms."""
    zero = work.refutation.ring.constant(0)
    every = list(multiples)
    for stage, equation in reversed(list(enumerate(work.used))):
        # The sum at the next stage is zero: at this one it is a multiple of the equation that leads there.
        left = sum((c * p.stages[stage] for c, p in taken), zero) + sum((q * e.stages[stage] for e, q in every), zero)
        quotient, remainder = divmod(left, equation.poly)
        if remainder:
            raise ArithmeticError("what an equation eliminated is not divisible by it")
        every.append((equation, -quotient))
    scale = fmpq(math.lcm(*(int(c.q) for c, _ in taken)), math.gcd(*(int(c.p) for c, _ in taken)))
    factors: dict[int, Polynomial] = {}
    for equation, cofactor in every:
        if equation.powers in work.definitions:
            continue  # which the checker uses by itself
        (fact,) = (i for i, _ in equation.powers if facts[i].relation == "=")
        signs = [facts[i].poly ** power for i, power in equation.powers if i != fact]
        factors[fact] = factors.get(fact, zero) + scale * math.prod(signs, start=cofactor)
    products = [[_number(scale * c), list(map(list, p.powers)), list(map(polynomial, p.squares))] for c, p in taken]
    return ["sum", products, [[i, polynomial(q)] for i, q in sorted(factors.items()) if q]]


def polynomial(poly: Polynomial) -> Any:
    """A polynomial as a certificate has it."""
    return [[_number(c), [[i, int(power)] for i, power in enumerate(powers) if power]] for powers, c in poly.terms()]


def _number(c: Any) -> int | str:
    return int(c.p) if c.q == 1 else f"{c.p}/{c.q}"
