"""Arrays with running error bounds: what is called certain is the exact value, rounded; and most elements are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from saddlecheck.numerics import capture_window, certain, running, sam_edge, two_cycle, usam_floor

MANY = 4000
RATIONAL = {
    "sum": lambda x, y: x + y,
    "quotient": lambda x, y: x / y,
    "cancels": lambda x, y: (x - y) ** 2 / (x**2 - y**2) - (x - y) / (x + y) + x,
    "constants": lambda x, y: 1 / (2 - x) + 0.5 * y - 3,
    "far": lambda x, y: x**30 * y**20 / (1 + x) ** 30,
    "absolute": lambda x, y: abs(-x) * y - y / x,
}


def columns(seed: int, low: float = -3, high: float = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return tuple(rng.choice([-1, 1], MANY) * 10 ** rng.uniform(low, high, MANY) for _ in range(2))


def exact(formula, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Of fractions; Python rounds a quotient of whole numbers correctly, and 0.5 is a fraction as it is."""
    as_fraction = [(Fraction(float(a)), Fraction(float(b))) for a, b in zip(x, y, strict=True)]
    return [float(_with_fractions(formula, a, b)) for a, b in as_fraction]


class _Half(Fraction):
    """A fraction that takes floats as what they are exactly."""

    def __rmul__(self, other):
        return Fraction(other) * Fraction(self)


def _with_fractions(formula, a: Fraction, b: Fraction) -> Fraction:
    return formula(_Half(a), _Half(b))


@pytest.mark.parametrize("name", RATIONAL)
def test_what_is_certain_is_the_exact_value_rounded(name: str) -> None:
    """No tolerance: both ends of a certain interval round to one float, and the exact value lies between them."""
    x, y = columns(1)
    found, sure = running.rounded(running.enclosed(RATIONAL[name], (x, y)))
    wanted = np.array(exact(RATIONAL[name], x, y))
    assert np.array_equal(found[sure], wanted[sure])
    # A bound of k units of 2^-64 leaves a share of at most 2k 2^-64/2^-53 = k/1024 open; "far" has 80 operations. A sum
    # of two floats whose exponents differ by d is half-way between two floats with the chance 2^-d, and each d has 1/20
    # here: about 1/10 of the sums are never certain.
    assert np.mean(sure) > (0.5 if name in ("far", "cancels") else 0.8 if name == "sum" else 0.97)


def test_without_the_roundoff_wrong_values_would_be_called_certain(monkeypatch) -> None:
    """The false twin."""
    monkeypatch.setattr(running, "_UNIT", 0)
    x, y = columns(1)
    found, sure = running.rounded(running.enclosed(RATIONAL["far"], (x, y)))
    wanted = np.array(exact(RATIONAL["far"], x, y))
    assert not np.array_equal(found[sure], wanted[sure])


@pytest.mark.parametrize("seed", range(3))
def test_roots_and_maxima_against_balls_of_300_bits(seed: int) -> None:
    x, y = columns(seed)

    def formula(x, y):
        return (x**2 + y**2).sqrt() / (1 + (x * y).max(arb(0)))

    found, sure = running.rounded(running.enclosed(formula, (x, y)))
    with ctx.workprec(300):
        wanted = np.array([float(formula(arb(a), arb(b))) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
    assert np.array_equal(found[sure], wanted[sure])
    assert np.mean(sure) > 0.97


@pytest.mark.parametrize("formula", [lambda x, y: x * y, lambda x, y: x / y, lambda x, y: x * x * y * y / (x * y)])
@pytest.mark.parametrize(("low", "high"), [(-307, -150), (150, 307), (-307, 307)])
def test_arrays_give_what_single_values_give_over_the_whole_range(formula, low: float, high: float) -> None:
    """Products underflow to 0 and overflow to inf as the exact value does; `value` refines each alone."""
    x, y = (c[:300] for c in columns(7, low, high))
    alone = [
        certain.value(lambda a=a, b=b: formula(arb(a), arb(b))) for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    assert np.array_equal(certain.values(formula, x, y), alone)


def test_signs_of_what_cancels() -> None:
    x, _ = columns(3)
    y = np.where(np.arange(MANY) % 3 == 0, x, np.nextafter(x, np.where(np.arange(MANY) % 3 == 1, np.inf, -np.inf)))
    found = certain.signs(lambda x, y: x**3 - y**3, x, y)
    assert np.array_equal(found, np.sign(x - y))  # a cube increases; x - y of neighbours is exact
    assert set(found) == {-1.0, 0.0, 1.0}
    quick, sure = running.signs(running.enclosed(lambda x, y: x**3 - y**3, (x, y)))
    assert np.array_equal(quick[sure], np.sign(x - y)[sure])
    assert not np.any(sure[x == y])  # an exact 0 is never certain here


@pytest.mark.parametrize(
    "formula", [lambda x: x.log1p(), lambda x: x if x > 0 else -x, lambda x: x**0.5, lambda x: x * arb.pi()]
)
def test_what_has_no_bound_is_left_to_balls(formula) -> None:
    assert running.enclosed(formula, (np.linspace(0.1, 1, 20),)) is None


def test_public_functions_on_arrays_are_those_on_numbers() -> None:
    rng = np.random.default_rng(5)
    rho, lr, top = rng.uniform(0, 2, 60), rng.uniform(0.01, 0.2, 60), rng.uniform(0.1, 3, 60)
    for function, given in (
        (two_cycle, {"top": top, "rho": rho, "lr": lr}),
        (sam_edge, {"gradient": top, "rho": rho, "lr": lr}),
        (usam_floor, {"eigenvalues": top[:, None], "rho": rho, "lr": lr / 10, "s": 1.0}),
        (lambda **more: np.array(capture_window(**more)).T, {"top": top, "lr": lr}),
    ):
        together = function(**given)
        alone = [function(**{k: v[j] if np.ndim(v) else v for k, v in given.items()}) for j in range(60)]
        assert np.array_equal(together, np.array(alone).reshape(together.shape), equal_nan=True)
