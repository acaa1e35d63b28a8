r"""A plateau of a network in which two hidden units are alike, beyond the paper: no mini-batch noise leads out of it.

Such points are critical for the network with one unit fewer and saddles of the larger one (Fukumizu and Amari 2000).
The way out is for the units to part.

Key results
- Along it the gradient of every single sample vanishes (plateau-noise).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.symbols import Expr, real, x, y

s, v = real("s"), real("v")  # how far the units are apart; the outgoing weight of each
sigma = [real(f"sigma_{k}") for k in range(3)]  # the activation at w x and its first two derivatives there, all free


def _unit(moved: Expr) -> Expr:
    """The activation at (w + moved) x, to second order, which is all that slope and curvature see."""
    return sigma[0] + sigma[1] * x * moved + sigma[2] * (x * moved) ** 2 / 2


def _sample_loss(first: Expr, second: Expr) -> Expr:
    """Half the squared error on one sample (x, y) of two hidden units' sum."""
    return (first + second - y) ** 2 / 2


def _slope(loss: Expr) -> Expr:
    return Coefficient(loss, s, sp.S.Zero, sp.S.One)


def _curvature(loss: Expr) -> Expr:
    return 2 * Coefficient(loss, s, sp.S.Zero, sp.Integer(2))


_INCOMING = _sample_loss(v * _unit(s), v * _unit(-s))
_CURVED = 2 * v * x**2 * sigma[2] * (2 * v * sigma[0] - y)
_NO_NOISE = every(
    equal(_slope(_INCOMING), sp.S.Zero),
    equal(_slope(_sample_loss((v + s) * _unit(sp.S.Zero), (v - s) * _unit(sp.S.Zero))), sp.S.Zero),
)

NOISELESS = Claim(
    id="plateau-noise",
    title="Mini-batch noise vanishes along the direction that separates two equal hidden units",
    place=BEYOND,
    voice="ours",
    says="Where two hidden units have the same weights, every sample's gradient along their parting is exactly 0.",
    reading="Squared error of one sample (x, y), any smooth activation (value and two derivatives free): incoming "
    "weights w + s and w - s, or outgoing ones v + s and v - s. The curvature along s has either sign.",
    statement=every(_NO_NOISE, equal(_curvature(_INCOMING), _CURVED)),
    steps=(
        Equal("no sample tells them apart", _NO_NOISE, "exchanging the units turns s into -s and leaves the loss"),
        Equal("curvature", STATEMENT, "the residual times the activation's second derivative",
              uses=("no sample tells them apart",)),
    ),
    finding="There the covariance |H|/B of (23) and (24) fails for every batch size: curvature without noise. Neither "
    "SGD nor SAM ever starts to leave; units that are alike stay alike.",
    twins=(
        Twin("one unit moves alone",
             every(equal(_slope(_sample_loss(v * _unit(s), v * _unit(sp.S.Zero))), sp.S.Zero),
                   equal(_curvature(_INCOMING), _CURVED))),
        Twin("a curvature without the residual", equal(_curvature(_INCOMING), 2 * v * x**2 * sigma[2])),
    ),
    related=("eq23", "eq24-multiplicative"),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (NOISELESS,)
