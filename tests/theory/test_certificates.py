"""Certificates of consequences: those that are stored, what happens to wrong ones, and what the search must not find.

`tests/fixtures/consequences.json.gz` holds the 369 consequences among the steps of the ledger at commit c48d947, as
trees, with the certificates that were found for them; and false neighbours of them (a premise dropped or turned round,
equality let in, a mistake in the conclusion), each with a point that refutes it.  The ledger moves on, the fixture
stays.
"""

import copy
import gzip
import itertools
import json
import random
from pathlib import Path

import pytest
import sympy as sp
from by_hand import verifies

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker.facts import Refutation, Sign
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.engines import case_tree, certificates, counterexample
from saddlecheck.theory.papers.certify import consequences
from saddlecheck.theory.symbols import mu, rho

FIXTURE = json.loads(gzip.decompress((Path(__file__).parents[1] / "fixtures/consequences.json.gz").read_bytes()))
STEPS, FALSE = FIXTURE["steps"], FIXTURE["false"]
CERTIFIED = [s for s in STEPS if s["certificate"] is not None]
SAMPLE = random.Random(20_260_601).sample(CERTIFIED, 60)
SHIFT = ["Rational", "1/1000000000"]


def ids(step):
    return step["id"]


class TestCoverage:
    def test_of_the_fixture(self):
        assert len(STEPS) == 369
        assert sum(verifies(s["about"], s["certificate"]) for s in CERTIFIED) >= 345

    def test_no_stored_certificate_is_wrong(self):
        assert [s["id"] for s in CERTIFIED if not verifies(s["about"], s["certificate"])] == []

    def test_of_the_ledger(self):
        steps = [(c.premises(s), s.formula) for c in CLAIMS.values() for s in c.steps if isinstance(s, Entails)]
        proved = sum(certificates.prove(*step)[0] == "proved" for step in steps)
        assert proved >= 0.93 * len(steps)

    def test_the_store_holds_nothing_else(self):
        wanted = {serial.digest(about) for about in consequences(CLAIMS.values()).values()}
        assert set(json.loads(certificates.STORE.read_text())) <= wanted


def nodes(node, path=()):
    """Every node of a certificate with its path."""
    yield path, node
    if node[0] == "sign":
        for i, (_, child) in enumerate(node[2:], 2):
            yield from nodes(child, (*path, i, 1))
    if node[0] == "cases":
        for i, child in enumerate(node[2:], 2):
            yield from nodes(child, (*path, i))


def changed(certificate, path, change):
    """A copy in which the node at a path is replaced by what `change` makes of it."""
    result = copy.deepcopy(["sum", certificate])
    place, last = result, 1
    for i in path:
        place, last = place[last], i
    place[last] = change(place[last])
    return result[1]


def sums(certificate):
    """The leaves in which more than one thing is added: where one is alone it is zero, and so is any multiple of it."""
    return [(path, leaf) for path, leaf in nodes(certificate) if leaf[0] == "sum" and len(leaf[1]) + len(leaf[2]) > 1]


@pytest.mark.parametrize("step", SAMPLE, ids=ids)
class TestTwins:
    """Each changes one thing in a certificate that proves, or in what it proves."""

    def test_a_multiplier(self, step):
        rng = random.Random(step["id"])
        for path, leaf in rng.sample(found := sums(step["certificate"]), min(3, len(found))):
            k = rng.randrange(len(leaf[1]))
            twin = changed(step["certificate"], path, lambda leaf, k=k: ["sum", raised(leaf[1], k), leaf[2]])
            assert not verifies(step["about"], twin)

    def test_a_product_left_out(self, step):
        rng = random.Random(step["id"])
        for path, leaf in rng.sample(found := sums(step["certificate"]), min(3, len(found))):
            k = rng.randrange(len(leaf[1]))
            twin = changed(step["certificate"], path, lambda leaf, k=k: ["sum", without(leaf[1], k), leaf[2]])
            assert not verifies(step["about"], twin)

    def test_a_multiple_left_out(self, step):
        for path, leaf in sums(step["certificate"]):
            for k in range(len(leaf[2])):
                twin = changed(step["certificate"], path, lambda leaf, k=k: ["sum", leaf[1], without(leaf[2], k)])
                assert not verifies(step["about"], twin)

    def test_a_branch_left_out(self, step):
        for path, node in nodes(step["certificate"]):
            for k in range(2, len(node)) if node[0] != "sum" else ():
                twin = changed(step["certificate"], path, lambda node, k=k: without(node, k))
                assert not verifies(step["about"], twin)

    def test_a_premise_left_out(self, step):
        conclusion, premises = step["about"]
        for k in needed(step) - {len(premises)}:
            assert not verifies([conclusion, [*premises[:k], True, *premises[k + 1 :]]], step["certificate"])

    def test_the_constant_of_the_conclusion(self, step):
        conclusion, premises = step["about"]
        if len(premises) in needed(step):
            assert not verifies([shifted(conclusion), premises], step["certificate"])


def without(parts, k):
    return [part for i, part in enumerate(parts) if i != k]


def raised(products, k):
    """The products with another multiplier for one of them."""
    c, *rest = products[k]
    return [*products[:k], [str(sp.Rational(c) + 1), *rest], *products[k + 1 :]]


def shifted(tree):
    """The formula with every relation moved by 10^-9."""
    if not isinstance(tree, list):
        return tree
    if tree[0] in ("Equality", "Unequality", "StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"):
        return [tree[0], tree[1], ["Add", tree[2], SHIFT]]
    return [tree[0], *map(shifted, tree[1:])] if tree[0] in ("And", "Or", "Not", "Implies", "Equivalent") else tree


def needed(step):
    """The premises, and under the next number the conclusion, whose facts the root of a certificate uses.

    A root that is a leaf adds them, one that splits cases splits them.
    """
    conclusion, premises = step["about"]
    parsed = [parse(p) for p in premises]
    node = step["certificate"]
    used = {node[1]} if node[0] == "cases" else set()
    if node[0] == "sum":
        facts = Refutation(parsed, parse(conclusion)).facts
        used |= {i for _, powers, _ in node[1] for i, _ in powers} | {i for i, _ in node[2]}
        used = {i for i in used if isinstance(facts[i], Sign) and facts[i].poly}
    # The last fact refutes the conclusion, so that those before it come from the premises.
    ends = [len(Refutation(parsed[:k], ("Boolean", True)).facts) - 1 for k in range(len(premises) + 1)]
    total = len(Refutation(parsed, parse(conclusion)).facts)
    spans = [*itertools.pairwise(ends), (total - 1, total)]
    return {k for k, (start, end) in enumerate(spans) if used & set(range(start, end))}


def point_of(false, *formulas):
    free = set().union(*(f.free_symbols for f in formulas))
    return {s: sp.Rational(false["point"][s.name]) for s in free}


class TestFalse:
    def test_there_are_enough(self):
        assert len(FALSE) >= 60
        assert len({f["of"] for f in FALSE}) >= 60

    @pytest.mark.slow
    @pytest.mark.parametrize("false", FALSE, ids=lambda f: f"{f['of']}: {f['twin']}")
    def test_no_certificate_is_found_for_a_falsehood(self, false):
        conclusion, premises = false["about"]
        formula, given = serial.decode(conclusion), [serial.decode(p) for p in premises]
        assert counterexample.is_counterexample(point_of(false, formula, *given), formula, given)
        refutation = Refutation([parse(p) for p in premises], parse(conclusion))
        assert case_tree.search(refutation, seconds=3.0) is None

    def test_what_proves_the_truth_does_not_prove_its_false_neighbour(self):
        true = {s["id"]: s["certificate"] for s in CERTIFIED}
        assert [f["of"] for f in FALSE if f["of"] in true and verifies(f["about"], true[f["of"]])] == []


STEP = Entails("e", rho**2 > mu**2)
PREMISES = (mu > 0, rho > mu)


def outcome(step, premises):
    (found,) = (o for o in step.check(premises) if o.engine == "certificate")
    return found.status, found.why


class TestStore:
    @pytest.fixture
    def store(self, tmp_path, monkeypatch):
        path = tmp_path / "certificates.json"
        monkeypatch.setattr(certificates, "STORE", path)
        return path

    @pytest.fixture
    def filled(self, store):
        found = list(certificates.complete([certificates.subject(PREMISES, STEP.formula)], store))
        assert [proved for _, proved in found] == [True]
        return store

    def test_without_a_store_nothing_is_proved(self, store):
        assert outcome(STEP, PREMISES) == ("undecided", "no certificate is stored")

    def test_what_is_missing_is_searched(self, filled):
        assert outcome(STEP, PREMISES) == ("proved", "")
        assert outcome(STEP, PREMISES[::-1]) == ("undecided", "no certificate is stored")

    def test_an_edited_entry_is_no_proof(self, filled):
        text = filled.read_text()
        for old, new in (('"sum",[[1,', '"sum",[[2,'), ('"sum"', '"sun"'), ("[2,", "[-2,")):
            filled.write_text(text.replace(old, new, 1))
            certificates._stored.cache_clear()
            status, why = outcome(STEP, PREMISES)
            assert status == "undecided"
            assert "no valid certificate" in why

    def test_an_entry_under_another_name_is_no_proof(self, filled):
        other = Entails("e", rho**2 > mu**2 + 1)
        (certificate,) = json.loads(filled.read_text()).values()
        certificates.write({serial.digest(certificates.subject(PREMISES, other.formula)): certificate}, filled)
        status, why = outcome(other, PREMISES)
        assert status == "undecided"
        assert "no valid certificate" in why

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"a": 1}'])
    def test_a_store_that_cannot_be_read_proves_nothing(self, store, text):
        store.write_text(text)
        assert outcome(STEP, PREMISES) == ("undecided", "no certificate is stored")

    def test_completing_keeps_what_is_valid_and_drops_the_rest(self, filled, monkeypatch):
        about = certificates.subject(PREMISES, STEP.formula)
        kept = json.loads(filled.read_text())
        certificates.write({**kept, "of another ledger": ["sum", [], []]}, filled)
        monkeypatch.setattr(case_tree, "search", lambda *_: pytest.fail("it had a certificate"))
        assert [proved for _, proved in certificates.complete([about], filled)] == [True]
        assert json.loads(filled.read_text()) == kept

    def test_completing_replaces_what_is_wrong(self, filled):
        about = certificates.subject(PREMISES, STEP.formula)
        certificates.write({serial.digest(about): ["sum", [], []]}, filled)
        assert [proved for _, proved in certificates.complete([about], filled)] == [True]
        assert outcome(STEP, PREMISES) == ("proved", "")

    def test_a_falsehood_gets_none(self, store):
        about = certificates.subject((mu > 0,), rho**2 > mu**2)
        assert [proved for _, proved in certificates.complete([about], store)] == [False]
        assert json.loads(store.read_text()) == {}
