"""The commands that write the stores of certificates: they search what is missing and keep what is valid."""

import functools
import json

import pytest

from saddlecheck import theory
from saddlecheck.theory.engines import certificates
from saddlecheck.theory.papers import certify
from saddlecheck.verification.ledger import proofs


@pytest.fixture
def small(catalogue, monkeypatch):
    """The tests' own claims in place of the ledger."""
    monkeypatch.setattr(theory, "CLAIMS", catalogue)
    monkeypatch.setattr(certify, "CLAIMS", catalogue)
    return catalogue


@pytest.mark.usefixtures("small")
def test_certify_searches_what_is_missing_and_keeps_what_is_valid(tmp_path, monkeypatch, capsys):
    store = tmp_path / "certificates.json"
    complete = functools.partial(certificates.complete, store=store, seconds=5.0)
    monkeypatch.setattr(certificates, "complete", complete)
    certify.main()
    first, said = store.read_text(), capsys.readouterr()
    assert len(json.loads(first)) >= 1
    assert "different consequences have a certificate" in said.out
    certify.main()
    assert store.read_text() == first
    broken = dict.fromkeys(json.loads(first))
    store.write_text(json.dumps(broken))
    certificates._stored.cache_clear()
    certify.main()
    assert store.read_text() == first  # what is not valid is searched again


@pytest.mark.usefixtures("small")
def test_the_proofs_of_certificates_are_searched_and_the_steps_without_one_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(proofs, "STORE", tmp_path / "proofs.json")
    monkeypatch.setattr(proofs, "_SEARCH", 2.0)
    proofs._store.cache_clear()
    try:
        proofs.main()
        said = capsys.readouterr().out
        stored = json.loads((tmp_path / "proofs.json").read_text())
        assert f"{len(stored)} proofs are stored" in said
        assert len(stored) >= 1
        assert "not verified: unproved, step 'e' (Entails)" in said
    finally:
        proofs._store.cache_clear()
