"""The search for certificates of consequences: what it finds, and what it must not find."""

import pytest
import sympy as sp
from by_hand import verifies

from saddlecheck.theory.checker.facts import Refutation
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.engines import case_tree, certificates
from saddlecheck.theory.engines.at_sight import Seen
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


def _implied(condition):
    return certificates.subject((), sp.Implies(condition, sp.Ge(sp.sqrt(x), 0, evaluate=False), evaluate=False))


def test_what_is_implied_need_be_defined_behind_its_condition_only():
    tree, given = _implied(x > 0)
    assert verifies((tree, given), case_tree.search(Refutation([], parse(tree)), seconds=30.0))
    tree, given = _implied(x > -1)
    assert case_tree.search(Refutation([], parse(tree)), seconds=3.0) is None


class TestAtSight:
    """Facts about one polynomial, up to a factor."""

    def facts(self, *formulas):
        trees = [parse(serial.encode(f)) for f in formulas]
        return Refutation(trees, ("Boolean", False)).facts[: len(formulas)]

    def test_what_contradicts_itself_is_seen(self):
        assert Seen(self.facts(rho > 0, 2 * x > 4 * lam, x > 0, 6 * lam >= 3 * x)).conflict == [1, 3]
        assert Seen(self.facts(sp.Eq(x, lam), sp.Ne(3 * lam, 3 * x))).conflict == [0, 1]

    def test_what_does_not_is_not(self):
        assert not Seen(self.facts(2 * x >= 4 * lam, 6 * lam >= 3 * x, sp.Ne(x, 0), x > -1)).conflict

    def test_an_alternative_is_excluded_by_any_of_its_facts(self):
        either = sp.Or(sp.And(rho > 0, 2 * x < 0), sp.And(rho > 0, lam > 0), evaluate=False)
        for known, left in (((x > 0,), 1), ((x >= 0, rho < 0), 0), ((x < 1,), 2)):
            cases, *facts = self.facts(either, *known)
            assert Seen(facts).standing(cases) == left
