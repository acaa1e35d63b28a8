"""A paper from outside the house: its ids may be ours, its evidence is its own, what is wrong is one line."""

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from saddlecheck.theory import BEYOND, CLAIMS, PAPERS, Claim, Paper
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.theory.symbols import real
from saddlecheck.verification.ledger import book, library, own_file, pins, wordings
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site.evidence_sections import runs

FIXTURE = Path(__file__).parent.parent / "fixtures" / "clashing_paper.py"
PIGS = Prop("pigs", "Pigs fly.")
x = real("x")
pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def clash(tmp_path):
    target = tmp_path / "clashing_paper.py"
    target.write_text(FIXTURE.read_text())
    return target


def wordless(name, **more):
    return Claim(name, "Pigs", BEYOND, "Pigs fly.", PIGS, settles="look", voice="ours", **more)


def test_our_experiments_and_records_do_not_vouch_for_a_claim_with_their_id():
    # fig6 has experiments of ours, fig7b records; with our own claims both are settled by them.
    paper = Paper("mine", "Pigs", (), 2000, (wordless("fig6"), wordless("fig7b")))
    reports = book.check_all(paper=paper)
    assert {r.verdict for r in reports.values()} == {Verdict.OPEN}
    assert {r.paper for r in reports.values()} == {"mine"}
    assert book.check("fig6").verdict is not Verdict.OPEN
    bare = book.check_all(catalogue=paper.catalogue)
    assert {r.verdict for r in bare.values()} == {Verdict.OPEN}


def test_not_even_for_a_paper_that_calls_itself_ours():
    paper = Paper(PAPERS[0].id, PAPERS[0].title, (), 2000, (wordless("fig6"),))
    assert book.check("fig6", paper=paper).verdict is Verdict.OPEN


def test_a_cited_claim_of_ours_brings_its_evidence_only_with_what_it_asserts():
    ours = CLAIMS["fig6"]
    assert library.Library(library.library(PAPERS[0]).catalogue, PAPERS).experiments("fig6")
    other = dataclasses.replace(ours, statement=PIGS, steps=(), voice="ours", provenance=None)
    for cited, bears in ((ours, True), (other, False)):
        resting = Paper("mine", "Pigs", (), 2000, (wordless("pigs", rests=("fig6",)),), cites=(cited,))
        assert bool(library.library(resting).experiments("fig6")) is bears


def test_records_of_another_paper_bear_on_what_asserts_the_same_as_a_claim_with_rules(tmp_path):
    ours = CLAIMS["fig7b"]
    other = dataclasses.replace(ours, statement=PIGS, steps=(), voice="ours", provenance=None, related=())
    for claim, folder in ((dataclasses.replace(ours, related=()), tmp_path), (other, None)):
        paper = Paper("mine", "Runs of ours again", (), 2000, (claim,), records=tmp_path)
        assert library.library(paper).records("fig7b") == folder


def test_an_experiment_of_its_own_bears_on_its_claim(clash):
    paper = own_file.load(clash)
    reports = book.check_all(paper=paper)
    assert reports["fig6"].verdict is Verdict.REFUTED  # pigs were measured at height 0
    assert reports["fig6"].judgement.witness["height"] == "0.0"
    # Its margin, 0.01, is in its own units: ours of the same name has one that is a share of the prediction. The
    # picture is 500 wide for twice 1.25 times the distance 3, so the band of twice 0.01 is 500 * 0.02 / 7.5 = 1.33.
    (shown,) = runs(reports["fig6"])
    assert 'class="band"' in shown["picture"]
    assert 'width="1.3"' in shown["picture"]
    assert "absolute" not in [name for name, _ in shown["settings"]]
    assert reports["fig8"].verdict is Verdict.OPEN
    assert reports["thm1"].verdict is Verdict.HOLDS
    assert reports["thm2"].verdict is Verdict.CONDITIONAL
    assert reports["thm2"].judgement.amended_by == ("thm1-strict",)
    assert [r.id for r in reports["thm1"].rests] == ["exp-bound"]


def test_both_ledgers_are_kept_apart_in_the_cache(clash, monkeypatch):
    book.check("thm1", numeric=False)
    paper = own_file.load(clash)
    book.check_all(paper=paper, numeric=False)
    settled = []
    monkeypatch.setattr(book, "settle", lambda claim: settled.append(claim.id) or ())
    book.check("thm1", numeric=False)
    book.check_all(paper=paper, numeric=False)
    assert settled == []


def test_an_experiment_of_another_paper_is_run_again_each_time(clash, monkeypatch):
    paper = own_file.load(clash)
    (flight,) = paper.experiments
    heights = []
    measure = dataclasses.replace(flight, measure=lambda s: heights.append(0) or {"height": s["height"]})
    again = dataclasses.replace(paper, experiments=(measure,))
    book.check("fig6", paper=again)
    book.check("fig6", paper=again)
    assert len(heights) == 2  # no key would notice that a function of the user's was changed


def test_a_paper_and_a_catalogue_together_are_refused():
    with pytest.raises(ValueError, match="give paper or catalogue, not both"):
        book.check("thm1", paper=PAPERS[0], catalogue=CLAIMS)


# Papers and the claims of others


def test_an_id_of_ones_own_that_a_cited_claim_needs_is_refused():
    mine = wordless("exp-sign"), wordless("pigs", rests=("exp-bound",))
    with pytest.raises(MalformedClaim, match="'exp-sign' has the id of another, of which exp-bound speaks"):
        Paper("mine", "Pigs", (), 2000, mine, cites=tuple(CLAIMS.values()))
    Paper("mine", "Pigs", (), 2000, mine[1:], cites=tuple(CLAIMS.values()))


def test_what_a_paper_cites_has_to_be_there():
    with pytest.raises(MalformedClaim, match="exp-bound which is no claim"):
        Paper("mine", "Pigs", (), 2000, (wordless("pigs", rests=("exp-bound",)),))


def test_a_cited_repair_of_ours_does_not_repair_a_claim_that_only_shares_the_id():
    # Without use of it, our thm1-strict stays outside; resting on it is refused, since it speaks of another thm1.
    mine = wordless("thm1")
    paper = Paper("mine", "Pigs", (), 2000, (mine,), cites=tuple(CLAIMS.values()))
    assert paper.catalogue.amendments("thm1") == ()
    with pytest.raises(MalformedClaim, match="'thm1' has the id of another, of which thm1-strict speaks"):
        Paper("mine", "Pigs", (), 2000, (mine, wordless("p", rests=("thm1-strict",))), cites=tuple(CLAIMS.values()))


def test_an_experiment_on_no_claim_of_the_paper_is_refused(clash):
    paper = own_file.load(clash)
    with pytest.raises(MalformedClaim, match="bears on 'fig6', no claim of it"):
        dataclasses.replace(paper, claims=paper.claims[:1])


def test_the_papers_of_the_house_share_no_id_and_hold_every_claim():
    ids = [c.id for p in PAPERS for c in p.claims]
    assert len(ids) == len(set(ids))
    assert ids == list(CLAIMS)
    first, last = PAPERS[0], PAPERS[-1]
    assert (first.id, last.id) == ("kim", "ours")
    assert {c.voice for c in last.claims} == {"ours"}
    assert all({c.place.section for c in p.claims} <= set(p.sections) for p in (first, last))


# The command line


def test_a_file_is_settled_pinned_and_watched(run, clash, tmp_path):
    code, out, err = run("check", clash.name, "--jobs", "1", "--json")
    objects = {o["id"]: o for o in map(json.loads, out.splitlines())}
    assert code == 0, err
    assert "is run as your own program" in err
    assert list(objects) == ["thm1", "fig6", "fig8", "thm2", "thm1-strict"]
    assert {o["paper"] for o in objects.values()} == {"clash"}
    assert (objects["thm2"]["verdict"], objects["fig6"]["verdict"]) == (Verdict.CONDITIONAL, Verdict.REFUTED)
    assert (tmp_path / "report" / "clash" / "thm1.json").exists()
    assert not (tmp_path / "clashing_paper.pinned.toml").exists()

    assert run("check", clash.name, "--jobs", "1", "--pin")[0] == 0
    pinned = pins.load(tmp_path / "clashing_paper.pinned.toml")
    assert {pin.paper for pin in pinned.values()} == {"clash"}
    assert run("check", clash.name, "--jobs", "1")[0] == 0
    clash.write_text(clash.read_text().replace("is not negative.", "is never negative."))
    code, _, err = run("check", clash.name, "--jobs", "1")
    assert code == 1
    assert "reworded: thm2" in err


def test_fail_on_and_junit_serve_continuous_integration(run, clash, tmp_path):
    code, _, err = run("check", clash.name, "thm1", "thm2", "fig6", "--jobs", "1", "--fail-on", "refuted,open",
                       "--junit", "out/verdicts.xml")  # fmt: skip
    assert code == 1, err
    suite = ET.parse(tmp_path / "out" / "verdicts.xml").getroot()  # our own file
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {"fig6"}
    assert run("check", clash.name, "thm1", "--jobs", "1", "--fail-on", "refuted,open")[0] == 0
    assert run("check", clash.name, "thm1", "--fail-on", "wrong")[0] == 2


def test_certificates_of_a_file_are_verified_against_the_file(run, clash, tmp_path):
    run("check", clash.name, "--jobs", "1")
    code, out, _ = run("recheck", clash.name)
    assert code == 3  # the run that refutes fig6 and the open fig8 can only be trusted
    assert "altered" not in out
    assert "fig6: refuted" in out
    code, out, _ = run("recheck", "report/clash/thm1.json")
    assert (code, "altered" in out) == (3, False)  # our own thm1 says something else, and is another claim
    clash.write_text(clash.read_text().replace("above its tangent", "below its tangent"))
    code, out, _ = run("recheck", clash.name)
    assert code == 1
    assert "words or formulas are not those" in out
    (tmp_path / "report" / "clash" / "thm1.json").unlink()
    code, _, err = run("recheck", clash.name)
    assert code == 2
    assert "thm1.json is missing" in err


def test_a_place_in_a_file_and_its_order_of_letters(run, clash):
    code, out, err = run("show", clash.name, "Theorem 2")
    assert code == 0, err
    assert out.startswith("thm2 · Products")
    assert run("show", "Theorem 2", clash.name)[:2] == (code, out)  # in any order: ids never end in .py
    code, _, err = run("show", clash.name, "none.py")
    assert code == 2
    assert err == "saddlecheck: clashing_paper.py and none.py are two files; name one, and a claim of it by its id.\n"
    code, _, err = run("show", clash.name)
    assert code == 2
    assert "name one claim" in err
    assert run("twins", clash.name, "thm1-strict", "--jobs", "1")[0] == 0
    code, out, _ = run("claims", clash.name, "--json")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["thm1", "fig6", "fig8", "thm2", "thm1-strict"]


def test_paper_is_refused_beside_a_file(run, clash):
    code, _, err = run("check", clash.name, "--paper", "kim")
    assert code == 2
    assert "leave it out beside a file" in err


# Papers that packages ship


def test_a_package_can_ship_a_paper(run, monkeypatch, clash, tmp_path):
    info = tmp_path / "clash_claims-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clash-claims\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[saddlecheck.papers]\nclash = clashing_paper:PAPER\nbad = clashing_paper:x\nleaving = leaves:PAPER\n"
    )
    (tmp_path / "leaves.py").write_text("print('a word')\nraise SystemExit(0)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert set(own_file.shipped()) >= {"clash", "bad"}
    code, out, err = run("check", "thm2", "--paper", "clash", "--json", "--jobs", "1")
    assert code == 0, err
    assert json.loads(out)["paper"] == "clash"
    code, out, _ = run("check", "--paper", "clash", "--jobs", "1")
    assert code == 0
    (follows,) = re.findall(r"^Next: saddlecheck (show \S+ --paper \S+)    ", out, re.MULTILINE)
    assert run(*follows.split())[0] == 0
    code, out, _ = run("show", "thm1", "--paper", "clash")
    assert (code, "exp" in out) == (0, True)  # ours of that name speaks of a saddle
    code, _, err = run("check", "--paper", "bad")
    assert code == 2
    assert "is a Symbol, no Paper" in err
    code, out, err = run("check", "--paper", "leaving")
    assert (code, out) == (2, "")
    assert "paper 'leaving' of leaves:PAPER: SystemExit: 0" in err
    code, _, err = run("check", "--paper", "nobody")
    assert code == 2
    assert "no paper is called 'nobody'; there are kim, kim-v2, " in err
    code, _, err = run("check", "thm2", "--paper", "clash", "--pin")
    assert code == 2


def test_wordings_name_the_paper(clash):
    paper = own_file.load(clash)
    assert set(wordings.of(paper.catalogue, paper)) == {f"clash/{c.id}" for c in paper.claims}
    assert "kim/thm1" in pins.wordings()
