"""SAM as a citizen of torch: hooks, copies, frozen layers, statistics, state dicts, sharded weights."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
import torch
from networks import network, two_steps, weights
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import distribute_tensor

from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)


def _sam(model: nn.Module, **more: object) -> SAM:
    return SAM(model.parameters(), torch.optim.SGD, 0.3, lr=0.1, momentum=0.9, **more)


def test_step_hooks_run_once_a_step_in_both_forms() -> None:
    model = network()
    sam, seen = _sam(model), []
    sam.register_step_pre_hook(lambda optimiser, _a, _k: seen.append(("before", optimiser.progress.perturbed != [])))
    sam.register_step_post_hook(lambda optimiser, _a, _k: seen.append(("after", optimiser.progress.perturbed != [])))
    two_steps(model, sam, 0)
    assert seen == [("before", True), ("after", False)]  # the base step is what they stand around
    seen.clear()

    def closure() -> torch.Tensor:
        loss = (model(torch.ones(2, 6, dtype=torch.float64)) ** 2).mean()
        loss.backward()
        return loss

    sam.step(closure)
    assert [word for word, _ in seen] == ["before", "after"]


@pytest.mark.parametrize(
    "way", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["deepcopy", "pickle"]
)
def test_a_copy_with_flat_buffers_trains_on_as_the_original(way) -> None:
    model = network()
    sam = _sam(model, flat=True)
    two_steps(model, sam, 0)
    twin, twin_sam = way((model, sam))
    for seed in (1, 2):
        two_steps(model, sam, seed)
        two_steps(twin, twin_sam, seed)
    assert torch.equal(weights(twin), weights(model))
    assert not {p.data_ptr() for p in twin.parameters()} & {p.data_ptr() for p in model.parameters()}
    two_steps(twin, twin_sam, 3)
    assert not torch.equal(weights(twin), weights(model))  # the twin is one of its own


def test_a_layer_unfrozen_later_is_refused_with_flat_buffers() -> None:
    model = network()
    layer = next(model.children())
    layer.requires_grad_(False)
    sam = _sam(model, flat=True)
    two_steps(model, sam, 0)
    layer.requires_grad_(True)
    with pytest.raises(RuntimeError, match="frozen when its flat buffer was made"):
        two_steps(model, sam, 1)


class _Ema(nn.Module):
    """A layer of the user's own that keeps a statistic, and replaces its tensor at each pass."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(4, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
        return x - self.mean.detach()


@pytest.mark.parametrize(
    "layer",
    [
        lambda: nn.Sequential(nn.Linear(6, 4), nn.Unflatten(1, (2, 2)), nn.InstanceNorm1d(2, track_running_stats=True)),
        lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(6, 4)),
        lambda: nn.Sequential(nn.Linear(6, 4), _Ema()),
    ],
    ids=["instance norm", "spectral norm", "the user's own"],
)  # fmt: skip
def test_statistics_see_only_the_pass_at_w(layer) -> None:
    x = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def built() -> nn.Module:
        torch.manual_seed(1)
        return layer().double()

    def state(model: nn.Module) -> torch.Tensor:
        return torch.cat([b.reshape(-1).double() for b in model.buffers()])

    once = built()
    (once(x) ** 2).sum().backward()
    for given in (True, False):
        model = built()
        sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.0, model=model if given else None)
        for step in (sam.first_step, sam.second_step):
            (model(x) ** 2).sum().backward()
            step(zero_grad=True)
        assert torch.equal(state(model), state(once)) == given  # without the model, the negative control


def test_state_dict_hooks_run() -> None:
    sam, seen = _sam(network()), []
    sam.register_state_dict_pre_hook(lambda _: seen.append("save"))
    sam.register_state_dict_post_hook(lambda _, state: {**state, "note": "kept"})
    sam.register_load_state_dict_pre_hook(lambda _, state: {k: v for k, v in state.items() if k != "note"})
    sam.register_load_state_dict_post_hook(lambda _: seen.append("loaded"))
    state = sam.state_dict()
    assert state["note"] == "kept"
    sam.load_state_dict(state)
    assert seen == ["save", "loaded"]


def test_what_has_no_meaning_is_refused_in_a_sentence() -> None:
    model = network()
    with pytest.raises(ValueError, match="a class or a factory, got an instance of SGD"):
        SAM(model.parameters(), torch.optim.SGD(model.parameters(), lr=0.1))
    plain = _sam(network())
    flat = _sam(network(), flat=True)
    with pytest.raises(ValueError, match="not of flat buffers"):
        flat.load_state_dict(plain.state_dict())
    sam = _sam(model)
    state = sam.state_dict()
    (model(torch.ones(2, 6, dtype=torch.float64)) ** 2).mean().backward()
    sam.first_step()
    with pytest.raises(RuntimeError, match="load after second_step"):
        sam.load_state_dict(state)
    sam.restore()


def test_a_radius_may_be_a_tensor_of_one_number() -> None:
    sam = SAM(network().parameters(), torch.optim.SGD, torch.tensor(0.25), lr=0.1)  # type: ignore[arg-type]
    assert sam.param_groups[0]["rho"] == 0.25


@pytest.mark.parametrize(
    "rho", [np.float32(0.5), np.float64(0.5), np.int64(1), Fraction(1, 2), torch.tensor(0.5)], ids=repr
)
def test_numbers_that_are_not_pythons_own_leave_a_state_dict_that_torch_loads(rho, tmp_path) -> None:
    sam = SAM(network().parameters(), torch.optim.SGD, rho, normalised=np.True_, adaptive=np.False_, lr=0.1)
    sam.param_groups[0]["rho"] = rho  # as a schedule of NumPy's numbers sets it
    for p in sam.param_groups[0]["params"]:
        p.grad = torch.ones_like(p)
    sam.first_step(zero_grad=True)
    sam.restore()
    torch.save(sam.state_dict(), tmp_path / "state")
    found = torch.load(tmp_path / "state")  # weights only, torch's default
    (group, *_) = found["param_groups"]
    assert [type(group[k]) for k in ("rho", "normalised", "adaptive")] == [float, bool, bool]
    assert group["rho"] == float(rho)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"flat": "no"}, "flat is True or False"),
        ({"check_finite": 0}, "check_finite is True or False"),
        ({"model": "net"}, "model is the torch module"),
        ({"base_optimizer": nn.Linear}, "a class or a factory such as torch.optim.SGD"),
        ({"base_optimizer": torch.optim.lr_scheduler.StepLR}, "a class or a factory such as torch.optim.SGD"),
    ],
    ids=str,
)
def test_arguments_of_another_type_are_refused_in_a_sentence(more, words) -> None:
    with pytest.raises(ValueError, match=words):
        SAM(network().parameters(), **{"base_optimizer": torch.optim.SGD, "lr": 0.1, **more})


def test_sharded_weights_are_refused_by_name(tmp_path) -> None:
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        mesh = init_device_mesh("cpu", (1,))
        sharded = nn.Parameter(distribute_tensor(torch.ones(4), mesh))
        with pytest.raises(ValueError, match="DTensor"):
            SAM([sharded], torch.optim.SGD, lr=0.1)
    finally:
        torch.distributed.destroy_process_group()
