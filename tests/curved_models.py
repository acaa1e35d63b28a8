"""Small models of many kinds with data and a loss, for tests of curvature: each is built anew, the same every time."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name

from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.resnet import build

Case = tuple[nn.Module, Callable[..., Tensor], Any]
N, WIDTH, CLASSES = 12, 6, 3


class By(nn.Module):
    """Layers by name and a forward pass as a function of them."""

    def __init__(self, forward: Callable[..., Tensor], **layers: nn.Module) -> None:
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self._forward = forward

    def forward(self, *inputs: Tensor) -> Tensor:
        return self._forward(self, *inputs)


class Named(nn.Module):
    """Inputs by name, as language models take them."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.out = nn.Embedding(7, 4, padding_idx=0), nn.Linear(4, CLASSES)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        return self.out((self.words(tokens) * mask.unsqueeze(-1)).mean(1))


NONE = (torch.zeros(1), torch.zeros(1))


def value(output: Tensor, _: Tensor) -> Tensor:
    return output


class Weights(nn.Module):
    """A formula of one weight vector."""

    def __init__(self, formula: Callable[[Tensor], Tensor], start: Any, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.w, self.formula = nn.Parameter(torch.tensor(start, dtype=dtype)), formula

    def forward(self, _: Tensor) -> Tensor:
        return self.formula(self.w)


def recurrent(layer: type[nn.RNNBase], **more: Any) -> By:
    cell = layer(WIDTH, 4, batch_first=True, **more)
    return By(
        lambda s, x: s.out(s.cell(x)[0][:, -1]), cell=cell, out=nn.Linear(8 if cell.bidirectional else 4, CLASSES)
    )


def steps(cell: nn.Module, out: int = 4) -> By:
    def run(s: By, x: Tensor) -> Tensor:
        state = None
        for t in range(x.shape[1]):
            state = s.cell(x[:, t], state)
        return s.out(state[0] if isinstance(state, tuple) else state)

    return By(run, cell=cell, out=nn.Linear(out, CLASSES))


def added(s: By, x: Tensor) -> Tensor:
    h = torch.tanh(s.a(x))
    return s.out(torch.zeros_like(h).index_add(0, torch.arange(len(x)) // 2, h))


def scattered(s: By, x: Tensor) -> Tensor:
    h = torch.tanh(s.a(x))
    where = (torch.arange(len(x)) // 3).unsqueeze(1).expand_as(h)
    return s.out(torch.zeros_like(h).scatter_add_(0, where, h))


def sliced(s: By, x: Tensor) -> Tensor:
    h = torch.tanh(s.a(x))
    buffer = torch.zeros_like(h)
    buffer[:, :2], buffer[:, 2:] = h[:, 2:] ** 2, h[:, :2]
    return s.out(buffer)


def fourier(s: By, x: Tensor) -> Tensor:
    return s.out(torch.fft.rfft(torch.tanh(s.a(x))).abs())


def unfolded(s: By, x: Tensor) -> Tensor:
    return s.out((torch.tanh(s.a(x)).unfold(1, 2, 1) ** 2).sum(-1))


def attention(s: By, x: Tensor) -> Tensor:
    h = s.a(x)
    return s.out(F.scaled_dot_product_attention(h, h, torch.tanh(h))[:, -1])


def tied(s: By, x: Tensor) -> Tensor:
    return s.out(torch.tanh(F.linear(torch.tanh(s.a(x)), s.a.weight.T)))


def mlp(activation: nn.Module | None = None, *, norm: bool = False, outputs: int = CLASSES) -> nn.Sequential:
    middle: list[nn.Module] = [nn.BatchNorm1d(5), nn.LayerNorm(5)] if norm else []
    return nn.Sequential(nn.Linear(WIDTH, 5), *middle, activation or nn.Tanh(), nn.Linear(5, outputs))


def cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.GroupNorm(3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, CLASSES)
    )


def small() -> nn.Module:
    return build("small-cnn", classes=CLASSES, width=2, batch_norm=True, seed=0)


def zero_bias() -> nn.Sequential:
    model = mlp(nn.ReLU())
    nn.init.zeros_(model[0].bias)
    return model


def plain(*shape: int) -> Callable[[], Any]:
    return lambda: torch.randn(N, *shape)


def flat() -> tuple[Callable[[], nn.Module], Callable[[], Any]]:
    return mlp, plain(WIDTH)


HALF = {"a": lambda: nn.Linear(WIDTH, 4), "out": lambda: nn.Linear(4, CLASSES)}


def halves(forward: Callable[..., Tensor], **other: Callable[[], nn.Module]) -> Callable[[], By]:
    return lambda: By(forward, **{name: make() for name, make in {**HALF, **other}.items()})


SEQUENCE = plain(4, WIDTH)
# name -> (model, inputs, loss or None for cross entropy on class labels)
CASES: dict[str, tuple[Callable[[], nn.Module], Callable[[], Any], Callable[..., Tensor] | None]] = {
    "tanh": (*flat(), None),
    "relu": (lambda: mlp(nn.ReLU()), plain(WIDTH), None),
    "leaky relu": (lambda: mlp(nn.LeakyReLU()), plain(WIDTH), None),
    "relu at a kink": (zero_bias, lambda: torch.randn(N, WIDTH) * (torch.arange(N) % 3 > 0).unsqueeze(1), None),
    "gelu": (lambda: mlp(nn.GELU()), plain(WIDTH), None),
    "norms": (lambda: mlp(norm=True), plain(WIDTH), None),
    "squared": (*flat(), F.mse_loss),
    "absolute": (*flat(), F.l1_loss),
    "huber": (*flat(), F.huber_loss),
    "soft margin": (*flat(), lambda o, y: F.soft_margin_loss(o, y.sign())),
    "binary": (*flat(), lambda o, y: F.binary_cross_entropy_with_logits(o, y.sigmoid())),
    "convolution": (cnn, plain(2, 6, 6), None),
    "small cnn": (small, plain(3, 8, 8), None),
    "RNN": (lambda: recurrent(nn.RNN), SEQUENCE, None),
    "RNN, two ways": (lambda: recurrent(nn.RNN, num_layers=2, bidirectional=True), SEQUENCE, None),
    "GRU": (lambda: recurrent(nn.GRU), SEQUENCE, None),
    "LSTM": (lambda: recurrent(nn.LSTM), SEQUENCE, None),
    "GRU cell": (lambda: steps(nn.GRUCell(WIDTH, 4)), SEQUENCE, None),
    "LSTM cell": (lambda: steps(nn.LSTMCell(WIDTH, 4)), SEQUENCE, None),
    "attention": (halves(attention), SEQUENCE, None),
    "transformer": (
        lambda: By(
            lambda s, x: s.out(s.block(x)[:, -1]),
            block=nn.TransformerEncoderLayer(WIDTH, 2, 8, batch_first=True),
            out=nn.Linear(WIDTH, CLASSES),
        ),
        SEQUENCE,
        None,
    ),
    "index_add": (halves(added), plain(WIDTH), None),
    "scatter_add_": (halves(scattered), plain(WIDTH), None),
    "slices": (halves(sliced), plain(WIDTH), None),
    "fft": (halves(fourier, out=lambda: nn.Linear(3, CLASSES)), plain(WIDTH), None),
    "unfold": (halves(unfolded, out=lambda: nn.Linear(3, CLASSES)), plain(WIDTH), None),
    "tied": (halves(tied, out=lambda: nn.Linear(WIDTH, CLASSES)), plain(WIDTH), None),
    "weight_norm": (
        lambda: nn.Sequential(
            nn.utils.parametrizations.weight_norm(nn.Linear(WIDTH, 4)), nn.Tanh(), nn.Linear(4, CLASSES)
        ),
        plain(WIDTH),
        None,
    ),
    "several inputs": (
        lambda: By(
            lambda s, x, z: s.out(torch.tanh(s.a(x)) * s.b(z)),
            a=nn.Linear(WIDTH, 4),
            b=nn.Linear(2, 4),
            out=nn.Linear(4, CLASSES),
        ),
        lambda: (torch.randn(N, WIDTH), torch.randn(N, 2)),
        None,
    ),
    "named inputs": (
        Named,
        lambda: (lambda tokens: {"tokens": tokens, "mask": (tokens > 0).float()})(torch.randint(0, 7, (N, 5))),
        None,
    ),
}


def case(name: str, dtype: torch.dtype = torch.float64, seed: int = 0) -> Case:
    """Model in eval mode, loss and (inputs, targets) in the given precision."""
    make, inputs, loss = CASES[name]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = make().to(dtype).eval()
        x = inputs()
        y = torch.randint(0, CLASSES, (N,)) if loss is None else torch.randn(N, CLASSES, dtype=dtype)

    def cast(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: cast(v) for k, v in value.items()}
        if isinstance(value, tuple):
            return tuple(cast(v) for v in value)
        return value.to(dtype) if value.is_floating_point() else value

    return model, loss or F.cross_entropy, (cast(x), y)


def dense(model: nn.Module, loss: Callable[..., Tensor], data: Any, step: float = 1e-5) -> Tensor:
    """The Hessian by central differences of the gradient, a column a weight, shape (n, n); the model in float64.

    Error: step^2 times the fourth derivative and 1e-16/step times the gradient, about 1e-10 for models of order one.
    """
    weights = [p for p in model.parameters() if p.requires_grad]
    inputs, y = data

    def gradient() -> Tensor:
        x = inputs
        out = model(**x) if isinstance(x, dict) else model(*x) if isinstance(x, tuple) else model(x)
        parts = torch.autograd.grad(loss(out, y), weights, allow_unused=True)
        return torch.cat(
            [(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in zip(parts, weights, strict=True)]
        )

    columns = []
    for p in weights:
        entries = p.data.view(-1)
        for i in range(p.numel()):
            before = entries[i].item()
            entries[i] = before + step
            up = gradient()
            entries[i] = before - step
            columns.append((up - gradient()) / (2 * step))
            entries[i] = before
    return torch.stack(columns)


def matrix(H: Hessian) -> Tensor:
    """The matrix of which a Hessian gives the products."""
    return torch.stack([H(v) for v in torch.eye(H.size, dtype=H.like.dtype)])
