"""Certificates: written, read back and verified from the file alone; and the cache, verified when it is read."""

import json
from importlib.metadata import version

import jsonschema
import pytest
from certified import BASES, certificate, claims, pinned, sealed

from saddlecheck.numerics.effort import USUAL, Profile
from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.claims.evidence import STATEMENT, Evidence
from saddlecheck.verification.errors import BadCertificate
from saddlecheck.verification.ledger import book, cache, pins, recheck, snapshot, wordings
from saddlecheck.verification.ledger.certificate import SCHEMA, doubt


@pytest.fixture(autouse=True)
def reviewed(monkeypatch):
    monkeypatch.setattr(pins, "wordings", pinned)


def results(data):
    return {line.what: line.result for line in checker.examine(data, pinned()).lines}


def test_conditions_steps_and_witness_are_verified():
    assert results(certificate("strict")) == dict.fromkeys(("conditions", "step factor", "step positive"), "verified")
    assert results(certificate("small")) == {"witness": "verified"}
    assert set(results(certificate("printed"))) == {
        "conditions", "witness", "strict: conditions", "strict: step factor", "strict: step positive"
    }  # fmt: skip


def test_what_cannot_be_verified_is_named(catalogue):
    reports = book.check_all(["textbook", "run", "unproved"], catalogue=catalogue, numeric=False)
    for id, trusted in (("textbook", {"step a"}), ("run", {"verdict"}), ("unproved", {"step e", "verdict"})):
        found = checker.examine(reports[id].certificate(), {id: wordings.wording(catalogue[id])})
        assert found.exit_code == 3
        assert {line.what for line in found.lines if line.result == "trusted"} == trusted


def test_a_step_without_a_stored_proof_rests_on_the_engines_and_says_on_which(catalogue):
    data = book.check("strict", catalogue=catalogue, numeric=False).certificate(find=lambda *_: None)
    assert [s["basis"] for s in data["steps"]] == ["checked", "two solvers, one translation"]
    assert data["proofs"] == {}
    assert checker.examine(data, {"strict": wordings.wording(catalogue["strict"])}).exit_code == 3


def test_round_trip_through_a_file(tmp_path):
    path = tmp_path / "strict.json"
    cache.write_json(path, certificate("strict"))
    assert recheck.recheck(path, pinned()).exit_code == 0
    path.write_text(path.read_text().replace('"mu": "', '"mu": "1'))
    assert recheck.recheck(path, pinned()).exit_code == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"format": 99}', "\x00", '{"format": 1, "digest": "0"}', "\udcff"]
)
def test_what_is_no_certificate_is_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_bytes(text.encode("utf8", "surrogateescape"))
    with pytest.raises(BadCertificate) as caught:
        recheck.recheck(path, pinned())
    assert "\n" not in str(caught.value)


def test_a_huge_file_and_a_missing_one(tmp_path, monkeypatch):
    with pytest.raises(BadCertificate, match="cannot be read"):
        recheck.recheck(tmp_path / "none.json", pinned())
    big = tmp_path / "big.json"
    big.write_text(" " * 100)
    monkeypatch.setattr(recheck, "_MAX_BYTES", 50)
    with pytest.raises(BadCertificate, match="larger than"):
        recheck.recheck(big, pinned())


@pytest.mark.parametrize("id", BASES)
def test_the_schema_describes_what_is_written(id):
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(certificate(id), schema)
    for wrong in ({**certificate(id), "versions": {}}, {**certificate(id), "format": 1}, {"format": 2}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_the_digest_covers_everything():
    whole = certificate("strict")
    stated = whole.pop("digest")
    for key in whole:
        assert checker.digest({**whole, key: "changed"}) != stated


def test_every_step_of_the_ledger_can_be_read_by_the_checker():
    from saddlecheck.theory import CLAIMS
    from saddlecheck.theory.claims import step_serial

    kinds = set()
    for claim in CLAIMS.values():
        for step in claim.steps:
            kind, _, fields = checker.step(json.loads(json.dumps(step_serial.encode(step))))
            assert set(fields) == set(step_serial.encode(step)["fields"])
            kinds.add(kind)
    assert {"Equal", "Entails", "Monotone", "Accept"} <= kinds


def test_the_words_of_the_ledger_are_those_that_were_reviewed():
    from saddlecheck.theory import CLAIMS

    recorded = {i: pin.wording for i, pin in pins.load().items()}
    assert {i for i, claim in CLAIMS.items() if recorded.get(i) != wordings.wording(claim)} == set()
    assert set(recorded) == set(CLAIMS)


# The cache. Evidence on one claim:


def cached(id, change):
    """The toy ledger's evidence on a claim, in the cache, then changed by somebody who computes the digest anew."""
    catalogue = claims()
    book.check(id, catalogue=catalogue, numeric=False)
    path = cache.folder() / f"{id}.json"
    head, text = path.read_text().splitlines()
    key, content = json.loads(head)["key"], json.loads(text)
    change(content)
    cache.store_json(path, key, content)
    return catalogue


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))


def of(content, engine):
    return next(e for e in content if e["engine"] == engine)


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize(
    ("id", "change", "says"),
    [
        ("small", lambda c: [e.update(witness={"n": "1"}) for e in c], "does not refute"),
        ("small", lambda c: [e.update(witness={"n": "3/2"}) for e in c], "is not integer"),
        ("small", lambda c: of(c, "arb").update(witness={"n": "3"}), "different points"),
        ("strict", lambda c: [e.update(witness={"mu": "0", "rho": "0"}) for e in c if e["kind"] == "model"], "satisfy"),
        ("strict", lambda c: of(c, "z3").update(engine="oracle"), "oracle"),
        ("strict", lambda c: c.append({"engine": "z3"}), "does not hold what"),
        ("strict", lambda c: of(c, "z3").update(trust="me"), "does not hold what"),
    ],
)
def test_edited_evidence_is_discarded_with_one_line(capsys, id, change, says):
    catalogue = cached(id, change)
    before = certificate(id)["verdict"]
    assert book.check(id, catalogue=catalogue, numeric=False).verdict == before
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"cached {id} is discarded")
    assert says in line
    assert book.check(id, catalogue=catalogue, numeric=False).verdict == before
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("own_cache")
def test_edited_evidence_without_its_digest_is_discarded_with_one_line(capsys):
    catalogue = cached("strict", lambda _: None)
    path = cache.folder() / "strict.json"
    path.write_text(path.read_text().replace('"proved"', '"refuted"', 1))
    assert book.check("strict", catalogue=catalogue, numeric=False).verdict == "holds"
    assert "was changed after it was written" in capsys.readouterr().err


def test_evidence_of_an_engine_that_a_step_does_not_have_is_doubted():
    claim = claims()["strict"]
    assert "oracle" in doubt(claim, [Evidence("symbolic", "oracle", "proved", "factor")])
    assert "oracle" in doubt(claim, [Evidence("symbolic", "oracle", "refuted", STATEMENT, witness={})])


# The last run as a whole:


def entries():
    summaries = {i: r.summary() for i, r in book.check_all(catalogue=claims(), numeric=False).items()}
    return json.loads(json.dumps({i: {"certificate": certificate(i), "summary": summaries[i]} for i in summaries}))


def retyped(entry):
    entry["certificate"].update(verdict="holds", as_printed="holds", reason="1 step")
    entry["summary"].update(verdict="holds", as_printed="holds", reason="1 step")
    sealed(entry["certificate"])


@pytest.mark.parametrize(
    ("id", "change", "says"),
    [
        ("small", retyped, "verdict"),
        ("small", lambda e: e["summary"].update(verdict="holds"), "its summary says something else"),
        ("strict", lambda e: e["summary"].update(reason="9 steps"), "its summary says something else"),
        ("printed", lambda e: e["summary"].update(amended_by=[]), "its summary says something else"),
        (
            "printed",
            lambda e: e["summary"].update(witness={"mu": "2", "rho": "1/2"}),
            "its summary says something else",
        ),
        ("strict", lambda e: sealed(e["certificate"]).update(digest="0"), "digest"),
        ("strict", lambda e: (e["certificate"].update(says="Trust me."), sealed(e["certificate"])), "words"),
        ("strict", lambda e: (e["certificate"]["proofs"].clear(), sealed(e["certificate"])), "step positive"),
        ("strict", lambda e: e.pop("summary"), "it is damaged"),
        ("strict", lambda e: e.update(certificate=[]), "certificate"),
    ],
)
def test_an_edited_certificate_in_the_cache_is_discarded_with_one_line(capsys, id, change, says):
    found = entries()
    assert snapshot.doubts(found) == {}
    assert capsys.readouterr().err == ""
    change(found[id])
    assert id in snapshot.doubts(found)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"cached {id} is discarded, and computed again: ")
    assert says in line


@pytest.mark.usefixtures("own_cache")
def test_results_are_kept_for_their_key_and_an_edited_one_is_discarded_alone(capsys):
    kept, whole = snapshot.Results(numeric=False, profile=USUAL), entries()
    kept.store(whole)
    assert kept.load(whole) == whole
    assert kept.load(["strict", "not settled"]) == {"strict": whole["strict"]}
    for other in (
        snapshot.Results(numeric=True, profile=USUAL),
        snapshot.Results(numeric=False, profile=Profile(True)),
    ):
        assert other.key != kept.key
        assert other.load(whole) == {}
    path = cache.folder() / "result-proofs-strict.json"
    path.write_text(path.read_text().replace(kept.key, "0" * 64))  # what other code has found
    assert "strict" not in kept.load(whole)
    assert capsys.readouterr().err == ""
    kept.store(whole)
    for damage in (path.read_text().replace("2 steps", "9 steps"), "[" * 100_000):
        path.write_text(damage)
        assert kept.load(whole) == {i: entry for i, entry in whole.items() if i != "strict"}
        assert capsys.readouterr().err.count("\n") == 1


def test_a_certificate_that_stands_in_others_is_verified_once_and_an_altered_one_anew():
    done = {}
    assert checker.examine(certificate("printed"), pinned(), done).exit_code == 0
    assert len(done) == 2  # its own, and that of the repair that stands in it
    assert checker.examine(certificate("strict"), pinned(), done).exit_code == 0
    assert len(done) == 2
    for change in (lambda c: c["proofs"].clear(), lambda c: c.update(says="Trust me.")):
        forged = certificate("printed")
        change(forged["repairs"][0])  # the digests are those of what stood there
        assert checker.examine(forged, pinned(), done).exit_code == 1
        sealed(forged["repairs"][0])
        assert checker.examine(sealed(forged), pinned(), done).exit_code == 1


def test_a_known_certificate_too_deep_in_others_is_refused():
    """Eight may stand around one. What was verified alone does not count where it stands deeper."""
    done = {}
    whole = certificate("printed")  # of height 1
    assert checker.examine(whole, pinned(), done, 7).exit_code == 0
    assert checker.examine(whole, pinned(), done, 8).exit_code == 1
    assert checker.examine(whole, pinned(), {}, 8).exit_code == 1


def test_the_checker_needs_nothing_but_flint():
    import subprocess
    import sys

    code = (
        "import sys; from saddlecheck.theory.checker import certificate;"
        "print(*sorted({m.split('.')[0] for m in sys.modules} & {'sympy', 'z3', 'cvc5', 'numpy', 'mpmath', 'scipy'}),"
        "*sorted(m for m in sys.modules if m.startswith('saddlecheck.') and '.checker' not in m))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["saddlecheck._lazy", "saddlecheck.theory"]
    assert version("python-flint")
