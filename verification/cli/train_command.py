"""`saddlecheck train`: a model of the user's own, or a CIFAR run from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from saddlecheck.verification.cli.console import progress
from saddlecheck.verification.cli.task_file import need_torch, read_config, read_task, used

if TYPE_CHECKING:
    from saddlecheck.nets.task import Task

# Which options go with what.
_SAM = frozenset(("rho", "constant", "adaptive", "ascent", "every"))
_RULE = frozenset(("rule", "base", "lr", "momentum", "weight_decay")) | _SAM
_FIT = frozenset(("epochs", "batch_size", "seed", "schedule", "warmup", "clip", "accumulate", "micro_batch"))
_TOML = frozenset(("data", "device"))
BASES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def train(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="TASK", help="FILE.py:FUNCTION (returns model, data, loss) or FILE.toml.")
    ],
    folder: Annotated[Path | None, typer.Option("--out", help="The run's folder; by default runs/NAME.")] = None,
    rule: Annotated[Literal["sam", "none"], typer.Option(help="SAM around the base, or the base alone.")] = "sam",
    base: Annotated[str, typer.Option(help="sgd, adam, adamw or rmsprop.")] = "sgd",
    lr: Annotated[float, typer.Option(help="Learning rate, the schedule's largest.")] = 0.1,
    rho: Annotated[float, typer.Option(help="SAM's radius.")] = 0.05,
    constant: Annotated[bool, typer.Option("--constant", help="rho times the gradient, not normalised.")] = False,
    adaptive: Annotated[bool, typer.Option("--adaptive", help="ASAM: scaled by the size of each weight.")] = False,
    ascent: Annotated[
        str | None, typer.Option(help="A variant by its name, such as gsam or friendlysam:sigma=0.7,beta=0.95.")
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Climb on the first of so many steps.")] = 1,
    momentum: Annotated[float, typer.Option(help="Of SGD.")] = 0.0,
    weight_decay: Annotated[float, typer.Option(help="In the descent step only.")] = 0.0,
    epochs: Annotated[int, typer.Option(min=1)] = 10,
    batch_size: Annotated[int, typer.Option(min=1, help="Samples; a DataLoader has its own.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Of the order of samples and what the model draws.")] = 0,
    schedule: Annotated[Literal["constant", "cosine"], typer.Option(help="Of the learning rate.")] = "constant",
    warmup: Annotated[int, typer.Option(min=0, help="Steps in which the learning rate rises.")] = 0,
    clip: Annotated[float | None, typer.Option(help="Largest norm of the descent's gradient.")] = None,
    accumulate: Annotated[int, typer.Option(min=1, help="Mini-batches a step.")] = 1,
    micro_batch: Annotated[int | None, typer.Option(min=1, help="m-SAM: samples that share an ascent.")] = None,
    data: Annotated[Path | None, typer.Option(help="For FILE.toml: CIFAR's binary archive or its folder.")] = None,
    device: Annotated[str, typer.Option(help="For FILE.toml: a torch device.")] = "cpu",
) -> int:
    """Train a model of your own, or a CIFAR run from a TOML file whose keys are TrainConfig's.

    FILE.py is run as your own program. The folder then holds record.json, weights.safetensors and monitor.csv; of a
    CIFAR run NAME.json and NAME.safetensors. The same command goes on after ^C or a crash. Exit code 1 if the run
    diverged.

    Examples:  saddlecheck train digits.py:task --base adamw --lr 0.001 --epochs 30    saddlecheck train run.toml
    """
    need_torch()
    if what.endswith(".toml"):
        _refuse_given(context, _FIT | _RULE, f"{what} holds all settings of the run: write it there")
        return _train_config(Path(what), folder or Path("runs"), data, device)
    from saddlecheck.nets import FitConfig, fit

    _refuse_given(context, _TOML, "it goes with FILE.toml; a task makes its own data and moves its own model")
    settings = FitConfig(
        epochs=epochs, batch_size=batch_size, seed=seed, schedule=schedule, warmup=warmup, clip=clip,
        accumulate=accumulate, micro_batch=micro_batch,
    )  # fmt: skip
    shown = folder or Path("runs") / _name(what)
    where = shown.absolute()  # the task may change the directory
    task = read_task(what, seed)
    if task.optimiser is not None:
        _refuse_given(context, _RULE, "the task brings its own optimiser: set it there, or leave Task.optimiser out")
    if rule == "none":
        _refuse_given(context, _SAM, "--rule none takes the base alone, without SAM")
    optimiser = task.optimiser or _optimiser(
        task, rule, base, {"lr": lr, "weight_decay": weight_decay}, momentum, every=every, ascent=ascent,
        rho=rho, normalised=not constant, adaptive=adaptive,
    )  # fmt: skip
    with progress() as bar, used(what):
        line = bar.add_task("epochs", total=settings.epochs)

        def log(done: int, numbers: Any) -> None:
            loss = numbers.get("batch_loss")
            words = f"loss {loss:.4g}" if loss is not None else "loss not finite"
            words += "; where it ended is looked at" if done == settings.epochs else ""
            bar.update(line, completed=done, description=words)

        made = fit(
            task.model, task.data, task.loss, optimiser, settings, out=where, test=task.test, metrics=task.metrics,
            log=log, about={"task": what},
        )  # fmt: skip
    _print_run(f"{shown}/: {made.result['epochs_done']} epochs, {made.result['steps']} steps", made.result)
    return int(made.result["diverged"])


def _name(what: str) -> str:
    """The folder of a task's runs: its file's path and its function, as one word."""
    path, _, function = what.rpartition(":")
    parts = [part for part in (*Path(path.removesuffix(".py")).parts, function) if part.strip("/.")]
    return "-".join(parts)


def _refuse_given(context: typer.Context, names: frozenset[str], why: str) -> None:
    """Raise ValueError for an option of the command line that would decide nothing here."""
    for name in sorted(names):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise ValueError(f"--{name.replace('_', '-')} decides nothing here: {why}.")


def _train_config(path: Path, folder: Path, data: Path | None, device: str) -> int:
    from saddlecheck.nets.train import train as train_cifar

    config = read_config(path)
    with progress() as bar:
        line = bar.add_task(config.name, total=config.epochs)

        def show(done: int, _curves: Any) -> None:
            bar.update(line, completed=done)

        made = train_cifar(config, data=data, out=folder, device=device, explained=True, progress=show)
    _print_run(f"{folder / config.name}.json: {made.result['epochs_done']} epochs", made.result)
    return int(made.result["diverged"])


def _optimiser(
    task: Task,
    rule: str,
    base: str,
    more: dict[str, Any],
    momentum: float,
    *,
    every: int,
    ascent: str | None,
    **sam: Any,
) -> Any:
    """The base with `more` and momentum; around it, unless the rule is none, SAM with the settings `sam`."""
    import torch

    from saddlecheck.nets import SAM, Every
    from saddlecheck.nets.named_ascent import named_ascent

    if base not in BASES:
        raise ValueError(f"base is one of {', '.join(BASES)}; got {base!r}.")
    if momentum and base != "sgd":
        raise ValueError("momentum is SGD's; Adam and its kin have their own: leave it out.")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"momentum lies in [0, 1); got {momentum:g}.")
    kind = getattr(torch.optim, BASES[base])
    more |= {"momentum": momentum} if base == "sgd" else {}
    parameters = [p for p in task.model.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError("the model of the task has no trainable weights: there is nothing to train.")
    if rule == "none":
        return kind(parameters, **more)
    climb = None if ascent is None else named_ascent(ascent)
    when = None if every == 1 else Every(every)
    return SAM(parameters, kind, model=task.model, ascent=climb, when=when, **sam, **more)


def _print_run(head: str, result: dict[str, Any]) -> None:
    from saddlecheck.nets.explanation import explained_in

    lines = [head]
    if result["evaluations"]:
        last = {k: v for k, v in result["evaluations"][-1].items() if k != "epoch"}
        lines.append(", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in last.items() if v is not None))
    print("\n".join((*lines, str(explained_in(result)))))
