r"""Normalised SAM at a critical point: it never settles, so the question is whether it circles the point or leaves.

On the 2-cycle along the stiffest eigendirection L the gradient's norm is constant, so across it the map is that of
constant-radius SAM with the radius rho over that norm, and along it that of gradient descent (claim
normalised-cycle-multiplier). With the edge E/L of gradient descent (E = 2, with heavy ball 2 (1 + gamma), with
Nesterov's momentum 2 (1 + gamma)/(1 + 2 gamma)) the cycle w -> -w has

    |w| = eta L rho / (E - eta L),     rho / |grad l| = (E - eta L) / (eta L^2),

and rho drops out of the second. On a loss that is not quadratic the cycle of the real map is found by Newton's
method and its multipliers decide; the quadratic answer is its limit for small rho.

Where no 2-cycle attracts, the orbit may still be caught. With u = Hw and r = |u| a step without momentum is

    u_j' = (1 - eta lam_j - eta rho lam_j^2/r) u_j,   so that   |u'| <= max_j |r (1 - eta lam_j) - eta rho lam_j^2|,

linear in r inside the bars. Its ends r = 0 and r = R stay within R if eta rho lam_j^2 <= R for all j, R <= rho mu_i
for each negative eigenvalue -mu_i, and eta lam_j <= 1: the ball r <= R maps into itself. Such R exist exactly if
eta max lam_j^2 <= min mu_i (at a minimum always); every start with r < rho min mu_i is then caught for ever, at a
maximum too. It is the discrete form of claim mild-flow, and in one dimension claim normalised-maximum-capture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.losses.interval import Interval
from theory.optimiser import OPTIMISERS, heavy_ball, nesterov
from theory.symbols import rho
from verification.analysis.settings import Settings, decimal
from verification.analysis.stability import Linear, Rule, linearise

if TYPE_CHECKING:
    from verification.analysis.result import VerdictWord

_PLAIN: dict[Any, str] = {None: "gd", heavy_ball: "heavy_ball", nesterov: "nesterov"}
_SAM: dict[Any, str] = {None: "sam", heavy_ball: "heavy_ball_sam", nesterov: "nesterov_sam"}


@dataclass(frozen=True)
class Circling:
    """The verdict of the quadratic model and one sentence.

    size: half-width of the cycle or band, None where there is none.  two_cycle: the verdict is about a 2-cycle.
    """

    verdict: VerdictWord
    size: float | None
    lr_max: float | None
    why: str
    two_cycle: bool = False


def on_quadratic(rule: Rule, spectrum: Sequence[Interval], settings: Settings) -> Circling:
    """What the normalised map does on the quadratic loss with this spectrum (ascending, none of them zero)."""
    plain, sam = OPTIMISERS[_PLAIN[rule.optimiser.momentum]], OPTIMISERS[_SAM[rule.optimiser.momentum]]
    lr, values = decimal(settings.lr), settings.exact
    top = spectrum[-1]
    if settings.rho == 0:
        found = linearise(plain, spectrum, lr, values)
        word = found.verdict
        return Circling(word, None, found.lr_max, "with rho = 0 it is gradient descent.")  # type: ignore[arg-type]  # a verdict's word
    if top.sign <= 0:
        return caught(rule, spectrum, settings) or _unknown(None, None, "every direction is curved down")
    along = linearise(plain, [top], lr, values)
    if along.verdict != "attracts":
        return Circling(
            "repels" if along.verdict == "repels" else "undecided", None, along.lr_max,
            f"eta L = {settings.lr * top.middle:.4g} is at or beyond the edge along the stiffest direction.",
        )  # fmt: skip
    step_edge = decimal(along.lr_max or math.inf)
    softer = [e for e in spectrum if e.upper < top.lower]
    size = float(lr * decimal(settings.rho) / (step_edge - lr))
    edges = _largest_step(softer, top, float(step_edge))
    across = _across(sam, softer, top, (step_edge - lr) / lr, lr, values)
    if across.verdict == "attracts":
        ends = "it ends on a 2-cycle" if rule.optimiser.momentum is None else "it is held by a 2-cycle"
        return Circling("cycle", size, edges, f"{ends} of half-width {size:.4g} along the stiffest direction.", True)
    worst = ", ".join(f"{softer[i].middle:.4g}" for i in across.decisive)
    if across.flow == "repels":  # a multiplier above 1; one below -1 swings and may stay bounded
        return Circling(
            "repels",
            size,
            edges,
            f"the 2-cycle along the stiff direction L = {top.middle:.4g} repels across {worst}: "
            f"a stiff saddle frees it, whatever rho.",
            two_cycle=True,
        )
    return caught(rule, spectrum, settings) or _unknown(size, edges, f"the orbit swings across its cycle along {worst}")


def _across(
    sam: Any, softer: Sequence[Interval], top: Interval, ratio: Fraction, lr: Fraction, values: dict[Any, Any]
) -> Linear:
    """Constant-radius SAM on the softer eigenvalues with the radius rho/|g| = ratio/L."""
    radius = ratio / Fraction(top.middle) if top.lower != top.upper else ratio / top.lower
    return linearise(sam, softer, lr, {**values, rho: radius})


def _largest_step(softer: Sequence[Interval], top: Interval, step_edge: float) -> float | None:
    """Upper end of the steps at which the cycle attracts; None where there are none.

    Across it eta a = E (lam/L)^2 + eta (lam - lam^2/L) is linear in eta and has to lie between 0 and E.
    """
    L = top.middle
    E, low, high = step_edge * L, 0.0, step_edge
    for lam in (e.middle for e in softer):
        start, slope = E * (lam / L) ** 2, lam - lam * lam / L
        ends = sorted((bound - start) / slope for bound in (0.0, E)) if slope else [-math.inf, math.inf]
        low, high = max(low, ends[0]), min(high, ends[1])
    return high if low < high else None


def caught(rule: Rule, spectrum: Sequence[Interval], settings: Settings) -> Circling | None:
    """The ball of gradients that maps into itself (see the module), None where there is none."""
    lr = decimal(settings.lr)
    softest = min((-e.upper for e in spectrum if e.sign < 0), default=None)
    steepest = max(max(abs(e.lower), abs(e.upper)) for e in spectrum)
    stiff = max(spectrum[-1].upper, Fraction(0))
    escapes = softest is not None and lr * steepest**2 >= softest
    if rule.optimiser.momentum is not None or escapes or lr * stiff > 1:
        return None
    norm = settings.lr * settings.rho * float(steepest) ** 2
    nearest = min(abs(e.middle) for e in spectrum)
    edges = [float(softest / steepest**2)] if softest is not None else []
    edges += [1 / float(stiff)] if stiff else []
    basin = "" if softest is None else f", once below {settings.rho * float(softest):.4g},"
    return Circling(
        "cycle",
        norm / nearest,
        min(edges),
        f"it is caught: the gradient's norm{basin} falls to {norm:.4g} and stays below, without settling.",
    )


def _unknown(size: float | None, edges: float | None, what: str) -> Circling:
    return Circling("undecided", size, edges, f"{what}, and no theorem here says whether it is caught.")
