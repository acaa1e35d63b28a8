"""The two networks: ResNet-18 for 32 x 32 images, with or without batch norm, and a small CNN for reduced scale.

Without batch norm the variance of a residual stream doubles with every block under He initialisation. Each branch's
last filter is therefore scaled by 1/sqrt(L) over the L blocks: (1 + 1/L)^L < e keeps the stream's variance below e
times its start (the idea of Fixup, Zhang et al., 2019). It is not set to zero: that would start training at a
degenerate critical point of the branch's other filters, and saddles are what is studied here.

Every random number comes from a generator that belongs to the network being built, in the order in which torch's own
layers would draw from the process-wide one: the weights of a seed are those of `torch.manual_seed(seed)`, and threads
that build side by side do not disturb each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from saddlecheck.nets.config import Model

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


@dataclass(frozen=True)
class Start:
    """Where a network's first numbers come from, and their type."""

    generator: torch.Generator
    dtype: torch.dtype


def build(
    name: Model, *, classes: int, width: int, batch_norm: bool, seed: int, dtype: torch.dtype = torch.float32
) -> nn.Module:
    """A freshly initialised network; the same seed gives the same weights.

    Args:
        name: `resnet18`, or `small-cnn` with three convolutions.
        classes: number of outputs.
        width: channels of the first stage, 64 for the usual ResNet-18; the small CNN has width, 2 width, 2 width.
        batch_norm: normalise after every convolution; otherwise convolutions have biases.
        seed: of the initial weights.
        dtype: of the weights.

    Returns:
        The network, on the CPU, in train mode.

    Raises:
        ValueError: an unknown model, or no channel or class.
    """
    if width < 1 or classes < 2:
        raise ValueError(f"a network needs width >= 1 and classes >= 2, got {width} and {classes}.")
    networks: dict[str, type[ResNet] | type[SmallCNN]] = {"resnet18": ResNet, "small-cnn": SmallCNN}
    if name not in networks:
        raise ValueError(f"the model is one of {', '.join(networks)}, got {name!r}.")
    start = Start(torch.Generator().manual_seed(seed), dtype)
    return networks[name](start, classes=classes, width=width, batch_norm=batch_norm)


def _usual(layer: Layer, generator: torch.Generator) -> Layer:
    """A layer without memory made real, with the initialisation that torch gives it: U(-1/sqrt(fan), 1/sqrt(fan))."""
    layer = layer.to_empty(device="cpu")
    fan = layer.weight[0].numel()
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        nn.init.uniform_(layer.bias, -1 / math.sqrt(fan), 1 / math.sqrt(fan), generator=generator)
    return layer


def _convolution(start: Start, inputs: int, outputs: int, size: int, stride: int, *, batch_norm: bool) -> nn.Sequential:
    """Convolution with He initialisation, then batch norm or a bias."""
    empty = nn.Conv2d(
        inputs, outputs, size, stride, padding=size // 2, bias=not batch_norm, dtype=start.dtype, device="meta"
    )
    convolution = _usual(empty, start.generator)  # overwritten, but it moves the generator on as it always has
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu", generator=start.generator)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    layers: list[nn.Module] = [nn.BatchNorm2d(outputs, dtype=start.dtype)] if batch_norm else []
    return nn.Sequential(convolution, *layers)


def _head(start: Start, inputs: int, classes: int) -> nn.Linear:
    return _usual(nn.Linear(inputs, classes, dtype=start.dtype, device="meta"), start.generator)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around which the input passes, through a 1 x 1 convolution where shapes differ."""

    def __init__(self, start: Start, inputs: int, outputs: int, stride: int, *, batch_norm: bool, blocks: int) -> None:
        super().__init__()
        self.first = _convolution(start, inputs, outputs, 3, stride, batch_norm=batch_norm)
        self.second = _convolution(start, outputs, outputs, 3, 1, batch_norm=batch_norm)
        same = stride == 1 and inputs == outputs
        self.around = nn.Identity() if same else _convolution(start, inputs, outputs, 1, stride, batch_norm=batch_norm)
        if not batch_norm:
            with torch.no_grad():
                for weight in (p for p in self.second.parameters() if p.dim() == 4):
                    weight.mul_(blocks**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        y = self.second(torch.relu(self.first(x)))
        return torch.relu(y + self.around(x))


class ResNet(nn.Module):
    """ResNet-18 (He et al., 2016) with a 3 x 3 stem and no max pooling, as is usual for CIFAR."""

    def __init__(self, start: Start, *, classes: int, width: int, batch_norm: bool) -> None:
        super().__init__()
        stages = [(width, 1), (2 * width, 2), (4 * width, 2), (8 * width, 2)]
        blocks, inputs = [], width
        for outputs, stride in stages:
            for s in (stride, 1):
                blocks.append(ResidualBlock(start, inputs, outputs, s, batch_norm=batch_norm, blocks=2 * len(stages)))
                inputs = outputs
        self.stem = _convolution(start, 3, width, 3, 1, batch_norm=batch_norm)
        self.blocks = nn.Sequential(*blocks)
        self.head = _head(start, inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n, classes), of images (n, 3, side, side)."""
        x = self.blocks(torch.relu(self.stem(x)))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


class SmallCNN(nn.Module):
    """Three 3 x 3 convolutions, two of them followed by max pooling, and a linear head."""

    def __init__(self, start: Start, *, classes: int, width: int, batch_norm: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _convolution(start, 3, width, 3, 1, batch_norm=batch_norm), nn.ReLU(), nn.MaxPool2d(2),
            _convolution(start, width, 2 * width, 3, 1, batch_norm=batch_norm), nn.ReLU(), nn.MaxPool2d(2),
            _convolution(start, 2 * width, 2 * width, 3, 1, batch_norm=batch_norm), nn.ReLU(),
        )  # fmt: skip
        self.head = _head(start, 2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n, classes), of images (n, 3, side, side)."""
        logits: Tensor = self.head(self.layers(x).mean(dim=(2, 3)))
        return logits
