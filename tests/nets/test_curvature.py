"""Hessian-vector products of many kinds of model: right values, and alarms on wrong ones."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from curved_models import CASES, CLASSES, WIDTH, By, case, dense, matrix, mlp
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name

from saddlecheck.nets import derivatives
from saddlecheck.nets.batches import Batch
from saddlecheck.nets.crosscheck import cross_check
from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.lanczos import spectrum
from saddlecheck.nets.resnet import build

torch.set_num_threads(1)


@pytest.mark.parametrize("name", [n for n in CASES if n != "relu at a kink"])
def test_products_are_those_of_the_dense_hessian(name: str) -> None:
    model, loss, data = case(name)
    found = matrix(Hessian(model, loss, data))
    fine, coarse = dense(model, loss, data), dense(model, loss, data, 2e-5)
    # Central differences err by h^2, so by a third of what they change from 2h to h; rounding adds 1e-16 / 1e-5.
    budget = float((fine - coarse).abs().max()) + 1e-9
    assert float((found - fine).abs().max()) <= budget
    assert float(fine.abs().max()) > 1e3 * budget  # the comparison would notice a per mille


SMOOTH = ["tanh", "gelu", "norms", "GRU cell", "binary", "convolution", "tied", "slices", "index_add", "attention"]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # inside forward mode
@pytest.mark.parametrize("name", SMOOTH)
def test_products_are_those_of_forward_mode_over_reverse(name: str) -> None:
    model, loss, (x, y) = case(name)
    weights = {n: p.detach() for n, p in model.named_parameters()}
    flat = torch.cat([p.reshape(-1) for p in weights.values()])

    def value(w: Tensor) -> Tensor:
        parts = w.split([p.numel() for p in weights.values()])
        state = {n: part.view(p.shape) for part, (n, p) in zip(parts, weights.items(), strict=True)}
        return loss(torch.func.functional_call(model, state, (x,)), y)

    forward = torch.func.jacfwd(torch.func.grad(value))(flat)
    # Two exact routes in double precision: sums of some hundred terms of order one.
    torch.testing.assert_close(matrix(Hessian(model, loss, (x, y))), forward, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", list(CASES))
def test_no_false_alarm(name: str, dtype: torch.dtype) -> None:
    model, loss, data = case(name, dtype)
    found = spectrum(model, loss, data, tolerance=1e-2)
    assert found.converged
    assert found.check.startswith("central differences" if name == "relu at a kink" else "one product agrees")


@pytest.mark.parametrize("seed", range(20))
def test_no_false_alarm_for_relu_networks_in_single_precision(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    wide = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))
    x = torch.randn(400, 20, generator=generator)
    y = torch.randint(0, CLASSES, (400,), generator=generator)
    Hessian(wide, F.cross_entropy, (x, y))


def single_precision_only(s: By, x: Tensor) -> Tensor:
    return s.out(torch.zeros(len(x), 5, dtype=torch.float32).add(torch.tanh(s.a(x)).float()))


def test_a_model_of_fixed_precision_is_compared_in_its_own_and_put_back() -> None:
    torch.manual_seed(0)
    model = By(single_precision_only, a=nn.Linear(WIDTH, 5), out=nn.Linear(5, CLASSES))
    before = [p.detach().clone() for p in model.parameters()]
    x, y = torch.randn(9, WIDTH), torch.randint(0, CLASSES, (9,))
    assert Hessian(model, F.cross_entropy, (x, y)).check.startswith("one product agrees")
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


class Formula(nn.Module):
    """A loss that is a formula of its weights."""

    def __init__(self, formula, *shape: int, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.w, self.u, self.formula = nn.Parameter(torch.zeros(shape, dtype=dtype)), None, formula
        self.u = nn.Parameter(torch.linspace(0.3, 0.8, 5, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        return self.formula(self.w) + (self.u**4).sum()


class Straight(torch.autograd.Function):
    """x^2 whose backward pass says that the slope is 3 x."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        return 3 * ctx.saved_tensors[0] * g


class Halved(torch.autograd.Function):
    """x^2 with a right first derivative and half of the second."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return (x + x.detach()) * g


# Formulas at w = 0 whose first derivative is right or defined there and whose second one, as autograd has it, is not.
DEGENERATE = {
    "square of |w|, entry by entry": lambda w: (w.abs() ** 2).sum(),
    "square of the norm": lambda w: w.norm() ** 2,
    "distance squared": lambda w: torch.dist(w, torch.ones_like(w) * 0) ** 2,
    "variance as a squared deviation": lambda w: w.std() ** 2,
    "a detached factor": lambda w: (w.detach() * w).sum(),
    "half of a second derivative": lambda w: Halved.apply(w + 1).sum(),
    "a wrong backward pass": lambda w: Straight.apply(w + 1).sum(),
    "root of a square": lambda w: (w * w).sum().sqrt() ** 2,
    "a straight-through rounding": lambda w: ((w + (w + 0.3).round().detach() - w.detach()) ** 2 + w).sum(),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", list(DEGENERATE))
def test_an_alarm_where_a_formula_degenerates(name: str, dtype: torch.dtype) -> None:
    with pytest.raises(HessianMismatch, match="autograd's"):
        spectrum(Formula(DEGENERATE[name], 3, dtype=dtype), lambda o, _: o, (torch.zeros(1), torch.zeros(1)))


def test_the_same_formulas_written_well_raise_none() -> None:
    found = spectrum(Formula(lambda w: (w * w).sum(), 3), lambda o, _: o, (torch.zeros(1), torch.zeros(1)))
    assert found.lowest[0].value == pytest.approx(12 * 0.3**2, rel=1e-12)  # 12 u^2 at the smallest u; w's are 2
    flat = spectrum(Formula(lambda w: (w**4).sum(), 3), lambda o, _: o, (torch.zeros(1), torch.zeros(1)))
    assert flat.check.startswith("one product agrees")
    assert flat.lowest[0].value == pytest.approx(0.0, abs=1e-12)


FAULTY = ["RNN", "GRU cell", "LSTM cell", "index_add", "scatter_add_", "slices", "fft", "unfold"]


@pytest.mark.parametrize("name", FAULTY)
@pytest.mark.parametrize("share", [1e-3, 1.0])
def test_an_alarm_on_a_product_that_is_wrong_by_a_share(name: str, share: float) -> None:
    model, loss, (x, y) = case(name)
    weights = [p for p in model.parameters() if p.requires_grad]
    H = Hessian(model, loss, (x, y))
    right = matrix(H)
    last = torch.zeros(H.size, dtype=torch.float64)
    last[-weights[-1].numel() :] = 1.0  # wrong in the smallest weight tensor only

    def wrong(v: Tensor) -> Tensor:
        return right @ v + share * last * (right @ v)

    data = [Batch(x, y, len(y))]
    assert cross_check(model, loss, lambda: data, weights, lambda v: right @ v).confirmed
    with pytest.raises(HessianMismatch, match="central differences of the gradient"):
        cross_check(model, loss, lambda: data, weights, wrong)


def test_the_fused_weight_norm_raises_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    model, loss, data = case("weight_norm")
    Hessian(model, loss, data)
    monkeypatch.setattr(derivatives, "differentiable", lambda _: nullcontext())
    with pytest.raises(HessianMismatch):
        Hessian(model, loss, data)


def test_a_loss_without_a_second_derivative_in_torch_is_refused_in_a_sentence() -> None:
    model = Formula(lambda w: torch.cdist(w, w + 1).pow(2).sum(), 2, 2)
    with pytest.raises(ValueError, match="cannot be differentiated twice: the derivative for '_cdist_backward'"):
        spectrum(model, lambda o, _: o, (torch.zeros(1), torch.zeros(1)))


def test_kept_and_fresh_graphs_agree_on_a_residual_network() -> None:
    model = build("resnet18", classes=10, width=16, batch_norm=False, seed=0).eval()
    g = torch.Generator().manual_seed(0)
    data = (torch.randn(4, 3, 16, 16, generator=g), torch.randint(0, 10, (4,), generator=g))
    kept = Hessian(model, F.cross_entropy, data, graph="kept")
    small = Hessian(model, F.cross_entropy, data, memory=1 << 20)
    large = Hessian(model, F.cross_entropy, data, memory=1 << 32)
    assert (kept.graph, small.graph, large.graph) == ("kept", "fresh", "kept")
    v = torch.randn(kept.size, generator=g)
    # One computation in single precision, its kernels in the same order.
    torch.testing.assert_close(kept(v), small(v), rtol=0, atol=1e-6 * float(kept(v).norm()))


def test_frozen_weights_are_left_out_and_gradients_left_alone() -> None:
    model, loss, data = case("convolution")
    model[0].weight.requires_grad_(False)
    model[-1].bias.grad = torch.full_like(model[-1].bias, 7.0)
    H = Hessian(model, loss, data)
    assert H.size == sum(p.numel() for p in model.parameters() if p.requires_grad)
    torch.testing.assert_close(matrix(H), dense(model, loss, data), rtol=0, atol=1e-7)
    assert torch.equal(model[-1].bias.grad, torch.full_like(model[-1].bias, 7.0))
    assert all(p.grad is None for p in list(model.parameters())[:-1])


def test_a_layer_that_the_loss_does_not_use_has_zero_rows() -> None:
    model = By(lambda s, x: s.a(x), a=mlp(), unused=nn.Linear(2, 2)).double()
    x, y = torch.randn(9, WIDTH, dtype=torch.float64), torch.randint(0, CLASSES, (9,))
    H = matrix(Hessian(model, F.cross_entropy, (x, y)))
    assert float(H[-6:].abs().max()) == 0.0 == float(H[:, -6:].abs().max())


def test_half_precision_weights_have_a_spectrum() -> None:
    model, loss, (x, y) = case("tanh", torch.float32)
    exact = spectrum(model, loss, (x, y), tolerance=1e-4).highest[0].value
    half = spectrum(model.bfloat16(), loss, (x.bfloat16(), y), tolerance=0.05)
    # bfloat16 carries 8 bits: weights, activations and products err by 2^-8 each, a few of them in a row
    assert half.highest[0].value == pytest.approx(exact, rel=0.1)


def test_a_compiled_model_is_looked_through() -> None:
    model, loss, data = case("tanh")
    compiled = torch.compile(model, backend="eager")
    assert Hessian(compiled, loss, data).size == Hessian(model, loss, data).size
