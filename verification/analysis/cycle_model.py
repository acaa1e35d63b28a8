r"""Normalised SAM at a critical point: it never settles, so the question is whether it circles the point or leaves.

On the 2-cycle along the top eigenvector, of eigenvalue L, the gradient's norm is constant, so across it the map is that
of constant-radius SAM with the radius rho over that norm, and along it that of gradient descent (claim
normalised-cycle-multiplier). With the edge E/L of gradient descent (E = 2, with heavy ball 2 (1 + gamma), with
Nesterov's momentum 2 (1 + gamma)/(1 + 2 gamma)) the cycle w -> -w has

    |w| = eta L rho / (E - eta L),     rho / |grad l| = (E - eta L) / (eta L^2),

and rho drops out of the second. With momentum other orbits attract beside it, and starts come to them too: each is
solved exactly by its pattern of signs (`saddlecheck.verification.analysis.relay`), and random starts show which one
they reach. The verdict is about the end that most of them come to. At a minimum none leaves below the edge: a step is a
stable linear map driven by a gradient of bounded size.

On a loss that is not quadratic the cycle of the real map is found by Newton's method and its multipliers decide; the
quadratic answer is its limit for small rho.

Where no cycle attracts, the orbit may still be bounded. With u = Hw and r = |u| a step without momentum is

    u_j' = (1 - eta lam_j - eta rho lam_j^2/r) u_j,   so that   |u'| <= max_j |r (1 - eta lam_j) - eta rho lam_j^2|,

linear in r inside the bars. Its ends r = 0 and r = R stay within R if eta rho lam_j^2 <= R for all j, R <= rho mu_i
for each negative eigenvalue -mu_i, and eta lam_j <= 1: the ball r <= R maps into itself. Such R exist exactly if
eta max lam_j^2 <= min mu_i (at a minimum always); the orbit of every start with r < rho min mu_i is then bounded,
at a maximum too. It is the discrete form of claim mild-flow, and in one dimension claim normalised-maximum-capture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import relay
from saddlecheck.verification.analysis.result import VerdictWord
from saddlecheck.verification.analysis.settings import AnalysisSettings, as_float, decimal
from saddlecheck.verification.analysis.stability import linearise

TWO_CYCLE = (1, -1)
_LISTED = 4  # cycles named in a sentence
AMPLE = 20.0  # eta mu times the steps: by then a start that leaves has grown by e^20


@dataclass(frozen=True)
class Circling:
    """The verdict of the quadratic model and one sentence.

    Attributes:
        size: half-width of the cycle or band, a weight, None where there is none.
        lr_known: False where no theorem here gives lr_max.
        orbit: the cycle that the verdict is about.
        seen: where random starts end, None if none were run.
    """

    verdict: VerdictWord
    size: float | None
    lr_max: float | None
    why: str
    lr_known: bool = True
    orbit: relay.Orbit | None = None
    seen: relay.Reached | None = None


def on_quadratic(rule: Optimiser, spectrum: Sequence[Interval], settings: AnalysisSettings) -> Circling:
    """What the normalised map does on the quadratic loss with this spectrum (ascending, none of them zero)."""
    plain, lr, values = rule.unforced, decimal(settings.lr), settings.exact
    top = spectrum[-1]
    if settings.rho == 0:
        found = linearise(plain, spectrum, lr, values)
        word = found.verdict
        return Circling(word, None, found.lr_max, "with rho = 0 it is gradient descent.")
    lr_max, known = largest_step(rule, spectrum, settings)
    if top.sign <= 0:
        return bounded_orbit(rule, spectrum, settings) or _unknown(
            "every direction is curved down", None, lr_max, known
        )
    along = linearise(plain, [top], lr, values)
    if along.verdict != "attracts":
        why = f"eta L = {settings.lr * top.middle:.4g} is at or beyond the edge along the top eigenvector."
        return Circling("repels" if along.verdict == "repels" else "undecided", None, lr_max, why, known)
    two = relay.orbit(rule, spectrum, len(spectrum) - 1, settings, TWO_CYCLE)
    if two is not None and two.word == "attracts" and bounded_orbit(rule, spectrum, settings) is not None:
        # Starts are held by the ball, and across the cycle they come nearer: nothing else is there to reach.
        told = _told(two, spectrum, settings)
        return Circling("cycle", settings.rho * two.half_width, lr_max, f"it ends on {told}.", known, two)
    seen = relay.reached(rule, spectrum, width(rule, top, settings) / settings.rho, settings)
    named, count = next(((o, n) for o, n in seen.orbits if o.word == "attracts"), (two, 0))
    attracts = named is not None and named.word == "attracts"
    if attracts and count == 0 and seen.other == seen.total:  # it attracts more slowly than the starts were followed
        count = seen.total
    if named is not None and attracts and count and count >= max(seen.other, seen.left):
        why = f"it ends on {_told(named, spectrum, settings)}: {_ends(seen, named, settings)}."
        return Circling("cycle", settings.rho * named.half_width, lr_max, why, known, named, seen)
    held = bounded_orbit(rule, spectrum, settings)
    if held is not None:
        return held
    size = None if two is None else settings.rho * two.half_width
    freed = two is not None and two.word == "repels"
    if freed and (2 * seen.left > seen.total or not has_momentum(rule, settings)):
        why = f"the 2-cycle along the top eigenvector, L = {top.middle:.4g}, repels: so does the saddle, for every rho."
        return Circling("repels", size, lr_max, why, known, two, seen)
    held = None if freed else _stays(spectrum, seen, settings, lr_max, known=known)
    return held or _unknown(_ends(seen, None, settings), size, lr_max, known)


def has_momentum(rule: Optimiser, settings: AnalysisSettings) -> bool:
    """Whether the buffer matters."""
    return rule.momentum is not None and settings.momentum > 0


def width(rule: Optimiser, top: Interval, settings: AnalysisSettings) -> float:
    """Half-width of the 2-cycle along an eigenvalue, a weight; 0 at or beyond gradient descent's edge, and uphill."""
    plain = rule.unforced
    edge = linearise(plain, [top], decimal(settings.lr), settings.exact).lr_max
    return settings.rho * settings.lr / (edge - settings.lr) if edge is not None and edge > settings.lr else 0.0


def largest_step(
    rule: Optimiser, spectrum: Sequence[Interval], settings: AnalysisSettings
) -> tuple[float | None, bool]:
    """Return the upper end of the steps at which it circles, None where there are none; and whether a theorem gives it.

    Without momentum eta a = E (lam/L)^2 + eta (lam - lam^2/L) across the 2-cycle is linear in eta and has to lie
    between 0 and E; below the ball's edge orbits are bounded, on the cycle or off it. With momentum every step below
    gradient descent's edge will do at a minimum.
    """
    plain, top = rule.unforced, spectrum[-1]
    if settings.rho == 0:
        return linearise(plain, spectrum, decimal(settings.lr), settings.exact).lr_max, True
    momentum = has_momentum(rule, settings)
    if top.sign <= 0:
        return (None, False) if momentum else (_ball_edge(spectrum), True)
    edge = linearise(plain, [top], decimal(settings.lr), settings.exact).lr_max
    if edge is None:
        return None, True
    if momentum:
        return (edge, True) if spectrum[0].sign > 0 else (None, False)
    L = top.middle
    E, low, high = edge * L, 0.0, edge
    for lam in (e.middle for e in spectrum if e.upper < top.lower):
        start, slope = E * (lam / L) ** 2, lam - lam * lam / L
        ends = sorted((bound - start) / slope for bound in (0.0, E)) if slope else [-math.inf, math.inf]
        low, high = max(low, ends[0]), min(high, ends[1])
    ball = _ball_edge(spectrum)
    return max(high, ball) if low <= ball else ball, True


def bounded_orbit(rule: Optimiser, spectrum: Sequence[Interval], settings: AnalysisSettings) -> Circling | None:
    """The ball of gradients that maps into itself (see the module), None where there is none."""
    if has_momentum(rule, settings) or settings.lr >= _ball_edge(spectrum):
        return None
    lr, steepest = decimal(settings.lr), _steepest(spectrum)
    softest = min((-e.upper for e in spectrum if e.sign < 0), default=None)
    norm = as_float(lr * decimal(settings.rho) * steepest**2)
    nearest = min(abs(e.middle) for e in spectrum)
    basin = "" if softest is None else f", once below {as_float(decimal(settings.rho) * softest):.4g},"
    why = f"the orbit is bounded: the gradient's norm{basin} falls to {norm:.4g} and stays below, without settling."
    return Circling("cycle", norm / nearest, largest_step(rule, spectrum, settings)[0], why)


def _ball_edge(spectrum: Sequence[Interval]) -> float:
    """The step below which a ball of gradients maps into itself."""
    steepest, stiff = _steepest(spectrum), max(spectrum[-1].upper, Fraction(0))
    edges = [as_float(-e.upper / steepest**2) for e in spectrum if e.sign < 0]
    return min([*edges, *([as_float(1 / stiff)] if stiff else [])])


def _steepest(spectrum: Sequence[Interval]) -> Fraction:
    return max(max(abs(e.lower), abs(e.upper)) for e in spectrum)


def _stays(
    spectrum: Sequence[Interval], seen: relay.Reached, settings: AnalysisSettings, lr_max: float | None, *, known: bool
) -> Circling | None:
    """A bounded orbit, by what was seen: at a minimum the starts cannot leave; elsewhere none left in ample time."""
    low = spectrum[0].middle
    if seen.left or not seen.other or (low < 0 and -low * settings.lr * relay.STEPS < AMPLE):
        return None
    reason = (
        "for each step is a stable linear map driven by a bounded gradient"
        if low > 0
        else f"as far as {relay.STEPS} steps tell"
    )
    why = f"the orbit is bounded, {reason}: {_ends(seen, None, settings)}."
    return Circling("cycle", settings.rho * seen.extent, lr_max, why, known, seen=seen)


def _told(o: relay.Orbit, spectrum: Sequence[Interval], settings: AnalysisSettings) -> str:
    kind = "a 2-cycle" if o.period == 2 else f"a cycle of period {o.period} ({o.pattern})"
    top = o.along == len(spectrum) - 1
    where = "the top eigenvector" if top else f"the direction of eigenvalue {spectrum[o.along].middle:.4g}"
    return f"{kind} of half-width {settings.rho * o.half_width:.4g} along {where}"


def _ends(seen: relay.Reached, named: relay.Orbit | None, settings: AnalysisSettings) -> str:
    """Where random starts end, in one clause."""
    parts: list[str] = []
    for o, n in seen.orbits:
        if o is named:
            parts.insert(0, f"{n} of {seen.total} random starts beside the point reach it")
        else:
            parts.append(f"{n} a cycle of period {o.period} and half-width {settings.rho * o.half_width:.4g}")
    if named is not None and not any(o is named for o, _ in seen.orbits):
        return "starts come to it too slowly to be followed"
    more = [f"{seen.left} leave"] if seen.left else []
    more += [f"{seen.other} stay within {settings.rho * seen.extent:.4g} on no short cycle"] if seen.other else []
    text = ", ".join(
        [*parts[:_LISTED], *([f"{len(parts) - _LISTED} more cycles"] if len(parts) > _LISTED else []), *more]
    )
    return text if named is not None else f"of {seen.total} random starts beside the point {text}"


def _unknown(what: str, size: float | None, lr_max: float | None, known: bool) -> Circling:
    return Circling("undecided", size, lr_max, f"{what}; no theorem here says whether the orbit is bounded.", known)
