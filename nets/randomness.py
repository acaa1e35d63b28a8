"""States of random number generators: to see whether something drew from them, and to put them back."""

from __future__ import annotations

import hashlib
import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch

T = TypeVar("T")
Generator = torch.Generator | np.random.Generator | np.random.RandomState | random.Random


def drawn_apart(seed: int) -> torch.Generator:
    """Return a generator on the CPU, one for each seed, whose numbers are not those of `torch.manual_seed(seed)`.

    Weights are often drawn with that: a direction drawn with the same seed would be the weights themselves, along which
    a norm, or a layer that does not feel its weights' size, has no curvature.
    """
    digest = hashlib.blake2b(f"saddlecheck {seed}".encode(), digest_size=7).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big"))


def random_state(own: Sequence[Generator] = ()) -> tuple[bytes, ...]:
    """States of Python's, NumPy's and PyTorch's global generators and of some others, comparable with ==."""
    python, numpy, cpu, *cuda = _global_state()
    return (pickle.dumps(python), pickle.dumps(numpy), cpu, *cuda, *(_state(g) for g in own))


def own_generators(values: Iterable[Any]) -> list[Generator]:
    """The generators among some objects, and those in the attributes of the others."""
    found: list[Generator] = []
    for value in values:
        inside = vars(value).values() if hasattr(value, "__dict__") and not isinstance(value, type) else ()
        found += [g for g in (value, *inside) if isinstance(g, Generator)]
    return found


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Put all global generators back at the end to where they were."""
    python, numpy, cpu, *cuda = _global_state()
    try:
        yield
    finally:
        torch.set_rng_state(torch.frombuffer(bytearray(cpu), dtype=torch.uint8))
        random.setstate(python)
        np.random.set_state(numpy)
        if cuda:
            torch.cuda.set_rng_state_all([torch.frombuffer(bytearray(s), dtype=torch.uint8) for s in cuda])


def _global_state() -> tuple[Any, ...]:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    numpy = np.random.get_state()
    return (random.getstate(), numpy, torch.get_rng_state().numpy().tobytes(), *(s.numpy().tobytes() for s in cuda))


def _state(generator: Generator) -> bytes:
    if isinstance(generator, torch.Generator):
        return generator.get_state().numpy().tobytes()
    if isinstance(generator, np.random.Generator):
        return pickle.dumps(generator.bit_generator.state)
    return pickle.dumps(generator.get_state() if isinstance(generator, np.random.RandomState) else generator.getstate())


def same_draws(closure: Callable[[], T]) -> Callable[[], T]:
    """The closure, made to draw the same random numbers at every call: one dropout mask for both passes of SAM.

    Args:
        closure: evaluates a loss and calls backward.

    Returns:
        A closure. Its first call draws from torch's global generators and moves them; a later one starts from where
        the first did, and ends where the first ended.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import same_draws
        >>> draw = same_draws(lambda: torch.rand(()).item())
        >>> draw() == draw()
        True
    """
    start: list[tuple[Any, ...]] = []

    def again() -> T:
        if not start:
            start.append(_torch_state())
            return closure()
        with kept_random_state():
            _set_torch_state(start[0])
            return closure()

    return again


def _torch_state() -> tuple[Any, ...]:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return (torch.get_rng_state(), *cuda)


def _set_torch_state(state: tuple[Any, ...]) -> None:
    torch.set_rng_state(state[0])
    if len(state) > 1:
        torch.cuda.set_rng_state_all(list(state[1:]))
