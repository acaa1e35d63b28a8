"""The proof rules for functions that move one way, and for a general step read at one place: what they must refuse."""

from __future__ import annotations

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.formulas import every, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Premises, Step
from saddlecheck.theory.papers.ours.bounds import EXP_BOUND, growth_steps
from saddlecheck.theory.symbols import a, mu, t, x, y


def premises_of(step: Step, *formulas: object) -> Premises:
    """The formulas, of which the one that the step names is a cited step's, the others conditions."""
    named = getattr(step, "sign", None) if isinstance(step, Monotone) else getattr(step, "of", None)
    return Premises((f for f in formulas if f != named), (f for f in formulas if f == named))


def engines(step: Step, *formulas: object) -> dict[str, str]:
    return {outcome.engine: outcome.status for outcome in step.check(premises_of(step, *formulas))}


def proved(step: Step, *formulas: object) -> bool:
    found = engines(step, *formulas)
    found.pop("certificate", None)  # a third opinion, where one is stored
    return set(found.values()) == {"proved"}


def holds(claim: Claim) -> bool:
    return all({o.status for o in step.check(claim.premises(step))} == {"proved"} for step in claim.steps)


E = sp.exp(x)
GROWING = {"of": E - 1, "along": x, "slope": E, "sign": E > 0}


def test_each_set_of_engines_proves_a_function_that_grows_from_zero() -> None:
    step = Monotone("right", implies(x > 0, E > 1), uses=("positive",), **GROWING)
    assert engines(step, E > 0) == {"sympy": "proved", "arb": "proved", "flint": "proved"}


def test_the_exponential_bound_holds_by_two_engines_in_every_step() -> None:
    assert holds(EXP_BOUND)


def test_a_reversed_conclusion_is_refuted_with_a_point() -> None:
    step = Monotone("right", implies(x > 0, E < 1), uses=("positive",), **GROWING)
    search = step.check(premises_of(step, E > 0))[-1]
    assert (search.engine, search.status) == ("search", "refuted")
    assert search.witness is not None
    assert search.witness[x] > 0


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        pytest.param("slope", 2 * E, id="not the derivative"),
        pytest.param("value", sp.Rational(1, 2), id="not the value at the base"),
        pytest.param("base", sp.S.One, id="another base"),
    ],
)
def test_a_wrong_part_proves_nothing(part: str, wrong: object) -> None:
    # E - 1 > 1/2 or so is false for small x > 0; with any wrong part the (true) conclusion must fail as well.
    step = Monotone("right", implies(x > 0, E > 1), **{**GROWING, part: wrong})
    assert "proved" not in engines(step, E > 0).values()


def test_strictness_is_not_gained_at_the_base_itself() -> None:
    assert not proved(Monotone("at zero", implies(x >= 0, E > 1), **GROWING), E > 0)
    assert proved(Monotone("at zero", implies(x >= 0, E >= 1), **GROWING), E > 0)


def test_strictness_is_not_gained_from_a_slope_that_may_vanish() -> None:
    rising = sp.Ge(x**2, 0, evaluate=False)
    flat = {"of": a * x**3 / 3, "along": x, "slope": a * x**2, "sign": a * x**2 >= 0}
    assert not proved(Monotone("flat", implies(x > 0, a * x**3 / 3 > 0), **flat), a * x**2 >= 0, rising)


def test_a_pole_between_the_base_and_the_point_is_refused() -> None:
    # f = 1/(1-x) has f(0) = 1 and f' = 1/(1-x)^2 > 0 wherever it exists, yet f(2) = -1 < 1.
    f, slope = 1 / (1 - x), 1 / (1 - x) ** 2
    step = Monotone("jump", implies(x > 0, f > 1), of=f, along=x, value=sp.S.One, slope=slope, sign=slope > 0)
    assert not proved(step, sp.Ne(x, 1), slope > 0)
    assert proved(step, sp.Lt(x, 1), slope > 0)


def test_a_pole_that_no_condition_excludes_is_refused() -> None:
    f, slope = 1 / (1 + x), -1 / (1 + x) ** 2
    falls = sp.Lt(-(x**2), 1, evaluate=False)
    step = Monotone("jump", implies(x < 0, f > 1), of=f, along=x, value=sp.S.One, slope=slope, sign=falls)
    assert "proved" not in engines(step, falls).values()


def test_a_root_needs_a_positive_radicand_between() -> None:
    f, slope = sp.sqrt(x), 1 / (2 * sp.sqrt(x))
    step = Monotone("root", implies(x > 1, f > 1), of=f, along=x, base=sp.S.One, value=sp.S.One,
                    slope=slope, sign=slope > 0)  # fmt: skip
    assert proved(step, x > 0, slope > 0)


def test_a_hole_in_the_conditions_is_refused() -> None:
    # The cited sign was proved for x outside [1, 2] only: inside, the function may fall.
    f = x**3 - 4 * x**2 + 5 * x
    slope = sp.expand(f.diff(x))
    step = Monotone("hole", implies(x > 0, f > 0), of=f, along=x, slope=slope, sign=slope > 0)
    assert not proved(step, sp.Or(x < 1, x > 2), slope > 0)


def test_a_function_with_a_kink_is_not_taken_for_smooth() -> None:
    f = sp.sign(x)
    step = Monotone("kink", implies(x > 0, f > 0), of=f, along=x, slope=sp.S.Zero, sign=sp.Ge(x**2, 0, evaluate=False))
    assert "proved" not in engines(step, sp.Ge(x**2, 0, evaluate=False)).values()


def test_a_logarithm_needs_a_positive_argument_between() -> None:
    f = sp.log(x)
    step = Monotone("log", implies(x > 1, f > 0), of=f, along=x, base=sp.S.One, slope=1 / x, sign=1 / x > 0)
    assert proved(step, x > 0, 1 / x > 0)


def test_a_removable_singularity_starts_from_its_limit() -> None:
    # (e^x - 1)/x tends to 1 at 0; on the right of it its slope (x e^x - e^x + 1)/x^2 is positive.
    f, slope = (E - 1) / x, (x * E - E + 1) / x**2
    step = Monotone("quotient", f > 1, of=f, along=x, value=sp.S.One, slope=slope, sign=slope > 0)
    assert proved(step, x > 0, slope > 0)


def test_a_condition_at_one_point_is_no_sign_elsewhere() -> None:
    # 2x > 0 is given at this x, not between -5 and x: at x = 1, x^2 = 1 is not above 25.
    step = Monotone("given", x**2 > 25, of=x**2, along=x, base=sp.S(-5), value=sp.S(25), slope=2 * x, sign=2 * x > 0)
    with pytest.raises(ValueError, match="no cited step says"):
        step.check(Premises([2 * x > 0]))
    assert not proved(step, 2 * x > 0, x > 0)


def test_a_sign_that_no_cited_step_says_is_an_error() -> None:
    with pytest.raises(ValueError, match="cite the step"):
        Monotone("alone", implies(x > 0, E > 1), **GROWING).check([])


def test_a_base_that_moves_with_the_variable_is_an_error() -> None:
    step = Monotone("moving", implies(x > 0, E > 1), **{**GROWING, "base": x - 1})
    with pytest.raises(ValueError, match="must not depend on x"):
        step.check(premises_of(step, E > 0))


@pytest.mark.parametrize("rate", [a, -2 * a, a**3], ids=str)
def test_growth_is_derived_for_either_sign_of_the_rate(rate: sp.Expr) -> None:
    steps = growth_steps(rate)
    claim = Claim(
        "growth", "", BEYOND, "", steps[-1].formula, given=(sp.Ne(a, 0), t > 0), steps=steps
    )  # fmt: skip
    assert holds(claim)


SQUARE = sp.Ge(x**2 - 2 * x + 1, 0, evaluate=False)


def test_an_instance_reads_a_general_step_at_an_expression() -> None:
    step = Instance("at a sum", (mu + y) ** 2 >= 2 * (mu + y) - 1, of=SQUARE, at={x: mu + y})
    assert engines(step, SQUARE) == {"z3": "proved", "cvc5": "proved"}


def test_an_instance_outside_the_conditions_is_refused() -> None:
    larger = x + 1 / x >= 2  # proved for x > 0 only
    assert not proved(Instance("at -1", sp.false, of=larger, at={x: -sp.S.One}), x > 0, larger)
    assert proved(Instance("at mu", mu + 1 / mu >= 2, of=larger, at={x: mu}), x > 0, mu > 0, larger)


def test_an_instance_of_a_condition_is_an_error() -> None:
    with pytest.raises(ValueError, match="cite it"):
        Instance("negative", x < 0, of=x > 0, at={x: -x}).check(Premises([x > 0]))


def test_an_instance_of_a_step_that_is_not_cited_is_an_error() -> None:
    with pytest.raises(ValueError, match="cite it"):
        Instance("nowhere", every(x > 0), of=SQUARE, at={x: y}).check([])
