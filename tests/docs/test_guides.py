"""Every code block of the guides runs: Python in one namespace a guide, console lines through the command line."""

import re
import shlex
from pathlib import Path

import pytest
from guide_blocks import blocks, commands, lines, write

from saddlecheck.verification.cli.main import run

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = sorted(DOCS.glob("guides/*.md"))
SHOWN = "output"  # what the block of Python above it prints
NOT_RUN = {SHOWN, "text", "latex", "{math}", "{raw}", "{toctree}", "{image}"}


def test_every_block_is_of_a_kind_that_is_run_or_needs_no_run():
    kinds = {kind for guide in GUIDES for kind, _ in blocks(guide)}
    assert kinds <= {"python", "console"} | NOT_RUN


def cells(row):
    """How many cells a row of a table has: every bar ends one, in code too, but one with a backslash."""
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def test_no_row_of_a_table_is_cut_at_a_bar():
    pages = [*DOCS.glob("*.md"), *GUIDES, DOCS.parent / "README.md"]
    tables = [t for page in pages for t in re.findall(r"(?:^\|.*\n)+", page.read_text(), re.MULTILINE)]
    assert len(tables) > 5
    for head, *rows in (t.splitlines() for t in tables):
        assert [row for row in rows if cells(row) != cells(head)] == []
    assert cells("| trapped | `rho mu > |H|` |") == 4 != cells(r"| trapped | `rho mu > \|H\|` |") == 2


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_a_guide_runs_from_top_to_bottom(guide, tmp_path, monkeypatch, capsys):
    if "import torch" in guide.read_text() or "saddlecheck.nets" in guide.read_text():
        pytest.importorskip("torch", reason="this guide trains: it needs the extra `nets`")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    namespace, printed_by_python = {}, ""
    for kind, body in blocks(guide):
        if kind == "python" and not write(body, tmp_path):
            capsys.readouterr()
            exec(compile(body, f"{guide.name}", "exec"), namespace)  # our own documentation
            printed_by_python = capsys.readouterr().out
        elif kind == SHOWN:
            assert rounded(lines(printed_by_python)) == rounded(lines(body)), body
        elif kind == "console":
            for command, shown in commands(body):
                program, *arguments = shlex.split(command)
                assert program == "saddlecheck"
                capsys.readouterr()
                # 1: a verdict is not as pinned, which is the ledger's affair and not the guide's.
                code = run(arguments)
                printed = capsys.readouterr()
                assert code in (0, 1), printed.err
                if shown:
                    assert lines(printed.out) == lines(shown), command


def test_the_way_from_latex_to_a_settled_claim_is_short():
    guide = (DOCS / "guides" / "new-paper.md").read_text()
    assert 5 <= sum(line.startswith("$ ") for line in guide.splitlines()) <= 12


def rounded(text):
    """Floats to six digits: the last ones follow the processor."""
    return re.sub(r"-?\d+\.\d{6,}(?:e-?\d+)?", lambda found: f"{float(found[0]):.6g}", text)


def test_floats_are_compared_to_six_digits():
    assert rounded("at 0.8333333333333334 1.5") == rounded("at 0.8333333333333331 1.5") != rounded("at 0.833331 1.5")
    assert rounded("2.2900000000000005") == "2.29"


def test_an_output_that_is_not_what_is_shown_would_be_noticed():
    body = "$ saddlecheck papers\nkim\n$ saddlecheck twins x.py\nfalse twins: 5 of 5 refuted\n"
    assert list(commands(body)) == [
        ("saddlecheck papers", "kim\n"), ("saddlecheck twins x.py", "false twins: 5 of 5 refuted\n")
    ]  # fmt: skip
    assert lines("a  b\nc\n") == lines("a b c") != lines("a b d")
