"""The judge as a table: evidence in, verdict out."""

import pytest

from saddlecheck.theory.claims.evidence import STATEMENT, Evidence, from_outcome, written
from saddlecheck.theory.claims.steps import Outcome
from saddlecheck.theory.symbols import mu
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.judge import Ground, Judgement, Verdict, judge, step_ground
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
    broken = Evidence("symbolic", "flint", "refuted", "factor", "off by 1")
    j = judge(claim, [*settle(claim), broken])
    assert j.verdict is Verdict.OPEN
    assert "step 'factor' is refuted by flint: off by 1" in j.reason


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


# What a step's findings are worth: a proof, a test, a solver's word and an enclosure are not the same thing.
GROUNDS = [
    ("Equal", "sympy flint", Ground.TWICE),
    ("Equal", "sympy flint arb", Ground.TWICE),
    ("Equal", "sympy arb", Ground.TESTED),
    ("Equal", "flint arb", Ground.TESTED),
    ("Equal", "arb", Ground.NONE),
    ("Equal", "sympy", Ground.NONE),
    ("Entails", "z3 cvc5", Ground.SOLVERS),
    ("Entails", "z3 certificate", Ground.TWICE),
    ("Entails", "cvc5 certificate", Ground.TWICE),
    ("Entails", "certificate", Ground.NONE),
    ("Entails", "z3", Ground.NONE),
    *((kind, engines, ground) for kind in ("Instance", "Cite") for engines, ground in (
        ("z3 cvc5", Ground.SOLVERS),
        ("z3 certificate", Ground.TWICE),
        ("cvc5 certificate", Ground.TWICE),
        ("certificate", Ground.NONE),
    )),
    ("Bounded", "arb mpmath", Ground.ENCLOSED),
    ("Bounded", "arb", Ground.NONE),
    *((kind, engines, ground) for kind in ("Monotone", "Increasing", "Induction") for engines, ground in (
        ("sympy arb", Ground.SOLVERS),
        ("flint arb sympy", Ground.SOLVERS),
        ("sympy flint", Ground.NONE),
        ("sympy certificate", Ground.TWICE),
        ("flint arb sympy certificate", Ground.TWICE),
        ("flint arb certificate", Ground.TESTED),
        ("flint certificate", Ground.NONE),
        ("certificate", Ground.NONE),
    )),
    ("RealZeros", "sympy arb", Ground.TWICE),
    ("Accept", "source", Ground.ACCEPTED),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "engines", "ground"), GROUNDS)
def test_what_findings_are_worth(kind, engines, ground):
    found = [Evidence("symbolic", engine, "proved", "s") for engine in engines.split()]
    assert step_ground("s", kind, found)[0] is ground
    assert bool(step_ground("s", kind, found)[1]) is (ground is Ground.NONE)


@pytest.mark.parametrize(
    ("kind", "engine"), [("Equal", "oracle"), ("Equal", "z3"), ("Entails", "arb"), ("Trust", "z3")]
)
def test_an_engine_or_a_kind_that_the_judge_does_not_know_raises(kind, engine):
    with pytest.raises(ValueError, match=rf"{engine if kind != 'Trust' else kind}"):
        step_ground("s", kind, [Evidence("symbolic", engine, "proved", "s")])


def test_the_weakest_step_names_itself(catalogue):
    j = judge(catalogue["strict"], settle(catalogue["strict"]))
    assert (j.ground, j.weakest) == (Ground.SOLVERS, "step 'positive'")
    assert j.reason == "2 steps"


def test_a_witness_needs_two_evaluators_and_names_those_that_confirmed_it(catalogue):
    claim = catalogue["printed"]
    evidence = settle(claim)
    assert judge(claim, evidence).engines == ("sympy", "arb")
    for missing in ("sympy", "arb"):
        assert judge(claim, [e for e in evidence if e.engine != missing]).verdict is Verdict.OPEN
    searched = [e for e in evidence if e.engine == "search"]
    assert searched
    assert judge(claim, searched).verdict is Verdict.OPEN


def test_evaluators_that_speak_of_different_points_raise(catalogue):
    evidence = [
        Evidence("symbolic", e, "refuted", STATEMENT, witness={"mu": w}) for e, w in (("sympy", "1"), ("arb", "2"))
    ]
    with pytest.raises(ValueError, match="different points"):
        judge(catalogue["printed"], evidence)


def repaired(catalogue, *found):
    printed = catalogue["printed"]
    repairs = [(catalogue["strict"], Judgement(v, v, (), "", ground)) for v, ground in found]
    return judge(printed, settle(printed), repairs)


def test_a_repair_hands_its_ground_on(catalogue):
    accepted = repaired(catalogue, (Verdict.ACCEPTED, Ground.ACCEPTED))
    assert accepted.reason == "false as printed; strict states what holds, accepted on a source"
    assert (accepted.ground, accepted.weakest) == (Ground.ACCEPTED, "claim strict")
    simulated = repaired(catalogue, (Verdict.NUMERIC, Ground.SIMULATED))
    assert simulated.reason.endswith("states what holds, simulated")
    proved = repaired(catalogue, (Verdict.HOLDS, Ground.TESTED))
    assert proved.reason == "false as printed; strict states what holds"
    assert proved.ground is Ground.TESTED


def test_a_proved_repair_comes_before_an_accepted_one(catalogue):
    both = repaired(catalogue, (Verdict.ACCEPTED, Ground.ACCEPTED), (Verdict.HOLDS, Ground.TWICE))
    assert (both.ground, both.amended_by) == (Ground.TWICE, ("strict",))
    assert "accepted" not in both.reason


def test_an_open_repair_repairs_nothing(catalogue):
    assert repaired(catalogue, (Verdict.OPEN, Ground.NONE)).verdict is Verdict.REFUTED


def resting(catalogue, id, verdict, ground):
    claim = catalogue[id]
    return judge(claim, settle(claim), rests={"below": Judgement(verdict, verdict, (), "", ground)})


def test_a_verdict_is_no_stronger_than_those_that_it_rests_on(catalogue):
    plain = judge(catalogue["strict"], settle(catalogue["strict"]))
    assert resting(catalogue, "strict", Verdict.HOLDS, Ground.TWICE) == plain
    accepted = resting(catalogue, "strict", Verdict.ACCEPTED, Ground.ACCEPTED)
    assert (accepted.verdict, accepted.ground, accepted.weakest) == (Verdict.ACCEPTED, Ground.ACCEPTED, "claim below")
    assert accepted.reason == "2 steps; rests on below, accepted on a source"
    opened = resting(catalogue, "strict", Verdict.REFUTED, Ground.POINT)
    assert (opened.verdict, opened.reason) == (Verdict.OPEN, "rests on below, which is refuted")


def test_a_weaker_proof_below_is_the_weakest_part(catalogue):
    j = resting(catalogue, "square", Verdict.HOLDS, Ground.SOLVERS)
    assert (j.verdict, j.ground, j.weakest, j.words) == (Verdict.HOLDS, Ground.SOLVERS, "claim below", "holds")


def test_a_refutation_that_rests_on_a_source_stays_one_and_says_so(catalogue):
    j = resting(catalogue, "hopeless", Verdict.ACCEPTED, Ground.ACCEPTED)
    assert (j.verdict, j.words) == (Verdict.REFUTED, "refuted, accepted on a source")


def test_words_name_a_ground_that_is_weaker_than_a_proof(catalogue):
    assert repaired(catalogue, (Verdict.NUMERIC, Ground.SIMULATED)).words == "holds under extra conditions, simulated"
    assert repaired(catalogue, (Verdict.HOLDS, Ground.SOLVERS)).words == "holds under extra conditions"
    assert judge(catalogue["textbook"], settle(catalogue["textbook"])).words == "accepted on a source"
