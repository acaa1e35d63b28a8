"""The data behind a Hessian: loaders give the mean over all samples in one pass; what is no mean is refused."""

from __future__ import annotations

import pytest
import torch
from curved_models import case, matrix
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  the customary name
from torch.utils.data import DataLoader, Dataset, TensorDataset

from saddlecheck.nets.curvature import Hessian
from saddlecheck.nets.lanczos import spectrum

torch.set_num_threads(1)


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
