"""The catalogue: every claim of the paper, in the paper's order, in our own words."""

import re
from pathlib import Path

import pytest

from saddlecheck.theory import BEYOND, CLAIMS

# The paper's claims by its order: sections 2, 4.1, 4.2, 4.3, the toy neuron, 4.4, then the experiments.
PAPER = """
gap-sign radius perturbed-loss
manifold-dims basin-boundary adjacent-minima lambda-lemma case-1-2 case-3-crossing case-3-oscillation
beale-single-saddle beale-basins beale-stuck beale-cosine
thm1 thm1-proof eq10 mild more-attractors fig5-spectrum fig5-gd fig5-sam fig6 hyperbolic-wlog
eq11 eq20 eq22 eq23 eq24 drift fp-algebra variance-ode thm2
cor1-inequality cor1-eq13 cor1-proof cor1-rho cor1-labels
toy-minima toy-saddles toy-hypotheses fig7b fig7c
thm3-sde eq14-constants eq14-msd eq14-gamma0 thm3-gamma h-derivative thm3-batch eq15 thm3-escape
fig8 fig9 table1 table1-gaps
""".split()  # noqa: SIM905  # a paragraph is easier to compare with the paper than a list


def test_every_claim_of_the_paper_is_there_in_order():
    found = [i for i in CLAIMS if i in set(PAPER)]
    # eq11 ... the appendix's drift and its algebra stand where the appendix has them
    assert sorted(found) == sorted(PAPER)
    assert found == PAPER


def test_the_papers_claims_have_a_place_in_the_paper():
    assert all(CLAIMS[i].place != BEYOND for i in PAPER)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_claim_says_something_and_stays_readable(claim):
    assert claim.says.endswith((".", "?", ")"))
    assert len(claim.says) <= 600
    assert len(claim.title) <= 110
    assert claim.steps or claim.settles or claim.is_formula
    assert claim.id not in claim.related


def test_what_only_a_run_can_settle_names_its_command():
    for claim in CLAIMS.values():
        if not claim.steps and not claim.is_formula:
            assert claim.settles.startswith("saddlecheck "), claim.id


def test_one_result_has_one_name():
    """The experiments on a result lie in a module of the name that its claims' module has; figures of several have
    a name of their own. `registry` lists the sets, `quadratic` is the system that several of them run, with its
    `quadratic_losses`."""
    root = Path(__file__).parents[2]
    claims = {path.stem for path in (root / "theory" / "papers").rglob("*.py")}
    experiments = {path.stem for path in (root / "numerics" / "experiments").glob("*.py")}
    assert experiments - claims == {"registry", "quadratic", "quadratic_losses"}


def test_amendments_stand_in_the_same_section_as_what_they_amend():
    for claim in CLAIMS.values():
        if claim.amends:
            assert list(CLAIMS).index(claim.id) > list(CLAIMS).index(claim.amends)


def test_an_unknown_name_is_an_attribute_error():
    from saddlecheck import theory

    with pytest.raises(AttributeError, match="nothing"):
        theory.nothing  # noqa: B018  # the attribute access is the test


# "That no eigenvalue is zero is generic" is a clause and leans on nothing.
LEANING = re.compile(r"(That (?!no)|It |They |This |These |Then |There |The same|And |So |But |Nor )")


def test_titles_and_words_stand_alone():
    """A search result and a browser's tab show one of them, without the claim that stands before it."""
    assert [c.id for c in CLAIMS.values() if LEANING.match(c.title) or LEANING.match(c.says)] == []
    titles = [c.title for c in CLAIMS.values()]
    assert [t for t in titles if titles.count(t) > 1] == []


@pytest.mark.parametrize("words", ["It does below 1/mu.", "The same with equality.", "That density is 0 at 0"])
def test_words_that_lean_on_another_claim_are_noticed(words):
    assert LEANING.match(words)
