"""Every code block of the guides runs: Python in one namespace a guide, console lines through the command line."""

import re
import shlex
from pathlib import Path

import pytest

from saddlecheck.verification.cli.main import run

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = sorted(DOCS.glob("guides/*.md"))
BLOCK = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"text", "{math}", "{raw}", "{toctree}", "{image}"}


def blocks(guide):
    return [(kind, body) for kind, body in BLOCK.findall(guide.read_text())]


def test_every_block_is_of_a_kind_that_is_run_or_needs_no_run():
    kinds = {kind for guide in GUIDES for kind, _ in blocks(guide)}
    assert kinds <= {"python", "console"} | NOT_RUN


@pytest.mark.slow
@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_a_guide_runs_from_top_to_bottom(guide, tmp_path, monkeypatch, capsys):
    if "import torch" in guide.read_text() or "saddlecheck.nets" in guide.read_text():
        pytest.importorskip("torch", reason="this guide trains: it needs the extra `nets`")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for kind, body in blocks(guide):
        if kind == "python":
            exec(compile(body, f"{guide.name}", "exec"), namespace)  # our own documentation
        elif kind == "console":
            for line in body.splitlines():
                if line.startswith("$ "):
                    program, *arguments = shlex.split(line[2:])
                    assert program == "saddlecheck"
                    # 1: a verdict is not as pinned, which is the ledger's affair and not the guide's.
                    assert run(arguments) in (0, 1), capsys.readouterr().err
