"""How every kernel is compiled: one decorator, so that speed and exactness are decided in one place."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Words = NDArray[np.uint32]
Integers = NDArray[np.int64]

TILE = 1024  # paths a tile: every array of a tile stays in the first two cache levels

KERNEL_FILES = ("compiled", "philox", "kernels", "running_moments", "descent", "basins")

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Contraction and reassociation cost nothing in exactness that we rely on; "nnan" and "ninf" are left out, so that
# an overflow is still seen as one.
_FASTMATH = {"contract", "nsz", "arcp", "reassoc"}


def _allow_wide_vectors(numba: Any) -> None:
    """Lets LLVM use 512-bit vectors where the processor has them; a user's own NUMBA_CPU_FEATURES wins."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    if "NUMBA_CPU_FEATURES" not in os.environ and "+prefer-256-bit" in features:
        numba.config.CPU_FEATURES = features + ",-prefer-256-bit"


def _keep_kernels_by_source(numba: Any) -> None:
    """Keeps compiled kernels in a folder named after the source of all of them; a user's own NUMBA_CACHE_DIR wins.

    numba looks at the file of the kernel alone, so a kernel that calls one of another file would outlive a change
    there. A folder of the user's own also serves an installation that may not be written to.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    here = Path(__file__).parent
    source = hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in KERNEL_FILES))
    home = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    numba.config.CACHE_DIR = str(home / "saddlecheck" / f"kernels-{source.hexdigest()[:16]}")


@functools.cache
def _numba() -> Any:
    """The compiler, set up when something is first compiled: its import takes longer than many an experiment runs."""
    import numba

    _allow_wide_vectors(numba)
    _keep_kernels_by_source(numba)
    return numba


def jit(function: _Function) -> _Function:
    """Function compiled by numba on its first call, kept on disk for the next process, and free of the GIL."""
    return compile_with(function, no_cfunc_wrapper=True)


def part(function: _Function) -> _Function:
    """Function compiled as by `jit` that kernels alone call: the wrappers for other callers take time to compile."""
    return compile_with(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def compile_with(function: _Function, signature: Any = None, *, cache: bool = True, **options: bool) -> _Function:
    """Return a function compiled like all kernels; a signature compiles it now, `cache=False` is for generated source.

    options: of numba, besides those of all kernels.
    """
    decorate = _numba().njit(signature, cache=cache, nogil=True, error_model="numpy", fastmath=_FASTMATH, **options)
    return cast("_Function", decorate(function))
