"""Where is it? A claim is found by its id in any case, and by its place however that is spelt."""

import re

import pytest
import typer

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.verification.cli import arguments, figure_command, main, sweep_command
from saddlecheck.verification.figures import FIGURES
from saddlecheck.verification.ledger.places import labels, meant

KIM = PAPERS[0].claims


@pytest.mark.parametrize(
    ("words", "claim"),
    [("Theorem 2", "thm2"), ("(12)", "thm2"), ("THM2", "thm2"), ("thm2", "thm2"), ("eq. 12", "thm2"),
     ("Eq. (12)", "thm2"),
     ("equation 12", "thm2"), ("theorem 1", "thm1"), ("Thm. 1", "thm1"), ("(3)", "gap-sign"), ("eq. (3)", "gap-sign"),
     ("Figure 6", "fig6"), ("fig. 6", "fig6"), ("(17)", "thm1-proof"), ("4.2, Theorem 1", "thm1"),
     ("§4.2 Theorem 1", "thm1"), ("proof of Theorem 1", "thm1-proof"), ("Lemma 1", "lambda-lemma"),
     ("exp-bound", "exp-bound")],
)  # fmt: skip
def test_one_claim_is_meant(words, claim):
    assert meant(words, CLAIMS, KIM) == [claim]


@pytest.mark.parametrize("words", ["Theorem 9", "(99)", "Figure", "", "the saddle", "thm"])
def test_what_is_no_place_means_nothing(words):
    with pytest.raises(ValueError, match="no claim is called"):
        meant(words, CLAIMS, KIM)


def test_several_claims_at_a_place_are_all_meant():
    assert set(meant("Theorem 3", CLAIMS, KIM)) >= {"thm3-gamma", "thm3-batch"}
    assert {CLAIMS[i].voice for i in meant("Theorem 3", CLAIMS, KIM)} == {"paper"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("eq. (3)", "(3)"), ("eqs (8), (9)", "(8) and (9)"), ("Figures 3 and 4", "figs. 3, 4"), ("Section 4.3", "4.3"),
     ("(16) to (19)", "(16), (17), (18), (19)"), ("Cases I and II", "case I, case II")],
)  # fmt: skip
def test_one_place_in_two_spellings(one, other):
    assert labels(one) == labels(other) != frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [("after (10)", "(10)"), ("Theorem 1", "Corollary 1"), ("(1)", "Theorem 1"), ("proof of Theorem 1", "Theorem 1"),
     ("Case I", "Case III (i)"), ("4.3", "(4)")],
)  # fmt: skip
def test_what_only_looks_alike_is_apart(one, other):
    assert not labels(one) & labels(other)


def test_several_hits_list_themselves(capsys):
    code = main.run(["show", "Theorem 3"])
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert "thm3-gamma: " in captured.err
    assert captured.err.splitlines()[-1].startswith("saddlecheck: 'Theorem 3' is the place of these")


def test_a_place_is_looked_up_in_the_paper_that_is_named(capsys):
    assert main.run(["show", "Theorem 2", "--paper", "ours"]) == 2
    assert "no claim is called" in capsys.readouterr().err
    assert main.run(["show", "Theorem 1", "--paper", "kim-v2"]) == 2
    shown = capsys.readouterr().err
    assert "kim-v2: " in shown
    assert "thm1: " not in shown


def test_papers_figures_and_grids_complete():
    assert "kim" in arguments.completed_paper("k")
    assert "fig5" in figure_command.completed("fig")
    assert set(figure_command.completed("")) == {*FIGURES, "all"}
    assert sweep_command.completed("ta") == ["table1"]


def offered(words, monkeypatch, capsys):
    """What the TAB key offers after some words, as bash asks for it."""
    monkeypatch.setenv("_SADDLECHECK_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"saddlecheck {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" "))))
    command = typer.main.get_command(main.app)
    with pytest.raises(SystemExit):
        command.main([], prog_name="saddlecheck")
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "completes"),
    [("show thm", "thm2"), ("check thm", "thm2"), ("twins exp-b", "exp-bound"), ("figure fig", "fig5"),
     ("sweep fi", "fig8")],
)  # fmt: skip
def test_the_tab_key_completes(words, completes, monkeypatch, capsys):
    assert completes in offered(words, monkeypatch, capsys)


def test_the_tab_key_completes_among_the_claims_of_the_paper_that_is_named(monkeypatch, capsys):
    found = offered("show --paper kim-v2 kim-v2-t", monkeypatch, capsys)
    assert found == ["kim-v2-theorem3", "kim-v2-theorem3-inverted"]
    assert offered("show --paper kim-v2 thm", monkeypatch, capsys) == []


def test_the_tab_key_completes_the_ids_of_a_file_without_running_it(tmp_path, monkeypatch, capsys):
    file = tmp_path / "mine.py"
    file.write_text(
        "import saddlecheck.theory as theory\n"
        "open('it-ran', 'w')\n"
        "A = theory.Claim('thick-ice', 'Ice')\n"
        "B = Claim(title='Thin', id='thin-ice')\n"
        "C = Clause('thick-fog')\n"
    )
    monkeypatch.chdir(tmp_path)
    assert offered("show mine.py thi", monkeypatch, capsys) == ["thick-ice", "thin-ice"]
    assert offered("check mine.py thm", monkeypatch, capsys) == []
    assert not (tmp_path / "it-ran").exists()
    file.write_bytes(b"\xff\x00 Claim('thick-ice'")
    assert offered("show mine.py thi", monkeypatch, capsys) == []
    assert offered("show none.py thi", monkeypatch, capsys) == []


SPELT = {"Theorem", "Corollary", "Lemma", "Figure", "Figures", "Table", "after", "to", "and"}


def words_before_numbers(passage):
    return set(re.findall(r"[A-Za-z]+\.?(?= ?\(?\d)", passage))


def test_places_are_spelt_alike():
    """An equation is its number in parentheses, with no word before it; a kind is written out, with a capital."""
    assert {c.id: c.place.passage for c in CLAIMS.values() if words_before_numbers(c.place.passage) - SPELT} == {}


@pytest.mark.parametrize("passage", ["eq. (3)", "equation 12", "Fig. 6", "theorem 2", "Thm. 1", "the 2-cycle"])
def test_another_spelling_is_noticed(passage):
    assert words_before_numbers(passage) - SPELT
