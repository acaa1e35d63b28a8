"""Callbacks that leave `fit`'s record behind where a framework runs the loop: Lightning, and Hugging Face's Trainer.

Under accelerate the loop is the user's own: it calls a `Recorder` itself. SAM takes its second pass in these loops when
the losses go through `SAM.record` (see there).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from saddlecheck.nets.recorder import Recorder
from saddlecheck.nets.sam import SAM


def lightning_callback(out: Path | str, *, settings: Mapping[str, Any] | None = None) -> Any:
    """A callback for `Trainer(callbacks=[...])` of pytorch_lightning or lightning.

    Args:
        out: the run's folder.
        settings: JSON data that decide the run's numbers.

    Returns:
        The callback; after the training its attribute `record` holds the record.

    Raises:
        ValueError: neither package is installed.
    """
    try:
        from pytorch_lightning import Callback  # type: ignore[import-not-found]
    except ImportError:
        try:
            from lightning.pytorch import Callback  # type: ignore[import-not-found]
        except ImportError as error:
            raise ValueError(
                "this callback is for Lightning, which is not installed: pip install lightning."
            ) from error

    class RecordCallback(Callback):  # type: ignore[misc]  # the package may be missing
        record: Any = None

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            self._recorder = Recorder(pl_module, trainer.optimizers[0], Path(out), settings=settings)

        def on_train_batch_end(self, trainer: Any, _module: Any, outputs: Any, *_: Any) -> None:
            loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
            if isinstance(trainer.optimizers[0], SAM):  # Lightning hands over the closure's last loss, at w^p
                loss = trainer.optimizers[0].progress.loss
            if isinstance(loss, Tensor):
                self._recorder.step(loss)

        def on_train_epoch_end(self, trainer: Any, _module: Any) -> None:
            self._recorder.epoch(**{name: float(value) for name, value in trainer.callback_metrics.items()})

        def on_train_end(self, _trainer: Any, _module: Any) -> None:
            self.record = self._recorder.finish()

    return RecordCallback()


def trainer_callback(out: Path | str, *, settings: Mapping[str, Any] | None = None) -> Any:
    """A callback for `Trainer(callbacks=[...])` of transformers.

    It counts what the Trainer logs: with logging_steps=1 that is each step.

    Args:
        out: the run's folder.
        settings: JSON data that decide the run's numbers.

    Returns:
        The callback; after the training its attribute `record` holds the record.

    Raises:
        ValueError: transformers is not installed.
    """
    try:
        from transformers import TrainerCallback  # type: ignore[import-not-found]
    except ImportError as error:
        raise ValueError(
            "this callback is for transformers, which is not installed: pip install transformers."
        ) from error

    class RecordCallback(TrainerCallback):  # type: ignore[misc]  # the package may be missing
        record: Any = None

        def on_train_begin(self, _args: Any, _state: Any, _control: Any, **given: Any) -> None:
            optimiser = given["optimizer"]
            optimiser = getattr(optimiser, "optimizer", optimiser)  # accelerate's wrapper
            self._recorder = Recorder(given["model"], optimiser, Path(out), settings=settings)

        def on_log(self, _args: Any, _state: Any, _control: Any, logs: Mapping[str, Any], **_: Any) -> None:
            if "loss" in logs:
                self._recorder.step(float(logs["loss"]))

        def on_epoch_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
            self._recorder.epoch()

        def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
            self.record = self._recorder.finish()

    return RecordCallback()
