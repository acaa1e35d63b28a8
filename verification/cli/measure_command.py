"""`saddlecheck spectrum` and `explain`: the curvature of a model of the user's own, and where a run has ended."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from saddlecheck.verification.cli.console import progress
from saddlecheck.verification.cli.task_file import loaded, need_torch, read_config, used

if TYPE_CHECKING:
    from saddlecheck.nets.task import Task

Word = Annotated[str, typer.Argument(metavar="TASK", help="FILE.py:FUNCTION (returns model, data, loss) or FILE.toml.")]
Images = Annotated[Path | None, typer.Option("--data", help="For FILE.toml: CIFAR's binary archive or its folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]


def spectrum(
    what: Word,
    weights: Annotated[Path | None, typer.Option(help="A run's folder, or its weights.safetensors.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Eigenvalues at each end.")] = 1,
    samples: Annotated[int, typer.Option(min=1, help="The first ones of the training data.")] = 512,
    subsets: Annotated[
        int, typer.Option(min=0, help="Also the ends on so many disjoint subsets, with an interval.")
    ] = 0,
    probes: Annotated[int, typer.Option(min=0, help="Also trace and density, with this many random vectors.")] = 0,
    csv: Annotated[Path | None, typer.Option("--density", help="Write the density to this CSV file.")] = None,
    data: Images = None,
    as_json: AsJson = False,
) -> int:
    """Print both ends of the Hessian's spectrum of a model of yours, its trace and its spectral density.

    Exit code 1 if an eigenvalue has not converged.

    Examples:  saddlecheck spectrum digits.py:task --weights runs/digits-task --probes 8 --density density.csv
    """
    need_torch()
    csv = None if csv is None else csv.absolute()  # the task may change the directory
    task = loaded(what, weights, data)
    with progress() as bar, used(what):
        bar.add_task("curvature", total=None)
        found, result = _measured(task, k, samples, subsets, probes or (8 if csv is not None else 0), csv)
    print(json.dumps(result) if as_json else _spectrum_text(result))
    return int(not found.converged)


def _measured(task: Task, k: int, samples: int, subsets: int, probes: int, csv: Path | None) -> tuple[Any, Any]:
    """The spectrum, and what is printed."""
    from saddlecheck.nets import density, subset_ends
    from saddlecheck.nets import spectrum as extremal
    from saddlecheck.nets.fit_data import Samples, device_of

    data = Samples(task.data, samples)
    first = data.first(samples, device_of(task.model))
    batch = (first.inputs, first.targets)
    found = extremal(task.model, task.loss, batch, k=k, max_products=max(200, 20 * k))
    result: dict[str, Any] = {
        "samples": first.size, "loss": found.loss, "gradient": found.gradient, "products": found.products,
        "lowest": [[p.value, p.residual] for p in found.lowest],
        "highest": [[p.value, p.residual] for p in found.highest], "converged": found.converged, "why": found.why,
    }  # fmt: skip
    if subsets:
        size = max(1, min(256, samples, data.size // subsets))
        ends = subset_ends(task.model, task.loss, task.data, subsets=subsets, size=size)
        result["subset_size"] = size
        result["subsets"] = {end: list(ends.interval(end)) for end in ("lowest", "highest")}
    if probes:
        smooth = density(task.model, task.loss, batch, probes=probes)
        result["trace"] = list(smooth.trace())
        if csv is not None:
            _write_density(csv, smooth, found.lowest[0].value, found.highest[0].value)
    return found, result


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or a record.")],
    what: Annotated[
        str | None, typer.Option("--task", help="FILE.py:FUNCTION or FILE.toml: look at the final weights again.")
    ] = None,
    data: Images = None,
    as_json: AsJson = False,
) -> int:
    """Say where a run has ended: trapped, at the edge, slow, diverging or fine, with the numbers.

    A record without weights gives what its curves allow; --task looks at the weights beside it anew.

    Examples:  saddlecheck explain runs/digits-task    saddlecheck explain runs/digits-task --task digits.py:task
    """
    from saddlecheck.nets import record
    from saddlecheck.nets.explanation import explained_in

    path = _record_in(run) if run.is_dir() else run
    if not path.exists():
        raise ValueError(f"{path} is not there; name the folder of a run, or a record.")
    made = record.read(path)
    if what is None and data is not None:
        raise ValueError("--data decides nothing here: it goes with --task FILE.toml.")
    found = explained_in(made.result) if what is None else _explained(what, data, path, made)
    print(json.dumps(record.plain(asdict(found))) if as_json else str(found))
    return 0


def _record_in(folder: Path) -> Path:
    """The record of a folder: of its run, or its only one."""
    own, others = folder / "record.json", sorted(folder.glob("*.json"))
    if own in others or not others:
        return own
    if len(others) > 1:
        raise ValueError(f"{folder} holds {len(others)} records: name one of them, such as {others[0]}.")
    return others[0]


def _explained(what: str, data: Path | None, path: Path, made: Any) -> Any:
    need_torch()
    from saddlecheck.nets.archive import LAYOUTS, digest
    from saddlecheck.nets.explaining import EXPLAINED, Rule, explain
    from saddlecheck.nets.finished import finished
    from saddlecheck.nets.fit_data import Samples, device_of
    from saddlecheck.nets.same_run import require_same_task

    # The learning rates of the end, as they were when the run explained itself.
    rule = Rule.described(made.result.get("optimiser", made.config.get("optimiser")))
    own = path.name == "record.json"
    if what.endswith(".toml"):
        config = read_config(Path(what))
        finished(config, path, digest(LAYOUTS[config.dataset], data))  # refuses another run's, and other data
    task = loaded(what, path.parent if own else path.with_suffix(".safetensors"), data)
    with progress() as bar, used(what):
        bar.add_task("curvature and Newton's steps", total=None)
        require_same_task(path, made, task)
        first = Samples(task.data, EXPLAINED).first(EXPLAINED, device_of(task.model))
        return explain(task.model, task.loss, (first.inputs, first.targets), rule, curves=made.result)


def _spectrum_text(found: dict[str, Any]) -> str:
    lines = [f"loss {found['loss']:.6g}, |gradient| {found['gradient']:.4g}, on {found['samples']} samples"]
    pairs = {end: [f"{value:.6g} (residual {r:.1g})" for value, r in found[end]] for end in ("highest", "lowest")}
    lines += [f"{end:>8} found  {', '.join(shown)}" for end, shown in pairs.items()]
    for end, (mean, low, high) in found.get("subsets", {}).items():
        of = found["subset_size"]
        lines.append(f"{end:>8} over subsets of {of}  {mean:.6g}, 95 % [{low:.6g}, {high:.6g}]")
    if "trace" in found:
        mean, low, high = found["trace"]
        lines.append(f"   trace  {mean:.6g}, 95 % [{low:.6g}, {high:.6g}]")
    lines.append(found["why"])
    return "\n".join(lines)


def _write_density(path: Path, smooth: Any, lowest: float, highest: float) -> None:
    import numpy as np

    from saddlecheck._files import write_whole

    width = (highest - lowest) / 50 or 1e-12
    grid = np.linspace(lowest - 3 * width, highest + 3 * width, 301)
    rows = zip(grid, *smooth.on(grid, width), strict=True)
    text = "".join(",".join(f"{x:.9g}" for x in row) + "\n" for row in rows)
    write_whole(path, f"eigenvalue,density,low,high\n{text}")
