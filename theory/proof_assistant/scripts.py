"""For each kind of step, the scripts that may prove its lemma, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from saddlecheck.theory.checker import algebra, rules
from saddlecheck.theory.checker.tree import Damaged, Tree, substitute
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import derivatives, identities, monotone, preparation, refutation, terms
from saddlecheck.theory.proof_assistant.document import Find, Lemma
from saddlecheck.theory.proof_assistant.existence import CoqObligation, obligations

Script = tuple[str, list[str]]


def candidates(lemma: Lemma, find: Find) -> Iterator[Script]:
    """The names and lines of the scripts that may prove a lemma, those that are likely first."""
    if lemma.kind not in KINDS:
        raise Untranslatable(f"no script covers a step of the kind {lemma.kind}")
    for script in KINDS[lemma.kind]:
        try:
            yield from script(lemma, find)
        except (Damaged, Untranslatable, ArithmeticError):  # this script does not cover the step; another one may
            continue


def _arithmetic(lemma: Lemma, find: Find) -> Iterator[Script]:
    premises = lemma.premises()
    if at := next((name for name, tree in premises if tree == lemma.formula), ""):
        yield "premise", [*lemma.open(), *_with_obligations(lemma, at)]
    certificate = find([tree for _, tree in premises], lemma.formula)
    if certificate is not None:
        yield "certificate", [*lemma.open(), *_certified(premises, lemma.formula, lemma.needed, certificate, find)]
        return
    for tactic in ("lra", "nra"):
        yield tactic, [*lemma.open(), f"repeat split; intros; {tactic}."]


def _certified(
    premises: Sequence[refutation.Named], goal: Tree, needed: Sequence[CoqObligation], certificate: Any, find: Find
) -> list[str]:
    """The tactics that prove obligations and a goal, of which a certificate covers those of its own terms."""
    proof = refutation.Proof(premises, goal, certificate)
    covered = [proof.covers(each) for each in needed]
    if all(covered):
        return proof.script(needed)
    lines: list[str] = []
    for k, (each, own) in enumerate(zip(needed, covered, strict=True)):
        if not own:
            shown = ["  " + line for line in _obliged(premises, each, find)]
            lines += [f"assert (other_{k} : {each}).", "{", *shown, "}"]
    mine = [each for each, own in zip(needed, covered, strict=True) if own]
    said = terms.conjunction([*map(str, mine), terms.formula(goal)]) if mine else terms.formula(goal)
    lines += [f"assert (rest : {said}).", "{", *("  " + line for line in proof.script(mine)), "}"]
    names = [f"own_{k}" if own else f"other_{k}" for k, own in enumerate(covered)]
    pattern = derivatives.nested([name for name, own in zip(names, covered, strict=True) if own] + ["rest"])
    whole = "rest"
    for part in reversed(names):
        whole = f"(conj {part} {whole})"
    return [*lines, *([f"destruct rest as {pattern}."] if mine else []), f"exact {whole}."]


def _existing(each: CoqObligation) -> str:
    """The tactic for an obligation that the certificate does not speak of: it is known, or plain by its form."""
    if each.tree is None:
        derive = "auto_derive; repeat split; sign" if each.text.startswith("ex_derive (") else "fail"
        return f"intros; first [assumption | solve [auto] | {derive}]."
    return "intros; first [assumption | solve [auto] | sign]."


def _equal(lemma: Lemma, find: Find) -> Iterator[Script]:
    yield "identity", [*lemma.open(), *_needed(lemma, find), *_each(lemma.formula, _equation)]


def _equal_prepared(lemma: Lemma, find: Find) -> Iterator[Script]:
    """As above, with known signs of absolute values, powers split, and the obligations of the checker's own algebra."""
    premises = lemma.premises()
    trees = [tree for _, tree in premises]

    def equation(part: Tree) -> list[str]:
        return _equation(part, trees)

    lines = [*lemma.open(), *_hints(lemma, find), *_needed(lemma, find)]
    yield "identity, prepared", [*lines, *_each(lemma.formula, equation)]


def _equal_by_field(lemma: Lemma, find: Find) -> Iterator[Script]:
    lines = [*lemma.open(), *_hints(lemma, find), *_needed(lemma, find)]
    yield "field", [*lines, *_each(lemma.formula, lambda part: [*_carried_out(part), "field; repeat split; sign."])]


def _hints(lemma: Lemma, find: Find) -> list[str]:
    """The tactics for what the checker's algebra found to be needed, as far as a proof of it is stored."""
    premises, lines = lemma.premises(), list[str]()
    trees = [tree for _, tree in premises]
    for part in lemma.formula[1:] if lemma.formula[0] == "And" else (lemma.formula,):
        for needed in algebra.identical(part[1], part[2], trees).obligations:
            if needed in trees or (certificate := find(trees, needed)) is None or obligations(needed):
                continue
            line = f"assert (h_{len(lines)} : {terms.formula(needed)})."
            proof = refutation.Proof(premises, needed, certificate).script([])
            if all(terms.formula(needed) not in each for each in lines):
                lines.append("\n".join([line, "{", *proof, "}"]))
    return lines


def _needed(lemma: Lemma, find: Find) -> list[str]:
    """The tactics that prove the obligations of a lemma, by certificates or by the form of terms."""
    lines: list[str] = []
    sources = {derivatives.said(node): node for node in derivatives.nodes(lemma.formula)}
    for k, each in enumerate(lemma.needed, 1):
        lines += [f"assert (needed_{k} : {each}).", "{"]
        if each.tree is None:
            lines += [
                "  " + line
                for line in (derivatives.exists(sources[each.text]) if each.text in sources else [_existing(each)])
            ]
        else:
            lines += ["  " + line for line in _obliged(lemma.premises(), each, find)]
        lines.append("}")
    return lines + [f"split; [exact needed_{k} |]." for k in range(1, len(lemma.needed) + 1)]


def _obliged(premises: Sequence[refutation.Named], needed: CoqObligation, find: Find) -> list[str]:
    """The tactics that prove an obligation: by a certificate from the premises and its guards, else by its form."""
    if needed.tree is not None:
        names = [f"guard_{k}" for k in range(len(needed.guards))]
        known = [*premises, *zip(names, needed.guards, strict=True)]
        certificate = find([tree for _, tree in known], needed.tree)
        if certificate is not None:
            proof = refutation.Proof(known, needed.tree, certificate).script([])
            return [*([f"intros {' '.join(names)}."] if names else []), *proof]
    return [_existing(needed)]


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


def _carried_out(equation: Tree) -> list[str]:
    """The tactics that carry out the derivatives in an equation."""
    found = derivatives.nodes(equation)
    lines = [line for n, node in enumerate(found) for line in derivatives.computed(node, f"slope_{n}")]
    return lines + [f"rewrite slope_{n}." for n in range(len(found))]


def _equation(equation: Tree, premises: Sequence[Tree] | None = None) -> list[str]:
    """Return the tactics for one equation: derivatives are carried out, what is left is an identity.

    premises: formulas by which its terms are first brought into another form; None means that they are left.
    """
    values = {node: derivatives.value(node) for node in derivatives.nodes(equation)}
    sides, lines = [derivatives.without(side, values) for side in equation[1:]], _carried_out(equation)
    if premises is not None:
        forms = [preparation.prepared(side, premises) for side in sides]
        sides = [side for side, _ in forms]
        lines += dict.fromkeys(line for _, more in forms for line in more)
    return lines + identities.script(*sides)


def _monotone(lemma: Lemma, find: Find) -> Iterator[Script]:
    def entailed(premises: list[refutation.Named], goal: Tree) -> list[str]:
        return _entailed(premises, goal, find)

    formula = terms.formula(lemma.formula)
    lines = [*lemma.open(), f"assert (main : {formula}).", "{"]
    lines += ["  " + line for line in monotone.script(lemma, find, entailed)] + ["}"]
    yield "mean value", lines + _with_obligations(lemma, "main")


def _with_obligations(lemma: Lemma, main: str) -> list[str]:
    """The tactics that end a proof whose formula is known: its obligations are shown by their form."""
    lines = [f"split; [{_existing(each).rstrip('.')} |]." for each in lemma.needed]
    return [*lines, f"exact {main}."]


def _entailed(premises: Sequence[refutation.Named], goal: Tree, find: Find) -> list[str]:
    """The tactics that prove a formula from hypotheses: one of them, a certificate, linear arithmetic, or its form."""
    if at := next((name for name, tree in premises if tree == goal), ""):
        return [f"exact {at}."]
    if goal == ("Boolean", True):
        return ["exact I."]
    certificate = find([tree for _, tree in premises], goal)
    if certificate is None:
        return ["first [lra | sign]."]
    return refutation.Proof(premises, goal, certificate).script([])


def _cite(lemma: Lemma, find: Find) -> Iterator[Script]:
    source, fields = lemma.source, lemma.fields
    if source is None:
        source = next(each for each in lemma.cited if each.formula == fields["of"])
    at = {symbol[1]: value for symbol, value in fields["at"]}
    here = {symbol[1] for symbol in lemma.variables}
    # A symbol that only the cited lemma has may be any number.
    at |= {v[1]: terms.ZERO for v in source.variables if v[1] not in at and v[1] not in here}
    premises = lemma.premises()
    lines = lemma.open()
    for i, condition in enumerate(source.given, 1):
        moved = substitute(condition, at)
        if lemma.source is None and moved == condition:
            continue
        for k, each in enumerate(obligations(moved), 1):
            lines.append(f"assert (there_{i}_{k} : {each}) by ({_existing(each).rstrip('.')}).")
        lines += [f"assert (there_{i} : {terms.formula(moved)}).", "{"]
        lines += ["  " + line for line in _entailed(premises, moved, find)] + ["}"]
    values = {v[1]: _value(v, at[v[1]]) for v in source.variables if v[1] in at}
    everywhere = {v[1]: values.get(v[1], terms.name(v[1])) for v in source.variables}
    lines.append(source.used("said", everywhere if lemma.source is not None else values, "there"))
    positive: list[Tree] = []
    read = rules._unwrapped(substitute(source.formula, at), positive)
    lines += [f"rewrite (exp_ln ({terms.term(each)}) ltac:(sign)) in said." for each in positive]
    known = [*premises, ("said", read)]
    if lemma.formula == read:
        yield "citation", lines + _with_obligations(lemma, "said")
    certificate = find([tree for _, tree in known], lemma.formula)
    if certificate is not None:
        yield "citation, certificate", lines + _certified(known, lemma.formula, lemma.needed, certificate, find)
    yield "citation, lra", [*lines, "repeat split; intros; first [assumption | lra | sign]."]


def _value(symbol: Tree, value: Tree) -> str:
    if terms.is_natural(symbol):
        found = terms._natural(value)
        if found is None:
            raise Untranslatable(f"what is put for {symbol[1]} is no natural number by its form")
        return f"({found[0]})%nat"
    return f"({terms.term(value)})"


def _bounded(lemma: Lemma, _find: Find) -> Iterator[Script]:
    box, formula = lemma.fields["box"], lemma.formula
    names = [terms.name(symbol[1]) for symbol, _ in box]
    lines = [*lemma.open(), f"assert (main : {terms.formula(formula)}).", "{", "  intros within."]
    for (_, (low, high)), name in zip(box, names, strict=True):
        lines.append(f"  assert ({terms.term(low)} <= {name} <= {terms.term(high)}) by lra.")
    bisect = ", ".join(f"i_bisect {name}" for name in names)
    yield (
        "interval",
        [*lines, f"  interval with ({bisect}, i_depth 40, i_prec 60).", "}", *_with_obligations(lemma, "main")],
    )


def _induction(lemma: Lemma, find: Find) -> Iterator[Script]:
    over = lemma.fields["over"]
    n, premises = terms.name(over[1]), lemma.premises()
    base, following = (rules._moved(lemma.formula, over, to) for to in (rules.ZERO, ("Add", over, rules.ONE)))
    later = [*premises, ("positive", ("GreaterThan", over, rules.ZERO)), ("before", lemma.formula)]
    lines = [*lemma.open(), f"assert (start : {terms.formula(base)}).", "{"]
    lines += ["  " + line for line in _entailed(premises, base, find)] + ["}"]
    lines += [f"assert (next : forall {n} : nat, ({terms.formula(lemma.formula)}) -> {terms.formula(following)}).", "{"]
    lines += [f"  clear {n}; intros {n} before. pose proof (Rle_ge _ _ (pos_INR {n})) as positive."]
    lines += ["  " + line for line in _entailed(later, following, find)] + ["}"]
    lines.append(f"assert (main : {terms.formula(lemma.formula)}).")
    lines += ["{", f"  induction {n} as [| {n} before].", "  - simpl in start |- *; lra."]
    lines += [
        f"  - specialize (next {n} before). rewrite ?S_INR. rewrite ?Nat.mul_succ_r, ?pow_add; simpl pow in *; lra.",
        "}",
    ]
    yield "induction", lines + _with_obligations(lemma, "main")


KINDS: dict[str, tuple[Callable[[Lemma, Find], Iterator[Script]], ...]] = {
    "Entails": (_arithmetic,),
    "Equal": (_equal, _equal_prepared, _equal_by_field),
    "Monotone": (_monotone,),
    "Cite": (_cite,),
    "Instance": (_cite,),
    "Bounded": (_bounded,),
    "Induction": (_induction,),
}
