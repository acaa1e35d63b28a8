"""Random formulas from the whole grammar: an answer in time that an independent reading confirms, or one line.

500 formulas by default; SADDLECHECK_FUZZ sets another number (tox -e fuzz: 10,000). The seeds are the numbers from 0.
"""

import os
import random
import resource
import time
from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from formulas import DIGITS, PAIRS, Formula, NoValue, Number, Rough, Unsure, damaged, random_formula
from mpmath import mpf

from saddlecheck.theory.critical import conditions
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss
from saddlecheck.verification.analysis.entry import analyse

COUNT = int(os.environ.get("SADDLECHECK_FUZZ", "500"))
BATCH = 50
TIMEOUT = 0.3
# CPU seconds beyond the limit: reading the text (the limit does not cover it), one uninterruptible call of FLINT.
SLACK = 1.5
MEMORY = 4 * 2**30  # bytes, at most
GRID, RANGE = 161, 10.0


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_random_formulas(batch):
    for seed in range(batch * BATCH, min(COUNT, (batch + 1) * BATCH)):
        rng = random.Random(seed)
        formula = random_formula(rng)
        if rng.random() < 0.15:
            found = _answer(damaged(rng, formula.text))
        else:
            found = _answer(formula.text)
            if found is not None:
                assert problems(formula, *found) == [], (seed, formula.text)
        if seed % 25 == 0:
            _analysed(formula.text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MEMORY


def _answer(text):
    """The loss and its critical set, in time; None where it is refused in one line."""
    start = time.process_time()
    try:
        loss = Loss(text)
        found = loss.critical_points(timeout=TIMEOUT)
    except BadLoss as refusal:
        return _refused(refusal, text)
    finally:
        assert time.process_time() - start < TIMEOUT + SLACK, text
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
