"""The script that closes a goal by a stored certificate: its cases, products and identities, each a step for Coq.

A core about polynomials in as many real numbers as there are atoms is proved first, then applied to the atoms' terms;
each fact that it uses is shown from the hypothesis, the definition or the denied goal from which it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saddlecheck.theory.checker.facts import Cases, key, sign
from saddlecheck.theory.checker.tree import Tree
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant.core import Core
from saddlecheck.theory.proof_assistant.existence import CoqObligation
from saddlecheck.theory.proof_assistant.reading import Source, TracedRefutation, replaced

Named = tuple[str, Tree]  # a hypothesis


class Proof:
    """The tactics that prove a goal from hypotheses, by a certificate.

    Args:
        premises: The hypotheses of which the certificate speaks, in its order.
        goal: What it proves.
        certificate: Nested lists, see theory/checker/positivity.py.
    """

    def __init__(self, premises: Sequence[Named], goal: Tree, certificate: Any) -> None:
        self.premises, self.goal, self.certificate = premises, goal, certificate
        self.reading = TracedRefutation([tree for _, tree in premises], goal)

    def covers(self, needed: CoqObligation) -> bool:
        """Whether the certificate proves an obligation besides the goal: it is about the goal's own terms."""
        if needed.tree is None:
            return False
        facts = len(self.reading.facts)
        place = _place(self.reading, needed.tree)
        del self.reading.facts[facts:]  # those of a term that is new: the certificate counts from the facts before it
        return place in self.reading.alternatives

    def script(self, needed: Sequence[CoqObligation]) -> list[str]:
        """The tactics for the goal with these obligations in front.

        Args:
            needed: Obligations that the certificate covers.

        Returns:
            Lines, each a complete tactic.
        """
        reading, sources = self.reading, self.reading.sources()
        core = Core(reading, self.certificate)
        proofs = [_origin(reading, self.premises, self.goal, needed, sources[i], reading.facts[i]) for i in core.used]
        # A derivative is one thing, whose parts no equation may touch.
        hidden = [f"set (opaque_{i} := {text}) in *; clearbody opaque_{i}." for i, text in reading.opaque.items()]
        lines = ["apply NNPP; intro denied.", *hidden, *core.lines]
        if not core.used and not core.extra:
            return [*lines, f"exact ({' '.join(['core', *core.arguments()])})."]
        lines.append(f"apply ({' '.join(['core', *core.arguments()])}); clear core.")
        return lines + [f"- {proof}" for proof in [*proofs, *(proof for _, proof in core.extra.values())]]


def _origin(
    reading: TracedRefutation,
    premises: Sequence[Named],
    goal: Tree,
    needed: Sequence[CoqObligation],
    source: Source,
    fact: Any,
) -> str:
    """The tactic that proves a fact with the atoms' terms put in."""
    if source.kind == "atom":
        return _definition(reading, source)
    if source.kind == "premise":
        name, tree = premises[source.number]
        return _shown(reading, tree, True, source.place, name) + "."
    return _denied(reading, goal, needed, fact, source.place) + "."


def _definition(reading: TracedRefutation, source: Source) -> str:
    meaning = next(m for m, i in reading.atoms.items() if i == source.number)
    inner = reading.argument(source.number)
    if meaning[0] == "exp":
        return "apply exp_pos."
    if meaning[0] == "inverse":
        return f"destruct (inverse_cases {inner}); cases_lra."
    if meaning[0] == "root":
        return f"destruct (root_cases {inner}) as [[? ?] | ?]; [left; split; lra | right; lra]."
    if meaning[0] == "Pi":
        return "destruct pi_bounds; lra."
    if meaning[0] == "Abs":
        return "unfold Rabs; repeat destruct Rcase_abs; cases_lra."
    if meaning[0] in ("Max", "Min"):
        return "unfold Rmax, Rmin; repeat destruct Rle_dec; cases_lra."
    raise Untranslatable(f"the definition of {meaning[0]}")


def _shown(reading: TracedRefutation, tree: Tree, holds: bool, place: int, name: str) -> str:
    """The tactic that proves the fact at a place in `read(tree)` from the hypothesis that the formula holds, or not."""
    head, *args = tree
    if head == "Not":
        return (
            _shown(reading, args[0], False, place, name)
            if holds
            else f"apply NNPP in {name}; " + _shown(reading, args[0], True, place, name)
        )
    if head == "Implies":
        if holds:
            branches = [(args[0], False), (args[1], True)]
            return f"apply imply_to_or in {name}; " + _cases(reading, branches, name)
        return _both(reading, [(args[0], True), (args[1], False)], place, name, f"apply imply_to_and in {name}; ")
    if head == "Equivalent":
        parts = [("Implies", args[0], args[1]), ("Implies", args[1], args[0])]
        if holds:
            return _both(reading, [(part, True) for part in parts], place, name, "")
        return f"unfold iff in {name}; apply not_and_or in {name}; " + _cases(
            reading, [(part, False) for part in parts], name
        )
    if head in ("And", "Or"):
        branches = [(arg, holds) for arg in args]
        if (head == "And") == holds:
            steps = "" if holds else f"apply not_or_and in {name}; "
            return _both(reading, branches, place, name, steps)
        return _cases(reading, branches, name, "" if holds else f"apply not_and_or in {name}; ")
    if head == "Boolean":
        return f"destruct {name}" if not args[0] and holds else f"destruct ({name} I)"
    before = f"apply NNPP in {name}; " if not holds and head == "Unequality" else ""
    equations = [equation for arg in args for equation in reading.equations(arg)]
    apart = head == ("Unequality" if holds else "Equality")
    return before + replaced(equations, f" in {name}") + (f"intro zero; apply {name}; lra" if apart else "lra")


def _both(reading: TracedRefutation, parts: Sequence[tuple[Tree, bool]], place: int, name: str, before: str) -> str:
    """The fact at a place in the facts of several formulas of a conjunction."""
    for n, (part, holds) in enumerate(parts):
        count = len(reading.read(part, holds=holds))
        if place < count:
            last = n == len(parts) - 1
            steps = ""
            for _ in range(n):
                steps += before + f"destruct {name} as [_ {name}]; "
            if not last:
                steps += before + f"destruct {name} as [{name} _]; "
            elif n == 0:
                steps = ""
            return steps + _shown(reading, part, holds, place, name)
        place -= count
    raise Untranslatable("a fact without an origin")


def _cases(reading: TracedRefutation, parts: Sequence[tuple[Tree, bool]], name: str, before: str = "") -> str:
    """A disjunction of conjunctions of facts, from one of formulas."""
    if not parts:
        return f"destruct {name}"
    head, *rest = parts
    here = _all(reading, *head, name)
    if not rest:
        return here
    others = _cases(reading, rest, name, before)
    return f"{before}destruct {name} as [{name} | {name}]; [left; {here} | right; {others}]"


def _all(reading: TracedRefutation, tree: Tree, holds: bool, name: str) -> str:
    """All facts of a formula, joined by "and"."""
    count = len(reading.read(tree, holds=holds))
    if not count:
        return "exact I"
    proofs = [f"({_shown(reading, tree, holds, k, name)})" for k in range(count)]
    text = proofs[-1]
    for proof in reversed(proofs[:-1]):
        text = f"(split; [{proof} | {text}])"
    return text


def _denied(reading: TracedRefutation, goal: Tree, needed: Sequence[CoqObligation], fact: Any, place: int) -> str:
    """The denied goal, or one of its obligations, as a fact."""
    if not isinstance(fact, Cases) or not reading.alternatives:
        return _shown(reading, goal, False, place, "denied")
    text = f"left; {_all(reading, goal, False, 'denied')}"
    for each in reversed(needed):
        unmet = _unmet(reading, each, reading.alternatives)
        text = f"apply not_and_or in denied; destruct denied as [denied | denied]; [{unmet} | {text}]"
    return text


def _place(reading: TracedRefutation, tree: Tree) -> Any:
    """What a certificate calls the place where an obligation fails."""
    relation, term, _ = tree
    poly = reading.term(term)
    refused = {"Unequality": "=", "GreaterThan": "<", "StrictGreaterThan": "<="}[relation]
    if refused == "=":
        poly = poly / poly.leading_coefficient() if poly else poly
    found = sign(poly, refused)
    return key(found.poly), found.relation


def _unmet(reading: TracedRefutation, each: CoqObligation, alternatives: list[Any]) -> str:
    """The alternative that an unmet obligation is."""
    guards = "".join("apply imply_to_and in denied; destruct denied as [_ denied]; " for _ in each.guards)
    index = alternatives.index(_place(reading, each.tree)) + 1  # type: ignore[arg-type]  # it is covered
    choose = "right; " * index + ("left; " if index < len(alternatives) else "")
    return guards + choose + _shown(reading, each.tree, False, 0, "denied")  # type: ignore[arg-type]
