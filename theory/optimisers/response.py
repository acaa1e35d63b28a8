"""What a rule makes of a displacement from a critical point, derived by running it on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.errors import BadRule
from saddlecheck.theory.optimisers.displacement import Displacement, exact
from saddlecheck.theory.symbols import Expr

_SIZE, _NEGLECTED = 3, 1e-5  # of the quadratic; what a neglected epsilon, at most 1e-6, leaves beside |g| > 0.1
_TERMS = 33  # of a rate; a rule of more gradients is treated by its Jacobian
_KAPPA = 0.3  # where a rule takes it


@dataclass(frozen=True)
class Response:
    r"""What a rule makes of a displacement u from a critical point c: alpha c + p(H) u + q(H) g/|g|, g = H u.

    Attributes:
        alpha: 0 where the critical point is a fixed point.
        p: the rate along an eigenvector of eigenvalue lambda, an expression in lambda and rho.
        q: 0 for a rule that is linear beside the point; lambda rho for normalised SAM.
    """

    alpha: Expr
    p: Expr
    q: Expr


def derived(run: Callable[..., Any]) -> Response | None:
    """The response of a rule, `run(gradient, w, rho, …)`; None where it leaves the form that a displacement has."""

    def along(x: Any) -> Displacement:
        if not isinstance(x, Displacement) or sp.expand(x.alpha - 1) != 0:
            raise TypeError("the gradient is taken elsewhere than beside the critical point")
        # Multiplied out, or a loop of N gradients would hand on an expression that is read 2^N times.
        p, q = sp.expand(s.lam * x.p), sp.expand(s.lam * x.q)
        if max(len(sp.Add.make_args(part)) for part in (p, q)) > _TERMS:
            raise TypeError("the polynomial is longer than anyone would read")
        return Displacement(sp.S.Zero, p, q)

    def product(x: Any, v: Any) -> Displacement:
        if not isinstance(x, Displacement) or not isinstance(v, Displacement) or sp.expand(x.alpha - 1) or v.alpha:
            raise TypeError("the Hessian is taken elsewhere than beside the critical point")
        return Displacement(sp.S.Zero, s.lam * v.p, s.lam * v.q)

    more = {"ascent": along, "hessian": product, "kappa": s.kappa, "epsilon": s.real("epsilon")}
    try:
        found = run(along, Displacement(sp.S.One, sp.S.One), s.rho, **more)
    except Exception:  # a rule may fail in any way on what is no array
        return None
    if not isinstance(found, Displacement):
        return None
    parts = [exact(part) for part in (found.alpha, found.p, found.q)]
    if any(part.has(sp.nan, sp.zoo, sp.oo) for part in parts):
        return None  # it divides by zero
    return Response(sp.expand(parts[0]), sp.factor(parts[1]), sp.factor(parts[2]))


def agrees(on: Callable[..., Callable[[Any], Any]], response: Response) -> bool:
    """Whether a rule does with floats what it did with a displacement: on a random quadratic, at two radii.

    Args:
        on: `Force.on` of the rule.
        response: as it was derived.

    Returns:
        False for a rule that looks at the class of what it is given.
    """
    rng = np.random.default_rng(0)
    H = rng.standard_normal((_SIZE, _SIZE))
    H, c, u = (H + H.T) / 2, rng.standard_normal((_SIZE, 1)), rng.standard_normal((_SIZE, 1))
    values, vectors = np.linalg.eigh(H)
    g = H @ u

    def of(part: Expr, rho: float) -> Any:
        rates = [float(part.subs({s.lam: float(v), s.rho: rho, s.kappa: _KAPPA})) for v in values]
        return (vectors * rates) @ vectors.T

    for rho in (0.3, 1.7):
        direction = on(lambda w: H @ (w - c), rho, hessian=lambda _w: H[:, :, None], values={"kappa": _KAPPA})
        try:
            with np.errstate(all="ignore"):
                found = direction(c + u)
        except BadRule:
            return False
        alpha = float(response.alpha.subs({s.rho: rho, s.kappa: _KAPPA}))
        expected = alpha * c + of(response.p, rho) @ u + of(response.q, rho) @ g / np.linalg.norm(g)
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=_NEGLECTED, atol=_NEGLECTED):
            return False
    return True
