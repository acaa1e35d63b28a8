"""Coq accepts what is proved and refuses what is false. These tests need Coq: `tox -e coq` runs them."""

import subprocess

import pytest
import sympy as sp

from saddlecheck.theory import BEYOND, CLAIMS, Claim
from saddlecheck.theory.claims.claim import Catalogue
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.proof_assistant import document, files, scripts
from saddlecheck.theory.symbols import n, real
from saddlecheck.verification.ledger import proofs

x, w = real("x"), real("w")


def at_0(body, order):
    """The Taylor coefficient of an order in w, at 0."""
    return Coefficient(body, w, sp.S.Zero, sp.S(order))


def accepts(folder, claim, claims=CLAIMS, find=proofs.stored):
    """Whether some script makes the claim a theorem."""
    lemmas = document.lemmas(claim, claims, find)
    longest = max(len(list(scripts.candidates(lemma, find))) for lemma in lemmas)
    for k in range(longest):
        named = {}
        for lemma in lemmas:
            names = [name for name, _ in scripts.candidates(lemma, find)]
            if names:
                named[files.digest(lemma)] = names[min(k, len(names) - 1)]
        file = files.export(claim, claims, find, named)
        path = folder / "claim.v"
        path.write_text(file.text)
        done = subprocess.run(["coqc", "-q", "-w", "none", path.name], cwd=folder, capture_output=True, text=True)
        if file.complete and done.returncode == 0:
            return done.stdout
    return ""


def own(statement, step, given=()):
    claim = Claim("mine", "Mine", BEYOND, "It holds.", statement, given, (step("all", statement),))
    return claim, Catalogue([claim])


def test_a_claim_of_the_ledger_is_a_theorem_on_the_axioms_of_the_reals(tmp_path):
    said = accepts(tmp_path, CLAIMS["exp-sign"])
    found = {line.split()[0] for line in said.partition("Axioms:")[2].splitlines() if line and not line[0].isspace()}
    assert found
    assert found <= {
        "ClassicalDedekindReals.sig_forall_dec", "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep", "classic",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "step", "given"),
    [
        (sp.Eq(sp.Derivative(sp.exp(2 * x), x), 2 * sp.exp(2 * x)), Equal, ()),
        (sp.Eq((x + x**2) / x, 1 + x), Equal, (sp.Ne(x, 0),)),
        (x**2 - 2 * x + 2 > 0, Entails, ()),
        (sp.Eq(at_0(sp.sqrt(1 + w**2), 2), sp.Rational(1, 2)), Equal, ()),  # smooth near 0: 1 + w^2 is positive there
        (sp.Eq(at_0(x + sp.erf(w) + sp.cos(w), 0), x + 1), Equal, ()),
        (sp.Eq(at_0(sp.sqrt(4 * x**2 + w**2), 0), 2 * x), Equal, (x > 0,)),
        (sp.Eq((1 + x) ** (n + 1), x * (1 + x) ** n + (1 + x) ** n), Equal, ()),
        (sp.Eq((2 * x + n * x) / (2 + n), x), Equal, ()),  # a natural number is not negative
    ],
)
def test_what_is_true_is_accepted(tmp_path, statement, step, given):
    assert accepts(tmp_path, *own(statement, step, given), find=searched)


@pytest.mark.parametrize(
    ("statement", "step", "given"),
    [
        (sp.Eq(sp.Derivative(sp.exp(2 * x), x), 3 * sp.exp(2 * x)), Equal, ()),
        (sp.Eq(sp.Derivative(abs(x), x), sp.sign(x)), Equal, ()),  # not at 0
        (sp.Eq((x + x**2) / x, 1 + x), Equal, ()),  # not at 0
        (sp.sqrt(x) >= 0, Entails, ()),  # no root of a negative number
        (sp.log(x) ** 2 >= 0, Entails, ()),  # nor a logarithm
        (x**2 > 0, Entails, ()),
        (sp.Eq(at_0(sp.sqrt(1 + w**2), 2), sp.S.One), Equal, ()),
        (sp.Eq(at_0(sp.sqrt(w**2), 1), sp.S.Zero), Equal, ()),  # a kink
        (sp.Eq(at_0(x + sp.erf(w) + sp.cos(w), 0), x), Equal, ()),
        (sp.Eq(at_0(sp.sqrt(4 * x**2 + w**2), 0), 2 * x), Equal, ()),  # not for x < 0
        (sp.Eq((1 + x) ** (n + 1), x * (1 + x) ** n - (1 + x) ** n), Equal, ()),
        (sp.Eq((n * x - 2 * x) / (n - 2), x), Equal, ()),  # not at n = 2
    ],
)
def test_what_is_false_or_undefined_is_refused(tmp_path, statement, step, given):
    assert not accepts(tmp_path, *own(statement, step, given), find=searched)


def searched(premises, goal):
    return proofs.searched(premises, goal, 5.0)
