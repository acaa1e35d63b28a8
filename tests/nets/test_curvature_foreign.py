"""Curvature of models that bring their own derivatives, precisions and loaders: a right number, or a refusal."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from curved_models import By, case
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, IterableDataset

from saddlecheck.nets import spectrum
from saddlecheck.nets.differences import direction_of
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.randomness import drawn_apart
from saddlecheck.nets.tensor_function import TorchLandscape

X, Y = torch.randn(10, 4, generator=drawn_apart(1), dtype=torch.float64), torch.arange(10) % 3


def linear(a: int, b: int) -> nn.Linear:
    layer = nn.Linear(a, b).double()
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randn(p.shape, generator=drawn_apart(a * b), dtype=torch.float64) / 2)
    return layer


def network() -> nn.Sequential:
    return nn.Sequential(linear(4, 3), nn.Tanh(), linear(3, 3))


class Cube(torch.autograd.Function):
    """x^3 with a right backward."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2


class CubeDetached(Cube):
    """Its backward is right, and no function of x to autograd."""

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x.detach() ** 2


class CubeOnce(Cube):
    """Its backward may be taken once."""

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2


class CubeWrong(Cube):
    """Its backward is off by a thirtieth."""

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2.9 * g * x**2


class Reversed(torch.autograd.Function):
    """The identity, with the gradient's sign turned: adversarial training."""

    @staticmethod
    def forward(_ctx, x):
        return x.clone()

    @staticmethod
    def backward(_ctx, g):
        return -g


def through(function: type[torch.autograd.Function]) -> By:
    return By(lambda s, x: s.out(function.apply(s.a(x))), a=linear(4, 3), out=linear(3, 3))


def by_differences(model: nn.Module) -> np.ndarray:
    """The Hessian's eigenvalues from second differences of the loss: no derivative of autograd's is used."""
    weights = list(model.parameters())
    w = torch.cat([p.detach().reshape(-1) for p in weights])

    def at(shift: Tensor) -> float:
        with torch.no_grad():
            for p, part in zip(weights, (w + shift).split([p.numel() for p in weights]), strict=True):
                p.copy_(part.view(p.shape))
            return float(F.cross_entropy(model(X), Y))

    h, n = 2e-4, len(w)
    steps = h * torch.eye(n, dtype=torch.float64)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            H[i, j] = H[j, i] = sum(a * b * at(a * steps[i] + b * steps[j]) for a, b in signs) / (4 * h**2)
    at(torch.zeros(n, dtype=torch.float64))
    return np.linalg.eigvalsh(H)


def checkpointed() -> By:
    def run(s, x):
        return s.out(checkpoint(lambda z: torch.tanh(s.a(z)), x, use_reentrant=False))

    return By(run, a=linear(4, 3), out=linear(3, 3))


def scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own: TorchScript is deprecated
        return torch.jit.script(network())


RIGHT = {
    "a backward of one's own": lambda: through(Cube),
    "checkpointing": checkpointed,
    "TorchScript": scripted,
    "a derivative inside": lambda: By(
        lambda s, x: torch.func.vmap(torch.func.grad(lambda r: torch.tanh(s.a(r)).pow(2).sum()))(x)[:, :3],
        a=linear(4, 3),
    ),
    "singular values": lambda: By(lambda s, x: torch.diag_embed(torch.linalg.svdvals(s.a(x)))[Y], a=linear(4, 3)),
}


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # of TorchScript's copies, when torch copies a module
@pytest.mark.parametrize("name", RIGHT)
def test_the_ends_are_those_of_second_differences_of_the_loss(name) -> None:
    model = RIGHT[name]()
    found, exact = spectrum(model, F.cross_entropy, (X, Y), tolerance=1e-8), by_differences(model)
    # Rounding 4 eps / 4 h^2 = 6e-9 an entry, truncation h^2 / 6 times fourth derivatives of size 100: 7e-7; 16 x 16 of
    # them in a norm at most 16 times as much.
    assert found.lowest[0].value == pytest.approx(exact[0], abs=2e-5)
    assert found.highest[0].value == pytest.approx(exact[-1], abs=2e-5)
    assert found.confirmed


@pytest.mark.parametrize("function", [CubeDetached, CubeOnce, CubeWrong, Reversed])
def test_a_wrong_backward_raises_an_alarm(function) -> None:
    with pytest.raises(HessianMismatch, match="backward pass"):
        spectrum(through(function), F.cross_entropy, (X, Y))


class SizeOnly(torch.autograd.Function):
    """|w| whose backward, w/|w|, is a constant to autograd: along w itself both have no curvature."""

    @staticmethod
    def forward(ctx, w):
        ctx.save_for_backward(w / w.norm())
        return w.norm()

    @staticmethod
    def backward(ctx, g):
        (unit,) = ctx.saved_tensors
        return g * unit.detach()


def sized(seed: int) -> By:
    """A weight drawn with torch's generator of a seed, as is customary, and its length as the loss."""
    a = nn.Linear(4, 3, bias=False).double()
    with torch.no_grad():
        a.weight.copy_(torch.randn(3, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))
    return By(lambda s, _: SizeOnly.apply(s.a.weight), a=a)


@pytest.mark.parametrize("seed", range(3))
def test_the_direction_of_the_comparison_is_not_the_weights(seed) -> None:
    with pytest.raises(HessianMismatch):
        spectrum(sized(seed), lambda o, _: o, (X, Y), seed=seed)


def test_false_twin_with_the_weights_own_numbers_the_alarm_fails(monkeypatch) -> None:
    monkeypatch.setattr("saddlecheck.nets.differences.drawn_apart", lambda seed: torch.Generator().manual_seed(seed))
    model = sized(0)
    (v,) = direction_of(model, [model.a.weight], 0)
    w = model.a.weight.detach()
    torch.testing.assert_close(v, w / w.norm(), rtol=0, atol=1e-15)  # a division and a root each round once
    assert spectrum(model, lambda o, _: o, (X, Y)).highest[0].value == 0.0  # 1/|w| is right


def test_a_function_is_checked_along_another_direction_than_its_start() -> None:
    """log |w| with the gradient 0 has no slope along the sphere, where the start's own direction is not."""

    class Flat(torch.autograd.Function):
        @staticmethod
        def forward(_ctx, w):
            return (w / w.norm())[0].clone()

        @staticmethod
        def backward(ctx, g):
            return torch.zeros(4, dtype=torch.float64)

    for seed in (0, 1):
        with pytest.raises(ValueError, match="not that of its values"):
            TorchLandscape(lambda w: Flat.apply(w), np.random.default_rng(seed).standard_normal(4))


def test_a_layer_that_rounds_its_weights_is_said_to_jump() -> None:
    torch.manual_seed(0)
    # Its map multiplies by the sign of a diagonal that it rounds to an integer.
    model = nn.Sequential(nn.utils.parametrizations.orthogonal(nn.Linear(4, 3)), nn.Tanh(), nn.Linear(3, 3)).double()
    found = spectrum(model, F.cross_entropy, (X, Y))
    assert (found.confirmed, "jumps" in found.check) == (False, True)


def test_what_single_precision_loses_is_blamed_on_it() -> None:
    _, _, (x, y) = case("tanh", torch.float32)
    torch.manual_seed(0)
    with pytest.raises(HessianMismatch, match=r"rounding of float32.*model.double"):
        # Its Hessian is that of a constant, and single precision leaves differences of rounded terms.
        spectrum(nn.Linear(6, 3), lambda o, _: (o**2).sqrt().mean(), (x, y))


def test_a_lazy_layer_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="call the model once on a batch first"):
        spectrum(nn.Sequential(nn.LazyLinear(3)), F.cross_entropy, (X, Y))


class Stream(IterableDataset):
    """Samples of passes that need not be alike: the k-th pass begins at the k-th entry, the last one is repeated."""

    def __init__(self, *starts: int) -> None:
        self.starts, self.passes = starts, 0

    def __iter__(self):
        start = self.starts[min(self.passes, len(self.starts) - 1)]
        self.passes += 1
        return iter(list(zip(X[start:], Y[start:], strict=True)))


@pytest.mark.parametrize("starts", [(0, 10), (4, 0), (0, 4)], ids=["used up", "resumed", "shorter"])
def test_later_passes_that_are_alike_but_not_the_first_are_refused(starts) -> None:
    with pytest.raises(ValueError, match="other samples at each pass"):
        spectrum(network(), F.cross_entropy, DataLoader(Stream(*starts), batch_size=4))


def test_a_stream_that_begins_anew_is_read() -> None:
    apart = spectrum(network(), F.cross_entropy, DataLoader(Stream(0), batch_size=4), tolerance=1e-8)
    whole = spectrum(network(), F.cross_entropy, (X, Y), tolerance=1e-8)
    # The same mean summed in another order; a residual r moves the value by r^2 over a gap, below 1e-14.
    assert apart.highest[0].value == pytest.approx(whole.highest[0].value, abs=1e-12)
