"""The tree reader of the checker: what it reads, what it refuses, and substitution without capture."""

import ast
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import saddlecheck.theory.checker as checker
from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker.tree import Damaged, assumptions, parse, substitute, symbols
from saddlecheck.theory.claims import serial

CHECKER = Path(checker.__path__[0])
X, Y, N = ["Symbol", "x", {"real": True}], ["Symbol", "y", {"real": True}], ["Symbol", "n", {"integer": True}]
x, y, n = map(parse, (X, Y, N))
ONE = ["Rational", "1"]


def test_every_formula_of_the_ledger_is_read_with_its_free_symbols():
    for claim in CLAIMS.values():
        for formula in (*claim.given, claim.statement, *(step.formula for step in claim.steps)):
            assert symbols(parse(serial.encode(formula))) == {s.name for s in formula.free_symbols}


def test_leaves():
    assert parse(["Rational", "-2/6"]) == ("Rational", Fraction(-1, 3))
    assert parse(True) == ("Boolean", True)
    assert parse(["Function", "f", X]) == ("Function", "f", x)
    assert parse(["Prop", "lemma", "It holds."]) == ("Prop", "lemma", "It holds.")


def test_several_variables_are_nested_nodes():
    tree = parse(["Derivative", ["Mul", X, Y], ["Tuple", X, ["Rational", "2"]], ["Tuple", Y, ONE]])
    inner = ("Derivative", ("Mul", x, y), x, ("Rational", Fraction(2)))
    assert tree == ("Derivative", inner, y, ("Rational", Fraction(1)))


def deep(depth):
    data = X
    for _ in range(depth):
        data = ["exp", data]
    return data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("x", "starts with a node's name"),
        ([], "starts with a node's name"),
        ({"Symbol": "x"}, "starts with a node's name"),
        (["system", X], "no node is called 'system'"),
        (["Rational", "1/0"], "damaged Rational"),
        (["Rational", "1e999999999"], "damaged Rational"),
        (["Rational", "٣"], "damaged Rational"),
        (["Rational", 1], "damaged Rational"),
        (["Rational", "1", "2"], "damaged Rational"),
        (["Symbol", "x", {"real": "yes"}], "damaged Symbol"),
        (["Symbol", "x", {"real": 1}], "damaged Symbol"),
        (["Symbol", "x", {"real": True, "integer": False}], "damaged Symbol"),
        (["Symbol", "x", {"zero": True}], "damaged Symbol"),
        (["Symbol", "x", {}], "damaged Symbol"),
        (["Symbol", "x"], "damaged Symbol"),
        (["Pow", X], "2 to 2 arguments"),
        (["exp", X, X], "1 to 1 arguments"),
        (["Function", X, X], "has a name"),
        (["Coefficient", X, ONE, X, ONE], "binds a symbol"),
        (["Derivative", X, X], "other arguments"),
        (["Subs", X, ["Tuple", X, Y], ["Tuple", Y, X]], "other arguments"),
        (deep(201), "nested deeper"),
    ],
)
def test_damaged_data_is_refused_with_a_reason(data, why):
    with pytest.raises(Damaged, match=why):
        parse(data)


def test_the_deepest_formula_that_is_read():
    assert symbols(parse(deep(200))) == {"x"}


def test_assumptions_are_compared_across_trees():
    assert assumptions(x, n) == {"x": frozenset({"real"}), "n": frozenset({"integer"})}
    with pytest.raises(Damaged, match="declared differently"):
        assumptions(n, parse(["Symbol", "n", {"real": True}]))
    with pytest.raises(Damaged, match="declared differently"):
        assumptions(parse(["Add", X, ["Symbol", "x", {"positive": True}]]))


def test_substitution_is_simultaneous():
    assert substitute(parse(["Pow", X, Y]), {"x": y, "y": x}) == ("Pow", y, x)


def test_bound_variables_stay():
    tree = parse(["Coefficient", ["Mul", X, Y], X, X, ONE])  # the third x is free
    assert symbols(tree) == {"x", "y"}
    assert substitute(tree, {"x": n}) == ("Coefficient", ("Mul", x, y), x, n, ("Rational", Fraction(1)))


def test_capture_is_refused():
    tree = parse(["Coefficient", ["Mul", X, Y], X, ONE, ONE])
    with pytest.raises(Damaged, match="capture"):
        substitute(tree, {"y": ("Add", x, n)})
    assert substitute(tree, {"y": n})[1] == ("Mul", x, n)


def test_a_derivative_is_read_at_a_point():
    slope = parse(["Derivative", ["exp", X], ["Tuple", X, ONE]])
    assert substitute(slope, {"x": ("Add", x, y)}) == ("Subs", slope, x, ("Add", x, y))
    with pytest.raises(Damaged, match="capture"):
        substitute(parse(["Derivative", ["Mul", X, Y], ["Tuple", X, ONE]]), {"y": x})


def test_the_checker_imports_the_standard_library_and_flint_alone():
    for path in CHECKER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                own = module.startswith("saddlecheck.theory.checker")
                assert own or module.split(".")[0] in {"flint", *sys.stdlib_module_names}, (path.name, module)
