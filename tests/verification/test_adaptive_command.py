"""The faces of an analysis over an adaptive base: what is refused, the table, the command, the claims cited."""

from __future__ import annotations

import json

import pytest

from saddlecheck import CLAIMS, Adam, AdamW, Lion, RMSprop, analyse
from saddlecheck.verification.analysis import adaptive_base, adaptive_table
from saddlecheck.verification.cli.main import run


def test_gsam_has_no_derivative_and_its_runs_say_what_it_does():
    found = analyse("x**2 - y**2", rho=1.0, lr=0.01, base="adam:eps=0.1", optimisers=["gsam", "sam"], basins=False)
    (gsam, sam) = (found.points[0].optimisers[f"adam_{n}"] for n in ("gsam", "sam"))
    assert (gsam.verdict, gsam.simulated) == ("undecided", "inconclusive")
    assert gsam.seen.startswith("20 of 20 starts stayed within")
    assert sam.verdict == "attracts"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sgd", "there is no base 'sgd'; give AdamW(...) or a name: adam, adamw, rmsprop, lion."),
        ("adam:gamma=1", "adam has no setting 'gamma'; it has beta1, beta2, eps, lr."),
        ("adamw:eps=small", "'eps=small' gives no number; write eps=NUMBER."),
        ("rmsprop:alpha=1", "alpha is 1.0; it has to be a number, in [0, 1)."),
        ("lion:beta1=-1", "betas is -1.0; it has to be a number, in [0, 1)."),
    ],
)
def test_a_bad_base_is_one_line_and_exit_code_2(text, words, capsys):
    assert run(["analyse", "x**2", "--base", text]) == 2
    printed = capsys.readouterr()
    assert " ".join(printed.err.split()) == f"saddlecheck: {words}"
    assert run(["table", "--base", text]) == 2


def test_a_momentum_and_a_base_are_refused_in_one_line(capsys):
    assert run(["analyse", "x**2", "--base", "adam", "-o", "heavy_ball"]) == 2
    assert "has a momentum and the base Adam" in " ".join(capsys.readouterr().err.split())


def test_what_rules_over_a_base_share_is_said_once(capsys):
    """With p the rate at rest: RMSprop is w' = w - (lr/eps) p w, Adam the heavy ball of momentum beta_1."""
    for base, of in (
        ("rmsprop:eps=0.1", "1 - 10*lr*p"),
        ("adam:eps=0.1,beta1=0.5", "a root of z**2 - (1.5 - 5*lr*p)*z + 0.5"),
    ):
        given = ["x**2 - y**2", "--base", base, "-o", "gd", "-o", "sam", "-o", "gsam", "--no-simulate"]
        assert run(["analyse", *given]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert printed.count("proved: beside a critical point") == 1  # of the two of which it is true
        assert printed.count("numerical: it is not shown") == 1  # of GSAM
        assert f"a step multiplies by {of}, with p = lambda small" in printed
        assert f"a step multiplies by {of}, with p = lambda*(lambda*rho + 1) small" in printed


def test_the_largest_steps_over_the_radius(capsys):
    found = analyse("x**2 - y**2", rho=1.0, lr=1e-3, base="adam:eps=0.1", optimisers="sam", region=True, simulate=False)
    region = found.points[0].region
    for rho, top in zip(region.rho, region.lr_max["adam_sam"], strict=True):
        rates = [2 * (1 + 2 * rho), -2 * (1 - 2 * rho)]
        assert (top is None) == (min(rates) <= 0)
        # A closed form in floats: a dozen operations on each side, rounded by 1.1e-16 each.
        assert top is None or top == pytest.approx(3.8 / max(rates), rel=1e-12)
    assert run(["analyse", "x**2", "--base", "lion", "--region"]) == 2
    assert "the largest steps over rho are known over adam" in " ".join(capsys.readouterr().err.split())


def test_text_and_objects_name_the_same_base():
    assert adaptive_base.read("AdamW: beta1=0.5, eps=1e-4") == AdamW(betas=(0.5, 0.999), eps=1e-4)
    assert adaptive_base.read("rmsprop:alpha=0.9") == RMSprop(alpha=0.9)
    assert adaptive_base.read(Lion()) == Lion()
    assert adaptive_base.read(None) is None


def test_the_command_prints_the_rules_over_the_base(capsys):
    command = ["analyse", "x**2 - y**2", "--rho", "1", "--base", "adam:eps=0.1", "--json"]
    assert run(command) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    words = {name: r["verdict"] for name, r in point["optimisers"].items()}
    assert words == {"adam": "repels", "adam_sam": "attracts", "adam_gsam": "undecided"}


@pytest.mark.parametrize("base", [Adam(), AdamW(), RMSprop(), Lion()], ids=lambda b: b.id)
def test_the_table_over_a_base(base):
    found = {r.id: r for r in adaptive_table.rows(base)}
    assert {base.id, f"{base.id}_sam", f"{base.id}_gsam", f"{base.id}_penalised"} <= set(found)
    assert all(set(r.claims) <= set(CLAIMS) for r in found.values())
    sam = found[f"{base.id}_sam"]
    if base.id == "lion":
        assert (sam.trapped.text, sam.minimum.backed) == ("open", "lion-two-cycles")
    else:
        assert (sam.trapped.text, sam.trapped.backed) == ("mu*rho > 1", "z3, cvc5")
        assert found[base.id].trapped.text == "never"
        assert all(r.mean_square.backed == "open" for r in found.values())


def test_a_false_threshold_over_a_base_is_open(monkeypatch):
    from dataclasses import replace

    from saddlecheck.theory.optimisers.variants import VARIANTS
    from saddlecheck.theory.symbols import mu, rho

    wrong = replace(VARIANTS["penalised"], trapped=rho * mu > 2)
    rate = next(r for v, r in adaptive_table._rules() if v.id == "penalised")
    assert adaptive_table._row(wrong, rate, Adam()).trapped.backed == "open"


def test_rulings_cite_claims_that_exist():
    for base in ("adam", "adamw", "rmsprop", "lion"):
        for point in analyse("x**2 - y**2", rho=1.0, lr=1e-3, base=base, simulate=False).points:
            assert all(set(r.claims) <= set(CLAIMS) for r in point.optimisers.values())
