"""Initial weights: those of torch's process-wide generator, bit for bit, without touching it."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn

from saddlecheck.nets.resnet import build

KINDS = [(model, batch_norm) for model in ("resnet18", "small-cnn") for batch_norm in (False, True)]


def weights(model: str, batch_norm: bool, seed: int, width: int = 8) -> torch.Tensor:
    network = build(model, classes=10, width=width, batch_norm=batch_norm, seed=seed)
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def usual(layer: nn.Module, batch_norm: bool, branch: bool) -> None:
    """What the networks do to a convolution that torch made: He's filters, no bias, a scaled branch."""
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    if branch and not batch_norm:
        with torch.no_grad():
            layer.weight.mul_(8**-0.5)


@pytest.mark.parametrize(("model", "batch_norm"), KINDS)
@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_weights_of_a_seed_are_those_of_torchs_own_generator(model, batch_norm, seed) -> None:
    network = build(model, classes=10, width=8, batch_norm=batch_norm, seed=seed)
    torch.manual_seed(seed)
    # The same layers, made by torch from its own generator in the order in which the networks are put together.
    order = list(network.named_modules())
    if model == "resnet18":
        order = [m for m in order if m[0].startswith("blocks")] + [m for m in order if not m[0].startswith("blocks")]
    compared = 0
    for name, layer in order:
        if isinstance(layer, nn.Conv2d):
            mine = nn.Conv2d(
                layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, layer.padding,
                bias=layer.bias is not None,
            )  # fmt: skip
            usual(mine, batch_norm, ".second." in name)
        elif isinstance(layer, nn.Linear):
            mine = nn.Linear(layer.in_features, layer.out_features)
        else:
            continue
        assert torch.equal(layer.weight, mine.weight), name
        assert layer.bias is None or torch.equal(layer.bias, mine.bias), name
        compared += 1
    assert compared == {"resnet18": 21, "small-cnn": 4}[model]


def test_building_leaves_the_process_wide_generator_alone() -> None:
    before = torch.get_rng_state()
    one, two = weights("resnet18", True, 3), weights("resnet18", True, 3)
    assert torch.equal(one, two)
    assert not torch.equal(one, weights("resnet18", True, 4))
    assert torch.equal(torch.get_rng_state(), before)


def test_two_threads_that_build_at_once_get_the_weights_of_their_seeds() -> None:
    expected = [weights("small-cnn", False, seed, 16) for seed in (0, 1)]
    wrong, begin = [0, 0], threading.Barrier(2)

    def many(seed: int) -> None:
        begin.wait()
        wrong[seed] = sum(not torch.equal(weights("small-cnn", False, seed, 16), expected[seed]) for _ in range(60))

    threads = [threading.Thread(target=many, args=(seed,)) for seed in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [0, 0]  # with the process-wide generator about a quarter of 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"name": "vgg"}, "model is one of"), ({"width": 0}, "width >= 1"), ({"classes": 1}, "classes >= 2")],
)
def test_a_network_that_is_none_is_refused(arguments, message) -> None:
    usual_ones = {"name": "small-cnn", "classes": 10, "width": 4, "batch_norm": False, "seed": 0}
    with pytest.raises(ValueError, match=message):
        build(**{**usual_ones, **arguments})
