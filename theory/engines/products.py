"""Products of facts, and the equations among the facts used to eliminate atoms from them, inverses first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flint import fmpq

from saddlecheck.theory.checker.facts import Facts, Polynomial, Refutation, Sign, key


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

    known: those that may be multiplied.  spare: others, whose sign may clear a fraction.  definitions: the powers of
    the equations r b = 1 of inverses, which the checker uses by itself.  used: the equations that eliminated an atom.
    """

    refutation: Refutation
    known: list[Product]
    spare: list[Product]
    definitions: set[Any]
    used: list[Product] = field(default_factory=list)

    def eliminate(self, equation: Product, atom: int, coefficient: Polynomial) -> bool:
        """Remove an atom by an equation, coefficient * atom + rest = 0; False if the coefficient has no sign."""
        constant = coefficient.is_constant()
        sign = None if constant else self._sign(coefficient)
        if sign is None and not constant:
            return False
        if sign in self.spare:
            self.spare.remove(sign)
            self.known.append(sign)
        self.used.append(equation)
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


def start(refutation: Refutation, facts: Facts, core: set[int]) -> Leaf:
    """The facts of the core without the inverses 1/b whose b is known not to be zero."""
    signs = [(i, fact) for i, fact in enumerate(facts) if isinstance(fact, Sign)]
    equation_of = {key(fact.poly): i for i, fact in signs if fact.relation == "="}
    products_of = {r: key(refutation.ring.gen(r) * b - 1) for r, b in refutation.inverse.items()}
    inverses = {r: equation_of[product] for r, product in products_of.items() if product in equation_of}
    equations = set(inverses.values())
    products = {i: Product((fact.poly,), fact.relation, ((i, 1),)) for i, fact in signs}
    work = Leaf(
        refutation,
        [p for i, p in products.items() if i in core | equations],
        [p for i, p in products.items() if i not in core and p.relation in (">", "!=")],
        {((i, 1),) for i in equations},
    )
    for r, i in sorted(inverses.items(), reverse=True):
        equation = next(p for p in work.known if p.powers == ((i, 1),))
        if not work.eliminate(equation, r, refutation.inverse[r]) and i not in core:
            work.known.remove(equation)
    return work


def use_linear_equations(work: Leaf) -> None:
    """Eliminate an atom by each equation that is linear in one, the one with the simplest coefficient."""
    tried: set[Any] = set()
    while True:
        equations = [p for p in work.known if p.relation == "=" and p.powers not in tried]
        if not equations:
            return
        equation = min(equations, key=lambda p: len(p.poly))
        tried.add(equation.powers)
        for atom, coefficient in _linear_atoms(equation.poly):
            if work.eliminate(equation, atom, coefficient):
                break


def _linear_atoms(poly: Polynomial) -> list[tuple[int, Polynomial]]:
    """The atoms in which a polynomial is linear, with their coefficients, the simplest first."""
    degrees = enumerate(poly.degrees() if poly else ())
    found = [(atom, poly.derivative(atom)) for atom, degree in degrees if degree == 1]
    return sorted(found, key=lambda pair: (not pair[1].is_constant(), len(pair[1]), pair[1].total_degree()))
