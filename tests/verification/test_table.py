"""The stability table: proved entries, false twins that are not, claims that exist, and the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from saddlecheck import CLAIMS, analyse
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.theory.optimisers.variants import VARIANTS
from saddlecheck.theory.symbols import lam, mu, rho
from saddlecheck.verification.analysis import stability_table as table
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.cli.main import run

ROWS = {r.id: r for r in table.rows()}


def test_every_rule_has_a_row_and_few_entries_are_open():
    assert set(ROWS) == {*RULES, *VARIANTS, *NAMED}
    # Open: what ASAM with a normalised radius does (3 entries), and normalised SAM with Nesterov's momentum (2).
    still = {(r.id, n) for r in ROWS.values() for n in table.COLUMNS[:3] if getattr(r, n).backed == "open"}
    assert {i for i, _ in still} == {"asam_normalised", "nesterov_sam_normalised"}
    assert len(still) / (3 * len(ROWS)) <= 0.1


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.id != "asam_normalised"], ids=lambda r: r.id)
def test_every_rule_but_one_names_claims(row):
    assert row.claims


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_the_entries_of_normalised_sam_with_momentum_are_where_runs_turn(gamma):
    # On L x^2/2 - mu y^2/2 from beside the 2-cycle |y| falls within the window and grows outside it. A tenth off the
    # window's lower end A = -+0.1 mu, mu > 0.05, so that |y| changes by the factor 1 -+ 0.2 * 0.1 * 0.05 / (1 - gamma)
    # a step at least: by e^4 in 4,000. Below 1e-2 y moves the norm of the gradient by less than a thousandth.
    top, lr, radius = 1.0, 0.2, 0.1
    assert ROWS["heavy_ball_sam_normalised"].trapped.backed == "two-cycle-capture"
    edge = lr * top**2 / (2 * (1 + gamma) - lr * top)
    for curvature, trapped in ((1.1 * edge, True), (0.9 * edge, False)):
        hessian = np.array([top, -curvature])
        w = np.array([lr * radius * top / (2 * (1 + gamma) - lr * top), 1e-9])
        m = np.array([-2 * w[0] / lr, 0.0])  # the buffer with which the last step came from -w
        for _ in range(4000):
            g = hessian * w
            m = gamma * m + hessian * (w + radius * g / np.linalg.norm(g))
            w = w - lr * m
            if abs(w[1]) > 1e-2:
                break
        assert abs(w[1]) < 1e-9 * np.exp(-4) if trapped else abs(w[1]) > 1e-9 * np.exp(4)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_is_not_open_is_backed(row):
    entries = {n: getattr(row, n) for n in table.COLUMNS}
    for entry in entries.values():
        known = set(entry.backed.split(", ")) <= {*CLAIMS, "z3", "cvc5", "map", "open"}
        assert known
        assert (entry.text == "open") == (entry.backed == "open")
    assert set(row.claims) <= set(CLAIMS)
    for name in ("minimum", "trapped"):
        assert entries[name].backed == "open" or entries[name].backed != "map"


TWINS = {
    "never traps": {"trapped": sp.false},
    "always traps": {"trapped": sp.true},
    "traps below": {"trapped": rho * mu < 1},
    "equality let in": {"trapped": rho * mu >= 1},
    "half the radius": {"trapped": rho * mu > sp.Rational(1, 2)},
    "no minimum": {"minimum": sp.false},
    "some minima": {"minimum": rho * lam < 1},
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("variant", ["penalised", "stale_ascent", "esam_mask"])
def test_a_false_closed_form_is_open(name, variant):
    row = table._of_variant(replace(VARIANTS[variant], **TWINS[name]))
    changed = row.trapped if "trapped" in TWINS[name] else row.minimum
    assert changed.backed == "open"


@pytest.mark.parametrize("name", ["momentum_ascent", "friendly_sam", "stale_perturbed"])
def test_the_condition_on_the_other_root_is_needed(name, monkeypatch):
    whole = VARIANTS[name].small_steps(lam)
    assert len(whole) == 3
    only_the_rate = replace(VARIANTS[name], minimum=sp.true, trapped=sp.false)
    proved = table._of_variant(only_the_rate).minimum.backed == "z3, cvc5"
    assert proved == (name == "friendly_sam")  # of the others a stiff minimum repels


def test_formats(capsys):
    assert run(["table", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    found = {row["id"]: row for row in data}
    assert found["sam"]["trapped"] == {"text": "mu*rho > 1", "backed": "z3, cvc5"}
    assert found["sam"]["claims"][0] == "thm1-strict"
    assert run(["table", "--latex"]) == 0
    latex = capsys.readouterr().out
    assert latex.count(r"\\") == len(data) + 1
    assert r"$\mu \rho > 5$" in latex
    # A column for each of the five, and what a formula is: a polynomial's roots, or the multiplier of several steps.
    assert {line.count(" & ") for line in latex.splitlines() if line.endswith(r"\\")} == {len(table.COLUMNS) + 1}
    assert r"& roots of $\gamma + z^{2}" in latex
    assert re.search(r"\$ in \d steps &", latex)
    assert run(["table"]) == 0
    assert "never" in capsys.readouterr().out
    assert run(["table", "--json", "--latex"]) == 2


@pytest.mark.parametrize("name", NAMED)
def test_a_variant_is_judged_by_its_name(name):
    found = analyse("x**2/2 + (x - y)**2/3", rho=0.3, lr=0.05, optimisers=[name], basins=False)
    ruling = found.points[0].optimisers[name]
    assert ruling.simulated != "contradicted"
    assert name in found.rules
    expected = {"penalised": "attracts", "penalised_normalised": "cycle"}
    assert ruling.verdict == expected.get(name, "undecided")
