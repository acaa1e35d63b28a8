"""One training, driven by `fit`, a plain loop, accelerate, Lightning and Hugging Face's Trainer: one record."""

from __future__ import annotations

import pytest
import torch
from networks import batch, network, weights
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from saddlecheck.nets import SAM, FitConfig, Recorder, fit
from saddlecheck.nets.frameworks import lightning_callback, trainer_callback

accelerate = pytest.importorskip("accelerate", reason="tox -e peers installs it")
pl = pytest.importorskip("pytorch_lightning", reason="tox -e peers installs it")
transformers = pytest.importorskip("transformers", reason="tox -e peers installs it")

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
EPOCHS, BATCHES = 2, 3


def data():
    x, y = zip(*(batch(seed) for seed in range(BATCHES)), strict=True)
    return TensorDataset(torch.cat(x), torch.cat(y)), len(x[0])


def setting():
    model = network()
    return model, SAM(model.parameters(), torch.optim.SGD, 0.3, lr=0.2, momentum=0.9)


def by_fit(out):
    dataset, size = data()
    model, sam = setting()
    config = FitConfig(epochs=EPOCHS, monitor_every=None)
    return fit(model, DataLoader(dataset, size), functional.cross_entropy, sam, config, out=out), model


def by_loop(out, wrap=lambda model, sam: (model, sam)):
    dataset, size = data()
    model, sam = setting()
    recorder = Recorder(model, sam, out)
    used, _ = wrap(model, sam)
    for _ in range(EPOCHS):
        for x, y in DataLoader(dataset, size):
            loss = sam.record(lambda x=x, y=y: functional.cross_entropy(used(x), y))
            loss.backward()
            sam.step()
            sam.zero_grad()
            recorder.step(loss)
        recorder.epoch()
    return recorder.finish(), model


def by_accelerate(out):
    return by_loop(out, accelerate.Accelerator(cpu=True).prepare)


class Module(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.model, self.sam = setting()

    def configure_optimizers(self):
        return self.sam

    def training_step(self, pair, _):
        x, y = pair
        return self.optimizers().record(lambda: functional.cross_entropy(self.model(x), y))


def by_lightning(out):
    dataset, size = data()
    module, callback = Module(), lightning_callback(out)
    trainer = pl.Trainer(
        accelerator="cpu", default_root_dir=out, max_epochs=EPOCHS, logger=False, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False, callbacks=[callback],
    )  # fmt: skip
    trainer.fit(module, DataLoader(dataset, size))
    return callback.record, module.model


class Named(torch.utils.data.Dataset):
    """The same samples, under the names that Hugging Face's Trainer hands to a model."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, i):
        x, y = self.dataset[i]
        return {"x": x, "y": y}


class Trainer(transformers.Trainer):
    def compute_loss(self, model, inputs, **_):
        return self.optimizer.optimizer.record(lambda: functional.cross_entropy(model(inputs["x"]), inputs["y"]))

    def _get_train_sampler(self, *_):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def by_transformers(out):
    dataset, size = data()
    model, sam = setting()
    arguments = transformers.TrainingArguments(
        output_dir=str(out), per_device_train_batch_size=size, num_train_epochs=EPOCHS, logging_steps=1, use_cpu=True,
        report_to=[], save_strategy="no", lr_scheduler_type="constant", max_grad_norm=0.0, disable_tqdm=True,
        remove_unused_columns=False, label_names=["y"],
    )  # fmt: skip
    scheduler = torch.optim.lr_scheduler.LambdaLR(sam, lambda _: 1.0)
    callback = trainer_callback(out)
    Trainer(model, arguments, train_dataset=Named(dataset), optimizers=(sam, scheduler), callbacks=[callback]).train()
    return callback.record, model


@pytest.mark.parametrize("drive", [by_loop, by_accelerate, by_lightning, by_transformers], ids=lambda f: f.__name__[3:])
def test_the_record_is_the_one_that_fit_leaves(drive, tmp_path) -> None:
    want, wanted = by_fit(tmp_path / "fit")
    got, model = drive(tmp_path / "other")
    # The same five sums a step in float64, over six steps; the Trainer rounds the losses that it logs.
    torch.testing.assert_close(weights(model), weights(wanted), rtol=0, atol=1e-12)
    tolerance = 1e-4 if drive is by_transformers else 1e-12
    assert got.result["batch_loss"] == pytest.approx(want.result["batch_loss"], abs=tolerance)
    assert (got.result["epochs_done"], got.result["steps"]) == (EPOCHS, EPOCHS * BATCHES)
    assert got.config["optimiser"]["base"] == want.config["optimiser"]["base"]
    assert got.config["optimiser"]["groups"][0]["rho"] == want.config["optimiser"]["groups"][0]["rho"]
    assert got.kind == want.kind
    assert (tmp_path / "other" / "weights.safetensors").exists()
