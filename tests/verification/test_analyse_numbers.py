"""Thresholds, nulls and their meaning, settings of any size, and pictures that say what the text says."""

import json
import math
from fractions import Fraction

import jsonschema
import numpy as np
import pytest
from matplotlib.figure import Figure

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.analysis.result import as_json
from saddlecheck.verification.analysis.schema import POINT, SCHEMA
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import rho_threshold
from saddlecheck.verification.figures import analysis_plot
from saddlecheck.verification.figures.analysis_plane import basin_keys, plane

# Numbers that are there, numbers that are not, and why.


@pytest.mark.parametrize(
    ("text", "rho", "lr", "name", "threshold", "lr_max"),
    [
        ("-y**2/2 + x**4", 2, 0.01, "sam", 1.0, 2.0),  # rate 1 (2 - 1) = 1
        ("-y**2/2 + x**4", 2, 3.0, "sam", 1.0, 2.0),  # beyond it
        ("-y**2/2 + x**4", 2, 0.01, "gd", 1.0, None),
        ("-2*y**2 - z**2/2 + x**4", 2, 0.01, "sam", 1.0, 1 / 14),  # 2/(4 (8 - 1)) < 2/(1 (2 - 1))
        ("(x+10*y)**2+5*(z-w)**2+(y-2*z)**4+10*(x-w)**4", 0, 0.001, "gd", None, 2 / 202),
        ("(x+10*y)**2+5*(z-w)**2+(y-2*z)**4+10*(x-w)**4", 0, 0.1, "gd", None, 2 / 202),
        ("-y**2/2 - x**4", 2, 0.01, "sam", 1.0, None),  # along x it repels at every step
        ("x**4", 0.1, 0.1, "gd", None, math.inf),
    ],
)
def test_thresholds_beside_a_zero_eigenvalue(text, rho, lr, name, threshold, lr_max):
    (point,) = analyse(text, rho=rho, lr=lr, optimisers=(name,), simulate=False).points
    ruling, data = point.optimisers[name], as_json(point)
    assert point.rho_threshold == (threshold if threshold is None else pytest.approx(threshold, rel=1e-14))
    assert ruling.lr_max == (lr_max if lr_max is None else pytest.approx(lr_max, rel=1e-14))
    assert ruling.unknown == ()
    assert data["optimisers"][name].get("null_means") == ({"lr_max": "unbounded"} if lr_max == math.inf else None)
    assert ruling.verdict == ("attracts" if lr_max is not None and lr < lr_max else "repels")
    jsonschema.validate(data, POINT)


def test_a_number_that_nobody_knows_says_so():
    (point,) = analyse("(x**2 - y**2)**2 + x**6", rho=0.1, lr=0.1, optimisers=("gd",), simulate=False).points
    assert as_json(point)["optimisers"]["gd"]["null_means"] == {"lr_max": "unknown"}
    assert rho_threshold([Interval(Fraction(-1, 10), Fraction(1, 10)), Interval.exact(-1)]) == (None, False)
    assert rho_threshold([Interval.exact(0), Interval.exact(-1)]) == (1.0, True)
    assert rho_threshold([Interval.exact(0), Interval.exact(1)]) == (None, True)


@pytest.mark.parametrize("rho", [1e-60, 1e-30, 1e30, 9e59])
@pytest.mark.parametrize("lr", [1e-60, 1e-30, 1e30, 9e59])
@pytest.mark.parametrize("loss", ["x**2 - y**2", "x**4/4 - x**2/2", "x**4 - y**2"])
def test_settings_of_any_size_are_judged_or_refused(loss, rho, lr):
    found = analyse(loss, rho=rho, lr=lr, momentum=0.5, region=True, steps=240, batch=8)
    json.dumps(found.to_dict(), allow_nan=False)
    jsonschema.validate(found.to_dict(), SCHEMA)
    assert "tabular" in found.latex()
    assert not [w for w in found.warnings if "CONTRADICTED" in w]


@pytest.mark.parametrize("rho", [0.0, 1e-60, 0.49, 0.51, 1e30, 9e59])
@pytest.mark.parametrize("lr", [1e-60, 1e-30, 1e-9, 1.0, 9e59])
def test_verdicts_at_the_ends_of_the_range_are_those_of_the_multipliers(rho, lr):
    """At the origin of x^2 - y^2 SAM multiplies x by 1 - 2 lr (1 + 2 rho), y by 1 + 2 lr (1 - 2 rho)."""
    r, eta = Fraction(str(rho)), Fraction(str(lr))
    inside = all(abs(m) < 1 for m in (1 - 2 * eta * (1 + 2 * r), 1 + 2 * eta * (1 - 2 * r)))
    point, *_ = analyse("x**2 - y**2", rho=rho, lr=lr, optimisers=("sam", "gd"), simulate=False).points
    assert {name: r.verdict for name, r in point.optimisers.items()} == {
        "sam": "attracts" if inside else "repels", "gd": "repels"
    }  # fmt: skip
    assert point.rho_threshold == 0.5
    if rho > 0.5:  # the exact edge, rounded to a float once
        assert point.optimisers["sam"].lr_max == pytest.approx(float(1 / (1 + 2 * r)), rel=1e-15)


@pytest.mark.parametrize(
    "value", [1e300, 1e160, 1e61, 9e-61, 1e-300, 1e-320, 5e-324, -1e-300, -1.0, math.inf, math.nan]
)
@pytest.mark.parametrize("name", ["rho", "lr"])
def test_settings_beyond_the_range_of_products_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*from 1e-60 up to 1e[+]60") as refusal:
        analyse("x**2 - y**2", **{"rho": 1, "lr": 0.1, name: value})
    assert "\n" not in str(refusal.value)


def test_zero_is_a_radius_and_no_step_size():
    assert analyse("x**2", rho=0.0, lr=0.1, simulate=False).points
    with pytest.raises(ValueError, match="lr is "):
        analyse("x**2", rho=0.1, lr=0.0)


# Pictures say what the text says.


def lines_at(loss, rho):
    """The stability map's lines by their entry in the key: the largest rho at which each is drawn."""
    found = analyse(loss, rho=rho, lr=0.01, simulate=False)
    ax = Figure().subplots()
    analysis_plot._stability(ax, found, Landscape(found.source), AnalysisSettings(rho, 0.01))
    ends = {}
    for line in ax.lines:
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        ends[str(line.get_label())] = float(np.max(x[np.isfinite(y)], initial=-1.0))
    return ends, ax


def test_no_line_stands_where_the_text_is_undecided():
    ends, ax = lines_at("x**4/4 - x**2/2", 2.0)
    assert 0 < ends["normalised SAM: undecided"] < 1
    assert ends["SAM: attracts"] == 6.0
    assert ends["gradient descent: repels (no line)"] == -1.0
    assert "point 3 (0), which SAM traps first" in ax.get_title()
    # The shade begins at the threshold itself, not at the next point of a grid.
    x = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert np.min(x) == pytest.approx(1.0, rel=2e-6)
    # The twin: on a quadratic loss the line is drawn at every radius, and the star lies below it.
    ends, _ = lines_at("x**2 - y**2", 2.0)
    assert ends["normalised SAM: cycle"] == 6.0


def test_basins_have_a_key():
    found = analyse("(x**2 - 1)**2/4 + y**2", rho=0.1, lr=0.1, simulate=False)
    ax = Figure().subplots()
    plane(ax, found, Landscape(found.source), "gd", AnalysisSettings(0.1, 0.1))
    said = [t.get_text() for t in ax.get_legend().get_texts()]
    assert {"minimum", "saddle", "leads to 1", "leads to 2"} <= set(said)
    assert "diverges" not in said
    # At a step beyond both minima's edges (2/L = 1) starts leave, and the key says so.
    ax = Figure().subplots()
    far = AnalysisSettings(0.1, 1.5)
    plane(ax, analyse("(x**2 - 1)**2/4 + y**2", rho=0.1, lr=1.5, simulate=False), Landscape(found.source), "gd", far)
    said = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "diverges" in said
    assert "leads to 1" not in said
    assert "of the starts diverge" in ax.get_title()


def test_each_basin_has_a_colour_of_its_own():
    reached = np.array([0, 3, 4, 7, 8, 9, 11, 12, -1, -2])
    keys = basin_keys(reached)
    assert [k for k, _ in keys] == [0, 3, 4, 7, 8, 9, 11, 12, -2, -1]
    colours = [colour for _, colour in keys]
    assert colours[6] == colours[7]  # beyond the palette: one key for "another point"
    assert len(set(colours)) == len(colours) - 1
