"""How every kernel is compiled: one decorator, so that speed and exactness are decided in one place."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm  # type: ignore[import-untyped]  # ships no types
import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Words = NDArray[np.uint32]
Integers = NDArray[np.int64]

TILE = 1024  # paths a tile: every array of a tile stays in the first two cache levels

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Contraction and reassociation cost nothing in exactness that we rely on; "nnan" and "ninf" are left out, so that
# an overflow is still seen as one.
_FASTMATH = {"contract", "nsz", "arcp", "reassoc"}


def _allow_wide_vectors() -> None:
    """Lets LLVM use 512-bit vectors where the processor has them; a user's own NUMBA_CPU_FEATURES wins."""
    features = llvm.get_host_cpu_features().flatten()
    if "NUMBA_CPU_FEATURES" not in os.environ and "+prefer-256-bit" in features:
        numba.config.CPU_FEATURES = features + ",-prefer-256-bit"  # type: ignore[attr-defined]  # set at run time


_allow_wide_vectors()


def jit(function: _Function) -> _Function:
    """Function compiled by numba on its first call, kept on disk for the next process, and free of the GIL."""
    return compile_with(function)


def compile_with(function: _Function, signature: Any = None, *, cache: bool = True) -> _Function:
    """Function compiled like all kernels; a signature compiles it now, `cache=False` is for generated source."""
    decorate = numba.njit(signature, cache=cache, nogil=True, error_model="numpy", fastmath=_FASTMATH)
    return cast("_Function", decorate(function))
