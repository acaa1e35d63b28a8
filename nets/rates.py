"""Images a second through one forward and one backward pass: as a GPU was measured, or assumed. No torch here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.grids import Scale

# CPU: measured, one core. GPU: an assumption, measured on none. ResNet-18 at 32 x 32 costs 0.56 G multiply-adds
# forward, so 2 * 3 * 0.56 = 3.3 GFLOP an image and pass; an H100's bf16 tensor cores reach 990 TFLOP/s on paper, and
# narrow 32 x 32 convolutions some 15 % of that: 990e12 * 0.15 / 3.3e9 = 45,000.
ASSUMED = {("gpu", "resnet18"): 45_000.0, ("cpu", "resnet18"): 5_000.0, ("cpu", "small-cnn"): 33_000.0}
FILE = "rates.json"  # beside the records; benchmarks/gpu_rates.py writes it
_KEYS = ("model", "batch_size", "batch_norm", "compile", "optimiser")


@dataclass(frozen=True)
class Rates:
    """What a GPU was measured to do, by model, batch size, batch norm, compilation and rule.

    Attributes:
        device: the GPU's name; empty where none was measured.
    """

    device: str = ""
    measured: dict[tuple[object, ...], float] = field(default_factory=dict)

    def seconds(self, config: TrainConfig, images: int, scale: Scale) -> float:
        """How long a run takes, without its evaluations."""
        rate = self._measured(config, scale) or ASSUMED[scale, config.model]
        return images * config.epochs * (2 if config.optimiser == "sam" else 1) / rate

    def basis(self, configs: Iterable[TrainConfig], scale: Scale) -> str:
        """In words what the estimate of some runs rests on."""
        if scale == "cpu":
            return "measured on one core"
        missing = sorted({c.batch_size for c in configs if not self._measured(c, scale)})
        assumed = f"unmeasured: {ASSUMED['gpu', 'resnet18']:,.0f} images a second and pass are assumed"
        if not self.measured:
            return assumed
        if not missing:
            return f"by rates measured on {self.device}"
        return f"by rates measured on {self.device}; B = {', '.join(map(str, missing))} {assumed}"

    def _measured(self, config: TrainConfig, scale: Scale) -> float | None:
        return self.measured.get(tuple(getattr(config, key) for key in _KEYS)) if scale == "gpu" else None


def read(folder: Path) -> Rates:
    """Return the rates that lie in a folder of records, none without their file; those of a CPU are left out.

    Raises:
        ValueError: the file holds no rates.
    """
    path = folder / FILE
    if not path.exists():
        return Rates()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        device = str(data["device"])
        found = {tuple(r[key] for key in _KEYS): float(r["passes_per_second"]) for r in data["rates"]}
        if not all(0.0 < rate < math.inf for rate in found.values()):
            raise ValueError("a rate is no positive number")  # noqa: TRY301  said like all that may be wrong with it
    except (ValueError, TypeError, KeyError, OSError, RecursionError) as error:
        raise ValueError(
            f"{path} holds no rates ({type(error).__name__}: {error}): make it with benchmarks/gpu_rates.py, or move "
            "it away."
        ) from error
    return Rates() if device.startswith("cpu") else Rates(device, found)
