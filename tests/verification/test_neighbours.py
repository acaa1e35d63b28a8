"""What becomes of the statements next to a claim's: a false one is refuted, a true one proved, the rest says why."""

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import Accept, Entails
from saddlecheck.theory.symbols import mu, rho, x, y
from saddlecheck.verification.ledger.neighbours import neighbours


def claim(statement, *given):
    return Claim("c", "T", BEYOND, "S.", statement, given, (Entails("so", statement),))


def found(claim):
    return {n.change if n.change.startswith("without") else str(n.formula): n.found for n in neighbours(claim)}


def test_a_needed_condition_and_one_that_is_not():
    # mu^2 rho > mu needs mu > 0 (else mu = rho = 0) and rho mu > 1; that rho > 0 follows from both
    assert found(claim(mu**2 * rho > mu, mu > 0, mu * rho > 1, rho > 0)) == {
        "mu**2*rho >= mu": "proved",
        "mu**3*rho > mu": "refuted",
        "without mu > 0": "proved",  # rho > 0 and mu rho > 1 say it
        "without mu*rho > 1": "refuted",
        "without rho > 0": "proved",
    }


def test_a_condition_that_gives_the_statement_a_value_is_needed():
    assert found(claim(sp.Ge(1 / x**2, 0, evaluate=False), sp.Ne(x, 0)))["without Ne(x, 0)"] == "refuted"


def test_what_other_conditions_need_for_their_values_still_holds():
    given = (x > 0, 1 / x > y)
    assert found(claim(sp.Ge(x**2 + y**2, 2 * x * y), *given))["without x > 0"] == "proved"


def test_changes_behind_words_of_logic():
    either = sp.Equivalent(sp.Or(x > 2, x < -2, evaluate=False), x**2 > 4, evaluate=False)
    assert set(found(claim(either)).values()) == {"refuted"}


def test_a_true_part_beside_others_is_proved_as_an_identity():
    vanishes = sp.Eq(value(4 * x * (x - 1), x, 0), 0, evaluate=False)
    squares = sp.Ge(x**2 + y**2, 2 * x * y, evaluate=False)
    changed = found(claim(sp.And(vanishes, squares, evaluate=False)))
    of_the_value = {name: what for name, what in changed.items() if str(squares) in name}
    assert set(of_the_value.values()) == {"proved"}  # 5 x (x - 1) and 4 x (x - 0) vanish at 0 as well
    assert "refuted" in changed.values()


def test_what_nothing_decides_says_why():
    # e^(x + 2) > sin x - 2 and its neighbours are true; only that e^x is positive is known here
    decided = list(neighbours(claim(sp.exp(x) > sp.sin(x) - 2)))
    assert {n.found for n in decided} <= {"undecided", "refuted"}
    assert all(bool(n.why) == (n.found == "undecided") for n in decided)
    assert any(n.found == "undecided" for n in decided)


def test_accepted_claims_and_words_have_none():
    lemma = Prop("p", "A lemma.")
    assert list(neighbours(Claim("c", "T", BEYOND, "S.", lemma, (), (Accept("a", lemma, source="A book"),)))) == []
