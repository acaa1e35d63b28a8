"""The search for certificates of consequences: what it finds, and what it must not find."""

import pytest
import sympy as sp
from by_hand import verifies

from saddlecheck.theory.checker.facts import Refutation
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.engines import case_tree, certificates
from saddlecheck.theory.symbols import lam, mu, rho, x

# Each needs one thing that products of its premises do not give: a case, a definition, an elimination, a square.
SOLVABLE = {
    "a denominator": (1 / lam + rho < 0, (lam < 0, rho > 0, rho * lam > -1)),
    "a root": (sp.sqrt(x) > 1, (x > 1,)),
    "an absolute value": (sp.Abs(x) >= 1, (x**2 >= 1,)),
    "a maximum": (sp.Max(x, rho) >= (x + rho) / 2, ()),
    "an exponential": (sp.exp(x) * rho > 0, (rho > 0,)),
    "an equation": (x > 0, (sp.Eq(mu * x, rho), mu > 0, rho > 0)),
    "squares": (x**2 + rho**2 + 1 > x * rho, ()),
    "cases": (sp.Or(x > 0, rho > 0), (x + rho > 0,)),
    "pi": (sp.pi * rho > 3 * rho, (rho > 0,)),
    "an interval": (1 + x - x**4 > 0, (x >= 0, x <= 1)),
}


@pytest.mark.parametrize("name", SOLVABLE)
def test_the_search_finds(name):
    conclusion, premises = SOLVABLE[name]
    tree, given = certificates.subject(premises, conclusion)
    found = case_tree.search(Refutation([parse(p) for p in given], parse(tree)), seconds=30.0)
    assert found is not None
    assert verifies((tree, given), found)


# True, but only where the term is defined; nothing says that it is.
UNDEFINED = [
    sp.Le(1 / x, 1 + 1 / x, evaluate=False),
    sp.Ge(sp.sqrt(x), 0, evaluate=False),
    sp.Le(sp.log(x), 1 + sp.log(x), evaluate=False),
]


@pytest.mark.parametrize("conclusion", UNDEFINED, ids=str)
def test_the_search_finds_nothing_where_the_conclusion_may_be_undefined(conclusion):
    tree, given = certificates.subject((), conclusion)
    assert case_tree.search(Refutation([], parse(tree)), seconds=3.0) is None
    tree, given = certificates.subject((x > 0,), conclusion)
    found = case_tree.search(Refutation([parse(p) for p in given], parse(tree)), seconds=30.0)
    assert verifies((tree, given), found)
