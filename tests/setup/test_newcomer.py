"""A newcomer's walk in a fresh environment: install, a new paper, check it, look at its pages."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from guide_blocks import blocks, commands, lines, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Path:
    """The command `saddlecheck` of an environment that holds nothing but the project with its extra `pages`."""
    if shutil.which("python3.11") is None:
        pytest.fail("the documented commands begin with python3.11")
    folder = tmp_path_factory.mktemp("fresh")
    script = f"python3.11 -m venv .venv && .venv/bin/pip install -q -c '{ROOT}/constraints.txt' '{ROOT}[pages]'"
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=clean(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / ".venv" / "bin" / "saddlecheck"


def clean() -> dict[str, str]:
    """The environment without what points to the one in which the tests run."""
    mine = ("PIP_CONSTRAINT", "PYTHON", "VIRTUAL_ENV", "TOX")
    return {k: v for k, v in os.environ.items() if not k.startswith(mine)}


def test_from_nothing_to_the_pages_of_a_paper(command, tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**clean(), "SADDLECHECK_CACHE": str(tmp_path / "cache")}
        return subprocess.run(
            [str(command), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    new = run("new", "paper", "my_paper")
    assert new.returncode == 0, new.stderr
    assert (tmp_path / "my_paper.py").exists()
    checked = run("check", "my_paper.py")
    assert checked.returncode == 0, checked.stderr
    assert "run as your own program" in checked.stderr
    for word in ("contracts", "holds", "contracts-at-the-edge", "refuted", "lambda = 2"):
        assert word in checked.stdout
    rechecked = run("recheck", "my_paper.py")
    assert rechecked.returncode == 0, rechecked.stdout + rechecked.stderr
    built = run("pages", "my_paper.py")
    assert built.returncode == 0, built.stderr
    pages = tmp_path / "my_paper-pages"
    assert "contracts-at-the-edge" in (pages / "claims" / "index.html").read_text()
    shown = (pages / "claims" / "contracts-at-the-edge.html").read_text()
    assert "counterexample" in shown
    assert "http" not in "".join(re.findall(r"<script\b.*?</script>", shown, re.DOTALL))  # it needs no network
    again = run("new", "paper", "my_paper")
    assert again.returncode == 2
    assert len(again.stderr.splitlines()) == 1


def test_the_guide_from_latex_to_a_settled_claim(command, tmp_path):
    """Its commands in its order, each with the output that it shows."""
    environment = {**clean(), "SADDLECHECK_CACHE": str(tmp_path / "cache"), "COLUMNS": "80"}
    settled = 0
    for kind, body in blocks(ROOT / "docs" / "guides" / "new-paper.md"):
        if kind == "python":
            assert write(body, tmp_path)
            continue
        for line, shown in commands(body):
            program, *arguments = shlex.split(line)
            assert program == "saddlecheck"
            done = subprocess.run(
                [str(command), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, line + done.stderr
            assert not shown or lines(done.stdout) == lines(shown), line
            settled += 1
    assert settled >= 5
