"""Section 4.1: what the runs of Figures 1, 3 and 4 on Beale's function show, as claims that a run settles.

Key results
- The start of Figure 1 is held at (0, 1) with a normalised rho, not with a constant one (beale-stuck,
  beale-stuck-normalised).
- The cosine of the two gradients swings with a normalised rho and settles at -1 with a constant one (beale-cosine,
  beale-cosine-normalised, beale-cosine-constant).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.formulas import every, implies
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import rho, y

curvature = sp.Rational(111, 4)  # the Hessian at (0, 1) has the eigenvalues 111/4 and -111/4

_DESCENT = Prop(
    "gd-finds-the-minimum",
    "From (1, 2), with the learning rate 1e-4, gradient descent comes to the minimum (3, 1/2) of Beale's function.",
)
STUCK = Claim(
    id="beale-stuck",
    title="Figure 1: on Beale's function gradient descent finds the minimum and SAM stays at (0, 1)",
    place=Place("4.1", "Figure 1"),
    voice="paper",
    provenance="seen",
    says="From the same start, gradient descent reaches the minimum and SAM is held at the saddle.",
    statement=every(
        _DESCENT,
        Prop(
            "sam-is-stuck",
            "From there, with that rate, SAM as (5) and (6) define it, with a constant rho above 4/111, comes to the "
            "saddle (0, 1) and is still there when the run ends.",
        ),
    ),
    settles="saddlecheck check beale-stuck --numeric",
    reading="The paper prints neither the start nor rho. The start is that of published code; rho is constant, as in "
    "(5) and in Theorem 1, which is to explain the figure.",
    finding="With a constant rho above the threshold SAM does not come to the saddle from there: it leaves the box at "
    "once (`beale-constant-rho`). With a normalised one of 1/2 or 1 it does.",
    argument=(
        "The paper names neither its start nor its radius, so the claim is read with the start (1, 2) of published "
        "code and with the constant radius of (5). By beale-threshold both rates at (0, 1) are positive for a "
        "constant rho above 4/111, so the saddle attracts its neighbours. By beale-constant-rho the first step from "
        "(1, 2) with the learning rate 1e-4 and a constant rho of 1/100 or more leaves the plotted box. A run decides "
        "whether it comes back to the saddle."
    ),
    related=("beale-threshold", "beale-constant-rho"),
    twins=(Twin("any positive rho traps", SAM.rate(-curvature) > 0, (rho > 0,)),),
)
STUCK_NORMALISED = Claim(
    id="beale-stuck-normalised",
    title="With a normalised rho of 1/2 SAM stays at Beale's saddle (0, 1)",
    place=Place("4.1", "Figure 1"),
    voice="ours",
    says="From the same start, gradient descent reaches the minimum and normalised SAM is held at the saddle.",
    statement=every(
        _DESCENT,
        Prop(
            "normalised-sam-is-stuck",
            "From there, with that rate, SAM with a normalised rho of 1/2 or 1 comes to the saddle (0, 1) and is still "
            "there when the run ends.",
        ),
    ),
    amends="beale-stuck",
    settles="saddlecheck check beale-stuck-normalised --numeric",
    finding="The weight does not converge there: it moves on the scale eta rho 111/8. With a normalised rho of 1/10 it "
    "reaches the minimum.",
    argument=(
        "With a normalised radius the perturbed weight is at the distance rho from w wherever w is, also close to the "
        "saddle. Along the unstable direction of a quadratic saddle, with the rate mu, steps from within rho stay "
        "within rho, and those that change sides land within eta mu rho (case-3-normalised). At (0, 1) the rate is "
        "111/4 and the learning rate is 1e-4, so this distance is small against rho. Whether the run from (1, 2) "
        "reaches that neighbourhood is decided by running it."
    ),
    related=("case-3-normalised", "beale-cosine"),
    # The model of one unstable direction: held within rho, as case-3-normalised has it, and not at every distance.
    twins=(Twin("the gradients oppose each other at any distance", y**2 < rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),),
)
_SWINGS = Prop(
    "cosine-swings",
    "In the last tenth of a run of SAM on Beale's function with the learning rate 1e-4 the cosine between the "
    "gradients at w and at w^p comes within 1/10 of both -1 and 1, and w^p goes on changing basins.",
)
COSINE = Claim(
    id="beale-cosine",
    title="Figures 3 and 4: the cosine of the two gradients swings between -1 and 1 to the end",
    place=Place("4.1", "Figures 3 and 4"),
    voice="paper",
    provenance="seen",
    says="Once SAM is held at the saddle, the two gradients agree and oppose each other in turn until the end of the "
    "run, and the perturbed weight crosses the basin boundary again and again.",
    statement=implies(
        Prop("constant-rho", "rho is constant, as in (5), and above 4/111; the run starts near (0, 1)."), _SWINGS
    ),
    settles="saddlecheck check beale-cosine --numeric",
    reading="For a constant rho, as in (5), in Theorem 1, and in beale-stuck, from a start that is held: the start of "
    "Figure 1 leaves the box in the first step (`beale-constant-rho`).",
    finding="With a constant rho the cosine settles at -1 (`beale-cosine-constant`). It swings with a normalised "
    "one, so the figures show the normalised algorithm.",
    argument=(
        "With a constant rho above 4/111 SAM's map near (0, 1) is linear with the rates lambda + rho lambda^2 of the "
        "eigenvalues 111/4 and -111/4. The unstable direction is the slower one, so the weight ends up along it. "
        "There the gradients at w and at w^p have the ratio 1 - rho 111/4 < 0, and the cosine tends to -1 "
        "(case-3-cosine-settles). A run from a start that is held decides the claim for the function itself."
    ),
    related=("beale-cosine-normalised", "beale-cosine-constant"),
    # The model of one unstable direction, at a distance below rho: were the gradients to agree there, this would hold.
    twins=(Twin("the two gradients always agree", y**2 > rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),),
)
COSINE_NORMALISED = Claim(
    id="beale-cosine-normalised",
    title="With a normalised rho the cosine swings between -1 and 1 to the end of Beale's run",
    place=COSINE.place,
    voice="ours",
    says="With a normalised rho of 1/2, from (1, 2), the cosine swings between -1 and 1 until the end of the run and "
    "the perturbed weight goes on changing basins.",
    argument=(
        "With a normalised rho the weight is held along the unstable direction within a distance of order eta mu rho, "
        "where the gradients at w and at w^p oppose each other. The steps from one side to the other change the angle "
        "between the gradient and the unstable direction all the time, and the map does not settle "
        "(normalised-maximum-band, normalised-maximum-exponent). The run from (1, 2) with rho = 1/2 records the "
        "cosine and the basin of w^p until the end."
    ),
    statement=implies(Prop("normalised-rho", "rho is normalised and 1/2; the run starts at (1, 2)."), _SWINGS),
    amends="beale-cosine",
    settles="saddlecheck check beale-cosine-normalised --numeric",
    related=("case-3-normalised",),
    twins=(
        Twin("the two gradients oppose each other at any distance", y**2 < rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),
    ),
)
COSINE_CONSTANT = Claim(
    id="beale-cosine-constant",
    title="With a constant rho the cosine settles at -1 on Beale's function",
    place=Place("4.1", "Figures 3 and 4"),
    voice="ours",
    says="A constant rho that traps turns the gradient round and keeps it so: the cosine does not swing.",
    statement=Prop(
        "cosine-settles",
        "With a constant rho above 4/111 on Beale's function, from a start near (0, 1), the cosine between the "
        "gradients at w and at w^p comes to -1 and stays there.",
    ),
    settles="saddlecheck check beale-cosine-constant --numeric",
    reading="The linear part is proved in `case-3-cosine-settles`, whose conditions 111/4 and -111/4 meet.",
    related=("case-3-cosine-settles", "beale-threshold"),
    twins=(Twin("a slower stable direction", SAM.rate(curvature) < SAM.rate(-curvature), (rho > 1 / curvature,)),),
)

# In the paper's order, amendments after what they amend.
RUNS: tuple[Claim, ...] = (STUCK, STUCK_NORMALISED, COSINE, COSINE_NORMALISED, COSINE_CONSTANT)
