"""What the README says is what the ledger says."""

import re
from pathlib import Path

import pytest

from saddlecheck.verification.ledger import pins

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PINNED = {i: pin.verdict for i, pin in pins.load().items()}
ROWS = re.findall(r"^\| `([a-z0-9-]+)` \|[^|]*\| ([^|]*) \|", README, re.M)


def test_the_table_is_found():
    assert len(ROWS) >= 6


@pytest.mark.parametrize(("claim", "verdict"), ROWS, ids=[r[0] for r in ROWS])
def test_each_verdict_in_the_table_is_the_reviewed_one(claim, verdict):
    assert PINNED[claim] == verdict


def test_ci_runs_the_second_command_of_the_readme():
    command = next(line.strip() for line in README.splitlines() if line.strip().endswith("/bin/tox"))
    ci = (ROOT / ".ci" / "run").read_text()
    for part in command.split(" && "):
        assert part in ci


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(path):
    assert path.startswith("http") or (ROOT / path).exists()
