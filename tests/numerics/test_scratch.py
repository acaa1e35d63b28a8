"""Where a tile's arrays lie: on cache lines, at their place in a page, apart from each other."""

import numpy as np
import pytest

from saddlecheck.numerics.compiled import TILE
from saddlecheck.numerics.scratch import noise_scratch, scratch

PAGE, LINE = 4096, 64


def place(array):
    return array.ctypes.data % PAGE


@pytest.mark.parametrize("at", [0, 64, 2048, 4032])
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_arrays_begin_at_their_place_whatever_the_heap_does(rows, at):
    kept = []  # other sizes in between shift the heap
    for size in range(1, 40):
        kept += [np.empty(8 * size), scratch(rows, at)]
        assert kept[-1].shape == (rows, TILE)
        assert kept[-1].flags.c_contiguous
        assert rows == 0 or place(kept[-1]) == at  # NumPy keeps no address of an array without items


def test_arrays_of_one_call_do_not_overlap():
    x, y = scratch(2, 0), scratch(2, 2048)
    words, increments = noise_scratch(2)
    for k, array in enumerate((x, y, words, increments)):
        array[:] = k
    for k, array in enumerate((x, y, words, increments)):
        assert np.all(array == k)


def test_noise_is_half_a_page_from_its_words():
    words, increments = noise_scratch(3)
    assert words.shape == increments.shape == (3, 4, TILE)
    assert (words.dtype, increments.dtype) == (np.uint32, np.float32)
    assert (place(increments) - place(words)) % PAGE == PAGE // 2


def test_the_allocator_alone_would_not_do():
    # The control: the same sizes as NumPy gives them lie at places of the heap's own choosing.
    arrays = [np.empty((rows, TILE)) for rows in range(1, 6)]
    assert {place(array) for array in arrays} != {place(arrays[0])} or place(arrays[0]) % LINE
