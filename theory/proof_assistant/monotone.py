"""The script of a Monotone step: the mean value theorem between the base and the point, on either side."""

from __future__ import annotations

from collections.abc import Callable

from saddlecheck.theory.checker.rules import FALSE, at_hand
from saddlecheck.theory.checker.tree import Tree, substitute, symbols
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import identities, preparation, terms
from saddlecheck.theory.proof_assistant.derivatives import DERIVES
from saddlecheck.theory.proof_assistant.document import Find, Lemma
from saddlecheck.theory.proof_assistant.existence import obligations
from saddlecheck.theory.proof_assistant.slopes import slope
from saddlecheck.theory.proof_assistant.terms import ZERO

Named = tuple[str, Tree]
# The sign of a slope, strongest first; the lemma of the prelude for it; and how f moves to the right and to the left.
_SIGNS = {
    "StrictGreaterThan": ("moved_up", "StrictGreaterThan", "StrictLessThan"),
    "StrictLessThan": ("moved_down", "StrictLessThan", "StrictGreaterThan"),
    "GreaterThan": ("not_down", "GreaterThan", "LessThan"),
    "LessThan": ("not_up", "LessThan", "GreaterThan"),
}
Entailed = Callable[[list[Named], Tree], list[str]]  # the tactics that prove a goal from hypotheses


def script(lemma: Lemma, find: Find, entailed: Entailed) -> list[str]:
    """The tactics for the formula of a lemma, without its obligations.

    Args:
        lemma: A Monotone step, whose symbols and conditions are introduced.
        find: The stored proofs, by which it is known which way f moves.
        entailed: The tactics for what the premises entail.

    Returns:
        Lines, each a complete tactic.

    Raises:
        Untranslatable: f has no value at the base, but a limit.
    """
    f, x, p, value = (lemma.fields[name] for name in ("of", "along", "base", "value"))
    guard, conclusion = lemma.formula[1:] if lemma.formula[0] == "Implies" else (("Boolean", True), lemma.formula)
    if not terms.is_regular(f, x, p):
        raise Untranslatable("a limit at the base of a monotone function")
    lines = ["intro guard."] if lemma.formula[0] == "Implies" else ["pose proof I as guard."]
    at_base = substitute(f, {x[1]: p})
    lines += [f"assert (base : {terms.formula(('Equality', at_base, value))}).", "{"]
    lines += ["  " + line for line in _agree(at_base, value, lemma)] + ["}"]
    premises: list[Named] = [*lemma.premises(), ("guard", guard)]
    facts: list[Named] = []
    for side, label in (("StrictGreaterThan", "right"), ("StrictLessThan", "left")):
        here = [*premises, ("side", (side, x, p))]
        if _known(find, here, FALSE):
            continue
        moved = _side(lemma, find, entailed, here, side, label)
        if moved is not None:
            facts.append((label, moved[0]))
            lines += moved[1]
    same = ("Implies", ("Equality", x, p), ("Equality", f, value))
    lines += [f"assert (same : {terms.formula(same)}).", "{ intro here_; rewrite here_; exact base. }"]
    facts.append(("same", same))
    if _known(find, [*premises, *facts], conclusion):
        return lines + entailed([*premises, *facts], conclusion)
    places = {"left": "less", "same": "equals", "right": "more"}
    cases = (
        f"generalize ({name} {place}); intro; lra" if name in dict(facts) else "lra" for name, place in places.items()
    )
    return [
        *lines,
        f"destruct (Rtotal_order {terms.term(x)} ({terms.term(p)})) as [less | [equals | more]]; "
        f"[{' | '.join(cases)}].",
    ]


def _agree(left: Tree, right: Tree, lemma: Lemma) -> list[str]:
    """The tactics for an identity, its terms brought into another form if they are not equal as they stand."""
    try:
        return identities.script(left, right)
    except Untranslatable:
        premises = [tree for _, tree in lemma.premises()]
        forms = [preparation.prepared(side, premises) for side in (left, right)]
        changes = list(dict.fromkeys(line for _, lines in forms for line in lines))
        return [*changes, *identities.script(*(side for side, _ in forms))]


def _known(find: Find, premises: list[Named], goal: Tree) -> bool:
    trees = [tree for _, tree in premises]
    return at_hand(trees, goal) or find(trees, goal) is not None


def _side(
    lemma: Lemma, find: Find, entailed: Entailed, here: list[Named], side: str, label: str
) -> tuple[Tree, list[str]] | None:
    """How f(x) compares with the value on one side of the base, and the tactics that assert it."""
    f, x, p, value, moves = (lemma.fields[name] for name in ("of", "along", "base", "value", "slope"))
    name = "s"
    while any(name in symbols(tree) for tree in (*(tree for _, tree in here), f, moves)):
        name += "_"
    s = ("Symbol", name, x[2])
    between = ("And", (side, s, p), (side, x, s))
    here = [*here, ("inside", between)]
    there = [*here, *_moved(lemma, {x[1]: s})]
    at_s = substitute(moves, {x[1]: s})
    sign = next((sign for sign in _SIGNS if _known(find, there, (sign, at_s, ZERO))), None)
    if sign is None:
        return None
    rule, rightwards, leftwards = _SIGNS[sign]
    right = side == "StrictGreaterThan"
    fact = ("Implies", (side, x, p), (rightwards if right else leftwards, f, value))
    ends = (terms.term(p), terms.term(x)) if right else (terms.term(x), terms.term(p))
    functions = f"{terms.function(f, x)} {terms.function(moves, x)}"
    lines = [
        f"assert ({label} : {terms.formula(fact)}).", "{", "  intro side.",
        f"  destruct (between {functions} ({ends[0]}) ({ends[1]}) ltac:(lra)) as [{name} [within mean]].",
        "  {", "    intros near within; cbv beta.", *("    " + line for line in _derivative(f, x, moves)), "  }",
        f"  assert (inside : {terms.formula(between)}) by lra.",
    ]  # fmt: skip
    lines += ["  " + line for line in _at(lemma, x[1], s, here, entailed)]
    lines += [f"  assert (slope : {terms.formula((sign, at_s, ZERO))}).", "  {"]
    lines += ["    " + line for line in entailed(there, (sign, at_s, ZERO))] + ["  }"]
    lines += [f"  generalize ({rule} _ _ _ _ mean slope ltac:(lra)); cbv beta; intro; lra.", "}"]
    return fact, lines


def _derivative(f: Tree, x: Tree, claimed: Tree) -> list[str]:
    """The tactics that f has the derivative that is claimed: it is what the rules give, in another form."""
    near = ("Symbol", "near", x[2])
    stated, ruled = (substitute(each, {x[1]: near}) for each in (claimed, slope(f, x[1])))
    if terms.term(stated) == terms.term(ruled):
        return DERIVES
    said = terms.formula(("Equality", stated, ruled))
    proof = ["  " + line for line in identities.script(stated, ruled)]
    return [f"assert (agree : {said}).", "{", *proof, "}", "rewrite agree.", *DERIVES]


def _moved(lemma: Lemma, at: dict[str, Tree]) -> list[Named]:
    """All premises at the intermediate point, by the names that they get there."""
    found: list[Named] = []
    for i, condition in enumerate(lemma.given, 1):
        there = substitute(condition, at)
        found.append((f"there_{i}" if there != condition else f"given_{i}", there))
    found += [(f"cited_{k}", substitute(each.formula, at)) for k, each in enumerate(lemma.cited, 1)]
    return found


def _at(lemma: Lemma, x: str, s: Tree, here: list[Named], entailed: Entailed) -> list[str]:
    """The tactics that bring the conditions, then the cited formulas, at the intermediate point."""
    lines: list[str] = []
    for i, condition in enumerate(lemma.given, 1):
        if x not in symbols(condition):
            continue
        moved = substitute(condition, {x: s})
        for k, each in enumerate(obligations(moved), 1):
            lines.append(f"assert (there_{i}_{k} : {each}) by (intros; sign).")
        lines += [
            f"assert (there_{i} : {terms.formula(moved)}).",
            "{",
            *("  " + line for line in entailed(here, moved)),
            "}",
        ]
    at = {x: terms.name(s[1])}
    return lines + [each.used(f"cited_{k}", at, "there") for k, each in enumerate(lemma.cited, 1)]
