"""Random polynomial losses, shared by the tests of the critical points and of the analyser."""

import random
from itertools import product

import sympy as sp

from saddlecheck.theory.critical.loss import Loss


def random_polynomial(seed, names):
    """Degree 2 to 4 in the named variables, rational coefficients; sparse ones have lines of critical points."""
    rng = random.Random(seed)
    symbols = sp.symbols(names, real=True)
    degree, density = rng.choice([2, 3, 4]), rng.choice([0.3, 0.6, 1.0])
    terms = [
        sp.Rational(rng.randint(-6, 6), rng.choice([1, 1, 2, 3]))
        * sp.prod([v**k for v, k in zip(symbols, powers, strict=True)])
        for powers in product(range(degree + 1), repeat=len(symbols))
        if 0 < sum(powers) <= degree and rng.random() < density
    ]
    return Loss(sp.Add(*terms), variables=symbols)
