"""For each kind of step, the scripts that may prove its lemma, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from saddlecheck.theory.checker.tree import Tree
from saddlecheck.theory.proof_assistant import refutation
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


_KINDS: dict[str, Callable[[Lemma, Find], Iterator[Script]]] = {"Entails": _arithmetic}
