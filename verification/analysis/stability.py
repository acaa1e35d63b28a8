r"""The condition that an optimiser's map puts on an eigenvalue of the Hessian, derived from the map itself.

At a critical point the Jacobian of each map here is a function of the Hessian, so it splits along the Hessian's
eigenvectors into the maps on $\lambda w^2/2$, whose characteristic polynomial $p(z)$ `saddlecheck.theory.optimiser`
derives. All its roots lie inside the unit circle exactly if (claims linear-discrete, jury-degree-two)

    degree 1, z - q:           p(1) = 1 - q > 0,      -p(-1) = 1 + q > 0
    degree 2, z^2 + b z + c:   p(1) = 1 + b + c > 0,   p(-1) = 1 - b + c > 0,   1 - c > 0

and one lies outside if one of these is negative. Each is linear in the step size, $p_0 + p_1\eta$, which gives the
largest stable step. Eigenvalues are enclosed (Arb), or exact where they are rational: a sign is certain or not known.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import flint
import sympy as sp

from saddlecheck.theory.engines.enclose import ball, real
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.optimiser import OPTIMISERS, Optimiser
from saddlecheck.theory.symbols import Expr, eta, gamma, kappa, lam, rho, tau
from saddlecheck.verification.analysis.result import FlowWord
from saddlecheck.verification.analysis.settings import AnalysisSettings, as_float

_SYMBOLS = (lam, rho, gamma, tau, kappa)
_BITS = 192


RULES: Mapping[str, Optimiser] = {o.id: o for o in OPTIMISERS.values() if o.claims}  # those that theorems judge


def judged(settings: AnalysisSettings) -> dict[str, Optimiser]:
    """The optimisers that an analysis is about, by id: this project's that were asked for, and the user's own."""
    chosen = settings.optimisers
    built_in = {n: r for n, r in RULES.items() if chosen is None or n in chosen}
    return built_in | {o.id: o for o in settings.own}


def same_map(rule: Optimiser, settings: AnalysisSettings) -> tuple[Any, ...]:
    """What its steps are made of, hashable: with gamma = 0 heavy ball and Nesterov's momentum are the plain step."""
    return rule.force, rule.momentum if settings.momentum else None, rule.base


@dataclass(frozen=True)
class Conditions:
    """Every p0 + p1 eta that has to be positive, and the flow's rate, as one program in (lambda, rho, gamma, …)."""

    program: Tape
    count: int

    def __call__(self, eigenvalue: Interval, values: Mapping[Any, Any]) -> tuple[Any, list[tuple[Any, Any]]]:
        """(rate, [(p0, p1), …]) in exact fractions for an exact eigenvalue, else as Arb balls."""
        exact = eigenvalue.lower == eigenvalue.upper
        constant = _itself if exact else real
        number = eigenvalue.lower if exact else ball(eigenvalue.lower, eigenvalue.upper)
        given = [v if not isinstance(v, Fraction) else constant(v) for v in (values[s] for s in _SYMBOLS[1:])]
        rate, *rest = self.program([number, *given], constant)
        return rate, [(rest[2 * i], rest[2 * i + 1]) for i in range(self.count)]


@functools.cache
def conditions(optimiser: Optimiser) -> Conditions:
    """Derive them: along an eigenvector a linear force is the gradient of a quadratic whose curvature is its rate."""
    # Where the rate is known the rule is not run again on symbols: a loop of N gradients gives a term of size 2^N.
    response = optimiser.force.response
    rate = replace(optimiser, momentum=None).rate() if response is None else response.p
    parts = _of_descent(optimiser.unforced)
    return Conditions(Tape([rate, *(part.xreplace({lam: rate}) for part in parts)], _SYMBOLS), len(parts) // 2)


@functools.cache
def _of_descent(descent: Optimiser) -> tuple[Expr, ...]:
    """p0, p1 of each side, in lambda, from the map of gradient descent with a momentum on a scalar quadratic."""
    z = sp.Symbol("z", real=True)
    p = sp.Poly(descent.characteristic(z), z)
    sides = [p.eval(1), (-1) ** p.degree() * p.eval(-1)]
    if p.degree() == 2:
        sides.append(1 - p.coeff_monomial(1))
    linear = [sp.Poly(sp.expand(side), eta) for side in sides]
    if p.LC() != 1 or any(side.degree() > 1 for side in linear):
        raise ValueError(
            f"{descent.title} with this momentum has a map that is not linear in lr, so its edge is not known here."
        )
    return tuple(side.coeff_monomial(eta**k) for side in linear for k in (0, 1))


@dataclass(frozen=True)
class Linearisation:
    """What linearisation says: verdict, the flow's verdict, the largest stable step, and the eigenvalues that decide.

    Attributes:
        decisive: indices of the eigenvalues that repel, are marginal or undecided.
        growing: of those that repel at every step, however small.
        lr_known: False where an enclosure leaves open whether any step attracts.
    """

    verdict: FlowWord
    flow: FlowWord
    lr_max: float | None
    decisive: tuple[int, ...]
    growing: tuple[int, ...] = ()
    lr_known: bool = True


def linearise(
    optimiser: Optimiser, spectrum: Sequence[Interval], lr: Fraction, values: Mapping[Any, Any]
) -> Linearisation:
    """The verdict of the map at step lr, of the flow, and the largest stable step, from a Hessian's spectrum."""
    with flint.ctx.workprec(_BITS):
        found = [conditions(optimiser)(e, values) for e in spectrum]
        signs = [_worst([_sign(p0 + p1 * _as(p1, lr)) for p0, p1 in pairs]) for _, pairs in found]
        edges = [edge(pairs) for _, pairs in found]
        flow = _verdict(_worst([_sign(rate) for rate, _ in found]))
        open_ones = [end is None and _is_open(pairs) for end, (_, pairs) in zip(edges, found, strict=True)]
    overall = _worst(signs)
    lr_max = None if None in edges else min((e for e in edges if e is not None), default=math.inf)
    decisive = () if overall == 1 else tuple(i for i, s in enumerate(signs) if s == overall)
    growing = tuple(i for i in decisive if edges[i] is None)
    known = lr_max is not None or any(e is None and not o for e, o in zip(edges, open_ones, strict=True))
    return Linearisation(_verdict(overall), flow, lr_max, decisive, growing, known)


def _is_open(pairs: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a p0 cannot be told from zero, and no other is negative."""
    signs = [_sign(p0) for p0, _ in pairs]
    return None in signs and -1 not in signs


def edge(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Upper end of the steps eta > 0 at which every p0 + p1 eta is positive, None where small ones already fail."""
    ends = []
    for p0, p1 in pairs:
        if _sign(p0) != 1 and not (_sign(p0) == 0 and _sign(p1) == 1):
            return None
        if _sign(p1) == -1:
            ends.append(-_number(p0) / _number(p1))
    return min(ends) if ends else math.inf


def rho_threshold(spectrum: Sequence[Interval]) -> tuple[float | None, bool]:
    """Return the smallest rho beyond which constant-radius SAM's flow attracts along negative eigenvalues; if known.

    It is the largest 1/|lambda| of a negative one; None without any. An eigenvalue that is exactly zero puts no
    condition on it; one that cannot be told from zero may be negative, with an unknown threshold. Claim thm1-threshold.
    """
    if any(e.sign == 0 and e != Interval.exact(0) for e in spectrum):
        return None, False
    negative = [-1 / e.middle for e in spectrum if e.sign < 0]
    return (max(negative) if negative else None), True


def _itself(value: Fraction) -> Fraction:
    return value


def _as(like: Any, value: Fraction) -> Any:
    return value if isinstance(like, Fraction) else real(value)


def _number(value: Any) -> float:
    return as_float(value) if isinstance(value, Fraction) else float(value.mid())


def _sign(value: Any) -> int | None:
    """1, -1, 0 where certain, None where the ball holds zero and other numbers."""
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0 if value.is_zero() else None


def _worst(signs: Sequence[int | None]) -> int | None:
    """One negative sign decides; then an unknown one; then a zero."""
    if -1 in signs:
        return -1
    if None in signs:
        return None
    return 0 if 0 in signs else 1


def _verdict(sign: int | None) -> FlowWord:
    words: dict[int | None, FlowWord] = {1: "attracts", -1: "repels", 0: "neutral", None: "undecided"}
    return words[sign]
