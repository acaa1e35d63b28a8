r"""Momentum and stability: it moves the edge of the step size, and never the threshold of the radius.

Key results, with drift rate a along one eigendirection
- Heavy ball with dampening $\tau$: $|\gamma| < 1$ and $0 < \eta(1-\tau)a < 2(1+\gamma)$.
- Nesterov as in PyTorch, $0 \le \gamma < 1$: $0 < \eta a < 2(1+\gamma)/(1+2\gamma)$.
- With either, SAM is trapped along $-\mu$ for some step if and only if $\rho > 1/\mu$.
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import between, equal, every, iff, implies
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.papers.ours.jury import stable, z
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import a, eta, gamma, mu, rho, tau

_x = eta * (1 - tau) * a
HEAVY = Claim(
    id="heavy-ball-edge",
    title="Heavy ball: |gamma| < 1 and 0 < eta (1 - tau) a < 2 (1 + gamma)",
    place=BEYOND,
    voice="ours",
    says="Gradient descent with momentum gamma and dampening tau attracts at rate a if and only if |gamma| < 1 and "
    "0 < eta (1 - tau) a < 2 (1 + gamma).",
    reading="Stable: both roots of the step's characteristic polynomial are inside the unit circle (Jury's "
    "conditions).",
    **conjunction(
        "together",
        Equal("polynomial", equal(OPTIMISERS["heavy_ball"].characteristic(z, a), z**2 - (1 + gamma - _x) * z + gamma),
              "the determinant of z I minus the Jacobian of (w, m)"),
        Entails("edge",
                iff(stable(OPTIMISERS["heavy_ball"], a), every(gamma < 1, gamma > -1, _x > 0, _x < 2 * (1 + gamma))),
                "Jury's conditions on it"),
    ),
    twins=(
        Twin("the edge without momentum",
             iff(stable(OPTIMISERS["heavy_ball"], a), every(gamma < 1, gamma > -1, _x > 0, _x < 2))),
        Twin("dampening forgotten",
             iff(stable(OPTIMISERS["heavy_ball"], a),
                 every(gamma < 1, gamma > -1, eta * a > 0, eta * a < 2 * (1 + gamma)))),
    ),
    rests=("jury-degree-two",),
)  # fmt: skip
NESTEROV = Claim(
    id="nesterov-edge",
    title="Nesterov: 0 < eta a < 2 (1 + gamma)/(1 + 2 gamma)",
    place=BEYOND,
    voice="ours",
    says="With Nesterov's momentum as PyTorch has it and 0 <= gamma < 1 the step's edge is 2 (1 + gamma)/(1 + 2 "
    "gamma), which is below 2.",
    given=(gamma >= 0, gamma < 1),
    reading=HEAVY.reading,
    **conjunction(
        "together",
        Entails(
            "edge",
            iff(stable(OPTIMISERS["nesterov"], a), every(eta * a > 0, eta * a * (1 + 2 * gamma) < 2 * (1 + gamma))),
            "Jury's conditions on its polynomial",
        ),
        Entails("below 2", implies(gamma > 0, 2 * (1 + gamma) / (1 + 2 * gamma) < 2), "1 + gamma < 1 + 2 gamma"),
    ),
    finding="Heavy ball widens the range of stable steps, Nesterov's momentum narrows it.",
    twins=(Twin("heavy ball's edge", iff(stable(OPTIMISERS["nesterov"], a), between(eta * a, 0, 2 * (1 + gamma)))),),
    rests=("jury-degree-two",),
)

THRESHOLD = Claim(
    id="momentum-threshold",
    title="No momentum moves the threshold 1/mu",
    place=BEYOND,
    voice="ours",
    says="With heavy ball (dampened or not) or Nesterov's momentum SAM is trapped along -mu if and only if rho > "
    "1/mu and the step is below its edge.",
    given=(mu > 0, eta > 0, gamma >= 0, gamma < 1, tau < 1),
    reading=HEAVY.reading + " For every rho > 1/mu small enough steps satisfy the second condition.",
    **conjunction(
        "together",
        Entails("heavy ball",
                iff(stable(OPTIMISERS["heavy_ball_sam"], -mu),
                    every(rho > 1 / mu, eta * (1 - tau) * SAM.rate(-mu) < 2 * (1 + gamma))),
                "the roots leave the circle through 1 exactly where the rate changes sign"),
        Entails("nesterov",
                iff(stable(OPTIMISERS["nesterov_sam"], -mu),
                    every(rho > 1 / mu, eta * SAM.rate(-mu) * (1 + 2 * gamma) < 2 * (1 + gamma))),
                "as for the heavy ball, with Nesterov's polynomial"),
    ),
    finding="Momentum does not free SAM from a saddle that traps it; below 1/mu it only changes how fast it leaves.",
    twins=(
        Twin("a threshold of (1 - gamma)/mu",
             iff(stable(OPTIMISERS["heavy_ball_sam"], -mu),
                 every(rho > (1 - gamma) / mu, eta * (1 - tau) * SAM.rate(-mu) < 2 * (1 + gamma)))),
    ),
    related=("thm3-escape",),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (HEAVY, NESTEROV, THRESHOLD)
