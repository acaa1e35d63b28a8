"""Formulas that several papers have: found by normal forms, whatever the letters, roots and absolute values."""

import pytest
import sympy as sp

from saddlecheck.theory.claims import boundary
from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.formulas import iff
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.catalogue import PAPERS
from saddlecheck.theory.papers.shared import shared
from saddlecheck.theory.symbols import eta, lam, real, rho, w

L, g = real("L"), real("g")
EDGE = eta * lam * (1 + rho * lam)
POSITIVE = (lam > 0, rho > 0, eta > 0, sp.Ne(w, 0))


def forms(statement, given=POSITIVE):
    return {boundary.normal_form(p) for p in boundary.asserted(statement, given) if boundary.is_formula(p)}


ONE_FORMULA = [
    EDGE < 2,
    sp.Abs(w - EDGE * w) < sp.Abs(w),
    sp.Gt((1 - EDGE) ** 2 * w**2, w**2, evaluate=False),
    lam < (sp.sqrt(1 + 8 * rho / eta) - 1) / (2 * rho),
    1 / (1 + rho * lam) > eta * lam / 2,
]


@pytest.mark.parametrize("statement", ONE_FORMULA[1:], ids=str)
def test_the_edge_is_found_in_each_of_its_disguises(statement):
    assert forms(ONE_FORMULA[0]) <= forms(statement)


@pytest.mark.parametrize(
    "statement",
    [
        eta * lam * (1 + 2 * rho * lam) < 2,
        eta * lam * (1 + rho * lam) < 1,
        rho * lam * (1 + eta * lam) < 2,  # step and radius are not letters that may be exchanged
        lam < (sp.sqrt(1 + 4 * rho / eta) - 1) / (2 * rho),
    ],
    ids=str,
)
def test_a_formula_with_another_constant_or_role_is_another(statement):
    assert not forms(statement) & forms(ONE_FORMULA[0])


def test_other_names_of_the_curvature_change_nothing():
    assert forms(eta * L * (1 + rho * L) < 2, (L > 0, rho > 0, eta > 0)) == forms(ONE_FORMULA[0])


def test_factors_of_one_sign_are_dropped_and_only_those():
    assert boundary.asserted(EDGE * (EDGE - 2) > 0, POSITIVE) == boundary.asserted(EDGE < 2, POSITIVE)
    unsigned = boundary.asserted(sp.Gt(EDGE * (EDGE - 2), 0, evaluate=False), ())
    assert {lam, 1 + rho * lam} <= unsigned  # without conditions they may change their signs


def paper(id, *statements):
    signs = {s: s > 0 for s in (lam, rho, eta, L, g)}
    claims = tuple(
        Claim(f"{id}-{i}", id, BEYOND, "Says.", s, (sp.Ne(w, 0), *(signs[v] for v in signs if v in s.free_symbols)),
              voice="ours")
        for i, s in enumerate(statements)
    )  # fmt: skip
    return Paper(id, id.title(), (), 2026, claims)


def test_two_papers_with_one_formula_are_listed_and_one_paper_with_two_is_not():
    first = paper("first", iff(EDGE < 2, lam < (sp.sqrt(1 + 8 * rho / eta) - 1) / (2 * rho)), rho * lam > 3)
    second = paper("second", sp.Abs(w - EDGE * w) < sp.Abs(w))
    normalised = paper("third", eta * L * (1 + rho * L / g) < 2)
    (found,) = [s for s in shared((first, second, normalised)) if s.normalised]
    assert [p.claim for p in found.asserted] == ["first-0", "second-0"]
    assert [p.claim for p in found.normalised] == ["third-0"]
    assert found.papers == ("first", "second", "third")
    assert not shared((first,))
    assert not shared((paper("ours", EDGE < 2), first))  # what belongs to no paper is no second source


def test_the_house_finds_the_edge_the_mask_and_the_floor():
    few = [p for p in PAPERS if p.id in ("agarwala", "edge", "esam", "looksam", "hallucinated")]
    by_papers = {s.papers: s for s in shared(few)}
    assert "esam" in {p.claim for p in by_papers["esam", "looksam"].asserted}
    edge = by_papers["agarwala", "edge"]
    assert {p.claim for p in edge.asserted} == {"agarwala-edge"}
    assert "sam-edge" in {p.claim for p in edge.normalised}
