"""Room for a tile's arrays, at places in memory that are chosen, not left to the allocator.

Rows of a tile are whole pages long, so two arrays keep their distance modulo a page all along a loop. Where the one
that is read lies a little behind the one that is written, a processor that compares the last 12 bits of addresses
takes each load for one of a value just stored, and waits; where a row does not begin on a cache line, each wide load
touches two. A thread's heap may do both to one thread and neither to another, and the others then wait for it.

This is plain NumPy, and a kernel is handed its room: compiled, these few lines took a third of the kernels' first call.
"""

from __future__ import annotations

import numpy as np

from saddlecheck.numerics.compiled import TILE, Floats, Singles, Words

_PAGE, _ITEM = 4096, 8  # bytes


def scratch(rows: int, place: int) -> Floats:
    """Uninitialised float64 of shape (rows, TILE), beginning `place` bytes (a multiple of 64) into a memory page."""
    return _items(rows * TILE, place).reshape((rows, TILE))


def noise_scratch(channels: int) -> tuple[Words, Singles]:
    """Uninitialised words and increments of a group of steps, both of shape (channels, 4, TILE), half a page apart."""
    shape = (channels, 4, TILE)
    words = _items(2 * channels * TILE, 1024).view(np.uint32).reshape(shape)
    return words, _items(2 * channels * TILE, 3072).view(np.float32).reshape(shape)


def _items(count: int, place: int) -> Floats:
    buffer = np.empty(count + _PAGE // _ITEM)
    first = ((place - buffer.ctypes.data) % _PAGE) // _ITEM
    return buffer[first : first + count]
