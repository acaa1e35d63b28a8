"""Whether weights that lie in a run's folder were trained with this model and this loss.

Settings, the form of the model and a digest of the data stand in the record. The code of model and loss is the user's:
tanh and relu have weights of one form. The loss on the first samples at the weights that were kept tells them apart.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from saddlecheck.nets.batches import Loss
from saddlecheck.nets.derivatives import evaluated
from saddlecheck.nets.fit_checks import one_number
from saddlecheck.nets.fit_data import Samples, device_of, drawing_from
from saddlecheck.nets.record import Record
from saddlecheck.nets.task import Task

# Another device or another number of threads sums in another order. Single precision then differs by about 1e-6 of the
# loss, convolutions in TF32 by about 1e-4, a loss near 0 by the rounding of log-softmax, 1e-7.
RELATIVE, ABSOLUTE = 1e-3, 1e-5


def loss_on_first(model: nn.Module, loss: Loss, samples: Samples) -> float | None:
    """The loss on the first mini-batch, in eval mode; None where it is not finite."""
    training = model.training
    model.eval()
    try:
        with drawing_from(0, 0):
            first = samples.first(samples.batch_size, device_of(model))
            found = evaluated(model, loss, first)
            value = one_number("the loss", found.detach() if isinstance(found, Tensor) else found)
    finally:
        model.train(training)
    return value if math.isfinite(value) else None


def require_same(path: Path, was: Any, now: float | None) -> None:
    """Raise ValueError where the loss was another number at the same weights; nothing is known where one is None."""
    if was is None or now is None or math.isclose(was, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
        return
    raise ValueError(
        f"{path} was made with another model or loss: at its weights the loss on the first samples was {was:.6g} and "
        f"is {now:.6g} now. Choose another folder, or move it away."
    )


def require_same_task(path: Path, made: Record, task: Task) -> None:
    """Refuse to look at weights with other data, another model or another loss than `fit` has trained them with.

    Args:
        path: of the record.
        made: the record. Where a loop of the user's own wrote it, by `Recorder`, these are not known.
        task: with the weights of the run.

    Raises:
        ValueError: one of the three is another, or the record does not say how it was run.
    """
    if "loss_on_first" not in made.result:
        return
    try:
        samples = Samples(task.data, int(made.config["settings"]["batch_size"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} does not say how it was run ({type(error).__name__}: {error}).") from error
    if made.config.get("data") != samples.digest:
        raise ValueError(f"{path} was made with other data than the task has: name the task that was trained.")
    require_same(path, made.result["loss_on_first"], loss_on_first(task.model, task.loss, samples))
