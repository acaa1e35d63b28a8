r"""Linear recurrences with additive noise: x' = A x + N xi, xi of mean 0 and unit covariance.

Every algorithm on a quadratic loss and every one-step scheme of a linear SDE has this form. The recursion gives
its moments exactly, the ensemble samples it; neither uses the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks
from saddlecheck.numerics.checks import Floats

if TYPE_CHECKING:
    from saddlecheck.numerics.algorithm import Algorithm  # imports SymPy


@dataclass(frozen=True, eq=False)
class Recurrence:
    """x' = transition x + noise xi.

    Args:
        transition: A, shape (n, n).
        noise: N, shape (n, channels).
        labels: a name for each state, for reports.

    Raises:
        ValueError: if the shapes do not fit or an entry is not finite.

    Example:
        >>> import math
        >>> import numpy as np
        >>> from saddlecheck.numerics import Recurrence
        >>> from saddlecheck.numerics.exact_moments import covariance
        >>> halved = Recurrence(np.array([[0.5]]), np.array([[1.0]]), ("x",))
        >>> halved.spectral_radius
        0.5
        >>> round(float(covariance(halved, math.inf)[0, 0]), 12)  # 1/(1 - 0.5^2)
        1.333333333333
    """

    transition: Floats
    noise: Floats
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        checks.finite("transition", self.transition)
        checks.finite("noise", self.noise)
        size = len(self.labels)
        if self.transition.shape != (size, size) or self.noise.ndim != 2 or self.noise.shape[0] != size:
            raise ValueError(
                f"transition must have shape ({size}, {size}) and noise ({size}, channels) for {size} labels, "
                f"got {self.transition.shape} and {self.noise.shape}"
            )

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.labels)

    @property
    def spectral_radius(self) -> float:
        """Largest size of an eigenvalue of the transition; a stationary law exists when it is below 1."""
        return float(np.max(np.abs(np.linalg.eigvals(self.transition))))


def together(*recurrences: Recurrence) -> Recurrence:
    """The recurrences side by side, channel k of one being channel k of all: common random numbers.

    Args:
        recurrences: with n_1, n_2, … states; their channels may differ in number.

    Returns:
        One of n_1 + n_2 + … states and as many channels as the widest.

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Recurrence, together
        >>> halved, kept = (Recurrence(np.array([[a]]), np.array([[1.0]]), ("x",)) for a in (0.5, 1.0))
        >>> both = together(halved, kept)
        >>> both.transition.tolist(), both.noise.tolist()
        ([[0.5, 0.0], [0.0, 1.0]], [[1.0], [1.0]])
    """
    sizes = [r.size for r in recurrences]
    channels = max(r.noise.shape[1] for r in recurrences)
    transition = np.zeros((sum(sizes), sum(sizes)))
    noise = np.zeros((sum(sizes), channels))
    offset = 0
    for r in recurrences:
        transition[offset : offset + r.size, offset : offset + r.size] = r.transition
        noise[offset : offset + r.size, : r.noise.shape[1]] = r.noise
        offset += r.size
    labels = tuple(f"{k}.{label}" for k, r in enumerate(recurrences) for label in r.labels)
    return Recurrence(transition, noise, labels)


def gradient_law(law: str, rho: float, hessian: Floats) -> tuple[Floats, Floats]:
    """Mean map K and noise map E of the gradient that is descended: g = K w + E (xi, xi'), w about the critical point.

    With k = I + rho H, substituting the ascent into H w^p:
        sgd           K = H       E = [I, 0]
        exact_ascent  K = H k     E = [I, 0]
        same_batch    K = H k     E = [k, 0]          H rho xi + xi
        independent   K = H k     E = [I, rho H]      H rho xi' + xi
        printed       K = H k^2   E = [I, 0]          the paper's appendix; no algorithm does this

    Returns:
        K, shape (n, n), and E, shape (n, 2n).

    Raises:
        ValueError: an unknown law.
    """
    identity, zero = np.eye(len(hessian)), np.zeros_like(hessian)
    k = identity + rho * hessian
    laws = {
        "sgd": (hessian, [identity, zero]),
        "exact_ascent": (hessian @ k, [identity, zero]),
        "same_batch": (hessian @ k, [k, zero]),
        "independent": (hessian @ k, [identity, rho * hessian]),
        "printed": (hessian @ k @ k, [identity, zero]),
    }
    if law not in laws:
        raise ValueError(f"unknown law {law!r}: choose one of {', '.join(laws)}")
    mean, noise = laws[law]
    return mean, np.hstack(noise)


def recurrence(algorithm: Algorithm, hessian: ArrayLike, covariance: ArrayLike) -> Recurrence:
    """The algorithm on l(w) = w'Hw/2, as a recurrence of (w, m), states w first.

    Args:
        algorithm: constant rho only: a normalised ascent is not linear.
        hessian: H, shape (n, n), symmetric.
        covariance: C of one mini-batch gradient, shape (n, n), symmetric semi-definite; need not commute with H.

    Returns:
        States (w) of shape (n,) without momentum, (w, m) of shape (2n,) with it; 2n channels of unit variance.

    Raises:
        ValueError: on a normalised algorithm, or shapes that do not fit.
    """
    if algorithm.normalised:
        raise ValueError("a normalised ascent is not linear: simulate it instead of asking for its recurrence")
    H, root = checks.symmetric("hessian", hessian), checks.square_root("covariance", covariance)
    n = len(H)
    checks.same_size("covariance", len(root), n, "hessian")
    K, E = gradient_law(algorithm.law, algorithm.rho, H)
    return momentum_recurrence(algorithm, K, E @ np.kron(np.eye(2), root))


def momentum_recurrence(algorithm: Algorithm, mean: Floats, noise: Floats) -> Recurrence:
    """The (w, m) recurrence of a descent with gradient `mean` w + `noise` xi; reads only eta, gamma, tau, kappa."""
    n = len(mean)
    identity = np.eye(n)
    gamma, step, eta = algorithm.gamma, 1 - algorithm.dampening, algorithm.eta
    K = mean + algorithm.weight_decay * identity
    # m' = step K w + gamma m + step noise xi; the direction is m', or g + gamma m' for Nesterov.
    m_w, m_m, m_xi = step * K, gamma * identity, step * noise
    if algorithm.nesterov:
        d_w, d_m, d_xi = K + gamma * m_w, gamma * m_m, noise + gamma * m_xi
    else:
        d_w, d_m, d_xi = m_w, m_m, m_xi
    transition = np.block([[identity - eta * d_w, -eta * d_m], [m_w, m_m]])
    labels = [f"{name}{j}" for name in ("w", "m") for j in range(n)]
    full = Recurrence(transition, np.vstack([-eta * d_xi, m_xi]), tuple(labels))
    # Without momentum m is a copy of the last gradient and feeds nothing back: half the states say it all.
    return full if gamma > 0 else Recurrence(full.transition[:n, :n], full.noise[:n], full.labels[:n])


def full_start(recurrence: Recurrence, start: Sequence[float] | Floats | None) -> Floats:
    """The start as a vector of all states: zeros by default, momenta zero where only weights are given."""
    x = np.zeros(recurrence.size)
    if start is not None:
        given = np.atleast_1d(checks.finite("start", start))
        if given.ndim != 1 or len(given) > recurrence.size:
            raise ValueError(f"start must have at most {recurrence.size} entries, got shape {given.shape}")
        x[: len(given)] = given
    return x
