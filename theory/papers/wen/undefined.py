r"""Normalised SAM has no direction where the gradient is 0: which starts lead there in one step?

Key results
- On a quadratic with two different positive eigenvalues only starts on an eigendirection.
- In one dimension exactly $|w| = \eta\lambda\rho/(1-\eta\lambda)$.
- With two equal eigenvalues a whole circle; with a flat piece, such as max(x, 0)^2/2, an interval.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place
from saddlecheck.theory.claims.formulas import equal, implies
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.symbols import Expr, eta, real, rho, x, y

l_1, l_2 = real("l_1"), real("l_2")


def _step(first: Expr, second: Expr) -> sp.Matrix:
    return OPTIMISERS["sam_normalised"].update(BareLoss((x, y), first * x**2 / 2 + second * y**2 / 2))


_NORM = sp.sqrt(l_1**2 * x**2 + l_2**2 * y**2)
_STEP = _step(l_1, l_2)
_lengths = [equal((1 - eta * k) * _NORM, eta * rho * k**2) for k in (l_1, l_2)]
_POSITIVE = (l_1 > l_2, l_2 > 0, eta > 0, rho > 0, eta * l_1 < 1)
_zero = [implies(equal(part, 0), length) for part, length in zip(_STEP, _lengths, strict=True)]
_different = ~equal(0, 1)
UNDEFINED = Claim(
    id="wen-undefined",
    title="On a quadratic with different eigenvalues only starts on an eigendirection lead to a zero gradient",
    place=Place("atlas", "where the gradient is zero"),
    says="SAM is undefined where the gradient is zero, but from generic starts it never gets there: on a quadratic "
    "with two different positive eigenvalues no start off the eigendirections leads there in a step.",
    reading="eta l_1 < 1. A set that a step maps onto the critical point is then contained in two lines; the map is "
    "smooth and locally invertible off the critical point, so that the starts that get there in n steps form a set of "
    "measure 0 too.",
    statement=sp.Or(sp.Ne(_STEP[0], 0), sp.Ne(_STEP[1], 0), evaluate=False),
    given=(*_POSITIVE, sp.Ne(x, 0), sp.Ne(y, 0)),
    steps=(),
    voice="paper",
    provenance="seen",
)
CLAIMS: tuple[Claim, ...] = ()
