"""`saddlecheck sweep`: the training runs behind Figures 8 and 9 and Table 1, as records that a killed run adds to."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from saddlecheck.nets import grids
from saddlecheck.verification.cli.console import err, out, progress


def completed(incomplete: str) -> list[str]:
    """The grids that begin so, for the TAB key."""
    return [i for i in grids.CLAIMS if i.startswith(incomplete)]


def sweep(
    grid: Annotated[
        str,
        typer.Argument(
            metavar="GRID",
            help="fig8, fig9 or table1.",
            autocompletion=completed,
        ),
    ],
    scale: Annotated[str, typer.Option(help="gpu: the paper's own scale; cpu: a reduced one.")] = "gpu",
    data: Annotated[Path | None, typer.Option(help="CIFAR's binary archive or its folder; else it is fetched.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder for records and checkpoints.")] = Path("runs"),
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side on this machine.")] = 1,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many; by default 5, and 3 at reduced scale.")] = None,
    device: Annotated[str | None, typer.Option(help="A torch device; by default cuda at scale gpu, else cpu.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, instead of this machine.")] = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Print what would be run and how long, and stop.")] = False,
) -> int:
    """Run a grid of training runs: print the plan, do what is missing, leave one record a run.

    The same command goes on after ^C or a crash. Exit code 1 if a run failed.

    Examples:  saddlecheck sweep fig8 --plan    saddlecheck sweep fig9 --scale cpu --jobs 2    saddlecheck sweep table1
    """
    sweeps = _sweeps()
    plan = sweeps.plan(grid, scale, data=data, out=folder, seeds=seeds)
    out.print(str(plan), markup=False, soft_wrap=True)
    if plan_only:
        return 0
    where = device or ("cuda" if scale == "gpu" else "cpu")
    if cluster is None and where.startswith("cuda"):
        _need_gpu()
    folder.mkdir(parents=True, exist_ok=True)  # now, not once in each run, after its data were read
    with progress() as bar:
        task = bar.add_task(grid, total=len(plan.configs), completed=len(plan.done))
        finished = sweeps.run(
            grid, scale=scale, data=data, out=folder, jobs=jobs, seeds=seeds, device=where, cluster=cluster,
            on_done=lambda name, done, _all: bar.update(task, completed=done, description=name),
        )  # fmt: skip
    for name, reason in finished.failed.items():
        err.print(f"failed: {name}: {reason}", markup=False, soft_wrap=True)
    count = f"{len(finished.records)} of {len(plan.configs)} runs are recorded in {folder}/"
    out.print(f"{count} ; the ledger counts what lies in verification/records/.", markup=False, soft_wrap=True)
    return int(bool(finished.failed))


def _sweeps() -> Any:
    """The module `saddlecheck.nets.sweep`, where training is possible."""
    if find_spec("torch") is None:
        raise ValueError("a sweep trains networks and torch is not installed: pip install 'saddlecheck[nets]'.")
    from saddlecheck.nets import sweep

    return sweep


def _need_gpu() -> None:
    import torch

    if not torch.cuda.is_available():
        raise ValueError(
            "the paper's scale wants a CUDA device and torch sees none: use --scale cpu for the reduced grid, "
            "--cluster ADDRESS for a cluster that has one, or --device cpu to wait for weeks."
        )
