"""Forged proofs and parts of certificates, number by number: with the digest made anew, the checker verifies none.

Each takes a certificate that is verified and changes one thing: an index, an exponent, a multiplier, a relation, a node
of a stored proof; a value, an end, a citation or a number of what it is about.
"""

import pytest
from certified import certificate, sealed, words_of

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import positivity

REAL = {"real": True}
X, Y, MU, A = (["Symbol", name, REAL] for name in ("x", "y", "mu", "a"))
N = ["Symbol", "n", {"integer": True, "nonnegative": True}]
ZERO, ONE, TWO, THREE = (["Rational", text] for text in "0123")
HALF, LESS = ["Rational", "1/2"], ["Rational", "-1"]


def sums(node):
    """The sums at the leaves of a stored proof."""
    if node[0] == "sum":
        return [node]
    inner = [child for _, child in node[2:]] if node[0] == "sign" else node[2:]
    return [leaf for child in inner for leaf in sums(child)]


def node_of(kind):
    """The first node of a kind in a stored proof."""

    def find(node):
        if node[0] == kind:
            return node
        inner = [child for _, child in node[2:]] if node[0] == "sign" else node[2:] if node[0] == "cases" else []
        return next((found for child in inner if (found := find(child)) is not None), None)

    return find


def leaf(change):
    """The first leaf that adds a product of facts, of the first proof that has one."""

    def forge(data):
        some = [s for key in sorted(data["proofs"]) for s in sums(data["proofs"][key])]
        change(next(s for s in some if s[1] and s[1][0][1]))

    return forge


def power(fact=None, exponent=None):
    """The first factor of the first product gets another number or another exponent."""

    def change(found):
        factor = found[1][0][1][0]
        factor[:] = [factor[0] if fact is None else fact, factor[1] if exponent is None else exponent]

    return leaf(change)


def multiplier(value):
    return leaf(lambda found: found[1][0].__setitem__(0, value))


def whole(proof):
    """Every proof is replaced."""
    return lambda data: data.update(proofs=dict.fromkeys(data["proofs"], proof))


def cases(change):
    def forge(data):
        change(next(n for key in sorted(data["proofs"]) if (n := node_of("cases")(data["proofs"][key])) is not None))

    return forge


def said(step, *path, value):
    """A part of a step's formula, and of the statement where the step is the last one."""

    def forge(data):
        last = data["steps"][step] is data["steps"][-1]
        for whole_formula in [data["steps"][step]["formula"], *([data["statement"]] if last else [])]:
            part = whole_formula
            for index in path[:-1]:
                part = part[index]
            part[path[-1]] = value

    return forge


def put(step, name, value):
    return lambda data: data["steps"][step]["fields"].__setitem__(name, value)


def tree(data):
    return {"tree": data}


def pairs(*items):
    return {"pairs": [[tree(symbol), tree(value)] for symbol, value in items]}


def box(*ranges):
    return {"pairs": [[tree(symbol), {"items": [tree(low), tree(high)]}] for symbol, low, high in ranges]}


UNIT = [[1, []]]  # the polynomial 1
POSITIVE = ["sum", [[1, [], []]], []]  # 1, which is positive and does not vanish
FORGERIES = {
    # indices, exponents and multipliers of a leaf
    "a negative exponent": ("strict", power(exponent=-1)),
    "an exponent 0": ("strict", power(exponent=0)),
    "a true exponent": ("strict", power(exponent=True)),
    "an exponent in words": ("strict", power(exponent="1")),
    "half an exponent": ("strict", power(exponent=0.5)),
    "an exponent as a float": ("strict", power(exponent=1.0)),
    "another exponent": ("strict", power(exponent=3)),
    "an exponent of 10^9": ("strict", power(exponent=10**9)),
    "a fact from the end": ("strict", power(fact=-1)),
    "a fact that is not there": ("strict", power(fact=99)),
    "a true fact": ("strict", power(fact=True)),
    "a fact in words": ("strict", power(fact="0")),
    "a multiplier 0": ("strict", multiplier(0)),
    "a multiplier below 0": ("strict", multiplier("-1/3")),
    "a multiplier over 0": ("strict", multiplier("1/0")),
    "a multiplier as a float": ("strict", multiplier(1.0)),
    "a true multiplier": ("strict", multiplier(True)),
    "a multiplier of another size": ("strict", multiplier("7/3")),
    "a multiplier in a list": ("strict", multiplier([1])),
    "a product left out": ("strict", leaf(lambda found: found[1].pop())),
    "a product twice": ("strict", leaf(lambda found: found[1].append(found[1][0]))),
    "a square beside a product": ("strict", leaf(lambda found: found[1].append([1, [], [UNIT]]))),
    "a square of what is no atom": ("strict", leaf(lambda found: found[1][0][2].append([[1, [[99, 1]]]]))),
    "a square of an atom from the end": ("strict", leaf(lambda found: found[1][0][2].append([[1, [[-1, 1]]]]))),
    "a multiple of an inequality": ("strict", leaf(lambda found: found[2].append([0, UNIT]))),
    "a multiple of what is not there": ("strict", leaf(lambda found: found[2].append([99, UNIT]))),
    "a leaf with a part more": ("strict", leaf(lambda found: found.append([]))),
    # whole proofs
    "what is positive, for a sum that vanishes": ("strict", whole(POSITIVE)),
    "a sum of squares for all": ("squares", whole(["sum", [[1, [], [UNIT]]], []])),
    "a square that is said to be positive": ("squares", whole(["sum", [[1, [], [[]]]], []])),
    "a node that believes": ("strict", whole(["believe"])),
    "a node that is an object": ("strict", whole({"sum": []})),
    "no node": ("strict", whole(None)),
    "a sign that is no relation": ("strict", whole(["sign", UNIT, ["~", POSITIVE], ["<=", POSITIVE]])),
    "a sign that is not 0": ("strict", whole(["sign", UNIT, ["!=", POSITIVE], ["=", POSITIVE]])),
    "a sign that is left out, another twice": ("strict", whole(["sign", UNIT, ["<", POSITIVE], ["<", POSITIVE],
                                                                ["=", POSITIVE]])),
    "cases of a sign": ("strict", whole(["cases", 0, POSITIVE, POSITIVE])),
    "cases of nothing": ("strict", whole(["cases", 99])),
    "cases of no number": ("strict", whole(["cases", True, POSITIVE])),
    "a case less": ("cube", cases(lambda found: found.pop())),
    "a case more": ("cube", cases(lambda found: found.append(POSITIVE))),
    "cases in another order": ("cube", cases(lambda found: found.__setitem__(slice(2, None), found[:1:-1]))),
    # what it is about
    "the relation turned round": ("squares", said(0, 0, value="LessThan")),
    "the relation made strict": ("squares", said(0, 0, value="StrictGreaterThan")),
    "the relation made an equation": ("squares", said(0, 0, value="Equality")),
    "an odd power for a square": ("squares", said(0, 1, 2, value=THREE)),
    "a root for a square": ("squares", said(0, 1, 2, value=HALF)),
    "an inverse for a square": ("squares", said(0, 1, 2, value=["Rational", "-2"])),
    "a growth of one step more": ("bernoulli", said(0, 2, value=["Add", ONE, ["Mul", A, ["Add", N, ONE]]])),
    "a growth by a power less": ("bernoulli", said(0, 1, 2, value=["Add", N, LESS])),
    "a growth by twice the power": ("bernoulli", said(0, 2, value=["Add", ONE, ["Mul", THREE, A, N]])),
    "a growth below -2": ("bernoulli", lambda d: d.update(given=[["StrictGreaterThan", A, ["Rational", "-9"]]])),
    "an instance at what has no value": ("shifted", put(1, "at", pairs((Y, ["Pow", X, LESS])))),
    "an instance at two values": ("shifted", put(1, "at", pairs((Y, ["Add", X, LESS]), (Y, ["log", X])))),
    "an instance of a number": ("shifted", put(1, "at", pairs((ONE, X)))),
    "an instance at a truth value": ("shifted", put(1, "at", {"pairs": [[tree(Y), tree(True)]]})),
    "an instance at a text": ("shifted", put(1, "at", {"pairs": [[tree(Y), {"text": "x - 1"}]]})),
    "a base that moves": ("cube", put(1, "base", tree(X))),
    "a base at infinity": ("cube", put(1, "base", tree(["NegativeInfinity"]))),
    "a base without a value": ("cube", put(1, "base", tree(["Pow", ZERO, LESS]))),
    "a slope with a pole": ("cube", put(1, "slope", tree(["Pow", X, LESS]))),
    "a move along a number": ("cube", put(1, "along", tree(ONE))),
    "a guard that lets the base in": ("cube", said(1, 1, 0, value="GreaterThan")),
    "a guard on the other side": ("cube", said(1, 1, 0, value="StrictLessThan")),
    "no guard": ("cube", said(1, 1, value=True)),
    "a box turned round": ("boxed", put(0, "box", box((X, TWO, ZERO)))),
    "a box of one point": ("boxed", put(0, "box", box((X, ONE, ONE)))),
    "a box with two ranges": ("boxed", put(0, "box", box((X, ZERO, ONE), (X, ZERO, TWO)))),
    "a box of another letter": ("boxed", put(0, "box", box((Y, ZERO, TWO)))),
    "a citation twice": ("strict", lambda d: d["steps"][1].update(uses=["factor", "factor"])),
    "a citation of every step": ("cube", lambda d: d["steps"][1].update(uses=["slope", "up"])),
    # numbers in another script or spelling
    **{f"the number {text!r}": ("boxed", said(0, 2, value=["Rational", text]))
       for text in ("８", "+8", " 8", "8_0", "8/", "8/01", "0x8", "1e3", "", "--8", "8\n", "²")},
    "a number that is a number": ("boxed", said(0, 2, value=["Rational", 8])),
    "a symbol without a name": ("squares", said(0, 1, 1, value=["Symbol", "", 1])),
    "a symbol declared by 1": ("squares", said(0, 1, 1, value=["Symbol", "y", {"real": 1}])),
    "a function by the name of a sum": ("squares", said(0, 1, value=["Function", "Add", Y, Y])),
    "a power of three": ("squares", said(0, 1, value=["Pow", Y, TWO, TWO])),
    "the larger of nothing": ("squares", said(0, 1, value=["Max"])),
}  # fmt: skip


def forged(kind):
    base, change = FORGERIES[kind]
    data = certificate(base)
    change(data)
    return sealed(data)


@pytest.mark.parametrize("kind", FORGERIES)
def test_no_forged_part_is_verified(kind):
    data = forged(kind)
    examined = checker.examine(data, words_of(data))
    assert examined.exit_code == 1, examined.lines


def test_there_are_at_least_forty():
    assert len(FORGERIES) >= 40


def test_a_sum_that_does_not_vanish_is_caught_by_nothing_else(monkeypatch):
    data = forged("a multiplier of another size")
    monkeypatch.setattr(positivity, "vanishes", lambda *_: True)
    assert checker.examine(data, words_of(data)).exit_code == 0


def test_a_square_of_nothing_is_caught_as_not_positive_by_nothing_else(monkeypatch):
    data = forged("a square that is said to be positive")
    monkeypatch.setattr(positivity, "_require", lambda *_: None)
    assert checker.examine(data, words_of(data)).exit_code == 0
