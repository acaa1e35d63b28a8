"""`saddlecheck analyse`: the verdicts for a loss of the user's."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from saddlecheck.verification.cli.console import err, out

if TYPE_CHECKING:
    from saddlecheck.verification.analysis.settings import Noise

FORMATS = (".png", ".pdf", ".svg")
_LONGEST = 20_000  # characters read from stdin: more than any formula that is accepted


class Parser(TyperCommand):
    """The verb's parser: what begins with a minus sign and is none of its options is the formula."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left of the arguments, once the formula was put behind them."""
        flags = {name for p in self.params for name in (*p.opts, *p.secondary_opts) if getattr(p, "is_flag", False)}
        valued = {name for p in self.params for name in p.opts if name.startswith("-")} - flags
        return super().parse_args(ctx, formula_last(args, flags | set(ctx.help_option_names), valued))


def formula_last(arguments: Sequence[str], flags: Collection[str], valued: Collection[str]) -> list[str]:
    """The arguments with the formula behind "--" where it would be read as an option: "-cos(x)" as -c, -o s(x).

    Args:
        arguments: what follows the verb.
        flags: options without a value, such as -h.
        valued: options with one, such as -o and --rho.

    Returns:
        The same arguments, or options first, then "--", then the others in order.
    """
    options: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            return list(arguments)
        if word in valued:
            options += [word, *([value] if (value := next(rest, None)) is not None else [])]
        elif word in flags or word.startswith("--") or _attached(word):
            options.append(word)
        else:
            others.append(word)
    minus = any(word.startswith("-") and word != "-" for word in others)
    return [*options, "--", *others] if minus else list(arguments)


def _attached(word: str) -> bool:
    """Whether a word is -o with an optimiser's name behind it, such as -osam, and not a formula that begins with -o."""
    if not word.startswith("-o") or word == "-o":
        return False
    from saddlecheck.verification.analysis.decay import NAME
    from saddlecheck.verification.analysis.stability import RULES

    name = word[2:].removeprefix("=")
    return name in (*RULES, NAME) or ".py:" in name


def analyse(
    loss: Annotated[str, typer.Argument(metavar="LOSS", help="A formula, or - to read one from stdin.")],
    rho: Annotated[
        float, typer.Option(help="SAM's radius: weight per gradient (constant), weight (normalised).")
    ] = 0.05,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 0.01,
    momentum: Annotated[float, typer.Option(help="gamma of heavy ball and Nesterov, in [0, 1).")] = 0.0,
    batch: Annotated[
        float | None,
        typer.Option(help="Mini-batch size: adds what its noise does.", show_default=False),
    ] = None,
    noise: Annotated[
        str, typer.Option(help="With --batch: additive (covariance |H|/batch), or multiplicative (in the curvature).")
    ] = "additive",
    spread: Annotated[
        float, typer.Option(help="Multiplicative noise: a sample's curvature deviates by spread |lambda|.")
    ] = 1.0,
    schedule: Annotated[
        str | None,
        typer.Option(
            help="Learning rates, cosine:lr:steps, linear:lr:steps or a list: from which step on each verdict holds.",
            show_default=False,
        ),
    ] = None,
    weight_decay: Annotated[float, typer.Option(help="kappa of the term kappa |w|^2/2 added to the loss.")] = 0.0,
    radius: Annotated[float, typer.Option(help="Distance that counts as escaped, for the escape time.")] = 1.0,
    box: Annotated[
        str | None,
        typer.Option(help="Ranges low:high, one for each variable or one for all; default -10:10.", show_default=False),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds; what is not finished then is marked.")] = 60.0,
    optimiser: Annotated[
        list[str] | None,
        typer.Option(
            "--optimiser",
            "-o",
            help="Only this one, or file.py:rule for your own; may be repeated.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Over adam, adamw, rmsprop or lion, as in adamw:eps=1e-4,beta1=0.", show_default=False),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every optimiser in the table, not the four usual ones.")
    ] = False,
    region: Annotated[bool, typer.Option("--region", help="The largest stable step for a range of rho.")] = False,
    param: Annotated[
        list[str] | None,
        typer.Option(
            help="Sweep a name of the formula, or rho, lr, momentum: name=low:high; name=1 fixes one. May be repeated.",
            show_default=False,
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Give the reason of each verdict, and remarks on single points.")
    ] = False,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            help="Bifurcation diagram over rho, lr or momentum: name=low:high, of --optimiser (sam); --plot draws it.",
            show_default=False,
        ),
    ] = None,
    simulate: Annotated[bool, typer.Option(help="Check each verdict by running the optimiser.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")] = False,
    tex: Annotated[bool, typer.Option("--tex", help="Print a LaTeX snippet instead of the table.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: .png, .pdf or .svg.", show_default=False)] = None,
) -> None:
    """Every critical point of LOSS, and which optimisers it attracts: GD, SAM, normalised SAM, with momentum, ….

    LOSS uses + - * / **, numbers, variables of your own, pi, and sqrt exp log sin cos tan tanh sigmoid
    softplus abs relu max min.

    Three that work:

      saddlecheck analyse "x**2 - y**2" --rho 1 --lr 0.01

      saddlecheck analyse "(x**2 - 1)**2/4" --rho 2 --momentum 0.9 --batch 32 --plot well.png

      saddlecheck analyse "sin(x) + softplus(x*y) + y**2" --box -3:3 --json

    --param takes a range of a parameter of the loss or of the optimiser and lists where the answer changes; --sweep
    runs the optimiser over a range of rho, lr or momentum and lists what it comes to, cycles and chaos included.
    """
    if as_json and tex:
        raise ValueError("--json and --tex both claim stdout; give one of them.")
    if plot is not None:
        _writable(plot)
    from saddlecheck.theory.critical.loss import Loss
    from saddlecheck.verification.analysis.entry import analyse as run
    from saddlecheck.verification.analysis.parameter import read_all

    text, varied = read_all(sys.stdin.read(_LONGEST) if loss == "-" else loss, param or [])
    if varied is not None:
        if tex or region or sweep or any(each is not None for each in (schedule, batch)):
            raise ValueError(
                "--param with a range lists where the answer changes; it goes with none of --tex, --region, --sweep, "
                "--schedule, --batch."
            )
        _swept(text, varied, box, as_json=as_json, plot=plot, rho=rho, lr=lr, momentum=momentum,
               weight_decay=weight_decay, optimisers=optimiser, base=base, timeout=timeout)  # fmt: skip
        return
    formula = Loss(text)
    ranges = parse_box(box, len(formula.variables))
    if sweep:
        if len(sweep) > 1:
            raise ValueError(f"a diagram is over one range, and --sweep is given {len(sweep)} times; give one.")
        if tex or region or weight_decay or any(each is not None for each in (schedule, batch)):
            raise ValueError("--sweep goes with none of --tex, --region, --schedule, --batch, --weight-decay.")
        from saddlecheck.verification.cli.sweep_diagram import sweep_command

        with _status() as say:
            sweep_command(
                formula, sweep[0], optimiser or ["sam"], base=base, as_json=as_json, plot=plot, rho=rho, lr=lr,
                momentum=momentum, box=ranges, timeout=timeout, say=say,
            )  # fmt: skip
        return
    with _status() as say:
        found = run(
            formula, rho=rho, lr=lr, momentum=momentum, batch=batch, noise=cast("Noise", noise), spread=spread,
            schedule=schedule, weight_decay=weight_decay, radius=radius,
            box=ranges, optimisers=optimiser, base=base, region=region, simulate=simulate, timeout=timeout,
            progress=say,
        )  # fmt: skip
        if plot is not None:
            say("drawing")
            found.plot(str(plot))
    if as_json:
        print(json.dumps(found.to_dict(), allow_nan=False))
    elif tex:
        print(found.latex(), end="")
    else:
        from saddlecheck.verification.analysis.report import print_report

        print_report(found, out, every=every or bool(optimiser), verbose=verbose)
    if plot is not None:
        err.print(f"The picture is in {plot}", markup=False)


def _swept(
    formula: str, varied: tuple[str, float, float], box: str | None, *, as_json: bool, plot: Path | None,
    **settings: Any,
) -> None:  # fmt: skip
    from saddlecheck.theory.critical.loss import Loss
    from saddlecheck.verification.analysis.parameter import phases, substituted

    name, low, high = varied
    if box is not None:
        settings["box"] = parse_box(box, len(Loss(substituted(formula, name, low)).variables))
    with _status() as say:
        found = phases(formula, name, low, high, progress=say, **settings)
        if plot is not None:
            from saddlecheck.verification.figures.phases_plot import draw

            say("drawing")
            draw(found, str(plot))
            err.print(f"The picture is in {plot}", markup=False)
    if found[-1].high < high:
        err.print(f"Time ran out at {name} = {found[-1].high:.6g}; give a longer --timeout for the rest.")
    if as_json:
        print(json.dumps([p.to_dict() for p in found], allow_nan=False))
        return
    for phase in found:
        out.print(f"\n[bold]{name} from {phase.low:.6g} to {phase.high:.6g}[/]", highlight=False)
        for line in phase.answers:
            out.print(f"  {line}", markup=False, highlight=False)


def parse_box(text: str | None, variables: int) -> list[tuple[float, float]] | None:
    """Ranges such as "-2:2" or "-2:2,0:5" as pairs; one alone is taken for each variable. Raises ValueError."""
    if text is None:
        return None
    ranges = []
    for part in text.replace(",", " ").split():
        low, colon, high = part.partition(":")
        try:
            ranges.append((float(low), float(high)))
        except ValueError:
            colon = ""
        if not colon:
            raise ValueError(f"{part[:40]!r} is no range; write low:high, as in --box -2:2,0:5.")
    if not ranges:
        raise ValueError("the box is empty; write low:high for each variable, as in --box -2:2,0:5.")
    return ranges * variables if len(ranges) == 1 else ranges


@contextmanager
def _status() -> Iterator[Callable[[str], Any]]:
    """Prints on stderr what is being done, on a terminal only."""
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status("starting") as status:
        yield status.update


def _writable(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise ValueError(
            f"a picture is written as {', '.join(FORMATS)}, not as {path.suffix or 'a file without ending'!r}."
        )
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} does not exist; make it first.")
