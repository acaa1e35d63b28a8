"""The paper's grids as lists of runs, at its own scale (gpu) and at one that a laptop's core finishes (cpu).

The paper prints neither the batch sizes and momenta of Figure 8 nor learning rate, schedule and weight decay: these are
choices, documented in TrainConfig. Declared in advance, before any run: the one contrast is the difference of
differences in test accuracy, (SAM 0.9 - SAM 0) - (SGD 0.9 - SGD 0) at B = 512, over seeds, whose sign says whether
momentum helps SAM more than SGD; train losses at equal epochs say whether SAM slows down with larger batches.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig

Grid = Literal["fig8", "fig9", "table1"]
Scale = Literal["gpu", "cpu"]
Size = Literal["full", "reduced"]
BATCH_SIZES = (64, 128, 256, 512)
MOMENTA = (0.0, 0.5, 0.9, 0.95)
RADII = (0.01, 0.05, 0.1, 0.5)  # Table 1
TABLE_MOMENTA = (0.0, 0.9, 0.95)
CLAIMS: dict[str, tuple[str, ...]] = {"fig8": ("fig8", "fig9"), "fig9": ("fig8", "fig9"), "table1": ("table1",)}

_GPU = TrainConfig(precision="bfloat16", compile="default")
# 2,500 training images, a small CNN: 5 steps an epoch at B = 512 and a minute of one core a run.
_CPU = TrainConfig(limit=250, pool=2, model="small-cnn", width=16, epochs=100, evaluate_every=20)


def grid(name: Grid, scale: Scale, seeds: int | None = None) -> list[TrainConfig]:
    """Every run of a grid, each once, seeds outermost so that a stopped sweep has whole rows.

    Args:
        name: which of the paper's results.
        scale: gpu for ResNet-18 and 300 epochs, cpu for the reduced one.
        seeds: how many; by default 5, and 3 at reduced scale.

    Returns:
        The runs' configurations, in the order in which they are to be run.

    Raises:
        ValueError: an unknown grid or scale, or no seed.
    """
    if name not in get_args(Grid) or scale not in get_args(Scale):
        raise ValueError(
            f"a sweep is one of {', '.join(get_args(Grid))} at scale gpu or cpu, got {name!r} at {scale!r}."
        )
    count = seeds if seeds is not None else (5 if scale == "gpu" else 3)
    if count < 1:
        raise ValueError(f"a sweep needs at least one seed, got {count}.")
    rows = {"fig8": _fig8, "fig9": _fig9, "table1": _table1}[name](scale)
    return list(dict.fromkeys(replace(c, seed=s) for s in range(count) for c in rows))


def scale_of(config: TrainConfig, sha256: str) -> Size:
    """Whether a run is of the paper's own scale: its data, model, epochs and batch sizes, and the rule that it states.

    Args:
        config: of the run.
        sha256: of its data set; copies and parts of the official archive have another one.

    Returns:
        "full" or "reduced".
    """
    c = config
    model = (c.model, c.width, c.limit, c.pool, c.epochs) == ("resnet18", 64, None, 1, 300)
    rule = c.batch_size in BATCH_SIZES and c.normalise and c.ascent == "same" and c.batch_norm == c.augment
    return "full" if model and rule and sha256 == LAYOUTS[c.dataset].sha256 else "reduced"


def _fig8(scale: Scale) -> list[TrainConfig]:
    """SAM and, for comparison, SGD: batch sizes at momentum 0, momenta at B = 512."""
    base = _GPU if scale == "gpu" else _CPU
    rows = [replace(base, batch_size=b) for b in BATCH_SIZES] + [replace(base, momentum=m) for m in MOMENTA]
    rows += [replace(c, optimiser="sgd", rho=0.0) for c in rows]
    if scale == "gpu":
        rows += [replace(c, dataset="cifar100") for c in rows]
    return rows


def _fig9(scale: Scale) -> list[TrainConfig]:
    """Return SGD and SAM at momentum 0 and 0.9; two larger radii; and 0.9 with a tenth of the learning rate.

    Momentum multiplies the effective rate eta / (1 - gamma) by ten: the last rows take that part of its effect away.
    """
    base = _GPU if scale == "gpu" else _CPU
    rules = [replace(base, optimiser="sgd", rho=0.0), *(replace(base, rho=r) for r in (0.1, 0.2, 0.5))]
    rows = [replace(c, momentum=m) for c in rules for m in (0.0, 0.9)]
    return rows + [replace(c, momentum=0.9, lr=base.lr / 10) for c in rules[:2]]


def _table1(scale: Scale) -> list[TrainConfig]:
    """Radii and momenta of SAM on ResNet-18, with batch norm and augmentation."""
    base = replace(_GPU, batch_norm=True, augment=True, batch_size=128)
    if scale == "cpu":
        narrow = {"width": 8, "limit": 250, "pool": 2, "epochs": 10, "precision": "float32", "compile": "no"}
        base = replace(base, evaluate_every=5, **narrow)  # type: ignore[arg-type]  # one dict of mixed fields
    return [replace(base, rho=r, momentum=m) for r in RADII for m in TABLE_MOMENTA]
