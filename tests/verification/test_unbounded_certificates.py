"""Certificates that ask for arithmetic without end: `recheck` ends in time, with a line and no traceback."""

import json

import pytest
from certified import certificate, number, pairs, sealed, step, symbol, tree, words_of

from saddlecheck.verification.ledger import pins
from saddlecheck.verification.ledger import recheck as rechecking

LETTERS = [symbol(f"x{i}") for i in range(30)]
X, ZERO, ONE = LETTERS[0], number("0"), number("1")
SECONDS = 2  # of processor time, for a certificate


def above(a):
    return ["StrictGreaterThan", a, ZERO]


def claim(*steps, given=(), model=None):
    said = {"steps": list(steps), "given": list(given), "model": model, "proofs": {}, "reason": f"{len(steps)} steps"}
    return {**certificate("squares"), **said, "statement": steps[-1]["formula"]}


def entails(formula, **more):
    """With a proof under the right key, so that the formula is read."""
    data = claim(step("so", "Entails", formula), **more)
    from saddlecheck.theory.checker import certificate as checker
    from saddlecheck.theory.checker.tree import parse

    data["proofs"] = {checker.key([parse(g) for g in data["given"]], parse(formula)): ["sum", [], []]}
    return data


def equal(left, right):
    return claim(step("so", "Equal", ["Equality", left, right]))


def tower(head, levels, tree_=X, first=True):
    formula = above(tree_)
    for _ in range(levels):
        formula = [head, formula, above(ONE)] if first else [head, above(ONE), formula]
    return formula


def towering(base, *exponents):
    for exponent in exponents:
        base = ["Pow", base, number(exponent)]
    return base


def with_steps(count):
    return claim(*(step(f"s{i}", "Equal", ["Equality", number(str(i)), number(str(i + 1))], *[f"s{j}" for j in range(
        max(0, i - 5), i)]) for i in range(count)))  # fmt: skip


SUM = ["Add", *LETTERS]
FRACTIONS = ["Add", *(number(f"1/{10**3900 + i}") for i in range(600))]
UNBOUNDED = {
    "equivalences within equivalences": lambda: entails(tower("Equivalent", 60)),
    "implications in conditions of implications": lambda: entails(tower("Implies", 60)),
    "a product of many sums": lambda: entails(above(["Mul", *[SUM] * 40])),
    "a power of a power of 2": lambda: entails(above(towering(number("2"), "150000", "150000", "150000"))),
    "a power of a long number": lambda: entails(above(towering(number("9" * 4000), "190000"))),
    "an identity of powers of powers": lambda: equal(towering(number("3"), "10000", "10000", "10000"), ONE),
    "a sum put into a power": lambda: equal(
        ["Subs", towering(X, "9999"), ["Tuple", X], ["Tuple", ["Add", *LETTERS[1:]]]], ONE
    ),
    "a slope of many factors": lambda: equal(
        ["Coefficient", ["Mul", *(["exp", ["Mul", X, a]] for a in LETTERS[1:]), SUM], X, ZERO, number("20")], ONE
    ),
    "a condition on a sum of long fractions": lambda: claim(
        step("so", "Equal", ["Equality", X, X]), given=[["StrictGreaterThan", X, FRACTIONS]], model={"x0": "1"}
    ),
    "thirty thousand steps": lambda: with_steps(30_000),
    "a box of thirty letters": lambda: claim(step(
        "so", "Bounded", above(["Add", ["Mul", *LETTERS], ONE]),
        box={"pairs": [[tree(a), {"items": [tree(number("-1")), tree(ONE)]}] for a in LETTERS]})),
    "values within values": lambda: claim(
        step("a", "Entails", above(towering(X, "2"))),
        step("b", "Instance", above(ONE), "a", at=pairs((X, towering(SUM, "40"))), of=tree(above(towering(X, "2"))))),
}  # fmt: skip

BEYOND = ("equivalences within equivalences", "a product of many sums")  # no bound of the checker meets these


@pytest.mark.parametrize("name", UNBOUNDED)
def test_recheck_ends_in_time_with_a_line(name, run, tmp_path, monkeypatch):
    data = sealed(UNBOUNDED[name]())
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(data))
    assert path.stat().st_size < rechecking._MAX_BYTES
    monkeypatch.setattr(pins, "wordings", lambda: words_of(data))
    monkeypatch.setattr(rechecking, "_SECONDS", SECONDS)
    monkeypatch.setattr(rechecking, "_MEMORY", 1)
    code, out, err = run("recheck", str(path))
    assert code == 1
    assert "Traceback" not in out + err
    if name in BEYOND:
        assert f"it was not verified within {SECONDS} seconds of processor time" in " ".join(out.split())


def test_what_is_genuine_is_verified_within_the_limits(run, tmp_path, monkeypatch):
    data = certificate("printed")
    (tmp_path / "genuine.json").write_text(json.dumps(data))
    monkeypatch.setattr(pins, "wordings", lambda: words_of(data))
    code, out, _ = run("recheck", str(tmp_path / "genuine.json"))
    assert code == 0
    assert "strict: step factor: verified" in out
