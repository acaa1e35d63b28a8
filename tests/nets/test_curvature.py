"""Hessian-vector products of many kinds of model: right values, alarms on wrong ones, refusals that move nothing."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from curved_models import CASES, CLASSES, WIDTH, By, case, dense, mlp
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name
from torch.utils.data import DataLoader, Dataset, TensorDataset

from saddlecheck.nets import derivatives
from saddlecheck.nets.batches import Batch
from saddlecheck.nets.crosscheck import cross_check
from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.lanczos import spectrum
from saddlecheck.nets.resnet import build

torch.set_num_threads(1)


def matrix(H: Hessian) -> Tensor:
    return torch.stack([H(v) for v in torch.eye(H.size, dtype=H.like.dtype)])


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


def train_mode(layer: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(WIDTH, 4), layer, nn.Linear(4, CLASSES)).train()


class Stochastic(nn.Module):
    """Skips a layer at random: no dropout layer anywhere."""

    def __init__(self, draw) -> None:
        super().__init__()
        self.inner, self.draw = nn.Linear(4, 4), draw

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x) if self.draw() else x


class Counting(nn.Module):
    """Moves a buffer at each call."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x


REFUSED = {
    "batch norm": (lambda: nn.BatchNorm1d(4), "BatchNorm1d.* is in train mode"),
    "dropout": (lambda: nn.Dropout(0.01), "Dropout.* is in train mode"),
    "alpha dropout": (lambda: nn.AlphaDropout(0.5), "AlphaDropout.* is in train mode"),
    "attention's dropout": (
        lambda: nn.TransformerEncoderLayer(4, 2, 4, dropout=0.1), "is in train mode, where its dropout|Dropout",
    ),
    "stochastic depth": (lambda: Stochastic(lambda: torch.rand(()) < 0.9), "draws random numbers"),
    "stochastic depth by NumPy": (lambda: Stochastic(lambda: np.random.random() < 0.9), "draws random numbers"),
    "a buffer that moves": (Counting, "changes the buffer 1.calls"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
@pytest.mark.parametrize("seed", range(40))
def test_what_is_random_or_moves_is_refused_every_time_and_nothing_is_moved(name: str, seed: int) -> None:
    make, says = REFUSED[name]
    model = train_mode(make())
    before = {k: v.clone() for k, v in model.state_dict().items()}
    torch.manual_seed(seed)
    np.random.seed(seed)
    state, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()
    data = (torch.ones(2, WIDTH), torch.tensor([0, 1]))
    with pytest.raises(ValueError, match=says):
        spectrum(model, F.cross_entropy, data)
    assert torch.equal(state, torch.get_rng_state())
    assert np.array_equal(legacy, np.random.get_state()[1])
    assert model.training
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_dropout_that_drops_nothing_is_no_dropout() -> None:
    data = (torch.randn(6, WIDTH), torch.randint(0, CLASSES, (6,)))
    assert spectrum(train_mode(nn.Dropout(0.0)), F.cross_entropy, data).converged


class Augmented(Dataset):
    """Adds noise to one sample in a hundred."""

    def __init__(self, x: Tensor, y: Tensor, chance: float) -> None:
        self.x, self.y, self.chance = x, y, chance

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        noisy = self.chance > 0 and torch.rand(()) < self.chance
        return self.x[i] + (1e-3 if noisy else 0.0), self.y[i]


def test_a_loader_gives_the_mean_over_all_its_data() -> None:
    model, loss, (x, y) = case("tanh")
    whole = Hessian(model, loss, (x, y))
    state = torch.get_rng_state()
    for data in (
        DataLoader(TensorDataset(x, y), batch_size=5),
        DataLoader(TensorDataset(x, y), batch_size=5, shuffle=True),
        [(x[:7], y[:7]), (x[7:], y[7:])],
        [[x[:1], y[:1]], [x[1:], y[1:]]],
    ):
        H = Hessian(model, loss, data)
        # sums of 12 samples in another order
        torch.testing.assert_close(matrix(H), matrix(whole), rtol=0, atol=1e-14)
        assert H.graph == "fresh"
        assert pytest.approx(whole.loss, rel=1e-14) == H.loss
        assert pytest.approx(whole.gradient_norm, rel=1e-12) == H.gradient_norm
    assert torch.equal(state, torch.get_rng_state())


class Counted(Augmented):
    """Counts the samples that are asked for."""

    taken = 0

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        self.taken += 1
        return super().__getitem__(i)


def test_a_product_is_one_pass_over_the_data() -> None:
    model, loss, (x, y) = case("tanh")
    data = Counted(x, y, 0.0)
    H = Hessian(model, loss, DataLoader(data, batch_size=5))
    before = data.taken
    for products in (1, 2, 3):
        H(torch.ones(H.size, dtype=torch.float64))
        assert data.taken - before == products * len(x)


@pytest.mark.parametrize("chance", [0.01, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_a_loader_that_augments_at_random_is_refused(chance: float, seed: int) -> None:
    model, loss, (x, y) = case("tanh")
    torch.manual_seed(seed)
    with pytest.raises(ValueError, match="other samples at each pass"):
        spectrum(model, loss, DataLoader(Augmented(x, y, chance), batch_size=4))
    assert spectrum(model, loss, DataLoader(Augmented(x, y, 0.0), batch_size=4)).converged


def test_random_collation_and_dropped_samples_are_refused() -> None:
    model, loss, (x, y) = case("tanh")

    def noisy(samples):
        a, b = zip(*samples, strict=True)
        return torch.stack(a) + torch.randn(()) * 1e-3, torch.stack(b)

    for loader in (
        DataLoader(TensorDataset(x, y), batch_size=4, collate_fn=noisy),
        DataLoader(TensorDataset(x, y), batch_size=5, shuffle=True, drop_last=True),
    ):
        with pytest.raises(ValueError, match="other samples at each pass"):
            spectrum(model, loss, loader)


def test_batches_whose_losses_are_no_means_are_refused() -> None:
    model, _, (x, y) = case("tanh")
    parts = [(x[:6], y[:6]), (x[6:], y[6:])]
    for loss in (
        lambda o, t: F.cross_entropy(o, t, reduction="sum"),
        nn.CrossEntropyLoss(torch.tensor([1.0, 2, 9]).double()),
    ):
        with pytest.raises(ValueError, match="not the mean"):
            spectrum(model, loss, parts)
        assert spectrum(model, loss, (x, y)).converged  # in one batch nothing is added up


def test_data_of_another_form_is_refused() -> None:
    model, loss, (x, y) = case("tanh")
    for data, says in (
        ((b for b in [(x, y)]), "generator"),
        (x, "a batch"),
        ([(x, y, x)], "each batch"),
        ([], "no sample"),
    ):
        with pytest.raises(ValueError, match=says):
            spectrum(model, loss, data)


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
