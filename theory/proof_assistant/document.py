"""A claim as it is put to Coq: each step a lemma over the claim's conditions, in the order of the derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import rules
from saddlecheck.theory.checker.tree import RELATIONS, Tree, parse, substitute, symbols
from saddlecheck.theory.claims import serial, step_serial
from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import terms
from saddlecheck.theory.proof_assistant.existence import CoqObligation, obligations

Find = Callable[[Sequence[Tree], Tree], Any]  # the stored proof that premises entail a goal, or None


@dataclass(frozen=True, eq=False)
class Lemma:
    """What a step says, wherever the conditions of its claim hold.

    name: its Coq name.  title: the step's name, empty for a lemma that only helps the next.  kind, fields: of the step.
    variables: the symbols over which it is quantified.  given: the conditions.  cited: the lemmas of the steps that it
    uses.  formula: what it states.  source: the lemma of another claim that a Cite reads.
    """

    name: str
    title: str
    kind: str
    variables: tuple[Tree, ...]
    given: tuple[Tree, ...]
    cited: tuple[Lemma, ...]
    formula: Tree
    fields: Mapping[str, Any]
    source: Lemma | None = None

    @cached_property
    def needed(self) -> list[CoqObligation]:
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

    def used(self, label: str, at: Mapping[str, str] | None = None, moved: str = "") -> str:
        """The tactic that brings what this lemma says at some values of its symbols, else at those symbols themselves.

        Args:
            label: The name of what it says; its obligations are label_1, label_2, ….
            at: Symbol -> Coq term.
            moved: What the names of the conditions at those values begin with, where a symbol of theirs is moved.

        Returns:
            One tactic.
        """
        at = at or {}
        names: list[str] = []
        for i, condition in enumerate(self.given, 1):
            known = moved if set(at) & symbols(condition) else "given"
            names += [f"{known}_{i}_{k}" for k in range(1, len(obligations(condition)) + 1)] + [f"{known}_{i}"]
        arguments = [*(at.get(v[1], terms.name(v[1])) for v in self.variables), *names]
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


def lemmas(claim: Asserted, claims: Mapping[str, Asserted], find: Find) -> list[Lemma]:
    """The steps of a claim as lemmas, each after those that it uses.

    Args:
        claim: A claim with a derivation.
        claims: All claims, for those that it cites.
        find: The stored proofs.

    Returns:
        One lemma a step, and one more for the slope of each Increasing; the last one says what the claim states.
    """
    given = tuple(parse(serial.encode(condition)) for condition in claim.given)
    found: dict[str, Lemma] = {}
    for step in claim.steps:
        kind, formula, fields = checker.step(step_serial.encode(step))
        cited = tuple(found[name] for name in step.uses)
        formula = rules.stated(kind, formula, fields)
        of_fields = [] if kind == "Cite" else [tree for value in fields.values() for tree in _trees(value)]
        of_fields += [value for _, value in fields.get("at", ())]
        free = _symbols(formula, *given, *of_fields)
        free = {**free, **{v[1]: v for lemma in cited for v in lemma.variables}}
        name = f"{terms.name(claim.id)}__{terms.name(step.name)}"
        while name in {lemma.name for lemma in found.values()}:
            name += "_"
        _distinct(formula, *given, *of_fields)
        source = lemmas(claims[fields["claim"]], claims, find)[-1] if kind == "Cite" else None
        lemma = Lemma(
            name, step.name, kind, tuple(free[v] for v in sorted(free)), given, cited, formula, fields, source
        )
        if kind == "Increasing":
            helper = _slope(lemma, find)
            found[helper.name] = helper
            lemma = _monotone(lemma, helper)
        found[step.name] = lemma
    return list(found.values())


def _slope(lemma: Lemma, find: Find) -> Lemma:
    """The lemma that the slope of an Increasing has its sign."""
    premises = [tree for _, tree in lemma.premises()]
    signs: list[Tree] = [(head, lemma.fields["slope"], terms.ZERO) for head in ("StrictGreaterThan", "GreaterThan")]
    formula = next((sign for sign in signs if sign in premises or find(premises, sign) is not None), signs[0])
    return replace(lemma, name=f"{lemma.name}__slope", title="", kind="Entails", formula=formula, fields={})


def _monotone(lemma: Lemma, helper: Lemma) -> Lemma:
    """An Increasing as the Monotone that it is once the sign of its slope is known."""
    f, x, start = (lemma.fields[name] for name in ("of", "along", "from_"))
    stated = lemma.formula[2] if lemma.formula[0] in RELATIONS and lemma.formula[1] == f else None
    fields = {"of": f, "along": x, "base": start, "value": stated or substitute(f, {x[1]: start}),
              "slope": lemma.fields["slope"], "sign": helper.formula}  # fmt: skip
    return replace(lemma, kind="Monotone", cited=(*lemma.cited, helper), fields=fields)


def _trees(value: Any) -> list[Tree]:
    """The trees of a step's field."""
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return [value]
    return [tree for part in value for tree in _trees(part)] if isinstance(value, (tuple, list)) else []


def _distinct(*trees: Tree) -> None:
    """Refuse two symbols, bound ones included, that would have the same Coq name: one could stand for the other."""
    owners: dict[str, str] = {}
    todo: list[Any] = list(trees)
    while todo:
        part = todo.pop()
        if isinstance(part, tuple) and part and part[0] == "Symbol":
            if owners.setdefault(terms.name(part[1]), part[1]) != part[1]:
                raise Untranslatable(f"the symbols {part[1]} and {owners[terms.name(part[1])]} have one Coq name")
        elif isinstance(part, tuple):
            todo.extend(part)


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
