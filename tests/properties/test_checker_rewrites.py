"""Random formulas, rewritten by rules that hold only somewhere: what the checker's algebra proves is true everywhere.

The evaluator here shares nothing with it: 60 digits of mpmath, real numbers, and `Undefined` where a term has no value.
"""

import random
from fractions import Fraction

import mpmath as mp
import pytest

from saddlecheck.theory.checker import algebra
from saddlecheck.theory.checker.algebra import identical
from saddlecheck.theory.checker.atoms import Field
from saddlecheck.theory.checker.signs import POSITIVE
from saddlecheck.theory.checker.tree import BINDERS, children, symbols

CASES = 25  # formulas a block
X, Y = (("Symbol", name, (("real", True),)) for name in "xy")
N, M = ("Symbol", "n", (("integer", True), ("nonnegative", True))), ("Symbol", "m", (("integer", True),))
HOLDS = {
    "Unequality": lambda a, b: a != b, "StrictLessThan": lambda a, b: a < b, "LessThan": lambda a, b: a <= b,
    "StrictGreaterThan": lambda a, b: a > b, "GreaterThan": lambda a, b: a >= b,
}  # fmt: skip


class Undefined(Exception):
    pass


class TooLarge(Exception):
    pass


def number(p, q=1):
    return ("Rational", Fraction(p, q))


def value(tree, point):
    head = tree[0]
    if head == "Rational":
        return mp.mpf(tree[1].numerator) / tree[1].denominator
    if head == "Symbol":
        return mp.mpf(point[tree[1]])
    if head in ("Derivative", "Coefficient"):
        return at_point(tree, point)
    args = [value(part, point) for part in children(tree)]
    if head == "Pow":
        return power(*args, constant=not symbols(tree[2]))
    if (head == "log" and args[0] <= 0) or (head == "exp" and abs(args[0]) > 200):
        raise Undefined if head == "log" else TooLarge
    return {
        "Add": lambda *a: sum(a), "Mul": lambda *a: mp.fprod(a), "Max": max, "Abs": abs, "exp": mp.exp, "log": mp.log,
        "sign": mp.sign, "sin": mp.sin, "cos": mp.cos, "erf": mp.erf, "tanh": mp.tanh,
    }[head](*args)  # fmt: skip


def power(base, exponent, *, constant):
    if abs(exponent) > 60:
        raise TooLarge
    whole = exponent == int(exponent)
    if (base < 0 and not whole) or (base == 0 and (exponent < 0 or not (whole or constant))):
        raise Undefined
    return mp.mpf(1) if exponent == 0 else base ** (int(exponent) if whole else exponent)


def at_point(tree, point):
    """A first derivative, or a value: from both sides of the point, where they agree."""
    name, order = tree[2][1], int(tree[-1][1])
    center, step = (point[name] if tree[0] == "Derivative" else value(tree[3], point)), mp.mpf(10) ** -12
    at = {k: value(tree[1], {**point, name: center + k * step}) for k in (-2, -1, 1, 2)}
    left, right = ((at[-1] - at[-2]) / step, (at[2] - at[1]) / step) if order else (at[-1], at[1])
    if abs(left - right) > 1e-6 * (1 + abs(left)):
        raise Undefined
    return (at[1] - at[-1]) / (2 * step) if order else (left + right) / 2


def formula(rng, depth, *, bind=True):
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([X, X, Y, number(rng.randint(-3, 3)), number(1, 2), N])
    part = lambda: formula(rng, depth - 1, bind=bind)  # noqa: E731
    exponent = rng.choice([N, ("Add", N, number(1)), M, Y, *(number(p, q) for p, q in EXPONENTS)])
    made = [
        ("Add", part(), part()), ("Mul", part(), part()), ("Pow", part(), exponent), ("Pow", part(), exponent),
        ("exp", part()), ("log", part()), ("Abs", part()), ("Max", part(), part()),
        (rng.choice(["sin", "cos", "erf", "sign", "tanh"]), part()),
    ]  # fmt: skip
    if bind:
        body = formula(rng, depth - 1, bind=False)
        made.append(("Derivative", body, rng.choice([X, Y]), number(1)))
        made.append(("Coefficient", body, X, rng.choice([number(0), number(1), X, Y]), number(rng.randint(0, 1))))
    return rng.choice(made)


EXPONENTS = [(2, 1), (3, 1), (-1, 1), (-2, 1), (1, 2), (-1, 2), (3, 2), (1, 3), (2, 3)]


def rewritten(tree):
    """Other forms of a formula, each of which holds for some values only."""
    forms = [("Mul", tree, tree, ("Pow", tree, number(-1))), ("Add", tree, tree, ("Mul", number(-1), tree))]
    match tree:
        case "Pow", ("Mul", *factors), e:
            forms.append(("Mul", *(("Pow", factor, e) for factor in factors)))
        case "Pow", ("Pow", base, inner), e:
            forms.append(("Pow", base, ("Mul", inner, e)))
        case "Pow", ("exp" | "Abs" as head, z), e:
            forms.append(("exp", ("Mul", z, e)) if head == "exp" else ("Pow", z, e))
        case "Pow", base, ("Add", *exponents):
            forms.append(("Mul", *(("Pow", base, e) for e in exponents)))
        case "Pow", base, e if e[0] != "Rational":
            forms.append(("exp", ("Mul", e, ("log", base))))
        case "Abs", z:
            forms += [z, ("Mul", number(-1), z), ("Pow", ("Pow", z, number(2)), number(1, 2)), ("Mul", z, ("sign", z))]
        case "log", ("Mul", *factors):
            forms.append(("Add", *(("log", factor) for factor in factors)))
        case "log", ("Pow", base, e):
            forms.append(("Mul", e, ("log", base)))
        case "Max", a, b:
            forms += [a, b]
        case "Derivative", ("Mul", a, b), *by:
            forms.append(("Add", ("Mul", a, ("Derivative", b, *by)), ("Mul", b, ("Derivative", a, *by))))
        case "Derivative", ("Abs" | "log" as head, z), *by:
            outer = ("sign", z) if head == "Abs" else ("Pow", z, number(-1))
            forms.append(("Mul", outer, ("Derivative", z, *by)))
    return forms


def paths(tree, path=()):
    yield path, tree
    first = len(tree) - len(children(tree))
    for i in range(first, len(tree)):
        if tree[0] not in BINDERS or i == 1:
            yield from paths(tree[i], (*path, i))


def put(tree, path, new):
    return new if not path else (*tree[: path[0]], put(tree[path[0]], path[1:], new), *tree[path[0] + 1 :])


def case(rng):
    left = right = formula(rng, rng.randint(2, 4))
    for _ in range(rng.randint(1, 3)):
        path, part = rng.choice(list(paths(right)))
        right = put(right, path, rng.choice(rewritten(part)))
    given = [(rng.choice(list(HOLDS)), v, number(rng.choice([0, 0, 0, 1, -1]))) for v in (X, Y) if rng.random() < 0.6]
    if rng.random() < 0.2:
        given.append((rng.choice(list(HOLDS)), formula(rng, 2, bind=False), number(0)))
    return left, right, given


def true_at(relations, point):
    try:
        return all(HOLDS[head](value(a, point), value(b, point)) for head, a, b in relations)
    except (Undefined, TooLarge):
        return False


def compared(seed):
    """How many points the sides of one case were compared at, if the checker proves it."""
    rng = random.Random(seed)
    left, right, given = case(rng)
    found = identical(left, right, given)
    points = 0
    for _ in range(20 if found.proved else 0):
        point = {v: mp.mpf(rng.randint(-6, 6)) / rng.choice([1, 2]) for v in "xy"}
        point |= {"n": rng.randint(0, 3), "m": rng.randint(-3, 3)}
        if true_at([*given, *found.obligations], point):
            try:
                a, b = value(left, point), value(right, point)
            except TooLarge:
                continue
            # Error budget: differences of 10^-12 in 60 digits, so that a derivative is right to 10^-24 times the third
            # derivative, which the sizes that are let in keep below 10^18. Kinks show at 10^-6.
            assert abs(a - b) <= 1e-5 * (1 + abs(a)), (seed, point)
            points += 1
    return points


@pytest.mark.properties
@pytest.mark.parametrize("block", range(20))
def test_what_is_proved_is_defined_and_equal_where_premises_and_obligations_hold(block):
    with mp.workdps(60):
        assert sum(map(compared, range(CASES * block, CASES * (block + 1)))) > 3 * CASES


@pytest.mark.properties
@pytest.mark.parametrize(
    ("owner", "rule", "broken"),
    [
        pytest.param(Field, "ask", lambda *_, **_asked: None, id="nothing is asked"),
        pytest.param(algebra, "absolute", lambda b: b, id="an absolute value is its argument"),
        pytest.param(Field, "sign", lambda *_: POSITIVE, id="all is positive"),
    ],
)
def test_a_broken_rule_is_noticed(monkeypatch, request, owner, rule, broken):
    algebra._identical.cache_clear()  # what was proved by other rules is not remembered
    request.addfinalizer(algebra._identical.cache_clear)
    monkeypatch.setattr(owner, rule, broken)
    with mp.workdps(60), pytest.raises((AssertionError, Undefined)):
        sum(map(compared, range(20 * CASES)))
