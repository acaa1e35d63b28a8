"""What is random, or moves weights, buffers or generators, has no Hessian: it is refused and put back as it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from curved_models import CLASSES, WIDTH, case, mlp
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name
from torch.utils.data import DataLoader, Dataset

from saddlecheck.nets.lanczos import spectrum
from saddlecheck.verification.analysis.entry import analyse

torch.set_num_threads(1)


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


class Renormed(nn.Module):
    """Moves its weight in the forward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((CLASSES, WIDTH), 2.0))

    def forward(self, x: Tensor) -> Tensor:
        self.weight.data.renorm_(2, 0, 1.0)
        return F.linear(x, self.weight)


class Replacing(nn.Module):
    """Replaces a buffer by a new tensor at each call."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = mlp()
        self.register_buffer("n", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.n = self.n + 1
        return self.inner(x)


class Centred(nn.Module):
    """A loss with a buffer that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, o: Tensor, t: Tensor) -> Tensor:
        self.calls += 1
        return F.cross_entropy(o, t)


@pytest.mark.parametrize(
    ("model", "loss"), [(Renormed, nn.CrossEntropyLoss), (Replacing, nn.CrossEntropyLoss), (mlp, Centred)]
)
def test_weights_and_buffers_that_a_forward_pass_moves_are_refused_and_put_back(model, loss) -> None:
    torch.manual_seed(0)
    net, criterion = model(), loss()
    modules = nn.ModuleList([net, criterion])
    objects = dict([*modules.named_parameters(), *modules.named_buffers()])
    before = {k: v.detach().clone() for k, v in objects.items()}
    with pytest.raises(ValueError, match=r"the forward pass changes the (weight|buffer)"):
        spectrum(net, criterion, (torch.randn(8, WIDTH), torch.randint(0, CLASSES, (8,))))
    after = dict([*modules.named_parameters(), *modules.named_buffers()])
    assert all(after[k] is objects[k] and torch.equal(after[k], before[k]) for k in before)


def test_a_graph_that_the_caller_holds_stays_valid() -> None:
    model, loss, (x, y) = case("tanh")
    held = loss(model(x), y)
    spectrum(model, lambda o, t: loss(o, t) + 0 * sum(p.sum() for p in model.parameters()), (x, y))
    held.backward()
    assert all(p.grad is not None for p in model.parameters())


def test_a_loader_s_own_generator_is_left_where_it_was() -> None:
    model, loss, (x, y) = case("tanh")
    g = torch.Generator().manual_seed(3)
    loader = DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4, shuffle=True, generator=g)
    before = g.get_state()
    spectrum(model, loss, loader)
    assert torch.equal(before, g.get_state())


class Private(nn.Module):
    """Stochastic depth from a generator of its own."""

    def __init__(self, chance: float) -> None:
        super().__init__()
        self.inner, self.chance, self.generator = mlp(), chance, np.random.default_rng(0)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * (0.0 if self.generator.random() < self.chance else 1.0)


class Rarely(Dataset):
    """Augments late items only, and rarely, with a generator of its own."""

    def __init__(self, x: Tensor, y: Tensor, seed: int) -> None:
        self.x, self.y, self.generator = x, y, torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        noisy = i > 8 and torch.rand((), generator=self.generator) < 0.005
        return self.x[i] + float(noisy), self.y[i]


@pytest.mark.parametrize("seed", range(20))
def test_randomness_from_generators_of_one_s_own_is_refused_every_time(seed: int) -> None:
    x, y = torch.randn(12, WIDTH), torch.randint(0, CLASSES, (12,))
    model = Private(0.01)
    model.generator = np.random.default_rng(seed)
    with pytest.raises(ValueError, match="draws random numbers"):
        spectrum(model, F.cross_entropy, (x, y))
    with pytest.raises(ValueError, match="other samples"):
        spectrum(mlp(), F.cross_entropy, DataLoader(Rarely(x, y, seed), batch_size=4))


def test_noise_that_is_no_number_is_no_noise() -> None:
    model, _, (x, _) = case("tanh")
    for loss in (lambda o, _: (o[::2] - o[1::2]).pow(2).mean(), lambda o, _: torch.corrcoef(o.T)[0, 1]):
        found = analyse(model, data=(x, torch.zeros(12)), criterion=loss, rho=0.05, lr=0.05)
        assert found.measured["noise_over_curvature_lowest"] is None
        assert any("not measured" in w for w in found.warnings)
        assert not any("plateau-noise" in w for w in found.warnings)
