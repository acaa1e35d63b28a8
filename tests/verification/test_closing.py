"""What `check` ends with: it fits a screen, names only what is false, and its numbers are those of the certificates."""

import copy
import json

import pytest
from reviewed import PINNED, entry, with_highlights

from saddlecheck.theory import PAPERS
from saddlecheck.verification.cli import closing, main
from saddlecheck.verification.cli.console import out
from saddlecheck.verification.ledger import highlights
from saddlecheck.verification.ledger.book import check
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.scoreboard import FALSE_AS_PRINTED


@pytest.fixture(scope="module")
def ledger():
    return with_highlights()


def shown(capsys, monkeypatch, entries):
    monkeypatch.setattr(out, "width", closing.WIDTH)
    closing.screen(entries, took=12.3, folder="report", changed=0)
    return capsys.readouterr().out.rstrip("\n").split("\n")


def test_the_screen_has_40_lines_of_80_columns(capsys, monkeypatch, ledger):
    lines = shown(capsys, monkeypatch, ledger)
    assert len(lines) <= closing.LINES
    assert max(map(len, lines)) <= closing.WIDTH
    text = "\n".join(lines)
    for says in (
        "44 of the paper's 62",
        "0.0003355 = 0.5002",
        "(0.1005, -2.6445)",
        "Open: fig8",
        "saddlecheck show thm1",
    ):
        assert says in text
    assert any(line.strip() == "next run: saddlecheck sweep fig8" for line in lines)  # whole, to be copied


@pytest.mark.parametrize("false", [True, False])
def test_it_still_fits_with_thirty_more_papers(capsys, monkeypatch, ledger, false):
    more = copy.deepcopy(ledger)
    for k in range(30):
        e = copy.deepcopy(ledger["thm2" if false else "h-derivative"])
        e["summary"] |= {"paper": f"paper-with-a-long-id-{k}", "voice": "paper"}
        more[f"claim-{k}"] = e
    lines = shown(capsys, monkeypatch, more)
    assert len(lines) <= closing.LINES
    assert max(map(len, lines)) <= closing.WIDTH
    # Two papers have something false already; the papers without leave three lines for 32, and the last of them counts.
    assert ("and 30 more" in "\n".join(lines)) == false


def test_every_highlight_is_false_as_printed_and_speaks_for_the_paper():
    voices = {c.id: c.voice for p in PAPERS for c in p.claims}
    for paper, chosen in highlights.HIGHLIGHTS.items():
        assert len(chosen) == closing.MOST
        for h in chosen:
            assert PINNED[h.id].paper == paper
            assert voices[h.id] == "paper"
            assert Verdict(PINNED[h.id].verdict.split(",")[0]) in FALSE_AS_PRINTED
            assert len(f"{h.id}: {h.says}") <= closing.WIDTH
            assert not h.shown_by or PINNED[h.shown_by].verdict == "holds"


def test_a_claim_that_comes_to_hold_leaves_the_list(ledger):
    changed = copy.deepcopy(ledger)
    changed["thm2"]["summary"]["verdict"] = "holds"
    assert [h.id for h in highlights.highlights("kim", ledger)][:2] == ["thm1", "thm2"]
    assert "thm2" not in [h.id for h in highlights.highlights("kim", changed)]


def test_a_paper_without_a_committed_order_shows_all_that_is_false(ledger):
    assert [h.id for h in highlights.highlights("compagnoni", ledger)] == [
        i for i in ledger if PINNED[i].paper == "compagnoni" and i in highlights.false_as_printed("compagnoni", ledger)
    ]


def test_numbers_of_a_failure_by_hand():
    # Theorem 2 at all ones: 2 eta/B ... the certificate's sides, recomputed from the laws: the printed variance
    # D (1 - exp(-2 a t))/a with a = lambda (1 + rho lambda)^2 = 4 has the slope 2 D exp(-8) = exp(-8), as D = 1/2;
    # the drift that SAM has asks for 2 D - 2 lambda (1 + rho lambda) V = 1 - 4 (1 - exp(-8))/8 = 1/2 + exp(-8)/2.
    found = highlights.failure(entry(check("thm2", numeric=False)))
    assert (found.left, found.sign, found.right) == ("0.0003355", "=", "0.5002")
    assert str(highlights.failure(entry(check("radius", numeric=False)))).endswith("it says 4 <= 1")


def test_a_statement_that_fails_as_a_whole_names_the_point_alone():
    assert str(highlights.failure(entry(check("gap-sign", numeric=False)))) == "false at L_D1 = 1, L_D2 = L_S = 0"


def test_what_a_run_measured_is_shown_as_such():
    summary = {"witness": {"grid": "160", "destinations, measured": "3", "claimed": "4"}}
    found = highlights.failure({"certificate": {"witness": None}, "summary": summary})
    assert str(found) == "a run finds destinations: 3, not 4"


def test_all_and_json_do_not_go_together(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main.run(["check", "--all", "--json"]) == 2
    assert "leave --all out" in capsys.readouterr().err


def test_verdicts_choose_what_is_printed(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ids = ["exp-sign", "beale-single-saddle"]
    assert main.run(["check", *ids, "--no-numeric", "--jobs", "1", "--json", "--verdict", "refuted"]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["beale-single-saddle"]
    assert main.run(["check", *ids, "--verdict", "wrong"]) == 2
    assert "wrong" in capsys.readouterr().err
