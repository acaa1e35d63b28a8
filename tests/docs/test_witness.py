"""The counterexamples of the pages: their lines of Python run, and print what stands beside them."""

import contextlib
import io

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.place import BEYOND
from saddlecheck.theory.engines.counterexample import counterexample
from saddlecheck.verification.site.witness import Witness

MANY = 60  # claims without a derivation for which a point is searched: the first in the catalogue


def output_of(code):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "witness", "exec"), {})
    return printed.getvalue().split()


def promised(code):
    return code.rpartition("  # ")[2].split()


@pytest.fixture(scope="module")
def witnesses():
    found = []
    for claim in [c for c in CLAIMS.values() if not c.steps and c.is_formula][:MANY]:
        point = counterexample(claim.statement, claim.given, claim.hints)
        if point is not None:
            found.append(Witness(claim, {s.name: str(v) for s, v in point.items()}))
    return found


@pytest.mark.slow
@pytest.mark.untraced
def test_the_python_of_every_witness_runs_and_prints_what_it_promises(witnesses):
    codes = [code for w in witnesses if (code := w.python)]
    assert len(codes) > 0.8 * len(witnesses) > 8
    for code in codes:
        assert code.count("\n") <= 2
        assert output_of(code) == promised(code), code


def test_python_that_says_otherwise_would_be_seen():
    code = Witness(CLAIMS["thm1"], {"lambda": "1", "mu": "1", "rho": "1"}).python
    assert output_of(code) == promised(code) == ["0", "0"]
    assert code.count("S(1), S(1)") == 1
    assert output_of(code.replace("S(1), S(1)", "S(2), S(1)")) != promised(code)


def test_the_line_names_the_relation_that_fails():
    line = Witness(CLAIMS["thm1"], {"lambda": "1", "mu": "1", "rho": "1"}).line
    assert "the left side is 0 and the right side 0: the left one is not larger." in line


def test_a_claim_of_ones_own_has_no_python_of_the_house():
    x = sp.Symbol("x", real=True)
    claim = Claim("square", "A square is larger", BEYOND, "The square of x is at least x.", x**2 >= x)
    assert Witness(claim, {"x": "1/2"}).python == "from sympy import *\nx = S(1)/2\nprint(x**2, x)  # 1/4 1/2"
    hidden = Claim("square", "t", BEYOND, "s", sp.Ge(sp.Derivative(x**3, x), x, evaluate=False))
    assert Witness(hidden, {"x": "1/4"}).python == ""
