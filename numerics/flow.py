r"""The algorithms' flows: the gradient flow, SAM's flow and its heavy-ball form, by SciPy.

    dw/dt = -grad l(w)                       gradient flow, the paper's (7)
    dw/dt = -grad l(w^p)                     SAM's flow; w^p = w + rho g or w + rho g/|g|
    dw/dt = v,  M dv/dt = -phi M v - grad l(w^p),  M = eta/(1 - tau),  phi = (1 - gamma)/eta        heavy ball
The normalised flow is discontinuous at critical points: its solution is meaningful only up to the first of them,
and the discrete map decides what happens there (it oscillates at a distance of order eta rho).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.compiled import Floats
from saddlecheck.numerics.gradient import SmoothLoss
from saddlecheck.numerics.one_step import descended, start_point


@dataclass(frozen=True, eq=False)
class Flow:
    """A solution of a flow.

    Attributes:
        times: shape (K,). weights: shape (K, n).
        reason: why it ended, one sentence: the time was up, the ball or the box was left, or the solver gave up.
        reached: whether the whole time was covered.
    """

    times: Floats
    weights: Floats
    reason: str
    reached: bool


def descent_field(loss: SmoothLoss, rho: float, *, normalised: bool = False) -> Callable[[Floats], Floats]:
    """Map from w, shape (n,), to -grad l(w^p), shape (n,)."""
    rule = Algorithm("exact_ascent", 1.0, rho=rho, normalised=normalised)
    return lambda w: -descended(loss, rule, w)


def flow(
    loss: SmoothLoss,
    start: Sequence[float] | Floats,
    *,
    time: float,
    rho: float = 0.0,
    normalised: bool = False,
    momentum: Algorithm | None = None,
    times: Sequence[float] | Floats | None = None,
    box: float = 1e6,
    rtol: float = 1e-10,
) -> Flow:
    """The flow from `start` up to `time`, or until |w| passes `box`.

    Args:
        loss: with `variables` and `expr`.
        start: shape (n,).
        time: >= 0, in the paper's t (learning rate times steps).
        rho: weight per gradient, or weight if `normalised`; 0 is the gradient flow.
        normalised: ascend by rho g/|g|.
        momentum: take eta, gamma and dampening from this algorithm and solve the heavy-ball flow from rest.
        times: when to report; the solver's own steps by default.
        box: the solution ends where an entry of w reaches this size: a flow may blow up in finite time.
        rtol: relative tolerance of the solver, LSODA, which turns to stiff steps where a flow needs them.

    Returns:
        Times, shape (k,), weights, shape (k, n), and why the solution ends where it does.

    Raises:
        ValueError: if an argument is outside its domain.
    """
    from scipy.integrate import solve_ivp  # a third of a second of import, where an experiment is listed and not run

    w0 = start_point(loss, start)
    checks.at_least("time", time, 0.0)
    checks.at_least("rho", rho, 0.0)
    n, field = len(w0), descent_field(loss, rho, normalised=normalised)
    if momentum is None:
        state, right = w0, lambda _, x: field(x)
    else:
        mass, phi = momentum.eta / (1 - momentum.dampening), (1 - momentum.gamma) / momentum.eta
        state = np.concatenate([w0, np.zeros(n)])

        def right(_: float, x: Floats) -> Floats:
            return np.concatenate([x[n:], -phi * x[n:] + field(x[:n]) / mass])

    def left(_: float, x: Floats) -> float:
        return box - float(np.max(np.abs(x[:n])))

    left.terminal = True  # type: ignore[attr-defined]  # SciPy reads the attribute
    at = None if times is None else np.asarray(times, np.float64)
    solution = solve_ivp(right, (0.0, time), state, method="LSODA", t_eval=at, events=left, rtol=rtol, atol=rtol * 1e-2)
    reached = solution.status == 0
    reasons = {0: "the time was up", 1: f"an entry of w reached the box's size {box:g}"}
    return Flow(
        solution.t, solution.y[:n].T, reasons.get(solution.status, f"the solver gave up: {solution.message}"), reached
    )
