"""For each kind of step, the scripts that may prove its lemma, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from saddlecheck.theory.checker.tree import Tree
from saddlecheck.theory.proof_assistant import derivatives, identities, refutation
from saddlecheck.theory.proof_assistant.document import Lemma

Find = Callable[[Sequence[Tree], Tree], Any]  # the stored proof that premises entail a goal, or None
Script = tuple[str, list[str]]


def candidates(lemma: Lemma, find: Find) -> Iterator[Script]:
    """The names and lines of the scripts that may prove a lemma, those that are likely first."""
    yield from _KINDS.get(lemma.kind, _arithmetic)(lemma, find)


def _arithmetic(lemma: Lemma, find: Find) -> Iterator[Script]:
    premises = lemma.premises()
    certificate = find([tree for _, tree in premises], lemma.formula)
    if certificate is not None:
        yield "certificate", [*lemma.open(), *refutation.script(premises, lemma.formula, lemma.needed, certificate)]
    yield "lra", [*lemma.open(), "repeat split; intros; lra."]
    yield "nra", [*lemma.open(), "repeat split; intros; nra."]


def _equal(lemma: Lemma, find: Find) -> Iterator[Script]:
    yield "identity", [*lemma.open(), *_needed(lemma, find), *_each(lemma.formula, _equation)]


def _needed(lemma: Lemma, find: Find) -> list[str]:
    """The tactics that prove the obligations of a lemma, by certificates or by the form of terms."""
    lines: list[str] = []
    sources = {derivatives.said(node): node for node in derivatives.nodes(lemma.formula)}
    for k, each in enumerate(lemma.needed, 1):
        lines += [f"assert (needed_{k} : {each}).", "{"]
        if each.tree is None:
            lines += ["  " + line for line in (derivatives.exists(sources[each.text]) if each.text in sources else ["intros; assumption."])]
        elif not each.guards and (certificate := find([tree for _, tree in lemma.premises()], each.tree)) is not None:
            lines += ["  " + line for line in refutation.script(lemma.premises(), each.tree, [], certificate)]
        else:
            lines.append("  intros; sign.")
        lines.append("}")
    return lines + [f"split; [exact needed_{k} |]." for k in range(1, len(lemma.needed) + 1)]


def _each(formula: Tree, prove: Callable[[Tree], list[str]]) -> list[str]:
    """The tactics for each part of a conjunction."""
    parts = formula[1:] if formula[0] == "And" else (formula,)
    lines: list[str] = []
    for n, part in enumerate(parts):
        if n < len(parts) - 1:
            lines += ["split.", "{", *("  " + line for line in prove(part)), "}"]
        else:
            lines += prove(part)
    return lines


def _equation(equation: Tree) -> list[str]:
    """The tactics for one equation: derivatives are carried out, what is left is an identity."""
    _, left, right = equation
    found = derivatives.nodes(equation)
    lines = [line for n, node in enumerate(found) for line in derivatives.computed(node, f"slope_{n}")]
    lines += [f"rewrite slope_{n}." for n in range(len(found))]
    values = {node: derivatives.value(node) for node in found}
    return lines + identities.script(derivatives.without(left, values), derivatives.without(right, values))


_KINDS: dict[str, Callable[[Lemma, Find], Iterator[Script]]] = {"Entails": _arithmetic, "Equal": _equal}
