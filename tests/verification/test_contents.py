"""The table of contents of the house, and what is built for a question about few claims."""

import json
import subprocess
import sys

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.claims import graph
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.verification.ledger import contents, library


def test_the_list_is_of_this_code_and_lists_every_claim():
    listed = contents.listed()
    assert listed, "run `python -m saddlecheck.verification.ledger.contents`"
    assert list(listed) == list(CLAIMS)
    for paper in PAPERS:
        assert [i for i, e in listed.items() if e.paper == paper.id] == [c.id for c in paper.claims]
    for i, claim in CLAIMS.items():
        assert contents._words(listed[i]) == contents._words(claim)
        assert set(graph.grounds(claim)) | {c.id for c in CLAIMS.amendments(i)} <= set(listed[i].beside)
        whole = library.house()
        part = library.Excerpt(CLAIMS, entries=listed)
        assert part.owner(i) == whole.owner(i)
        assert [e.name for e in part.experiments(i)] == [e.name for e in whole.experiments(i)]
        assert part.records(i) == whole.records(i)


@pytest.mark.parametrize("name", ["thm1", "thm1-strict", "exp-bound", "usam-saddle"])
def test_what_is_built_for_one_claim_is_that_claim_with_all_that_it_rests_on(name):
    listed = contents.listed()
    part = contents.built([name], listed)
    assert set(graph.below(CLAIMS, [name])) <= set(part) < set(CLAIMS)
    assert all(part[i] is CLAIMS[i] for i in part)
    assert [c.id for c in part.amendments(name)] == [c.id for c in CLAIMS.amendments(name)]


def test_a_list_of_other_code_or_a_damaged_one_counts_for_nothing(tmp_path):
    data = json.loads(contents.STORE.read_text())
    other = tmp_path / "claims.json"
    assert contents.listed(tmp_path / "missing.json") == {}
    for text in ("{", json.dumps({**data, "code": "other"}), json.dumps({**data, "claims": [{"id": "thm1"}]})):
        other.write_text(text)
        contents.listed.cache_clear()
        assert contents.listed(other) == {}
    other.write_text(json.dumps(data))
    contents.listed.cache_clear()
    assert contents.listed(other)


def test_a_claim_that_is_not_as_it_is_listed_is_refused():
    listed = dict(contents.listed())
    listed["thm1"] = contents.ListedClaim(**{**vars(listed["thm1"]), "says": "Something else."})
    with pytest.raises(MalformedClaim, match="thm1 is not as"):
        contents.built(["thm1"], listed)


def test_one_claim_is_settled_without_the_others_being_built():
    code = (
        "import sys; from saddlecheck import check; r = check('thm1', numeric=False);"
        "print(r.paper, r.verdict, 'saddlecheck.theory.papers.catalogue' in sys.modules, 'scipy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["kim", *["holds", "under", "extra", "conditions"], "False", "False"]


def test_to_export_one_claim_or_one_that_is_none_builds_no_other(tmp_path):
    code = (
        "import sys; from saddlecheck.verification.cli.main import run; run(['export', '--coq', sys.argv[1]]);"
        "print('saddlecheck.theory.papers.catalogue' in sys.modules)"
    )
    for claim in ("exp-sign", "none"):
        command = [sys.executable, "-c", code, claim]
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()
        assert said[-1] == "False", claim
