"""`saddlecheck papers`, `new paper`, `report` and `pages`: papers as a whole."""

import dataclasses
import importlib.util
import json
import re
from pathlib import Path

import pytest

from saddlecheck.theory import Catalogue, Paper
from saddlecheck.verification.ledger import contents, library, scoreboard
from saddlecheck.verification.ledger.judge import Verdict

FIXTURE = Path(__file__).parent.parent / "fixtures" / "clashing_paper.py"


@pytest.fixture
def small_house(catalogue, monkeypatch):
    """Two papers in place of the house's: what the first says, and what is ours."""
    spoken = ("printed", "doubled", "textbook", "square")
    said = [dataclasses.replace(c, voice="paper", provenance="seen") for i, c in catalogue.items() if i in spoken]
    ours = [dataclasses.replace(c, voice="ours") for i, c in catalogue.items() if i in ("weak", "strict", "single")]
    first = Paper("first", "A paper", ("Author",), 2020, (*said, *ours[:2]), link="https://example.org/1")
    second = Paper("second", "Ours", (), 0, tuple(ours[2:]))
    small = library.Library(Catalogue([*first.claims, *second.claims]), (first, second))
    monkeypatch.setattr(library, "house", lambda: small)
    monkeypatch.setattr(contents, "listed", dict)  # the list is of the house's own
    return small


@pytest.mark.usefixtures("small_house")
def test_papers_are_listed_with_what_is_theirs_and_what_is_ours(run):
    code, out, err = run("papers", "--json", "--jobs", "1", "--no-numeric")
    assert code == 0, err
    first, second = map(json.loads, out.splitlines())
    assert (first["id"], first["authors"], first["link"]) == ("first", ["Author"], "https://example.org/1")
    assert first["claims"]["paper"] == {
        **dict.fromkeys((v.value for v in Verdict), 0),
        "holds": 1, "holds with a correction": 1, "holds under extra conditions": 1, "accepted on a source": 1,
    }  # fmt: skip
    assert first["claims"]["ours"]["holds"] == 2
    assert list(second["claims"]) == ["ours"]
    _, out, _ = run("papers", "--jobs", "1", "--no-numeric")
    assert "first · Author: A paper (2020)" in out
    row = next(line.split() for line in out.splitlines() if line.startswith("the paper"))
    assert row[2:] == ["4", "1", "1", "1", ".", ".", "1", "."]


def test_a_scoreboard_fits_eighty_columns(capsys, monkeypatch):
    from saddlecheck.verification.cli.console import out
    from saddlecheck.verification.cli.tables import board_table

    monkeypatch.setenv("COLUMNS", "80")
    board = scoreboard.scoreboard((voice, v) for voice in scoreboard.VOICES for v in Verdict for _ in range(123))
    out.print(board_table(board))
    printed = capsys.readouterr().out
    assert "…" not in printed
    assert all(word in printed for word in scoreboard.COLUMNS.values())


def test_the_sentence_counts_what_is_false_as_printed():
    board = scoreboard.scoreboard([("paper", v) for v in Verdict] + [("ours", Verdict.REFUTED), (None, Verdict.OPEN)])
    assert scoreboard.sentence(board) == "3 of the paper's 7 claims are false as printed."
    alone = [scoreboard.scoreboard([("paper", v)]) for v in (Verdict.REFUTED, Verdict.HOLDS)]
    assert scoreboard.sentence(alone[0]) == "The paper's one claim is false as printed."
    assert scoreboard.sentence(alone[1]) == "The paper's one claim is not false as printed."
    assert sum(board["ours"].values()) == 2
    assert scoreboard.sentence(scoreboard.scoreboard([("ours", Verdict.REFUTED)])) == ""


def test_the_example_runs_as_it_is_and_nothing_is_overwritten(run, tmp_path):
    code, out, err = run("new", "paper", "My_First.Paper")
    assert code == 0, err
    path = tmp_path / "My_First.Paper.py"
    code, out, err = run("check", path.name, "--json", "--jobs", "1")
    found = {o["id"]: o for o in map(json.loads, out.splitlines())}
    assert code == 0, err
    assert {i: o["verdict"] for i, o in found.items()} == {"contracts": "holds", "contracts-at-the-edge": "refuted"}
    assert {o["paper"] for o in found.values()} == {"my-first-paper"}
    path.write_text("# mine\n")
    code, _, err = run("new", "paper", "My_First.Paper")
    assert code == 2
    assert "exists and is left as it is" in err
    assert path.read_text() == "# mine\n"
    assert run("new", "paper", "---")[0] == 2
    assert run("new", "thing", "x")[0] == 2


def test_a_referee_gets_claims_verdicts_witnesses_and_repairs(run, tmp_path):
    (tmp_path / "clashing_paper.py").write_text(FIXTURE.read_text())
    code, out, err = run("report", "clashing_paper.py", "--markdown", "--jobs", "1")
    assert code == 0, err
    for part in (
        "2 of the paper's 3 claims are false as printed", "**Counterexample:** ", "**Instead:** ", "(thm1-strict)",
        "Attributed to Author and Other: On exponentials and pigs", "Read literally", r"\zeta \alpha",
    ):  # fmt: skip
        assert part in out, part
    assert out.index("Section 1") < out.index("Section 2")
    code, latex, _ = run("report", "clashing_paper.py", "--latex", "--jobs", "1")
    assert latex.startswith(r"\documentclass")
    assert latex.rstrip().endswith(r"\end{document}")
    # The fixture's symbol alpha is set as in its formulas: as mathematics, not as the word.
    assert re.search(r"\\textbf\{Counterexample:\} (\$[^$]+ = [^$]+\$, )*\$[^$]+ = [^$]+\$\.\n", latex)
    assert r"$\alpha = " in latex
    assert run("report", "clashing_paper.py", "--latex", "--markdown")[0] == 2
    assert run("report", "nobody")[0] == 2


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="pages need the extra `pages`")
def test_the_pages_of_a_paper_whose_ids_are_ours(run, tmp_path):
    (tmp_path / "clashing_paper.py").write_text(FIXTURE.read_text())
    code, _, err = run("pages", "clashing_paper.py", "--out", "site", "--jobs", "1")
    assert code == 0, err
    site = tmp_path / "site"
    text = {p.stem: p.read_text() for p in (site / "claims").glob("*.html")}
    assert set(text) >= {"thm1", "thm2", "thm1-strict", "fig6", "fig8", "exp-bound", "index", "errata"}
    assert "The paper says: The exponential" in text["thm1"]
    assert re.search('href="?exp-bound.html[" >]', text["thm1"])
    assert "Attributed to Author and Other" in text["thm2"]
    assert "The paper says" not in text["thm2"] + text["exp-bound"] + text["thm1-strict"] + text["fig8"]
    assert "On exponentials and pigs" in (site / "index.html").read_text()
    assert "Kim" not in (site / "index.html").read_text()
    assert "<mi>ζ</mi><mi>α</mi>" in text["thm2"]  # the paper's own order of letters
    assert "<mi>α</mi><mi>ζ</mi>" not in text["thm2"]
    assert text["fig6"].count("How high pigs fly") == 1  # the run is the verdict's reason, and is described once
    assert "how high pigs fly" not in text["fig6"]
    assert text["index"].index("§2 Products") < text["index"].index("§1 Exponentials")  # the paper's own order
    assert "thm1.html" not in text["errata"]
    assert "fig8.html" not in text["errata"]  # our reading is no error of the paper
    assert run("pages", "thm1")[0] == 2
    (tmp_path / "taken").write_text("")
    assert run("pages", "clashing_paper.py", "--out", "taken")[0] == 2
