"""The explorer's address: it restores what was seen, is written seldom, and no link can kill the page."""

import pytest


def test_the_address_restores_the_state(explore):
    page = explore(
        "loss=beale&rule=normalised&rho=0.3&lr=0.001&momentum=0.5&compare=1&point=1&view=0.5,0.25,2&runs=1,2;0.5,-1"
    )
    page.locator("#momentum").press("ArrowRight")
    page.wait_for_function("location.hash.includes('momentum=0.51')")
    again = explore(page.url.split("#")[1])
    state, restored = (p.evaluate("saddlecheck.state") for p in (page, again))
    assert restored == state
    assert state["momentum"] == pytest.approx(0.51)
    assert state["runs"] == [[1, 2], [0.5, -1]]


STATES = "saddlecheck.points().map(p => p.state)"


def test_a_typed_formula_travels_in_the_address(explore):
    page = explore()
    page.locator("#formula").fill("x**2 + x*y**3 - y**2")
    page.locator("#formula").press("Enter")
    page.wait_for_function("location.hash.includes('f=')")
    assert page.evaluate("saddlecheck.state.runs.length") == 1
    again = explore(page.url.split("#")[1])
    assert again.evaluate("saddlecheck.loss().formula") == "x**2 + x*y**3 - y**2"
    assert again.evaluate(STATES) == page.evaluate(STATES)


def test_many_changes_write_the_address_once(explore):
    page = explore()
    page.evaluate("window.written = 0; history.replaceState = () => { written += 1; throw new Error('too often'); }; 0")
    page.evaluate(
        "for (let k = 0; k < 150; k++) { const r = document.getElementById('rho'); r.value = 5 * k;"
        " r.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_function("written > 0")
    assert page.evaluate("written") == 1
    assert page.evaluate("saddlecheck.state.rho") == pytest.approx(0.745)
    assert page.complaints == []


STRANGE = (
    "rule=constructor",
    "rule=toString&batches=__proto__",
    "loss=__proto__",
    "view=0,0,1e300",
    "view=1e9,0,1",
    "loss=rosenbrock&rho=50",
    "rho=-1&lr=1e9&momentum=7&noise=1e9",
    "point=1.5&runs=NaN,1;1e9,2;a,b",
    "point=Infinity&view=,,",
    "f=constructor(x)%2By",
)


@pytest.mark.parametrize("link", STRANGE)
def test_no_link_kills_the_page_or_leaves_the_sliders(explore, link):
    page = explore(link)
    state = page.evaluate("saddlecheck.state")
    assert state["rule"] == "sam"
    assert state["batches"] == "same"
    assert 0 <= state["rho"] <= page.evaluate("saddlecheck.loss().rhoMax")
    assert 1e-4 <= state["lr"] <= 1
    assert 0 <= state["momentum"] < 1
    assert state["sigma"] == 0
    assert 1e-4 <= state["view"]["half"] <= 1e3
    assert abs(state["view"]["x"]) <= 1e3
    assert isinstance(state["selected"], int)
    assert all(abs(v) <= 1e3 for run in state["runs"] for v in run)
    assert page.complaints == []
