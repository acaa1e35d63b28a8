"""Figures: files whole and with their numbers stated, the same bytes each time, and what they show is so."""

import csv
import importlib
import json
import math
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.verification import figures
from saddlecheck.verification.cli import main
from saddlecheck.verification.figures import FIGURES, style

pytestmark = pytest.mark.xdist_group("figures")  # one process draws each figure once
ROOT = Path(__file__).parents[2]
COMPUTED = [
    f for f in FIGURES.values() if f.id not in ("fig7", "fig8", "fig9", "table1", "branch-test")
]  # from records


def module(name):
    return importlib.import_module(f"saddlecheck.verification.figures.{name}")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Quick versions, each drawn once: id -> (files by ending, the JSON's content)."""
    done = {}

    def get(figure):
        if figure.id not in done:
            files = importlib.import_module(figure.code).draw(tmp_path_factory.mktemp("quick"), quick=True)
            by_ending = {p.suffix: p for p in files}
            done[figure.id] = by_ending, json.loads(by_ending[".json"].read_text())
        return done[figure.id]

    return get


@pytest.mark.slow
@pytest.mark.parametrize("figure", COMPUTED, ids=lambda f: f.id)
def test_a_figure_comes_with_its_caption_settings_and_numbers(drawn, figure):
    files, about = drawn(figure)
    assert {p.stem for p in files.values()} == {figure.id}
    assert files[".png"].read_bytes().startswith(b"\x89PNG")
    assert files[".pdf"].read_bytes().startswith(b"%PDF")
    assert len(about["caption"]) > 200
    assert "nan" not in about["caption"]
    assert "seed" in about["settings"] or about["settings"].get("noise") == "none" or figure.id == "fig6"
    found = set()
    if ".csv" in files:
        with files[".csv"].open() as file:
            rows = list(csv.reader(file))
        found |= set(rows[0])
        assert len(rows) > 1
        assert all(len(row) == len(rows[0]) for row in rows)
    if ".npz" in files:
        with np.load(files[".npz"]) as arrays:
            found |= set(arrays)
            assert all(arrays[name].size for name in arrays)
    assert found == set(about["columns"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fig3", "variance-laws", "exit-times"])
def test_the_same_settings_give_the_same_bytes(drawn, name, tmp_path):
    files, _ = drawn(FIGURES[name])
    again = {p.suffix: p for p in importlib.import_module(FIGURES[name].code).draw(tmp_path, quick=True)}
    for ending in (".csv", ".json", ".npz", ".pdf"):
        if ending in files:
            assert files[ending].read_bytes() == again[ending].read_bytes()


@pytest.mark.slow
def test_another_seed_gives_other_numbers(drawn, monkeypatch, tmp_path):
    files, _ = drawn(FIGURES["variance-laws"])
    monkeypatch.setattr(module("variance_laws"), "SEED", 1)
    again = module("variance_laws").draw(tmp_path, quick=True)
    assert next(p for p in again if p.suffix == ".csv").read_bytes() != files[".csv"].read_bytes()


@pytest.mark.slow
def test_figure_1_tells_the_two_radii_apart(drawn):
    files, _ = drawn(FIGURES["fig1"])
    with files[".csv"].open() as file:
        rows = list(csv.DictReader(file))
    last = {r["curve"]: (float(r["x"]), float(r["y"])) for r in rows if r["panel"] == "a"}
    # The flattest curvature at the minimum is 0.37: the distance falls by e in 27,000 steps, from about 2 in 60,000.
    assert math.dist(last["GD"], (3.0, 0.5)) < 0.3
    # Jitter of order eta rho lam/2 with lam below 200: at most 5e-3.
    assert math.dist(last["SAM 0.5"], (0.0, 1.0)) < 5e-3
    outcomes = {float(r["rho"]): r["curve"] for r in rows if r["panel"] == "b"}
    assert "saddle" not in outcomes.values()
    assert all(outcome == "leaves" for rho, outcome in outcomes.items() if rho >= 0.01)


@pytest.mark.slow
def test_figures_3_and_4_oscillate_for_a_normalised_radius_only(drawn):
    hops = drawn(FIGURES["fig3"])[1]["changes_of_side"]
    assert hops["normalised"] > 10
    assert hops["constant"] == 0
    signs = drawn(FIGURES["fig4"])[1]["sign_changes"]
    assert signs["normalised, fraction"] > 0.01
    assert signs["constant 0.04"] == 1
    assert signs["constant 0.03"] == 0


@pytest.mark.slow
def test_figure_5_brackets_one_half_and_figure_6_finds_both_thresholds(drawn):
    low, high = drawn(FIGURES["fig5"])[1]["threshold"]
    assert low <= 0.5 <= high
    first, second = drawn(FIGURES["fig6"])[1]["thresholds"].values()
    assert first == pytest.approx(4 / 111, rel=1e-9)
    assert 1.25 < second < 4 / 3


@pytest.mark.slow
def test_the_stability_map_is_what_the_algorithms_do(drawn):
    assert set(drawn(FIGURES["stability-map"])[1]["agreement"].values()) == {1.0}
    # The twin: a threshold at 2/mu would call these paths free.
    region = module("stability_map").constant_rho
    assert region(np.array(1.5), np.array(0.05), 0.0) == 1
    assert region(np.array(0.75), np.array(0.05), 0.0) == 0


@pytest.mark.slow
def test_the_ensembles_of_the_variance_laws_are_the_algorithms(drawn):
    # 120 scores of which each exceeds 4.5 with probability 7e-6: together below 1e-3.
    assert max(drawn(FIGURES["variance-laws"])[1]["largest_score"].values()) < 4.5
    laws = module("variance_laws")
    found = laws.ensemble(-1.0, 0.5, 1.5, 2_000)
    # The twin: the printed law in place of the noise-free ascent's is 36 % off at t = 1.5, some 10 standard errors.
    printed = laws.variance("printed", lam=-1.0, rho=0.5, eta=laws.ETA, batch=1, t=1.5)
    j = laws.REAL.index("exact_ascent")
    assert abs(found.variance[-1, j] - printed) > 6 * found.variance_error[-1, j]


# Each figure's own comparison of the algorithm with the formula, in quick form. The scores are in standard errors of
# at most 27 comparisons: all below 4.5 but once in 5,000 draws. dnsam-law shows a difference and bounds none.
CLOSE = {
    "two-cycle-width": 1e-9,  # the cycle attracts by |1 - eta L|, at most 0.8, a step; with momentum by 0.9^(1/2)
    "edge-of-sam": 1e-9,
    "valley-drift": 1e-4,  # the next order is rho^2/(2 - eta L)^2, with rho = 1e-3
    "product-drift": 1e-2,  # the next order is rho^2 y^2
    "sam-every": 1e-5,  # the width of the bisection over the threshold
    # z, the mean of 2,000 deviations of 2, is below 4.5 * 2/2000^(1/2) = 0.2; for m = 1 the threshold (1 - z)/(5 - 2 z)
    # moves by 0.6 z of itself, for larger m by less
    "micro-batches": 0.13,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLOSE)
def test_the_algorithm_is_beside_its_formula(drawn, name):
    assert drawn(FIGURES[name])[1]["largest_deviation"] < CLOSE[name]


@pytest.mark.slow
def test_the_ensembles_are_beside_their_formulas_and_the_window_is_where_runs_turn(drawn):
    assert drawn(FIGURES["stationary-loss"])[1]["largest_score"] < 4.5
    assert drawn(FIGURES["noisy-saddle"])[1]["largest_score"] < 4.5
    assert drawn(FIGURES["capture-window"])[1]["agreement"] == 1.0


def test_every_figure_names_claims_of_the_ledger():
    for figure in FIGURES.values():
        assert set(figure.claims) <= set(CLAIMS)
        assert figure.title
        assert figure.shows.startswith(("The paper", "Not in the paper"))
        assert find_spec(figure.code) is not None
    assert list(FIGURES)[:10] == [*(f"fig{k}" for k in range(1, 10)), "table1"]


def test_the_registry_imports_nothing_heavy():
    code = (
        "import sys, verification, saddlecheck.verification.figures, saddlecheck.verification.cli;"
        "print([m for m in ('matplotlib', 'numba', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_an_unknown_figure_is_one_line_and_exit_code_two(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main.run(["figure", "fig5", "stabilty-map"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "saddlecheck: no figure is called 'stabilty-map': did you mean stability-map?\n"
    assert not any(tmp_path.iterdir())
    with pytest.raises(ValueError, match="there are fig1"):
        figures.known(["zzz"])


def test_all_stands_for_every_figure_and_no_id_lists_them(capsys):
    assert figures.known(["all"]) == list(FIGURES)
    assert figures.known(["fig2", "fig2"]) == ["fig2"]
    assert main.run(["figure"]) == 0
    assert all(name in capsys.readouterr().out for name in ["fig1"])


@pytest.mark.slow
def test_the_command_draws_into_a_new_folder_and_prints_the_files(capsys, tmp_path):
    target = tmp_path / "new" / "folder"
    assert main.run(["figure", "fig5", "--out", str(target)]) == 0
    printed = capsys.readouterr().out.split()
    assert {Path(p) for p in printed} == set(target.iterdir())
    assert {Path(p).suffix for p in printed} == {".png", ".pdf", ".json", ".csv"}


WORDS = (
    ("|w_1 - w_0| at rho", "|$w_{1}$ − $w_{0}$| at $ρ$"),
    ("cos(grad l(w), grad l(w^p))", "cos($∇ℓ$($w$), $∇ℓ$($w^{p}$))"),
    ("(d) SAM at 10", "(d) SAM at 10"),  # what numbers a panel, and words, stay upright
)


@pytest.mark.parametrize(("words", "shown"), WORDS)
def test_only_quantities_are_set_as_mathematics(words, shown):
    assert style.mathematics(words) == shown


@pytest.mark.parametrize(("width", "points"), [(style.PAGE, 486), (style.COLUMN, 234)])
def test_a_figure_is_as_wide_as_print_and_has_no_caption_inside(tmp_path, width, points):
    caption = "A caption whose words stand in no picture."

    @style.styled
    def drawn(name, caption):
        figure, axis = style.canvas(1, 1, 2.0, width)
        axis.set_title("rho")
        return {p.suffix: p for p in style.save(figure, tmp_path / name, caption=caption, settings={})}

    files, bare = drawn("x", caption), drawn("y", "")
    # 72 points an inch.
    assert re.search(rb"/MediaBox \[ 0 0 (\d+)", files[".pdf"].read_bytes())[1] == str(points).encode()
    assert files[".png"].read_bytes() == bare[".png"].read_bytes()
    assert b"STIXGeneral" in files[".pdf"].read_bytes()
    assert b"DejaVu" not in files[".pdf"].read_bytes()


def test_a_column_without_a_meaning_is_refused(tmp_path):
    figure, _ = style.panel()
    with pytest.raises(ValueError, match="each column needs one meaning"):
        style.save(figure, tmp_path / "x", caption="c", settings={}, rows={"t": [0.0]})
    assert not any(tmp_path.iterdir())


def test_tidy_repeats_single_values_and_leaves_gaps_empty():
    table = style.tidy({"curve": "a", "t": [0, 1]}, {"curve": "b", "v": np.array([2.5])})
    assert table == {"curve": ["a", "a", "b"], "t": [0, 1, ""], "v": ["", "", 2.5]}


def test_the_style_leaves_no_trace():
    import matplotlib

    before = dict(matplotlib.rcParams)
    assert style.styled(lambda: matplotlib.rcParams["font.size"])() == 8.0
    assert dict(matplotlib.rcParams) == before


def test_shades_differ_in_grey():
    # Relative luminance of sRGB; a difference of 0.1 is seen side by side in print.
    def luminance(colour):
        channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    levels = sorted(luminance(c) for c in style.SHADES)
    assert min(np.diff(levels)) > 0.1
