"""The time limit of a search holds, and what was found is kept."""

import gc
import itertools
import signal
import time
from contextlib import contextmanager, suppress

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.critical import box_search, ideal
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.engines.time_limit import until
from saddlecheck.theory.errors import Outgrown, TimedOut


@pytest.mark.parametrize(
    ("text", "timeout"),
    [("cos(1000*x)", 1.5), ("sin(z**4)", 0.5), ("x**4*sin(1/x)", 1.0), ("tan(tan(x))", 0.5), ("(x + 1e-50)**30", 0.3)],
)
def test_the_limit_holds_and_what_was_found_is_kept(text, timeout):
    loss = Loss(text)
    start = time.process_time()
    found = loss.critical_points(timeout=timeout)
    # CPU seconds: the clock stops at the limit, and one call of FLINT may be under way.
    assert time.process_time() - start < timeout + 1
    assert not found.complete or text.startswith("(x")
    assert len(found) > 20 or "tan" in text or "1e-50" in text


EVEN = "(1 - 8*x + 7*x**2 - 7/3*x**3 + x**4/4)*y**2*exp(-y)"
XOR = " + ".join(f"(a*tanh(b*{p} + c*{q} + d) - {p ^ q})**2" for p in (0, 1) for q in (0, 1))


@pytest.mark.parametrize(
    ("text", "box", "timeout"),
    [(EVEN, [(0, 5), (0, 6)], 3.0), pytest.param(XOR, [(-4, 4)] * 4, 20.0, marks=pytest.mark.slow)],
    ids=["a line of critical points and points beside it", "four weights of a network"],
)
def test_a_box_that_takes_all_the_time_leaves_what_was_found(text, box, timeout):
    loss = Loss(text)
    found = loss.critical_points(box=box, timeout=timeout)
    assert not found.complete
    assert any("Not proved to be all" in note for note in found.notes)
    assert len(found) >= 3
    gradient = sp.lambdify([loss.variables], list(loss.gradient))
    # The search accepts a gradient of 1e-9 (1 + |x|), with |x| at most 6; proved points err by rounding alone.
    assert all(np.abs(gradient(p.location)).max() < 1e-8 for p in found)
    assert all(low <= c <= high for p in found for c, (low, high) in zip(p.location, box, strict=True))


def cubic(n):
    """A dense cubic in n unknowns, coefficients from -9 to 9."""
    rng, names = np.random.default_rng(1), [f"x{i}" for i in range(n)]
    words = [w for k in (1, 2, 3) for w in itertools.combinations_with_replacement(names, k)]
    return " + ".join(f"({rng.integers(-9, 10)})*{'*'.join(w)}" for w in words)


def test_the_limit_holds_where_few_solutions_take_long():
    """64 complex solutions, and half a minute for one call of FLINT: that call is left to a process of its own."""
    loss = Loss(cubic(6))
    start = time.monotonic()
    found = loss.critical_points(timeout=2.0)
    assert not found.complete
    # 2 s, and what a machine under load adds to it; in this process it would take 25 s of a whole core.
    assert time.monotonic() - start < 12


def test_a_basis_that_grows_is_broken_off_and_a_small_one_is_not():
    (small, large) = (Loss(cubic(n)) for n in (4, 6))
    with ideal.quick_bases():
        assert len(ideal.Ideal.of(small.variables, small.gradient).monomials) == 2**4
        with pytest.raises(Outgrown):
            ideal.Ideal.of(large.variables, large.gradient)
    assert len(ideal.Ideal.of(small.variables, small.gradient).monomials) == 2**4


def test_zeros_of_a_fast_oscillation_are_all_told_apart():
    found = Loss("cos(200*x)").critical_points(box=[(-1, 1)])
    assert found.complete
    assert len(found) == 2 * int(200 / np.pi) + 1  # k pi/200 in [-1, 1]


def test_an_interruption_comes_through_and_leaves_no_alarm():
    start = time.monotonic()
    with pytest.raises(TimedOut), until(start + 0.2):
        time.sleep(60)
    time.sleep(0.5)  # the alarm repeats every quarter of a second; none may come now
    assert time.monotonic() - start < 5


def test_a_slow_clock_is_asked_again_until_it_passes_the_deadline():
    """A tenth of the wall's: the alarm of a deadline in 0.05 s rings at once, the block ends after 0.5 s."""
    start = time.monotonic()
    with pytest.raises(TimedOut), until(0.05, lambda: (time.monotonic() - start) / 10):
        time.sleep(60)
    # The deadline by that clock, and at most a quarter of a second to the next alarm; the rest is for a loaded machine.
    assert 0.5 <= time.monotonic() - start < 5
    with until(0.05, lambda: 0.0):  # a clock that stands still
        time.sleep(0.4)


@contextmanager
def generator(deadline):
    """A limit as a generator: the alarm can fall into its last lines, before it is disarmed."""

    def stop(*_):
        raise TimedOut

    handler = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(1e-3, deadline - time.monotonic()), 0.25)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


@pytest.mark.parametrize(("limit", "sound"), [(until, True), (generator, False)])
def test_a_block_that_ends_at_its_deadline_leaves_no_alarm(limit, sound):
    left = 0
    for k in range(6000):  # the end of the block moves over the deadline, by 20 microseconds to each side
        deadline = time.monotonic() + 1.2e-3
        with suppress(TimedOut), limit(deadline):
            while time.monotonic() < deadline + (k % 41 - 20) * 1e-6:
                pass
        if signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0) or signal.getsignal(signal.SIGALRM) != signal.SIG_DFL:
            left += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert (left == 0) == sound


def test_distinct_zeros_are_compared_with_their_neighbours_only(monkeypatch):
    calls = []
    original = box_search._same
    monkeypatch.setattr(box_search, "_same", lambda *a: calls.append(1) or original(*a))
    assert len(Loss("cos(100*x)").critical_points(box=[(-1, 1)])) == 63
    assert len(calls) < 63


def collecting(limit):
    with until(time.monotonic() + limit):
        gc.collect()
        while True:
            time.sleep(0.001)


def test_an_interruption_waits_for_a_callback_of_the_garbage_collector(capfd):
    def slow(phase, _info):
        if phase == "start":
            time.sleep(0.05)  # the alarm falls into it; an exception there would be dropped with a complaint

    gc.callbacks.append(slow)
    try:
        with pytest.raises(TimedOut):
            collecting(0.02)
    finally:
        gc.callbacks.remove(slow)
    assert capfd.readouterr().err == ""
