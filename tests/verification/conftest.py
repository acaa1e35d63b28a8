"""A catalogue of claims in every state, so that the ledger's tests do not depend on the paper; and the command line."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal
from saddlecheck.theory.symbols import mu, rho, x
from saddlecheck.verification.cli import main

RATE = -mu + rho * mu**2
SQUARE = sp.Eq((x + 1) ** 2, x**2 + 2 * x + 1)
LEMMA = Prop("lemma", "A lemma.")
RUN = Prop("run", "Something that only a run can show.")


def make(id, statement, given=(), steps=(), **more):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given, tuple(steps), **more)


@pytest.fixture
def catalogue():
    factor = Equal("factor", sp.Eq(RATE, mu * (rho * mu - 1)), "take out mu")
    positive = Entails("positive", RATE > 0, uses=("factor",))
    weak = Entails("weak", RATE >= 0, uses=("factor",))
    box = Bounded("box", sp.exp(x) < 8, box={x: (0, 2)})
    return Catalogue(
        [
            make("printed", RATE > 0, (mu > 0, rho >= 1 / mu)),
            make("strict", RATE > 0, (mu > 0, rho >= 1 / mu, rho > 1 / mu), (factor, positive), amends="printed"),
            make("doubled", sp.Eq(RATE, 2 * mu * (rho * mu - 1)), (mu > 0,)),
            make("single", sp.Eq(RATE, mu * (rho * mu - 1)), (mu > 0,), (factor,), amends="doubled"),
            make("hopeless", sp.Eq(rho, rho**2)),
            make("textbook", LEMMA, (), (Accept("a", LEMMA, source="A book, p. 1"),)),
            make("run", RUN, settles="saddlecheck check run"),
            make("unproved", sp.exp(x) > x, (x > 0,), (Entails("e", sp.exp(x) > x),)),
            make("boxed", box.stated, (), (box,)),
            make("square", SQUARE, (), (Equal("e", SQUARE),)),
            make("weak", RATE >= 0, (mu > 0, rho >= 1 / mu), (factor, weak)),
        ]
    )


@pytest.fixture
def own_place(tmp_path, monkeypatch):
    """A working directory and a cache of the test's own."""
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(own_place, capsys):
    """The command line, in a place of its own: exit code, stdout and stderr."""

    def call(*arguments):
        code = main.run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
