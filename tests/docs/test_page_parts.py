"""The parts of the site beside a claim's derivation: its runs, its twins, the figures, the code, the errata."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from saddlecheck.numerics.experiments.registry import experiments
from saddlecheck.theory import CLAIMS, PAPERS, Catalogue
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.verification.ledger import contents, twins
from saddlecheck.verification.ledger.book import Report, check_all
from saddlecheck.verification.ledger.judge import judge
from saddlecheck.verification.site import comparison, downloads, gallery, parts, trials
from saddlecheck.verification.site.build import make_book
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.errata import errata
from saddlecheck.verification.site.evidence_sections import runs
from saddlecheck.verification.site.templates import render
from saddlecheck.verification.site.witness import witness_line

ROOT = Path(__file__).parents[2]


def test_a_claims_twins_are_tried_once_and_again_when_it_changes(monkeypatch):
    claim = CLAIMS["thm1-strict"]
    (found,) = trials.own_trials([claim]).values()
    assert [t.mistake for t in found] == [t.mistake for t in claim.twins]
    assert all(t.killed for t in found)

    def fail(*_, **__):
        raise AssertionError("tried again")

    monkeypatch.setattr(twins, "trials", fail)
    assert trials.own_trials([claim]) == {claim.id: found}
    altered = dataclasses.replace(claim, twins=claim.twins[:-1])
    with pytest.raises(AssertionError, match="tried again"):
        trials.own_trials([altered])


@pytest.fixture(scope="module")
def ran():
    return experiments()["discrete-variance-run"].run()


def report_of(claim_id, *evidence):
    claim = CLAIMS[claim_id]
    return Report(claim, judge(claim, evidence, ()), evidence)


def runs_of(claim_id, *evidence):
    return render("runs.jinja", runs=runs(report_of(claim_id, *evidence)))


def test_a_run_is_shown_with_prediction_measurement_and_rejected_twins(ran):
    text = runs_of("discrete-variance", ran)
    value, error, predicted = ran.settings["measured"]["sgd"]
    for number in (value, error, predicted):
        assert f"{number:.6g}" in text
    assert "as claimed" in text
    assert "not rejected" not in text
    assert str(ran.settings["seed"]) in text


def test_a_twin_that_a_run_let_through_is_shown(ran):
    missed = dataclasses.replace(ran, status="undecided", settings={**ran.settings, "twins": {"one step less": False}})
    text = runs_of("discrete-variance", missed)
    assert "not rejected" in text
    assert "too few to decide" in text


def test_without_a_run_there_is_no_section():
    assert runs_of("thm1-strict").strip() == ""


def test_the_book_settles_the_claims_that_it_is_asked_for():
    book = make_book(jobs=1, ids=["thm1-strict"], numeric=False)
    assert set(book.reports) == {"thm1-strict"}
    assert all(t.killed for t in book.trials["thm1-strict"])


def figure_in(folder, **about):
    folder.mkdir(exist_ok=True)
    from PIL import Image

    Image.new("RGB", (40, 30), "white").save(folder / "fig5.png")
    (folder / "fig5.csv").write_text("rho,eta\n1,2\n")
    if about:
        (folder / "fig5.json").write_text(json.dumps(about))
    (folder / "fig5.npz").write_bytes(b"0")
    (folder / "fig5.pdf").write_bytes(b"%PDF")
    figure = next(f for f in gallery.FIGURES.values() if f.id == "fig5")
    return gallery.Drawn(figure, tuple(sorted(folder.iterdir())))


def test_the_gallery_shows_picture_caption_settings_and_numbers(tmp_path):
    drawn = figure_in(tmp_path / "drawn", caption="What is *seen*.", settings={"rho": 0.25})
    shown = figure_in(tmp_path / "other")
    missing = dataclasses.replace(shown, files=(), missing="it needs records")
    claims = [i for i in drawn.figure.claims if i in CLAIMS]
    book = Book({i: report_of(i) for i in claims}, {})
    text = gallery.gallery([drawn, missing], book, tmp_path / "site", tmp_path / "figures")
    for part in (
        "What is",
        "0.25",
        "../figures/fig5.csv",
        "../figures/fig5.pdf",
        "Not drawn: it needs records",
        *(f"{i}.html" for i in claims),
    ):
        assert part in text, part
    assert "npz" not in text, "grids are left to the command"
    assert {p.name for p in (tmp_path / "site").iterdir()} == {"fig5.png"}
    assert {p.name for p in (tmp_path / "figures").iterdir()} == {"fig5.pdf", "fig5.csv", "fig5.json"}
    pictures = gallery.pictures_of([drawn, missing])
    assert set(pictures) == set(drawn.figure.claims)
    assert "../gallery/fig5.png" in gallery.on_claim(pictures[claims[0]])
    assert gallery.on_claim([]) == ""


def test_a_table_is_shown_as_text_and_not_as_a_picture(tmp_path):
    drawn = figure_in(tmp_path / "drawn", caption="c")
    (tmp_path / "drawn" / "fig5.md").write_text("What it is\n\n| rho |\n| --- |\n| 0.1 |\n")
    as_table = dataclasses.replace(drawn, files=(*drawn.files, tmp_path / "drawn" / "fig5.md"))
    assert "{image}" in gallery.on_claim([drawn])
    assert "{image}" not in gallery.on_claim([as_table])
    assert "<p>What it is</p>" in gallery.on_claim([as_table])
    assert '<td data-label="ρ">0.1</td>' in gallery.on_claim([as_table])


def test_what_differs_in_the_named_parts_is_marked_on_both_sides():
    text = comparison.beside(CLAIMS["thm2"], [CLAIMS["thm2-same-batch"]])
    printed, repaired = text.split('<div class="side repaired">')
    for side in (printed, repaired):
        (names,) = re.findall(r'<p class="label">where.*', side, re.DOTALL)
        marked = "".join(re.findall(r'<mrow class="changed">.*?</mrow></mrow>', names, re.DOTALL))
        assert "ρ" in marked  # the factor 1 + rho lambda, with its square or without
        assert "η" not in marked
    same = comparison.beside(CLAIMS["thm2-same-batch"], [dataclasses.replace(CLAIMS["thm2-same-batch"], id="again")])
    assert "changed" not in same


def test_many_comparisons_stand_below_each_other():
    why = "a net: loss, B = 2 less 1: +1 (as claimed); loss, B = 4 less 2: +2; accuracy: 3; momentum = 1: no runs yet"
    (run,) = runs(report_of("fig8", Evidence("training", "training record", "undecided", why=why)))
    assert run["why"] == "a net."
    assert run["parts"] == [
        "loss, B = 2 less 1: +1 (as claimed)", "loss, B = 4 less 2: +2", "accuracy: 3", "momentum = 1: no runs yet"
    ]  # fmt: skip


def test_what_a_verdict_says_of_a_run_is_not_said_again_below_it():
    said = Evidence("training", "training record", "proved", why="98 % of the seeds end at a minimum")
    other = dataclasses.replace(said, why="97 % with another seed")
    assert report_of("fig7b", said, other).judgement.reason == said.why
    first, second = runs(report_of("fig7b", said, other))
    assert (first["why"], second["why"]) == ("", other.why)
    text = runs_of("fig7b", said)
    assert said.why not in text
    assert "as claimed</strong>, with the numbers of the verdict" in text


def test_the_errata_put_what_holds_beside_what_was_printed():
    wanted = graph.below(CLAIMS, ["thm1", "theorems-contradict"])
    catalogue = Catalogue(dataclasses.replace(CLAIMS[i], related=()) for i in wanted)
    reports = check_all(catalogue=catalogue, numeric=False)
    book = Book({i: dataclasses.replace(r, paper="kim") for i, r in reports.items()}, {}, papers=PAPERS)
    text = errata(book, PAPERS[0], "errata")
    (first,) = re.findall(r'<table class="plain first">.*?</table>', text, re.DOTALL)
    assert first.count("<tr>") == 1 + 1  # the head, and the one of the ten that was settled here
    assert "λ = μ = ρ = 1" in first.replace("\N{NO-BREAK SPACE}", " ")
    assert "thm1-strict.html" in first
    assert "**As printed.**" in text
    assert "thm1.html" in text
    assert witness_line(CLAIMS["thm1"], reports["thm1"].judgement.witness) in text  # the numbers that fail, in view
    json.dumps(text)


def test_the_style_sheet_has_the_mark_of_every_verdict():
    css = (Path(parts.__file__).parent / "static" / "saddlecheck.css").read_text()
    found = dict(re.findall(r'\.v-([\w-]+) \{ --mark: "(.)"', css))
    assert found == {parts.slug(verdict): mark for verdict, mark in parts.MARK.items()}
    assert len(set(found.values())) == len(found)


def test_a_claim_is_said_to_be_written_where_it_is():
    found = {name: downloads.source(claim) for name, claim in CLAIMS.items()}
    assert found["thm1"].startswith("theory/papers/kim/saddle/")  # contradictions.py, read before, names it as a side
    assert found["looksam"].startswith("theory/papers/variants/")
    listed, inside = contents.listed(), 0
    for name, where in found.items():
        if where:  # ids that are computed have none
            path, line = where.split(", line ")
            text = (ROOT / path).read_text().splitlines()[int(line) - 1 :]
            assert f'"{name}"' in "\n".join(text[:3]), name
            inside += path.removesuffix(".py").endswith(listed[name].module.replace(".", "/"))
    assert inside > 400
