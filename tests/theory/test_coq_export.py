"""What is exported to Coq says what the claim says, and nothing is admitted. Coq itself is not needed here."""

import dataclasses

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import document, existence, files, refutation, scripts, terms
from saddlecheck.theory.symbols import n, real
from saddlecheck.verification.cli import main
from saddlecheck.verification.ledger import proofs

x, y = real("x"), real("y")


def tree(formula):
    return parse(serial.encode(formula))


@pytest.mark.parametrize(
    ("term", "written"),
    [
        (x - y, "x - y"),
        (-x * y, "- (x * y)"),
        (x / y**2, "x / y ^ 2"),
        (sp.sqrt(x) ** 3, "sqrt x ^ 3"),
        (1 / sp.sqrt(x + y), "/ sqrt (x + y)"),
        (sp.exp(-x) * sp.Rational(-3, 2), "- (3 / 2) * exp (- x)"),
        ((1 + x) ** (2 * n + 1), "(1 + x) ^ (1 + 2 * n)"),
        (n * x, "x * INR n"),
        (x**y, "Rpower x y"),
        (sp.Derivative(x**2 * y, x), "Derive (fun x : R => y * x ^ 2) x"),
        (Coefficient(sp.exp(x), x, sp.S.Zero, sp.S(2)), "coefficient (fun x : R => exp x) 2 0"),
        (Coefficient(sp.sin(x) / x, x, sp.S.Zero, sp.S.Zero), "limit (fun x : R => / x * sin x) 0"),
    ],
)
def test_a_term_is_written_node_by_node(term, written):
    assert terms.term(tree(sp.Eq(term, 7, evaluate=False))[1]) == written


def test_a_formula_keeps_its_brackets():
    said = sp.Implies(sp.Or(x > 0, sp.And(y > 0, x < 1)), sp.Not(sp.Eq(x, y)), evaluate=False)
    assert terms.formula(tree(said)) in (
        "x > 0 \\/ (x < 1 /\\ y > 0) -> x <> y",
        "x > 0 \\/ (y > 0 /\\ x < 1) -> x <> y",
        "(x < 1 /\\ y > 0) \\/ x > 0 -> x <> y",
    )


@pytest.mark.parametrize(
    ("formula", "needed"),
    [
        (x / y > 0, ["y <> 0"]),
        (sp.log(x) > y, ["x > 0"]),
        (sp.sqrt(x - 1) > y, ["-1 + x >= 0"]),
        (sp.Implies(x > 0, 1 / x > 0, evaluate=False), ["x > 0 -> x <> 0"]),
        (sp.Eq(sp.Derivative(sp.sqrt(x), x), y), ["ex_derive (fun x : R => sqrt x) x", "x >= 0", "x > 0"]),
        (sp.exp(x) + abs(x) > 0, []),
    ],
)
def test_obligations_are_part_of_the_statement(formula, needed):
    assert [str(each) for each in existence.obligations(tree(formula))] == needed


@pytest.mark.parametrize("formula", [Prop("p", "Words."), sp.Eq(sp.floor(x), 0), sp.Eq(x ** sp.Rational(1, 3), y)])
def test_what_coq_has_no_word_for_is_refused_by_name(formula):
    with pytest.raises(Untranslatable):
        terms.formula(tree(formula))


def test_names_are_no_words_of_coq_and_no_names_of_the_scripts():
    assert [terms.name(each) for each in ("lambda", "fun", "G_{n+1}", "X'", "given_1", "2a")] == [
        "lambda", "fun_", "G__n_1_", "X_prime", "given_1_", "_2a",
    ]  # fmt: skip


def test_two_symbols_never_share_a_name():
    both = real("w_+") * real("w_-")
    assert terms.term(tree(sp.Eq(both, 7))[1]) in ("w_minus * w_plus", "w_plus * w_minus")
    same = sp.Eq(real("G_{a}") * sp.Derivative(real("G_[a]") ** 2, real("G_[a]")), 7)  # one of the two is bound
    assert len({terms.name(each.name) for each in same.atoms(sp.Symbol)}) == 1
    with pytest.raises(Untranslatable, match="have one Coq name"):
        document._distinct(tree(same))
    document._distinct(tree(sp.Eq(both, 7)))


def test_an_obligation_that_only_coq_asks_for_has_a_certificate_of_its_own(monkeypatch):
    claim = CLAIMS["discrete-stationary"]
    needed = "1 - (1 - a * eta) ^ 2 <> 0"
    lemma = next(each for each in document.lemmas(claim, CLAIMS, proofs.stored) if each.title == "rest")
    assert needed in map(str, lemma.needed)

    def proved_by_form():
        _, lines = next(iter(scripts.candidates(lemma, files.with_own(proofs.stored))))
        start = next(i for i, line in enumerate(lines) if needed in line)
        return "sign" in "".join(lines[start : lines.index("}", start)])

    assert not proved_by_form()
    monkeypatch.setattr(files, "stored", lambda: {"tactics": {}, "proofs": {}, "accepted": {}})
    assert proved_by_form()


def test_a_claim_with_every_script_ends_with_its_theorem_and_one_without_does_not():
    claim = CLAIMS["exp-sign"]
    named = {}
    for lemma in document.lemmas(claim, CLAIMS, proofs.stored):
        name, _ = next(iter(files.scripts.candidates(lemma, proofs.stored)))
        named[files.digest(lemma)] = name
    whole = files.export(claim, CLAIMS, proofs.stored, named)
    assert whole.complete
    assert whole.text.rstrip().endswith("Print Assumptions exp_sign.")
    less = files.export(claim, CLAIMS, proofs.stored, {k: v for k, v in named.items() if v != "certificate"})
    assert not less.complete
    assert "Theorem" not in less.text
    assert any(less.steps.values())
    for text in (whole.text, less.text):
        assert not any(word in text for word in ("Admitted", "admit", "Axiom", "Parameter"))


def test_a_step_in_words_is_a_comment_and_its_claim_no_theorem():
    file = files.export(CLAIMS["thm1-strict"], CLAIMS, proofs.stored)
    assert not file.complete
    assert "has no Coq form: the formula Prop" in file.text


def test_a_stored_run_speaks_of_this_very_file(monkeypatch):
    claim = CLAIMS["exp-sign"]
    file = files.export(claim, CLAIMS, proofs.stored)
    store = {**files.stored(), "accepted": {claim.id: file.digest}}
    monkeypatch.setattr(files, "stored", lambda: store)
    assert files.is_accepted(claim, CLAIMS, proofs.stored)
    store["accepted"] = {claim.id: "0" * 64}
    assert not files.is_accepted(claim, CLAIMS, proofs.stored)


def test_what_coq_accepted_is_what_is_exported_now():
    accepted = files.stored()["accepted"]
    now = {key: files.export(CLAIMS[key], CLAIMS, proofs.stored) for key in accepted}
    assert {key for key, file in now.items() if file.digest != accepted[key]} == set()


def test_words_are_no_part_of_what_coq_accepted_and_formulas_are():
    file = files.export(CLAIMS["exp-sign"], CLAIMS, proofs.stored)
    assert dataclasses.replace(file, text="(* Other words. *)\n" + file.text).digest == file.digest
    assert dataclasses.replace(file, text=file.text.replace("x > 0", "x >= 0")).digest != file.digest
    for key in ("exp-sign", "thm1-strict"):  # so the pattern leaves nothing of a comment
        bare = files._COMMENTS.sub("", files.export(CLAIMS[key], CLAIMS, proofs.stored).text)
        assert "(*" not in bare
        assert "*)" not in bare


@pytest.mark.parametrize("key", list(CLAIMS)[::9])
def test_every_script_of_a_step_is_a_whole_one(key):
    claim = CLAIMS[key]
    file = files.export(claim, CLAIMS, proofs.stored)
    assert list(file.steps) == list(dict.fromkeys(step.name for step in claim.steps))
    try:
        lemmas = document.lemmas(claim, CLAIMS, proofs.stored)
    except Untranslatable:
        assert not file.complete
        return
    for lemma in lemmas:
        if lemma.kind not in files.scripts.KINDS:
            continue
        for _, lines in files.scripts.candidates(lemma, proofs.stored):
            text = "\n".join(lines)
            assert [text.count(c) for c in "({["] == [text.count(c) for c in ")}]"]
            assert not any(word in text for word in ("Admitted", "admit", "Axiom", "Abort"))


@pytest.mark.parametrize("key", ["two-cycle-capture", "wen-flow-step", "eg-sam-cycle"])
def test_an_obligation_with_a_term_of_its_own_leaves_the_certificate_its_numbers(key):
    lemma = next(e for e in document.lemmas(CLAIMS[key], CLAIMS, proofs.stored) if e.title == "together")
    premises = lemma.premises()
    certificate = proofs.stored([tree for _, tree in premises], lemma.formula)
    proof = refutation.Proof(premises, lemma.formula, certificate)
    before = list(proof.reading.facts)
    assert not all(proof.covers(each) for each in lemma.needed)  # else nothing is tried
    assert proof.reading.facts == before


def test_the_command_writes_files_and_refuses_an_unknown_claim(tmp_path, capsys):
    assert main.run(["export", "--coq", "exp-sign", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "exp_sign.v").read_text().startswith("From Coq Require Import")
    capsys.readouterr()
    assert main.run(["export", "--coq", "exp-sgn", "--out", str(tmp_path)]) == 2
    assert "did you mean" in capsys.readouterr().err
