"""Predicted signs and stability regions against the eigenvalues of the optimisers' own iteration matrices."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from matrices import UNIT, entries, iteration, matrices, scalar, symmetric

from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss

pytestmark = pytest.mark.properties

radii = st.sampled_from([0.0, 0.5, 0.999, 1.0, 1.001, 2.0, 10.0])  # in units of 1/mu of one negative eigenvalue
steps = st.floats(0.05, 1.6)  # in units of the edge
momenta = st.sampled_from([-0.5, 0.0, 0.3, 0.9, 0.99])


def radius(at, share):
    """A radius that is a multiple of 1/|lambda| for the eigenvalue of smallest size but zero."""
    return share / np.abs(at.values[at.values != 0]).min() if np.any(at.values) else share


def rates(values, rho, law=lambda lam, rho: lam * (1 + rho * lam)):
    """a = lambda + rho lambda^2, ascending; `law` is exchanged by the twins."""
    return np.sort(law(values, rho))


def flow(at, rho):
    """Eigenvalues of the flow's Jacobian with the sign turned, ascending, and a bound on their error.

    (I - M)/eta with eta = 1 undoes the step exactly but for u(1 + |M|). eigvalsh is backward stable: n^2 u |A|.
    """
    step = iteration("sam", at, eta=1.0, rho=rho)
    A = np.eye(at.size) - step.matrix
    size = at.largest * (1 + rho * at.largest)
    return np.linalg.eigvalsh((A + A.T) / 2), step.error + 2 * at.size**2 * UNIT * (1 + size)


def same_pattern(predicted, found, error):
    """Whether each eigenvalue is within its error of the one predicted (Weyl), and has its sign where that is clear."""
    near = np.all(np.abs(predicted - found) <= error)
    clear = np.abs(predicted) > error
    return bool(near and np.all(np.sign(predicted[clear]) == np.sign(found[clear])))


@given(at=matrices(), share=radii)
def test_signs_of_lambda_plus_rho_lambda_squared(at, share):
    rho = radius(at, share)
    assert same_pattern(rates(at.values, rho), *flow(at, rho))


@given(at=matrices())
def test_the_spectrum_and_index_are_as_prescribed(at):
    # H itself: `distance` from the prescribed values, and eigvalsh's n^2 u |H|.
    found = np.linalg.eigvalsh(at.H)
    error = at.distance + at.size**2 * UNIT * at.largest
    assert same_pattern(at.values, found, error)


@given(at=matrices(), share=st.sampled_from([0.5, 0.999, 1.001, 2.0]))
def test_attraction_is_a_radius_beyond_the_inverse_of_the_least_negative_eigenvalue(at, share):
    rho = radius(at, share)
    found, error = flow(at, rho)
    negative = -at.values[at.values < 0]
    attracts = bool(np.all(at.values != 0) and np.all(rho * negative > 1))
    # The flow attracts where the least rate is positive; where it is within its error of 0 nothing is asserted.
    if np.abs(rates(at.values, rho)).min() > error:
        assert attracts == bool(found.min() > 0)


def inside(name, at, **numbers):
    """Whether the spectral radius is below 1; None where rounding leaves that open. Also the radius.

    Without momentum the matrix is symmetric: its eigenvalues are within the error (Weyl). With momentum, an orthogonal
    change of basis makes it blocks T of size 2. An eigenvalue z of the perturbed matrix has |det(T - z)| <= e (|T| +
    |z|) for some block, so it is within sqrt(e (|T| + |z|)) of an exact root; following the perturbation from 0 to
    its full size, no cluster of such discs loses a root, and a cluster is at most 2n discs wide.
    """
    step = iteration(name, at, **numbers)
    size = np.linalg.norm(step.matrix, 2)
    order = len(step.matrix)
    error = step.error + order**2 * UNIT * size  # with the eigenvalue solver's backward error
    if order == at.size:
        found, open_to = np.linalg.eigvalsh((step.matrix + step.matrix.T) / 2), error
    else:
        found, open_to = np.linalg.eigvals(step.matrix), 2 * order * np.sqrt(error * 2 * size)
    largest = float(np.abs(found).max())
    return (None if abs(largest - 1) <= open_to else largest < 1), largest


REGIONS = {
    "gd": lambda lam, rho, eta, gamma: _between(eta * lam, 2),
    "sam": lambda lam, rho, eta, gamma: _between(eta * lam * (1 + rho * lam), 2),
    "heavy_ball_sam": lambda lam, rho, eta, gamma: _between(eta * lam * (1 + rho * lam), 2 * (1 + gamma)),
    "nesterov_sam": lambda lam, rho, eta, gamma: _between(
        eta * lam * (1 + rho * lam), 2 * (1 + gamma) / (1 + 2 * gamma)
    ),
    "sam_composed": lambda lam, rho, eta, gamma: _between(eta * lam * (1 + rho * lam) ** 2, 2),
}


def _between(value, edge):
    return bool(np.all((value > 0) & (value < edge)))


def contradicts(region, name, at, rho, share, gamma):
    """Whether a predicted region is contradicted at one point; the step is a share of SAM's own edge 2/max|a|."""
    edge = 2 / np.abs(at.values * (1 + rho * at.values)).max()
    numbers = {"rho": rho, "eta": share * edge * (1 + gamma), "gamma": gamma, "tau": 0.0}
    found, _ = inside(name, at, **numbers)
    return found is not None and found != region(at.values, rho, numbers["eta"], gamma)


@pytest.mark.parametrize("name", ["gd", "sam", "sam_composed"])
@given(at=matrices(), share=radii, step=steps)
def test_discrete_regions(name, at, share, step):
    rho = radius(at, share)
    if np.any(at.values * (1 + rho * at.values)):
        assert not contradicts(REGIONS[name], name, at, rho, step, 0.0)


@pytest.mark.parametrize("name", ["heavy_ball_sam", "nesterov_sam"])
@given(at=matrices(), share=radii, step=steps, gamma=momenta)
def test_regions_with_momentum(name, at, share, step, gamma):
    if name == "nesterov_sam" and gamma < 0:
        return  # its region is stated for 0 <= gamma < 1
    rho = radius(at, share)
    if np.any(at.values * (1 + rho * at.values)):
        assert not contradicts(REGIONS[name], name, at, rho, step, gamma)


@pytest.mark.parametrize("name", ["sam", "heavy_ball_sam", "nesterov_sam", "sam_composed", "sam_decayed"])
@given(at=matrices(), step=steps, gamma=momenta)
def test_eigenvalues_are_those_of_the_scalar_maps(name, at, step, gamma):
    numbers = {"rho": 0.7 / at.largest, "eta": step / at.largest, "gamma": gamma, "tau": 0.0, "kappa": 0.1}
    full = iteration(name, at, **numbers)
    blocks = [scalar(name, lam, **numbers) for lam in at.values]
    # Traces of powers agree without any ordering of eigenvalues: tr M^k is off by k N |M|^(k-1) e to first order, and
    # forming M^k in floats adds k N^2 u |M|^k on each of the N diagonal entries.
    N, size = len(full.matrix), max(1.0, np.linalg.norm(full.matrix, 2))
    for k in (1, 2, 3):
        found = np.trace(np.linalg.matrix_power(full.matrix, k))
        exact = sum(np.trace(np.linalg.matrix_power(block, k)) for block in blocks)
        assert abs(found - exact) <= k * N * size ** (k - 1) * full.error + k * N**3 * UNIT * size**k


@pytest.mark.parametrize("name", ["gd", "sam", "sam_nstep", "heavy_ball_sam", "nesterov_sam", "sam_regularised"])
@pytest.mark.parametrize("size", [2, 3])
def test_the_matrix_polynomial_is_the_jacobian_of_the_update(name, size):
    # Exact: the update of the loss w'Hw/2 in all its variables, against the scalar entries with H in them.
    weights = sp.symbols(f"w1:{size + 1}", real=True)
    H = sp.Matrix(size, size, lambda i, j: sp.Rational((i + 1) * (j + 1) - 3 * (i == j), i + j + 2))
    loss = BareLoss(weights, sp.expand((sp.Matrix([weights]) * H * sp.Matrix(weights))[0]) / 2)
    optimiser = OPTIMISERS[name]
    jacobian = optimiser.map_jacobian(loss, dict.fromkeys(optimiser.state(loss), 0))
    rows = [[_at_matrix(entry, H) for entry in row] for row in entries(name)]
    assert (jacobian - sp.Matrix(sp.BlockMatrix(rows))).applyfunc(sp.expand) == sp.zeros(*jacobian.shape)


def _at_matrix(entry, H):
    result = sp.zeros(*H.shape)
    for c in entry.all_coeffs():
        result = result * H + c * sp.eye(H.rows)
    return result


def test_rounding_leaves_few_cases_open():
    # On 60 steps through both regions the radius is within its error of 1 at a crossing only: at most one step each.
    numbers = {"rho": 2.0, "gamma": 0.9, "tau": 0.0}
    edge = 2 * 1.9 / np.abs(SADDLE.values * (1 + 2.0 * SADDLE.values)).max()
    for name in ("sam", "heavy_ball_sam", "nesterov_sam"):
        found = [inside(name, SADDLE, eta=float(share) * edge, **numbers)[0] for share in np.linspace(0.05, 1.6, 60)]
        assert found.count(None) <= 1
        assert {True, False} <= set(found)


SADDLE = symmetric([-3.0, -1.0, -1.0, 0.5, 2.0, 2.0], seed=7)
TWIN_RATES = {
    "a square too many": lambda lam, rho: lam * (1 + rho * lam) ** 2,
    "|lambda| for lambda": lambda lam, rho: lam + rho * lam * np.abs(lam),
    "the radius forgotten": lambda lam, rho: lam,
    "a factor 2": lambda lam, rho: lam + 2 * rho * lam**2,
}
TWIN_REGIONS = {
    "the edge 1/eta": ("sam", lambda lam, rho, eta, gamma: _between(eta * lam * (1 + rho * lam), 1)),
    "no edge": ("sam", lambda lam, rho, eta, gamma: _between(eta * lam * (1 + rho * lam), np.inf)),
    "2(1 - gamma)": ("heavy_ball_sam", lambda lam, rho, eta, g: _between(eta * lam * (1 + rho * lam), 2 * (1 - g))),
    "momentum without effect": ("heavy_ball_sam", REGIONS["sam"]),
    "Nesterov as heavy ball": ("nesterov_sam", REGIONS["heavy_ball_sam"]),
    "the composed loss for SAM": ("sam_composed", REGIONS["sam"]),
}


@pytest.mark.parametrize("mistake", TWIN_RATES)
def test_a_wrong_rate_is_caught(mistake):
    assert not same_pattern(rates(SADDLE.values, 2.0, TWIN_RATES[mistake]), *flow(SADDLE, 2.0))


@pytest.mark.parametrize("mistake", TWIN_REGIONS)
def test_a_wrong_region_is_caught(mistake):
    name, region = TWIN_REGIONS[mistake]
    grid = [(share, gamma) for share in np.linspace(0.05, 1.6, 32) for gamma in (0.0, 0.5, 0.9)]
    assert any(contradicts(region, name, SADDLE, 2.0, share, gamma if "ov" in name or "ball" in name else 0.0)
               for share, gamma in grid)  # fmt: skip
