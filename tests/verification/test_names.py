"""One result is found under one name: what runs on a claim and what draws it are called after it."""

import pytest

from saddlecheck.numerics.experiments.registry import SETS
from saddlecheck.theory import CLAIMS
from saddlecheck.verification.figures import FIGURES
from saddlecheck.verification.ledger import contents

HOMES = contents._homes()
BORNE = {m.__name__.rpartition(".")[2]: m.EXPERIMENTS for m in SETS}


def called_after(name: str, claim: str) -> bool:
    return name == claim or name.startswith(f"{claim}-")


def places(claim: str) -> set[str]:
    """The folders and the module in which a claim stands."""
    return set(HOMES[id(CLAIMS[claim])].split("."))


@pytest.mark.parametrize("module", BORNE)
def test_an_experiment_is_called_after_its_claim(module):
    assert [e.name for e in BORNE[module] if not called_after(e.name, e.claim)] == []


@pytest.mark.parametrize("module", BORNE)
def test_a_set_of_experiments_is_called_after_a_module_or_section_of_claims_on_which_it_bears(module):
    assert any(module in places(e.claim) for e in BORNE[module])


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_a_figure_is_called_after_its_module_and_illustrates_the_claims_of_its_name(figure):
    assert figure.code == f"saddlecheck.verification.figures.{figure.id.replace('-', '_')}"
    assert set(figure.claims) <= CLAIMS.keys()
    own = {i for i in CLAIMS if called_after(i, figure.id) and not CLAIMS[i].settles}
    assert not own or own & set(figure.claims)


def test_a_name_that_goes_astray_is_noticed():
    assert not called_after("fig5-threshold-bisected", "fig5-gd")
    assert not called_after("thm10", "thm1")
    assert places("exit-time") == {"ours", "exit_times"}
