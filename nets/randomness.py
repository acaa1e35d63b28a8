"""The states of the global random number generators: to see whether something drew from them, and to put them back."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

State = tuple[bytes, tuple[object, ...], bytes, tuple[bytes, ...]]


def random_state() -> State:
    """States of Python's, NumPy's and PyTorch's global generators, comparable with ==."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return (
        torch.get_rng_state().numpy().tobytes(),
        random.getstate(),
        pickle.dumps(np.random.get_state()),
        tuple(state.numpy().tobytes() for state in cuda),
    )


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Put all global generators back at the end to where they were."""
    cpu, python, numpy, cuda = random_state()
    try:
        yield
    finally:
        torch.set_rng_state(torch.frombuffer(bytearray(cpu), dtype=torch.uint8))
        random.setstate(python)
        np.random.set_state(pickle.loads(numpy))
        if cuda:
            torch.cuda.set_rng_state_all([torch.frombuffer(bytearray(s), dtype=torch.uint8) for s in cuda])
