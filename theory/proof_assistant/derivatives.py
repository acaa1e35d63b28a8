"""Scripts for derivatives and Taylor coefficients: that they exist, and what they are."""

from __future__ import annotations

from fractions import Fraction

from saddlecheck.theory.checker.tree import Tree, children, substitute, symbols
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import existence, terms
from saddlecheck.theory.proof_assistant.slopes import multiply, slope
from saddlecheck.theory.proof_assistant.terms import ZERO

DOMAIN = "repeat split; intros; sign"
# The tactics that a function has a derivative that follows from the rules, up to field arithmetic.
DERIVES = [
    f"auto_derive; [{DOMAIN} |].",
    "unfold Rdiv, Rminus; simpl pow; simpl INR; simpl pred; first [reflexivity | ring | field; repeat split; sign].",
]
Node = Tree


def nodes(tree: Tree) -> list[Node]:
    """The outermost derivatives and coefficients in a tree."""
    if tree[0] in ("Derivative", "Coefficient"):
        return [tree]
    return list(dict.fromkeys(node for part in children(tree) for node in nodes(part)))


def without(tree: Tree, values: dict[Tree, Tree]) -> Tree:
    """The tree with what they are put for derivatives and coefficients."""
    if tree in values:
        return values[tree]
    parts = children(tree)
    return (*tree[: len(tree) - len(parts)], *(without(part, values) for part in parts)) if parts else tree


def value(node: Node) -> Tree:
    """A derivative or a coefficient carried out: what it is at its point."""
    body, variable, order, at = _parts(node)
    if nodes(body):
        raise Untranslatable("a derivative within a derivative")
    factorial = 1
    for k in range(order):
        body = slope(body, variable[1])
        factorial *= k + 1
    moved = substitute(body, {variable[1]: at}) if at != variable else body
    scale = ("Rational", Fraction(1, factorial))
    return moved if node[0] == "Derivative" else multiply([scale, moved])


def computed(node: Node, label: str) -> list[str]:
    """The tactics that show what a derivative or a coefficient is, as a hypothesis."""
    body, variable, order, at = _parts(node)
    place, found = terms.term(at), terms.term(value(node))
    lines = [f"assert ({label} : {terms.term(node)} = {found}).", "{"]
    if node[0] == "Derivative" and order == 1:
        lines += ["  apply is_derive_unique.", *(f"    {line}" for line in DERIVES)]
    else:
        if variable[2] and terms.is_natural(variable):
            return [
                f"assert ({label} : {terms.term(node)} = {found}) by (unfold value_at_natural; simpl INR; simpl; lra)."
            ]
        lemma = "derive_next" if node[0] == "Derivative" else "coefficient_next"
        for _ in range(order):
            following = slope(body, variable[1])
            lines.append(f"  rewrite ({lemma} _ {terms.function(following, variable)} _ ({place})).")
            lines += ["  2: {", *_near(body, variable, at), "  }"]
            body = following
        lines.append("  rewrite coefficient_start." if node[0] == "Coefficient" else "  simpl Derive_n.")
        lines.append("  cbv beta; simpl INR; try reflexivity; try lra; field; repeat split; sign.")
    return [*lines, "}"]


def exists(node: Node) -> list[str]:
    """The tactics that prove that a function is differentiable so often."""
    body, variable, order, at = _parts(node)
    lines = []
    for _ in range(order - 1):
        following = slope(body, variable[1])
        lines.append(f"apply (differentiable_next _ {terms.function(following, variable)}).")
        lines += ["{", *_near(body, variable, at), "}"]
        body = following
    if order > 1:
        lines.append(f"change (ex_derive {terms.function(body, variable)} ({terms.term(at)})).")
    return [*lines, f"auto_derive; {DOMAIN}."]


def said(node: Node) -> str:
    """The obligation that a derivative or a coefficient exists, as Coq writes it."""
    own = [o.text for o in existence.of_term(node) if o.tree is None]
    return own[-1] if own else ""


def _parts(node: Node) -> tuple[Tree, Tree, int, Tree]:
    if node[0] == "Derivative":
        _, body, variable, order = node
        at = variable
    else:
        _, body, variable, at, order = node
    if order[0] != "Rational" or (order[1] and not terms.is_regular(body, variable, at)):
        raise Untranslatable("a coefficient of an order that is no number, or at a singularity")
    return body, variable, int(order[1]), at


def _near(body: Tree, variable: Tree, at: Tree) -> list[str]:
    """That a function has its derivative near a point."""
    x = terms.name(variable[1])
    conditions = list(dict.fromkeys(
        o.tree for o in [*existence._term(body, ()), *existence._smooth(body, variable[1], ())]
        if o.tree is not None and variable[1] in symbols(o.tree)
    ))  # fmt: skip
    if not conditions:
        return ["    apply filter_forall; intros near.", *(f"    {line}" for line in DERIVES)]
    # A root that is smooth here is of a positive number: that it is not negative says no more.
    conditions = [c for c in conditions if ("StrictGreaterThan", *c[1:]) not in conditions or c[0] != "GreaterThan"]
    said = terms.conjunction([terms.formula(c) for c in conditions])
    lines = [f"    apply (filter_imp (fun {x} : R => {said})).", "    2: {"]
    for n, (relation, inner, _) in enumerate(conditions):
        lemma = "nonzero_near" if relation == "Unequality" else "positive_near"
        near = f"apply ({lemma} {terms.function(inner, variable)} ({terms.term(at)}))"
        proof = f"{near}; [auto_derive; {DOMAIN} | cbv beta; sign]."
        if relation == "GreaterThan":
            raise Untranslatable("a root that may vanish, near a point")
        if n < len(conditions) - 1:
            lines.append("      apply filter_and; [ |].")
        lines.append(f"      {proof}" if n == len(conditions) - 1 else f"      {{ {proof} }}")
    pattern = nested([f"h_{n}" for n in range(len(conditions))])
    return [*lines, "    }", f"    intros near {pattern}; cbv beta in *.", *(f"    {line}" for line in DERIVES)]


def nested(names: list[str]) -> str:
    """The pattern that takes a conjunction apart: [a [b c]]."""
    return names[0] if len(names) == 1 else f"[{names[0]} {nested(names[1:])}]"


__all__ = ["ZERO", "computed", "exists", "nested", "nodes", "value", "without"]
