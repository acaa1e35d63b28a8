"""A proof that two formulas are equal: the normal form of their difference is zero.

The normal forms are rational functions in atoms (see `atoms`), derivatives are formal, and a Taylor coefficient is the
limit of a derivative. What a step needs (a denominator that does not vanish, a radicand that is not negative) follows
from the signs that the premises give, or is handed back as an obligation that others have to prove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from operator import add, mul
from typing import Any

from saddlecheck.theory.checker import functions
from saddlecheck.theory.checker.atoms import GENS, Field, Poly, Ratio, Unreached
from saddlecheck.theory.checker.calculus import ROUNDS, limit, put, slope
from saddlecheck.theory.checker.functions import ODD, absolute, exp, sine_cosine
from saddlecheck.theory.checker.signs import NONNEGATIVE, NONZERO, POSITIVE, Sign
from saddlecheck.theory.checker.tree import Damaged, Tree, assumptions, is_whole, symbols

_SIGNS = {
    "Equality": frozenset({0}), "Unequality": NONZERO, "StrictGreaterThan": POSITIVE, "GreaterThan": NONNEGATIVE,
    "StrictLessThan": frozenset({-1}), "LessThan": frozenset({-1, 0}),
}  # fmt: skip
_DECLARED = {"positive": POSITIVE, "nonnegative": NONNEGATIVE}
_ZERO: Tree = ("Rational", Fraction(0))
Scope = Mapping[str, Ratio]  # what stands for a bound variable


@dataclass(frozen=True)
class Identity:
    """Whether an equation is proved, provided that the obligations hold wherever the premises do.

    why: what is missing, where it is not proved.
    """

    proved: bool
    why: str = ""
    obligations: tuple[Tree, ...] = ()


def identical(left: Tree, right: Tree, premises: Sequence[Tree] = ()) -> Identity:
    """Whether left = right wherever the premises hold. Equations among them are used linearly."""
    return _identical(left, right, tuple(premises))


@lru_cache(maxsize=1024)  # what a certificate states is asked for when it is written, verified, and quoted by others
def _identical(left: Tree, right: Tree, premises: tuple[Tree, ...]) -> Identity:
    try:
        field = Field(assumptions(left, right, *premises))
        equations = _assume(field, premises)
        residual = (evaluate(field, left, {}) - evaluate(field, right, {})).num
        obligations = tuple(_obligation(sign, tree) for _, sign, tree, _ in field.asked)
        if residual != 0 and _modulo(field, residual, equations) != 0:
            return Identity(False, f"{len(residual)} terms are left over")
    except (Unreached, Damaged) as reason:
        return Identity(False, str(reason))
    return Identity(True, "", obligations)


def _assume(field: Field, premises: Sequence[Tree]) -> list[Poly]:
    """Note the signs that the premises give. The premises that are equations, as polynomials that vanish.

    A premise is used where the others show that all its parts are defined; two rounds let them stand in any order.

    Returns:
        The polynomials that vanish, in no particular order.
    """
    equations = []
    for part in [part for premise in premises for part in _conjuncts(premise) if part[0] in _SIGNS] * 2:
        known = field.known
        try:
            difference = evaluate(field, part[1], {}) - evaluate(field, part[2], {})
        except Unreached:
            difference = None
        if field.asked or difference is None:
            field.known = known
            field.asked.clear()
            continue
        field.learn(difference.num * difference.den, _SIGNS[part[0]])
        if part[0] == "Equality":
            equations.append(difference.num)
    return equations


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "And":
        for part in tree[1:]:
            yield from _conjuncts(part)
    else:
        yield tree


def _modulo(field: Field, residual: Poly, equations: Sequence[Poly]) -> Poly:
    """The residual modulo each equation in turn, which is solved for a generator if it is linear in one."""
    for equation in filter(None, map(field.reduced, equations)):
        residual = divmod(residual, equation)[1]
        for i in field.used(equation):
            a = equation.derivative(i)
            if i not in field.used(a) and 0 not in field.sign(a):
                residual = put(field, residual, {i: Ratio(field, a * GENS[i] - equation, a)}).num
                break
    return residual


def _obligation(sign: Sign, tree: Tree | None) -> Tree:
    if tree is None:
        raise Unreached(f"needs a term to be {'nonzero' if sign == NONZERO else 'positive'} that stands in no formula")
    return (next(head for head, signs in _SIGNS.items() if signs == sign), tree, _ZERO)


def evaluate(field: Field, tree: Tree, scope: Scope) -> Ratio:
    """The normal form of a tree.

    Returns:
        A ratio of polynomials in the field's atoms.

    Raises:
        Unreached: for a node, or for arguments of one, that no rule covers.
    """
    head, *args = tree
    match head:
        case "Rational":
            return field.ratio(args[0])
        case "Symbol":
            return scope[args[0]] if args[0] in scope else _symbol(field, tree, args[0])
        case "Pi":
            return functions.pi(field)
        case "Exp1":
            return exp(field.ratio(1))
        case "Derivative":
            return _derivative(field, tree, scope)
        case "Coefficient" | "Subs":
            return _at_point(field, tree, scope)
    if (head not in _RULES and head not in ODD) or not args:
        raise Unreached(f"no rule for {head}")
    values = [evaluate(field, arg, scope) for arg in args]
    note = args[0] if not scope or symbols(args[0]).isdisjoint(scope) else None  # what an obligation is about
    if head == "Pow" and args[1][0] != "Rational" and not is_whole(args[1]):
        field.ask(values[0], POSITIVE, note)  # also where the exponent happens to be an integer
    return functions.odd(head, values[0]) if head in ODD else _RULES[head](note, *values)


def _sum(_note: Any, *terms: Ratio) -> Ratio:
    total = reduce(add, terms)
    total.terms = terms
    return total


def _logarithm(note: Any, b: Ratio) -> Ratio:
    b.field.ask(b, POSITIVE, note)
    return functions.ln(b)


def _sign(note: Any, b: Ratio) -> Ratio:
    b.field.ask(b, NONZERO, note)
    return absolute(b) / b


def _absolute(note: Any, b: Ratio) -> Ratio:
    if b.field.names(b.num * b.den) & b.field.moving:
        b.field.ask(b, NONZERO, note)  # the derivative has a jump there
    return absolute(b)


def _tangent(_note: Any, z: Ratio) -> Ratio:
    s, c = sine_cosine(z)
    z.field.ask(c, NONZERO)
    return s / c


def _larger(a: Ratio, b: Ratio) -> Ratio:
    return (a + b + absolute(a - b)) / a.field.ratio(2)


_RULES: dict[str, Any] = {  # each takes the tree of its first argument and the values of all
    "Add": _sum,
    "Mul": lambda _, *factors: reduce(mul, factors),
    "Pow": lambda note, base, e: functions.power(base, e, note),
    "exp": lambda _, z: exp(z),
    "log": _logarithm,
    "sin": lambda _, z: sine_cosine(z)[0],
    "cos": lambda _, z: sine_cosine(z)[1],
    "tan": _tangent,
    "sinh": lambda _, z: (exp(z) - exp(-z)) / z.field.ratio(2),
    "cosh": lambda _, z: (exp(z) + exp(-z)) / z.field.ratio(2),
    "tanh": lambda _, z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)),
    "Abs": _absolute,
    "sign": _sign,
    "Max": lambda _, *values: reduce(_larger, values),
    "Min": lambda _, *values: -reduce(_larger, [-value for value in values]),
}


def _symbol(field: Field, tree: Tree, name: str) -> Ratio:
    """A symbol, or under another name a variable that is declared like it but is not known to have its sign."""
    declared = assumptions(tree)[tree[1]]
    p = GENS[field.atom("symbol", name=name, declared=declared)]
    for word in declared & _DECLARED.keys() if name == tree[1] else ():
        field.learn(p, _DECLARED[word])
    return field.ratio(p)


def _derivative(field: Field, tree: Tree, scope: Scope) -> Ratio:
    _, body, variable, order = tree
    atom = field.single(evaluate(field, variable, scope))
    if atom is None or atom.kind != "symbol" or "integer" in atom.declared:
        raise Unreached(f"a derivative by {variable[1]}, which is no real variable here")
    result = _evaluate_near(field, body, scope, atom.name)
    for _ in range(_order(order)):
        result = slope(result, atom.name)
    return result


def _at_point(field: Field, tree: Tree, scope: Scope) -> Ratio:
    """A Taylor coefficient or the value at a point: the limit of a derivative by a new variable.

    What is asked for near the point is asked for at the point. Of a divisor it is asked that its lowest Taylor
    coefficient is not zero, so that it does not vanish all around the point.

    Returns:
        A ratio that does not hold the expansion's variable.

    Raises:
        Unreached: the order is no number, or the point is out of reach of the rules.
    """
    head, body, variable, point, *rest = tree
    order, discrete = _order(rest[0]) if rest else 0, ("integer", True) in variable[2]
    rounds = 1 if discrete or head == "Subs" else ROUNDS
    at, fresh = evaluate(field, point, scope), field.unused(variable[1])
    if discrete and (order or not functions.is_integer(at, natural=("nonnegative", True) in variable[2])):
        raise Unreached("an expansion in an integer, or its value at what is none")
    known, count, field.near = field.known, len(field.asked), field.near | {fresh}
    result = _evaluate_near(field, body, {**scope, variable[1]: _symbol(field, variable, fresh)}, fresh)
    for k in range(order):
        result = slope(result, fresh) / field.ratio(k + 1)
    result = limit(result, fresh, at, rounds)
    field.known = known  # nothing may rest on what was asked near the point before it is seen at the point
    for p, sign, _, _ in field.asked[count:]:
        if fresh not in field.names(p):
            field.learn(p, sign)
    seen: set[str] = set()
    while near := [asked for asked in field.asked if fresh in field.names(asked.poly)]:
        field.asked = [asked for asked in field.asked if asked not in near]
        for p, sign, _, divisor in near:
            if (key := f"{p} {sorted(sign)} {divisor}") not in seen:
                seen.add(key)
                _ask_at(field, field.ratio(p), sign, fresh, at, rounds, divisor=divisor)
    return result


def _ask_at(field: Field, r: Ratio, sign: Sign, x: str, at: Ratio, rounds: int, *, divisor: bool) -> None:
    for _ in range(rounds):
        value = limit(r, x, at, 1)
        if value.num != 0 or not divisor:
            return field.ask(value, sign - {0}, divisor=divisor)
        r = slope(r, x)
    raise Unreached("a divisor that vanishes at the point")


def _evaluate_near(field: Field, body: Tree, scope: Scope, name: str) -> Ratio:
    """The normal form that holds in a neighbourhood of the value of a variable."""
    outer, field.moving = field.moving, field.moving | {name}
    try:
        return evaluate(field, body, scope)
    finally:
        field.moving = outer


def _order(tree: Tree) -> int:
    if tree[0] != "Rational" or tree[1].denominator != 1 or not 0 <= tree[1] <= 20:
        raise Unreached("an order that is no number from 0 to 20")
    return int(tree[1])
