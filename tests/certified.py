"""Certificates of toy claims of every kind that the checker verifies, to be forged; and what a forger needs."""

import copy
import functools
import json

import sympy as sp

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import rules
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal
from saddlecheck.theory.symbols import a, mu, n, rho, x, y
from saddlecheck.verification.ledger import wordings
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.proofs import Prover, searched


def make(id, statement, given=(), steps=(), **more):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given, tuple(steps), **more)


SECONDS = 0.5  # for the search of a proof where it may not be found
BASES = ("printed", "strict", "single", "boxed", "small", "bernoulli", "shifted", "cube", "squares", "citing")
RATE = -mu + rho * mu**2
SQUARE = sp.Ge(y**2, 0, evaluate=False)
SHIFTED = sp.Ge((x - 1) ** 2, 0, evaluate=False)
BERNOULLI = sp.Ge((1 + a) ** n, 1 + n * a, evaluate=False)
SLOPE = sp.Gt(3 * x**2 + 1, 0, evaluate=False)
CUBE = sp.Implies(x > 0, x**3 + x > 0, evaluate=False)


def claims():
    factor = Equal("factor", sp.Eq(RATE, mu * (rho * mu - 1)), "take out mu")
    positive = Entails("positive", RATE > 0, "both factors are", uses=("factor",))
    box = Bounded("box", sp.exp(x) < 8, box={x: (0, 2)})
    up = Monotone("up", CUBE, uses=("slope",), of=x**3 + x, along=x, slope=3 * x**2 + 1, sign=SLOPE)
    return Catalogue(
        [
            make("printed", RATE > 0, (mu > 0, rho >= 1 / mu)),
            make("strict", RATE > 0, (mu > 0, rho >= 1 / mu, rho > 1 / mu), (factor, positive), amends="printed"),
            make("single", sp.Eq(RATE, mu * (rho * mu - 1)), (mu > 0,), (factor,)),
            make("boxed", box.stated, (), (box,)),
            make("small", sp.Le(n, 1, evaluate=False)),
            make("bernoulli", BERNOULLI, (a > 0,), (Induction("growth", BERNOULLI, over=n),)),
            make(
                "shifted",
                SHIFTED,
                (),
                (Entails("square", SQUARE), Instance("there", SHIFTED, uses=("square",), of=SQUARE, at={y: x - 1})),
            ),
            make("cube", CUBE, (), (Entails("slope", SLOPE), up)),
            make("squares", SQUARE, (), (Entails("square", SQUARE),)),
        ]
    )


@functools.cache
def _certificates():
    catalogue = claims()
    reports = check_all(catalogue=catalogue, numeric=False)
    pinned = {i: wordings.wording(claim) for i, claim in catalogue.items()}
    return {i: json.loads(json.dumps(r.certificate(searched))) for i, r in reports.items()}, pinned


def certificate(id):
    """A fresh copy of a certificate."""
    return citing() if id == "citing" else copy.deepcopy(_certificates()[0][id])


def citing():
    """The certificate of a claim whose one step reads the claim "squares" at x - 1."""
    there = certificate("shifted")["steps"][1]
    fields = {"claim": {"text": "squares"}, "conditions": {"items": []}, **there["fields"]}
    step = {**there, "kind": "Cite", "uses": [], "fields": fields, "basis": "checked"}
    prover = Prover(searched)
    assert prover.verifies(checker.step(step), [], [])
    claim = {**certificate("shifted"), "id": "citing", "steps": [step], "rests": [certificate("squares")]}
    return sealed({**claim, "proofs": prover.used, "reason": "1 step"})


def pinned():
    """The digests of the words of all toy claims, as if somebody had reviewed them."""
    return {**_certificates()[1], "citing": checker.wording(citing())}


def sealed(data):
    """The certificate with its digest, and those of the certificates in it, computed anew: what a forger does last."""
    for other in _embedded(data):
        sealed(other)
    data["digest"] = checker.digest({name: value for name, value in data.items() if name != "digest"})
    return data


def _embedded(data):
    lists = [found for found in (data.get("repairs"), data.get("rests")) if isinstance(found, list)]
    return [one for found in lists for one in found if isinstance(one, dict)]


def words_of(data):
    """The digests of the words as they now stand, for a forger whom no review hinders."""
    found = {}
    for one in (data, *_embedded(data)):
        try:
            found[one["id"]] = checker.wording(one)
        except (KeyError, TypeError, AttributeError):
            continue
    return found


# Certificates that a forger writes from nothing, with whatever proofs there are.
def symbol(name, **declared):
    return ["Symbol", name, declared or {"real": True}]


def number(text):
    return ["Rational", text]


def step(name, kind, formula, *uses, **fields):
    """A step that says that the checker has verified it."""
    return {"name": name, "kind": kind, "because": "so", "uses": list(uses), "formula": formula, "fields": fields,
            "basis": "checked"}  # fmt: skip


def tree(data):
    return {"tree": data}


def pairs(*items):
    return {"pairs": [[tree(a), tree(b)] for a, b in items]}


def found_proof(premises, goal):
    """A proof, not searched where the forger knows that there is none: x > 0 by itself is no contradiction."""
    beyond = premises and premises[-1][0] == "StrictGreaterThan" and premises[-1][1][0] == "Symbol"
    return None if goal == rules.FALSE and beyond else searched(premises, goal, SECONDS)


def crafted(*steps, statement=None, given=(), model=None):
    """The certificate of a claim that "holds" by these steps, with every proof that is found."""
    prover, known = Prover(found_proof), {}
    for one in steps:
        parsed = checker.step(one)
        known[one["name"]] = rules.stated(*parsed)
        prover.verifies(parsed, [parse(condition) for condition in given], [known[name] for name in one["uses"]])
    said = {"given": list(given), "model": model, "statement": statement or steps[-1]["formula"]}
    said |= {"steps": list(steps), "proofs": prover.used}
    return sealed({**certificate("squares"), **said, "reason": f"{len(steps)} step{'s' if len(steps) > 1 else ''}"})
