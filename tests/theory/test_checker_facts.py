"""What the checker reads in a formula: its terms, its facts, and what has to be defined."""

import pytest
import sympy as sp
from by_hand import proves, raw, trees

from saddlecheck.theory.checker import positivity
from saddlecheck.theory.checker.facts import Cases, Refutation, Sign
from saddlecheck.theory.checker.tree import Damaged, parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.engines import case_tree
from saddlecheck.theory.symbols import eta, mu, n, rho, x, y

X, Y = (["Symbol", name, {"real": True}] for name in "xy")
HALF, MINUS = ["Rational", "-1/2"], ["Rational", "-1"]


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
        ],
    )
    def test_the_conclusion_must_be_defined(self, conclusion, undefined):
        found = facts(conclusion)
        (_, *rest) = found.facts[-1].alternatives
        term, relation = undefined
        assert rest == [[Sign(found.term(*trees(term)), relation)]]

    def test_what_is_implied_must_be_defined_behind_its_condition(self):
        found = facts(sp.Implies(sp.Gt(x, 1), raw(sp.Ge, sp.log(x), 0)))
        (_, *rest) = found.facts[-1].alternatives
        assert rest == [[Sign(-found.term(trees(x)[0]), ">="), Sign(found.term(trees(x - 1)[0]), ">")]]

    def test_behind_two_conditions_it_must_be_defined_everywhere(self):
        once = sp.Implies(sp.Gt(x, 1), raw(sp.Ge, sp.log(x), 0))
        found = facts(sp.And(once, sp.Implies(sp.Gt(y, 1), raw(sp.Ge, sp.log(x), 1)), evaluate=False))
        (_, *rest) = found.facts[-1].alternatives
        assert rest == [[Sign(-found.term(trees(x)[0]), ">=")]]

    def test_an_equivalence_must_be_defined_on_both_sides(self):
        found = facts(sp.Equivalent(sp.Gt(x, 1), raw(sp.Gt, sp.log(x), 0), evaluate=False))
        (_, *rest) = found.facts[-1].alternatives
        assert rest == [[Sign(-found.term(trees(x)[0]), ">=")]]

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

    @pytest.mark.parametrize(
        ("term", "atoms", "room"),
        [
            (["Add", ["Mul", X, Y], X, Y], 2, 2),  # sums and products are no atoms
            (["Mul", ["Pow", X, HALF], ["Pow", Y, HALF]], 6, 6),  # each symbol has a root, and that an inverse
            (["Pow", ["Mul", X, ["Mul", Y, ["Add", X, Y], ["Add", X, ["Rational", "1"]]]], MINUS], 6, 7),
            (["Pow", ["Mul", ["Pow", X, HALF], Y], MINUS], 6, 7),
            (["Derivative", ["sin", ["exp", X]], ["Tuple", X, ["Rational", "1"]]], 1, 1),  # what it binds is not read
        ],
    )
    def test_the_ring_has_a_generator_for_each_atom_and_few_more(self, term, atoms, room):
        goal = parse(["GreaterThan", term, ["Rational", "0"]])
        found = Refutation([goal], goal)
        assert (len(found.atoms), found.ring.nvars()) == (atoms, room)

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
        with pytest.raises(Damaged, match="arguments, not 0"):
            Refutation([parse(["GreaterThan", [head], ["Rational", "0"]])], parse(False))

    def test_many_inverses_find_room(self):
        symbols = sp.symbols("p:12", real=True)
        assert len(facts(raw(sp.Gt, 1 / sp.prod(symbols), 0)).atoms) == 24

    def test_what_all_nests_of_conditions_begin_with_is_enough(self):
        # 1/x is read behind x > 0, and behind x > 0 and y > 1: it has to be defined where x > 0.
        inner = sp.Implies(sp.Gt(y, 1), raw(sp.Gt, 1 / x, 0), evaluate=False)
        found = facts(sp.Implies(sp.Gt(x, 0), sp.And(raw(sp.Gt, 1 / x, -1), inner, evaluate=False), evaluate=False))
        (_, *rest) = found.facts[-1].alternatives
        zero, positive = Sign(found.term(trees(x)[0]), "="), Sign(found.term(trees(x)[0]), ">")
        assert rest == [[zero, positive]]

    def test_a_negative_power_is_one_of_the_inverse(self):
        # 0: mu > 0   1: r (1 + mu) = 1 or 1 + mu = 0   2: p <= p - 1 for p = r^n, or 1 + mu = 0
        undefined = ["sum", [[1, [], []], [1, [[0, 1]], []]], [[3, [[-1, []]]]]]
        certificate = ["cases", 2, ["sum", [[1, [], []], [1, [[3, 1]], []]], []], undefined]
        power, other = (1 + mu) ** -n, (1 + rho) ** -n
        assert power.exp == -n
        assert proves(certificate, raw(sp.Gt, power, power - 1), mu > 0)
        assert not proves(certificate, raw(sp.Gt, power, power), mu > 0)
        assert not proves(certificate, raw(sp.Gt, other, other - 1), mu > 0)  # it has no value at rho = -1


SKY, SEA = Prop("sky", "The sky is blue."), Prop("sea", "The sea is deep.")


@pytest.mark.parametrize(
    ("premises", "conclusion", "follows"),
    [
        ((SKY, x > 0), sp.And(SKY, x > 0), True),
        ((x > 0,), sp.And(SKY, x > 0), False),
        ((sp.Implies(SKY, x > 0), SKY), x > 0, True),
        ((sp.Implies(SKY, x > 0), sp.Not(SKY)), x > 0, False),
        ((sp.Or(SKY, SEA), sp.Not(SKY)), SEA, True),
        ((sp.Or(SKY, SEA), SKY), SEA, False),
        ((sp.Equivalent(SKY, SEA), sp.Not(SEA)), sp.Not(SKY), True),
        ((sp.Equivalent(SKY, SEA),), SKY, False),
        ((SKY,), Prop("sky", "The sky is red."), False),  # another text is another proposition
        ((SKY, sp.Not(SKY)), x > x + y**2 + 1, True),
    ],
)
def test_propositions_in_words_are_letters(premises, conclusion, follows):
    assert (case_tree.search(facts(conclusion, *premises), 20.0) is not None) == follows


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
