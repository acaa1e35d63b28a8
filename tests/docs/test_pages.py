import dataclasses
import json
import re

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS, PAPERS, Catalogue
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.proof_assistant import files, terms
from saddlecheck.verification.ledger import proofs
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.judge import Judgement, Verdict
from saddlecheck.verification.ledger.twins import trials
from saddlecheck.verification.site import gallery
from saddlecheck.verification.site.benchmarks import BENCHMARKS, benchmarks_page
from saddlecheck.verification.site.build import Book, UncheckedPage, write_claims
from saddlecheck.verification.site.claim_page import page
from saddlecheck.verification.site.errata import findings
from saddlecheck.verification.site.evidence_sections import deviations
from saddlecheck.verification.site.neighbourhood import edges
from saddlecheck.verification.site.witness import Witness

Q_ABOVE_3 = "<mi>q</mi><mo>></mo><mn>3</mn>"
RESTS_ON = '<p class="label">It rests on</p>'
FEW = tuple(graph.below(CLAIMS, ["thm1", "thm1-threshold"]))


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(dataclasses.replace(CLAIMS[i], related=()) for i in FEW)


@pytest.fixture(scope="module")
def book(catalogue):
    reports = check_all(catalogue=catalogue, numeric=False)
    named = {i: dataclasses.replace(r, paper="kim") for i, r in reports.items()}
    return Book(named, {"thm1-strict": list(trials(CLAIMS["thm1-strict"]))[:2]}, papers=PAPERS)


def test_a_page_shows_place_statement_steps_engines_and_verdict(book):
    text = page(book.reports["thm1-strict"], book)
    for step in CLAIMS["thm1-strict"].steps:
        assert step.name in text
    for part in (
        "4.2, Theorem 1",
        "holds",
        "Z3",
        "cvc5",
        "SymPy",
        "Arb",
        "False twins",
        "<mi>ρ</mi><mi>μ</mi>",
        "<mn>1</mn><mo>+</mo><mi>ρ</mi><mi>λ</mi>",
    ):
        assert part in text, part


def test_the_printed_form_stands_beside_what_holds_with_its_numbers(book):
    text = page(book.reports["thm1"], book)
    assert "As printed" in text
    assert "What holds" in text
    assert "thm1-strict.html" in text
    assert ">false<" in text


def test_a_page_altered_by_hand_does_not_survive(book, tmp_path):
    write_claims(book, tmp_path)
    target = tmp_path / "thm1-strict.md"
    original = target.read_text()
    target.write_text(original.replace("<mi>μ</mi>", "<mi>ν</mi>"))
    (tmp_path / "invented.md").write_text("# A claim that nobody checked")
    write_claims(book, tmp_path)
    assert target.read_text() == original
    assert not (tmp_path / "invented.md").exists()


def test_a_page_draws_what_is_around_its_claim(book):
    text = page(book.reports["thm1-linearisation"], book)
    picture = text[text.index('<div class="around">') : text.index("## Check it yourself")]
    left, _, right = picture.partition('<p class="centre">')
    assert 'href="thm1-strict.html"' in right  # it rests on this one
    assert 'href="thm1-strict.html"' not in left
    boxes, lines = right.count("<li>"), right.count('<path class="edge')
    assert boxes == lines > 0


def test_the_lines_of_a_neighbourhood_end_at_their_boxes():
    # Of two boxes of equal height the middles are at a quarter and three quarters.
    assert re.findall(r"M0,(\d+)C", edges([0, 2], inwards=True)) == ["25", "75"]
    assert re.findall(r"100,(\d+)", edges([0, 2], inwards=False)) == ["25", "75"]
    assert "how-2" in edges([2], inwards=True)


def test_a_page_says_what_its_verdict_rests_on(book):
    text = page(book.reports["thm1"], book)
    assert "</span>, accepted on a source" in text
    assert RESTS_ON + "<ul>" in text
    strict = page(book.reports["thm1-strict"], book)
    assert 'rests on <a href="thm1-linearisation.html">' in strict
    assert "thm1-strict.html" in page(book.reports["thm1-linearisation"], book)
    threshold = page(book.reports["thm1-threshold"], book)  # the twin: it rests on nothing
    assert RESTS_ON + "<ul>" not in threshold
    assert "accepted" not in threshold


def test_an_unchanged_page_is_left_alone(book, tmp_path):
    write_claims(book, tmp_path)
    before = (tmp_path / "thm1.md").stat().st_mtime_ns
    write_claims(book, tmp_path)
    assert (tmp_path / "thm1.md").stat().st_mtime_ns == before


def test_another_statement_is_another_page(book, catalogue):
    report = book.reports["thm1-threshold"]
    claim = dataclasses.replace(report.claim, statement=sp.Symbol("q", real=True) > 3, steps=())
    # Its old evidence is about steps that the new claim does not have.
    with pytest.raises(UncheckedPage):
        page(dataclasses.replace(report, claim=claim), book)
    fresh = check_all(catalogue=Catalogue([claim]), numeric=False)
    other = page(fresh[claim.id], Book(fresh, {}))
    assert Q_ABOVE_3 in other
    assert Q_ABOVE_3 not in page(report, book)


def test_a_claim_that_was_not_checked_cannot_be_shown_as_checked(book):
    report = book.reports["thm1-strict"]
    with pytest.raises(UncheckedPage, match="does not follow"):
        page(dataclasses.replace(report, evidence=()), book)
    forged = Judgement(Verdict.HOLDS, Verdict.HOLDS, ("z3",), "because I say so")
    with pytest.raises(UncheckedPage, match="does not follow"):
        page(dataclasses.replace(book.reports["thm1"], judgement=forged), book)
    stray = Evidence("smt", "z3", "proved", "a step of another claim")
    with pytest.raises(UncheckedPage):
        page(dataclasses.replace(report, evidence=(*report.evidence, stray)), book)


def test_a_step_without_evidence_says_so(catalogue):
    reports = check_all(catalogue=catalogue, numeric=False)
    report = reports["thm1-threshold"]
    open_judgement = Judgement(
        Verdict.OPEN, Verdict.OPEN, (), "step 'both ways' is not proved (no other engine covers it)"
    )
    unproved = dataclasses.replace(report, evidence=(), judgement=open_judgement)
    assert "not checked" in page(unproved, Book({**reports, report.id: unproved}, {}))


def test_the_errata_are_the_papers_claims_that_do_not_hold_as_printed(book, tmp_path):
    write_claims(book, tmp_path)
    wrong = findings(book, PAPERS[0])
    assert [r.id for r in wrong] == ["thm1"]
    assert {r.claim.voice for r in wrong} == {"paper"}
    text = (tmp_path / "errata.md").read_text()
    assert "Theorem 1" in text
    assert "<p class='point'>At " in text  # numbers to put in by hand


def test_the_dashboard_lists_every_claim_with_words_beside_colours(book, tmp_path):
    write_claims(book, tmp_path)
    text = (tmp_path / "index.md").read_text()
    for claim_id, report in book.reports.items():
        assert f'href="{claim_id}.html"' in text
        assert report.verdict.value in text
    assert len(json.loads((tmp_path / "ledger.json").read_text())) == len(FEW)


def test_the_gallery_leaves_no_figure_out(book, tmp_path, monkeypatch):
    def fails(self, out):
        raise ValueError("there is no record of it yet.")

    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(gallery.Figure, "draw", fails)
    drawn = gallery.draw_all()
    text = gallery.gallery(drawn, book, tmp_path / "gallery", tmp_path / "figures")
    assert text.count("\n## ") == len(gallery.FIGURES)
    assert text.count("there is no record of it yet.") == len(gallery.FIGURES)


def test_a_figure_is_drawn_again_only_when_the_code_behind_it_changes(tmp_path, monkeypatch):
    drawn = []

    def draws(self, out):
        drawn.append(self.id)
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{self.id}.png").write_bytes(b"")
        return [out / f"{self.id}.png"]

    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))
    monkeypatch.setattr(gallery.Figure, "draw", draws)
    two = [gallery.FIGURES["fig5"], gallery.FIGURES["dnsam-law"]]
    code = {figure.code: "as it is" for figure in two}
    monkeypatch.setattr(gallery.sources, "digest_of", code.__getitem__)
    gallery.draw_all(two)
    assert [d.png for d in gallery.draw_all(two)] == ["fig5.png", "dnsam-law.png"]
    assert drawn == ["fig5", "dnsam-law"]
    code[two[0].code] = "changed"
    gallery.draw_all(two)
    assert drawn == ["fig5", "dnsam-law", "fig5"]
    (tmp_path / "figures" / "dnsam-law.png").unlink()
    gallery.draw_all(two)
    assert drawn == ["fig5", "dnsam-law", "fig5", "dnsam-law"]


def test_a_run_is_drawn_with_its_error_bars_and_its_margin():
    # value 1.02 for 1 with a standard error 0.01: 3 errors reach from -0.01 to 0.05, beyond the margin 0.03;
    # the picture's half-width is 1.25 * 0.05 = 0.0625 over 250 units, so 0.02 is 80 units right of the middle.
    picture = deviations({"variance": [1.02, 0.01, 1.0]}, "0.01 (noise) + 0.02 (bias) = 0.03")
    middle = 20 + 250
    assert f'cx="{middle + 80:.1f}"' in picture
    assert f'x1="{middle - 40:.1f}" x2="{middle + 200:.1f}"' in picture
    assert f'width="{2 * 120:.1f}"' in picture
    assert "0.03 either way of the predicted value" in picture


def test_a_witness_of_a_negation_says_that_the_whole_is_false():
    x = sp.Symbol("x", real=True)
    claim = dataclasses.replace(CLAIMS["thm1"], statement=sp.Not(sp.And(x > 0, x < 2), evaluate=False), given=())
    table = Witness(claim, {"x": "1"}).table
    assert table.count('class="true"') == 2  # both relations are true there, and so the statement is not
    assert re.search(r"as a whole.*false</strong>", table)


MEASURED = {
    "sam.json": {
        "what": "one step",
        "torch": "2",
        "pytorch_optimizer": "4",
        "python": "3",
        "cases": {
            "mlp": {
                "two SGD steps": {"microseconds": 1000.0, "ratio": 1.0, "ratio_low": 1.0, "ratio_high": 1.0},
                "SAM": {"microseconds": 1234.0, "ratio": 1.234, "ratio_low": 1.1, "ratio_high": 1.4},
            }
        },
    },
    "spectrum.json": {
        "what": "both ends",
        "parameters": 14666,
        "torch": "2",
        "curvlinops": "3",
        "python": "3",
        "routes": {
            "ours": {
                "seconds": 5.5,
                "relative": 0.4,
                "lowest": [-1.0, -0.5],
                "highest": [2.0, 2.0],
                "products": [20, 26],
            }
        },
    },
}
MEASURED["gpu-rates.json"] = {
    "what": "images",
    "device": "a GPU",
    "torch": "2",
    "rates": [
        {"batch_size": 512, "batch_norm": True, "compile": "captured", "optimiser": "sam", "passes_per_second": 71234.5}
    ],
    "ratios": {"captured, B 512: SAM / two SGD steps": 1.0249},
}
MEASURED["waiting.json"] = {
    "what": "CPU seconds of process trees", "python": "3.11.7", "base": "c48d947",
    "rows": {
        "claims": {"base_seconds": 4.0, "seconds": 0.8, "ratio": 0.2, "target": 0.25, "base_mebibytes": 120,
                   "mebibytes": 90, "pairs": 5},
        "help": {"base_seconds": 1.0, "seconds": 0.5, "ratio": 0.5, "target": 0.4, "base_mebibytes": 50,
                 "mebibytes": 50, "pairs": 5},
    },
}  # fmt: skip


def test_the_benchmarks_page_prints_what_was_measured_and_says_what_was_not(tmp_path):
    for name, data in MEASURED.items():
        (tmp_path / name).write_text(json.dumps(data))
    text = benchmarks_page(tmp_path)
    assert "| MLP | SAM | 1.23 | 1.23 | 1.10 to 1.40 |" in text
    assert "| ours | 5.50 | 0.40 | 23 | -1 to -0.5 | 2 |" in text  # starts that disagree are not averaged
    assert "| SAM | captured | yes | 512 | 71 234 |" in text
    assert "| captured, B 512: SAM / two SGD steps | 1.025 |" in text
    assert "| claims | 4.00 | 0.80 | 0.20 | 0.25 | reached | 120 | 90 | 0.75 | 5 |" in text
    assert "| help | 1.00 | 0.50 | 0.50 | 0.40 | missed | 50 | 50 | 1.00 | 5 |" in text
    assert text.count("Not measured yet.") == len(BENCHMARKS) - len(MEASURED)


def test_the_steps_of_a_derivation_are_numbered_and_refer_to_each_other(book):
    text = page(book.reports["thm1-strict"], book)
    claim = CLAIMS["thm1-strict"]
    for number, step in enumerate(claim.steps, 1):
        assert f'<li id="step-{number}">' in text
        for used in step.uses:
            at = 1 + [s.name for s in claim.steps].index(used)
            assert f'<a href="#step-{at}">{at}</a>' in text
    assert f'id="step-{len(claim.steps) + 1}"' not in text


def test_a_page_says_who_proved_and_who_tested(book):
    text = page(book.reports["thm1-strict"], book)
    count = sum(type(s).__name__ == "Equal" for s in CLAIMS["thm1-strict"].steps)
    assert f"tested at points {count} of {count} step" in text
    assert "accepted by Coq" not in text


def test_a_page_offers_what_was_written_and_nothing_else(book, tmp_path):
    write_claims(book, tmp_path / "claims", tmp_path / "extra")
    for claim_id in book.reports:
        text = (tmp_path / "claims" / f"{claim_id}.md").read_text()
        assert f'href="../downloads/{claim_id}.json"' in text
        assert json.loads((tmp_path / "extra" / "downloads" / f"{claim_id}.json").read_text())["id"] == claim_id
        accepted = files.is_accepted(CLAIMS[claim_id], CLAIMS, proofs.stored)
        assert ("coqc " in text) == accepted
        assert (tmp_path / "extra" / "downloads" / f"{terms.name(claim_id)}.v").exists() == accepted
    assert "../downloads" not in page(book.reports["thm1"], book)  # nothing was written for this one
