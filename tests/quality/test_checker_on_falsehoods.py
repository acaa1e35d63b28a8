"""The checker of certificates, which shares no rule with the kernel, verifies no falsehood of the corpus either.

It is given every proof that half a second of search finds. A claim about no point follows, and `recheck` then says that
the point of its conditions is not given: those are left to the kernel, which refuses them. What was altered after it
was made is an object of Python, which no certificate holds, and what a claim rests on is no step: `test_forged_proofs`
and `test_forgeries` put the like of both into certificates.
"""

import pytest
from quality.falsehoods.builders import wrong
from quality.test_falsehoods import CORPUS

from saddlecheck.theory.checker import algebra, atoms, facts, rules, signs
from saddlecheck.verification.ledger.proofs import Prover, read, searched

SECONDS = 0.5
# Implications from what holds nowhere, and from propositions in words: they follow, and are about no point either.
EMPTY = {f"nearly: {name}" for name in (
    "neither of two that are nowhere, or x > x + 1", "not either of two that are nowhere, or x > x + 1",
    "an implication from a negated truth", "an implication from an equivalence with what is nowhere",
    "an implication from both ways of a square", "an implication from an alternative of nothing",
    "an implication three deep",
)} | {"disguised: the words say it", "disguised: words that are false mean anything"} | {
    "beyond: nothing: what follows from an empty alternative", "beyond: nothing: given false of SymPy's",
}  # fmt: skip
FALSE = [n for n in CORPUS if not n.startswith(("vacuous: ", "empty within: ", "altered: ")) and n not in EMPTY]


def verified(build) -> bool:
    """Whether the checker verifies every step of a claim that can be built and written down."""
    try:
        steps = list(read(wrong(build())))
    except ValueError:
        return False
    prover = Prover(lambda premises, goal: searched(premises, goal, SECONDS))
    return bool(steps) and all(s.rule[0] in rules.RULES and prover.verifies(s.rule, s.given, s.cited) for s in steps)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_no_falsehood_is_verified(part):
    assert [name for name in FALSE[part::8] if verified(CORPUS[name])] == []


def _strictly_of_no_divisor(self, value, sign, note=None, *, divisor=False):
    """What is asked for near a point may fail at the point itself, whatever it is asked for."""
    return _ask(self, value, sign, note, divisor=divisor or sign == signs.NONZERO)


def _of_the_outer_sum(exponent, over):
    """The exponent c n + d by the form of the outer sum: the constant of one within it is lost."""
    if exponent[0] == "Add":
        return _linear(exponent[-1], over)[0], exponent[1]
    return _linear(exponent, over)


_ask, _linear = atoms.Field.ask, rules._linear
TEETH = {
    "derivatives and coefficients of a conclusion exist": (
        (facts, "_limits", lambda _: ()),
        ["undefined: slope of |x| has a square that is not negative",
         "undefined: coefficient at a pole has a square that is not negative"],
    ),
    "what the kernel has no value for is not read": (
        (rules, "_KNOWN", rules._KNOWN | {"floor"}), ["disguised: a box, given a floor"]
    ),
    "what has a kink has no Taylor coefficient there": (
        (atoms.Field, "ask", _strictly_of_no_divisor), ["exceptional: the square of sign has the value 1 at 0"]
    ),
    "constants of sums within sums add up": (
        (rules, "_linear", _of_the_outer_sum),
        ["apart: 1 + (1 + n) is n + 1, by induction", "apart: 1 + (1 + n) is n + 1, by induction at any base"],
    ),
    "exponents are whole by their form": (
        (algebra, "is_whole", lambda _: True), ["undefined: x^(y - y + 2) is one thing"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEETH)
def test_without_it_a_falsehood_is_verified(monkeypatch, request, name):
    (module, part, blunt), falsehoods = TEETH[name]
    assert [f for f in falsehoods if verified(CORPUS[f])] == []
    algebra._identical.cache_clear()  # what was found by other rules is not remembered
    request.addfinalizer(algebra._identical.cache_clear)
    monkeypatch.setattr(module, part, blunt)
    assert [f for f in falsehoods if not verified(CORPUS[f])] == []
