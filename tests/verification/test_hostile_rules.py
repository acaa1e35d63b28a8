"""Own rules of kinds that nobody expects: verdicts against rates derived by hand, and one line where it is no rule.

The loss has the eigenvalues -2 and 2 at its only point beside others, (0, 0); the rate of a rule is p(lambda), it
attracts where p(-2) > 0 and p(2) > 0, and up to lr = 2/max p.
"""

import warnings

import numpy as np
import pytest

from saddlecheck import analyse
from saddlecheck.theory.optimisers.criteria import radii
from saddlecheck.theory.optimisers.response import Response
from saddlecheck.theory.symbols import lam, rho

LOSS = "x**2 - y**2 + x*y**2/3"


def ruled(rule, radius=0.6, lr=0.05, **more):
    """The ruling at (0, 0); any warning is an error, as of NumPy where a radius far away overflows."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = analyse(LOSS, rho=radius, lr=lr, optimisers=rule, basins=False, starts=8, steps=1500, **more)
    (point,) = (p for p in found.points if p.at == (0.0, 0.0))
    return point.optimisers[rule.__name__]


def in_place(gradient, w, rho):
    """SAM, its step written over the gradient: p = lambda (1 + rho lambda)."""
    g = gradient(w)
    g *= rho
    g += w
    return gradient(g)


def into_out(gradient, w, rho):
    """The same with NumPy's own out=."""
    g = gradient(w)
    np.multiply(g, rho, out=g)
    return gradient(np.add(w, g, out=g))


def as_list(gradient, w, rho):
    """SAM as a list of floats: treated by its Jacobian."""
    return [float(x) for x in gradient(w + rho * gradient(w))]


def clipped(gradient, w, rho):
    """SAM, clipped to length 1: beside the point it is SAM."""
    g = gradient(w + rho * gradient(w))
    return g * min(1.0, 1.0 / max(float(np.linalg.norm(g)), 1e-300))


def single(gradient, w, rho):
    """SAM in float32 at the end: its rounding is 6e-8 of the gradient."""
    return gradient(w + rho * gradient(w)).astype(np.float32)


def backwards(gradient, w, rho):
    """-g(w - rho g): p = -lambda (1 - rho lambda), which attracts at rho = 0.6 where the minimum's side would not."""
    return -gradient(w - rho * gradient(w))


SAM_EDGE = 2 / 4.4  # p(2) = 2 (1 + 1.2), p(-2) = 0.4


@pytest.mark.parametrize("rule", [in_place, into_out, as_list, clipped, single, backwards])
def test_verdict_edge_and_runs_on_both_sides(rule):
    """At rho = 0.6 each of them has the rates 4.4 and 0.4, up to float32's rounding; at rho = 0.4 one is -0.4."""
    ruling = ruled(rule)
    assert ruling.verdict == "attracts"
    assert ruling.lr_max == pytest.approx(SAM_EDGE, rel=1e-6)
    assert ruling.radii == ((pytest.approx(0.5, rel=1e-6), None),)
    assert all(type(end) is float for low, high in ruling.radii for end in (low, high) if end is not None)
    assert ruling.simulated == "confirmed"
    assert ruled(rule, lr=1.02 * SAM_EDGE, timeout=30).verdict == "repels"
    low = ruled(rule, radius=0.45)
    assert (low.verdict, low.simulated) == ("repels", "confirmed")


@pytest.mark.parametrize(("steps", "trapped", "ranges"), [(5, "mu*rho > 1", ((0.5, None),)), (12, "never", ())])
def test_many_ascent_steps_have_an_exact_radius(steps, trapped, ranges):
    """p = lambda (1 + rho lambda)^N: a zero of multiplicity N at rho = 1/2, which traps for odd N alone."""

    def climbing(gradient, w, rho):
        for _ in range(steps):
            w = w + rho * gradient(w)
        return gradient(w)

    found = analyse("x**2 - y**2", rho=0.7, lr=1e-4, optimisers=climbing, simulate=False, basins=False, timeout=60)
    ruling = found.points[0].optimisers["climbing"]
    assert found.rules["climbing"].trapped == trapped
    assert ruling.radii == ranges
    assert ruling.certified
    assert ruling.verdict == ("attracts" if ranges else "repels")


def test_forty_ascent_steps_end_in_time():
    """Each gradient of a loop doubles an expression that is not multiplied out; beyond 33 terms it is numerical."""

    def climbing(gradient, w, rho):
        for _ in range(40):
            w = w + rho * gradient(w)
        return gradient(w)

    found = analyse("x**2 - y**2", rho=0.1, lr=1e-4, optimisers=climbing, simulate=False, basins=False, timeout=60)
    ruling = found.points[0].optimisers["climbing"]
    assert (ruling.verdict, ruling.certified) == ("repels", False)  # p(-2) = -2 0.8^40 < 0
    assert ruling.why.startswith("numerical")


def test_multiple_roots_are_found_once_and_exactly():
    """(1 - rho)^3 (rho - 3)^2 lambda^k: the roots 1 and 3, of which the second changes no sign."""
    p = lam * (1 + rho * lam) ** 3 * (3 + rho * lam) ** 2
    assert radii(Response(0, p, 0), [-1.0]) == [(1.0, 3.0), (3.0, np.inf)]
    assert radii(Response(0, p, 0), [-1.0, 2.0]) == [(1.0, 3.0), (3.0, np.inf)]
    assert radii(Response(0, -p, 0), [-1.0]) == [(0.0, 1.0)]


def test_a_radius_at_which_nothing_can_be_told_ends_no_range():
    """sqrt(rho) e^rho = 1/2 at rho = 0.1758...; far beyond the rule is too steep for its differences."""

    def growing(gradient, w, rho):
        return gradient(w + np.sqrt(rho) * np.exp(rho) * gradient(w))

    ((low, high),) = ruled(growing).radii
    assert np.sqrt(low) * np.exp(low) == pytest.approx(0.5, rel=1e-6)
    assert high is None


def complex_values(gradient, w, rho):
    return gradient(w) + 0j


def complex_places(gradient, w, rho):
    return gradient(w + 1j * rho)


class _Momentum:
    __name__ = "momentum"
    kept = 0.0

    def __call__(self, gradient, w, rho):
        self.kept = 0.9 * self.kept + gradient(w)
        return self.kept


def two_lines(gradient, w, rho):
    raise RuntimeError("one\nand another")


@pytest.mark.parametrize(
    ("rule", "says"),
    [(complex_values, "complex_values returns complex numbers"), (complex_places, "gradient at complex weights"),
     (_Momentum(), "momentum (raised TypeError .*keeps a state|gives two answers)"), (two_lines, "one and another$")],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_one_line(rule, says):
    with pytest.raises(ValueError, match=says) as refused:
        analyse(LOSS, rho=0.6, lr=0.05, optimisers=rule)
    assert "\n" not in str(refused.value)


def test_normalised_sam_is_spoken_of_only_where_it_is_judged():
    def halved(gradient, w, rho):
        return gradient(w) / 2

    own = analyse("x**2", rho=0.1, lr=0.01, optimisers=halved, simulate=False)
    assert not any("normalised SAM" in w for w in own.warnings)
    both = analyse("x**2", rho=0.1, lr=0.01, optimisers=[halved, "sam_normalised"], simulate=False)
    assert any("normalised SAM" in w for w in both.warnings)
