"""Same seed, same bits: whatever the threads, the blocks, the shards and the workers, one of which dies."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from saddlecheck import numerics
from saddlecheck.numerics import Algorithm, Descent, EnsembleSettings, Exit, simulate
from saddlecheck.numerics.compiled import KERNEL_FILES
from saddlecheck.numerics.ensemble_run import block_ranges
from saddlecheck.numerics.linear_map import recurrence

x, y = sp.symbols("x y", real=True)
LINEAR = recurrence(Algorithm("independent", 0.05, rho=0.3, gamma=0.5), np.diag([1.0, -0.5]), np.eye(2))
LITERAL = Descent(
    SimpleNamespace(expr=x**2 - y**2 + x**2 * y**2, variables=(x, y)),
    (Algorithm("sgd", 0.01), Algorithm("independent", 0.01, rho=0.1, normalised=True)),
    np.array([[1.0, 0.2], [0.2, 0.5]]),
)
HOLDS_KERNELS = r"^@(jit|part)$|compile_with\("
REQUEST = {"paths": 9000, "steps": 37, "seed": 42, "checkpoints": [0, 5, 37], "exit": Exit(0.5, (0.0, 0.0))}


def numbers(ensemble):
    return (ensemble.mean, ensemble.feature_covariance, ensemble.feature_mean, ensemble.exits, ensemble.diverged)


def assert_same_bits(a, b):
    for left, right in zip(numbers(a), numbers(b), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("system", [LINEAR, LITERAL], ids=["linear", "literal"])
@pytest.mark.parametrize(
    "settings",
    [
        EnsembleSettings(threads=2),
        EnsembleSettings(threads=3, block=1024),
        EnsembleSettings(threads=1, block=4096),
        EnsembleSettings(threads=2, block=10**6),
    ],
)
def test_threads_and_blocks_do_not_change_a_bit(system, settings):
    assert_same_bits(
        simulate(system, **REQUEST, settings=EnsembleSettings(threads=1)),
        simulate(system, **REQUEST, settings=settings),
    )


def test_an_interrupt_stops_the_threads_and_reaches_the_caller():
    seen = []

    def interrupt(done, paths):
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(
            LINEAR,
            **(REQUEST | {"paths": 200_000}),
            settings=EnsembleSettings(threads=2, block=1024, progress=interrupt),
        )
    assert len(seen) == 1


def test_the_kernels_cache_knows_every_file_with_a_kernel():
    # numba does not notice a change in another file; the cache's folder is named after all files that hold kernels.
    folder = Path(numerics.__file__).parent
    kernels = {p.stem for p in folder.glob("*.py") if re.search(HOLDS_KERNELS, p.read_text(), re.MULTILINE)}
    assert kernels - {"gradient"} == set(KERNEL_FILES)  # gradients are generated, and not kept


def test_importing_the_package_costs_nothing():
    code = "import sys, numerics; assert not {'numba', 'scipy', 'sympy', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    for name in numerics.__all__:
        assert getattr(numerics, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        numerics.nothing  # noqa: B018 # the access is the test


def test_a_recurrence_is_simulated_without_sympy_and_a_descent_is_not():
    # The first simulated path of a process waits for numba; SymPy would add a third to that.
    code = (
        "import sys, numpy as np; from saddlecheck.numerics import Recurrence, simulate; "
        "simulate(Recurrence(np.array([[0.5]]), np.array([[1.0]]), ('x',)), paths=8, steps=2, seed=1); "
    )
    subprocess.run([sys.executable, "-c", code + "assert 'sympy' not in sys.modules"], check=True)
    twin = code + "from saddlecheck.numerics import Algorithm; assert 'sympy' in sys.modules"
    subprocess.run([sys.executable, "-c", twin], check=True)


def test_each_kernel_is_compiled_once(tmp_path):
    # This is what the first path of a process waits for: a second signature compiles a kernel, and all that it calls,
    # again. The twin is a function that is called with two types.
    code = (
        "from saddlecheck.numerics import compiled, kernels, philox, running_moments, simulate, Exit, Recurrence\n"
        "import numpy as np\n"
        "halved = Recurrence(np.array([[0.5]]), np.array([[1.0]]), ('x',))\n"
        "for more in ({}, {'exit': Exit(2.0), 'checkpoints': [0, 3]}, {'two_point': True, 'stream': 3}):\n"
        "    simulate(halved, paths=8, steps=6, seed=1, **more)\n"
        "names = [f for m in (kernels, philox, running_moments) for f in vars(m).values()]\n"
        "found = [f for f in names if hasattr(f, 'signatures')]\n"
        "twin = compiled.compile_with(lambda x: x, cache=False)\n"
        "twin(1), twin(1.0)\n"
        "print(max(len(f.signatures) for f in found), sum(bool(f.signatures) for f in found), len(twin.signatures))\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}  # what is kept on disk is not compiled
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    most, kinds, twin = map(int, run.stdout.split())
    assert most == 1
    assert kinds >= 10
    assert twin == 2


def test_another_seed_or_stream_changes_the_numbers():
    # The twin of every equality in this file: it could not pass by returning constants.
    one = simulate(LINEAR, **REQUEST)
    for change in ({"seed": 43}, {"stream": 1}):
        assert np.all(simulate(LINEAR, **(REQUEST | change)).mean[1:] != one.mean[1:])


def test_the_first_paths_are_those_of_a_larger_ensemble():
    few = simulate(LINEAR, **(REQUEST | {"paths": 3000}))
    np.testing.assert_array_equal(few.exits, simulate(LINEAR, **REQUEST).exits[:3000])


@pytest.fixture(scope="module")
def dask_cluster():
    distributed = pytest.importorskip("distributed")
    # Two worker processes with a nanny each, which starts another when one dies.
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # distributed's own: ports, event loops and closed streams of a killed worker
def test_two_dask_workers_give_the_same_bits(dask_cluster):
    from saddlecheck.numerics.cluster import DaskCluster

    with DaskCluster(dask_cluster.scheduler_address) as cluster:
        for system in (LINEAR, LITERAL):
            far = simulate(system, **REQUEST, settings=EnsembleSettings(cluster=cluster, block=1024))
            assert_same_bits(simulate(system, **REQUEST), far)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
def test_killing_a_worker_changes_nothing(dask_cluster):
    from saddlecheck.numerics.cluster import DaskCluster

    request, seen = {"paths": 60_000, "steps": 500, "seed": 7}, []
    victim = next(iter(dask_cluster.workers.values())).pid

    def kill_after_the_first_shard(done, paths):
        if not seen:
            os.kill(victim, signal.SIGKILL)  # 58 shards are still to come, and what the victim had computed is lost
        seen.append(done)

    with DaskCluster(dask_cluster.scheduler_address) as cluster:
        settings = EnsembleSettings(cluster=cluster, block=1024, progress=kill_after_the_first_shard)
        far = simulate(LINEAR, **request, settings=settings)
    assert victim not in {worker.pid for worker in dask_cluster.workers.values()}
    assert_same_bits(simulate(LINEAR, **request), far)


def test_no_scheduler_is_a_named_error():
    pytest.importorskip("distributed")
    from saddlecheck.numerics.cluster import DaskCluster

    with pytest.raises(ValueError, match="no Dask scheduler answers at"):
        DaskCluster("tcp://127.0.0.1:1", timeout=0.5)


@pytest.mark.parametrize("tiles", [1, 5, 64, 977, 1000])
@pytest.mark.parametrize("speeds", [(1.0,), (1.0, 1.0), (1.0, 0.9), (1.0, 0.9, 0.5)])
def test_blocks_are_all_the_tiles_and_a_slow_core_delays_the_end_by_one(tiles, speeds):
    blocks = block_ranges(tiles, len(speeds), None)
    assert [tile for first, size in blocks for tile in range(first, first + size)] == list(range(tiles))
    assert max(size for _, size in blocks) <= 16
    # No schedule of whole tiles beats the ideal, and the last worker is at most one tile of its own behind it.
    assert 0 <= finish(blocks, speeds) - tiles / sum(speeds) <= 1 / min(speeds)


@pytest.mark.parametrize("speeds", [(1.0, 0.9), (1.0, 0.9, 0.5)])
def test_blocks_of_one_size_would_delay_it_by_more(speeds):
    # The control of the test above: the shrinking is what it measures.
    blocks = block_ranges(977, len(speeds), 16 * 1024)
    assert finish(blocks, speeds) - 977 / sum(speeds) > 1 / min(speeds)


def finish(blocks, speeds):
    """When the last block is done if each worker takes the next one as soon as it is free; tiles per unit of time."""
    free = [0.0] * len(speeds)
    for _, size in blocks:
        worker = free.index(min(free))
        free[worker] += size / speeds[worker]
    return max(free)
