"""Random formulas from the whole grammar: an answer in time that an independent reading confirms, or one line.

500 formulas by default; SADDLECHECK_FUZZ sets another number (tox -e fuzz: 10,000). The seeds are the numbers from 0,
or from SADDLECHECK_FUZZ_FROM, so that a long run can be made in pieces:

    SADDLECHECK_FUZZ=1000 SADDLECHECK_FUZZ_FROM=3000 tox -e fuzz

Each batch of seeds goes on after a failure and ends with a line of counts, shown by -rP.
"""

import os
import random
import resource
import time
from dataclasses import dataclass, field, replace
from fractions import Fraction

import mpmath
import pytest
from formulas import DIGITS, PAIRS, Formula, NoValue, Number, Rough, Unsure, damaged, random_formula
from mpmath import mpf

from saddlecheck.theory.critical import conditions
from saddlecheck.theory.critical.critical_set import CriticalSet
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss
from saddlecheck.verification.analysis.entry import analyse

COUNT = int(os.environ.get("SADDLECHECK_FUZZ", "500"))
FIRST = int(os.environ.get("SADDLECHECK_FUZZ_FROM", "0"))
BATCH = 50
TIMEOUT = 0.3
# CPU seconds beyond the limit: reading the text (the limit does not cover it), one uninterruptible call of FLINT.
SLACK = 1.5
MEMORY = 4 * 2**30  # bytes, at most
GRID, RANGE = 161, 10.0


@dataclass
class Counts:
    """What became of a batch of formulas; late: answered or refused after the limit and its slack."""

    answered: int = 0
    refused: int = 0
    stopped: int = 0
    late: list[object] = field(default_factory=list)
    wrong: list[object] = field(default_factory=list)
    raised: list[object] = field(default_factory=list)

    def add(self, seed):
        """Ask for the formula of a seed; whatever happens is counted."""
        rng = random.Random(seed)
        formula = random_formula(rng)
        text = damaged(rng, formula.text) if rng.random() < 0.15 else formula.text
        start = time.process_time()
        try:
            found = _answer(text)
            spent = time.process_time() - start
            self.late += [(seed, text, spent)] if spent >= TIMEOUT + SLACK else []
            self.answered += found is not None
            self.refused += found is None
            if found is not None:
                self.stopped += any("Time ran out" in note for note in found[1].notes)
                said = problems(formula, *found) if text == formula.text else []
                self.wrong += [(seed, text, said)] if said else []
            if seed % 25 == 0:
                _analysed(formula.text)
        except Exception as error:
            self.raised.append((seed, text, f"{type(error).__name__}: {error}"))

    def __str__(self):
        return (
            f"{self.answered} answered ({self.stopped} of them say that time ran out), {self.refused} refused; "
            f"{len(self.raised)} exceptions, {len(self.late)} past the timeout, {len(self.wrong)} wrong; "
            f"{memory() / 2**20:.0f} MiB at most"
        )


def memory():
    """The most that this process or a child of it has taken, in bytes."""
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_random_formulas(batch):
    seeds = range(FIRST + batch * BATCH, FIRST + min(COUNT, (batch + 1) * BATCH))
    counts = Counts()
    for seed in seeds:
        counts.add(seed)
    print(f"seeds {seeds[0]} to {seeds[-1]}: {counts}")
    assert counts.raised == []
    assert counts.wrong == []
    assert counts.late == []
    assert memory() < MEMORY


def _answer(text):
    """The loss and its critical set; None where it is refused in one line."""
    try:
        loss = Loss(text)
        found = loss.critical_points(timeout=TIMEOUT)
    except BadLoss as refusal:
        return _refused(refusal, text)
    return loss, found


def _analysed(text):
    try:
        analyse(text, rho=0.1, lr=0.01, simulate=False, timeout=1.0).to_dict()
    except ValueError as refusal:
        _refused(refusal, text)


def _refused(refusal, text):
    said = str(refusal)
    assert 0 < len(said) < 400, text
    assert "\n" not in said, text


def problems(formula: Formula, loss: Loss, found) -> list[str]:
    """What the independent reading has against an answer."""
    with mpmath.workdps(DIGITS):
        names = [v.name for v in loss.variables]
        certified = [p for p in found.points if p.certified]
        certified += [s for c in found.components for s in c.samples]
        said = [why for p in certified for why in _of_point(formula, names, p)]
        if found.complete and len(names) == 1:
            said += _missed(formula, names[0], found)
        return said


def _of_point(formula, names, point):
    place = {n: _number(x) for n, x in zip(names, point.at, strict=True)}
    try:
        formula.at(place)
        yield from (f"gradient in {n} at {point.location}" for n in names if not _vanishes(formula, place, n))
    except NoValue as why:
        yield f"no value at {point.location}: {why}"
    except Rough:
        if not _rough_nearby(formula, place):  # sqrt(x - x) is smooth after all
            yield f"not smooth at {point.location}"
    except Unsure:
        return


def _number(interval):
    middle = (interval.lower + interval.upper) / 2
    radius = (interval.upper - interval.lower) / 2
    return Number(_mpf(middle), _mpf(radius) + abs(_mpf(middle)) * mpf(10) ** (5 - DIGITS))


def _mpf(value: Fraction):
    return mpf(value.numerator) / value.denominator


def _vanishes(formula, place, name):
    """Whether the derivative is 0 within the error of a central difference.

    Truncation falls by 4 when h is halved, so it is below the difference of the two; each value carries its own error,
    the enclosure's width among it.
    """
    quotients, budget = [], mpf(0)
    for h in (mpf(10) ** -12, mpf(10) ** -12 / 2):
        right, left = (formula.at(_moved(place, name, s * h)) for s in (1, -1))
        quotients.append((right.value - left.value) / (2 * h))
        budget = max(budget, (right.error + left.error) / h)
    return abs(quotients[1]) <= abs(quotients[0] - quotients[1]) + budget


def _moved(place, name, step):
    return {**place, name: Number(place[name].value + step, place[name].error)}


def _rough_nearby(formula, place):
    for step in (mpf("1.37e-9"), -mpf("2.91e-9")):
        try:
            formula.at({n: Number(x.value + step * (k + 1), mpf(0)) for k, (n, x) in enumerate(place.items())})
        except Rough:
            continue
        except (NoValue, Unsure):
            continue
        return False
    return True


def _missed(formula, name, found):
    """Sign changes of the derivative that no listed point and no component accounts for."""
    low, high = found.box[0] if found.box else (-RANGE, RANGE)
    # Cuts that no critical point of a formula with short numbers falls on.
    grid = [mpf(low) + (mpf(high) - mpf(low)) * (k + mpf("0.4142")) / GRID for k in range(GRID)]
    slopes = [_slope(formula, name, x) for x in grid]
    for k in range(GRID - 1):
        if slopes[k] is not None and slopes[k + 1] is not None and slopes[k] * slopes[k + 1] < 0:
            root = _bisected(formula, name, grid[k], grid[k + 1], slopes[k])
            if root is not None and _smooth_around(formula, name, root) and not _listed(float(root), found):
                yield f"missed {mpmath.nstr(root, 12)}"


def _slope(formula, name, x):
    """The derivative where it is certain not to be 0, else None."""
    place, h = {name: Number(x, mpf(0))}, mpf(10) ** -20
    try:
        right, left = (formula.at(_moved(place, name, s * h)) for s in (1, -1))
    except (NoValue, Rough, Unsure):
        return None
    slope = (right.value - left.value) / (2 * h)
    return slope if abs(slope) > 2 * (right.error + left.error) / h else None


def _bisected(formula, name, low, high, sign):
    """Where the derivative passes through 0; None where it jumps, or has no value on the way."""
    sizes = []
    for _ in range(60):
        middle = (low + high) / 2
        slope = _slope(formula, name, middle)
        if slope is None:
            return None if not sizes else middle if sizes[-1] < 1e-12 * max(sizes) else None
        sizes.append(abs(slope))
        low, high = (middle, high) if slope * sign > 0 else (low, middle)
    return middle if min(sizes[-3:]) < 1e-9 * max(sizes) else None


def _smooth_around(formula, name, root):
    """Whether the formula certainly has a value and is smooth wherever the root may be: in no hole, on no kink."""
    try:
        formula.at({name: Number(root, mpf(10) ** -9 * (1 + abs(root)))})
    except (NoValue, Rough, Unsure):
        return False
    return True


def _listed(x, found):
    near = any(abs(p.location[0] - x) < 1e-6 * (1 + abs(x)) for p in found.points)
    return near or bool(found.components)


# The checker is seen to work: each planted fault is noticed.


def test_what_is_raised_wrong_or_late_is_counted(monkeypatch):
    def slow(_text):
        until = time.process_time() + 0.01
        while time.process_time() < until:
            pass

    counts, seed = Counts(), FIRST + 1  # no multiple of 25: the analysis has no part in it
    counts.add(seed)
    assert (len(counts.raised), len(counts.wrong), len(counts.late)) == (0, 0, 0)
    monkeypatch.setitem(globals(), "SLACK", -TIMEOUT)
    monkeypatch.setitem(globals(), "_answer", slow)
    counts.add(seed)
    monkeypatch.setitem(globals(), "_answer", lambda text: text.no_such_attribute)
    counts.add(seed)
    monkeypatch.setitem(globals(), "_answer", lambda _text: (None, CriticalSet((), (), False, (), ())))
    monkeypatch.setitem(globals(), "problems", lambda *_: ["missed"])
    monkeypatch.setitem(globals(), "damaged", lambda _rng, text: text)
    counts.add(seed)
    assert (len(counts.raised), len(counts.wrong), len(counts.late)) == (1, 1, 2)


CUBE_OVER_X = Formula(
    "x*x*x/x", lambda p: PAIRS["{}/{}"](PAIRS["{}*{}"](p["x"], PAIRS["{}*{}"](p["x"], p["x"])), p["x"])
)
SQUARE = Formula("x**2", lambda p: PAIRS["{}*{}"](p["x"], p["x"]))


def test_a_forgotten_condition_is_noticed(monkeypatch):
    assert problems(CUBE_OVER_X, *_answer(CUBE_OVER_X.text)) == []
    monkeypatch.setattr(conditions, "of_power", lambda *_: iter(()))
    (said,) = problems(CUBE_OVER_X, *_answer(CUBE_OVER_X.text))
    assert "no value at" in said


def test_a_forgotten_condition_is_noticed_by_random_formulas(monkeypatch):
    monkeypatch.setattr(conditions, "of_power", lambda *_: iter(()))
    monkeypatch.setattr(conditions, "of_call", lambda *_: iter(()))
    formulas = (random_formula(random.Random(seed)) for seed in range(COUNT))
    answers = ((f, found) for f in formulas if (found := _answer(f.text)) is not None)
    assert any(problems(f, *found) for f, found in answers)


def test_a_missing_point_is_noticed():
    loss, found = _answer(SQUARE.text)
    assert problems(SQUARE, loss, found) == []
    (said,) = problems(SQUARE, loss, replace(found, points=()))
    assert said.startswith("missed")


def test_a_point_beside_the_right_one_is_noticed():
    loss, found = _answer("(x - 1e-30)**2")
    assert problems(SQUARE, loss, found) == ["gradient in x at (1e-30,)"]
