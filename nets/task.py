"""What is trained and on what: a model, data and a loss, as a function of the user's own gives them to the commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from saddlecheck.nets.batches import Loss
from saddlecheck.nets.fit_data import Source


@dataclass(frozen=True)
class Task:
    """A model with its data and its loss.

    Attributes:
        model: new, with its initial weights.
        data: tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader.
        loss: maps the model's output and the targets to a scalar, a mean over the samples.
        test: data that are only measured.
        metrics: name -> function of output and targets, a mean over the samples.
        optimiser: of the model's parameters; None leaves it to the command.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import Task
        >>> x = torch.ones(4, 2)
        >>> Task.of((torch.nn.Linear(2, 1), (x, x[:, :1]), torch.nn.MSELoss())).test is None
        True
    """

    model: nn.Module
    data: Source
    loss: Loss
    test: Source | None = None
    metrics: Mapping[str, Callable[[Any, Any], Tensor | float]] = field(default_factory=dict)
    optimiser: Optimizer | None = None

    @classmethod
    def of(cls, given: Any) -> Task:
        """Return a task, or the tuple (model, data, loss), as a task.

        Raises:
            ValueError: it is neither, or a part is of another type.
        """
        if isinstance(given, tuple) and len(given) == 3:
            given = cls(*given)
        if not isinstance(given, Task):
            raise ValueError(  # noqa: TRY004  bad input is a ValueError here
                f"a task returns model, data, loss, or saddlecheck.nets.Task(...); got {type(given).__name__}."
            )
        if not isinstance(given.model, nn.Module):
            raise ValueError(  # noqa: TRY004  likewise
                f"the model of a task is a torch module, got {type(given.model).__name__}: return model, data, loss."
            )
        if not callable(given.loss):
            raise ValueError(  # noqa: TRY004  likewise
                f"the loss of a task is a function of output and targets, got {type(given.loss).__name__}."
            )
        return given
