"""The checker of certificates: hand-made proofs pass, and whatever is changed in one makes it fail.

Expected certificates are written down by hand from the mathematics, so that the search is not consulted.
"""

import copy

import pytest
import sympy as sp

from saddlecheck.theory.checker import positivity
from saddlecheck.theory.checker.facts import Cases, Refutation, Sign
from saddlecheck.theory.checker.tree import Damaged, parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.symbols import eta, lam, mu, n, rho, x, y


def trees(*formulas):
    return [parse(serial.encode(f)) for f in formulas]


def proves(certificate, conclusion, *premises):
    try:
        positivity.verify(trees(*premises), *trees(conclusion), certificate)
    except Damaged:
        return False
    return True


def raw(cls, lhs, rhs):
    return cls(lhs, rhs, evaluate=False)


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


def facts(conclusion, *premises):
    return Refutation(trees(*premises), *trees(conclusion))


class TestTerms:
    def test_an_inverse_is_known_where_its_base_is_not_zero(self):
        # 0: mu > 0   1: mu r = 1 or mu = 0   2: -r >= 0 or mu = 0;   r mu^2 - mu = 0 by r = 1/mu
        zero = [["sum", [[1, [[0, 1]], []]], [[3, [[-1, []]]]]], ["sum", [[1, [[0, 1]], []]], [[4, [[-1, []]]]]]]
        positive = ["sum", [[1, [[0, 2], [4, 1]], []], [1, [[0, 1]], []]], []]
        assert proves(["cases", 1, ["cases", 2, positive, zero[1]], zero[0]], 1 / mu > 0, mu > 0)

    def test_without_that_it_is_not(self):
        # As above without the first split: the sum vanishes only by r = 1/mu.
        positive = ["sum", [[1, [[0, 2], [3, 1]], []], [1, [[0, 1]], []]], []]
        zero = ["sum", [[1, [[0, 1]], []]], [[3, [[-1, []]]]]]
        assert not proves(["cases", 2, positive, zero], 1 / mu > 0, mu > 0)

    @pytest.mark.parametrize(
        ("conclusion", "undefined"),
        [
            (raw(sp.Le, 1 / x, 1 + 1 / x), (x, "=")),
            (raw(sp.Ge, sp.sqrt(x), 0), (-x, ">")),
            (raw(sp.Le, sp.log(x), 1 + sp.log(x)), (-x, ">=")),
            (raw(sp.Gt, sp.exp(1 / x), 0), (x, "=")),
            (raw(sp.Le, mu**x, 1 + mu**x), (-mu, ">=")),
            (sp.Implies(sp.Ne(x, 0), raw(sp.Le, 1 / x, 1 + 1 / x)), (x, "=")),
        ],
    )
    def test_the_conclusion_must_be_defined(self, conclusion, undefined):
        found = facts(conclusion)
        (_, *rest) = found.facts[-1].alternatives
        term, relation = undefined
        assert rest == [[Sign(found.term(*trees(term)), relation)]]

    def test_a_premise_need_not_be(self):
        assert not facts(x > 0, 1 / x > 0).undefined

    def test_natural_powers_are_defined_everywhere(self):
        assert not facts(raw(sp.Le, x**n, 1 + x ** (2 * n))).undefined

    def test_exponentials_multiply(self):
        # exp(x) exp(y) = exp(x + y):  0, 1, 2: they are positive   3: exp(x) exp(y) != exp(x + y)
        product = sp.Mul(sp.exp(x), sp.exp(y), evaluate=False)
        found = facts(raw(sp.Eq, product, sp.exp(x + y)))
        (unequal,) = [f for f in found.facts if f.relation == "!="]
        assert positivity.vanishes(found, found.facts, unequal.poly)
        found = facts(raw(sp.Eq, product, sp.exp(x + 2 * y)))
        (unequal,) = [f for f in found.facts if f.relation == "!="]
        assert not positivity.vanishes(found, found.facts, unequal.poly)

    def test_equal_arguments_are_one_atom(self):
        f = sp.exp((x + 1) ** 2), sp.exp(x**2 + 2 * x + 1), sp.exp(x**2 + 2 * x + 2)
        assert len(facts(raw(sp.Gt, f[0], f[1])).exponent) == 1
        assert len(facts(raw(sp.Gt, f[0], f[2])).exponent) == 2

    @pytest.mark.parametrize("root", [2, 3])
    def test_a_root_is_the_nonnegative_one(self, root):
        found = facts(x > 0, sp.root(x, root) > 1)
        r, t = found.ring.gen(1), found.ring.gen(0)
        assert Cases([[Sign(r, ">="), Sign(r**root - t, "=")], [Sign(-t, ">")]]) in found.facts

    def test_absolute_values_and_extremes(self):
        found = facts(x > 0, sp.Abs(x) > 1, sp.Max(x, y) > 1, sp.Min(x, y) > 1)
        value = {key[0]: found.ring.gen(i) for key, i in found.atoms.items()}
        t = found.term(*trees(x))
        for head, parts, sense in (("Abs", (t, -t), 1), ("Max", None, 1), ("Min", None, -1)):
            parts = parts or (t, found.term(*trees(y)))
            assert all(Sign(sense * (value[head] - part), ">=") in found.facts for part in parts)
            orders = [Cases([[Sign(value[head] - p, "=")] for p in order]) for order in (parts, parts[::-1])]
            assert any(order in found.facts for order in orders)

    def test_a_limit_exists_where_a_premise_speaks_of_it(self):
        slope, positive = sp.Derivative(sp.Abs(x), x), x > 0
        goal = sp.Ge(slope**2, 0, evaluate=False)
        behind = sp.Implies(positive, sp.Eq(slope, 1, evaluate=False), evaluate=False)
        guarded = sp.Implies(positive, goal, evaluate=False)

        def reads(conclusion, *premises):
            try:
                Refutation([parse(serial.encode(p)) for p in premises], parse(serial.encode(conclusion)))
            except Damaged:
                return False
            return True

        assert [reads(goal), reads(goal, behind), reads(guarded, behind), reads(goal, behind.args[1])] == [
            False, False, True, True,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "term",
        [
            *(sp.Symbol("z"), sp.oo, sp.I, sp.tan(x), sp.factorial(n), sp.floor(x), sp.Function("exp")(x)),
            sp.Piecewise((x, x > 0), (y, True)),
        ],
    )
    def test_what_it_does_not_know_it_refuses(self, term):
        with pytest.raises(Damaged):
            Refutation([], parse(["GreaterThan", serial.encode(term), ["Rational", "0"]]))

    @pytest.mark.parametrize("term", [(1 + x) ** 10**6, (1 + x + y + rho + mu) ** 60, 1 / (1 + x) ** 10**6])
    def test_powers_that_fill_the_memory_are_refused(self, term):
        with pytest.raises(Damaged, match="terms"):
            Refutation([], parse(["GreaterThan", serial.encode(term), ["Rational", "0"]]))

    @pytest.mark.parametrize("head", ["Max", "Min"])
    def test_an_extreme_of_nothing_is_no_number(self, head):
        # If it were one with no value to take, every statement would follow.
        with pytest.raises(Damaged, match="nothing"):
            Refutation([parse(["GreaterThan", [head], ["Rational", "0"]])], parse(False))

    def test_many_inverses_find_room(self):
        symbols = sp.symbols("p:12", real=True)
        assert len(facts(raw(sp.Gt, 1 / sp.prod(symbols), 0)).atoms) == 24

    def test_words_are_no_formula(self):
        with pytest.raises(Damaged, match="Prop"):
            Refutation([], parse(["Prop", "lemma", "something holds"]))


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize(
    "formula",
    [
        sp.Implies(x > 0, y > 0), sp.Equivalent(x > 0, y > 0), sp.Not(sp.And(x > 0, y > 0), evaluate=False),
        sp.Or(sp.And(x > 0, y >= 0), sp.Eq(x, y)), sp.And(sp.Ne(x, y), sp.Or(x < 0, y <= 0)),
    ],
)  # fmt: skip
def test_facts_say_what_the_formula_says(formula, holds):
    """At every point of a grid over the signs of x, y and x - y, SymPy's truth of the formula is that of its facts."""
    found = facts(x > 0, sp.Ge(x + y, eta))
    found.facts.clear()
    read = found.read(*trees(formula), holds=holds)
    place = {name: i for i, name in ((i, key[1]) for key, i in found.atoms.items())}

    def true(fact, point):
        if isinstance(fact, Cases):
            return any(all(true(f, point) for f in facts_) for facts_ in fact.alternatives)
        values = [0] * found.ring.nvars()
        for s, v in point.items():
            values[place[s.name]] = v
        value = fact.poly(*values)
        return {">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[fact.relation]

    for point in ({x: a, y: b} for a in (-2, -1, 0, 1, 2) for b in (-2, -1, 0, 1, 2)):
        assert all(true(fact, point) for fact in read) == (bool(formula.subs(point)) == holds)
