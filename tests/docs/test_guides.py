"""Every code block of the guides runs: Python in one namespace a guide, console lines through the command line."""

import re
import shlex
from pathlib import Path

import pytest

from saddlecheck.verification.cli.main import run

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = sorted(DOCS.glob("guides/*.md"))
BLOCK = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"text", "latex", "{math}", "{raw}", "{toctree}", "{image}"}


def blocks(guide):
    return [(kind, body) for kind, body in BLOCK.findall(guide.read_text())]


def test_every_block_is_of_a_kind_that_is_run_or_needs_no_run():
    kinds = {kind for guide in GUIDES for kind, _ in blocks(guide)}
    assert kinds <= {"python", "console"} | NOT_RUN


def lines(text):
    """What is compared: a line's words; how wide a console is decides nothing."""
    return " ".join(text.split())


def write(body, folder):
    """The file that a block of Python shows, by its first line: `# NAME.py`, or `# NAME.py, continued`."""
    first, _, rest = body.partition("\n")
    if (found := re.fullmatch(r"# (\w+\.py)(, continued)?", first)) is None:
        return False
    path = folder / found[1]
    path.write_text((path.read_text() + "\n" if found[2] else "") + rest)
    return True


def commands(body):
    """The commands of a console block, each with the output that is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_a_guide_runs_from_top_to_bottom(guide, tmp_path, monkeypatch, capsys):
    if "import torch" in guide.read_text() or "saddlecheck.nets" in guide.read_text():
        pytest.importorskip("torch", reason="this guide trains: it needs the extra `nets`")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    namespace = {}
    for kind, body in blocks(guide):
        if kind == "python" and not write(body, tmp_path):
            exec(compile(body, f"{guide.name}", "exec"), namespace)  # our own documentation
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


def test_an_output_that_is_not_what_is_shown_would_be_noticed():
    body = "$ saddlecheck papers\nkim\n$ saddlecheck twins x.py\nfalse twins: 5 of 5 refuted\n"
    assert list(commands(body)) == [
        ("saddlecheck papers", "kim\n"), ("saddlecheck twins x.py", "false twins: 5 of 5 refuted\n")
    ]  # fmt: skip
    assert lines("a  b\nc\n") == lines("a b c") != lines("a b d")
