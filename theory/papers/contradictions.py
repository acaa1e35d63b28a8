"""Claims of different papers that cannot both be right, and about what they disagree.

Each entry says of which quantity both speak; that they do, and the point that separates them, is computed
(`saddlecheck.theory.claims.conflict`). Nothing here says who is right: the verdicts of the two claims do.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.conflict import Contradiction, Q, Side
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.papers.catalogue import CLAIMS
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho, t, w, y

L, beta = real("L"), real("beta")

# The rate at which SAM's flow with constant radius approaches a critical point along an eigenvalue -mu.
_RATE = mu * (rho * mu - 1)
_COMPAGNONI = Side("usam-saddle", {rho * mu**2 - mu: Q})
_WHAT = "the rate at which the flow of SAM with constant radius is attracted along an eigenvalue -mu"


def _expansion(claim: Claim, order: int) -> Expr:
    """The Taylor coefficient of that order which a claim speaks of."""
    return next(c for c in claim.statement.atoms(Coefficient) if c.args[3] == order)


def _attraction(first: Side, second: Side = _COMPAGNONI) -> Contradiction:
    return Contradiction(first, second, _RATE, _WHAT)


# Variants that are SAM itself at one value of a letter: all steps SAM's, every weight perturbed, nothing removed.
_theta = real("theta")
_LOOKSAM = Side("looksam", {_theta * mu * (rho * mu - 1) - (1 - _theta) * mu: Q}, {_theta: sp.S.One})
_ESAM = Side("esam", {-mu * (1 - real("b") * mu * rho): Q}, {real("b"): sp.S.One})
_FRIENDLY = Side("friendly", {_expansion(CLAIMS["friendly"], 1): Q}, {real("c"): sp.S.Zero})

# What a step of SAM with constant radius multiplies a displacement by, along an eigenvalue -mu, and two steps in a row.
_MULTIPLIER = 1 - eta * mu * (rho * mu - 1)
_STEP = "what a step of SAM with constant radius multiplies a displacement by, along an eigenvalue -mu"
_once = w - eta * lam * (lam * rho * w + w)
_turned = lam**2 * (lam * rho * w + w) * (lam * rho * _once + _once)
_LOOKSAM_STEP = Side("looksam", {sp.Derivative(w + eta * mu * (-mu * rho * w + w), w): Q}, {_theta: sp.S.One})


_w1, _w2, _u = real("w1"), real("w2"), real("u")
_h11, _h12, _h22 = real("h_11"), real("h_12"), real("h_22")
_l1, _l2 = real("lambda_1"), real("lambda_2")
_FORCE = next(c for c in CLAIMS["drift"].statement.atoms(Coefficient) if c.args[2].coeff(_w1) == 1 + rho * _h11)

# Beale's function has the eigenvalues 111/4 and -111/4 at its saddle (0, 1).
_BEALE = sp.Rational(111, 4)

_CYCLE = eta * rho * beta / (2 - eta * beta)  # the half-width of normalised SAM's 2-cycle
_WIDTH = {
    L: beta,
    lam: beta / 2,
    real("c_1"): (2 - eta * beta) / (eta * rho * beta**2),
    real("c_2"): 2 * (4 - eta * beta) / (eta * rho * beta**2),
    real("r"): beta * _CYCLE,
    real("v_1"): beta * _CYCLE,
    real("v_2"): sp.S.Zero,
}
_q = eta * y**2 / (2 - eta * y**2)  # the same over rho, at the minimum (0, y) of l(xy)
_ACROSS = 1 + eta * mu - mu**2 / L**2 * (2 - eta * L)
_r, _v1, _v2 = real("r"), real("v_1"), real("v_2")
_STRETCH = 1 - eta * L - eta * L**2 * rho / _r
_MAPPED = -L * (-eta * L * (rho * _v1 / sp.sqrt(_v1**2 + _v2**2) + _v1 / L) + _v1 / L)

CONTRADICTIONS: tuple[Contradiction, ...] = (
    _attraction(Side("thm1", {mu * (rho * mu - 1): Q})),
    *(_attraction(Side("thm1", {mu * (rho * mu - 1): Q}), variant) for variant in (_LOOKSAM, _ESAM, _FRIENDLY)),
    _attraction(Side("eq10", {h * (rho * h + 1): Q for h in (_l1, _l2)}, {_l1: -mu, _l2: -mu})),
    Contradiction(
        Side("fig6", {_BEALE**4 * rho**2 - _BEALE**2: Q * (rho * _BEALE**2 + _BEALE)}),
        Side("usam-saddle", _COMPAGNONI.speaks_of, {lam: _BEALE, mu: _BEALE}),
        _RATE.subs(mu, _BEALE),
        f"{_WHAT}, at the saddle of Beale's function",
    ),
    _attraction(Side("drift", {_FORCE: Q * _w1}, {_h11: -mu, _h12: sp.S.Zero, _h22: lam, _w2: sp.S.Zero})),
    _attraction(
        Side("perturbed-loss", {-(lam**2) * (2 * lam * rho + 2) * (lam * rho * w + w) ** 2 / 2: Q**3 * w**2 / mu},
             {lam: -mu})
    ),
    _attraction(Side("case-1-2", {lam**2 * w * (lam * rho * w + w): -mu * w**2 * Q}, {lam: -mu})),
    _attraction(Side("case-3-crossing", {y * (-mu * rho * y + y): -(y**2) * Q / mu})),
    Contradiction(
        Side("case-3-oscillation", {_turned: mu**2 * (1 - rho * mu) ** 2 * w**2 * Q}, {lam: -mu}),
        _LOOKSAM_STEP, _MULTIPLIER, _STEP,
    ),
    Contradiction(Side("case-3-i-to-ii", {_once: Q * w}, {lam: -mu}), _LOOKSAM_STEP, _MULTIPLIER, _STEP),
    Contradiction(
        Side("two-cycle-drift-finite", {_expansion(CLAIMS["two-cycle-drift-finite"], 2): Q},
             {L: y**2, real("b"): 2 * y, real("e"): real("e_1"), real("q"): _q}),
        Side("dai-product", {_expansion(CLAIMS["dai-product"], 2): Q}, {real("q"): _q}),
        4 * y / (2 - eta * y**2) ** 2,
        "the force along the minima of l(xy), in units of rho^2, where normalised SAM circles at (0, y)",
    ),
    Contradiction(
        Side("dai-strongly-convex-step", {beta**3 * eta**2 * rho**2 / (2 * (2 - eta * beta) ** 2): beta * Q**2 / 2}),
        Side("two-cycle", {real("r") / L: Q}, _WIDTH),
        _CYCLE,
        "the half-width of normalised SAM's 2-cycle on beta w^2/2",
    ),
    Contradiction(
        Side("sam-saddle-map", {_STRETCH: Q}, {real("p_1"): _r, real("p_2"): sp.S.Zero}),
        Side("sam-is-descent", {_MAPPED: -_r * Q}, {_v1: _r, _v2: sp.S.Zero, lam: -mu}),
        _STRETCH,
        "what a step of normalised SAM multiplies the gradient by, along the top eigenvector and at the norm r",
    ),
    Contradiction(
        Side("mild", {_ACROSS: Q}),
        Side("unified-stability", {_ACROSS: Q, _ACROSS.subs(mu, -lam): Q}, {lam: -mu, t: sp.S.One}),
        _ACROSS,
        "what a displacement across normalised SAM's 2-cycle is multiplied by, along an eigenvalue -mu",
    ),
)  # fmt: skip
