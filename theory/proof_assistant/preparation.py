"""Rewriting before an identity: absolute values of known sign, natural powers split into those of single symbols."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from saddlecheck.theory.checker import algebra
from saddlecheck.theory.checker.tree import Tree, children
from saddlecheck.theory.proof_assistant import terms
from saddlecheck.theory.proof_assistant.slopes import multiply
from saddlecheck.theory.proof_assistant.terms import ONE

_MINUS = ("Rational", Fraction(-1))


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
    if tree[0] == "Pow" and tree[2][0] != "Rational" and (split := _linear(tree[2])) is not None:
        symbols, constant = split
        factors = [_power(("Pow", tree[1], symbol), slope) for symbol, slope in symbols.items()]
        return multiply([*factors, _power(tree[1], constant)]), "rewrite <- ?pow_mult, <- ?pow_add; f_equal; lia"
    return tree, ""


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
