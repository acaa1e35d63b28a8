from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.maps import path
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.site import explorer

from .conftest import serious

STEPS = 2000  # of a run on the page


def states(page):
    return page.evaluate("saddlecheck.points().map(p => p.state)")


def test_functions_of_the_page_are_those_of_the_ledger(explore):
    page = explore()
    rng = np.random.default_rng(1)
    for shown in explorer.LOSSES:
        loss, points = shown.loss, rng.uniform(-2, 2, (20, 2))
        H = loss.hessian
        parts = [loss.expr, *loss.gradient, H[0, 0], H[0, 1], H[1, 1]]
        exact = np.array([sp.lambdify(loss.variables, parts, "numpy")(*p) for p in points])
        found = page.evaluate(
            """([id, points]) => { const l = saddlecheck.LOSSES.find(l => l.id === id);
            return points.map(([x, y]) => [l.value(x, y), ...l.gradient(x, y), ...l.hessian(x, y)]); }""",
            [shown.id, points.tolist()],
        )
        # A few hundred roundings of 1e-16, relative to the largest intermediate term.
        np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-12 * np.abs(exact).max())
    assert page.complaints == []


TYPED = (
    "x**2 - y**2",
    "sin(x)*cos(y) + x**2/8",
    "softplus(x*y) - tanh(x) + 1e-2*y**4",
    "-x**2*y + exp(-x)/(2 + y**2) - x**-1.5",
    "sigmoid(w2*w10) + log(3 + w2**2) + sqrt(5 + w10**2)",
)


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_loss_has_the_derivatives_that_sympy_finds(explore, text):
    page, loss = explore(), Loss(text)
    points = np.random.default_rng(2).uniform(0.1, 1.5, (10, 2))
    H = loss.hessian
    parts = [loss.expr, *loss.gradient, H[0, 0], H[0, 1], H[1, 1]]
    exact = np.array([sp.lambdify(loss.variables, parts, "numpy")(*p) for p in points])
    found = page.evaluate(
        """([text, points]) => { const l = saddlecheck.readLoss(text);
        return points.map(([x, y]) => [l.value(x, y), ...l.gradient(x, y), ...l.hessian(x, y)]); }""",
        [text, points.tolist()],
    )
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-12 * np.abs(exact).max())


def test_dragging_rho_across_a_half_turns_the_saddle(explore):
    page = explore("loss=hyperbolic-paraboloid&rule=sam&rho=0.4&lr=0.02")
    assert states(page) == ["repels"]
    assert "repels" in page.locator("#verdict").text_content()
    slider = page.locator("#rho")
    box = slider.bounding_box()
    tick = page.locator("#rho-star").bounding_box()
    # The threshold 1/2 is at a quarter of the slider, whose thumb has 8 px beyond its ends.
    assert abs(tick["x"] + tick["width"] / 2 - box["x"] - 8 - 0.25 * (box["width"] - 16)) < 3
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for k in range(20, 36):
        page.mouse.move(box["x"] + k / 100 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    assert float(page.locator("#rho-out").text_content()) > 0.5
    page.wait_for_function("document.querySelector('#points button').dataset.state === 'attracts'")
    assert states(page) == ["attracts"]
    assert page.locator("#status").text_content() == "The saddle at (0, 0) now attracts."
    assert page.locator("#rho").get_attribute("aria-valuetext") == page.locator("#rho-out").text_content()
    cost = page.evaluate("saddlecheck.lastFrame()")
    print(f"one frame: {cost:.1f} ms of script")
    assert cost < 50


# Runs that contract: into a minimum, or (normalised) into the 2-cycle at the saddle. Roundings of 1e-16 then stay far
# below 1e-9 over 2000 steps, which they would not on a chaotic run.
CONSTANT = {"law": "exact_ascent", "rho": 0.1, "eta": 0.002}
RUNS = (
    ("four-wells", "gd", {"law": "sgd", "eta": 0.002}),
    ("four-wells", "gd", {"law": "sgd", "eta": 0.002, "gamma": 0.9}),
    ("four-wells", "sam", CONSTANT),
    ("four-wells", "sam", {**CONSTANT, "gamma": 0.9}),
    ("hyperbolic-paraboloid", "normalised", {**CONSTANT, "eta": 0.02, "normalised": True}),
)


@pytest.mark.parametrize(("name", "rule", "settings"), RUNS)
def test_a_click_leaves_the_run_that_numerics_computes(explore, name, rule, settings):
    page = explore(f"loss={name}&rule={rule}&rho=0.1&lr={settings['eta']}&momentum={settings.get('gamma', 0)}")
    page.locator("#clear").click()
    box = page.locator("#left").bounding_box()
    page.mouse.click(
        box["x"] + 0.62 * box["width"], box["y"] + (0.502 if rule == "normalised" else 0.3) * box["height"]
    )
    start = page.evaluate("saddlecheck.state.runs[0]")
    (end,) = page.evaluate("saddlecheck.runs()")
    shown = next(s for s in explorer.LOSSES if s.id == name)
    expected = path(shown.loss, Algorithm(**settings), start, steps=STEPS, every=STEPS)
    np.testing.assert_allclose(end, expected.weights[-1], rtol=0, atol=1e-9)


HOSTILE = (
    "alert(1)",
    "x.constructor('alert(1)')()",
    "x**2; fetch('//a')",
    "constructor(x) + y",
    "__proto__(x)+y",
    "toString + y*x.z",
    "x**y",
    "x**2**0.5 + y",
    "x^2 - y^2",
    "(" * 60 + "x" + ")" * 60 + "+y",
    "9" * 60 + "*x+y",
    "x",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_formula_shows_an_error_and_runs_nothing(explore, hostile):
    page = explore()
    page.on("dialog", lambda d: pytest.fail("the formula was run"))
    before = page.evaluate("saddlecheck.loss().formula")
    page.locator("#formula").fill(hostile)
    page.locator("#formula").press("Enter")
    page.locator("#formula").blur()
    assert len(page.locator("#error").text_content()) > 20
    assert page.locator("#formula").get_attribute("aria-invalid") == "true"
    assert page.evaluate("saddlecheck.loss().formula") == before
    assert page.complaints == []


def test_keys_drop_a_run_and_zoom(explore):
    page = explore()
    page.locator("#left").focus()
    half = page.evaluate("saddlecheck.state.view.half")
    page.keyboard.press("ArrowRight")
    assert page.locator("#status").text_content().startswith("Cross-hair at (")
    for key in ("ArrowUp", "Enter", "+"):
        page.keyboard.press(key)
    assert page.evaluate("saddlecheck.state.runs.length") == 2
    assert page.evaluate("saddlecheck.state.view.half") < half


def test_the_wheel_scrolls_the_page_and_zooms_only_with_ctrl(explore):
    page = explore(viewport={"width": 390, "height": 700})
    half = page.evaluate("saddlecheck.state.view.half")
    page.mouse.move(200, 200)
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 100")
    assert page.evaluate("saddlecheck.state.view.half") == half
    page.keyboard.down("Control")
    page.mouse.wheel(0, 300)
    page.wait_for_function(f"saddlecheck.state.view.half > {half}")
    page.keyboard.up("Control")


def test_a_run_is_played_and_scrubbed(explore):
    page = explore("loss=four-wells&rule=sam&rho=0.3")
    page.locator("#step").focus()
    page.keyboard.press("Home")
    assert page.evaluate("saddlecheck.state.step") == 0
    page.locator("#play").click()
    page.wait_for_function("saddlecheck.state.step > 5")
    page.locator("#play").click()
    stopped = page.evaluate("saddlecheck.state.step")
    page.wait_for_timeout(200)
    assert page.evaluate("saddlecheck.state.step") == stopped < STEPS


def test_the_picture_is_saved(explore):
    page = explore("loss=beale&rule=sam&compare=1")
    with page.expect_download() as found:
        page.locator("#save").click()
    assert found.value.suggested_filename == "beale-sam.png"
    assert Path(found.value.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_touch_drops_a_run(explore):
    page = explore("loss=four-wells", viewport={"width": 390, "height": 844}, has_touch=True)
    page.touchscreen.tap(150, 300)
    assert page.evaluate("saddlecheck.state.runs.length") == 2


def picture(page):
    page.wait_for_function("saddlecheck.basinsDone()")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("document.getElementById('left').toDataURL()")


def test_basins_follow_the_shape_of_the_window(explore):
    wide, narrow = {"width": 1024, "height": 700}, {"width": 700, "height": 1000}
    turned = explore("loss=four-wells&basins=1&rho=0.3", viewport=wide)
    before = picture(turned)
    turned.set_viewport_size(narrow)
    turned.wait_for_function("!saddlecheck.basinsDone()")
    assert picture(turned) == picture(explore("loss=four-wells&basins=1&rho=0.3", viewport=narrow)) != before


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_horizontal_scroll(explore, width):
    page = explore("compare=1", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_radius_and_the_verdict_are_in_view_with_the_picture(explore):
    page = explore("loss=hyperbolic-paraboloid&rule=sam", viewport={"width": 390, "height": 844})
    boxes = [page.locator(f"#{name}").bounding_box() for name in ("left", "verdict", "rho")]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 844 for box in boxes)
    assert boxes[0]["height"] > 300


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(explore, axe, scheme):
    page = explore("loss=beale&compare=1", color_scheme=scheme)
    assert serious(page, axe) == []
