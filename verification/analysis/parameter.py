"""How the answer changes with one parameter, of the loss or of the optimiser: ranges in which it is the same.

The answer is the list of critical points by kind with the verdicts on each. It is taken on a grid; where two neighbours
differ the change is located by bisection. A change that comes and goes between two grid points is not seen, which the
grid's step bounds; nothing about the parameter is proved.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.critical.parse import FUNCTION_NAMES
from saddlecheck.verification.analysis.entry import DEFAULT_TIMEOUT, analyse
from saddlecheck.verification.analysis.matrix import chosen
from saddlecheck.verification.analysis.result import Point
from saddlecheck.verification.errors import AnalysisOutOfTime

SETTINGS = ("rho", "lr", "momentum")
_GRID = 17  # values of the parameter
_LEAST = 1e-3  # seconds
_HALVINGS = 12  # a change is located within 2^-12 of the grid's step
_WHOLE = re.compile(r"(?<![\w.])[A-Za-z_]\w*")  # a name, and not the exponent of a number


@dataclass(frozen=True)
class Phase:
    """A range of the parameter with one answer: `answers` has a line for each kind of point and its verdicts."""

    parameter: str
    low: float
    high: float
    answers: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON data."""
        return {"parameter": self.parameter, "low": self.low, "high": self.high, "answers": list(self.answers)}


def read(text: str) -> tuple[str, float, float]:
    """Name, low and high of "a=0.1:2". Raises ValueError."""
    name, equals, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    try:
        values = float(low), float(high)
    except ValueError:
        equals = ""
    if not equals or not colon or not _WHOLE.fullmatch(name.strip()):
        raise ValueError(f"{text[:40]!r} is no range of a parameter; write name=low:high, as in --param a=0.1:2.")
    if not values[0] < values[1] or not np.all(np.isfinite(values)):
        raise ValueError(f"the range {ends[:40]} is empty or not finite; write name=low:high with low < high.")
    return name.strip(), *values


def read_all(formula: str, texts: Sequence[str]) -> tuple[str, tuple[str, float, float] | None]:
    """What "a=0.1:2" and "b=3" say together.

    Returns:
        The formula with numbers for the names that are fixed, and name, low and high of the range if there is one.

    Raises:
        ValueError: two ranges, a name given twice or not in the formula, or as of `read`.
    """
    given = [text.partition("=")[0].strip() for text in texts]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice[:40]} is given twice; give each parameter once.")
    ranges = [text for text in texts if ":" in text]
    if len(ranges) > 1:
        raise ValueError(f"{ranges[0][:40]} and {ranges[1][:40]} are two ranges; give one and fix the others: name=1.")
    for text, name in zip(texts, given, strict=True):
        if text in ranges:
            continue
        try:
            value = float(text.partition("=")[2])
        except ValueError:
            value = np.nan
        if not np.isfinite(value) or not _WHOLE.fullmatch(name):
            raise ValueError(f"{text[:40]!r} is no parameter; write name=low:high for a range, or name=1 to fix it.")
        if name in SETTINGS:
            raise ValueError(f"{name} is fixed by its own option, --{name} {value:g}.")
        _known(formula, name)
        formula = substituted(formula, name, value)
    return formula, read(ranges[0]) if ranges else None


def phases(
    formula: str, parameter: str, low: float, high: float, *, progress: Callable[[str], None] | None = None,
    timeout: float | None = DEFAULT_TIMEOUT, **settings: Any,
) -> list[Phase]:  # fmt: skip
    """The ranges of the parameter in which the answer of `analyse` is the same.

    Args:
        formula: the loss as text.
        parameter: a name in it, or one of rho, lr and momentum.
        low: lower end.
        high: upper end.
        progress: called with what is being done, in words.
        timeout: seconds for all values together, None for no limit.
        settings: of `analyse`; nothing is simulated.

    Returns:
        Ranges in order; between two of them lies a change, within 2^-12 of the grid's step. Where time runs out the
        last range ends before `high`, at the last value that was judged.

    Raises:
        ValueError: the formula has no such name, no value was judged in time, or as of `analyse`.

    Example:
        >>> from saddlecheck import phases
        >>> found = phases("x**2 - a*y**2", "a", 0.6, 2.0, rho=0.5, lr=0.01, optimisers=["sam"])
        >>> [(round(phase.high, 3), *phase.answers) for phase in found]  # it attracts where 1/(2a) < rho
        [(1.0, '1 saddle: sam repels'), (2.0, '1 saddle: sam attracts')]
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    if parameter not in SETTINGS:
        _known(formula, parameter)
    known: dict[float, tuple[str, ...]] = {}

    def answer(value: float) -> tuple[str, ...]:
        if value not in known:
            if progress is not None:
                progress(f"{parameter} = {value:.6g}")
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise AnalysisOutOfTime
            try:
                found = _answer(formula, parameter, value, {**settings, "timeout": left and max(left, _LEAST)})
            except ValueError as refused:
                if not known:
                    raise
                raise ValueError(f"at {parameter} = {value:g} {refused}") from None
            # An answer of the last moment may have been cut short anywhere: what it does not list would read as absent.
            if deadline is not None and time.monotonic() > deadline:
                raise AnalysisOutOfTime
            known[value] = found
        return known[value]

    grid = [float(f"{v:.12g}") for v in np.linspace(low, high, _GRID)]
    found: list[Phase] = []
    start = grid[0]
    left = grid[0]
    try:
        answer(left)
    except AnalysisOutOfTime:
        raise ValueError(f"time ran out (limit {timeout:g} s) at the first value; give a longer timeout.") from None
    try:
        for right in grid[1:]:
            while answer(left) != answer(right):
                inside, beyond = left, right
                for _ in range(_HALVINGS):
                    middle = (inside + beyond) / 2
                    inside, beyond = (middle, beyond) if answer(middle) == answer(left) else (inside, middle)
                found.append(Phase(parameter, start, inside, answer(left)))
                start = left = beyond
            left = right
    except AnalysisOutOfTime:
        pass
    return [*found, Phase(parameter, start, left, answer(left))]


def _known(formula: str, name: str) -> None:
    """Refuse what is no name in the formula that may stand for a number."""
    if name in FUNCTION_NAMES or name == "pi":
        raise ValueError(f"{name} is no parameter but a name of the language; give the parameter another.")
    if name not in _WHOLE.findall(formula):
        Loss(formula)  # a formula that is written wrongly, such as 2a for 2*a, has a hint of its own
        raise ValueError(f"the formula has no {name}; a parameter is one of its names, or {', '.join(SETTINGS)}.")


def substituted(formula: str, parameter: str, value: float) -> str:
    """The formula with a number in place of a name, before it is read; as it is for a setting."""
    return _WHOLE.sub(lambda m: f"({value!r})" if m.group() == parameter else m.group(), formula)


def _answer(formula: str, parameter: str, value: float, settings: dict[str, Any]) -> tuple[str, ...]:
    given = dict(settings) | ({parameter: value} if parameter in SETTINGS else {})
    found = analyse(substituted(formula, parameter, value), simulate=False, basins=False, **given)
    if any("Time ran out" in w for w in found.warnings):
        raise AnalysisOutOfTime  # what is missing would read as a change
    every = bool(given.get("optimisers"))
    moving = parameter == "momentum" or given.get("momentum", 0.0) > 0  # the same columns at every value
    lines = Counter(f"{p.kind}: {_verdicts(p, every=every, momentum=moving)}" for p in found.everything)
    return tuple(f"{n} {line}" for line, n in sorted(lines.items())) or ("no critical point",)


def _verdicts(p: Point, *, every: bool, momentum: bool) -> str:
    return ", ".join(f"{n} {p.optimisers[n].verdict}" for n in chosen(p, every=every, momentum=momentum))
