"""Rewriting before an identity: known signs of absolute values, values such as ln 1, powers of single symbols."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from saddlecheck.theory.checker import algebra
from saddlecheck.theory.checker.tree import Tree, children
from saddlecheck.theory.proof_assistant import terms
from saddlecheck.theory.proof_assistant.slopes import multiply
from saddlecheck.theory.proof_assistant.terms import ONE, ZERO

_MINUS = ("Rational", Fraction(-1))
_HALF, _MINUS_HALF = ("Rational", Fraction(1, 2)), ("Rational", Fraction(-1, 2))
# b^(m n + k) = (b^n)^m b^k, where k may be 1 and b^1 is then written b.
_POWERS = "first [rewrite <- ?pow_mult, <- ?pow_add; f_equal; lia | rewrite ?pow_add, ?pow_mult; simpl; ring]"


# What functions are at a point where they have a name of their own: the point, the value, Coq's lemma.
_VALUES = {
    "erf": (ZERO, ZERO, "erf_zero"), "erfi": (ZERO, ZERO, "erfi_zero"), "log": (ONE, ZERO, "ln_1"),
    "sin": (ZERO, ZERO, "sin_0"), "cos": (ZERO, ONE, "cos_0"), "tan": (ZERO, ZERO, "tan_0"),
    "sinh": (ZERO, ZERO, "sinh_0"), "cosh": (ZERO, ONE, "cosh_0"), "atan": (ZERO, ZERO, "atan_0"),
}  # fmt: skip


def prepared(tree: Tree, premises: Sequence[Tree]) -> tuple[Tree, list[str]]:
    """A term in a form that is an identity more easily, and the tactics that bring the goal into it.

    Args:
        tree: The term.
        premises: Formulas by which signs are known.

    Returns:
        The other form, and one tactic for each part that changes, innermost first.
    """
    parts = children(tree)
    done = [prepared(part, premises) for part in parts]
    lines = [line for _, more in done for line in more]
    if parts:
        tree = (*tree[: len(tree) - len(parts)], *(part for part, _ in done))
    changed, proof = _changed(tree, premises)
    if changed != tree:
        lines.append(f"replace ({terms.term(tree)}) with ({terms.term(changed)}) by ({proof}).")
    return changed, list(dict.fromkeys(lines))


def _changed(tree: Tree, premises: Sequence[Tree]) -> tuple[Tree, str]:
    if tree[0] == "Abs":
        inner = tree[1]
        if algebra.identical(tree, inner, premises).proved:
            return inner, "symmetry; apply Rabs_pos_eq; sign"
        if algebra.identical(tree, ("Mul", _MINUS, inner), premises).proved:
            return ("Mul", _MINUS, inner), "symmetry; apply Rabs_left1; first [lra | nra]"
    if tree[0] == "Pow" and tree[2] in (_HALF, _MINUS_HALF):
        root = _root(tree[1])
        if root is not None and algebra.identical(("Pow", tree[1], _HALF), root, premises).proved:
            first, changed = ("", root) if tree[2] == _HALF else ("f_equal; ", ("Pow", root, _MINUS))
            square = f"replace ({terms.term(tree[1])}) with (({terms.term(root)}) ^ 2) by ring"
            return changed, f"{first}symmetry; {square}; apply sqrt_pow2; sign"
    if tree[0] in _VALUES:
        at, value, lemma = _VALUES[tree[0]]
        if algebra.identical(tree[1], at, premises).proved:
            same = f"replace ({terms.term(tree[1])}) with ({terms.term(at)})"
            return value, f"symmetry; {same} by (first [ring | field; repeat split; sign]); apply {lemma}"
    if tree[0] == "Pow" and tree[2][0] != "Rational" and (split := _linear(tree[2])) is not None:
        symbols, constant = split
        factors = [_power(("Pow", tree[1], symbol), slope) for symbol, slope in symbols.items()]
        return multiply([*factors, _power(tree[1], constant)]), _POWERS
    return tree, ""


def _root(square: Tree) -> Tree | None:
    """m, of a term that is m^2 by its form: a product of squares and even powers, and parts that vanish."""
    parts = [part for part in (square[1:] if square[0] == "Add" else (square,)) if not _vanishes(part)]
    if len(parts) != 1:
        return None
    found: list[Tree] = []
    for factor in parts[0][1:] if parts[0][0] == "Mul" else parts:
        if factor[0] == "Rational" and factor[1] > 0:
            root = Fraction(isqrt(factor[1].numerator), isqrt(factor[1].denominator))
            if root**2 != factor[1]:
                return None
            found.append(("Rational", root))
            continue
        if factor[0] != "Pow" or factor[2][0] != "Rational" or factor[2][1] % 2:
            return None
        found.append(factor[1] if factor[2][1] == 2 else ("Pow", factor[1], ("Rational", factor[2][1] / 2)))
    return multiply(found)


def _vanishes(tree: Tree) -> bool:
    return algebra.identical(tree, ZERO).proved


def _power(base: Tree, exponent: int) -> Tree:
    return ONE if not exponent else base if exponent == 1 else ("Pow", base, ("Rational", Fraction(exponent)))


def _linear(exponent: Tree) -> tuple[dict[Tree, int], int] | None:
    """The natural coefficients of an exponent that is linear in symbols for natural numbers."""
    head, *args = exponent
    if head == "Symbol" and terms.is_natural(exponent):
        return {exponent: 1}, 0
    if head == "Rational" and args[0].denominator == 1 and args[0] >= 0:
        return {}, int(args[0])
    if (
        head == "Mul"
        and len(args) == 2
        and args[0][0] == "Rational"
        and args[0][1].denominator == 1
        and args[0][1] >= 0
    ):
        inner, factor = _linear(args[1]), int(args[0][1])
        return (
            None if inner is None else ({s: k * factor for s, k in inner[0].items() if k * factor}, inner[1] * factor)
        )
    if head == "Add":
        parts = [_linear(arg) for arg in args]
        found: dict[Tree, int] = {}
        for part in parts:
            if part is None:
                return None
            for symbol, k in part[0].items():
                found[symbol] = found.get(symbol, 0) + k
        return found, sum(part[1] for part in parts if part)
    return None
