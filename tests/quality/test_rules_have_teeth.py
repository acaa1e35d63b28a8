"""Each side condition has teeth: take it out, and a falsehood of the corpus holds that does not hold with it.

A mutation replaces one function of the kernel. Both halves are tested, so that a condition that no falsehood needs, or
a falsehood that is caught by something else, is noticed here.
"""

import re
from contextlib import suppress
from functools import cache

import pytest
import sympy as sp
from quality.falsehoods.builders import gt, real, wrong
from quality.falsehoods.laundered import Generous, Trust
from quality.test_falsehoods import CORPUS, outcome
from quality.weakened import (
    ANY_NAME,
    POSITIVE_IS_NATURAL,
    captured,
    everywhere,
    forget,
    no_answer,
    no_parts,
    patched,
    power_of_anything,
    shared_unknown,
    simplified,
    unbound,
    unmoved,
    yes_at_zero,
    yes_beyond,
)  # fmt: skip

from saddlecheck.theory.checker import names
from saddlecheck.theory.claims import (
    cite,
    claim,
    domains,
    induction,
    instance,
    kinds,
    monotone,
    obligations,
    real_zeros,
    serial,
    steps,
    vacuity,
    well_formed,
)  # fmt: skip
from saddlecheck.theory.engines import ball, smt, subdivide, translation
from saddlecheck.verification.ledger import judge
from saddlecheck.verification.ledger.judge import Verdict


@pytest.fixture(autouse=True)
def _forgetful():
    """What was found out about obligations and kinds under a mutation is not remembered, nor before it."""
    forget()
    yield
    forget()


# The condition that is taken out: how, and the falsehoods that then hold.
MUTATIONS = {
    "a denominator is not zero": (
        patched((obligations, "power_needs", no_parts)),
        ["undefined: 1/x has a square that is not negative", "undefined: root is less than its square and one",
         "exceptional: x^(-n) x^n = 1", "exceptional: x/x = 1", "nested: an exponent 1/(x - y)",
         "nested: the slope of 1/(x - y)"],
    ),
    "a logarithm's argument is positive": (
        everywhere(sp.log),
        ["undefined: log x has a square that is not negative",          "undefined: behind an implication"],
    ),
    "a tangent has poles": (everywhere(sp.tan), ["undefined: tan has a square that is not negative"]),
    "an arc sine's argument is within 1": (everywhere(sp.asin), ["undefined: asin is less than its square and one"]),
    "an arc cosine's argument is within 1": (
        everywhere(sp.acos), ["undefined: acos has a square that is not negative"]
    ),
    "an inverse hyperbolic tangent's is strictly so": (
        everywhere(sp.atanh), ["undefined: atanh at 1 is less than its square and one"]
    ),
    "an inverse hyperbolic cosine's begins at 1": (
        everywhere(sp.acosh), ["undefined: acosh has a square that is not negative"]
    ),
    "functions without a rule are refused": (
        everywhere(sp.floor), ["whole: floor is less than its square and one"]
    ),
    "branches exist under their tests": (
        patched((obligations, "_piecewise", no_parts)),
        ["undefined: branch without a value has a square that is not negative",
         "undefined: test without a value is less than its square and one"],
    ),
    "a derivative needs a smooth function": (
        patched((obligations, "_smooth", no_parts)),
        ["undefined: slope of |x| has a square that is not negative",
         "undefined: slope of Max is less than its square and one",
         "undefined: slope of sign has a square that is not negative"],
    ),
    "a derivative is by a real symbol": (
        patched((obligations, "_require_orders", no_parts)),
        ["undefined: slope in an integer has a square that is not negative"],
    ),
    "a Taylor coefficient needs an analytic function": (
        patched((obligations, "_analytic", no_parts)),
        ["undefined: coefficient of |y| has a square that is not negative",
         "undefined: coefficient of 1/(y + x) is less than its square and one"],
    ),
    "a Taylor coefficient is at no pole": (
        patched((obligations, "value_at", no_answer)),
        ["undefined: coefficient at a pole has a square that is not negative"],
    ),
    "values of an identity exist": (
        patched((smt, "undefined", no_answer)),
        ["exceptional: (x^2 - 1)/(x - 1) = x + 1", "exceptional: x^2/x = x", "exceptional: |x|' = sign x, at 0 too"],
    ),
    "values of a consequence exist": (
        patched((smt, "_unmet", no_answer)), ["undefined: 1/x has a square that is not negative"]
    ),
    "real zeros are those of values that exist": (
        patched((smt, "undefined", no_answer)),
        ["disguised: real zeros past a pole", "disguised: real zeros past a logarithm"],
    ),
    "a power has a base": (
        patched((ball, "power", power_of_anything)), ["empty within: a box, given a power of what has no value"]
    ),
    "a term is of a class of SymPy's": (
        patched((serial, "_require_node", no_answer)),
        ["disguised: an integer of one's own class", "disguised: a power of one's own class",
         "disguised: a conjunction of one's own class", "disguised: a proposition of one's own class"],
    ),
    "names do not print alike": (
        patched((kinds, "_shown", cache(lambda atom: atom.name))),
        ["disguised: alpha and α", "disguised: A and Alpha", "disguised: xprime and x'"],
    ),
    "a name is no term": (
        patched((names, "_NAME", re.compile(".*"))),
        ["disguised: x^2 as a name", "disguised: x+y as a name", "disguised: Latin x and Cyrillic х",
         "disguised: x and full-width ｘ", "disguised: a name with a digit of another script"],
    ),
    "what is denied of a conjunction is an implication": (
        patched((vacuity, "_denied", lambda _: sp.true)),
        ["empty within: x > x + 1 in a negated conjunction", "empty within: x > x + 1 in a negated alternative",
         "empty within: x > x + 1 in a double negation", "empty within: x > x + 1 in a negated implication"],
    ),
    "one name, one object": (
        patched(*ANY_NAME),
        ["names: a natural and a real number of one name", "names: an integer and a real number of one name"],
    ),
    "a symbol is of a kind that is written": (
        patched((kinds, "_KINDS", POSITIVE_IS_NATURAL)), ["names: a symbol that is positive unsaid"]
    ),
    "fresh variables are fresh": (
        patched((monotone, "fresh", lambda _: real("_x")), *ANY_NAME),
        ["names: Monotone's own point named _x, power 2, weak", "names: Monotone's own point named _x, power 4, weak"],
    ),
    "nothing is captured": (
        patched((instance, "put", captured)),
        ["names: a slope read at its own variable", "names: a Taylor coefficient read at its variable",
         "names: a value read at its variable"],
    ),
    "what is put for a whole number is whole": (
        patched((instance, "is_whole", lambda _: True)),
        ["sorts: n^2 >= n read at 1/2", "sorts: n^2 >= n read at x^2", "sorts: n^2 >= n read at |x|"],
    ),
    "what is put for a natural number is not negative": (
        patched((instance, "kind", lambda _: "integer")),
        ["sorts: n > -1 read at -2", "sorts: n > -1 read at an integer", "sorts: n > -1 read at -n"],
    ),
    "what is put in exists": (
        patched((instance, "exists", lambda _: ()), (smt, "_unmet", no_answer)),
        ["laundered: outside the conditions: a value without a value"],
    ),
    "conditions hold where a step is read": (
        patched((instance, "put", unmoved(lambda e: e == gt(sp.Symbol("x", real=True))))),
        ["laundered: outside the conditions: x^2 + x > 0 read at -1/2",
         "laundered: outside the conditions: x y > 0 read at -x"],
    ),
    "conditions of a claim hold where it is cited": (
        patched((cite, "missing", lambda *_: "")),
        ["whole: a claim cited below its conditions", "whole: a claim cited at the edge of its conditions",
         "whole: a claim cited with x and y exchanged"],
    ),
    "what is accepted is no proof": (
        patched((judge, "_WORTH", {**judge._WORTH, "Accept": (("source", judge.Ground.TESTED),)})),
        ["laundered: from a lemma", "laundered: from a lemma in words"],
    ),
    "conditions hold between the base and the point": (
        patched((monotone, "put", unmoved(lambda e: isinstance(e, sp.Or)))),
        ["rules: Monotone over a hole in the conditions", "rules: Monotone over a hole below"],
    ),
    "a slope is the derivative": (
        patched((monotone.Monotone, "_equations", no_parts)),
        ["rules: Monotone with another slope", "rules: Monotone with another value",
         "rules: Monotone with another base"],
    ),
    "a function has a value at the base before that is put in": (
        patched((monotone, "exists_at", lambda *_: ())),
        ["rules: Monotone from a value that exists by cancelling",
         "rules: Increasing from a value that exists by cancelling"],
    ),
    "a bound symbol is no free one": (
        patched((monotone, "continuous", unbound)), ["rules: Monotone from a jump behind a bound number"]
    ),
    "conditions in words do not stand for a point": (
        patched((vacuity, "_readings", lambda _: [()])),
        ["vacuous: x > x + 1, given a proposition in words and x^2 < 0", "vacuous: x > x + 1, given both at once"],
    ),
    "an exponent is whole by its form": (
        patched((domains, "is_whole", lambda e: e.is_integer)), ["undefined: x^|m| has a square that is not negative"],
    ),
    "a claim is as it is": (
        patched((claim, "Claim", Generous)), ["laundered: a claim of one's own class"],
    ),
    "nothing jumps at the base": (
        patched((monotone, "continuous", lambda *_: ())),
        ["rules: Monotone from a jump", "rules: Monotone from the other side of a jump"],
    ),
    "induction begins": (patched((smt, "entails", yes_at_zero)), ["rules: induction: false at 0"]),
    "induction goes on": (
        patched((smt, "entails", yes_beyond)), ["rules: induction: false beyond 2", "rules: induction: horses"]
    ),
    "induction is over natural numbers": (
        patched((induction, "kind", lambda _: "natural")), ["sorts: induction over an integer"]
    ),
    "no condition speaks of what induction is over": (
        patched((induction.Induction, "_restricting", lambda *_: [])), ["rules: induction: a condition on n"]
    ),
    "a box is part of what is stated": (
        patched((claim, "stated", lambda step: step.formula), (well_formed, "stated", lambda step: step.formula)),
        ["rules: a box left behind", "rules: a box widened by a consequence"]
    ),
    "values exist in a box": (patched((subdivide, "_excess", simplified)), ["rules: a box with a hidden pole"]),
    "listed zeros are as many as there are": (
        patched((real_zeros, "_count_sympy", lambda *_: 1), (real_zeros, "_count_flint", lambda *_: 1)),
        ["rules: real zeros: one of two"],
    ),
    "listed zeros are zeros": (
        patched((real_zeros, "_vanishes_sympy", lambda *_: True), (real_zeros, "_vanishes_flint", lambda *_: True)),
        ["rules: real zeros: the wrong two"],
    ),
    "conditions have a point": (
        patched((vacuity, "unmet", no_parts)),
        ["vacuous: x > x + 1, given x^2 < 0", "sorts: x > x + 1, given 2m = 1", "sorts: 1 = 2 for m, given 0 < m < 1",
         "vacuous: x > x + 1 by an implication of x^2 < 0", "vacuous: x > x + 1 by an alternative of x^2 < 0"],
    ),
    "a statement is not true by its form": (
        patched((vacuity, "empty", no_answer)),
        ["vacuous: x + 1 > x", "vacuous: an implication of a part", "empty within: x is not x + 1"],
    ),
    "a statement is not its own condition": (
        patched((vacuity, "empty", no_answer), (well_formed, "conjuncts", lambda _: ())),
        ["vacuous: its own condition", "vacuous: its own condition, turned round"],
    ),
    "an exponential is an unknown of its own": (
        patched((translation.Translator, "_exponential", shared_unknown)),
        ["order: a root is positive by an exponential under a guard"],
    ),
    "a citation says what the claim says": (
        patched((claim.graph, "misquoted", lambda _: "")), ["whole: a claim cited under fewer conditions"],
    ),
    "a step's parts are asked once": (
        patched((steps.Step, "__post_init__", no_answer)),
        ["altered: an instance at what is another at each second look, 0 first"],
    ),
    "what is settled is what the parts make": (
        patched((claim.Claim, "anew", lambda made: made)),
        ["altered: a statement exchanged", "altered: steps exchanged", "altered: premises of one's own",
         "altered: a step's check of one's own", "altered: a step's engines of one's own"],
    ),
    "a formula is as it was made": (
        patched((serial, "require_unaltered", no_answer)),
        ["altered: a formula's sides exchanged for what has no value"],
    ),
    "what a claim rests on is judged": (
        patched((judge.graph, "grounds", lambda _: ())), ["altered: a lemma that is not judged, cited"],
    ),
    "a repair assumes nothing of what it concludes": (
        patched((claim.repairs, "_held", lambda formula: iter([formula]))),
        ["nearly: a repair that assumes its conclusion, denied twice",
         "nearly: a repair that assumes its conclusion in a case",
         "nearly: a repair that assumes its conclusion by an implication"],
    ),
    "neither this nor that, or another, is an implication": (
        patched((vacuity, "_either", lambda _: sp.true)),
        ["nearly: neither of two that are nowhere, or x > x + 1"],
    ),
    "a step is a rule of the kernel": (
        # the judge asks as well which engines a kind of step has
        patched(
            (claim, "RULES", (*claim.RULES, Trust)), (judge, "_WORTH", {**judge._WORTH, "Trust": judge._WORTH["Equal"]})
        ),
        ["laundered: a rule of one's own"],
    ),
    "steps cite earlier ones": (
        patched((claim.Claim, "__post_init__", no_answer)),
        ["order: a step that cites itself", "order: a circle of 3", "order: the last of 2 cited first"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_without_it_a_falsehood_holds(monkeypatch, name):
    mutate, falsehoods = MUTATIONS[name]
    assert falsehoods
    for falsehood in falsehoods:
        assert outcome(CORPUS[falsehood]) != Verdict.HOLDS, falsehood
    mutate(monkeypatch)
    for falsehood in falsehoods:
        forget()
        assert outcome(CORPUS[falsehood]) == Verdict.HOLDS, falsehood


def test_each_rule_has_a_side_condition_that_is_taken_out():
    """By the steps of the falsehoods named above that can be built."""
    bitten = set()
    for falsehood in {name for _, falsehoods in MUTATIONS.values() for name in falsehoods}:
        with suppress(ValueError):
            bitten |= {type(step) for step in wrong(CORPUS[falsehood]()).steps}
    assert bitten >= set(claim.RULES)
