r"""The exact second moment of the Langevin equation that momentum leads to.

$M\,dv = -\phi M v\,dt - h w\,dt + \sqrt{2D}\,dW$, $dw = v\,dt$, with $M = \eta/(1-\tau)$ and $\phi = (1-\gamma)/\eta$.

Key results: the covariance at time t from the critical point, from rest and with a stationary velocity
- for distinct real rates: langevin-rest, langevin-stationary;
- for critical damping, $4h = M\phi^2$: langevin-rest-critical, langevin-stationary-critical;
- for an underdamped minimum, $4h > M\phi^2$: langevin-rest-underdamped, langevin-stationary-underdamped;
- for a flat direction, $h = 0$: langevin-rest-free, langevin-stationary-free.

All of it follows from the response G, the displacement at time t after a unit kick of the velocity:
$G'' + \phi G' + (h/M) G = 0$, $G(0) = 0$, $G'(0) = 1$. A start displaced by 1 is at $C = G' + \phi G$. With the
thermal velocity $z = D/(M^2\phi)$ the mean squared displacement from w = 0 is

    from v(0) stationary:   D/(M phi h) (1 - C^2)
    from v(0) = 0:          the same, less z G^2

for h of either sign; only h = 0 has formulas of its own. The four regimes below differ in G alone. Each is verified by
putting it into the equations of the covariance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.symbols import D, Expr, Formula, M, h, phi, real, t, w

Regime = Literal["distinct", "critical", "underdamped", "free"]
Start = Literal["rest", "stationary"]

v = real("v")  # velocity: weight per unit of t
p, q = real("p"), real("q")  # the decay rates: s = -p, -q solve s^2 + phi s + h/M = 0; one is negative where h < 0
omega = real("omega")  # angular frequency of an underdamped minimum

# What phi and h are in terms of each regime's own parameters.
PARAMETERS: Mapping[Regime, Mapping[Any, Expr]] = {
    "distinct": {phi: p + q, h: M * p * q},
    "critical": {phi: 2 * p, h: M * p**2},
    "underdamped": {h: M * (phi**2 / 4 + omega**2)},
    "free": {h: sp.S.Zero},
}
RESPONSE: Mapping[Regime, Expr] = {
    "distinct": (sp.exp(-p * t) - sp.exp(-q * t)) / (q - p),
    "critical": t * sp.exp(-p * t),
    "underdamped": sp.exp(-phi * t / 2) * sp.sin(omega * t) / omega,
    "free": (1 - sp.exp(-phi * t)) / phi,
}
_GIVEN: Mapping[Regime, tuple[Formula, ...]] = {
    "distinct": (M > 0, sp.Ne(p, q), sp.Ne(p, 0), sp.Ne(q, 0), p + q > 0),
    "critical": (M > 0, p > 0),
    "underdamped": (M > 0, phi > 0, omega > 0),
    "free": (M > 0, phi > 0),
}


def thermal(regime: Regime = "free") -> Expr:
    """Stationary variance of the velocity, D/(M^2 phi), in the regime's parameters."""
    return (D / (M**2 * phi)).subs(PARAMETERS[regime])


def covariance(regime: Regime, start: Start) -> tuple[Expr, Expr, Expr]:
    r"""$\langle w^2\rangle, \langle wv\rangle, \langle v^2\rangle$ at time t from w(0) = 0.

    start: "rest" for v(0) = 0, "stationary" for v(0) of the variance that the noise sustains, independent of it.

    Returns:
        Three expressions in t.
    """
    z, kick = thermal(regime), RESPONSE[regime]
    stiffness, friction = (e.subs(PARAMETERS[regime]) for e in (h / M, phi))
    slope = sp.diff(kick, t)
    kept = slope + friction * kick  # C: what is left at time t of a displacement 1 at rest
    # The stationary covariance less what has not been forgotten of its difference from the start.
    # Where h = 0 nothing is stationary, and the integral of 2 z G C takes its place.
    position = 2 * z * (t - kick) / friction if regime == "free" else z / stiffness * (1 - kept**2)
    if start == "stationary":
        return position, z * kick * kept, z * (1 - stiffness * kick**2)
    return position - z * kick**2, z * kick * (kept - slope), z * (1 - stiffness * kick**2 - slope**2)


MSD_REST: Mapping[Regime, Expr] = {r: covariance(r, "rest")[0] for r in RESPONSE}
MSD_STATIONARY: Mapping[Regime, Expr] = {r: covariance(r, "stationary")[0] for r in RESPONSE}


def generator(f: Expr) -> Expr:
    """Rate of change of the mean of f(w, v): the Langevin equation's generator, by Ito's formula."""
    acceleration = -phi * v - h / M * w
    return v * sp.diff(f, w) + acceleration * sp.diff(f, v) + D / M**2 * sp.diff(f, v, 2)


def moment_equations(moments: tuple[Expr, Expr, Expr], regime: Regime) -> list[Formula]:
    """The equations of the covariance, derived from the generator, with the given functions of t put in."""
    monomials = (w**2, w * v, v**2)
    equations = []
    for monomial, moment in zip(monomials, moments, strict=True):
        drift = sp.Poly(generator(monomial), w, v)
        rate = drift.coeff_monomial(1) + sum(
            drift.coeff_monomial(m) * value for m, value in zip(monomials, moments, strict=True)
        )
        equations.append(equal(sp.Derivative(moment, t), rate.subs(PARAMETERS[regime])))
    return equations


def solution(regime: Regime, start: Start) -> Formula:
    """That the regime's covariance satisfies its equations and its initial values."""
    moments = covariance(regime, start)
    initial = (0, 0, thermal(regime) if start == "stationary" else 0)
    at_start = [equal(value(m, t, 0), sp.S(i)) for m, i in zip(moments, initial, strict=True)]
    return every(*moment_equations(moments, regime), *at_start)


_SAYS: Mapping[Start, str] = {
    "rest": "Started at the critical point with no velocity, as a run with an empty momentum buffer is,",
    "stationary": "Started at the critical point with the velocity that the noise sustains,",
}
_FROM: Mapping[Start, str] = {"rest": "from rest", "stationary": "from a stationary velocity"}
_WHERE: Mapping[Regime, str] = {
    "distinct": "for distinct real rates (every saddle direction h < 0, and minima with 4h < M phi^2)",
    "critical": "for critical damping, 4h = M phi^2",
    "underdamped": "for an underdamped minimum, 4h > M phi^2",
    "free": "for h = 0, a flat direction",
}


def _exact(regime: Regime, start: Start) -> Claim:
    msd, cross, energy = covariance(regime, start)
    double = moment_equations((2 * msd, cross, energy), regime)
    return Claim(
        id=f"langevin-{start}" if regime == "distinct" else f"langevin-{start}-{regime}",
        title=f"Exact Langevin displacement {_FROM[start]}, {_WHERE[regime].partition(' (')[0]}",
        place=BEYOND,
        voice="ours",
        says=f"{_SAYS[start]} the Langevin equation has this covariance {_WHERE[regime]}.",
        statement=solution(regime, start),
        given=_GIVEN[regime],
        steps=(Equal("substitution", STATEMENT, "put it into the equations of the covariance and into t = 0"),),
        reading=(
            "The three equations of the covariance of (w, v), derived from the generator, and its value at t = 0; they "
            "are linear, so what satisfies both is the covariance."
        ),
        twins=(
            Twin("twice the displacement", every(*double)),
            Twin("a variance that starts at z", equal(value(msd, t, 0), thermal(regime))),
        ),
    )


STARTS: tuple[Start, ...] = ("rest", "stationary")
CLAIMS: tuple[Claim, ...] = tuple(_exact(regime, start) for regime in RESPONSE for start in STARTS)
