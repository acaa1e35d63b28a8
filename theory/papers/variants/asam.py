r"""Kwon, Kim, Park and Choi 2021: adaptive sharpness, $\max_{|T_w^{-1}e|\le\rho} L(w+e) - L(w)$, and rescaling.

Key results
- With $T_w = |w|$ the constraint is invariant under every rescaling that changes no sign to 0.
- With $T_w = |w| + c$, c > 0, it is invariant only under $|a| = 1$.
- ASAM's step is not equivariant in either case: the descent is measured in plain weights.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import equal, every, iff, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, Formula, a, eta, real, rho, w, x, y

W, V = real("W"), real("V")

b, e, c, v = real("b"), real("e"), real("c"), real("v")
inner, outer = real("D"), real("D_p")  # the derivative of the loss in the product xy, at the weights and ascended


def _length(scale: Expr, offset: Expr = sp.S.Zero) -> Expr:
    """A displacement of a rescaled weight, measured in units of |w| + offset, squared."""
    return (scale * e / (sp.Abs(scale * w) + offset)) ** 2


_RESCALED = ((a, e, W, w), (b, real("e_2"), V, v))
_x, _y, _k, _u, _m = (real(f"s_{i}") for i in range(1, 6))  # any numbers
_cancel = implies(every(equal(_x, _k * _u), equal(_y, _k * _m), _k > 0, _m > 0), equal(_x / _y, _u / _m))
_lengths = [equal(sp.Abs(f * moved) / sp.Abs(s), sp.Abs(moved) / sp.Abs(weight)) for f, moved, s, weight in _RESCALED]
INVARIANCE = Claim(
    id="asam-invariance",
    title="Adaptive sharpness with T = |w| is invariant under rescaling of the weights",
    place=attributed("adaptive sharpness under rescaling"),
    says="Attributed to Kwon and others: adaptive sharpness does not change under a rescaling A that leaves the loss "
    "alone, because T_{Aw} = A T_w. With T = |w| the displacement A e of the weights A w has the same length |T^{-1} "
    "e| as e.",
    reading="Two weights w and v and any factors a, b that are not 0, of any sign; the length of a displacement in "
    "units of T, squared. If L(Aw) = L(w) for all w, then L(Aw + Ae) = L(w + e), and both maxima are over the same "
    "values.",
    statement=every(*_lengths, equal(sp.Abs(W), sp.Abs(a) * sp.Abs(w))),
    given=(sp.Ne(a, 0), sp.Ne(b, 0), sp.Ne(w, 0), sp.Ne(v, 0), equal(W, a * w), equal(V, b * v)),
    steps=(
        Entails(
            "sizes",
            every(
                *(equal(sp.Abs(scaled), sp.Abs(factor) * sp.Abs(weight)) for factor, _, scaled, weight in _RESCALED),
                *(equal(sp.Abs(factor * moved), sp.Abs(factor) * sp.Abs(moved)) for factor, moved, _, _ in _RESCALED),
            ),
            "the absolute value of a product",
        ),
        Entails("cancel", _cancel, "a common factor"),
        *(
            Instance(
                f"the {which}",
                part,
                uses=("sizes", "cancel"),
                of=_cancel,
                at={
                    _x: sp.Abs(factor * moved),
                    _y: sp.Abs(scaled),
                    _k: sp.Abs(factor),
                    _u: sp.Abs(moved),
                    _m: sp.Abs(weight),
                },
            )
            for which, part, (factor, moved, scaled, weight) in zip(
                ("first", "second"), _lengths, _RESCALED, strict=True
            )
        ),
        Entails("lengths", STATEMENT, "both", uses=("sizes", "the first", "the second")),
    ),
    twins=(Twin("plain lengths", equal(sp.Abs(a * e), sp.Abs(e))),),
    voice="paper",
    provenance="from memory",
    argument="A rescaled displacement divided by a rescaled weight is the displacement divided by the weight. So A "
    "maps the ball of radius rho around w, in units of T, onto the ball around Aw. The loss is the same at "
    "corresponding points, hence its maximum is.",
    related=("asam-invariance-released", "asam-invariance-step"),
)
_scaled = equal(sp.Abs(a) * (sp.Abs(w) + c), sp.Abs(a * w) + c)
RELEASED = Claim(
    id="asam-invariance-released",
    title="With T = |w| + c the adaptive sharpness is invariant only under |a| = 1",
    place=attributed("adaptive sharpness as released"),
    says="With T = |w| + c, c > 0, as the released code has it with c = 0.01, a rescaling by a keeps the length of a "
    "displacement if and only if |a| = 1.",
    reading="One weight, any displacement e that is not 0.",
    statement=iff(equal(_length(a, c), _length(sp.S.One, c)), equal(sp.Abs(a), 1)),
    given=(c > 0, sp.Ne(a, 0), sp.Ne(e, 0)),
    hints=({c: sp.Rational(1, 100), a: 2, e: 1, w: 1},),
    steps=(
        Entails("factor", iff(equal(_length(a, c), _length(sp.S.One, c)), _scaled), "divide by e^2 and take roots"),
        Entails("one", iff(_scaled, equal(sp.Abs(a), 1)), "c (|a| - 1) = 0"),
        Entails("together", STATEMENT, "both", uses=("factor", "one")),
    ),
    finding="The constant that keeps T away from 0 is the one thing that is not rescaled; weights much larger than c "
    "notice little of it.",
    twins=(Twin("invariant all the same", equal(_length(a, c), _length(sp.S.One, c))),),
    voice="ours",
    argument="The length is a e/(|a w| + c). It equals e/(|w| + c) in absolute value exactly if |a| (|w| + c) = |a| "
    "|w| + c. That leaves c (|a| - 1) = 0.",
)


def _ascended(one: Expr, other: Expr, derivative: Expr) -> Expr:
    """ASAM's ascent of one factor of the product: the radius is rho one^2, the gradient derivative times other."""
    return one + rho * one**2 * derivative * other


def _descent(one: Expr, other: Expr) -> Expr:
    return one - eta * outer * _ascended(other, one, inner)


_equivariant: Formula = equal(_descent(a * x, y / a), a * _descent(x, y))
_FORCE = eta * outer * _ascended(y, x, inner)
_any = implies(sp.Ne(_u, 0), iff(equal(a * x - _u / a, a * (x - _u)), equal(a**2, 1)))
STEP = Claim(
    id="asam-invariance-step",
    title="ASAM's ascent is equivariant, its step is not",
    place=attributed("the step under rescaling"),
    says="For a loss of the product xy, ASAM's ascent from (ax, y/a) is the rescaled ascent from (x, y). The step "
    "from there is the rescaled step if and only if a^2 = 1.",
    reading="D and D_p are the loss' derivative in the product at the weights and at the ascended weights; D_p is the "
    "same from both, because the ascended product is. The descended weight is not at rest.",
    given=(sp.Ne(a, 0), sp.Ne(eta, 0), sp.Ne(outer, 0), sp.Ne(_ascended(y, x, inner), 0)),
    **conjunction(
        "together",
        Equal("ascent", equal(_ascended(a * x, y / a, inner), a * _ascended(x, y, inner)),
              "each factor is multiplied by 1 + rho D x y"),
        Equal("descended", equal(_descent(a * x, y / a), a * x - _FORCE / a),
              "the gradient scales with 1/a, the weight with a"),
        Entails("any", _any, "a^2 = 1 is what is left"),
        Instance("there", _any.xreplace({_u: _FORCE}), "at the step of x", uses=("any",), of=_any, at={_u: _FORCE}),
        Entails("descent", iff(_equivariant, equal(a**2, 1)), "both", uses=("descended", "there")),
        of=("ascent", "descent"),
        because="both",
    ),
    finding="An invariant sharpness does not make an invariant algorithm: what is minimised is the same, the path is "
    "not.",
    twins=(Twin("equivariant for every a", _equivariant),),
    voice="ours",
    argument="The ascent multiplies both factors by 1 + rho D x y, which the rescaling does not change. The descent "
    "adds -eta D_p times the other factor, which is divided by a where the weight is multiplied by a. The two agree "
    "only for a^2 = 1.",
)  # fmt: skip

PAPER = Paper(
    "asam",
    "ASAM: Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks",
    ("Kwon", "Kim", "Park", "Choi"),
    2021,
    (INVARIANCE, RELEASED, STEP),
    link="https://arxiv.org/abs/2102.11600",
    sections=SECTIONS,
)
