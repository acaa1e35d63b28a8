"""A torch module with data: what is listed as a critical point, what is refused, and the noise that was measured."""

import pytest

torch = pytest.importorskip("torch")
from curved_models import By, case, mlp  # noqa: E402  torch is an extra, its absence skips this file
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from saddlecheck.nets.noise import noise_along  # noqa: E402
from saddlecheck.verification.analysis.entry import analyse  # noqa: E402

SETTINGS = {"rho": 0.05, "lr": 0.05}


def at_a_minimum() -> tuple[nn.Module, tuple]:
    """A linear regression at its exact solution: the Hessian is 2 X'X / (n outputs), the gradient 0 to rounding."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(40, 1, generator=generator, dtype=torch.float64)
    model = nn.Linear(3, 1, bias=False).double()
    with torch.no_grad():
        model.weight[:] = torch.linalg.lstsq(x, y).solution.T
    return model, (x, y)


def test_a_regression_at_its_solution_is_a_minimum_with_the_curvature_of_its_data():
    model, (x, y) = at_a_minimum()
    found = analyse(model, data=(x, y), criterion=nn.functional.mse_loss, **SETTINGS)
    (point,) = found.points
    expected = torch.linalg.eigvalsh(2 * x.T @ x / 40)
    # three weights, so the Krylov space is the whole space and the residuals are rounding
    assert point.eigenvalues == pytest.approx((float(expected[0]), float(expected[-1])), rel=1e-10)
    assert (point.kind, point.optimisers["gd"].verdict, point.optimisers["sam"].verdict) == (
        "minimum", "attracts", "attracts",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["tanh", "LSTM", "transformer", "squared", "named inputs"])
def test_weights_in_mid_training_are_no_critical_point(name):
    model, loss, data = case(name)
    found = analyse(model, data=data, criterion=loss, **SETTINGS)
    assert found.points == ()
    assert not found.complete
    assert found.measured["gradient_norm"] > 0.05
    assert any("no critical point" in w for w in found.warnings)
    low, high = found.measured["lowest_bracket"], found.measured["highest_bracket"]
    assert low[0] <= low[1] < high[0] <= high[1]
    found.to_dict()


def test_a_loader_says_what_its_data_in_one_batch_say():
    model, (x, y) = at_a_minimum()
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    one = analyse(model, data=(x, y), criterion=nn.functional.mse_loss, **SETTINGS).measured
    many = analyse(model, data=loader, criterion=nn.functional.mse_loss, **SETTINGS).measured
    # sums of 40 terms in another order; the gradient is rounding in both
    for key in ("loss", "noise_over_curvature_lowest", "noise_over_curvature_highest"):
        assert many[key] == pytest.approx(one[key], rel=1e-9)


def test_noise_is_the_variance_of_the_samples_own_slopes():
    model, loss, (x, y) = case("LSTM")
    weights = list(model.parameters())
    v = torch.randn(sum(p.numel() for p in weights), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    v /= v.norm()
    slopes = []
    for i in range(len(x)):
        parts = torch.autograd.grad(loss(model(x[i : i + 1]), y[i : i + 1]), weights)
        slopes.append(float(torch.cat([g.reshape(-1) for g in parts]) @ v))
    found = noise_along(model, loss, (x, y), v, 2.0)
    # two exact routes in double precision
    assert found.variance == pytest.approx(float(torch.tensor(slopes, dtype=torch.float64).var()), rel=1e-10)
    assert found.ratio == pytest.approx(found.variance / 2.0)


def test_noise_is_not_made_up_where_samples_cannot_be_told_apart():
    model, loss, (x, y) = case("tanh")
    v = torch.ones(sum(p.numel() for p in model.parameters()), dtype=torch.float64)
    assert noise_along(model, lambda o, t: loss(o, t, reduction="sum"), (x, y), v, 1.0) is None
    assert noise_along(model, loss, (x[:1], y[:1]), v, 1.0) is None
    summed = By(lambda s, x: s.a(x).sum(0), a=mlp()).double()
    assert noise_along(summed, lambda o, _: o.square().mean(), (x, y), v, 1.0) is None


@pytest.mark.parametrize("layer", [nn.Dropout(0.1), nn.BatchNorm1d(4)])
def test_train_mode_is_refused_and_left_as_it_is(layer):
    model = nn.Sequential(nn.Linear(6, 4), layer, nn.Linear(4, 3)).double()
    _, loss, data = case("tanh")
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"call model\.eval"):
        analyse(model, data=data, criterion=loss, **SETTINGS)
    assert model.training
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    analyse(model.eval(), data=data, criterion=loss, **SETTINGS)


def test_a_timeout_ends_the_search_and_keeps_what_it_found():
    model, data = at_a_minimum()
    found = analyse(model, data=data, criterion=nn.functional.mse_loss, timeout=1e-9, **SETTINGS)
    assert found.measured["products"] <= 2 + 4  # one block and what measures it
    assert not found.measured["converged"]
    assert any("time ran out" in w for w in found.warnings)
    assert not any(r.verdict in ("attracts", "repels") for p in found.points for r in p.optimisers.values())
    whole = analyse(model, data=data, criterion=nn.functional.mse_loss, timeout=60, **SETTINGS)
    assert whole.measured["converged"]


def test_rules_of_the_users_own_are_judged_by_the_ends_of_the_spectrum():
    model, (x, y) = at_a_minimum()

    def holds(gradient, w, rho):
        return gradient(w + 2 * rho * gradient(w))

    def pushes(gradient, w, rho):
        """At the rate lam (1 - rho lam): stiff directions of a minimum repel."""
        return gradient(w - rho * gradient(w))

    def looks(gradient, w, rho):
        return gradient(w + rho * w * w * gradient(w))

    found = analyse(
        model, data=(x, y), criterion=nn.functional.mse_loss, rho=0.05, lr=0.05, optimisers=["gd", holds, pushes, looks]
    )
    words = {name: r.verdict for name, r in found.points[0].optimisers.items()}
    assert words == {"gd": "attracts", "holds": "attracts", "pushes": "undecided", "looks": "undecided"}
    far = analyse(model, data=(x, y), criterion=nn.functional.mse_loss, rho=5, lr=0.05, optimisers=[pushes])
    assert far.points[0].optimisers["pushes"].verdict == "repels"  # the stiffest eigenvalue is above 1/5
