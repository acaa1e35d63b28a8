"""What a step of each kind has to show: identities for flint, consequences with a stored proof, bounds for Arb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from saddlecheck.theory.checker import algebra
from saddlecheck.theory.checker.tree import (
    BINDERS,
    LEAVES,
    RELATIONS,
    Damaged,
    Tree,
    assumptions,
    children,
    is_whole,
    substitute,
    symbols,
)
from saddlecheck.theory.checker.witness import fails_on

Prove = Callable[[Sequence[Tree], Tree], None]  # that the premises entail a formula; raises Damaged if it cannot
Fields = Mapping[str, Any]

ZERO, ONE, FALSE = ("Rational", Fraction(0)), ("Rational", Fraction(1)), ("Boolean", False)
# Strongest first: a strict sign of the derivative moves the function strictly.
_SIGNS = {"StrictGreaterThan": "StrictLessThan", "StrictLessThan": "StrictGreaterThan",
          "GreaterThan": "LessThan", "LessThan": "GreaterThan"}  # fmt: skip
# What is not among these has no real value by the kernel's table: an unknown function, for one.
_KNOWN = LEAVES | RELATIONS | BINDERS - {"Limit", "Integral", "Sum"} | frozenset({
    "Add", "Mul", "Pow", "Pi", "Exp1", "Max", "Min", "Abs", "sign", "exp", "log", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "erf", "erfi", "Piecewise", "ExprCondPair", "And", "Or", "Not", "Implies",
    "Equivalent"})  # fmt: skip
# What has a value wherever its arguments have one; beside these, a power with a natural number as exponent.
_TOTAL = RELATIONS | {"Symbol", "Rational", "Boolean", "Pi", "Exp1", "Add", "Mul", "Max", "Min", "Abs", "sign", "exp",
                      "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf", "erfi", "And", "Or", "Not", "Implies",
                      "Equivalent"}  # fmt: skip
_SMOOTH = frozenset({"Add", "Mul", "Pow", "exp", "log", "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf", "erfi"})


def stated(kind: str, formula: Tree, fields: Fields) -> Tree:
    """The formula that a step hands to those that cite it: that of Bounded holds in its box."""
    if kind != "Bounded":
        return formula
    inside = [("And", ("GreaterThan", s, low), ("LessThan", s, high)) for s, (low, high) in fields["box"]]
    return ("Implies", ("And", *inside) if len(inside) != 1 else inside[0], formula)


def verify(
    kind: str, formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove
) -> None:
    """Return if the step follows from the claim's conditions and the steps that it cites.

    A cited formula holds wherever the conditions do, a condition only at the point that the claim speaks of: a rule
    that looks at another point proves the conditions there, and may then use what is cited.

    Raises:
        Damaged: if it does not, or was not found to; the message says what is missing.
    """
    if kind not in RULES:
        raise Damaged(f"no rule of the checker covers {kind}")
    todo = [formula, *given, *cited]
    while todo:
        tree = todo.pop()
        if tree[0] not in _KNOWN:
            raise Damaged(f"no rule of the checker covers {tree[0]}")
        todo += children(tree)
    RULES[kind](formula, fields, given, cited, prove)


def at_hand(premises: Sequence[Tree], goal: Tree) -> bool:
    """Whether a goal needs no proof."""
    return goal in premises or goal == ("Boolean", True)


def _equal(formula: Tree, _fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    for equation in formula[1:] if formula[0] == "And" else (formula,):
        if equation[0] != "Equality":
            raise Damaged(f"an Equal step states equations, not {equation[0]}")
        _identical(equation[1], equation[2], [*given, *cited], prove)


def _identical(left: Tree, right: Tree, premises: Sequence[Tree], prove: Prove) -> None:
    """That two expressions are equal and defined wherever the premises hold."""
    found = algebra.identical(left, right, premises)
    if not found.proved:
        raise Damaged(found.why)
    for needed in found.obligations:
        prove(premises, needed)


def _entails(formula: Tree, _fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    prove([*given, *cited], formula)


def _bounded(formula: Tree, fields: Fields, _given: Any, _cited: Any, _prove: Prove) -> None:
    for symbol, ends in fields["box"]:
        if [part[0] for part in (symbol, *ends)] != ["Symbol", "Rational", "Rational"] or not ends[0][1] < ends[1][1]:
            raise Damaged("a box gives each symbol two rational numbers, the smaller one first")
    if len({symbol[1] for symbol, _ in fields["box"]}) < len(fields["box"]):
        raise Damaged("a box gives a symbol two ranges")
    if gap := fails_on(formula, {symbol[1]: (low[1], high[1]) for symbol, (low, high) in fields["box"]}):
        raise Damaged(gap)


def _induction(formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    over, premises = fields["over"], [*given, *cited]
    if (
        over[0] != "Symbol"
        or not {"integer", "nonnegative"} <= assumptions(over)[over[1]]
        or formula[0] not in RELATIONS
    ):
        raise Damaged("Induction takes a relation and a symbol for a natural number")
    if any(over[1] in symbols(premise) for premise in premises):
        raise Damaged(f"a premise restricts {over[1]}")
    prove(premises, _moved(formula, over, ZERO))
    prove((*premises, ("GreaterThan", over, ZERO), formula), _moved(formula, over, ("Add", over, ONE)))


def _moved(tree: Tree, over: Tree, to: Tree) -> Tree:
    """The tree at n = 0 or n + 1, where b^(c n + d) is b^d at 0 and b^(c n + d) b^c at n + 1, c and d natural."""
    if over[1] not in symbols(tree):
        return tree
    if tree == over:
        return to
    if tree[0] == "Pow" and over[1] not in symbols(tree[1]):
        slope, constant = _linear(tree[2], over)
        return ("Pow", tree[1], constant) if to == ZERO else ("Mul", tree, ("Pow", tree[1], slope))
    if tree[0] in BINDERS or tree[0] == "Pow":
        raise Damaged(f"Induction does not cover a {tree[0]} of {over[1]}")
    parts = children(tree)
    return (*tree[: len(tree) - len(parts)], *(_moved(part, over, to) for part in parts))


def _linear(exponent: Tree, over: Tree) -> tuple[Tree, Tree]:
    """The natural numbers c and d of an exponent c n + d."""
    match exponent:
        case ("Add", ("Rational", Fraction(denominator=1) as d), rest) if d >= 0:
            slope, (_, inner) = _linear(rest, over)  # a sum within the sum has a constant of its own
            return slope, ("Rational", d + inner)
        case ("Mul", ("Rational", Fraction(denominator=1) as c), symbol) if c >= 0 and symbol == over:
            return ("Rational", c), ZERO
        case symbol if symbol == over:
            return ONE, ZERO
    raise Damaged(f"Induction covers exponents such as 2 {over[1]} + 1 only")


def _instance(formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    of, at, premises = fields["of"], {symbol[1]: value for symbol, value in fields["at"]}, [*given, *cited]
    if of not in cited:
        raise Damaged("Instance reads a cited formula")
    _admit(fields["at"], premises, prove)
    for condition in given:
        if (moved := substitute(condition, at)) != condition:
            prove(premises, moved)
    _read(of, at, premises, formula, prove)


def _cite(formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    """Another claim's statement, read where its conditions hold. Who calls sees to it that this is what it says."""
    at, premises = {symbol[1]: value for symbol, value in fields["at"]}, [*given, *cited]
    _admit(fields["at"], premises, prove)
    for condition in fields["conditions"]:
        prove(premises, substitute(condition, at))
    _read(fields["of"], at, premises, formula, prove)


def _admit(at: Sequence[tuple[Tree, Tree]], premises: Sequence[Tree], prove: Prove) -> None:
    """That the values put for symbols exist, and are of the symbols' kinds."""
    for symbol, value in at:
        if symbol[0] != "Symbol":
            raise Damaged(f"a value is put for a {symbol[0]}, which is no symbol")
        said = assumptions(symbol)[symbol[1]]
        if "integer" in said and not is_whole(value):
            raise Damaged(f"what is put for {symbol[1]} is no integer")
        for word, relation in (("nonnegative", "GreaterThan"), ("positive", "StrictGreaterThan")):
            if word in said:
                prove(premises, (relation, value, ZERO))
        prove(premises, ("Equality", value, value))  # it exists


def _read(of: Tree, at: Mapping[str, Tree], premises: Sequence[Tree], formula: Tree, prove: Prove) -> None:
    """That a formula follows from another one, read at some values."""
    positive: list[Tree] = []
    read = _unwrapped(substitute(of, at), positive)
    for argument in positive:
        prove(premises, ("StrictGreaterThan", argument, ZERO))
    prove((*premises, read), formula)


def _unwrapped(tree: Tree, positive: list[Tree]) -> Tree:
    """The tree with u for exp(log(u)), which they are where u > 0; such u are added to `positive`."""
    if tree[0] in BINDERS or not children(tree):
        return tree
    if tree[0] == "exp" and tree[1][0] == "log":
        positive.append(tree[1][1])
        return _unwrapped(tree[1][1], positive)
    parts = children(tree)
    return (*tree[: len(tree) - len(parts)], *(_unwrapped(part, positive) for part in parts))


def _monotone(formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    """By the mean value theorem: f(x) - f(p) = f'(s) (x - p) for some s strictly between p and x."""
    f, x, p, value, slope, sign = (fields[name] for name in ("of", "along", "base", "value", "slope", "sign"))
    guard, conclusion = formula[1:] if formula[0] == "Implies" else (("Boolean", True), formula)
    if sign not in cited or x[0] != "Symbol" or x[1] in symbols(p) | symbols(value):
        raise Damaged("Monotone cites the sign of a slope; its base and value do not depend on its variable")
    if assumptions(x)[x[1]] != {"real"}:
        raise Damaged(f"{x[1]} does not take every real value")
    premises = [*given, *cited]
    if not _is_total(guard):  # the implication has a value only where its condition has one
        prove(premises, ("Or", guard, ("Not", guard)))
    _identical(("Derivative", f, x, ONE), slope, premises, prove)
    at_base, regular = substitute(f, {x[1]: p}), True
    try:
        _identical(at_base, value, premises, prove)
    except Damaged:  # f has no value there, but may have a limit
        regular = False
        _identical(("Coefficient", f, x, p, ZERO), value, premises, prove)
    known, facts = [*premises, guard], []
    for side, turned in (("StrictGreaterThan", False), ("StrictLessThan", True)):
        if (moves := _moves(fields, given, cited, guard, (side, x, p), prove)) is not None:
            facts.append(("Implies", (side, x, p), (_SIGNS[moves] if turned else moves, f, value)))
    if regular:
        facts.append(("Implies", ("Equality", x, p), ("Equality", f, value)))
    prove([*known, *facts], conclusion)


def _is_total(tree: Tree) -> bool:
    """Whether a formula has a value by its form, whatever its symbols stand for."""
    if tree[0] == "Pow":
        return tree[2][0] == "Rational" and is_whole(tree[2]) and tree[2][1] >= 0 and _is_total(tree[1])
    return tree[0] in _TOTAL and all(map(_is_total, children(tree)))


def _increasing(formula: Tree, fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], prove: Prove) -> None:
    """Monotone, with the sign of the slope shown from the premises instead of cited."""
    f, x, slope = fields["of"], fields["along"], fields["slope"]
    start, premises = fields["from_"], [*given, *cited]
    signs = [(sign, slope, ZERO) for sign in ("StrictGreaterThan", "GreaterThan")]
    if x[0] != "Symbol" or (sign := next((s for s in signs if _shown(prove, premises, s)), None)) is None:
        raise Damaged("the sign of the slope is not shown")
    # f is compared with its value at the start as the formula has it: exp(0 t) is 1 there, which algebra has to see.
    value = formula[2] if formula[0] in RELATIONS and formula[1] == f else substitute(f, {x[1]: start})
    whole = {"of": f, "along": x, "base": start, "value": value, "slope": slope, "sign": sign}
    _monotone(formula, whole, given, [*cited, sign], prove)


def _moves(fields: Fields, given: Sequence[Tree], cited: Sequence[Tree], guard: Tree, side: Tree, prove: Prove,
           ) -> str | None:  # fmt: skip
    """The sign of the slope on one side of the base; None if there is no x on that side or the sign is not known."""
    x, p, name = fields["along"], fields["base"], "s"
    here = [*given, *cited, guard, side]
    if _shown(prove, here, FALSE):
        return None
    while any(name in symbols(tree) for tree in (*here, fields["of"], fields["slope"])):
        name += "_"
    s = ("Symbol", name, x[2])  # the intermediate point
    here.append(("And", (side[0], s, p), (side[0], x, s)))
    there = [*here, *(substitute(premise, {x[1]: s}) for premise in (*given, *cited))]
    for condition in given:
        if (moved := substitute(condition, {x[1]: s})) != condition:
            prove(here, moved)
    for needed in _smoothness(substitute(fields["of"], {x[1]: s}), name):
        prove(there, needed)
    at_s = substitute(fields["slope"], {x[1]: s})
    return next((sign for sign in _SIGNS if _shown(prove, there, (sign, at_s, ZERO))), None)


def _shown(prove: Prove, premises: Sequence[Tree], goal: Tree) -> bool:
    try:
        prove(premises, goal)
    except Damaged:
        return False
    return True


def _smoothness(tree: Tree, name: str) -> list[Tree]:
    """What makes an expression smooth in a symbol: nonzero denominators, positive arguments of roots and logarithms."""
    if name not in symbols(tree):
        return []
    if tree[0] not in _SMOOTH and tree[0] != "Symbol":
        raise Damaged(f"{tree[0]} is not known to be smooth")
    needed = [condition for part in children(tree) for condition in _smoothness(part, name)]
    if tree[0] == "log" or (tree[0] == "Pow" and (tree[2][0] != "Rational" or tree[2][1].denominator != 1)):
        needed.append(("StrictGreaterThan", tree[1], ZERO))
    elif tree[0] == "Pow" and tree[2][1] < 0:
        needed.append(("Unequality", tree[1], ZERO))
    return needed


RULES = {"Equal": _equal, "Entails": _entails, "Induction": _induction, "Instance": _instance,
         "Monotone": _monotone, "Increasing": _increasing, "Bounded": _bounded, "Cite": _cite}  # fmt: skip
