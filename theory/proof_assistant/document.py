"""A claim as it is put to Coq: each step a lemma over the claim's conditions, in the order of the derivation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import rules
from saddlecheck.theory.checker.tree import Tree, parse, symbols
from saddlecheck.theory.claims import serial, step_serial
from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.proof_assistant import terms
from saddlecheck.theory.proof_assistant.existence import Obligation, obligations


@dataclass(frozen=True, eq=False)
class Lemma:
    """What a step says, wherever the conditions of its claim hold.

    name: its Coq name.  kind, fields: of the step.  variables: the symbols over which it is quantified.
    given: the conditions.  cited: the lemmas of the steps that it uses.  formula: what it states.
    """

    name: str
    title: str
    kind: str
    variables: tuple[Tree, ...]
    given: tuple[Tree, ...]
    cited: tuple[Lemma, ...]
    formula: Tree
    fields: Mapping[str, Any]

    @cached_property
    def needed(self) -> list[Obligation]:
        """The obligations of its formula."""
        return obligations(self.formula)

    @cached_property
    def parts(self) -> list[str]:
        """The obligations and the formula, each as Coq writes it."""
        return [*map(str, self.needed), terms.formula(self.formula)]

    def hypotheses(self) -> list[tuple[str, str]]:
        """Names and formulas of the conditions, each after the obligations that say where it has a value."""
        found = []
        for i, condition in enumerate(self.given, 1):
            found += [(f"given_{i}_{k}", str(o)) for k, o in enumerate(obligations(condition), 1)]
            found.append((f"given_{i}", terms.formula(condition)))
        return found

    def statement(self) -> str:
        """The Coq formula."""
        bound = " ".join(f"({terms.name(v[1])} : {terms.sort(v)})" for v in self.variables)
        arrows = "".join(f"\n  ({text}) ->" for _, text in self.hypotheses())
        said = terms.conjunction(self.parts) if len(self.parts) > 1 else self.parts[0]
        return f"{f'forall {bound},' if bound else ''}{arrows}\n  {said}"

    def open(self) -> list[str]:
        """The tactics that introduce symbols and conditions, and what the cited lemmas say here."""
        names = [*(terms.name(v[1]) for v in self.variables), *(name for name, _ in self.hypotheses())]
        lines = [f"intros {' '.join(names)}."] if names else []
        return lines + [lemma.used(f"used_{k}") for k, lemma in enumerate(self.cited, 1)]

    def used(self, label: str) -> str:
        """The tactic that brings what this lemma says, at the values that its symbols have where it is used."""
        arguments = [*(terms.name(v[1]) for v in self.variables), *(name for name, _ in self.hypotheses())]
        whole = label
        for k in range(len(self.needed), 0, -1):
            whole = f"[{label}_{k} {whole}]"
        said = f"({' '.join([self.name, *arguments])})" if arguments else self.name
        return f"destruct {said} as {whole}." if self.needed else f"pose proof {said} as {label}."

    def premises(self) -> list[tuple[str, Tree]]:
        """The names and formulas of what the step may use: conditions, then cited formulas."""
        return [
            *((f"given_{i}", condition) for i, condition in enumerate(self.given, 1)),
            *((f"used_{k}", lemma.formula) for k, lemma in enumerate(self.cited, 1)),
        ]


def lemmas(claim: Asserted) -> list[Lemma]:
    """The steps of a claim as lemmas.

    Args:
        claim: A claim with a derivation.

    Returns:
        One lemma a step; the last one says what the claim states.
    """
    given = tuple(parse(serial.encode(condition)) for condition in claim.given)
    found: dict[str, Lemma] = {}
    for step in claim.steps:
        kind, formula, fields = checker.step(step_serial.encode(step))
        cited = tuple(found[name] for name in step.uses)
        formula = rules.stated(kind, formula, fields)
        free = _symbols(formula, *given, *(tree for value in fields.values() for tree in _trees(value)))
        variables = {**free, **{v[1]: v for lemma in cited for v in lemma.variables}}
        found[step.name] = Lemma(
            _unique(terms.name(step.name), {lemma.name for lemma in found.values()}), step.name, kind,
            tuple(variables[name] for name in sorted(variables)), given, cited, formula, fields,
        )  # fmt: skip
    return list(found.values())


def _unique(name: str, taken: set[str]) -> str:
    name = f"step_{name}".lower()
    while name in taken:
        name += "_"
    return name


def _trees(value: Any) -> list[Tree]:
    """The trees of a step's field."""
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return [value]
    return [tree for part in value for tree in _trees(part)] if isinstance(value, (tuple, list)) else []


def _symbols(*trees: Tree) -> dict[str, Tree]:
    """The free symbols of trees, by name."""
    found: dict[str, Tree] = {}
    todo = list(trees)
    free = frozenset[str]().union(*map(symbols, trees))
    while todo:
        tree = todo.pop()
        if tree[0] == "Symbol" and tree[1] in free:
            found[tree[1]] = tree
        else:
            todo.extend(part for part in tree[1:] if isinstance(part, tuple))
    return found
