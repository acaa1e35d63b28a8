"""Claims say what the paper says: printed forms are judged as printed, and words go no further than formulas."""

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.nodes import Prop, exact_part
from saddlecheck.theory.critical.landscapes import FOUR_WELLS
from saddlecheck.theory.papers.kim.geometry.geometry import RUNAWAY as LOSS_WITHOUT
from saddlecheck.theory.papers.kim.momentum.momentum import SETTING
from saddlecheck.theory.symbols import gamma, lam, rho, x, y


def props(formula):
    return {node.name for node in sp.preorder_traversal(formula) if isinstance(node, Prop)}


CONDITIONED = {
    "basin-boundary": ("basin-boundary-conditions", "boundary-is-a-union"),
    "lambda-lemma": ("lambda-lemma-part", "close-to-unstable"),
    "adjacent-minima": ("adjacent-minima-shared", "minima-are-linked"),
}


@pytest.mark.parametrize("printed", CONDITIONED)
def test_conditions_of_the_source_are_in_the_repair_and_not_in_the_printed_claim(printed):
    repair, conclusion = CONDITIONED[printed]
    condition, concluded = CLAIMS[repair].statement.args
    assert conclusion in props(CLAIMS[printed].statement)
    assert props(concluded) == {conclusion}
    assert props(condition) - props(CLAIMS[printed].statement)  # what the paper does not say
    assert exact_part(CLAIMS[printed].statement) is not None  # and a loss on which the printed claim is tested


def test_a_genericity_theorem_does_not_make_an_assumption_lose_nothing():
    assert not [c.id for c in CLAIMS.values() if c.amends == "hyperbolic-wlog"]


def test_one_reading_of_rho_for_figures_1_3_and_4():
    """Figure 1 and the cosine of Figures 3 and 4 are of one run: both are read with the constant rho of (5)."""
    assert "constant" in CLAIMS["beale-stuck"].reading
    assert "constant" in CLAIMS["beale-cosine"].reading
    assert {c.id for c in CLAIMS.values() if c.amends in ("beale-stuck", "beale-cosine")} == {
        "beale-stuck-normalised", "beale-cosine-normalised",
    }  # fmt: skip


def test_saddles_of_the_neuron_are_meant_in_the_ordinary_sense():
    """Neither a maximum nor a minimum: the twin, a negative eigenvalue, is proved beside it and repairs nothing."""
    assert CLAIMS["toy-saddles-index"].amends is None
    assert not [c.id for c in CLAIMS.values() if c.amends == "toy-saddles"]


@pytest.mark.parametrize("claim", ["thm2", "eq20", "eq22"])
def test_one_dimension_is_said_where_one_is_meant(claim):
    words = CLAIMS[claim].title + CLAIMS[claim].says + CLAIMS[claim].reading
    assert "one dimension" in words or "eigendirection" in words


def test_thm3_is_claimed_for_both_signs_and_all_momenta():
    """Narrowing a claim makes it easier to prove: the conditions are those of the theorem, and no more."""
    for name in ("thm3-gamma", "thm3-batch"):
        extra = [g for g in CLAIMS[name].given if g not in SETTING]
        assert [str(g) for g in extra] == ["C_2 > 0"]
    assert not [g for g in SETTING if g.free_symbols == {lam} and not isinstance(g, sp.Ne)]
    assert (gamma >= 0) in SETTING
    assert (gamma < 1) in SETTING


NOT_SAID = {
    "normalised-maximum-exponent": ("chaotic",),
    "normalised-minimum-attracts": ("everywhere",),
    "adjacent-minima-quadrants": ("unfolds", "are basins"),
    "eq14-msd-saddle": ("without bound",),
    "mild-flow": ("is mild",),
    "exit-time": ("2F2",),
    "heavy-ball-momentum": ("never", "any number"),
    "heavy-ball-msd": ("after n steps",),
    "discrete-laws": ("exact for all n",),
    "beale-threshold": ("attracts", "is attracted"),
    "thm1-threshold": ("attracts",),
}


@pytest.mark.parametrize("claim", NOT_SAID)
def test_words_are_no_stronger_than_the_formula(claim):
    said = CLAIMS[claim].title + " " + CLAIMS[claim].says
    assert [w for w in NOT_SAID[claim] if w in said] == []


def test_the_third_term_of_the_exit_time_counts():
    """Each of the first three coefficients in a is claimed: a wrong third term has a twin that is refuted."""
    assert len(CLAIMS["exit-time-neutral"].statement.args) == 3
    assert any("third" in t.mistake for t in CLAIMS["exit-time-neutral"].twins)


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.steps], ids=lambda c: c.id)
def test_no_claim_is_its_own_condition(claim):
    assert claim.statement not in claim.given


def test_the_boundary_without_an_equilibrium_is_one():
    """The loss of `basin-boundary-empty` by hand: on x = 1 it is 1/6 + e^-y, which falls along y; no point rests."""
    bowl = y**2 / (12 * (1 + y**2))
    share = 3 * x**2 - 2 * x**3
    loss = x**2 / 2 - x**3 / 3 + (1 - share) * bowl + share * sp.exp(-y)
    assert sp.simplify(loss.subs(x, 1) - sp.Rational(1, 6) - sp.exp(-y)) == 0
    assert sp.simplify(loss.diff(x).subs(x, 1)) == 0
    assert sp.simplify(LOSS_WITHOUT.expr - loss) == 0


def test_a_disk_across_the_four_wells_leaves_the_basin():
    """The witness of `lambda-lemma`: at s = 1, v = -1 the disk is at y = -1/2, and -1/2 moves to -1, away from 1."""
    slope = FOUR_WELLS.gradient[1].subs({x: 1, y: sp.Rational(-1, 2)})
    assert -slope < 0


def test_the_strict_form_of_10_assumes_no_part_of_what_it_concludes():
    claim = CLAIMS["eq10-strict"]
    assumed = {g for g in claim.given if g not in CLAIMS["eq10"].given}
    assert assumed == {rho > -1 / sp.Symbol(f"lambda_{i}", real=True) for i in (1, 2)}
