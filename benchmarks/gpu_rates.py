"""What a lent GPU is to do: rates of captured and plain steps first, then the branch test of trap against slowness.

    python benchmarks/gpu_rates.py --out runs --data cifar-10-binary.tar.gz [--minutes 9]
    python benchmarks/gpu_rates.py --out runs --dry-run      # all of it, tiny and on the CPU: it measures nothing

Needs no data for the rates, and CIFAR-10 for two of the four systems (nets/branch_runs.py). Everything that is done is
written at once and is not done again: `rates.json`, which `saddlecheck sweep --plan --out runs` reads, and one record a
system, `NAME.json`, rewritten with each seed. A training that the time cuts short is begun anew by the next call.

A rate is images through one forward and one backward pass a second, SAM having two passes. The routes of a batch size
are timed in turn, so that whatever slows the machine hits all alike; the median over the turns is kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from saddlecheck._files import write_whole
from saddlecheck.nets import branch_runs, mechanism, record
from saddlecheck.nets.branch_training import KeptTraining
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import Dataset, Split
from saddlecheck.nets.errors import OutOfTime
from saddlecheck.nets.rates import FILE
from saddlecheck.nets.recorder import named
from saddlecheck.nets.run import Run

# (batch norm and augmentation?, batch size, routes): what the aims are about first; compiling takes the longest.
ROUTES = [
    *((True, size, ("no", "captured")) for size in (512, 128, 64)),
    *((True, size, ("default", "captured-default")) for size in (512, 128, 64)),
    *((False, size, ("default", "captured-default")) for size in (512, 256, 128, 64)),
]
_TINY = [(True, 8, ("no", "captured")), (False, 4, ("no", "captured"))]  # nothing is compiled in a dry run
SYSTEMS = ("zero", "neuron", "resnet18", "resnet18-rho0.5")
TURNS, STEPS = 5, 20  # turns a route; steps a turn
SHARE = 0.4  # of the time, for the rates


def main(arguments: list[str] | None = None) -> int:
    """Do what is not done yet, as far as the time goes.

    Returns:
        0 where all of it is done, 1 where another call is to go on.
    """
    given = _parsed(arguments)
    device = "cpu" if given.dry_run else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        print("there is no CUDA device: rates stay unmeasured; --dry-run walks the script on the CPU.", file=sys.stderr)
        return 2
    end = time.monotonic() + 60.0 * given.minutes
    left = lambda: end - time.monotonic()  # noqa: E731  a clock that is handed on
    out = given.out / "dry-run" if given.dry_run else given.out
    out.mkdir(parents=True, exist_ok=True)
    complete = rates(out / FILE, device, lambda: left() - (1.0 - SHARE) * 60.0 * given.minutes)
    complete &= branches(out, device, given.data, left)
    print("all is done" if complete else "the time is over: the same command goes on", f"({left():.0f} s left)")
    return 0 if complete else 1


def rates(path: Path, device: str, left: Callable[[], float]) -> bool:
    """Time the routes that `path` lacks; whether it has all of them now."""
    found = _known(path, device)
    for norm, size, ways in _TINY if device == "cpu" else ROUTES:
        wanted = {"batch_size": size, "batch_norm": norm}
        if all(any(r.items() >= (wanted | {"compile": w}).items() for r in found["rates"]) for w in ways):
            continue
        if left() <= 0.0:
            return False
        found["rates"] += (made := _timed(size, norm, ways, device))
        found["ratios"] = _ratios(found["rates"])
        write_whole(path, (json.dumps(found, indent=1) + "\n").encode())
        for r in made:
            what = f"B = {size}, {r['optimiser']}, {r['compile']}{', batch norm' if norm else ''}"
            print(f"{what}: {r['passes_per_second']:.0f} a second, loss {r['loss']:.3f}", flush=True)
    return True


def _timed(size: int, norm: bool, ways: tuple[str, ...], device: str) -> list[dict[str, Any]]:
    """The rates of SAM and SGD at a batch size, each route timed in turn with the others."""
    tiny = device == "cpu"
    steps, turns = (2, 1) if tiny else (STEPS, TURNS)
    torch.compiler.reset()  # kernels of another batch size would make this one's general, and slower
    config = TrainConfig(
        batch_size=size, batch_norm=norm, augment=norm, width=2 if tiny else 64, pool=2 if tiny else 1,
        precision="float32" if tiny else "bfloat16", epochs=10_000,
    )  # fmt: skip
    data, routes = _made_up(size * steps, 16 if tiny else 32, device), {}
    for way in ways:
        for rule, rho in (("sam", 0.1), ("sgd", 0.0)):
            routes[way, rule] = Run(replace(config, compile=way, optimiser=rule, rho=rho), data, device)  # type: ignore[arg-type]
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in routes}
    losses: dict[tuple[str, str], float] = {}  # of the first turn: those of one rule have to agree
    for turn in range(turns + 1):  # the first one warms up, compiles and records
        for key, run in routes.items():
            _wait(device)
            begin = time.perf_counter()
            total = run.one_pass()
            run.epochs_done += 1
            _wait(device)
            losses.setdefault(key, float(total) / steps)
            if turn:
                seconds[key].append(time.perf_counter() - begin)
    return [
        {
            "model": config.model, "batch_size": size, "batch_norm": norm, "compile": way, "optimiser": rule,
            "passes_per_second": (2 if rule == "sam" else 1) * size * steps / statistics.median(taken),
            "loss": losses[way, rule],
        }
        for (way, rule), taken in seconds.items()
    ]  # fmt: skip


def _made_up(images: int, side: int, device: str) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (images, 3, side, side), dtype=torch.uint8, generator=generator).to(device)
    split = Split(pixels, torch.randint(0, 10, (images,), generator=generator).to(device))
    middle, spread = (torch.full((1, 3, 1, 1), v, device=device) for v in (128.0, 74.0))
    return Dataset(split, split, middle, spread, 10, "made-up images")


def _ratios(rates: list[dict[str, Any]]) -> dict[str, float]:
    """What the aims are about: SAM over two SGD steps, and SAM's rate over its own at B = 512, for each route."""
    rate = {(r["batch_norm"], r["compile"], r["batch_size"], r["optimiser"]): r["passes_per_second"] for r in rates}
    largest = max(key[2] for key in rate)
    found = {}
    for (norm, way, size, rule), passes in rate.items():
        if rule != "sam":
            continue
        name = f"{way}, B {size}{', batch norm' if norm else ''}"
        found[f"{name}: SAM / two SGD steps"] = round(rate[norm, way, size, "sgd"] / passes, 3)
        if (norm, way, largest, "sam") in rate:
            found[f"{name}: SAM's rate / at B {largest}"] = round(passes / rate[norm, way, largest, "sam"], 3)
    return found


def _known(path: Path, device: str) -> dict[str, Any]:
    """The rates that are there; those of another device or version count for nothing and stay beside."""
    about = {"device": named(torch.device(device)), "torch": torch.__version__}
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found.items() >= about.items():
            return found
        path.rename(path.with_suffix(f".{int(time.time())}.json"))
    return {"what": "images through one forward and one backward pass a second", **about, "rates": [], "ratios": {}}


def branches(out: Path, device: str, data: Path | None, left: Callable[[], float]) -> bool:
    """The branch test, seeds outermost; whether all of it is done."""
    done: dict[str, list[dict[str, Any]]] = {name: [] for name in SYSTEMS}
    seconds = dict.fromkeys(SYSTEMS, 0.0)
    for seed in range(3):
        for name in SYSTEMS:
            system = branch_runs.SYSTEMS[name]
            if device == "cpu":
                if name.startswith("resnet18"):
                    continue
                system = replace(system, epochs=4, middle=2, after=1)
            elif name.startswith("resnet18") and data is None:
                print(f"{name} needs --data: left out", file=sys.stderr)
                continue
            try:
                result, taken = _seed(system, seed, out / f"{name}-s{seed}", data, device, left)
            except OutOfTime:
                return False
            done[name].append(result)
            seconds[name] += taken
            record.write(mechanism.make_record(system, done[name], seconds[name], device), out / f"{name}.json")
            print(f"{name}, seed {seed}: recorded, {left():.0f} s left", flush=True)
    return device == "cpu" or data is not None


def _seed(
    system: branch_runs.System, seed: int, folder: Path, data: Path | None, device: str, left: Callable[[], float]
) -> tuple[dict[str, Any], float]:
    """What `branch_runs.run` returns for a seed, and the seconds of its trainings; from the folder if it is there."""
    path, what = folder / "result.json", {"system": asdict(system), "device": device}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not kept.items() >= what.items():
        if left() <= 0.0:
            raise OutOfTime
        train = KeptTraining(folder, left)
        result = record.plain(branch_runs.run(system, seed, train, data=data, device=device))
        kept = {**what, "result": result, "seconds": train.seconds}
        write_whole(path, json.dumps(kept).encode())
    return kept["result"], kept["seconds"]


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder of rates and records")
    parser.add_argument("--data", type=Path, help="CIFAR-10's binary archive or its folder")
    parser.add_argument("--minutes", type=float, default=9.0, help="how long it may take")
    parser.add_argument("--dry-run", action="store_true", help="walk through all of it on the CPU, tiny")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
