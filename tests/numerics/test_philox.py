"""The noise: known answers, distribution, independence. Thresholds are two-sided at 1e-6, computed, for fixed seeds."""

import math

import numpy as np
import pytest
from scipy import stats

from saddlecheck.numerics.compiled import TILE
from saddlecheck.numerics.philox import LARGEST_NORMAL, fill_normals, fill_words, increments_of, key_of, philox4x32

ALPHA = 1e-6
Z = float(stats.norm.isf(ALPHA / 2))

# Random123 1.x, kat_vectors, "philox4x32 10": counter, key, answer.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_random123s_known_answers(counter, key, answer):
    words = philox4x32(np.array([counter], np.uint32), np.array(key, np.uint32))
    assert tuple(int(w) for w in words[0]) == answer


@pytest.mark.parametrize("first", [0, 5 * TILE, 2**32 - TILE, 2**32 + 7 * TILE])
def test_a_tile_of_words_is_philox_of_the_documented_counters(first):
    key, words = key_of(2**63 + 12345), np.empty((4, TILE), np.uint32)
    fill_words(first, 17, 3, 2, key, words)
    path = first + np.arange(TILE)
    counters = np.stack([path % 2**32, 0 * path + 17, 0 * path + 3, 2 * 2**16 + path // 2**32], 1).astype(np.uint32)
    np.testing.assert_array_equal(words.T, philox4x32(counters, key))


def test_normals_are_box_muller_of_their_words_to_single_precision():
    key, words, normals = key_of(1), np.empty((4, TILE), np.uint32), np.empty((4, TILE), np.float32)
    worst = 0.0
    for group in range(200):
        fill_words(0, group, 0, 0, key, words)
        fill_normals(words, normals)
        for a, b in ((0, 1), (2, 3)):
            r2 = -2 * np.log((words[a] + 0.5) / 2**32)
            t = ((words[b] >> 3) + 0.5) * (math.pi / 4 / 2**29)
            swap, sx, sy = words[b] & 1, 1 - 2.0 * ((words[b] >> 1) & 1), 1 - 2.0 * ((words[b] >> 2) & 1)
            x = np.sqrt(r2) * np.where(swap, np.sin(t), np.cos(t)) * sx
            y = np.sqrt(r2) * np.where(swap, np.cos(t), np.sin(t)) * sy
            # Rounding u to 24 bits moves ln u by 2^-24 and r^2 by 2^-23, hence r by 2^-24/r; the two polynomials
            # (2e-7 each), the angle's rounding (2^-24) and four roundings move z by 8 * 2^-23 of r at most.
            budget = 2**-24 / np.sqrt(r2) + 8 * 2**-23 * np.sqrt(r2)
            worst = max(worst, np.max(abs(normals[a] - x) / budget), np.max(abs(normals[b] - y) / budget))
    assert worst < 1


def test_largest_normal_is_never_exceeded():
    assert math.sqrt(-2 * math.log(2.0**-33)) < LARGEST_NORMAL


@pytest.fixture(scope="module")
def normals():
    return increments_of(11, paths=50_000, steps=40).astype(np.float64)


def test_normals_have_the_moments_of_the_normal_law(normals):
    n = normals.size
    # Standard errors of the first four standardised moments of n normals: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt n.
    for power, expected, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(np.mean(normals**power) - expected) < Z * math.sqrt(variance / n)


def test_normals_have_the_normal_distribution_function(normals):
    x = np.sort(normals.ravel())
    n = len(x)
    distance = np.max(np.abs(stats.norm.cdf(x) - (np.arange(n) + 0.5) / n)) + 0.5 / n
    # Dvoretzky-Kiefer-Wolfowitz: P(distance > c) <= 2 exp(-2 n c^2).
    assert distance < math.sqrt(math.log(2 / ALPHA) / (2 * n))


def test_tails_are_populated_as_the_normal_law_says(normals):
    beyond = int(np.sum(np.abs(normals) > 4.0))
    low, high = stats.binom.ppf([ALPHA / 2, 1 - ALPHA / 2], normals.size, 2 * stats.norm.sf(4.0))
    assert low <= beyond <= high


def test_steps_and_paths_are_uncorrelated(normals):
    paths, steps = normals.shape
    # 780 pairs of steps together: Bonferroni. The same for the squares, which a bad octant split would tie together.
    limit = float(stats.norm.isf(ALPHA / (steps * (steps - 1)))) / math.sqrt(paths)
    for x in (normals, normals**2):
        correlation = np.corrcoef(x.T)
        assert np.max(np.abs(correlation - np.eye(steps))) < limit
    assert abs(np.mean(normals[:-1] * normals[1:])) < Z / math.sqrt(normals.size)


@pytest.mark.parametrize("other", [{"channel": 1}, {"stream": 1}, {"seed": 12}])
def test_channels_streams_and_seeds_are_independent(normals, other):
    settings = {"seed": 11, "channel": 0, "stream": 0} | other
    second = increments_of(settings.pop("seed"), paths=50_000, steps=40, **settings)
    assert abs(np.mean(normals * second)) < Z / math.sqrt(normals.size)


def test_two_point_increments_are_fair_independent_signs():
    signs = increments_of(3, paths=20_000, steps=300, two_point=True).astype(np.float64)
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(signs.mean()) < Z / math.sqrt(signs.size)
    correlation = signs.T @ signs / len(signs) - np.eye(300)
    # 44,850 pairs: Bonferroni.
    assert np.max(np.abs(correlation)) < float(stats.norm.isf(ALPHA / (300 * 299))) / math.sqrt(len(signs))


def test_a_prefix_does_not_depend_on_what_follows():
    few = increments_of(9, paths=10, steps=6)
    np.testing.assert_array_equal(few, increments_of(9, paths=3000, steps=50)[:10, :6])


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match=r"\[0, 2\^64\)"):
        key_of(seed)
