"""In a notebook claims, papers, reports, analyses and spectra show themselves; one is executed to see it."""

import re
from html.parser import HTMLParser

import pytest

from saddlecheck import CLAIMS, PAPERS, analyse, check

SHOWN = {
    "Claim": 'from saddlecheck import CLAIMS\nCLAIMS["thm1"]',
    "Paper": "from saddlecheck import PAPERS\nPAPERS[0]",
    "Report": 'from saddlecheck import check\ncheck("exp-sign", numeric=False)',
    "Analysis": 'from saddlecheck import analyse\nanalyse("x**2 - y**2", rho=1.0, lr=0.01, simulate=False)',
    "Spectrum": (
        "import torch\nfrom saddlecheck import spectrum\ntorch.manual_seed(0)\nmodel = torch.nn.Linear(2, 1)\n"
        "data = (torch.randn(8, 2), torch.randn(8, 1))\nspectrum(model, torch.nn.functional.mse_loss, data)"
    ),
}
SAYS = {
    "Claim": (r"\rho", "4.2, Theorem 1", "(the paper)"),
    "Paper": ("thm1", "Stability Analysis", "read literally", "ours"),
    "Report": ("holds", r"\Longrightarrow"),
    "Analysis": ("saddle", "attracts", "repels", "0.5"),
    "Spectrum": ("lowest", "highest", "Hessian-vector products"),
}


class Balanced(HTMLParser):
    """Raises for a closing tag without its opening one."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def executed():
    """The outputs of a notebook with a cell for each kind, by kind."""
    nbclient = pytest.importorskip("nbclient", reason="it executes the notebook (it is in the group docs)")
    import nbformat

    torch_is_there = pytest.importorskip("torch", reason="a spectrum needs the extra `nets`")
    assert torch_is_there
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SHOWN.values()])
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return {kind: cell["outputs"][-1]["data"] for kind, cell in zip(SHOWN, notebook["cells"], strict=True)}


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("kind", SHOWN)
def test_a_notebook_shows_it(executed, kind):
    html = executed[kind]["text/html"]
    assert all(word in html for word in SAYS[kind]), html
    assert executed[kind]["text/latex"]


def test_a_claim_is_words_and_mathematics():
    claim = CLAIMS["thm1-strict"]
    html, latex = claim._repr_html_(), claim._repr_latex_()
    assert "<code>thm1-strict</code>" in html
    assert r"\rho \mu" in latex or r"\frac{1}{\mu}" in latex
    assert latex.count("$$") == 2
    assert latex.count(r"\begin{") == latex.count(r"\end{")


def test_what_could_be_markup_is_not():
    html = CLAIMS["gap-sign"]._repr_html_()
    Balanced().feed(re.sub(r"\$\$.*?\$\$", "", html, flags=re.DOTALL))
    assert "<" not in "".join(re.findall(r"\$\$(.*?)\$\$", html, re.DOTALL))


def test_a_report_shows_its_verdict_in_words_and_its_witness():
    html = check("thm1", numeric=False)._repr_html_()
    assert "<strong>holds under extra conditions" in html
    assert "Counterexample: " in html
    assert r"\textbf{holds" in check("exp-sign", numeric=False)._repr_latex_()
    Balanced().feed(re.sub(r"\$\$.*?\$\$", "", html, flags=re.DOTALL))


def test_a_paper_lists_its_claims_with_their_voices():
    html = PAPERS[0]._repr_html_()
    assert html.count("<tr>") == len(PAPERS[0].claims) + 1
    assert PAPERS[0]._repr_latex_().count("$$") == 2 * len(PAPERS[0].claims)
    Balanced().feed(html)


def test_an_analysis_shows_its_points_and_its_doubts():
    found = analyse("x**2 - y**2", rho=1.0, lr=0.01, simulate=False, basins=False)
    html = found._repr_html_()
    Balanced().feed(html)
    assert html.count("<tr>") == len(found.points) + 1
    assert ("not proved to be complete" in html) is not found.complete
    assert found._repr_latex_() == found.latex()
    assert "<p>" not in analyse("x + 2*y", rho=1.0, lr=0.01)._repr_html_().partition("</p>")[2]  # no point at all
