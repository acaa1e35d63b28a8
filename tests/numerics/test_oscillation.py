"""Normalised SAM's cycle and drift against the algorithm itself, stepped here with nothing but its definition."""

import itertools
import math

import numpy as np
import pytest

from saddlecheck.numerics import (
    capture_window,
    product_model_time,
    sam_edge,
    two_cycle,
    unified_cycle,
    valley_drift,
)

# The formulas take fewer than ten operations, each rounded to 2^-53, and a test's own arithmetic as many.
ROUNDED = 20 * 2.0**-53


def run(gradient, w, v, steps, *, rho, lr, momentum=0.0):
    """`steps` steps of normalised SAM with heavy ball from (w, v), arrays of shape (n,)."""
    for _ in range(steps):
        g = gradient(w)
        v = momentum * v + gradient(w + rho * g / np.linalg.norm(g))
        w = w - lr * v
    return w, v


def forgetting(top, lr, momentum):
    """What a step leaves of a deviation from the cycle: the larger root of z^2 - (1 + b - lr top)z + b."""
    return np.max(np.abs(np.roots([1, -(1 + momentum - lr * top), momentum])))


def quadratic(*curvatures):
    return lambda w: np.array(curvatures) * w


SETTINGS = [
    (top, rho, share * 2 * (1 + beta) / top, beta)
    for top, rho, share, beta in itertools.product((0.3, 4.0), (1e-3, 2.0), (0.02, 0.5, 0.95), (0.0, 0.5, 0.9))
]


@pytest.mark.parametrize(("top", "rho", "lr", "momentum"), SETTINGS)
def test_the_two_cycle_attracts_the_algorithm(top, rho, lr, momentum):
    c = two_cycle(top=top, rho=rho, lr=lr, momentum=momentum)
    # 160/(1 - size) steps bring 1e-3 of the cycle below rounding. A step's rounding error is met with the sum of all
    # later powers, 1/(1 - size), twice where the two roots are near each other.
    size = forgetting(top, lr, momentum)
    w, v = run(
        quadratic(top), np.array([1.001 * c]), np.array([-2 * c / lr]), math.ceil(80 / (1 - size)) * 2,
        rho=rho, lr=lr, momentum=momentum,
    )  # fmt: skip
    again, _ = run(quadratic(top), w, v, 1, rho=rho, lr=lr, momentum=momentum)
    budget = ROUNDED / (1 - size) ** 2
    assert abs(abs(w[0]) / c - 1) < budget
    assert abs(again[0] / w[0] + 1) < 2 * budget
    assert abs(two_cycle(top=1.001 * top, rho=rho, lr=lr, momentum=momentum) / c - 1) > 2 * budget  # it could fail


def test_the_two_cycle_takes_every_start_without_momentum_and_not_with_it():
    rng = np.random.default_rng(16)
    starts = rng.normal(size=100)
    for lr, momentum, all_of_them in ((0.02, 0.0, True), (1.9, 0.0, True), (0.02, 0.9, False)):
        w, v = starts.copy(), np.zeros(100)
        for _ in range(3000):
            v = momentum * v + w + np.sign(w)  # |g| is taken coordinate by coordinate: a hundred runs in one dimension
            w = w - lr * v
        # 3000 steps: (1 - 0.02)^3000 < 1e-26 and 0.9^3000.
        near = np.abs(np.abs(w) / two_cycle(top=1.0, rho=1.0, lr=lr, momentum=momentum) - 1) < 1e-9
        assert bool(np.all(near)) is all_of_them


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_capture_window_is_where_a_push_sideways_dies_out(share, momentum):
    top, rho = 1.5, 0.7
    lr = share * 2 * (1 + momentum) / top
    smallest, largest = capture_window(top=top, lr=lr, momentum=momentum)
    c = two_cycle(top=top, rho=rho, lr=lr, momentum=momentum)

    def pushed(mu):
        # The size of (w, v) sideways: that of w alone turns with the phase of complex multipliers.
        start = (np.array([c, 1e-150 * c]), np.array([-2 * c / lr, 0.0]))
        first = run(quadratic(top, -mu), *start, 100, rho=rho, lr=lr, momentum=momentum)
        last = run(quadratic(top, -mu), *first, 50, rho=rho, lr=lr, momentum=momentum)
        return tuple(math.hypot(w[1], lr * v[1]) for w, v in (last, first))

    for mu, dies in (
        (1.03 * smallest, True),
        (0.97 * smallest, False),
        (0.97 * largest, True),
        (1.03 * largest, False),
    ):
        last, first = pushed(mu)
        assert (last < first) is dies, mu


def test_the_window_is_empty_where_there_is_no_cycle():
    smallest, largest = capture_window(top=[1.0, 1.0, 1.0], lr=[1.9, 2.0, 3.0], momentum=0.0)
    assert np.isfinite([smallest[0], largest[0]]).all()
    assert np.isnan([smallest[1:], largest[1:]]).all()
    assert math.isclose(capture_window(top=1.0, lr=2.0, momentum=0.5)[1], 3.0, rel_tol=ROUNDED)


def test_the_edge_is_where_a_step_lands_opposite():
    for g, rho, lr in itertools.product((1e-6, 1.0, 30.0), (0.0, 1e-8, 0.3, 50.0), (1e-3, 0.7)):
        L = float(sam_edge(gradient=g, rho=rho, lr=lr))
        w, _ = run(quadratic(L), np.array([g / L]), np.zeros(1), 1, rho=rho, lr=lr)
        assert abs(w[0] * L / g + 1) < ROUNDED, (g, rho, lr)
        printed = g / (2 * rho) * (math.sqrt(1 + 8 * rho / (lr * g)) - 1) if rho > 1e-3 * lr * g else 2 / lr
        assert abs(L / printed - 1) < 4e-3 + 1e-12  # the printed form cancels; 8 rho/(lr g) < 8e-3 halves to the first
    assert sam_edge(gradient=0.0, rho=1.0, lr=0.1) == 0.0
    assert sam_edge(gradient=0.0, rho=0.0, lr=0.1) == 20.0


def test_the_two_cycle_of_every_quadratic_stands_at_the_edge():
    top, lr = 2.0, np.array([0.01, 0.5, 0.99])
    c = two_cycle(top=top, rho=3.0, lr=lr)
    assert np.allclose(sam_edge(gradient=top * c, rho=3.0, lr=lr), top, rtol=ROUNDED, atol=0)


@pytest.mark.parametrize("momentum", [0.0, 0.6, 0.9])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_the_valley_drift_is_the_algorithms_and_the_next_order_is_rho_squared(share, momentum):
    top, slope = 2.0, 0.7
    lr = share * 2 * (1 + momentum) / top

    def gradient(
        w,
    ):  # l = (top + slope x + x^2/5) y^2/2, whose top eigenvalue in the valley y = 0 has the slope `slope`
        x, y = w
        return np.array([(slope + 0.4 * x) * y**2 / 2, (top + slope * x + x**2 / 5) * y])

    def relative(rho):
        c = two_cycle(top=top, rho=rho, lr=lr, momentum=momentum)
        # Transients have gone after n steps and further n are counted; n is even, so that y ends as it began.
        n = 2 * math.ceil(20 / (1 - forgetting(top, lr, momentum)))
        state = run(gradient, np.array([0.0, c]), np.array([0.0, -2 * c / lr]), n, rho=rho, lr=lr, momentum=momentum)
        after = run(gradient, *state, n, rho=rho, lr=lr, momentum=momentum)
        moved = (after[0][0] - state[0][0]) / n
        return moved / (-valley_drift(top=top, rho=rho, lr=lr, momentum=momentum) * slope) - 1

    coarse, fine = relative(4e-5), relative(2e-5)
    # The error is a rho^2, a the same for both up to rho^2: of their ratio 4 a tenth is left to the next order.
    assert abs(coarse) < 0.05
    assert abs(coarse / fine - 4) < 0.4


def test_the_drift_tends_to_the_flows():
    assert math.isclose(valley_drift(top=1.0, rho=0.3, lr=1e-12), 1e-12 * 0.3**2 / 2, rel_tol=2e-12)


@pytest.mark.parametrize(("start", "stop", "lr"), [(1.0, 0.25, 0.5), (1.8, 1.5, 0.2), (0.4, 0.1, 1.0)])
def test_the_product_models_time_is_the_algorithms_and_errs_by_rho_squared(start, stop, lr):
    def gradient(w):  # l(q) = log cosh q
        return math.tanh(w[0] * w[1]) * w[::-1]

    def relative(rho):
        y = math.sqrt(start / lr)
        w = np.array([two_cycle(top=y * y, rho=rho, lr=lr), y])
        steps, last = 0, w
        while lr * w[1] ** 2 > stop:
            last, (w, _) = w, run(gradient, w, np.zeros(2), 1, rho=rho, lr=lr)
            steps += 1
        part = (lr * last[1] ** 2 - stop) / (lr * (last[1] ** 2 - w[1] ** 2))  # of the last step
        return (steps - 1 + part) / product_model_time(start=start, stop=stop, rho=rho, lr=lr) - 1

    coarse, fine = relative(0.008), relative(0.004)
    # Errors a rho^2; the sum over steps is replaced by an integral, which errs by half a step of 1/rho^2 of them, which
    # is of the same order.
    assert abs(coarse) < 0.1
    assert abs(coarse / fine - 4) < 0.8


@pytest.mark.parametrize("t", [0.25, 0.5, 1.0])
@pytest.mark.parametrize(("lam", "rho", "lr"), [(1.3, 0.8, 0.4), (0.2, 5.0, 1.0), (-2.0, 3.0, 0.1), (-1.0, 0.5, 0.3)])
def test_the_unified_cycle_is_the_algorithms(lam, rho, lr, t):
    c = float(unified_cycle(lam=lam, rho=rho, lr=lr, t=t))

    def step(w):
        g = lam * w
        return w - lr * lam * (w + rho * (1 - t + t / abs(g)) * g)

    assert abs(step(c) / c + 1) < ROUNDED
    drift = lr * lam * (1 + (1 - t) * rho * lam)
    w = 1.01 * c
    for _ in range(20):
        w = step(w)
    assert (abs(abs(w) - c) < 0.01 * c) is (drift > 0)


def test_the_unified_cycle_ends_in_the_two_known_ones():
    assert unified_cycle(lam=1.0, rho=2.0, lr=0.3, t=0.0) == 0.0
    ends = unified_cycle(lam=1.5, rho=2.0, lr=[0.3, 1.0], t=1.0)
    assert np.allclose(ends, two_cycle(top=1.5, rho=2.0, lr=[0.3, 1.0]), rtol=ROUNDED, atol=0)


def test_they_broadcast():
    grid = valley_drift(top=np.ones((3, 1)), rho=[0.1, 0.2], lr=1.0)
    assert grid.shape == (3, 2)
    assert grid.dtype == np.float64
    assert all(end.shape == (3, 2) for end in capture_window(top=np.ones((3, 1)), lr=[0.1, 0.2]))


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        (sam_edge, {"gradient": -1.0, "rho": 1.0, "lr": 1.0}, "gradient must be >= 0"),
        (sam_edge, {"gradient": 1.0, "rho": -1.0, "lr": 1.0}, "rho must be >= 0"),
        (sam_edge, {"gradient": 1.0, "rho": 1.0, "lr": 0.0}, "lr must be > 0"),
        (two_cycle, {"top": 1.0, "rho": 1.0, "lr": 2.0}, "no 2-cycle unless"),
        (two_cycle, {"top": 1.0, "rho": 1.0, "lr": [0.5, 4.0], "momentum": 0.9}, "no 2-cycle unless"),
        (two_cycle, {"top": 0.0, "rho": 1.0, "lr": 1.0}, "top must be > 0"),
        (two_cycle, {"top": 1.0, "rho": 1.0, "lr": 1.0, "momentum": 1.0}, r"momentum must lie in \[0, 1\)"),
        (capture_window, {"top": -1.0, "lr": 1.0}, "top must be > 0"),
        (valley_drift, {"top": 1.0, "rho": math.nan, "lr": 1.0}, "rho must be finite"),
        (valley_drift, {"top": 1.0, "rho": 1.0, "lr": 2.5}, "no 2-cycle unless"),
        (product_model_time, {"start": 2.0, "stop": 1.0, "rho": 1.0, "lr": 1.0}, "start must be below 2"),
        (product_model_time, {"start": 1.0, "stop": 1.5, "rho": 1.0, "lr": 1.0}, "must not exceed start"),
        (product_model_time, {"start": 1.0, "stop": 0.0, "rho": 1.0, "lr": 1.0}, "stop must be > 0"),
        (unified_cycle, {"lam": 0.0, "rho": 1.0, "lr": 1.0, "t": 0.5}, "lam must not be 0"),
        (unified_cycle, {"lam": 1.0, "rho": 1.0, "lr": 1.0, "t": 1.5}, r"t must lie in \[0, 1\]"),
        (unified_cycle, {"lam": 1.0, "rho": 1.0, "lr": 1.0, "t": 0.0}, "no 2-cycle unless"),
    ],
)
def test_bad_input_is_one_line(function, arguments, says):
    with pytest.raises(ValueError, match=says) as caught:
        function(**arguments)
    assert "\n" not in str(caught.value)
