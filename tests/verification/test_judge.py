"""The judge as a table: evidence in, verdict out."""

import pytest

from saddlecheck.theory.claims.evidence import STATEMENT, Evidence, from_outcome, written
from saddlecheck.theory.claims.steps import Outcome
from saddlecheck.theory.symbols import mu
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.settle import settle

EXPECTED = {
    "printed": Verdict.CONDITIONAL,
    "strict": Verdict.HOLDS,
    "doubled": Verdict.CORRECTED,
    "single": Verdict.HOLDS,
    "hopeless": Verdict.REFUTED,
    "textbook": Verdict.ACCEPTED,
    "run": Verdict.OPEN,
    "unproved": Verdict.OPEN,
    "boxed": Verdict.HOLDS,
    "square": Verdict.HOLDS,
    "weak": Verdict.HOLDS,
}


def test_every_verdict_is_reached_by_computation(catalogue):
    reports = check_all(catalogue=catalogue, numeric=False)
    assert {i: r.verdict for i, r in reports.items()} == EXPECTED
    assert set(EXPECTED.values()) | {Verdict.NUMERIC} == set(Verdict)


def test_an_amended_claim_keeps_its_witness_and_says_who_repairs_it(catalogue):
    j = check_all(["printed"], catalogue=catalogue, numeric=False)["printed"].judgement
    assert (j.as_printed, j.witness, j.amended_by) == (Verdict.REFUTED, {"mu": "1", "rho": "1"}, ("strict",))


def test_a_repair_that_does_not_stand_repairs_nothing(catalogue):
    printed, strict = catalogue["printed"], catalogue["strict"]
    failed = judge(strict, [])
    assert failed.verdict is Verdict.OPEN
    assert judge(printed, settle(printed), [(strict, failed)]).verdict is Verdict.REFUTED


def simulated(status, **more):
    return Evidence("simulation", "ensemble", status, STATEMENT, "within its margin", **more)


def test_simulations_alone_never_make_a_claim_hold(catalogue):
    assert judge(catalogue["run"], [simulated("proved")]).verdict is Verdict.NUMERIC


def test_a_simulation_refutes_with_its_settings_as_witness(catalogue):
    j = judge(catalogue["run"], [simulated("refuted", witness={"rho": "1/2"})])
    assert (j.verdict, j.witness) == (Verdict.REFUTED, {"rho": "1/2"})


def test_an_undecided_simulation_leaves_a_claim_open(catalogue):
    assert judge(catalogue["run"], [simulated("proved"), simulated("undecided")]).verdict is Verdict.OPEN


def test_a_proof_against_a_simulation_is_an_alarm_not_a_verdict(catalogue):
    claim = catalogue["strict"]
    j = judge(claim, [*settle(claim), simulated("refuted", witness={})])
    assert j.verdict is Verdict.OPEN
    assert "contradict each other" in j.reason


def test_a_proof_beside_agreeing_simulations_holds(catalogue):
    claim = catalogue["strict"]
    assert judge(claim, [*settle(claim), simulated("proved")]).verdict is Verdict.HOLDS


def test_one_refuted_step_breaks_the_proof(catalogue):
    claim = catalogue["strict"]
    broken = Evidence("enclosure", "mpmath", "refuted", "factor", "off by 1")
    j = judge(claim, [*settle(claim), broken])
    assert j.verdict is Verdict.OPEN
    assert "step 'factor' is refuted by mpmath: off by 1" in j.reason


@pytest.mark.parametrize("missing", ["sympy", "arb"])
def test_a_step_of_one_engine_is_not_enough(catalogue, missing):
    claim = catalogue["strict"]
    j = judge(claim, [e for e in settle(claim) if e.engine not in (missing, "flint")])
    assert j.verdict is Verdict.OPEN
    assert "alone" in j.reason


def test_open_says_what_would_settle_it(catalogue):
    assert judge(catalogue["run"], []).reason == "to settle it: saddlecheck check run"
    assert "neither a proof nor a counterexample" in judge(catalogue["hopeless"], []).reason


def test_outcomes_become_evidence():
    e = from_outcome(Outcome("z3", "refuted", "no", {mu: 1}, seconds=0.5), "a step")
    assert (e.kind, e.engine, e.about, e.witness, e.seconds) == ("smt", "z3", "a step", {"mu": "1"}, 0.5)
    assert written(None) is None


def test_an_engine_that_is_not_listed_has_no_kind_of_evidence():
    with pytest.raises(ValueError, match=r"KIND_OF_ENGINE beside sympy, flint"):
        from_outcome(Outcome("oracle", "proved"), "a step")
