r"""How long SAM stays near a critical point: the mean first-exit time of $dw = -a\,w\,dt + \sqrt{2D}\,dW$ from |w| < L.

Key results: from w = 0 it is $T = \frac{L^2}{2D}\,{}_2F_2(1,1;\tfrac32,2;\tfrac{aL^2}{2D})$ for either sign of a.
It solves the backward equation D T'' - a w T' = -1 with T = 0 at |w| = L (exit-time), is L^2/(2D) at a = 0
(exit-time-neutral), grows with a (exit-time-rate-trapped, exit-time-rate-repelled), like exp(aL^2/2D) where
a > 0 (exit-time-trapped), and is a logarithm over the rate where a < 0 (exit-time-repelled). That the mean exit time
solves the backward equation is textbook (exit-time-backward).

Reference: Oksendal, Stochastic Differential Equations, for Dynkin's formula.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.increasing import Increasing, increasing
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Equal, Step
from saddlecheck.theory.symbols import D, Expr, Formula, a, mu, real, w

L = real("L")  # the radius that is to be left: weight
EXIT_TIME = L**2 / (2 * D) * sp.hyper((1, 1), (sp.Rational(3, 2), 2), a * L**2 / (2 * D))
"""Mean first-exit time from w = 0, in a, D, L; any sign of a, D > 0, L > 0."""

DYNKIN = Claim(
    id="exit-time-backward",
    title="The mean first-exit time solves the backward equation",
    place=BEYOND,
    voice="ours",
    says="As a function of its start the mean first-exit time from an interval is the solution of the backward "
    "equation that vanishes at the ends.",
    statement=Prop(
        "dynkin",
        "For the process dw = b(w) dt + sqrt(2D) dW with smooth b and D > 0, the mean time of first exit from a "
        "bounded interval, as a function of the start w, is the one solution of D T'' + b T' = -1 that vanishes at "
        "both ends.",
    ),
    steps=(
        Accept("dynkin", STATEMENT, "Dynkin's formula",
               source="B. Oksendal, Stochastic Differential Equations, 6th ed. (2003), sections 7.4 and 9.2"),
    ),
    # Without drift the mean time from (-1, 1) is (1 - w^2)/(2D).
    twins=(
        Twin("+1 for -1 on the right, without drift", equal(D * sp.Derivative((1 - w**2) / (2 * D), (w, 2)), 1),
             (D > 0,)),
    ),
)  # fmt: skip

# ---- the backward equation, term by term

_m = sp.Symbol("m", integer=True, nonnegative=True)
c = real("c")  # any coefficient of the series


def coefficient_ratio(m: Expr = _m) -> Expr:
    """Coefficient of w^(2m+4) over that of w^(2m+2) in (w^2/2D) 2F2(1,1;3/2,2; a w^2/2D); the first one is 1/(2D)."""
    up, down = (sp.prod([p + m for p in parameters]) for parameters in ((1, 1), (sp.Rational(3, 2), 2, 1)))
    return up / down * a / (2 * D)


def _termwise(ratio: Expr) -> sp.And:
    """D u'' - a w u' = 1 for u = sum of c_m w^(2m+2): the powers w^0 and w^(2m+2)."""
    first = equal(2 * D * Coefficient(w**2 / (2 * D), w, sp.S.Zero, sp.Integer(2)), 1)
    later = equal(D * (2 * _m + 4) * (2 * _m + 3) * c * ratio, a * (2 * _m + 2) * c)
    return every(first, later)


EXACT = Claim(
    id="exit-time",
    title="The power series of the mean first-exit time",
    place=BEYOND,
    voice="ours",
    says="The even power series that starts with w^2/(2D), and in which a coefficient of w^(2m+4) is that of w^(2m+2) "
    "times (1 + m)^2/((3/2 + m)(2 + m)(1 + m)) a/(2D), solves D u'' - a w u' = 1 power by power.",
    reading="The ratio is that of (w^2/2D) 2F2(1,1;3/2,2; a w^2/2D), whose series converges everywhere. T(w) = u(L) - "
    "u(w) then solves D T'' - a w T' = -1 and is 0 at w = L and, u being even, at -L; c is any coefficient.",
    rests=(DYNKIN.id,),
    statement=_termwise(coefficient_ratio()),
    given=(D > 0,),
    steps=(Equal("powers", STATEMENT, "compare the coefficients of equal powers of w"),),
    twins=(
        Twin("D for 2D", _termwise(2 * coefficient_ratio())),
        Twin("1F1(1;3/2) instead", _termwise(a / (2 * D) / (_m + sp.Rational(3, 2)))),
    ),
)
_PARTIAL = L**2 / (2 * D) + L**4 / (2 * D) * coefficient_ratio(sp.S.Zero) * (
    1 + L**2 * coefficient_ratio(sp.S.One) * (1 + L**2 * coefficient_ratio(sp.Integer(2)))
)
NEUTRAL = Claim(
    id="exit-time-neutral",
    title="Near a = 0 the exit time is that of free diffusion",
    place=BEYOND,
    voice="ours",
    says="The mean exit time is L^2/(2D) (1 + aL^2/(6D) + a^2 L^4/(45 D^2) + ...): attraction lengthens it in "
    "proportion to a.",
    reading="The first three Taylor coefficients in a, of the first four terms of the series in exit-time; each term "
    "has one more power of a than the one before.",
    rests=("exit-time",),
    statement=every(
        *(
            equal(Coefficient(_PARTIAL, a, sp.S.Zero, sp.Integer(k)), term)
            for k, term in enumerate((L**2 / (2 * D), L**4 / (12 * D**2), L**6 / (90 * D**3)))
        )
    ),
    given=(D > 0,),
    steps=(Equal("three terms", STATEMENT, "the ratios of the first coefficients"),),
    twins=(
        Twin(
            "a third term of twice the size",
            equal(Coefficient(_PARTIAL, a, sp.S.Zero, sp.Integer(2)), L**6 / (45 * D**3)),
        ),
    ),
)

# ---- its slope in closed form: -T'(w) = s(w), with D s' - a w s = 1 and s(0) = 0

_FALL, _RISE = sp.exp(-a * w**2 / (2 * D)), sp.exp(mu * w**2 / (2 * D))
_K = sp.sqrt(sp.pi * D / (2 * a)) * sp.erf(w * sp.sqrt(a / (2 * D)))  # integral of exp(-a y^2/2D) from 0 to w
_J = sp.sqrt(sp.pi * D / (2 * mu)) * sp.erfi(w * sp.sqrt(mu / (2 * D)))  # integral of exp(mu y^2/2D)
SLOPE_TRAPPED = _K / _FALL / D  # a > 0
SLOPE_REPELLED = _J / _RISE / D  # a = -mu < 0


def _backward(slope: Expr, rate: Expr) -> sp.And:
    at_zero = equal(Coefficient(slope, w, sp.S.Zero, sp.S.Zero), 0)
    return every(equal(D * sp.Derivative(slope, w) - rate * w * slope, 1), at_zero)


def _slope_claim(name: str, title: str, slope: Expr, rate: Expr, given: tuple[Formula, ...]) -> Claim:
    formula = _backward(slope, rate)
    return Claim(
        id=name, title=title, place=BEYOND, voice="ours", statement=formula, given=given,
        says="The slope of the exit time in the starting point is a Gaussian integral over a Gaussian.",
        steps=(Equal("equation", STATEMENT, "differentiate the formula and put it into the equation"),),
        twins=(Twin("attraction and repulsion exchanged", _backward(slope, -rate)),), rests=(DYNKIN.id,),
        related=("exit-time",),
    )  # fmt: skip


SLOPE_IN = _slope_claim(
    "exit-time-slope-trapped", "Slope of the exit time, a > 0", SLOPE_TRAPPED, a, (a > 0, D > 0, w > 0)
)
SLOPE_OUT = _slope_claim(
    "exit-time-slope-repelled", "Slope of the exit time, a < 0", SLOPE_REPELLED, -mu, (mu > 0, D > 0, w > 0)
)


def _grows(name: str, of: Expr, slope: Expr, because: str, after: str) -> tuple[Step, Step]:
    """That f > 0 for w > 0, from f(0) = 0 and a slope, simpler than SymPy's derivative, that is positive."""
    sign = slope > 0
    return (
        Entails(name + " slope", sign, because, uses=(after,) if after else ()),
        Monotone(name, of > 0, "it starts at 0", uses=(name + " slope",), of=of, along=w, slope=slope, sign=sign),
    )


def _positive(name: str, integral: Expr) -> Increasing:
    return increasing(name, integral, along=w, because="an exponential is positive")


def _inverse(exponential: Expr) -> Equal:
    return Equal(
        "inverse",
        equal(sp.Mul(exponential, 1 / exponential, evaluate=False), 1),
        "e^y e^(-y) = 1, the exponents cancel",
    )


# ---- a > 0: exponentially long

TRAPPED = Claim(
    id="exit-time-trapped",
    title="Where SAM attracts, leaving takes exponentially long",
    place=BEYOND,
    voice="ours",
    says="For a > 0 the slope of the exit time lies between (exp(a w^2/2D) - 1)/(a w) and (w/D) exp(a w^2/2D).",
    reading="Integrated from 0 to L the upper bound is (exp(aL^2/2D) - 1)/a; the lower one is smaller by a factor "
    "of order aL^2/D only.",
    given=(a > 0, D > 0, w > 0),
    rests=("exit-time-slope-trapped",),
    **conjunction(
        "both",
        _positive("integral", _K),
        *_grows("longer", a * w * _K - D * (1 - _FALL), a * _K, "the integral is positive", "integral"),
        _positive("start", 1 - _FALL),
        *_grows("shorter", w - _K, 1 - _FALL, "the integrand is below 1", "start"),
        _inverse(_FALL),
        Entails("lower", a * w * SLOPE_TRAPPED > 1 / _FALL - 1, "multiply by exp(a w^2/2D)/D",
                uses=("longer", "inverse")),
        Entails("upper", w / _FALL > D * SLOPE_TRAPPED, "multiply by exp(a w^2/2D)", uses=("shorter", "inverse")),
        of=("lower", "upper"), because="",
    ),
    twins=(Twin("no exponential", w / D > SLOPE_TRAPPED),),
)  # fmt: skip

# ---- a < 0: a logarithm over the rate

_SHARE = w / (D + mu * w**2)
_CURVED: dict[str, Any] = {
    "above": _RISE * 2 * D * mu * w**2 / (D + mu * w**2) ** 2,
    "under": _RISE * (D - mu * w**2) ** 2 / (D + mu * w**2) ** 2,
}
REPELLED = Claim(
    id="exit-time-repelled",
    title="Where a direction repels, leaving takes a logarithm over the rate",
    place=BEYOND,
    voice="ours",
    says="For a = -mu < 0 the slope of the exit time lies between w/(D + mu w^2) and twice that.",
    reading="Integrated from 0 to L: T lies between ln(1 + mu L^2/D)/(2 mu) and twice that.",
    statement=every(SLOPE_REPELLED > _SHARE, SLOPE_REPELLED <= 2 * _SHARE),
    given=(mu > 0, D > 0, w > 0),
    rests=("exit-time-slope-repelled",),
    steps=(
        *_grows("above", _J - D * _RISE * _SHARE, _CURVED["above"], "a product of positive factors", ""),
        Entails("under slope", _CURVED["under"] >= 0,
                "a square is at least 0, and so is its product with a positive factor"),
        Monotone("under", 2 * D * _RISE * _SHARE - _J >= 0, "it starts at 0", uses=("under slope",),
                of=2 * D * _RISE * _SHARE - _J, along=w, slope=_CURVED["under"], sign=_CURVED["under"] >= 0),
        _inverse(_RISE),
        Entails("both", STATEMENT, "divide by D exp(mu w^2/2D)", uses=("above", "under", "inverse")),
    ),
    twins=(Twin("without the factor two", SLOPE_REPELLED <= _SHARE),),
)  # fmt: skip

# ---- a larger rate means a later exit


def _later(name: str, slope: Expr, rate: Any, sign: int, part: Expr, gauss: Expr, integral: Expr,
           given: tuple[Formula, ...]) -> Claim:  # fmt: skip
    """The claim that the slope of the exit time grows with the rate a = sign * rate.

    part: the derivative by the rate, times D and the Gaussian.
    """
    grows = sign * sp.Derivative(slope, rate) > 0
    return Claim(
        id=name, title=f"The exit time grows with the rate, a {'>' if sign > 0 else '<'} 0", place=BEYOND, voice="ours",
        says="At fixed noise the exit time increases with the rate a.", statement=grows, given=given,
        reading="The derivative of its slope is positive, so that of T itself is. With noise-free ascent SAM's rate "
        "lambda (1 + rho lambda) exceeds SGD's lambda at the same D, so SAM leaves later, at every radius.",
        steps=(
            _positive("integral", integral),
            *_grows("part", part, w / D * integral, "the integral is positive", "integral"),
            Equal("derivative", equal(sign * sp.Derivative(slope, rate), part / gauss / D),
                  "the product rule, with the Gaussian factor taken out"),
            Entails("later", STATEMENT, "an exponential is positive", uses=("part", "derivative")),
        ),
        twins=(Twin("a sooner exit", -grows.lhs > 0),), related=("cor1-exact-ascent",),
        rests=(name.replace("rate", "slope"),),
    )  # fmt: skip


LATER_IN = _later(
    "exit-time-rate-trapped",
    SLOPE_TRAPPED,
    a,
    1,
    w**2 / (2 * D) * _K + (w * _FALL - _K) / (2 * a),
    _FALL,
    _K,
    (a > 0, D > 0, w > 0),
)
LATER_OUT = _later(
    "exit-time-rate-repelled",
    SLOPE_REPELLED,
    mu,
    -1,
    w**2 / (2 * D) * _J - (w * _RISE - _J) / (2 * mu),
    _RISE,
    _J,
    (mu > 0, D > 0, w > 0),
)

CLAIMS: tuple[Claim, ...] = (DYNKIN, EXACT, NEUTRAL, SLOPE_IN, SLOPE_OUT, TRAPPED, REPELLED, LATER_IN, LATER_OUT)
