"""Torch losses: functions by Newton's method, a trained network by both ends of its spectrum."""

import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from sklearn.datasets import load_digits  # noqa: E402  torch is an extra, its absence skips this file
from torch import nn  # noqa: E402

from saddlecheck.verification.analysis.entry import analyse  # noqa: E402


def saddle(w):
    return w[0] ** 2 - w[1] ** 2


def valley(w):
    return (w[0] ** 2 - 1) ** 2 / 4 + w[1] ** 2 * (1 + w[0] ** 2)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_function_agrees_with_its_formula():
    settings = {"rho": 1.0, "lr": 0.01, "momentum": 0.5}
    (numeric,) = analyse(saddle, start=[0.3, 0.2], **settings, steps=1500, timeout=None).points
    (exact,) = analyse("x**2 - y**2", **settings, basins=False, timeout=None).points
    # The eigenvalues are given a slack of 1e-9 of the largest.
    assert numeric.rho_threshold == pytest.approx(exact.rho_threshold, rel=1e-9)
    assert {k: r.verdict for k, r in numeric.optimisers.items()} == {k: r.verdict for k, r in exact.optimisers.items()}
    assert {r.simulated for r in numeric.optimisers.values()} == {"confirmed"}
    assert not numeric.certified


def test_a_box_finds_all_three():
    found = analyse(valley, rho=0.1, lr=0.02, box=[(-2, 2), (-1, 1)], optimisers=("gd", "sam"))
    assert sorted(p.kind for p in found.points) == ["minimum", "minimum", "saddle"]
    assert not found.complete
    assert any("not proved to be complete" in w for w in found.warnings)


@pytest.mark.parametrize(
    ("loss", "more", "says"),
    [
        (saddle, {}, "needs start"),
        (lambda w: w, {"start": [0.0, 0.0]}, "one finite number"),
        (lambda w: w.sum() / 0, {"start": [0.0, 0.0]}, "one finite number"),
        (lambda w: (w**2).sum(), {"start": np.zeros(300)}, "more than 256"),
        (nn.Linear(2, 1), {}, "needs data"),
        (saddle, {"start": [0.0, 0.0], "weight_decay": 0.1}, "add the weight decay"),
    ],
)
def test_what_is_missing_is_said(loss, more, says):
    with pytest.raises(ValueError, match=says):
        analyse(loss, rho=0.1, lr=0.1, **more)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    model, data = nn.Linear(2, 1), (torch.zeros(3, 2), torch.zeros(3, 1))
    settings = {"rho": 0.1, "lr": 0.1, "data": data, "criterion": nn.functional.mse_loss}
    torch.save(nn.Linear(3, 1).state_dict(), tmp_path / "other.pt")
    with pytest.raises(ValueError, match="does not hold this model's weights"):
        analyse(model, checkpoint=tmp_path / "other.pt", **settings)
    (tmp_path / "no.pt").write_bytes(b"cos\nsystem\n(S'echo pwned'\ntR.")  # a pickle that would run a command
    with pytest.raises(ValueError, match="does not hold this model's weights"):
        analyse(model, checkpoint=tmp_path / "no.pt", **settings)
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        analyse(model, checkpoint=tmp_path / "absent.pt", **settings)


LOSS = nn.CrossEntropyLoss(label_smoothing=0.1)  # its minimum is not at infinity, even where the classes separate
UNITS = 3


def perceptron(units):
    return nn.Sequential(nn.Linear(64, units), nn.Tanh(), nn.Linear(units, 10)).double()


def digits(count):
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x[:count] / 16, dtype=torch.float64), torch.tensor(y[:count])


def trained(x, y):
    """Three hidden units, trained until the loss rests."""
    torch.manual_seed(0)
    small = perceptron(UNITS)
    optimiser = torch.optim.LBFGS(
        small.parameters(), max_iter=6000, max_eval=12000, history_size=20, tolerance_change=0,
        line_search_fn="strong_wolfe",
    )  # fmt: skip

    def closure():
        optimiser.zero_grad()
        loss = LOSS(small(x), y)
        loss.backward()
        return loss

    optimiser.step(closure)
    return small


def doubled(small):
    """Each hidden unit twice, with half its outgoing weight: the same function, and a plateau of the larger network."""
    large, h = perceptron(2 * UNITS), UNITS
    with torch.no_grad():
        for half in (slice(0, h), slice(h, 2 * h)):
            large[0].weight[half], large[0].bias[half] = small[0].weight, small[0].bias
            large[2].weight[:, half] = small[2].weight / 2
        large[2].bias[:] = small[2].bias
    return large


@pytest.mark.slow
def test_a_plateau_of_a_network_on_digits(tmp_path):
    x, y = digits(200)
    small = trained(x, y)
    torch.save(doubled(small).state_dict(), tmp_path / "model.pt")
    fresh = perceptron(2 * UNITS)
    begin = time.perf_counter()
    found = analyse(
        fresh, rho=0.05, lr=0.05, momentum=0.9, data=(x, y), criterion=LOSS, checkpoint=tmp_path / "model.pt"
    )
    assert time.perf_counter() - begin < 60
    (point,) = found.points
    # Training rests: a gradient of 1e-3 where the classes' random guess has a loss of ln 10 and slopes of order one.
    # One loss through two networks: sums in another order, 1e-16 times some hundred terms.
    assert found.measured["loss"] == pytest.approx(LOSS(small(x), y).item(), rel=1e-12)
    assert found.measured["gradient_norm"] < 2e-3
    low, high = found.measured["lowest_bracket"], found.measured["highest_bracket"]
    dense = hessian_of(fresh, x, y)
    values = np.linalg.eigvalsh(dense)
    # An interval of radius |Hv - theta v| holds an eigenvalue; double precision adds about 1e-12 of the largest.
    slack = 1e-9 * abs(values[-1])
    assert low[0] - slack <= values[0] <= low[1] + slack
    assert high[0] - slack <= values[-1] <= high[1] + slack
    assert found.measured["weights"] == 64 * 6 + 6 + 6 * 10 + 10
    # The twin units may part, so that the plateau is a saddle. That rho is too small to trap anything there.
    assert low[1] < 0
    assert {name: r.verdict for name, r in point.optimisers.items()} == {
        "gd": "repels", "heavy_ball": "repels", "sam": "repels", "heavy_ball_sam": "repels",
        "sam_normalised": "undecided",
    }  # fmt: skip
    assert any("negative eigenvalue nearest to zero" in w for w in found.warnings)
    for end, column in (("lowest", 0), ("highest", -1)):
        expected = per_sample_variance(fresh, x, y, values, dense, column)
        # Parting, the two units cancel in every sample's gradient: no noise at all leads out of this saddle.
        # An eigenvector errs by the angle residual/gap, here 1e-11/0.1, the variance along it by twice that share; an
        # exact 0 becomes that angle's square.
        assert found.measured[f"noise_over_curvature_{end}"] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.measured["noise_over_curvature_lowest"] < 1e-3
    assert sum("|H|/B" in w for w in found.warnings) == 2
    assert sum("plateau-noise" in w for w in found.warnings) == 1
    found.to_dict()


def flat_loss(model):
    names = [n for n, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]

    def value(w, x, y):
        parts = w.split([s.numel() for s in shapes])
        state = {n: p.view(s) for n, p, s in zip(names, parts, shapes, strict=True)}
        return LOSS(torch.func.functional_call(model, state, (x,)), y)

    return value, torch.cat([p.detach().reshape(-1) for p in model.parameters()])


def hessian_of(model, x, y):
    value, w = flat_loss(model)
    H = torch.autograd.functional.hessian(lambda v: value(v, x, y), w, vectorize=True)
    return ((H + H.T) / 2).numpy()


def per_sample_variance(model, x, y, values, dense, column):
    value, w = flat_loss(model)
    direction = torch.from_numpy(np.linalg.eigh(dense)[1][:, column].copy())
    slopes = [torch.func.grad(value)(w, x[i : i + 1], y[i : i + 1]) @ direction for i in range(len(x))]
    return float(torch.stack(slopes).var()) / abs(values[column])
