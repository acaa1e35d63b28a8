"""Polynomial losses by whose critical points solvers are compared: name -> formula, with fixed coefficients."""

from __future__ import annotations

import random
from itertools import combinations_with_replacement


def coupled_wells(n: int, softness: int) -> str:
    """Double wells, neighbours drawn together by (x - y)**2/softness; of 3**n critical points some are real."""
    wells = [f"(x{i}**2 - 1)**2/4" for i in range(n)]
    springs = [f"(x{i} - x{i + 1})**2/{softness}" for i in range(n - 1)]
    return " + ".join([*wells, *springs])


def sparse_cubic(n: int) -> str:
    """A cubic in each variable, neighbours coupled by a product: its gradient is quadratic and has 2**n real zeros."""
    return " + ".join([*(f"x{i}**3/3 - x{i}" for i in range(n)), *(f"x{i}*x{i + 1}/10" for i in range(n - 1))])


def dense(degree: int, n: int, seed: int = 1) -> str:
    """All monomials up to a degree, integer coefficients from -5 to 5; of an even degree with a positive top."""
    rng = random.Random(seed)
    names = [f"x{i}" for i in range(n)]
    terms = [
        f"{rng.randint(-5, 5)}*{'*'.join(powers)}"
        for k in range(1, degree + 1)
        for powers in combinations_with_replacement(names, k)
    ]
    if degree % 2 == 0:
        terms += [f"6*{name}**{degree}" for name in names]
    return " + ".join(terms)


def phase_retrieval(n: int, rows: int, seed: int = 2) -> str:
    """Squared errors of squared linear forms with integer coefficients: l = sum ((a.x)**2 - y)**2/4."""
    rng = random.Random(seed)
    forms = [" + ".join(f"{rng.randint(-3, 3)}*x{i}" for i in range(n)) for _ in range(rows)]
    return " + ".join(f"(({form})**2 - {rng.randint(1, 9)})**2/4" for form in forms)


def deep_linear(n: int) -> str:
    """A scalar linear net of n layers with weight decay."""
    return f"({'*'.join(f'x{i}' for i in range(n))} - 1)**2/2 + " + " + ".join(f"x{i}**2/20" for i in range(n))


def saddlescape(n: int) -> str:
    """Double wells with small couplings of all pairs: 3**n real critical points."""
    wells = [f"x{i}**4/4 - x{i}**2/2" for i in range(n)]
    return " + ".join([*wells, *(f"x{i}*x{j}/50" for i in range(n) for j in range(i))])


SYSTEMS = {
    **{f"coupled wells n={n}": coupled_wells(n, 16) for n in (4, 5)},
    **{f"stiffly coupled wells n={n}": coupled_wells(n, 10) for n in (4, 5)},
    **{f"sparse cubic n={n}": sparse_cubic(n) for n in (5, 6, 7, 8)},
    **{f"dense cubic n={n}": dense(3, n) for n in (4, 5)},
    **{f"dense quartic n={n}": dense(4, n) for n in (3, 4)},
    "phase retrieval, 3 unknowns, 6 rows": phase_retrieval(3, 6),
    "deep linear n=4 with decay": deep_linear(4),
    "double wells, all coupled, n=5": saddlescape(5),
}
