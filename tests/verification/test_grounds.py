"""No verdict is stronger than those below it: citations, readings and repairs hand their ground on."""

import dataclasses

import pytest

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.evidence import STATEMENT, Evidence
from saddlecheck.theory.claims.formulas import every, implies
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Accept, Entails
from saddlecheck.theory.symbols import rho, x
from saddlecheck.verification.ledger import book
from saddlecheck.verification.ledger.judge import Ground, Verdict, judge
from saddlecheck.verification.ledger.settle import settle

LEMMA = Prop("lemma", "A lemma.")
SETTLED = Prop("condition", "A condition.")


def make(id, statement, given=(), steps=(), **more):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given, tuple(steps), **more)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))


def verdicts(*claims):
    return {i: r.judgement.words for i, r in book.check_all(catalogue=Catalogue(claims), numeric=False).items()}


DOUBLE = make("double", 2 * x > 0, (x > 0,), (Entails("e", 2 * x > 0),))
TEXTBOOK = make("textbook", LEMMA, (), (Accept("a", LEMMA, source="A book"),))
FALSE = make("false", x > 1, (x > 0,))
OPEN = make("open", LEMMA, settles="saddlecheck check open")


def test_a_proof_that_cites_a_proof_holds():
    assert verdicts(DOUBLE, make("user", 2 * rho > 0, (rho > 0,), (cite("c", DOUBLE, {x: rho}),)))["user"] == "holds"


def both(source):
    return make("user", every(x > 0, LEMMA), (2 * x > 0,), (
        Entails("half", x > 0), cite("lemma", source), Entails("both", every(x > 0, LEMMA), uses=("half", "lemma")),
    ))  # fmt: skip


def test_a_proof_that_cites_a_lemma_is_accepted_on_its_source():
    assert verdicts(TEXTBOOK, both(TEXTBOOK))["user"] == "accepted on a source"


def test_a_proof_that_cites_what_is_open_is_open():
    assert verdicts(OPEN, both(OPEN))["user"] == "open"


def test_a_proof_that_cites_a_falsehood_is_open():
    """The engines find nothing wrong with it: what it cites says so, and is refuted elsewhere."""
    user = make("user", rho > 1, (rho > 0,), (cite("c", FALSE, {x: rho}),))
    assert all(o.status == "proved" for o in user.steps[0].check(user.given))
    assert verdicts(FALSE, user) == {"false": "refuted", "user": "open"}


def test_a_repair_does_not_make_its_claim_citable():
    """`printed` holds under extra conditions, but what is cited is the claim as printed."""
    printed = make("printed", x > 1, (x > 0,))
    repair = make("repair", x > 1, (x > 0, x > 2), (Entails("e", x > 1),), amends="printed")
    user = make("user", rho > 1, (rho > 0,), (cite("c", printed, {x: rho}),))
    found = verdicts(printed, repair, user)
    assert (found["printed"], found["user"]) == ("holds under extra conditions", "open")


def test_grounds_reach_through_a_chain():
    middle = both(TEXTBOOK)
    top = make("top", x > 0, (2 * x > 0,), (cite("c", middle, {}, x > 0),))
    assert verdicts(TEXTBOOK, middle, top)["top"] == "accepted on a source"


def test_a_reading_hands_its_ground_on():
    reader = dataclasses.replace(DOUBLE, id="reader", rests=("textbook",))
    assert verdicts(TEXTBOOK, reader)["reader"] == "accepted on a source"
    assert verdicts(OPEN, dataclasses.replace(reader, rests=("open",)))["reader"] == "open"
    assert (
        verdicts(TEXTBOOK, dataclasses.replace(FALSE, rests=("textbook",)))["false"] == "refuted, accepted on a source"
    )


def test_an_accepted_repair_says_so():
    printed = make("printed", every(LEMMA, x > 1), (x > 0,))
    conditional = implies(SETTLED, LEMMA)
    repair = make("repair", conditional, (), (Accept("a", conditional, source="A book"),), amends="printed")
    report = book.check_all(catalogue=Catalogue([printed, repair]), numeric=False)["printed"]
    assert report.judgement.words == "holds with a correction, accepted on a source"
    assert "accepted on a source" in report.judgement.reason
    assert (report.summary()["verdict"], report.summary()["ground"]) == (
        "holds with a correction", "accepted on a source",
    )  # fmt: skip


def simulated(status):
    return Evidence("simulation", "path", status, STATEMENT, "a run", {} if status == "refuted" else None)


def test_a_repair_is_no_better_than_what_refuted_its_claim():
    run = make("run", every(LEMMA, SETTLED), settles="saddlecheck check run")
    repair = make("repair", implies(SETTLED, LEMMA), (), (Accept("a", implies(SETTLED, LEMMA), source="A book"),))
    accepted = judge(repair, settle(repair))
    assert judge(run, [simulated("refuted")]).words == "refuted, simulated"
    j = judge(run, [simulated("refuted")], [(repair, accepted)])
    assert j.words == "holds with a correction, simulated"


def test_the_strongest_repair_counts():
    printed, proved = make("printed", x > 1, (x > 0,)), make("p", x > 1, (x > 0, x > 2), (Entails("e", x > 1),))
    weak = dataclasses.replace(proved, id="w")
    good = judge(proved, settle(proved))
    poor = dataclasses.replace(good, verdict=Verdict.NUMERIC, as_printed=Verdict.NUMERIC, ground=Ground.SIMULATED)
    assert judge(printed, settle(printed), [(weak, poor), (proved, good)]).words == "holds under extra conditions"
    assert judge(printed, settle(printed), [(weak, poor)]).words.endswith("simulated")


def test_theorem_one_gets_the_verdict_that_its_grounds_allow():
    reports = book.check_all(["thm1", "thm1-strict", "eq10", "eq10-maxima"], numeric=False)
    assert {i: r.judgement.words for i, r in reports.items()} == {
        "thm1": "holds under extra conditions, accepted on a source",
        "thm1-strict": "accepted on a source",
        "eq10": "holds under extra conditions, accepted on a source",
        "eq10-maxima": "accepted on a source",
    }
