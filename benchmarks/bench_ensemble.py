"""Euler-Maruyama of dw = -h w dt + sqrt(2D) dW, 100,000 paths x 1,000 steps: ours beside diffrax, sdeint and NumPy.

    taskset -c 0,1 python -m pytest benchmarks/bench_ensemble.py --benchmark-json=benchmarks/ensemble.json -q

Wants a quiet machine with two cores and, beside saddlecheck, diffrax and sdeint (routes that are not installed are
skipped). One-core routes are held to one core and timed in CPU seconds; the two-core route and everything that a
user waits for is timed by the wall clock. `extra_info` holds path-steps, so path-steps a second = those / median.
"""

import os
import resource
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from saddlecheck.numerics import EnsembleSettings, ornstein_uhlenbeck, simulate
from saddlecheck.numerics.basins import basins

pytestmark = pytest.mark.filterwarnings("ignore")  # the other packages' deprecations are not ours to fix

PATHS, STEPS, DT, H, D = 100_000, 1000, 0.01, 1.0, 0.5
RECURRENCE = ornstein_uhlenbeck(H, D).scheme("euler", DT)
VARIANCE = 2 * D * DT / (1 - (1 - H * DT) ** 2)  # the Euler recurrence's own stationary variance
SIGMA = np.sqrt(2 * D)
WALL = {"timer": time.perf_counter}


@pytest.fixture
def one_core():
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    yield
    os.sched_setaffinity(0, allowed)


def measure(benchmark, run, paths, steps=STEPS, rounds=5):
    benchmark.extra_info["path_steps"] = paths * steps
    variance = benchmark.pedantic(run, rounds=rounds, warmup_rounds=1)
    if paths >= 10_000:  # the right answer, not only a fast one: 10 standard errors
        assert abs(variance / VARIANCE - 1) < 10 * np.sqrt(2 / paths)


@pytest.mark.benchmark(group="one core", timer=time.process_time)
@pytest.mark.parametrize("two_point", [False, True], ids=["gaussian", "two-point"])
def test_ours(benchmark, one_core, two_point):
    def run():
        e = simulate(
            RECURRENCE, paths=PATHS, steps=STEPS, seed=1, two_point=two_point, settings=EnsembleSettings(threads=1)
        )
        return e.variance[0, 0]

    measure(benchmark, run, PATHS)


@pytest.mark.benchmark(group="one core", timer=time.process_time)
@pytest.mark.parametrize("block", [4096, PATHS], ids=["in blocks of 4096", "all at once"])
def test_numpy_preallocated(benchmark, one_core, block):
    rng, w, z = np.random.Generator(np.random.SFC64(1)), np.zeros(PATHS), np.empty(block)
    q, s = 1 - H * DT, SIGMA * np.sqrt(DT)

    def run():
        w[:] = 0
        for first in range(0, PATHS, block):
            x = w[first : first + block]
            noise = z[: len(x)]
            for _ in range(STEPS):
                rng.standard_normal(out=noise)
                x *= q
                noise *= s
                x += noise
        return w.var()

    measure(benchmark, run, PATHS, rounds=3)


@pytest.mark.benchmark(group="one core", timer=time.process_time)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("route", ["batched", "vmap"])
def test_diffrax(benchmark, one_core, route, dtype):
    diffrax, jax = pytest.importorskip("diffrax"), pytest.importorskip("jax")
    import jax.numpy as jnp
    import lineax

    jax.config.update("jax_enable_x64", True)
    shape, kind = ((PATHS,) if route == "batched" else ()), jnp.dtype(dtype)
    sigma = jnp.asarray(SIGMA, kind)

    def noise(t, y, args):
        return lineax.DiagonalLinearOperator(jnp.full(shape, sigma)) if shape else sigma

    def solve(key):
        brownian = diffrax.UnsafeBrownianPath(jax.ShapeDtypeStruct(shape, kind), key)
        terms = diffrax.MultiTerm(diffrax.ODETerm(lambda t, y, a: -y), diffrax.ControlTerm(noise, brownian))
        return diffrax.diffeqsolve(
            terms, diffrax.Euler(), jnp.asarray(0, kind), jnp.asarray(STEPS * DT, kind), jnp.asarray(DT, kind),
            jnp.zeros(shape, kind), saveat=diffrax.SaveAt(t1=True), max_steps=STEPS + 10,
            adjoint=diffrax.ForwardMode() if hasattr(diffrax, "ForwardMode") else diffrax.DirectAdjoint(),
        ).ys[0]  # fmt: skip

    batched = jax.jit(solve if shape else lambda key: jax.vmap(solve)(jax.random.split(key, PATHS)))

    def run():
        return float(jnp.var(batched(jax.random.key(1)).astype(jnp.float64)))

    measure(benchmark, run, PATHS, rounds=3)


@pytest.mark.benchmark(group="one core", timer=time.process_time)
@pytest.mark.parametrize("together", [10, 30, 100, 300], ids=lambda n: f"{n} together")
def test_sdeint_with_paths_as_dimensions(benchmark, one_core, together):
    sdeint = pytest.importorskip("sdeint")
    times, G = np.arange(STEPS + 1) * DT, SIGMA * np.eye(together)
    rng = np.random.default_rng(1)

    def run():
        return sdeint.itoEuler(lambda x, _: -H * x, lambda _x, _t: G, np.zeros(together), times, generator=rng)[
            -1
        ].var()

    measure(benchmark, run, together)


@pytest.mark.benchmark(group="one core", timer=time.process_time)
def test_sdeint_path_by_path(benchmark, one_core):
    sdeint = pytest.importorskip("sdeint")
    times, rng = np.arange(STEPS + 1) * DT, np.random.default_rng(1)

    def run():
        return [
            sdeint.itoEuler(lambda x, _: -H * x, lambda _x, _t: SIGMA, 0.0, times, generator=rng) for _ in range(20)
        ]

    measure(benchmark, run, 20)


@pytest.mark.benchmark(group="cores, wall clock", **WALL)
@pytest.mark.parametrize("threads", [1, 2], ids=["one thread", "two threads"])
def test_two_cores(benchmark, threads):
    def run():
        e = simulate(RECURRENCE, paths=10 * PATHS, steps=STEPS, seed=1, settings=EnsembleSettings(threads=threads))
        return e.variance[0, 0]

    measure(benchmark, run, 10 * PATHS, rounds=15)  # a second core has other work too


@pytest.mark.benchmark(group="what a user waits for", **WALL)
def test_a_million_paths_of_ten_thousand_steps(benchmark):
    simulate(RECURRENCE, paths=10_000, steps=10, seed=1)  # what compiling takes is not what paths take
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def run():
        return simulate(RECURRENCE, paths=1_000_000, steps=10_000, seed=1).variance[0, 0]

    measure(benchmark, run, 1_000_000, 10_000, rounds=1)
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    benchmark.extra_info["memory_growth_mib"] = growth
    assert growth < 64  # a million float64 states alone would take 8; all steps of them 76,000


@pytest.mark.benchmark(group="what a user waits for", **WALL)
def test_beale_basins_400_by_400(benchmark):
    x, y = sp.symbols("x y", real=True)
    a, b, c = sp.Rational(3, 2), sp.Rational(9, 4), sp.Rational(21, 8)
    beale = SimpleNamespace(
        expr=(a - x + x * y) ** 2 + (b - x + x * y**2) ** 2 + (c - x + x * y**3) ** 2, variables=(x, y)
    )
    benchmark.pedantic(basins, (beale, [(3.0, 0.5)]), {"box": (-4.5, 4.5)}, rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="what a user waits for", **WALL)
@pytest.mark.parametrize("cache", ["cold", "warm"])
def test_first_call_of_a_fresh_process(benchmark, tmp_path, cache):
    code = (
        "from numerics import simulate, ornstein_uhlenbeck as o; "
        "simulate(o(1.0, 0.5).scheme('euler', 0.01), paths=10, steps=4, seed=1)"
    )

    def run():
        directory = tmp_path / (str(time.monotonic_ns()) if cache == "cold" else "kept")
        subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"NUMBA_CACHE_DIR": str(directory)})

    benchmark.pedantic(run, rounds=3, warmup_rounds=1)
