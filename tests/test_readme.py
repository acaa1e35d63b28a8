"""What the README says is what the ledger says."""

import re
import shlex
from pathlib import Path

import pytest
from reviewed import with_highlights

from saddlecheck.theory import PAPERS
from saddlecheck.verification.cli import main
from saddlecheck.verification.ledger import pins, scoreboard
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site import front

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PINNED = {i: pin.verdict for i, pin in pins.load().items()}
ROWS = re.findall(r"^\| `([a-z0-9-]+)` \|[^|]*\| ([^|]*) \|", README, re.M)


def test_the_table_is_found():
    assert len(ROWS) >= 6


@pytest.mark.parametrize(("claim", "verdict"), ROWS, ids=[r[0] for r in ROWS])
def test_each_verdict_in_the_table_is_the_reviewed_one(claim, verdict):
    assert PINNED[claim] == verdict


def board(verdicts):
    """The scoreboard of the first paper, from verdicts in words."""
    return scoreboard.scoreboard((c.voice, Verdict(verdicts[c.id].split(",")[0])) for c in PAPERS[0].claims)


def test_the_scoreboard_is_that_of_the_reviewed_verdicts():
    """That the verdicts are as reviewed is `saddlecheck check`, which runs the engines."""
    found = board(PINNED)
    assert scoreboard.markdown(found) in README
    assert f"**{scoreboard.sentence(found)}**" in README


def test_one_other_verdict_is_another_scoreboard():
    spoken = next(c.id for c in PAPERS[0].claims if c.voice == "paper" and PINNED[c.id] == "holds")
    changed = board({**PINNED, spoken: "refuted"})
    assert scoreboard.markdown(changed) not in README
    assert scoreboard.sentence(changed) not in README


def test_its_first_lines_are_what_was_found_with_the_numbers_of_the_certificates():
    entries = with_highlights()
    assert README.startswith("# saddlecheck\n\n" + front.found(PAPERS[0], entries, ""))
    entries["thm2"]["certificate"]["witness"]["t"] = "2"  # another witness has other numbers
    assert front.found(PAPERS[0], entries, "") not in README


@pytest.mark.parametrize(("page", "prompt", "end"), [
    ("README.md", "    $ saddlecheck analyse ", "\n\n"), ("docs/index.md", "$ saddlecheck analyse ", "\n```"),
])  # fmt: skip
def test_the_answer_of_analyse_is_its_answer(capsys, page, prompt, end):
    shown = (ROOT / page).read_text().split(prompt)[1].split(end)[0].splitlines()
    assert main.run(["analyse", *shlex.split(shown[0])]) == 0
    answer = " ".join(capsys.readouterr().out.split())
    parts = [" ".join(part.split()) for part in "\n".join(shown[1:]).split("[...]")]
    assert len(parts) == 3
    assert all(part in answer for part in parts)


def test_ci_runs_the_second_command_of_the_readme():
    command = next(line.strip() for line in README.splitlines() if line.strip().endswith("/bin/tox"))
    ci = (ROOT / ".ci" / "run").read_text()
    for part in command.split(" && "):
        assert part in ci


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(path):
    assert path.startswith("http") or (ROOT / path).exists()
