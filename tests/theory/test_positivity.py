"""The checker of certificates: hand-made proofs pass, and whatever is changed in one makes it fail.

Expected certificates are written down by hand from the mathematics, so that the search is not consulted.
"""

import copy

import pytest
import sympy as sp
from by_hand import proves, raw

from saddlecheck.theory.symbols import lam, mu, rho, x, y

# Facts of "mu > 0 and rho > mu give rho^2 > mu^2", negated:  0: mu > 0   1: rho - mu > 0   2: mu^2 - rho^2 >= 0.
# (mu^2 - rho^2) + 2 mu (rho - mu) + (rho - mu)^2 = 0, and the last two are positive.
SQUARES = ["sum", [[1, [[2, 1]], []], [2, [[0, 1], [1, 1]], []], [1, [[1, 2]], []]], []]
LARGER = (rho**2 > mu**2, mu > 0, rho > mu)


class TestSums:
    def test_products(self):
        assert proves(SQUARES, *LARGER)

    @pytest.mark.parametrize(
        ("conclusion", "premises"),
        [
            (rho**2 > mu**2 + sp.Rational(1, 10**9), (mu > 0, rho > mu)),
            (rho**2 > mu**2, (mu > 0, rho > mu - sp.Rational(1, 10**9))),
            (rho**2 > mu**2, (rho > mu,)),
            (rho**2 > mu**2, (rho > mu, mu > 0)),  # true, but the facts have other numbers
            (rho**2 > mu**2, (mu >= 0, rho >= mu)),  # false at mu = rho
        ],
    )
    def test_of_another_statement_prove_nothing(self, conclusion, premises):
        assert not proves(SQUARES, conclusion, *premises)

    def test_a_strict_factor_must_be_strict_everywhere_in_a_product(self):
        assert proves(SQUARES, rho**2 > mu**2, mu >= 0, rho > mu)  # (rho - mu)^2 is positive by itself
        assert not proves(SQUARES, rho**2 > mu**2, mu > 0, rho >= mu)

    @pytest.mark.parametrize("c", [0, -1, 1.0, True, None, "x", "1/0", "1e3", [1], 3, "1000000001/1000000000"])
    def test_multipliers_are_positive_rationals(self, c):
        changed = copy.deepcopy(SQUARES)
        changed[1][2][0] = c
        assert not proves(changed, *LARGER)

    @pytest.mark.parametrize("i", [-1, 3, True, "0", None, 0.0])
    def test_facts_are_named_by_their_number(self, i):
        changed = copy.deepcopy(SQUARES)
        changed[1][0][1][0][0] = i
        assert not proves(changed, *LARGER)

    @pytest.mark.parametrize("power", [0, -1, 2, True, "1", None, 1.0, 10**9])
    def test_powers_are_natural_numbers(self, power):
        changed = copy.deepcopy(SQUARES)
        changed[1][0][1][0][1] = power
        assert not proves(changed, *LARGER)

    def test_squares_of_polynomials(self):
        # 0: -(x^2 - x y + y^2 + 1) >= 0;  4 times it and (x + y)^2 + 3 (x - y)^2 + 4 is 0.
        plus, minus = [[1, [[0, 1]]], [1, [[1, 1]]]], [[1, [[0, 1]]], [-1, [[1, 1]]]]
        proof = ["sum", [[4, [[0, 1]], []], [1, [], [plus]], [3, [], [minus]], [4, [], []]], []]
        assert proves(proof, x**2 - x * y + y**2 + 1 > 0)
        assert not proves(proof, x**2 - x * y + y**2 + 1 - sp.Rational(1, 10**9) > 0)
        # a square alone is no contradiction: without the constant nothing is positive
        proof = ["sum", [[4, [[0, 1]], []], [1, [], [plus]], [3, [], [minus]]], []]
        assert not proves(proof, x**2 - x * y + y**2 > 0)

    def test_even_powers_of_what_is_not_zero(self):
        # 0: x != 0   1: -x^2 >= 0
        assert proves(["sum", [[1, [[1, 1]], []], [1, [[0, 2]], []]], []], x**2 > 0, sp.Ne(x, 0))
        # 0: x != 0   1: -x >= 0
        assert not proves(["sum", [[1, [[1, 1]], []], [1, [[0, 1]], []]], []], x > 0, sp.Ne(x, 0))

    def test_multiples_of_equations(self):
        # 0: mu > 0   1: lam + mu = 0   2: lam >= 0;  lam + mu - (lam + mu) = 0
        proof = ["sum", [[1, [[0, 1]], []], [1, [[2, 1]], []]], [[1, [[-1, []]]]]]
        assert proves(proof, lam < 0, mu > 0, sp.Eq(lam + mu, 0))
        assert not proves(proof, lam < 0, mu > 0, lam + mu >= 0)  # no equation
        wrong = ["sum", [[1, [[0, 1]], []], [1, [[2, 1]], []], [1, [[1, 1]], []]], []]
        assert not proves(wrong, lam < 0, mu > 0, sp.Eq(lam + mu, 0))  # an equation's sign is not known

    def test_constants(self):
        assert proves(["sum", [[1, [[0, 1]], []], [2, [], []]], []], raw(sp.Gt, sp.S(2), 0))
        assert not proves(["sum", [[1, [[0, 1]], []], [2, [], []]], []], raw(sp.Gt, sp.S(-2), 0))
        assert proves(["sum", [[1, [[0, 1]], []]], []], raw(sp.Ge, sp.S(0), 0))  # 0 > 0 is false
        assert not proves(["sum", [[1, [[0, 1]], []]], []], raw(sp.Gt, sp.S(0), 0))  # 0 >= 0 is not

    def test_nothing_is_no_sum(self):
        assert not proves(["sum", [], []], *LARGER)
        assert not proves(["sum", [[1, [], []]], []], *LARGER)


# "x y >= 0 and x < 0 give y <= 0 or x = 0" by the sign of y:  0: x y >= 0   1: -x > 0   2: y > 0
SPLIT = ["sign", [[1, [[1, 1]]]],
         ["<=", ["sum", [[1, [[2, 1]], []], [1, [[3, 1]], []]], []]],
         [">", ["sum", [[1, [[0, 1]], []], [1, [[1, 1], [3, 1]], []]], []]]]  # fmt: skip
SIGNS = (y <= 0, x * y >= 0, x < 0)


class TestCases:
    def test_signs(self):
        assert proves(SPLIT, *SIGNS)

    @pytest.mark.parametrize("dropped", [2, 3])
    def test_no_sign_may_be_left_out(self, dropped):
        assert not proves([part for i, part in enumerate(SPLIT) if i != dropped], *SIGNS)

    @pytest.mark.parametrize("relation", ["<", "=", ">=", "!=", "", None, 7])  # with > alone none leaves no sign out
    def test_signs_are_what_they_say(self, relation):
        changed = copy.deepcopy(SPLIT)
        changed[2][0] = relation
        assert not proves(changed, *SIGNS)

    def test_overlapping_cases_are_cases(self):
        changed = copy.deepcopy(SPLIT)
        changed[3][0] = ">="
        changed[3][1][1][1][1] = [[1, 1], [2, 1]]  # by the fact y > 0 itself
        assert proves(changed, *SIGNS)

    def test_disjunctions(self):
        # 0: x > 0 or y > 0   1: -x >= 0 and -y >= 0 become 1 and 2; in each case 3: x > 0 or y > 0
        first, second = (["sum", [[1, [[3, 1]], []], [1, [[i, 1]], []]], []] for i in (1, 2))
        conclusion, premise = sp.Or(x > 0, y > 0), sp.Or(x > 0, y > 0)
        assert proves(["cases", 0, first, second], conclusion, premise)
        assert not proves(["cases", 0, second, first], conclusion, premise)
        assert not proves(["cases", 0, first], conclusion, premise)
        assert not proves(["cases", 0, first, second, second], conclusion, premise)
        assert not proves(["cases", 1, first, second], conclusion, premise)
        assert not proves(["cases", True, first, second], conclusion, premise)

    def test_a_false_premise_has_no_cases(self):
        assert proves(["cases", 0], x > 0, sp.false)
        assert not proves(["cases", 0], x > 0, sp.true)

    @pytest.mark.parametrize("node", [None, [], "sum", ["sums"], [["sum"]], {}, 0, ["sum", 1, 2], ["sign"], ["cases"]])
    def test_other_nodes_are_refused(self, node):
        assert not proves(node, *LARGER)

    def test_endless_nesting_is_refused(self):
        node = SQUARES
        for _ in range(2000):
            node = ["sign", [[1, [[0, 1]]]], ["<=", node], [">", node]]
        assert not proves(node, *LARGER)
