"""The graph of claims: every edge leads to a claim as it stands, and none back to where it began."""

import dataclasses
import os
import subprocess
import sys

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.cite import Cite, cite
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim, MalformedClaim
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.symbols import mu, rho, x

POSITIVE, TWICE = x > 0, 2 * x > 0


def make(id, statement, given=(), steps=(), **more):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given, tuple(steps), **more)


BASE = make("base", TWICE, (POSITIVE,), (Entails("double", TWICE),))
USER = make("user", 2 * rho > 0, (rho > 0,), (cite("base", BASE, {x: rho}),))


def test_edges_are_data():
    catalogue = Catalogue([BASE, USER])
    (edge,) = graph.edges(catalogue, "user")
    assert (edge.on, edge.how, edge.step, dict(edge.at)) == ("base", "cites", "base", {x: rho})
    assert str(edge) == "user cites base in step 'base' at x = rho"
    assert graph.grounds(BASE) == ()


def test_below_has_what_a_claim_rests_on_and_its_repairs():
    printed = make("printed", TWICE)
    repair = make("repair", TWICE, (x > 1,), (cite("base", BASE),), amends="printed")
    reader = make("reader", mu > 0, rests=("printed",))
    catalogue = Catalogue([BASE, printed, repair, reader, USER])
    assert list(graph.below(catalogue, ["reader"])) == ["reader", "printed", "repair", "base"]


@pytest.mark.parametrize(
    "change",
    [{"given": (x > 1,)}, {"statement": 3 * x > 0, "steps": (Entails("double", 3 * x > 0),)}],
    ids=["conditions", "statement"],
)
def test_a_claim_that_changed_has_to_be_cited_anew(change):
    """Else the citation would go on proving what nobody claims any more."""
    with pytest.raises(MalformedClaim, match="quotes base otherwise than it stands"):
        Catalogue([dataclasses.replace(BASE, **change), USER])


def test_what_is_cited_has_to_be_there():
    with pytest.raises(MalformedClaim, match="base in step 'base' at x = rho which is no claim"):
        Catalogue([USER])
    with pytest.raises(MalformedClaim, match="is read by nowhere which is no claim"):
        Catalogue([make("reader", mu > 0, rests=("nowhere",))])


def circle(*links):
    """Claims that each cite the next one's statement, made by hand: the function `cite` needs the claim first."""
    return [
        make(here, TWICE, (POSITIVE,), (Cite("c", TWICE, claim=there, of=TWICE, conditions=(POSITIVE,)),))
        for here, there in links
    ]


@pytest.mark.parametrize(
    "links", [(("a", "a"),), (("a", "b"), ("b", "a")), (("a", "b"), ("b", "c"), ("c", "b"))], ids=["one", "two", "late"]
)
def test_a_circle_is_refused(links):
    with pytest.raises(MalformedClaim, match="in a circle: "):
        Catalogue(circle(*links))


def test_a_repair_that_rests_on_what_it_repairs_is_a_circle():
    printed = make("printed", TWICE)
    repair = make("repair", TWICE, (x > 1,), (Entails("e", TWICE),), amends="printed", rests=("printed",))
    with pytest.raises(MalformedClaim, match="printed -> repair -> printed"):
        Catalogue([printed, repair])


def test_a_diamond_is_none():
    left, right = (make(i, 2 * rho > 0, (rho > 0,), (cite("base", BASE, {x: rho}),)) for i in ("left", "right"))
    top = make("top", mu > 0, rests=("left", "right"))
    assert set(graph.below(Catalogue([BASE, left, right, top]), ["top"])) == {"top", "left", "right", "base"}


@pytest.mark.parametrize(
    ("claim", "on"),
    [
        ("thm1-strict", "thm1-linearisation"), ("eq10-strict", "thm1-linearisation"),
        ("eq10-maxima", "thm1-linearisation"), ("thm1", "thm1-equality-repels"),
        ("beale-single-saddle", "beale-floor"), ("mild", "normalised-cycle-multiplier"),
        ("heavy-ball-edge", "jury-degree-two"), ("nesterov-edge", "jury-degree-two"),
        ("exit-time", "exit-time-backward"), ("exit-time-trapped", "exit-time-backward"),
        ("eq15", "eq15-diverges"), ("exp-bound", "exp-sign"), ("h-derivative", "exp-bound"),
    ],
)  # fmt: skip
def test_the_ledgers_claims_rest_on_what_their_words_need(claim, on):
    assert on in graph.below(CLAIMS, [claim])


def test_digests_do_not_depend_on_the_hash_seed():
    """Propositions in a conjunction are ordered by name; by hash they would stand in another order in each process."""
    script = (
        "import sympy as sp\n"
        "from saddlecheck.theory.claims import serial\n"
        "from saddlecheck.theory.claims.nodes import Prop\n"
        "parts = [Prop(name, name + ' holds.') for name in 'abcdefgh']\n"
        "print(serial.digest(serial.encode(sp.And(*parts, evaluate=False))))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(digests) == 1
