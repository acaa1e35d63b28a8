"""SAM under Lightning's own loops, whose closure and accumulation it must fit: compared with SAM by hand."""

from __future__ import annotations

import pytest
import torch
from networks import batch, network, sam_by_hand, weights
from torch import Tensor, nn
from torch.nn import functional

from saddlecheck.nets import SAM, Monitor

pl = pytest.importorskip("pytorch_lightning", reason="tox -e peers installs it")
from pytorch_lightning.plugins import MixedPrecision  # noqa: E402  after the skip

pytestmark = [
    # Lightning's advice on workers, loggers and loops of few batches, and its deprecated use of torch.
    pytest.mark.filterwarnings("ignore::UserWarning:pytorch_lightning"),
    pytest.mark.filterwarnings("ignore::UserWarning:lightning_fabric"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
BATCHES = 5  # an odd number: the last window of two holds one batch


class Classifier(pl.LightningModule):
    def __init__(self, *, record: bool, manual: bool = False) -> None:
        super().__init__()
        self.model, self.record = network(), record
        self.automatic_optimization = not manual
        self.sam = SAM(self.model.parameters(), torch.optim.SGD, 0.3, lr=0.2, momentum=0.9)

    def configure_optimizers(self) -> SAM:
        return self.sam

    def training_step(self, data: list[Tensor], _: int) -> Tensor | None:
        x, y = data
        if not self.automatic_optimization:
            optimiser = self.optimizers()
            for step in (optimiser.first_step, optimiser.second_step):
                self.manual_backward(functional.cross_entropy(self.model(x), y))
                step(zero_grad=True)
            return None
        if not self.record:
            return functional.cross_entropy(self.model(x), y)
        return self.optimizers().record(lambda: functional.cross_entropy(self.model(x), y))


def fit(module: Classifier, tmp_path, **arguments) -> Tensor:
    data = [batch(seed) for seed in range(BATCHES)]
    loader = torch.utils.data.DataLoader(data, batch_size=None)
    options = {"max_epochs": 1, "logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = pl.Trainer(
        accelerator="cpu", default_root_dir=tmp_path, **{"enable_checkpointing": False, **options, **arguments}
    )
    trainer.fit(module, loader)
    return weights(module.model)


def windows(model: nn.Module, k: int) -> list:
    """The loss of each window of k batches: Lightning divides by k, also where the last window is shorter."""

    def loss(seeds: range) -> Tensor:
        return sum(functional.cross_entropy(model(batch(s)[0]), batch(s)[1]) for s in seeds) / k

    starts = range(0, BATCHES, k)
    return [lambda first=first: loss(range(first, min(first + k, BATCHES))) for first in starts]


def test_manual_optimisation_counts_its_steps(tmp_path) -> None:
    module = Classifier(record=False, manual=True)
    data = [batch(seed) for seed in range(BATCHES)]
    loader = torch.utils.data.DataLoader(data, batch_size=None)
    trainer = pl.Trainer(
        accelerator="cpu", default_root_dir=tmp_path, max_epochs=2, logger=False, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False,
    )  # fmt: skip
    trainer.fit(module, loader)
    assert trainer.global_step == 2 * BATCHES


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize(("k", "record"), [(1, False), (1, True), (2, True), (3, True)])
def test_automatic_optimisation_steps_on_the_whole_accumulated_batch(k, record, clip, tmp_path) -> None:
    got = fit(Classifier(record=record), tmp_path, accumulate_grad_batches=k, gradient_clip_val=clip)
    model = network()
    want = sam_by_hand(model, windows(model, k), rho=0.3, lr=0.2, momentum=0.9, clip=clip or float("inf"))
    # The same sums in another order, over at most five steps; a clipped ascent gradient has eps / |g| = 1e-12 / 0.1 in
    # the length of its perturbation, 3e-12 in w^p.
    torch.testing.assert_close(got, want, rtol=0, atol=1e-14 if clip is None else 1e-11)


def test_accumulation_without_record_is_refused_and_the_message_says_what_to_write(tmp_path) -> None:
    with pytest.raises(RuntimeError, match=r"accumulated before step.*SAM.record"):
        fit(Classifier(record=False), tmp_path, accumulate_grad_batches=2)


def test_false_twin_the_last_batch_of_each_window_alone_is_told_apart(tmp_path) -> None:
    got = fit(Classifier(record=True), tmp_path, accumulate_grad_batches=2)
    model = network()
    last = [lambda s=s: functional.cross_entropy(model(batch(s)[0]), batch(s)[1]) / 2 for s in (1, 3, 4)]
    assert float((got - sam_by_hand(model, last, rho=0.3, lr=0.2, momentum=0.9)).abs().max()) > 1e-3


def test_manual_optimisation_with_the_two_half_steps_and_a_checkpoint(tmp_path) -> None:
    got = fit(Classifier(record=False, manual=True), tmp_path, enable_checkpointing=True)
    model = network()
    want = sam_by_hand(model, windows(model, 1), rho=0.3, lr=0.2, momentum=0.9)
    torch.testing.assert_close(got, want, rtol=0, atol=1e-14)  # the same sums in another order


def test_lightnings_grad_scaler_is_refused_in_a_sentence(tmp_path) -> None:
    plugin = MixedPrecision("16-mixed", "cpu", scaler=torch.amp.GradScaler("cpu"))
    with pytest.raises(RuntimeError, match=r"optimiser.step\(closure, scaler=scaler\)"):
        fit(Classifier(record=False), tmp_path, plugins=[plugin])


def test_the_monitor_sees_through_lightnings_clipping_and_accumulation(tmp_path) -> None:
    found = []
    for clip in (None, 0.05):
        module = Classifier(record=True)
        with Monitor(module.sam, tmp_path / f"{clip}.csv", every=1) as monitor:
            fit(module, tmp_path, accumulate_grad_batches=2, gradient_clip_val=clip)
        found.append(monitor.readings[0])
    assert found[0].reason == found[1].reason == ""
    # The first step starts from the same weights: only eps / |g| = 2e-11 of the displacement differs.
    assert found[0].curvature == pytest.approx(found[1].curvature, rel=1e-9)
