r"""Where the gap between SGD and SAM changes its sign: mini-batch noise that the ascent amplifies.

Key results: where the noise is multiplied by g > 1, SAM moves further than SGD at first (cor1-independent). The gap
falls until the turning time $t_0 = \ln g/(2\rho\lambda^2)$ and rises from then on, so it crosses zero at most once,
after t_0. At a saddle it does, and a time by which it has is given (cor1-same-batch-beyond,
cor1-independent-overtakes).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import Cite, cite
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, equal, every, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import Entails, Equal, Step
from saddlecheck.theory.papers.kim.diffusion.gap import gap, slope
from saddlecheck.theory.papers.kim.diffusion.variance_laws import GAINS, RATES, Law
from saddlecheck.theory.papers.ours.bounds import EXP_PARABOLA, growth_steps
from saddlecheck.theory.papers.standard import k
from saddlecheck.theory.symbols import D, Expr, Formula, lam, real, rho, t, x

y = real("y")
_RATE = 2 * rho * lam**2  # by which SAM's rate exceeds SGD's, doubled


def turning_time(law: Law) -> Expr:
    """When the gap is least, for a law whose noise is multiplied by g > 1."""
    return sp.log(GAINS[law]) / _RATE


def _turns(law: Law) -> Formula:
    """Negative up to the turning time, and rising from then on."""
    before, after = t <= turning_time(law), t > turning_time(law)
    return every(implies(before, gap(law) < 0), implies(after, sp.Derivative(gap(law), t) > 0))


def _turning_steps(law: Law) -> tuple[Step, ...]:
    """The derivation of `_turns`; the last step states it."""
    g, turn, e = GAINS[law], turning_time(law), sp.exp(_RATE * t)
    positive = above(sp.exp(y))
    flat, moves = implies(y <= 0, sp.exp(y) - 1 <= 0), _RATE * e > 0
    until, beyond = implies(t < turn, e < g), implies(t > turn, e > g)
    falling, rising = implies(t < turn, slope(law) < 0), implies(t > turn, slope(law) > 0)
    reaches = {"of": e, "along": t, "base": turn, "value": g, "slope": _RATE * e, "sign": moves}
    return (
        Entails("amplified", g > 1, "the noise is larger than SGD's"),
        Entails("positive", positive, "an exponential is positive"),
        Monotone("flat", flat, "it is at most 1 on the left", uses=("positive",),
                 of=sp.exp(y) - 1, along=y, slope=sp.exp(y), sign=positive),
        Instance("later", sp.log(g) > 0, "e^y = g > 1 at y = ln g", uses=("flat", "amplified"), of=flat,
                 at={y: sp.log(g)}),
        Entails("moves", moves, "SAM's rate exceeds SGD's"),
        Monotone("below", until, "the exponential reaches g at the turning time", uses=("moves", "later"), **reaches),
        Monotone("above", beyond, "and exceeds it after", uses=("moves", "later"), **reaches),
        Entails("falling", falling, "the sign of the last factor", uses=("below",)),
        Monotone("behind", implies(t <= turn, gap(law) < 0), "it starts at 0 and falls", uses=("falling",),
                 of=gap(law), along=t, slope=slope(law), sign=falling),
        Entails("rising", rising, "the sign of the last factor", uses=("above",)),
        Equal("derivative", equal(sp.Derivative(gap(law), t), slope(law)),
              "the derivative of the gap that claim gap-slope proves"),
        Entails("turns", _turns(law), uses=("behind", "rising", "derivative")),
    )  # fmt: skip


# ---- one mini-batch for both gradients, at a saddle with rho mu > 2

SAME = Claim(
    id="cor1-same-batch-beyond",
    title="With one mini-batch and rho mu > 2 SAM moves further at first and less far in the end",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="At a saddle with rho mu > 2 the gap is negative at least until ln|k|/(rho mu^2), rises from then on, and is "
    "positive from (rho mu - 1)/(2 mu) on: one crossing, between the two times.",
    reading="k = 1 + rho lambda = 1 - rho mu, so that ln g = 2 ln|k|.",
    given=(lam < 0, rho * lam < -2, rho > 0, D > 0, t > 0),
    **conjunction(
        "all",
        *_turning_steps("same_batch"),
        *growth_steps(-2 * lam, "SGD "),
        Entails("late", implies(t >= k / (2 * lam), gap("same_batch") > 0),
                "SGD's growth lies above its tangent; SAM's displacement is bounded", uses=("SGD tangent",)),
        of=("turns", "late"), because="",
    ),
    twins=(Twin("negative at all times", gap("same_batch") < 0),
           Twin("positive from a tenth of that time on", implies(t >= k / (20 * lam), gap("same_batch") > 0))),
    related=("cor1-same-batch", "gap-slope"),
)  # fmt: skip

# ---- a mini-batch for each gradient

INDEPENDENT = Claim(
    id="cor1-independent",
    title="With independent mini-batches SAM moves further than SGD at first",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="At saddles and minima alike the gap is negative at least until ln(1 + rho^2 lambda^2)/(2 rho lambda^2) and "
    "rises from then on, so it changes its sign at most once.",
    statement=_turns("independent"),
    given=(sp.Ne(lam, 0), sp.Ne(k, 0), rho > 0, D > 0, t > 0),
    steps=_turning_steps("independent"),
    twins=(Twin("rising from the start", sp.Derivative(gap("independent"), t) > 0),),
    related=("cor1-independent-minimum", "cor1-independent-overtakes"),
)

_G = GAINS["independent"]
_SOON = every(k > 0, t >= (_G + rho * lam) / (-(rho**2) * lam**3))


def _parabola(rate: Expr, prefix: str) -> Cite:
    """e^(rate t) > 1 + rate t + (rate t)^2/2 for rate > 0."""
    conclusion = sp.exp(rate * t) > 1 + rate * t + (rate * t) ** 2 / 2
    return cite(prefix + "parabola", EXP_PARABOLA, {x: rate * t}, conclusion)


_DECAY = sp.exp(-2 * RATES["independent"] * t)
_EXCESS = implies(_SOON, sp.exp(_RATE * t) - 1 + 2 * lam * t * _G > 0)
OVERTAKES = Claim(
    id="cor1-independent-overtakes",
    title="With independent mini-batches SGD is ahead in the end at a saddle",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="Along -mu < 0 the gap is positive from rho^2 mu on if rho mu > 1, and from "
    "(1 - rho mu + rho^2 mu^2)/(rho^2 mu^3) on if rho mu < 1.",
    given=(lam < 0, sp.Ne(k, 0), rho > 0, D > 0, t > 0),
    **conjunction(
        "both",
        _parabola(-2 * lam, "SGD "),
        _parabola(_RATE, "ratio "),
        *growth_steps(-2 * RATES["independent"], "SAM "),
        *growth_steps(2 * RATES["independent"], "inverse "),
        Equal("split",
              every(equal(sp.exp(-2 * lam * t), sp.Mul(_DECAY, sp.exp(_RATE * t), evaluate=False)),
                    equal(sp.Mul(_DECAY, sp.exp(2 * RATES["independent"] * t), evaluate=False), 1)),
              "e^(x + y) = e^x e^y, since exponents add up"),
        Entails("beyond the threshold", implies(every(k < 0, t >= -(rho**2) * lam), gap("independent") > 0),
                "SAM's variance grows at most linearly, SGD's faster than a parabola",
                uses=("SGD parabola", "SAM tangent")),
        Entails("share", implies(k > 0, (_DECAY - 1) / k < -2 * lam * t * _DECAY),
                "SAM's exponential, compared with its tangent at the end", uses=("inverse tangent", "split")),
        Entails("late", implies(_SOON, -(rho**2) * lam**3 * t >= _G + rho * lam), "multiply by -rho^2 lambda^3 > 0"),
        Entails("steeper", implies(_SOON, _RATE + _RATE**2 * t / 2 + 2 * lam * _G >= 0), "multiply by -2 lambda > 0",
                uses=("late",)),
        Entails("higher", implies(_SOON, t * (_RATE + _RATE**2 * t / 2 + 2 * lam * _G) >= 0), "multiply by t > 0",
                uses=("steeper",)),
        Entails("excess", _EXCESS, "where the parabola exceeds the line", uses=("ratio parabola", "higher")),
        Entails("above 1", implies(k > 0, _DECAY > 1), "e^x > 1 + x > 1 for x > 0", uses=("SAM tangent",)),
        Entails("noisy share", implies(k > 0, _G * (_DECAY - 1) / k < -2 * lam * t * _DECAY * _G),
                "multiply the inequality of step 'share' by g > 0", uses=("share",)),
        Entails("scaled", implies(_SOON, _DECAY * _EXCESS.args[1].lhs > 0),
                "multiply the inequality of step 'excess' by a positive exponential", uses=("excess",)),
        Entails("ahead", implies(_SOON, sp.exp(-2 * lam * t) - 1 - _G * (_DECAY - 1) / k > 0),
                "take SAM's exponential out", uses=("noisy share", "scaled", "above 1", "split")),
        Equal("gap", equal(gap("independent"), -D / lam * (sp.exp(-2 * lam * t) - 1 - _G * (_DECAY - 1) / k)),
              "put the laws in"),
        Entails("below the threshold", implies(_SOON, gap("independent") > 0),
                "multiply the inequality of step 'ahead' by -D/lambda > 0", uses=("ahead", "gap")),
        of=("beyond the threshold", "below the threshold"), because="",
    ),
    twins=(Twin("from the start", gap("independent") > 0),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (SAME, INDEPENDENT, OVERTAKES)
