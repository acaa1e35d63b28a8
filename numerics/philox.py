r"""Counter-based noise: Philox4x32-10 words, Gaussian and two-point increments.

The increment of a path is a pure function of (seed, path, step, channel, stream). Nothing is carried from one step
to the next, hence neither threads, blocks, shards nor order can change a number, and common random numbers are
simply the same counter.

Counter words: (path mod 2^32, step group, channel, stream * 2^16 + path div 2^32); key: the 64-bit seed.
A group is 4 steps for Gaussian increments (4 words, two Box-Muller pairs) and 128 for two-point ones (4 x 32 bits).

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox);
Box and Muller 1958. The polynomials below are our own Chebyshev interpolants (relative error below 2e-7,
which is float32's own rounding).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from saddlecheck.numerics.compiled import TILE, Singles, Words, jit, part

Word: TypeAlias = np.uint32
Long: TypeAlias = np.uint64
Single: TypeAlias = np.float32

GAUSSIAN_GROUP = 4
TWO_POINT_GROUP = 128
LARGEST_NORMAL = 6.77  # sqrt(-2 ln 2^-33): no draw exceeds it; P(|Z| > 6.77) = 1.3e-11

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
_SIXTEEN = np.uint64(16)


@part
def _round(c0: Long, c1: Long, c2: Long, c3: Long, k0: Long, k1: Long) -> tuple[Long, Long, Long, Long]:
    # Each word lies in the low half of 64 bits: the multiplier reads only that half, so the masks cost nothing.
    p0 = _M0 * (c0 & _LOW)
    p1 = _M1 * (c2 & _LOW)
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1, (p0 >> _SHIFT) ^ c3 ^ k1, p0


@part
def _ten_rounds(c0: Long, c1: Long, c2: Long, c3: Long, k0: Long, k1: Long) -> tuple[Word, Word, Word, Word]:
    # Written out: LLVM vectorises over paths only when this loop has gone.
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + _W0) & _LOW, (k1 + _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(2) * _W0) & _LOW, (k1 + np.uint64(2) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(3) * _W0) & _LOW, (k1 + np.uint64(3) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(4) * _W0) & _LOW, (k1 + np.uint64(4) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(5) * _W0) & _LOW, (k1 + np.uint64(5) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(6) * _W0) & _LOW, (k1 + np.uint64(6) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(7) * _W0) & _LOW, (k1 + np.uint64(7) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(8) * _W0) & _LOW, (k1 + np.uint64(8) * _W1) & _LOW)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, (k0 + np.uint64(9) * _W0) & _LOW, (k1 + np.uint64(9) * _W1) & _LOW)
    return np.uint32(c0 & _LOW), np.uint32(c1 & _LOW), np.uint32(c2 & _LOW), np.uint32(c3 & _LOW)


@jit
def philox4x32(counters: Words, key: Words) -> Words:
    """Philox4x32-10 of each row of `counters` (shape (rows, 4)) under `key` (shape (2,)); shape (rows, 4)."""
    words = np.empty_like(counters)
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for i in range(counters.shape[0]):
        row = counters[i]
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = _ten_rounds(
            np.uint64(row[0]), np.uint64(row[1]), np.uint64(row[2]), np.uint64(row[3]), k0, k1
        )
    return words


@jit
def fill_words(first: int, group: int, channel: int, stream: int, key: Words, words: Words) -> None:
    """Writes into `words` (shape (4, TILE)) the four words of TILE successive paths, the first a multiple of TILE."""
    low = np.uint64(first) & _LOW
    last = (np.uint64(stream) << _SIXTEEN) | (np.uint64(first) >> _SHIFT)
    c1, c2 = np.uint64(group), np.uint64(channel)
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for i in range(TILE):
        words[0, i], words[1, i], words[2, i], words[3, i] = _ten_rounds(low + np.uint64(i), c1, c2, last, k0, k1)


# ln(1 + f) = f L(f) on [sqrt(1/2) - 1, sqrt(2) - 1]; sin t = t S(t^2), cos t = C(t^2) on [0, pi/4].
_LOG = (0.99999997, -0.49999996, 0.33334193, -0.25001352, 0.19955933, -0.16577993, 0.14977401, -0.14269258, 0.08533313)
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8 = (np.float32(c) for c in _LOG)
_S0, _S1, _S2, _S3 = (np.float32(c) for c in (9.99999997e-01, -1.66666507e-01, 8.33203579e-03, -1.95039043e-04))
_COS = (1.0, -4.99999996e-01, 4.16666167e-02, -1.38866180e-03, 2.43798310e-05)
_C0, _C1, _C2, _C3, _C4 = (np.float32(c) for c in _COS)
_LN2 = np.float32(np.log(2.0))
_HALF, _ONE, _ZERO, _MINUS_TWO = np.float32(0.5), np.float32(1.0), np.float32(0.0), np.float32(-2.0)
_UNIT = np.float32(2.0**-32)
_OCTANT = np.float32(np.pi / 4 / 2**29)
_SQRT_HALF_BITS = np.uint32(0x3F3504F3)
_ONE_MINUS_SQRT_HALF_BITS = np.uint32(0x3F800000 - 0x3F3504F3)
_MANTISSA = np.uint32(0x7FFFFF)


@part
def _radius(word: Word) -> Single:
    # u = (word + 1/2) / 2^32 = m 2^e with m in [sqrt(1/2), sqrt(2)): the offset moves the split from 1 to sqrt(1/2).
    u = np.float32((np.float32(word) + _HALF) * _UNIT)
    bits = np.uint32(u.view(np.uint32) + _ONE_MINUS_SQRT_HALF_BITS)
    exponent = np.int32(np.int32(bits >> np.uint32(23)) - np.int32(127))
    f = np.float32(np.uint32(np.uint32(bits & _MANTISSA) + _SQRT_HALF_BITS).view(np.float32) - _ONE)
    p = ((((((((_L8 * f + _L7) * f + _L6) * f + _L5) * f + _L4) * f + _L3) * f + _L2) * f + _L1) * f + _L0) * f
    # u rounds to 1 for the largest words; ln u may then be +1e-8, which must not enter the root.
    return np.float32(np.sqrt(max(_MINUS_TWO * (np.float32(exponent) * _LN2 + p), _ZERO)))


@part
def _normal_pair(radius_word: Word, angle_word: Word) -> tuple[Single, Single]:
    r = _radius(radius_word)
    # 29 bits give an angle in (0, pi/4), the other 3 the octant: the full circle without a range reduction.
    t = np.float32((np.float32(np.int32(angle_word >> np.uint32(3))) + _HALF) * _OCTANT)
    y = t * t
    s = np.float32(r * (t * (((_S3 * y + _S2) * y + _S1) * y + _S0))).view(np.uint32)
    c = np.float32(r * ((((_C4 * y + _C3) * y + _C2) * y + _C1) * y + _C0)).view(np.uint32)
    swap = (angle_word & np.uint32(1)) != np.uint32(0)
    a = s if swap else c
    b = c if swap else s
    a = np.uint32(a ^ np.uint32(np.uint32(angle_word & np.uint32(2)) << np.uint32(30)))
    b = np.uint32(b ^ np.uint32(np.uint32(angle_word & np.uint32(4)) << np.uint32(29)))
    return a.view(np.float32), b.view(np.float32)


@jit
def fill_normals(words: Words, normals: Singles) -> None:
    """Standard normals of shape (4, TILE), one row a step, from words of the same shape."""
    for i in range(TILE):
        normals[0, i], normals[1, i] = _normal_pair(words[0, i], words[1, i])
    for i in range(TILE):
        normals[2, i], normals[3, i] = _normal_pair(words[2, i], words[3, i])


@part
def fill_signs(words: Words, quarter: int, signs: Singles) -> None:
    """Signs +-1 of four successive steps, shape (4, TILE): bits 4q .. 4q+3 of the 128 that `words` hold."""
    row, bit = quarter // 8, 4 * (quarter % 8)
    for s in range(4):
        shift = np.uint32(bit + s)
        for i in range(TILE):
            signs[s, i] = _ONE + _MINUS_TWO * np.float32(np.int32((words[row, i] >> shift) & np.uint32(1)))


@jit
def fill_increments(
    two_point: bool, first: int, step: int, stream: int, key: Words, words: Words, increments: Singles
) -> None:
    """Unit increments of steps step .. step+3 (step a multiple of 4) in each channel.

    `words` has shape (channels, 4, TILE) and keeps the bits of two-point increments between calls;
    `increments` has shape (channels, 4, TILE).
    """
    for channel in range(increments.shape[0]):
        if not two_point:
            fill_words(first, step // GAUSSIAN_GROUP, channel, stream, key, words[channel])
            fill_normals(words[channel], increments[channel])
        else:
            if step % TWO_POINT_GROUP == 0:
                fill_words(first, step // TWO_POINT_GROUP, channel, stream, key, words[channel])
            fill_signs(words[channel], (step % TWO_POINT_GROUP) // 4, increments[channel])


def key_of(seed: int) -> Words:
    """The Philox key of a seed, shape (2,). Raises ValueError unless 0 <= seed < 2^64."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is an integer in [0, 2^64), got {seed}: choose one in that range")
    return np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint32)


def increments_of(
    seed: int, *, paths: int, steps: int, channel: int = 0, stream: int = 0, two_point: bool = False
) -> Singles:
    """The very increments that paths 0 .. paths-1 see, shape (paths, steps): what an outside solver is driven by."""
    key = key_of(seed)
    tiles, groups = -(-paths // TILE), -(-steps // 4)
    words, group = np.empty((channel + 1, 4, TILE), np.uint32), np.empty((channel + 1, 4, TILE), np.float32)
    noise = np.empty((tiles * TILE, 4 * groups), np.float32)
    for tile in range(tiles):
        for g in range(groups):
            fill_increments(two_point, tile * TILE, 4 * g, stream, key, words, group)
            noise[tile * TILE : (tile + 1) * TILE, 4 * g : 4 * g + 4] = group[channel].T
    return noise[:paths, :steps]
