"""Torch functions: what is refused, what is told apart, and what second derivatives are worth."""

import time

import jsonschema
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from saddlecheck.nets.newton import newton  # noqa: E402
from saddlecheck.nets.tensor_function import TorchLandscape  # noqa: E402
from saddlecheck.verification.analysis.entry import analyse  # noqa: E402
from saddlecheck.verification.analysis.schema import SCHEMA  # noqa: E402

QUICK = {"rho": 0.1, "lr": 0.01, "optimisers": ("gd", "sam"), "simulate": False}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def point_of(function, start, **settings):
    found = analyse(function, start=start, **{**QUICK, **settings})
    jsonschema.validate(found.to_dict(), SCHEMA)
    (point,) = found.points
    return point, found.warnings


# What is no loss is refused in one sentence.


def failing(w):
    raise RuntimeError("boom\nand a second line")


REFUSED = {
    "random": (lambda w: (w**2).sum() + torch.randn(()) * w[0], "is random"),
    "random, and zero at the start": (lambda w: (w**2).sum() + torch.rand(()) * (w[0] - 0.3), "is random"),
    "raises": (failing, "raises RuntimeError at .*: boom"),
    "wrong size": (lambda w: w[5], "raises IndexError"),
    "other type": (lambda w: (torch.ones(2, 2) @ w).sum(), "raises RuntimeError"),
    "no device": (lambda w: w.to("cuda:7").sum(), "raises"),
    "detached": (lambda w: (w.detach() ** 2).sum(), "no gradient"),
    "constant": (lambda w: torch.tensor(3.0), "no gradient"),
    "a part detached": (lambda w: (w.detach() ** 2).sum() + w[0] ** 2, "not that of its values"),
    "a number taken out": (lambda w: (w**2).sum() * w.norm().item(), "not that of its values"),
    "NumPy": (lambda w: np.sum(np.square(w.detach().numpy())), "one finite number"),
    "vector": (lambda w: w, "a tensor of shape"),
    "infinite": (lambda w: w.sum() / 0, "one finite number"),
}


@pytest.mark.parametrize(("function", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_loss_is_refused_in_one_sentence(function, says):
    with pytest.raises(ValueError, match=says) as caught:
        analyse(function, start=[0.3, -0.2], **QUICK)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"start": []}, "not empty"),
        ({"start": [[[0.0]]]}, "has the shape"),
        ({"start": [[0.0, 1.0], [2.0]]}, "start is no array of numbers"),
        ({"start": "here"}, "start is no array of numbers"),
        ({"start": [float("nan"), 0.0]}, "has to be finite"),
        ({"box": [(1, 0), (0, 1)]}, "low < high"),
        ({"box": [(0, 1, 2)]}, r"one finite \(low, high\)"),
        ({"box": []}, r"one finite \(low, high\)"),
        ({"box": [(0, float("inf"))] * 2}, r"one finite \(low, high\)"),
    ],
)
def test_bad_starts_and_boxes_are_one_sentence(where, says):
    with pytest.raises(ValueError, match=says) as caught:
        analyse(lambda w: (w**2).sum(), **where, **QUICK)
    assert "\n" not in str(caught.value)


# Functions that cannot be batched are run in a loop, with the same results.


def branching(w):
    return (w**2).sum() + (w[0] ** 3 if w[0] > 0 else -(w[0] ** 3))


def overwriting(w):
    w *= 2
    return (w**2).sum() - w[0] ** 3


@pytest.mark.parametrize("function", [branching, overwriting, lambda w: (w**2).sum() + 0 * w.abs().sum()])
def test_what_cannot_be_batched_is_run_in_a_loop(function):
    landscape = TorchLandscape(function, np.array([0.3, -0.2]))
    w = np.array([[0.5, -0.5, 1e-3], [0.1, 0.2, -0.3]])
    for k in range(3):
        v = torch.from_numpy(w[:, k].copy()).requires_grad_()
        value = function(v.clone())
        (g,) = torch.autograd.grad(value, v)
        assert landscape.value(w)[k] == value.item()
        assert np.array_equal(landscape.gradient(w)[:, k], g.numpy())
    assert point_of(function, [0.01, -0.2])[0].kind == "minimum"


def test_batching_and_the_loop_agree():
    def function(w):
        return torch.exp(w[0]) * w[1] ** 2 + torch.sin(w).sum() + (w[0] - w[1]) ** 4

    landscape = TorchLandscape(function, np.array([0.3, -0.2]))
    w = np.random.default_rng(0).uniform(-1, 1, (2, 7))
    assert landscape.batched
    batched = landscape.value(w), landscape.gradient(w), landscape.hessian(w)
    landscape.batched = False
    alone = landscape.value(w), landscape.gradient(w), landscape.hessian(w)
    for many, one in zip(batched, alone, strict=True):
        # A dozen operations on numbers of order ten: 1e-13 is fifty roundings of them.
        assert many == pytest.approx(one, abs=1e-13)


# Degenerate points, points at infinity, kinks.


@pytest.mark.parametrize(
    ("function", "start"),
    [
        (lambda w: 0.5 * (w[0] * w[1] * w[2] - 1) ** 2, [0.01, 0.02, -0.01]),
        (lambda w: (w[0] * w[1] * w[2] - 1) ** 2 + w[0] ** 4, [0.01, 0.02, -0.01]),
        (lambda w: w[0] ** 3 - 3 * w[0] * w[1] ** 2, [0.3, -0.2]),
        (lambda w: (w**4).sum(), [0.3, -0.2]),
        (lambda w: (w**6).sum() - w[0] ** 8, [0.3, -0.2]),
        (lambda w: (w * w).sum() ** 1.5, [0.3, -0.2]),
        (lambda w: (w.abs() ** 2.5).sum(), [0.3, -0.2]),
        (lambda w: torch.relu(w[0]) + w[1] ** 2, [-0.3, -0.2]),
        (lambda w: 1e-9 * (w**4).sum(), [0.3, -0.2]),
    ],
)
def test_a_degenerate_point_is_one_however_near_the_search_stops(function, start):
    point, _ = point_of(function, start, rho=1.0)
    assert point.kind == "degenerate"
    assert point.rho_threshold is None
    assert not point.threshold_known
    assert {r.verdict for r in point.optimisers.values()} == {"undecided"}


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e12])
def test_a_small_curvature_beside_none_larger_has_its_sign(scale):
    # The twin: the slack follows the function's own scale, and a true saddle stays one.
    point, _ = point_of(lambda w: scale * (w[0] ** 2 - w[1] ** 2 / 3 + w[0] ** 3), [0.1, 0.2])
    assert point.kind == "saddle"
    assert point.rho_threshold == pytest.approx(1.5 / scale, rel=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda w: torch.exp(-w[0]) + w[1] ** 2,
        lambda w: 1 / (1 + w[0] ** 2) + w[1] ** 2 + w[0] / 1e3 - w[0] / 1e3,
        lambda w: torch.nn.functional.softplus(w[0]) + w[1] ** 2,
        lambda w: w[0] + w[1] ** 2,
    ],
)
def test_a_gradient_that_fades_with_distance_is_no_critical_point(function):
    found = analyse(function, start=[[-1.0, 0.2], [-2.0, 0.1], [30.0, 0.2], [-30.0, 0.2]], **QUICK)
    assert [p.at for p in found.points] == []


def test_a_gradient_that_fades_faster_is_none_either():
    # Further out than 26 the value underflows to an exact 0, which nothing tells from a flat loss.
    found = analyse(lambda w: torch.exp(-(w[0] ** 2)) + w[1] ** 2, start=[[-1.0, 0.2], [2.0, 0.1], [9.0, 0.2]], **QUICK)
    assert found.points == ()


def test_a_network_that_separates_its_data_has_no_critical_point():
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
    y = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64)

    def loss(w):
        logits = w[0] * torch.tanh(x @ w[1:3] + w[3]) + w[4]
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, y)

    # Larger weights are always better: the loss falls towards 0, which it does not reach.
    found = analyse(loss, start=[[0.5, 0.5, 0.4, -0.5, 0.0], [-1.0, 0.3, -0.2, 0.1, 0.2]], **QUICK)
    assert found.points == ()


def test_a_valley_is_no_drift():
    # The twin: the Hessian is singular all along w0 w1 = 1, and every point of it is critical.
    point, _ = point_of(lambda w: (w[0] * w[1] - 1) ** 2, [3.0, 0.4])
    assert point.kind == "degenerate"
    assert point.at[0] * point.at[1] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("power", [0.75, 0.95, 2 / 3])
def test_an_infinite_curvature_is_said_to_be_one(power):
    point, warnings = point_of(lambda w: (w**2).sum() ** power, [0.3, -0.2])
    assert point.kind == "unknown"
    assert {r.verdict for r in point.optimisers.values()} == {"undecided"}
    assert any("has no derivative there" in w for w in warnings)


def test_where_there_is_no_curvature_nothing_is_simulated():
    settings = {"optimisers": ("gd", "sam_normalised"), "simulate": True, "steps": 200}
    point, _ = point_of(lambda w: (w**2).sum() ** 0.75, [0.3, -0.2], **settings)
    assert [(r.verdict, r.simulated) for r in point.optimisers.values()] == [("undecided", None)] * 2


class Wrong(torch.autograd.Function):
    """The square, whose second derivative is wrong by a factor 2 and whose first is right."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (4 * x - 2 * x.detach())


def test_a_second_derivative_that_differences_do_not_confirm_decides_nothing():
    point, warnings = point_of(lambda w: Wrong.apply(w[0]) - w[1] ** 2, [0.3, 0.2])
    assert point.kind == "unknown"
    assert {r.verdict for r in point.optimisers.values()} == {"undecided"}
    assert any("differ from differences of the gradient by 2" in w for w in warnings)


def test_far_and_single_precision_points_are_found():
    point, _ = point_of(lambda w: (w[0] - 1e6) ** 2 - (w[1] - 1) ** 2, [0.3, 0.2])
    assert point.at == pytest.approx((1e6, 1.0), rel=1e-12)
    point, _ = point_of(lambda w: (w.float() ** 2).sum() - 3 * w.float()[0] ** 2, [0.3, 0.2])
    assert point.kind == "saddle"


def test_a_singular_hessian_on_the_way_does_not_end_the_search():
    point, _ = point_of(lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2, [-1.2, 1.0])
    assert point.at == pytest.approx((1.0, 1.0), abs=1e-9)


# Time.


def test_the_search_keeps_what_it_has_when_time_runs_out():
    starts = np.random.default_rng(0).uniform(-2, 2, (2, 400))
    landscape = TorchLandscape(lambda w: torch.sin(3 * w[0]) * torch.cos(2 * w[1]), starts[:, 0])
    search = newton(landscape, starts, deadline=time.monotonic() + 1.0)
    assert 0 < search.followed < search.starts
    assert search.roots


def test_the_timeout_holds_for_functions():
    def slow(w):
        time.sleep(0.002)
        return torch.sin(3 * w[0]) * torch.cos(2 * w[1]) + (w[0] * w[1]) ** 2 / 9

    begin = time.monotonic()
    found = analyse(slow, rho=0.1, lr=0.01, box=[(-2, 2)] * 2, timeout=3)
    # Beyond it: one Newton step of 15 gradients, one look at a point, and what a loaded machine adds.
    assert time.monotonic() - begin < 3 + 5
    assert any("Time ran out" in w for w in found.warnings)
