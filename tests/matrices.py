"""Symmetric matrices of prescribed spectrum, and an optimiser's iteration matrix there, with a bound on its rounding.

An optimiser's map on a quadratic loss is a polynomial in the Hessian. Its scalar form is read off the optimiser's own
symbolic update, and the matrix H is put in its place by Horner's rule, in floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from saddlecheck.theory import symbols as s
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic

UNIT = np.finfo(float).eps / 2


@dataclass(frozen=True)
class Symmetric:
    """H = Q diag(values) Q' with a random orthogonal Q. loose: |Q'Q - I|, as measured."""

    values: np.ndarray
    H: np.ndarray
    loose: float

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def largest(self) -> float:
        """max |eigenvalue|"""
        return float(np.abs(self.values).max())

    @property
    def distance(self) -> float:
        """By how much H's eigenvalues may differ from `values`.

        Q = U S with U orthogonal and |S - I| <= loose (to first order loose/2), so that Ostrowski's factors lie within
        1 +- 2 loose; and the product of two n x n matrices is off by n u |.|_F |.|_F <= n^2 u |.| |.|.
        """
        return (2 * self.loose + 2 * self.size**2 * UNIT) * self.largest


def symmetric(values, seed):
    """The matrix of these eigenvalues in a basis drawn from `seed`."""
    values = np.sort(np.asarray(values, dtype=float))
    Q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values),) * 2))
    loose = float(np.linalg.norm(Q.T @ Q - np.eye(len(values)), 2))
    H = (Q * values) @ Q.T
    return Symmetric(values, (H + H.T) / 2, loose)


@st.composite
def spectra(draw):
    """2 to 40 eigenvalues of a drawn index: a few distinct values, repeated, clustered or zero."""
    size, index = draw(st.integers(2, 40)), draw(st.integers(0, 40))
    sizes = draw(st.lists(st.floats(0.05, 20.0), min_size=1, max_size=5))
    spread = draw(st.sampled_from([0.0, 1e-13, 1e-8, 1e-3, 0.5]))
    zeros = draw(st.sampled_from([0, 0, 1, 3]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = rng.choice(sizes, size) * (1 + spread * rng.random(size))
    values[: min(index, size)] *= -1
    values[rng.permutation(size)[: min(zeros, size - 1)]] = 0.0
    return values


@st.composite
def matrices(draw):
    """A symmetric matrix with a spectrum from `spectra`, not all zero."""
    return symmetric(draw(spectra()), draw(st.integers(0, 2**32)))


@cache
def entries(name):
    """The map's Jacobian on the scalar quadratic: a square table of polynomials in the curvature."""
    jacobian = OPTIMISERS[name].map_jacobian(quadratic(), {s.w: 0, s.real("m_w"): 0})
    return [[sp.Poly(entry, s.lam) for entry in row] for row in jacobian.tolist()]


def coefficients(entry, numbers):
    """Floats, highest degree first; numbers: symbol -> float."""
    return [float(c.subs(numbers)) for c in entry.all_coeffs()]


@dataclass(frozen=True)
class Iteration:
    """The matrix of one step, and a bound on its distance (2-norm) from the exact one of the prescribed spectrum."""

    matrix: np.ndarray
    error: float


def iteration(name, at, **numbers):
    """One step of an optimiser on w'Hw/2, shape (n, n) or (2n, 2n).

    Horner's rule with d products commits d n^2 u p(L), where p has the absolute values of the coefficients and
    L = max |eigenvalue|; the eigenvalues of H being off by `distance` adds distance * p'(L).
    """
    blocks, errors = [], []
    for row in entries(name):
        polynomials = [coefficients(entry, {getattr(s, k): v for k, v in numbers.items()}) for entry in row]
        blocks.append([_horner(p, at.H) for p in polynomials])
        errors += [_error(p, at) for p in polynomials]
    return Iteration(np.block(blocks), float(np.linalg.norm(errors)))


def scalar(name, curvature, **numbers):
    """The same for one eigenvalue: a 1 x 1 or 2 x 2 matrix."""
    values = {getattr(s, k): v for k, v in numbers.items()}
    return np.array([[np.polyval(coefficients(entry, values), curvature) for entry in row] for row in entries(name)])


def _horner(polynomial, H):
    identity, result = np.eye(len(H)), np.zeros_like(H)
    for c in polynomial:
        result = result @ H + c * identity
    return result


def _error(polynomial, at):
    majorant = np.abs(polynomial)
    slope = np.polyval(np.polyder(majorant), at.largest) if len(majorant) > 1 else 0.0
    return at.distance * slope + len(majorant) * at.size**2 * UNIT * np.polyval(majorant, at.largest)
