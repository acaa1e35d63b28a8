"""Forged certificates in disguise: names in look-alike letters, laws that hold almost everywhere, typed grounds.

The forger seals the file, has the digests of its words, and proves whatever can be proved. What is wrong exits 1; what
only claims more trust than it has exits 3, with the part named.
"""

import pytest
from certified import certificate, crafted, number, pairs, sealed, step, symbol, tree, words_of

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import names
from saddlecheck.theory.checker.tree import Damaged

X, Y, N = symbol("x"), symbol("y"), symbol("n", integer=True, nonnegative=True)
M, CYRILLIC = symbol("m", integer=True), symbol("х")
ZERO, ONE, TWO, THREE, LESS, HALF, THIRD = map(number, ("0", "1", "2", "3", "-1", "1/2", "1/3"))
MINUS_X = ["Mul", LESS, X]


def above(a, b=ZERO):
    return ["StrictGreaterThan", a, b]


def slope(f, x=X):
    return ["Derivative", f, ["Tuple", x, ONE]]


def power(base, exponent):
    return ["Pow", base, exponent]


def identity(left, right):
    return lambda: crafted(step("so", "Equal", ["Equality", left, right]))


def renamed(name, other="y"):
    """x > 1 and another one below 0, so that their difference is above 1: true, but for what a reader sees."""
    one, two = symbol(name), symbol(other)
    difference = ["Add", one, ["Mul", LESS, two]]
    given = [above(one, ONE), ["StrictLessThan", two, ZERO]]
    return lambda: crafted(
        step("so", "Entails", above(difference, ONE)), given=given, model={name: "2", other: "-1"}
    )  # fmt: skip


def size_at(value, formula):
    """|n| = n for every natural number, read elsewhere."""
    size = ["Equality", ["Abs", N], N]
    there = step("there", "Instance", formula, "size", at=pairs((N, value)), of=tree(size))
    return lambda: crafted(step("size", "Equal", size), there)


def moves(f, derivative, base, value, guard, kind="Monotone"):
    """f beyond its value at the base, by a derivative that is positive where it exists."""
    sign = ["Implies", ["Unequality", X, ZERO], above(derivative)]
    fields = {"along": X, "base": base, "of": f, "sign": sign, "slope": derivative, "value": value}
    goal = ["Implies", guard, above(f, value)]
    up = step("up", kind, goal, "sign", **{name: tree(part) for name, part in fields.items()})
    return lambda: crafted(step("sign", "Entails", sign), up)


def rises(f, derivative, along=X):
    fields = {"along": along, "from_": ZERO, "of": f, "slope": derivative}
    up = step("up", "Increasing", above(f), **{name: tree(part) for name, part in fields.items()})
    return lambda: crafted(up, given=[above(along)], model={along[1]: "1"})


def read(equation, formula, *at):
    there = step("there", "Instance", formula, "law", at=pairs(*at), of=tree(equation))
    return lambda: crafted(step("law", "Equal", equation), there)


BILINEAR = ["Equality", slope(["Mul", X, Y]), Y]
FALSEHOODS = {
    # what a reader would take for something else
    "a Cyrillic letter beside a Latin one": renamed("x", "х"),
    "a Cyrillic letter alone": renamed("х"),
    "a full-width letter": renamed("ｘ"),
    "a digit of another script": renamed("x٣"),
    "a name that is a sum": renamed("x+y"),
    "a name that is a condition": renamed("x > 1, y"),
    "a name of blanks": renamed("  "),
    "a name with a blank at its end": renamed("x "),
    "no name": renamed(""),
    "the name of a constant": renamed("pi"),
    "the name of a constant as a letter": renamed("π"),
    "the name of a function": renamed("exp"),
    "x1 beside x_1": renamed("x1", "x_1"),
    "mu beside its letter": renamed("mu", "μ"),
    "a letter under a stroke": renamed("x\u0338"),
    # numbers that are not of a symbol's kind
    "|n| = n read at -1": size_at(LESS, ["Equality", ONE, LESS]),
    "|n| = n read at 1/2": size_at(HALF, ["Equality", HALF, HALF]),
    "|n| = n read at any integer": size_at(M, ["GreaterThan", M, ZERO]),
    "|n| = n read at a real number": size_at(X, ["GreaterThan", X, ZERO]),
    # what moves
    "a function that rises on both sides of its pole": moves(
        ["Mul", LESS, power(X, LESS)], power(X, number("-2")), LESS, ONE, above(X, LESS)),
    "a function that jumps": moves(["sign", X], ZERO, LESS, LESS, above(X, LESS)),
    "a function with a kink": moves(["Add", ["Abs", X], X], ["Add", ["sign", X], ONE], LESS, ZERO, above(X, LESS)),
    "a larger of two": moves(["Max", X, ZERO], ONE, LESS, ZERO, above(X, LESS)),
    "a slope of the wrong sign": rises(["Add", power(X, THREE), MINUS_X], ["Add", ["Mul", THREE, power(X, TWO)], LESS]),
    "a slope that is another's": rises(["Add", power(X, TWO), MINUS_X], ["Mul", TWO, X]),
    "a rise along whole numbers": rises(N, ONE, N),
    "a derivative that captures": read(BILINEAR, ["Equality", slope(power(X, TWO)), X], (Y, X)),
    "a derivative at its variable": read(
        ["Equality", slope(power(X, TWO)), ["Mul", TWO, X]], ["Equality", ZERO, number("6")], (X, THREE)),
    # laws that do not hold everywhere
    "log x^2 = 2 log x": identity(["log", power(X, TWO)], ["Mul", TWO, ["log", X]]),
    "log x y = log x + log y": identity(["log", ["Mul", X, Y]], ["Add", ["log", X], ["log", Y]]),
    "exp log x = x": identity(["exp", ["log", X]], X),
    "tan x cos x = sin x": identity(["Mul", ["tan", X], ["cos", X]], ["sin", X]),
    "a sign has the square 1": identity(power(["sign", X], TWO), ONE),
    "a size has a slope": identity(slope(["Abs", X]), ["sign", X]),
    "a product of roots": identity(["Mul", power(X, HALF), power(Y, HALF)], power(["Mul", X, Y], HALF)),
    "a cube root of a cube": identity(power(power(X, THREE), THIRD), X),
    "a power and its inverse": identity(["Mul", power(X, Y), power(X, ["Mul", LESS, Y])], ONE),
    "a root has a slope where it begins": identity(["Coefficient", power(X, HALF), X, ZERO, ONE], ZERO),
    "a pole has a value": identity(["Coefficient", power(X, LESS), X, ZERO, ZERO], ZERO),
    "a power of -1 by halves": identity(power(LESS, ["Mul", HALF, N]), ONE),
    # grounds that are typed
    "a list of zeros that is said to be checked": lambda: crafted(step(
        "zeros", "RealZeros", ["Equality", ONE, TWO], plane={"items": []})),
    "a lemma that is said to be checked": lambda: crafted(step(
        "lemma", "Accept", ["Prop", "l", "All is well."], source={"text": "A book"})),
    "a lemma that is said to be proved twice": lambda: crafted({**step(
        "lemma", "Accept", ["Prop", "l", "All is well."], source={"text": "A book"}), "basis": "proved twice"}),
    "a lemma for which a claim holds": lambda: crafted({**step(
        "lemma", "Accept", ["Prop", "l", "All is well."], source={"text": "A book"}), "basis": "accepted on a source"}),
    "an open step in what holds": lambda: crafted({**step("so", "Entails", above(X)), "basis": "open"}),
}  # fmt: skip


def first_proof(value):
    """Each sum of the first proof gets a multiplier of the same value in other letters, or another one."""

    def change(data):
        proof = data["proofs"][min(data["proofs"])]
        stack = [proof]
        while (node := stack.pop())[0] != "sum" or not node[1]:
            stack += [child for _, child in node[2:]] if node[0] == "sign" else node[2:] if node[0] == "cases" else []
        node[1][0][0] = value

    return "strict", change


def own_grandchild(data):
    """A claim rests on one that rests on another claim with the first one's id."""
    other = {**certificate("shifted"), "id": "citing"}
    data["rests"][0]["rests"] = [other]


def deeper(levels):
    def change(data):
        below = data["rests"][0]
        for level in range(levels):
            below = {**certificate("squares"), "id": f"squares{level}", "rests": [below]}
        data["rests"] = [below]

    return change


def exchanged(*names_of_fields):
    def change(data):
        one, other = names_of_fields
        data[one], data[other] = data[other], data[one]

    return change


ALTERATIONS = {
    **{f"a multiplier written {text!r}": first_proof(text)
       for text in ("１", "1_0", " 1", "+1", "−1", "-7/-3", "1/ 3", "1/03", "9" * 4001, "1.0", "")},
    "a multiplier that is an object": first_proof({"p": 1}),
    "a key in look-alike letters": ("squares", lambda d: d.update(stаtement=d.pop("statement"))),
    "a head in look-alike letters": ("squares", lambda d: d["statement"][1].__setitem__(0, "Роw")),
    "a kind in look-alike letters": ("squares", lambda d: d["steps"][0].update(kind="Entаils")),
    "a basis in look-alike letters": ("squares", lambda d: d["steps"][0].update(basis="сhecked")),
    "a verdict in look-alike letters": ("squares", lambda d: d.update(verdict="hоlds", as_printed="hоlds")),
    "a relation of a proof in full width": ("squares", lambda d: d.update(proofs={
        key: ["sign", [[1, []]], ["＞", ["sum", [], []]], ["<=", ["sum", [], []]]] for key in d["proofs"]})),
    "a proof under its digest in capitals": ("squares", lambda d: d.update(
        proofs={key.upper(): proof for key, proof in d["proofs"].items()})),
    "an equation turned round in the statement": ("single", lambda d: d.update(
        statement=["Equality", *d["statement"][:0:-1]])),
    "a model in decimals": ("strict", lambda d: d["model"].update(rho="2.0")),
    "a model in numbers": ("strict", lambda d: d["model"].update(rho=2)),
    "a model of look-alike letters": ("strict", lambda d: d["model"].update({"rhо": d["model"].pop("rho")})),
    "repairs for rests": ("printed", exchanged("repairs", "rests")),
    "conditions for steps": ("strict", exchanged("given", "steps")),
    "a field more in a run": ("strict", lambda d: d["runs"].append({"kind": "simulation", "engine": "e", "status":
        "proved", "why": "w", "witness": None, "settings": {}, "seed": 1})),
    "a field more in a repair": ("printed", lambda d: d["repairs"][0].update(note="")),
    "a setting nested 5000 deep": ("strict", lambda d: d["runs"].append({"kind": "simulation", "engine": "e", "status":
        "proved", "why": "w", "witness": None, "settings": {"a": nested(5000)}})),
    "a proof nested 900 deep": ("squares", lambda d: d.update(proofs=dict.fromkeys(d["proofs"], nested(900)))),
    "rests nested 9 deep": ("citing", deeper(9)),
    "a claim within its own grandchild": ("citing", own_grandchild),
    "cited conditions in another order": ("citing", lambda d: (
        d["rests"][0].update(given=[above(Y, ONE), above(Y)], model={"y": "2"}),
        d["steps"][0]["fields"].update(conditions={"items": [tree(above(Y)), tree(above(Y, ONE))]}))),
    "a citation of a text": ("citing", lambda d: d["steps"][0]["fields"].update(of={"text": "y^2 >= 0"})),
    "values that are texts": ("citing", lambda d: d["steps"][0]["fields"].update(at={"items": [{"text": "yx"}]})),
    "no value at all": ("citing", lambda d: d["steps"][0]["fields"].update(at={"items": [{"items": []}]})),
    "a variable that is a text": ("cube", lambda d: d["steps"][1]["fields"].update(along={"text": ""})),
    "an induction over nothing": ("bernoulli", lambda d: d["steps"][0]["fields"].update(over={"items": []})),
}  # fmt: skip


def nested(levels):
    data = []
    for _ in range(levels):
        data = [data]
    return data


def examined(data):
    return checker.examine(data, words_of(data))


@pytest.mark.parametrize("name", FALSEHOODS)
def test_no_falsehood_is_verified(name):
    try:
        found = examined(FALSEHOODS[name]())
    except Damaged:
        return  # no certificate of it can be written
    assert found.exit_code == 1, found.lines


@pytest.mark.parametrize("name", ALTERATIONS)
def test_no_alteration_is_verified(name):
    base, change = ALTERATIONS[name]
    data = certificate(base)
    change(data)
    try:
        sealed(data)
    except RecursionError:  # nobody can seal what is nested as deep
        data["digest"] = "0" * 64
    found = examined(data)
    assert found.exit_code == 1, found.lines
    assert all(len(line.how) <= 300 and "\n" not in line.how for line in found.lines)


def test_there_are_at_least_thirty_of_each():
    assert min(len(FALSEHOODS), len(ALTERATIONS)) >= 30


@pytest.mark.parametrize(
    ("base", "change", "trusted"),
    [
        ("squares", lambda d: d.update(paper="kim"), ["words"]),
        ("squares", lambda d: d.update(id="sqυares"), ["words"]),
        ("squares", lambda d: (d["steps"][0].update(basis="proved twice"), d["proofs"].clear()), ["step square"]),
        ("cube", lambda d: ([s.update(basis="enclosed") for s in d["steps"]], d["proofs"].clear()),
         ["step slope", "step up"]),
    ],
)  # fmt: skip
def test_what_is_only_said_is_listed(base, change, trusted):
    reviewed = words_of(certificate(base))
    data = certificate(base)
    change(data)
    found = checker.examine(sealed(data), reviewed)
    assert found.exit_code == 3
    assert [line.what for line in found.lines if line.result == "trusted"] == trusted


@pytest.mark.parametrize("name", ["x", "alpha", "α", "x_1", "w_+", "G_{n+1}", "w'", "lambda", "κ_2"])
def test_names_of_the_usual_kind_are_read(name):
    assert names.is_readable(name)
    assert examined(renamed(name, "z9")()).exit_code == 0


def test_without_the_rule_for_names_a_reader_is_deceived(monkeypatch):
    monkeypatch.setattr(checker, "is_readable", lambda _: True)
    assert examined(FALSEHOODS["a Cyrillic letter beside a Latin one"]()).exit_code == 0
    monkeypatch.setattr(checker, "alike", lambda _: None)
    assert examined(FALSEHOODS["x1 beside x_1"]()).exit_code == 0
