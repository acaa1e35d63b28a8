"""Certificates that a forger writes from nothing, with valid proofs for whatever can be proved: none is verified.

The forger has the checker's own search for proofs, the digests of the words and of the file. What is false, undefined
somewhere, or empty by its form has to be caught by the checks of the content alone.
"""

import json

import certified
import pytest
from certified import certificate, crafted, number, pairs, sealed, step, symbol, tree, words_of

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import form, rules
from saddlecheck.theory.checker.tree import Damaged

PATIENCE = 20.0  # seconds where a proof is there to be found, on a machine as busy as may be
X, Y, N = symbol("x"), symbol("y"), symbol("n", integer=True, nonnegative=True)
COUNT = symbol("n", integer=True, positive=True)
ZERO, ONE, TWO, HALF, LESS = map(number, ("0", "1", "2", "1/2", "-1"))
INVERSE, ROOT, LOG = ["Pow", Y, LESS], ["Pow", Y, HALF], ["log", Y]
CUBE, SLOPE = ["Add", ["Pow", X, number("3")], X], ["Add", ["Mul", number("3"), ["Pow", X, TWO]], ONE]
SIGN, SQUARE = ["StrictGreaterThan", SLOPE, ZERO], ["GreaterThan", ["Pow", X, TWO], ZERO]


def moved(guard, *given, model=None):
    """x^3 + x > 0 beyond 0 and behind a condition, by a derivative that is positive."""
    goal = ["Implies", ["And", guard, ["StrictGreaterThan", X, ZERO]], ["StrictGreaterThan", CUBE, ZERO]]
    fields = {"along": X, "base": ZERO, "of": CUBE, "sign": SIGN, "slope": SLOPE, "value": ZERO}
    up = step("up", "Monotone", goal, "sign", **{name: tree(value) for name, value in fields.items()})
    return lambda: crafted(step("sign", "Entails", SIGN), up, given=given, model=model)


def boxed(inequality, *ranges):
    items = [[tree(s), {"items": [tree(low), tree(high)]}] for s, low, high in ranges]
    inside = [["And", ["GreaterThan", s, low], ["LessThan", s, high]] for s, low, high in ranges]
    statement = ["Implies", inside[0] if len(inside) == 1 else ["And", *inside], inequality]
    return lambda: crafted(step("box", "Bounded", inequality, box={"pairs": items}), statement=statement)


def identity(left, right):
    return lambda: crafted(step("so", "Equal", ["Equality", left, right]))


def entailed(formula, *given, model=None):
    return lambda: crafted(step("so", "Entails", formula), given=given, model=model)


def induced(formula, over=N):
    return lambda: crafted(step("so", "Induction", formula, over=tree(over)))


def read(formula, *at):
    """x^2 >= 0, read at other values."""
    there = step("there", "Instance", formula, "square", at=pairs(*at), of=tree(SQUARE))
    return lambda: crafted(step("square", "Entails", SQUARE), there)


CRAFTED = {
    # behind a condition that has no value everywhere
    "Monotone behind 1/y": moved(["StrictGreaterThan", INVERSE, ZERO]),
    "Monotone behind log y": moved(["StrictGreaterThan", LOG, ZERO]),
    "Monotone behind a root of y": moved(["GreaterThan", ROOT, ZERO]),
    "Monotone behind a slope of |y|": moved(["GreaterThan", ["Derivative", ["Abs", Y], ["Tuple", Y, ONE]], ZERO]),
    "Monotone behind a floor": moved(["GreaterThan", ["floor", Y], ZERO]),
    "Monotone behind y^y": moved(["GreaterThan", ["Pow", Y, Y], ZERO]),
    # boxes
    "a box with two ranges for x": boxed(
        ["StrictGreaterThan", X, number("4")], (X, ZERO, ONE), (X, number("5"), number("6"))
    ),
    "a box turned round": boxed(["StrictGreaterThan", X, ZERO], (X, number("3"), ONE)),
    "a box that is a point": boxed(["StrictGreaterThan", X, ZERO], (X, ONE, ONE)),
    "a box with a pole": boxed(["StrictGreaterThan", ["Pow", X, number("-2")], ZERO], (X, LESS, ONE)),
    "a box with a root of negative numbers": boxed(["StrictLessThan", LESS, ["Pow", X, HALF]], (X, LESS, ONE)),
    # what says nothing
    "no identity at all": lambda: crafted(step("so", "Equal", ["And"])),
    "true": entailed(True),
    "the empty conjunction": entailed(["And"]),
    "an alternative to true": entailed(["Or", True, ["StrictLessThan", X, ZERO]]),
    "not false": entailed(["Not", False]),
    "x = x": identity(X, X),
    "not x != x": entailed(["Not", ["Unequality", X, X]]),
    "an empty sum": entailed(["LessThan", ["Add"], ZERO]),
    "an empty product": entailed(["StrictGreaterThan", ["Mul"], ZERO]),
    "Max of nothing": entailed(["LessThan", ["Max"], ["Max"]]),
    "a Piecewise of nothing": entailed(["LessThan", ["Piecewise"], ZERO]),
    "what implies itself": entailed(["Implies", ["StrictGreaterThan", X, ONE], ["StrictGreaterThan", X, ONE]]),
    "words for words": entailed(["Equivalent", ["Prop", "p", "Two is odd."], ["Prop", "p", "Two is odd."]]),
    # powers and branches
    "0^n = 0": identity(["Pow", ZERO, N], ZERO),
    "x/x = 1": identity(["Mul", X, ["Pow", X, LESS]], ONE),
    "a root of a square": identity(["Pow", ["Pow", X, TWO], HALF], X),
    "a root, written 2/4": identity(["Pow", ["Pow", X, TWO], number("2/4")], X),
    "a squared root, written 2/1": identity(["Pow", ["Pow", X, HALF], number("2/1")], X),
    "an odd cube root": identity(
        ["Pow", ["Mul", LESS, X], number("1/3")], ["Mul", LESS, ["Pow", X, number("1/3")]]
    ),
    "|x| has a value by expansion": identity(["Coefficient", ["Abs", X], X, ZERO, ZERO], ZERO),
    "a value past a pole": identity(["Subs", ["Mul", X, ["Pow", X, LESS]], ["Tuple", X], ["Tuple", ZERO]], ONE),
    "a slope by n": identity(["Derivative", ["Pow", N, TWO], ["Tuple", N, ONE]], ["Mul", TWO, N]),
    "a limit from one side": identity(["Limit", ["sign", X], X, ZERO, symbol("+")], ONE),
    "i^2": identity(["Mul", ["ImaginaryUnit"], ["ImaginaryUnit"]], LESS),
    "oo = oo + 1": identity(["Infinity"], ["Add", ["Infinity"], ONE]),
    "0^-1 in a difference": identity(["Mul", ZERO, ["Pow", ZERO, LESS]], ZERO),
    # conditions, kinds, inductions, instances
    "conditions at a half of an integer": entailed(
        ["StrictLessThan", ONE, ZERO], ["Equality", ["Mul", TWO, N], ONE], ["StrictLessThan", N, ZERO],
        model={"n": "1/2"},
    ),
    "induction of a power of 1/y": induced(["LessThan", ["Mul", ZERO, ["Pow", INVERSE, N]], ZERO]),
    "induction of a power of log y": induced(["LessThan", ["Mul", ZERO, ["Pow", LOG, N]], ZERO]),
    "induction from 1": induced(["GreaterThan", COUNT, ONE], COUNT),
    "induction over a real n": induced(["GreaterThan", symbol("n"), ZERO], symbol("n")),
    "induction that begins at 2": induced(["GreaterThan", ["Pow", TWO, N], ["Mul", TWO, N]]),
    "an instance at 1/y": read(["GreaterThan", ["Pow", INVERSE, TWO], ZERO], (X, INVERSE)),
    "an instance at a root": read(["GreaterThan", ["Pow", ROOT, TWO], ZERO], (X, ROOT)),
    "an instance at two values of x": read(["GreaterThan", ["Pow", Y, TWO], ZERO], (X, INVERSE), (X, Y)),
    "an instance at a value of a number": read(["GreaterThan", ["Pow", Y, TWO], ZERO], (TWO, Y)),
}  # fmt: skip


def examined(data):
    return checker.examine(data, words_of(data))


def refused(build):
    """Whether a certificate is refuted or altered, or a part of it is no formula at all."""
    try:
        return examined(build()).exit_code == 1
    except Damaged:
        return True


@pytest.mark.parametrize("name", CRAFTED)
def test_none_is_verified(name):
    assert refused(CRAFTED[name])


TRUE = {
    "Monotone behind 1/y, y > 0": moved(
        ["StrictGreaterThan", INVERSE, ZERO], ["StrictGreaterThan", Y, ZERO], model={"y": "1"}
    ),
    "a box": boxed(["StrictGreaterThan", X, ZERO], (X, ONE, TWO)),
    "an identity": identity(["Pow", ["Add", X, ONE], TWO], ["Add", ["Pow", X, TWO], ["Mul", TWO, X], ONE]),
    "an instance": read(["GreaterThan", ["Pow", ["Add", Y, ONE], TWO], ZERO], (X, ["Add", Y, ONE])),
    "an induction": induced(["GreaterThan", ["Pow", TWO, N], ONE]),
}


@pytest.fixture
def patient(monkeypatch):
    """Proofs are searched for as long as it takes."""
    monkeypatch.setattr(certified, "SECONDS", PATIENCE)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("name", TRUE)
def test_what_is_so_is_verified(name):
    found = examined(TRUE[name]())
    assert found.exit_code == 0, found.lines


TEETH = {
    "Monotone behind 1/y": (rules, "_is_total", lambda _: True),
    "Monotone behind log y": (rules, "_is_total", lambda _: True),
    "x = x": (checker, "_decided", lambda _: False),
    "true": (checker, "_decided", lambda _: False),
}


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("name", TEETH)
def test_without_its_check_one_is_verified(monkeypatch, name):
    monkeypatch.setattr(*TEETH[name])
    assert examined(CRAFTED[name]()).exit_code == 0


def _first(data):
    return data["proofs"][min(data["proofs"])]


def _nested(data, levels):
    for _ in range(levels):
        data["proofs"][min(data["proofs"])] = ["sign", [[1, []]], [">", _first(data)], ["<=", ["sum", [], []]]]


# Changes of a genuine certificate, sealed again.
ALTERED = {
    "a line of its own in a name": ("strict", lambda d: d["steps"][0].update(name="factor\nstep factor: verified")),
    "a line of its own in an id": ("squares", lambda d: d.update(id="squares\nverified")),
    "a terminal's command in a name": ("squares", lambda d: d["steps"][0].update(name="\x1b[2Jsquare")),
    "half a character": ("squares", lambda d: d["steps"][0].update(name="\ud800")),
    "text that runs backwards": ("squares", lambda d: d.update(title="\u202eseraugS")),
    "a letter without width": ("squares", lambda d: d.update(says="Says.\u200b")),
    "a number in other digits": ("squares", lambda d: d["statement"].__setitem__(2, ["Rational", "٠"])),
    "a number with a sign before its sign": ("squares", lambda d: d["statement"].__setitem__(2, ["Rational", "--1"])),
    "a number of 5000 digits": ("squares", lambda d: d["statement"].__setitem__(2, ["Rational", "-" + "9" * 5000])),
    "an exponent of 4000 digits": ("squares", lambda d: d["statement"][1].__setitem__(2, ["Rational", "9" * 4000])),
    "a proof's number of 5000 digits": ("strict", lambda d: _first(d).__setitem__(1, [["9" * 5000, [], []]])),
    "a proof's exponent of 10^9": ("strict", lambda d: _first(d).__setitem__(1, [[1, [[0, 10**9]], []]])),
    "a proof's fact -1": ("strict", lambda d: _first(d).__setitem__(1, [[1, [[-1, 1]], []]])),
    "a proof's fact true": ("strict", lambda d: _first(d).__setitem__(1, [[1, [[True, 1]], []]])),
    "a proof's multiplier true": ("strict", lambda d: _first(d).__setitem__(1, [[True, [], []]])),
    "a proof's multiplier 0": ("strict", lambda d: _first(d).__setitem__(1, [["0/7", [], []]])),
    "a proof's multiplier by a negative": ("strict", lambda d: _first(d).__setitem__(1, [["7/-3", [], []]])),
    "a proof's multiplier by 0": ("strict", lambda d: _first(d).__setitem__(1, [["1/0", [], []]])),
    "a proof's multiplier 1e9": ("strict", lambda d: _first(d).__setitem__(1, [[1e9, [], []]])),
    "70 cases within cases": ("squares", lambda d: _nested(d, 70)),
    "a proof under another's key": ("cube", lambda d: d["proofs"].update({min(d["proofs"]): d["proofs"].pop(
        max(d["proofs"]))})),
    "an older format": ("squares", lambda d: d.update(format=2)),
    "a newer format": ("squares", lambda d: d.update(format=4)),
    "a format that is true": ("squares", lambda d: d.update(format=True)),
    "a basis in capitals": ("squares", lambda d: d["steps"][0].update(basis="Checked")),
    "a verdict with a space": ("squares", lambda d: d.update(verdict="holds ")),
    "infinity in a setting": ("squares", lambda d: d["runs"].append({"kind": "simulation", "engine": "e", "status":
        "proved", "why": "w", "witness": None, "settings": {"n": float("1e999")}})),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_what_is_altered_is_caught(name):
    base, change = ALTERED[name]
    data = certificate(base)
    change(data)
    try:
        sealed(data)
    except ValueError:  # infinity has no digest
        data["digest"] = "0" * 64
    found = checker.examine(data, words_of(data)) if "setting" not in name else checker.examine(data, {})
    assert found.exit_code == 1, found.lines
    assert all("\n" not in line.how for line in found.lines)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"steps": [{', '"steps": [{"basis": "checked", ', 1), "stands twice"),
        (lambda text: text.replace('"verdict": "holds"', '"verdict": "open", "verdict": "holds"', 1), "stands twice"),
        (lambda text: text.replace('"format": 3', '"format": 3.0', 1), "names no format"),
        (lambda text: text.replace('"format": 3', '"format": -0', 1), "format 0"),
        (lambda text: text.replace('"model": null', '"model": NaN', 1), "NaN is no number"),
        (lambda text: text.replace('"model": null', '"model": -Infinity', 1), "-Infinity is no number"),
        (lambda text: text + "{}", "Extra data"),
        (lambda text: text[:-1], "no certificate"),
        (lambda text: "\ufeff" + text, "no certificate"),
        (lambda text: text.replace('"rests": []', '"rests": ' + "[" * 50_000 + "]" * 50_000, 1), "nested too deeply"),
    ],
)
def test_what_is_altered_in_the_file_is_no_certificate(change, says):
    text = json.dumps(certificate("squares"))
    assert form.read(text)["id"] == "squares"
    assert change(text) != text
    with pytest.raises(Damaged, match=says):
        form.read(change(text))


def test_there_are_enough_of_them():
    assert len(CRAFTED) + len(ALTERED) >= 70
