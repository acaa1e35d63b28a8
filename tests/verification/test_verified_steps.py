"""What is said of a step that the checker verifies: a stored proof earns the better word, and nothing else does."""

import copy
from fractions import Fraction

import certified
import pytest
from certified import make

from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.symbols import x, y
from saddlecheck.verification.ledger import book, proofs
from saddlecheck.verification.ledger.certificate import certificate
from saddlecheck.verification.ledger.judge import VERIFIABLE, Ground, judge
from saddlecheck.verification.ledger.settle import settle

TOYS = certified.claims()
CUBE = x**3 + x
OF_KIND = {
    "Entails": TOYS["squares"],
    "Instance": TOYS["shifted"],
    "Monotone": TOYS["cube"],
    "Induction": TOYS["bernoulli"],
    "Increasing": make("increases", CUBE > 0, (x > 0,), (increasing("up", CUBE, along=x),)),
    "Cite": make("cites", certified.SHIFTED, (), (cite("c", TOYS["squares"], {y: x - 1}),)),
}


def judged(claim, find):
    """The evidence on a claim and the judgement, those that it rests on with all their proofs."""
    rests = {name: judged(TOYS[name], proofs.searched)[1] for name in graph.grounds(claim)}
    evidence = settle(claim, find)
    return evidence, judge(claim, evidence, rests=rests)


def nowhere(_premises, _goal):
    return None


def altered(premises, goal):
    """A proof with a positive product more in a leaf, so that the sum there does not vanish."""
    if (proof := copy.deepcopy(proofs.searched(premises, goal))) is not None:
        leaf = proof
        while leaf[0] != "sum":
            leaf = leaf[-1][1] if leaf[0] == "sign" else leaf[-1]
        leaf[1].append([1, [], []])
    return proof


def of_another(_premises, _goal):
    """A genuine proof that 0 < 1."""
    return proofs.searched([], ("StrictLessThan", ("Rational", Fraction(0)), ("Rational", Fraction(1))))


def test_every_kind_that_the_checker_verifies_by_itself_is_tried():
    assert set(OF_KIND) == VERIFIABLE


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_step_with_its_proof_is_proved_twice(kind):
    assert judged(OF_KIND[kind], proofs.searched)[1].ground is Ground.TWICE


@pytest.mark.parametrize("find", [nowhere, altered, of_another])
@pytest.mark.parametrize("kind", OF_KIND)
def test_a_step_whose_proof_is_missing_or_altered_rests_on_the_solvers(kind, find):
    evidence, judgement = judged(OF_KIND[kind], find)
    assert judgement.ground is Ground.SOLVERS
    assert {e.status for e in evidence if e.engine == "certificate"} == {"undecided"}


@pytest.mark.parametrize("find", [proofs.searched, nowhere])
@pytest.mark.parametrize("kind", ["Entails", "Instance", "Monotone", "Induction"])
def test_the_word_and_the_certificate_agree(kind, find):
    """What the certificate calls checked is what the judge had evidence of, step by step."""
    claim = OF_KIND[kind]
    evidence, judgement = judged(claim, find)
    checked = {
        s["name"] for s in certificate(claim, judgement, evidence, find=find)["steps"] if s["basis"] == "checked"
    }
    assert checked == {e.about for e in evidence if e.engine == "certificate" and e.status == "proved"}


def test_the_checker_alone_proves_nothing(monkeypatch):
    """Two proofs are two: where no engine proves a step, the checker is not asked."""
    claim = TOYS["squares"]
    monkeypatch.setattr(type(claim.steps[0]), "check", lambda *_: [])
    assert judged(claim, proofs.searched)[1].verdict == "open"


def printed(run, *arguments):
    code, out, err = run(*arguments)
    assert code == 0, err
    return " ".join(out.split())


@pytest.mark.parametrize("arguments", [("check", "wen-quadratic", "--no-numeric", "--json"), ("show", "wen-quadratic")])
def test_a_claim_of_the_ledger_whose_one_step_is_a_citation_says_what_was_done(run, monkeypatch, arguments):
    assert "proved twice" in printed(run, *arguments)
    monkeypatch.setattr(book, "stored", nowhere)
    monkeypatch.setenv("SADDLECHECK_CACHE", "none")
    said = printed(run, *arguments)
    assert "two solvers, one translation" in said
    assert "proved twice" not in said
