"""Displays: what a reader is shown is the statement that is checked, and a display of anything else is caught."""

import dataclasses

import pytest
import sympy as sp

from saddlecheck.theory import BEYOND, CLAIMS, PAPERS, Claim
from saddlecheck.theory.claims.agreement import comparisons, mismatch
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, implies
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.theory.printing import displays
from saddlecheck.theory.symbols import lam, mu, real, rho, t, w, x, y

SHOWN = {name: claim for name, claim in CLAIMS.items() if claim.display is not None}
f = sp.Function("f")


@pytest.mark.parametrize("claim", SHOWN.values(), ids=list(SHOWN))
def test_a_display_written_out_is_the_statement(claim):
    assert mismatch(claim.display, claim.statement, claim.given) is None


# One deliberate mistake in each: of a name's meaning, a sign, a factor, a power, a strict sign, a part left out.
WRONG = {
    "drift": lambda d: dataclasses.replace(d, formula=CLAIMS["drift-algorithm"].display.formula),
    "thm2": lambda d: dataclasses.replace(d, where={n: 2 * e if str(n) == "D" else e for n, e in d.where.items()}),
    "thm1": lambda d: dataclasses.replace(d, where={n: -e for n, e in d.where.items()}),
    "fp-algebra": lambda d: CLAIMS["fp-algebra-squared"].display,
    "cor1-inequality": lambda d: CLAIMS["cor1-exact-ascent"].display,
    "eq15": lambda d: dataclasses.replace(d, formula=d.formula[:1]),
    "fig6": lambda d: dataclasses.replace(d, formula=d.formula.replace(rho, 2 * rho)),
    "more-attractors": lambda d: dataclasses.replace(d, formula=(*d.formula[:2], d.formula[2].args[0])),
    "wen-quadratic": lambda d: dataclasses.replace(
        d, where={n: -e if str(n) == "C_2" else e for n, e in d.where.items()}
    ),
    "usam-noise-exact": lambda d: CLAIMS["usam-noise"].display,
    "dai-product": lambda d: CLAIMS["two-cycle-drift-exact"].display,
    "siyun-stochastic": lambda d: dataclasses.replace(d, formula=d.formula.replace(rho, -rho)),
    "radius": lambda d: dataclasses.replace(d, formula=sp.StrictLessThan(*d.formula.args, evaluate=False)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_display_of_something_else_is_caught(name):
    claim = CLAIMS[name]
    assert mismatch(WRONG[name](claim.display), claim.statement, claim.given) is not None


def test_the_same_trees_need_no_engine():
    assert comparisons(Display(w > rho), w > rho) == ()


def test_relations_are_compared_by_their_differences():
    assert mismatch(Display(2 * w > rho + w), w > rho) is None
    assert mismatch(Display(sp.Lt(rho, w, evaluate=False)), w > rho) is None
    assert mismatch(Display(2 * w > rho), w > rho) is not None


def test_a_conclusion_is_compared_where_its_condition_holds():
    shown, meant = implies(x > 0, sp.Gt(y / x, 1, evaluate=False)), implies(x > 0, y > x)
    assert mismatch(Display(shown), meant) is None
    assert mismatch(Display(sp.Gt(y / x, 1, evaluate=False)), y > x) is not None


def test_another_truth_is_not_the_same_statement():
    """Any two truths follow from each other, and the differences of the sides of any two identities are both 0."""
    square = equal((x + 1) ** 2, x**2 + 2 * x + 1)
    assert mismatch(Display(equal(1 + 2 * x + x**2, (x + 1) ** 2)), square) is None
    assert mismatch(Display(equal((x - 1) ** 2, x**2 - 2 * x + 1)), square) is not None
    above = sp.Gt(x**3, 0, evaluate=False)
    assert mismatch(Display(x > 0), above, (x > 1,)) is None  # without any condition
    assert mismatch(Display(x + 1 > 0), above, (x > 1,)) is not None
    product = sp.Gt(x * y, y, evaluate=False)
    assert mismatch(Display(x > 1), product, (x > 1, y > 0)) is None  # wherever y > 0
    assert mismatch(Display(y > 0), product, (x > 1, y > 0, w > 0)) is None  # wherever x > 1
    assert mismatch(Display(w > 0), product, (x > 1, y > 0, w > 0)) is not None


def test_the_order_of_the_parts_is_the_readers():
    parts = (w > 1, rho > 1, lam > 1)
    assert mismatch(Display(parts), every(*parts)) is None
    assert Display(parts).parts == parts


def test_an_equation_between_matrices_is_one_for_each_entry():
    h, v = sp.MatrixSymbol("H", 2, 2), sp.MatrixSymbol("v", 2, 1)
    meanings = {h: sp.ImmutableMatrix([[lam, 0], [0, mu]]), v: sp.ImmutableMatrix([x, y])}
    display = Display(equal(h * v, (1 + rho) * v), meanings)
    assert mismatch(display, every(equal(lam * x, (1 + rho) * x), equal(mu * y, (1 + rho) * y))) is None
    assert mismatch(display, every(equal(lam * x, (1 + rho) * x), equal(mu * x, (1 + rho) * y))) is not None


def test_a_function_means_the_same_at_every_argument():
    display = Display(equal(f(x), f(y)), {f(t): t**2})
    assert display.written_out == (equal(x**2, y**2),)


def test_a_derivative_stays_one():
    assert Display(sp.Derivative(f(t), t) > 0, {f(t): t**2}).written_out == (sp.Derivative(t**2, t) > 0,)


@pytest.mark.parametrize(
    ("formula", "where", "why"),
    [
        (w > 0, {rho: lam}, "nothing before that uses it"),
        (w > 0, {w: 2 * w}, "after saying what it is"),
        (w > 0, {w: rho, lam: 1}, "nothing before that uses it"),
        (w + 1, {}, "write a relation"),
        (w > 0, {2 * w: rho}, "names no part"),
        (f(w) > 0, {f(2 * w): rho}, "names no part"),
        (Coefficient(w, t, sp.S.Zero, sp.S.One) > 0, {w: t**2}, "rename one"),
    ],
)
def test_a_display_that_cannot_be_read_is_refused(formula, where, why):
    with pytest.raises(MalformedClaim, match=why):
        Display(formula, where)


def test_a_display_gives_no_meaning_to_a_symbol_that_has_one():
    with pytest.raises(MalformedClaim, match="gives w a meaning"):
        Claim("square", "t", BEYOND, "s.", w**2 >= w, display=Display(w >= 1, {w: real("v")}))


def test_the_printed_lines_are_the_display():
    shown = displays.in_tex(CLAIMS["drift"])
    assert shown.formula == (r"\nabla\ell(w^{p}) = H \left(\mathbb{I} + \rho H\right)^{2} w",)
    assert shown.where[0] == r"\nabla\ell(w^{p}) = H w^{p}"
    assert displays.in_text(CLAIMS["drift"]).where[0] == "grad l(w^p) = H*w^p"


def test_a_negative_scalar_before_a_matrix_is_a_minus():
    shown = displays.in_tex(CLAIMS["gsam"])
    assert shown.formula == (r"p^{T} \left(p - \alpha g_{\perp}\right) = p^{T} p",)
    assert shown.where[0] == r"g_{\perp} = g - c p"
    assert not [line for c in SHOWN.values() for line in displays.in_tex(c).formula if "+ -" in line]


def test_without_a_display_the_statement_is_printed():
    assert displays.in_tex(CLAIMS["exp-bound"]).where == ()
    assert len(displays.in_tex(CLAIMS["exp-bound"]).formula) == 2
    assert displays.in_text(CLAIMS["manifold-dims"]).formula == (CLAIMS["manifold-dims"].statement.text,)


# The claims whose encoding hides what is said most: these may not lose their displays.
@pytest.mark.parametrize(
    "name",
    ["thm1", "thm2", "drift", "eq22", "eq23", "eq24", "fp-algebra", "cor1-eq13", "eq14-msd", "eq15", "toy-saddles"],
)
def test_the_paper_s_formulas_are_shown_as_the_paper_writes_them(name):
    assert CLAIMS[name].display is not None


def test_the_literature_s_long_formulas_are_shown_by_their_parts():
    assert sum(c.display is not None for p in PAPERS if p.id not in {"kim", "ours"} for c in p.claims) >= 45


def test_most_of_what_the_paper_says_in_formulas_has_a_display():
    assert sum(claim.voice != "ours" for claim in SHOWN.values()) >= 45
