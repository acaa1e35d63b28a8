"""What is printed of a spectrum: what Lanczos found is not called the lowest or the highest eigenvalue there is."""

import re

import pytest
import torch
from curved_models import case

from saddlecheck.nets import SAM, Monitor, spectrum
from saddlecheck.nets.explaining import Rule, explain
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.extremal import rulings
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.cli import measure_command

# "the lowest eigenvalue found", and eigenvectors by which one it is, are what is known; the rest claims more.
CLAIMS_AN_END = re.compile(
    r"(lowest|highest|largest|smallest) eigenvalue(?!s? found)|lambda_\{?\\?(min|max)\}? *(=|\\approx)"
)


class Quadratic(torch.nn.Module):
    """w'Dw/2 at its saddle: one eigenvalue below zero among many above."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(60, dtype=torch.float64))
        self.d = torch.tensor([-0.05, *(1 + i / 59 for i in range(59))], dtype=torch.float64)

    def forward(self, _):
        return (self.d * self.w**2).sum() / 2


def quadratic():
    return Quadratic(), lambda o, _: o, (torch.zeros(1), torch.zeros(1))


@pytest.fixture(params=[2, 4, 200], ids=lambda n: f"{n} products")
def found(request):
    model, loss, data = quadratic()
    return spectrum(model, loss, data, max_products=request.param)


def texts_of(found):
    yield from (found.why, found.check, found._repr_html_(), found._repr_latex_(), repr(found))
    for rho in (0.0, 0.1, 100.0):
        yield from (r.why for r in rulings(found, AnalysisSettings(rho=rho, lr=0.1)).values())
    said = {
        "loss": 0.0, "gradient": 0.0, "samples": 1, "why": found.why,
        "lowest": [(p.value, p.residual) for p in found.lowest],
        "highest": [(p.value, p.residual) for p in found.highest],
    }  # fmt: skip
    yield measure_command._spectrum_text(said)


def test_a_spectrum_and_its_rulings_claim_no_end(found):
    texts = list(texts_of(found))
    assert [t for t in texts if CLAIMS_AN_END.search(t)] == []
    assert any("lowest" in t for t in texts)
    # What is printed in LaTeX is true of every spectrum, converged or not: 1e-12 is some roundings of numbers below 2.
    assert found.lowest[0].value >= -0.05 - 1e-12
    assert found.highest[0].value <= 1 + 58 / 59 + 1e-12


def test_analyse_of_a_module_claims_no_end():
    for name in ("tanh", "relu"):
        model, loss, data = case(name)
        analysis = analyse(model, data=data, criterion=loss, rho=0.1, lr=0.1)
        said = [str(analysis), *analysis.warnings, *(r.why for p in analysis.points for r in p.optimisers.values())]
        assert [t for t in said if CLAIMS_AN_END.search(t)] == []
    model, loss, data = quadratic()
    (point,) = analyse(model, data=data, criterion=loss, rho=0.1, lr=0.1).points
    assert [r.why for r in point.optimisers.values() if CLAIMS_AN_END.search(r.why)] == []


def test_the_monitor_speaks_of_the_curvature_along_its_step_only(tmp_path):
    model, loss, (x, y) = case("tanh")
    sam = SAM(model.parameters(), torch.optim.SGD, rho=0.05, lr=0.1)

    def closure():
        sam.zero_grad()
        value = loss(model(x), y)
        value.backward()
        return value

    with Monitor(sam, tmp_path / "m.csv", every=1):
        sam.step(closure)
    assert "eigen" not in (tmp_path / "m.csv").read_text(encoding="utf-8")


def test_an_explanation_claims_no_end():
    model, loss, data = quadratic()
    with torch.no_grad():
        model.w[0] += 0.01
    for stable, verdict, end in ((1e9, "trapped", "lowest"), (0.1, "at the edge", "highest")):
        rho = 100.0 if verdict == "trapped" else 0.0
        told = explain(model, loss, data, Rule(rho=rho, normalised=False, adaptive=False, stable=stable))
        assert told.verdict == verdict
        assert f"{end} eigenvalue found" in told.why
        assert not CLAIMS_AN_END.search(told.why)


@pytest.mark.parametrize(
    "text", ["the lowest eigenvalue is -0.05", r"\lambda_{\min} \approx -0.05", "the highest eigenvalue, 2, is at 90 %"]
)
def test_false_twin_what_claims_an_end_is_noticed(text):
    assert CLAIMS_AN_END.search(text)
