r"""The self-check of normalised SAM: where starts beside a point end, against the size and period that were named.

A ruling says to which cycle most starts come, as a share p of those that were run for it: with k of n here,
P(Bin(n, p) <= k) says whether fewer can be chance. A cycle's extent is known to rounding; what the end of a path still
lacks is the start's distance times r^(n/2), r the ruling's rate of contraction: half of the steps for the signs to
settle, half to contract. Where the ruling rests on the loss's quadratic part, the gradient that sets the extent is
known within a fifth.

A path confirms a cycle only if it ends about the point itself (`saddlecheck.verification.analysis.ends`), and a ruling
whose cycle lies about another place is wrong in any case.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from saddlecheck.numerics.statistics import wilson_interval
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import cycle_model
from saddlecheck.verification.analysis.dynamics import Floats
from saddlecheck.verification.analysis.ends import FARTHEST, LOOK, ROUNDING, Ends, belongs
from saddlecheck.verification.analysis.result import Point, Ruling, Seen
from saddlecheck.verification.analysis.settings import AnalysisSettings

_WITHIN_A_FIFTH = 0.25  # 1/(1 - 0.2) - 1
_TRANSIENT = 10.0  # how far a contraction's powers may exceed those of its spectral radius
_CHANCE, _DOUBT = 1e-4, 1e-2
_SHOWN = 4  # coordinates of a place
_AT_REST = 1e-12  # of a place's size: half-widths below are rounding


def judged(
    rule: Optimiser, ruling: Ruling, ends: Ends, point: Point, settings: AnalysisSettings, others: Floats | None = None
) -> Ruling:
    """The ruling with what was seen: confirmed, contradicted or inconclusive; others: critical points, shape (n, m)."""
    total, seen = ends.total, in_words(ends)
    if ruling.verdict == "cycle" and not _centred(ruling, point, others):
        return replace(ruling, simulated="contradicted", seen=f"the cycle named lies about another place; {seen}")
    if ruling.verdict == "cycle" and ruling.period is not None:
        return replace(ruling, simulated=_on_the_cycle(rule, ruling, ends, point, settings), seen=seen)
    if ruling.verdict == "cycle":
        return _in_the_band(ruling, ends, curved=point.transverse)
    if ruling.verdict == "repels":
        settled, gone = int(np.sum(ends.settled)), ends.away + ends.strayed
        word: Seen = "confirmed" if 4 * gone >= total else "contradicted" if 2 * settled > total else "inconclusive"
        return replace(ruling, simulated=word, seen=seen)
    return replace(ruling, simulated="inconclusive", seen=seen)


def _centred(ruling: Ruling, point: Point, others: Floats | None) -> bool:
    """Whether the cycle that is named lies about the point (beside a line of them it may lie along it)."""
    if ruling.cycle_at is None or point.transverse:
        return True
    centre = np.array(point.at)
    mean = np.mean(ruling.cycle_at, axis=0) - centre
    rivals = None if others is None else others - centre[:, None]
    return bool(belongs(mean[:, None], np.array([ruling.cycle or 0.0]), rivals)[0])


def _in_the_band(ruling: Ruling, ends: Ends, *, curved: bool) -> Ruling:
    """Whether the paths stay as near as the ruling says, or as near as the starts stayed from which it has that.

    Along a curved line of critical points they may move on, and then only those that left count against it. Of s + n
    starts alike the k that go farthest are all among the n with probability n/(s + n) (n - 1)/(s + n - 1) ….

    Returns:
        The ruling, with the self-check's word and what was seen.
    """
    known = 1 + (ROUNDING if ruling.certified or ruling.sampled else _WITHIN_A_FIFTH)
    bound, total = known * (ruling.cycle or 0.0), ends.total
    astray = ends.elsewhere & (not ruling.certified)  # what is proved is that paths stay within, wherever they circle
    beyond = int(np.sum(ends.left | astray | ~(ends.distances <= bound)))
    chance = math.prod((total - i) / (ruling.sampled + total - i) for i in range(beyond)) if ruling.sampled else 0.0
    word: Seen
    if not beyond or chance >= _DOUBT:
        word = "confirmed"
    elif curved and 2 * ends.away <= total:
        word = "inconclusive"
    else:
        word = "inconclusive" if (chance >= _CHANCE if ruling.sampled else 2 * beyond <= total) else "contradicted"
    seen = f"{total - beyond} of {total} starts stayed within {bound:.4g}{_stray_words(ends)}, {ends.away} left"
    return replace(ruling, simulated=word, seen=seen)


def _on_the_cycle(rule: Optimiser, ruling: Ruling, ends: Ends, point: Point, settings: AnalysisSettings) -> Seen:
    """Whether as many paths as the ruling says have its extent and period, or else another end more often."""
    predicted = ruling.cycle or 0.0
    known, transient, begun = _budget(rule, ruling, point, settings)
    slack = known + transient
    if slack > 0.5 * predicted:
        return "inconclusive"  # too few steps for this contraction
    # A path has settled when its last look repeats within ROUNDING: one still in motion then decides nothing.
    unsettled = ends.loose if begun <= ROUNDING * predicted else 0
    on = int(np.sum(ends.settled & (ends.periods == ruling.period) & (np.abs(ends.extents - predicted) <= slack)))
    others = [n for (q, x), n in ends.cycles() if q != ruling.period or abs(x - predicted) > slack]
    same = (e for e in ruling.ends if e.period == ruling.period and abs(e.half_width - predicted) <= slack)
    named = next(same, None)
    share = 1.0 if named is None else wilson_interval(named.starts, named.of)[0]
    chance = _at_most(on, ends.total, share)
    if chance >= _DOUBT and on > 0:
        return "confirmed"
    if chance >= _CHANCE or on >= max([*others, unsettled, ends.away + ends.strayed]):
        return "inconclusive"
    if point.transverse and on + ends.strayed >= max([*others, unsettled, ends.away]):
        return "inconclusive"  # along a curved line they may have moved on
    if named is None and on > 0 and on + ends.strayed == ends.total:
        return "inconclusive"  # the cycle is there and attracts; how many come to it was not measured, and not claimed
    return "contradicted"


def _at_most(k: int, n: int, p: float) -> float:
    """P(Bin(n, p) <= k); the largest n here is the number of starts."""
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def _budget(rule: Optimiser, ruling: Ruling, point: Point, settings: AnalysisSettings) -> tuple[float, float, float]:
    """How well the extent named is known; what a path may still lack of it at the end, and as its last look begins.

    Weights; see the module.

    Returns:
        (error of the extent, what is lacking at the end, what is lacking as the last look begins), all in weights.
    """
    begin = FARTHEST * cycle_model.width(rule, Interval.exact(Fraction(max(point.eigenvalues))), settings)
    of_the_loss = ruling.cycle_at is not None or any(not e.pattern for e in ruling.ends)
    known = 2 * ROUNDING if of_the_loss else _WITHIN_A_FIFTH  # its own error, and that of the path measured
    rate, looks = min(ruling.rate, 1.0), max(settings.steps // LOOK, 1)
    lacks = [_TRANSIENT * begin * float(rate ** (n / 2)) for n in (settings.steps, (looks - 1) * LOOK)]
    return known * (ruling.cycle or 0.0), lacks[0], lacks[1]


def in_words(ends: Ends) -> str:
    """The ends, the most frequent first."""
    total, found = ends.total, ends.cycles()
    parts = [f"{n} of {total} starts circled with half-width {x:.4g} and period {q}" for (q, x), n in found[:2]]
    more = sum(n for _, n in found[2:])
    parts += [f"{more} of {total} on other cycles"] if more else []
    parts += [f"{ends.loose} of {total} stayed near without settling"] if ends.loose else []
    return f"{', '.join(parts)}{_stray_words(ends)}, {ends.away} left".removeprefix(", ")


def _stray_words(ends: Ends) -> str:
    """How many ended about another place, and on what about which: of those that settled, if any did."""
    if not ends.strayed:
        return ""
    i = max(np.flatnonzero(ends.elsewhere), key=lambda j: int(ends.periods[j] > 0))
    place = ends.means[:, i]
    shown = ", ".join([f"{x:.4g}" for x in place[:_SHOWN] + 0.0] + (["…"] if len(place) > _SHOWN else []))
    if ends.periods[i] and ends.extents[i] <= _AT_REST * (1 + float(np.linalg.norm(place))):
        return f", {ends.strayed} of {ends.total} ended about another place (one at rest at ({shown}))"
    path = f"a cycle of period {ends.periods[i]} and" if ends.periods[i] else "a path of"
    how = f"{path} half-width {ends.extents[i]:.4g}"
    return f", {ends.strayed} of {ends.total} ended about another place (one on {how} about ({shown}))"
