"""A proof that two formulas are equal: both are brought to a normal form, and their difference is zero.

The normal forms are rational functions in atoms (see `atoms`). Derivatives are formal, a Taylor coefficient is the
limit of a derivative. What a step needs (a denominator that does not vanish, a radicand that is not negative) is used
only where it follows from the signs that the premises give, or is returned as an obligation for others to prove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

from saddlecheck.theory.checker.atoms import ANY, GENS, NONNEGATIVE, NONZERO, POSITIVE, Field, Poly, Ratio, Sign, Unreached
from saddlecheck.theory.checker.functions import (
    ODD, absolute, exp, function, limit, ln, odd, pi, power, sine_cosine, slope,
)  # fmt: skip
from saddlecheck.theory.checker.tree import Tree

_SIGNS = {
    "Equality": frozenset({0}), "Unequality": NONZERO, "StrictGreaterThan": POSITIVE, "GreaterThan": NONNEGATIVE,
    "StrictLessThan": frozenset({-1}), "LessThan": frozenset({-1, 0}),
}  # fmt: skip
_DECLARED = {
    "positive": POSITIVE, "negative": frozenset({-1}), "nonnegative": NONNEGATIVE, "nonpositive": frozenset({-1, 0}),
    "nonzero": NONZERO, "real": ANY, "integer": ANY, "rational": ANY,
}  # fmt: skip
_ZERO: Tree = ("Rational", Fraction(0))
_TALLEST = 8  # the order up to which a divisor may vanish at the point of an expansion
Scope = Mapping[str, Ratio]  # bound variables and variables of derivatives


@dataclass(frozen=True)
class Identity:
    """Whether an equation is proved, provided that the obligations hold where the premises do.

    why: what is missing, where it is not.
    """

    proved: bool
    why: str = ""
    obligations: tuple[Tree, ...] = ()


def identical(left: Tree, right: Tree, premises: Sequence[Tree] = ()) -> Identity:
    """Whether left = right wherever the premises hold. Equations among these may be used to eliminate a term."""
    field = Field()
    try:
        equations = _assume(field, premises)
        difference = evaluate(field, left, {}) - evaluate(field, right, {})
        residual = _eliminated(field, difference.num, equations)
        if residual != 0:
            return Identity(False, f"{len(residual)} terms are left over")
        return Identity(True, "", tuple(_relation(field, p, sign) for p, sign in field.owed.values()))
    except Unreached as reason:
        return Identity(False, str(reason))


def _assume(field: Field, premises: Sequence[Tree]) -> list[Poly]:
    """Note the signs that the premises give; the premises that are equations, as polynomials that vanish.

    A premise that holds is defined, so what its evaluation asks for is known.
    """
    differences = []
    for part in (part for premise in premises for part in _conjuncts(premise) if part[0] in _SIGNS):
        try:
            difference = evaluate(field, part[1], {}) - evaluate(field, part[2], {})
        except Unreached:
            continue
        differences.append((difference.num * difference.den, _SIGNS[part[0]]))
        field.learn(*differences[-1])
    for p, sign in differences:  # once more: what the second says may sharpen the first
        field.learn(p, sign)
    field.owed.clear()
    return [p for p, sign in differences if sign == {0}]


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    for part in tree[1:] if tree[0] == "And" else (tree,):
        yield from _conjuncts(part) if part[0] == "And" else (part,)


def _eliminated(field: Field, residual: Poly, equations: Sequence[Poly]) -> Poly:
    """The residual with a generator eliminated by each equation that is linear in it, its factor being nonzero."""
    for equation in equations:
        equation = field.reduced(equation)
        for i in field.used(equation):
            pass
    return residual


def evaluate(field: Field, tree: Tree, scope: Scope) -> Ratio:
    """The normal form of a tree; `scope` holds what stands for a bound variable.

    Raises:
        Unreached: for a node, or an argument of one, that no rule covers.
    """
    head, *args = tree
    match head:
        case "Rational":
            return field.ratio(args[0])
        case "Symbol":
            return scope[args[0]] if args[0] in scope else _symbol(field, tree, args[0])
        case "Pi":
            return pi(field)
        case "Exp1":
            return exp(field.ratio(1))
        case "Function":
            values = tuple(evaluate(field, arg, scope) for arg in args[1:])
            return function(args[0], values, (0,) * len(values))
        case "Derivative":
            return _derivative(field, tree, scope)
        case "Coefficient" | "Subs":
            return _at_point(field, tree, scope)
    values = tuple(evaluate(field, arg, scope) for arg in args) if head in _RULES or head in ODD else ()
    if head in ODD:
        return odd(head, *values)
    if head not in _RULES or not values:
        raise Unreached(f"no rule for {head}")
    return _RULES[head](*values)


def _logarithm(b: Ratio) -> Ratio:
    b.field.owe(b, POSITIVE)
    return ln(b)


def _quotient(a: Ratio, b: Ratio) -> Ratio:
    a.field.owe(b, NONZERO)
    return a / b


def _larger(a: Ratio, b: Ratio) -> Ratio:
    return (a + b + absolute(a - b)) / a.field.ratio(2)


def _tanh(z: Ratio) -> Ratio:
    return (exp(z) - exp(-z)) / (exp(z) + exp(-z))


_RULES: dict[str, Any] = {
    "Add": lambda *terms: reduce(add, terms),
    "Mul": lambda *factors: reduce(mul, factors),
    "Pow": power,
    "exp": exp,
    "log": _logarithm,
    "sin": lambda z: sine_cosine(z)[0],
    "cos": lambda z: sine_cosine(z)[1],
    "tan": lambda z: _quotient(*sine_cosine(z)),
    "sinh": lambda z: (exp(z) - exp(-z)) / z.field.ratio(2),
    "cosh": lambda z: (exp(z) + exp(-z)) / z.field.ratio(2),
    "tanh": _tanh,
    "Abs": absolute,
    "sign": lambda b: _quotient(absolute(b), b),
    "Max": lambda *values: reduce(_larger, values),
    "Min": lambda *values: -reduce(_larger, (-v for v in values)),
}


def _symbol(field: Field, tree: Tree, name: str) -> Ratio:
    kinds = frozenset(kind for kind, holds in tree[2] if holds)
    if not kinds & _DECLARED.keys():
        raise Unreached(f"the symbol {tree[1]} is not declared to be real")
    p = GENS[field.atom("symbol", name=name, kinds=kinds)]
    if name == tree[1]:  # and no other number in its place
        for kind in kinds & _DECLARED.keys():
            field.learn(p, _DECLARED[kind])
    return field.ratio(p)


def _derivative(field: Field, tree: Tree, scope: Scope) -> Ratio:
    _, body, variable, order = tree
    here = evaluate(field, variable, scope)
    atom = field.single(here.num)
    if atom is None or atom.kind != "symbol" or "integer" in atom.kinds or here.den != 1:
        raise Unreached(f"a derivative by {variable[1]}, which is no real variable here")
    result = _moving(field, body, scope, atom.name)
    for _ in range(_order(order)):
        result = slope(result, atom.name)
    return result


def _at_point(field: Field, tree: Tree, scope: Scope) -> Ratio:
    """A Taylor coefficient, or the value at a point: of the k-th derivative by a new variable."""
    head, body, variable, point, *rest = tree
    order = _order(rest[0]) if rest else 0
    at = evaluate(field, point, scope)
    fresh = f"{variable[1]}~{len(field.atoms)}"
    new = _symbol(field, variable, fresh)
    whole = ("integer", True) in variable[2]
    if whole and order:
        raise Unreached("a Taylor coefficient in an integer")
    result = _moving(field, body, {**scope, variable[1]: new}, fresh)
    for k in range(order):
        result = slope(result, fresh) / field.ratio(k + 1)
    rounds = 1 if whole or head == "Subs" else _TALLEST
    result = limit(result, fresh, at, rounds)
    while due := next((key for key, (p, _) in field.owed.items() if fresh in field.names(p)), None):
        _settle(field, *field.owed.pop(due), fresh, at, rounds)
    return result


def _settle(field: Field, p: Poly, sign: Sign, fresh: str, at: Ratio, most: int) -> None:
    """Ask at the point for what was asked near it; of a divisor, that it has a lowest coefficient that is not zero."""
    r = field.ratio(p)
    for _ in range(most):
        value = limit(r, fresh, at)
        if value.num != 0 or sign != NONZERO:
            return field.owe(value, sign - {0})
        r = slope(r, fresh)
    raise Unreached("a divisor that vanishes at the point of expansion")


def _moving(field: Field, body: Tree, scope: Scope, name: str) -> Ratio:
    outer, field.moving = field.moving, field.moving | {name}
    try:
        return evaluate(field, body, scope)
    finally:
        field.moving = outer


def _order(tree: Tree) -> int:
    if tree[0] != "Rational" or tree[1].denominator != 1 or not 0 <= tree[1] <= 20:
        raise Unreached("an order that is no number from 0 to 20")
    return int(tree[1])


def _relation(field: Field, p: Poly, sign: Sign) -> Tree:
    head = next(head for head, signs in _SIGNS.items() if signs == sign)
    return (head, tree_of(field, p), _ZERO)


def tree_of(field: Field, p: Poly) -> Tree:
    """A polynomial as a tree, in factors."""
    c, factors = p.factor()
    return ("Mul", _rational(c), *(_pow(_sum_of(field, f), k) for f, k in factors))


def _sum_of(field: Field, p: Poly) -> Tree:
    terms = p.to_dict().items()
    return ("Add", *(("Mul", _rational(c), *(_pow(_tree(field, i), k) for i, k in enumerate(e) if k)) for e, c in terms))


def _tree(field: Field, i: int) -> Tree:
    """An atom as a tree."""
    atom = field.atoms[i]
    args = [_over(field, a) for a in atom.args]
    part: Tree = ("Rational", Fraction(1, atom.root))
    if atom.kind == "symbol":
        return ("Symbol", atom.name, tuple((kind, True) for kind in sorted(atom.kinds)))
    if atom.kind == "pi":
        return ("Pi",)
    if atom.kind == "exp":
        (m,) = atom.args
        logs = [j for j in field.used(m.num) if field.atoms[j].kind in ("log", "formal")]
        if not logs:
            return ("exp", ("Mul", part, args[0]))
        base = _over(field, field.atoms[logs[0]].args[0])
        return ("Pow", base, ("Mul", part, _over(field, m / field.ratio(GENS[logs[0]]))))
    if atom.kind == "function":
        if any(atom.orders):
            raise Unreached("the sign of a derivative of an unknown function")
        return ("Function", atom.name, *args)
    if atom.kind == "formal":
        raise Unreached("the sign of an exponent")
    name = {"abs": "Abs"}.get(atom.kind, atom.kind)
    return (name, *args) if atom.root == 1 else (name, ("Mul", part, *args))


def _over(field: Field, r: Ratio) -> Tree:
    return ("Mul", tree_of(field, r.num), _pow(tree_of(field, r.den), -1)) if r.den != 1 else tree_of(field, r.num)


def _rational(c: Any) -> Tree:
    return ("Rational", Fraction(int(c.p), int(c.q)))


def _pow(base: Tree, k: int) -> Tree:
    return base if k == 1 else ("Pow", base, ("Rational", Fraction(int(k))))
