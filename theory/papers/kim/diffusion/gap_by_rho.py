r"""Corollary 1: how the gap between SGD and SAM changes with rho, and which displacement is called what.

Key results: the printed gap grows with rho only up to rho = 1/mu (cor1-rho-up-to-threshold), with an exact ascent
always (cor1-rho-exact-ascent); with one mini-batch it is largest at 1/mu (cor1-rho-same-batch).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, Step
from saddlecheck.theory.papers.kim.diffusion.gap import gap
from saddlecheck.theory.papers.kim.diffusion.variance_laws import RATES, Law
from saddlecheck.theory.papers.kim.notation import d_sam, d_sam_at, d_sgd
from saddlecheck.theory.papers.ours.bounds import growth_steps
from saddlecheck.theory.papers.standard import k
from saddlecheck.theory.symbols import D, Expr, lam, real, rho, t

_BY_RHO: dict[Law, Expr] = {law: sp.Derivative(gap(law), rho) for law in ("printed", "exact_ascent", "same_batch")}
_ANY = (sp.Ne(lam, 0), sp.Ne(k, 0), rho > 0, D > 0, t > 0)


def _spread(law: Law) -> Expr:
    """What a change of the rate a does to -(D/a)(1 - exp(-2at)), the noise being fixed: positive."""
    rate = RATES[law]
    z = 2 * rate * t
    return D / rate**2 * sp.exp(-z) * (sp.exp(z) - 1 - z)


def _tilt(z: Expr) -> Expr:
    """A function that has the sign of z."""
    return sp.exp(-z) * (sp.exp(z) - 1 + z)


def _grows(law: Law) -> tuple[Step, ...]:
    """The derivation that the gap grows with rho, for a law whose rate does and whose noise does not depend on it."""
    chain = equal(_BY_RHO[law], _spread(law) * RATES[law].diff(rho))
    return (
        Equal("chain rule", chain, "the gap depends on rho through the rate"),
        *growth_steps(2 * RATES[law]),
        Entails("spread", _spread(law) > 0, "the exponential lies above its tangent", uses=("tangent",)),
        Entails("grows", _BY_RHO[law] > 0, "the rate grows with rho", uses=("chain rule", "spread")),
    )


RHO = Claim(
    id="cor1-rho",
    title="After Corollary 1: the gap between SGD and SAM grows with rho",
    place=Place("4.3", "after Corollary 1"),
    voice="paper",
    provenance="seen",
    says="The larger rho, the further SAM falls behind SGD.",
    reading="The derivative in rho of the gap with the law of Theorem 2 is positive.",
    statement=_BY_RHO["printed"] > 0,
    display=Display(
        above(sp.Derivative(d_sgd - d_sam_at(rho), rho)),
        {
            d_sam_at(rho): D / (lam * (1 + rho * lam) ** 2) * (1 - sp.exp(-2 * lam * (1 + rho * lam) ** 2 * t)),
            d_sgd: D / lam * (1 - sp.exp(-2 * lam * t)),
        },
    ),
    given=_ANY,
    finding="True as long as rho mu < 1. Beyond the threshold of Theorem 1 the printed gap shrinks, and so does the "
    "gap of SAM with one mini-batch, which is largest where SAM freezes, at rho mu = 1. With an exact ascent it always "
    "grows.",
    argument=(
        "The gap depends on rho through the printed rate a = lambda (1 + rho lambda)^2, whose derivative in rho is 2 "
        "lambda^2 (1 + rho lambda). The variance (D/a)(1 - e^(-2at)) decreases in a, because e^z > 1 + z for z = 2at "
        "other than 0. So the gap grows with rho exactly where 1 + rho lambda > 0. At lambda = -1, rho = 2 and D = t "
        "= 1 this factor is -1, and the gap shrinks."
    ),
    twins=(Twin("up to rho mu = 2", STATEMENT, (*_ANY, rho * lam > -2)),),
)
UP_TO = Claim(
    id="cor1-rho-up-to-threshold",
    title="The printed law's gap grows with rho as long as 1 + rho lambda > 0",
    says="The larger rho, the further SAM falls behind SGD, below the threshold of Theorem 1; at a minimum for every "
    "rho.",
    argument=(
        "By the chain rule the derivative of the gap in rho is (D/a^2) e^(-z) (e^z - 1 - z) times the derivative of "
        "the rate a = lambda (1 + rho lambda)^2, where z = 2at. The exponential lies strictly above its tangent for z "
        "other than 0, so the first part is positive. The derivative of the rate is 2 lambda^2 (1 + rho lambda), "
        "which is positive because 1 + rho lambda > 0."
    ),
    **under(RHO, k > 0),
    steps=_grows("printed"),
)
RHO_EXACT = Claim(
    id="cor1-rho-exact-ascent",
    title="With an exact ascent the gap between SGD and SAM grows with rho always",
    place=Place("4.3", "after Corollary 1"),
    voice="ours",
    says="For SAM's own drift and no noise in the ascent the gap grows with rho, at every saddle and minimum.",
    argument=(
        "By the chain rule the derivative of the gap in rho is (D/a^2) e^(-z) (e^z - 1 - z) times the derivative of "
        "the rate a = lambda (1 + rho lambda), where z = 2at. The first part is positive, since the exponential lies "
        "above its tangent. The derivative of the rate is lambda^2 > 0. So the gap grows with rho at every saddle and "
        "every minimum."
    ),
    statement=_BY_RHO["exact_ascent"] > 0,
    given=_ANY,
    amends="cor1-rho",
    steps=_grows("exact_ascent"),
)
RHO_SAME = Claim(
    id="cor1-rho-same-batch",
    title="With one mini-batch the gap between SGD and SAM is largest at rho = 1/mu",
    place=Place("4.3", "after Corollary 1"),
    voice="ours",
    says="At a saddle the gap grows with rho up to 1/mu and shrinks beyond; at a minimum it shrinks with rho.",
    argument=(
        "With one mini-batch SAM's displacement is (D k/lambda)(1 - e^(-z)) with k = 1 + rho lambda and z = 2 lambda "
        "k t. Its derivative in rho is D e^(-z) (e^z - 1 + z), so the gap has minus this as derivative. Both e^z - 1 "
        "and z have the sign of lambda k. At a saddle lambda k is negative up to rho = 1/mu and positive beyond, so "
        "the gap first grows and then shrinks; at a minimum lambda k is positive and the gap shrinks."
    ),
    statement=every(implies(lam * k < 0, _BY_RHO["same_batch"] > 0), implies(lam * k > 0, _BY_RHO["same_batch"] < 0)),
    given=_ANY,
    steps=(
        Equal(
            "chain rule",
            equal(_BY_RHO["same_batch"], -D * _tilt(2 * RATES["same_batch"] * t)),
            "the displacement is (D k/lambda)(1 - e^-z)",
        ),
        *growth_steps(2 * RATES["same_batch"]),
        Entails("turns", STATEMENT, "e^z - 1 and z have the sign of lambda k", uses=("chain rule", "one way")),
    ),
    twins=(Twin("growing for all rho at a saddle", _BY_RHO["same_batch"] > 0, (*_ANY, lam < 0)),),
    related=("cor1-rho", "same-batch-freezes"),
)

# ---- which displacement is called what

sam, sgd = real("msd_SAM"), real("msd_SGD")
LABELS = Claim(
    id="cor1-labels",
    title="Corollary 1: the names of the two mean squared displacements",
    place=Place("4.3", "Corollary 1"),
    voice="paper",
    provenance="seen",
    says="SAM's displacement, called Delta_SGD, is the smaller one, and Delta_SGD - Delta_SAM is positive.",
    reading="The names are put for the displacements as the sentence assigns them.",
    statement=sam - sgd > 0,
    display=Display(above(d_sgd - d_sam), {d_sgd: sam, d_sam: sgd}),
    given=(sam < sgd, sam >= 0),
    finding="The two names are exchanged in that sentence; with them exchanged back it says what (13) means.",
    argument=(
        "The sentence calls SAM's mean squared displacement Delta_SGD and SGD's Delta_SAM, and says that the former "
        "is the smaller. With these names Delta_SGD - Delta_SAM is SAM's displacement minus SGD's, which is negative; "
        "with the displacements 0 and 1 it is -1. This contradicts the sign in (13). The names are exchanged."
    ),
    twins=(Twin("equal displacements", equal(sam, sgd)),),
)
SWAPPED = Claim(
    id="cor1-labels-swapped",
    title="Corollary 1 with the names of the two displacements exchanged",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="With Delta_SGD for SGD's displacement the difference is positive exactly when SAM's is the smaller.",
    argument=(
        "Let Delta_SGD be SGD's mean squared displacement and Delta_SAM SAM's. Then Delta_SGD - Delta_SAM > 0 and "
        "Delta_SAM < Delta_SGD are the same inequality. This is the reading under which the sentence and (13) agree."
    ),
    statement=iff(sgd - sam > 0, sam < sgd),
    display=Display(iff(above(d_sgd - d_sam), below(d_sam, d_sgd)), {d_sgd: sgd, d_sam: sam}),
    amends="cor1-labels",
    steps=(Entails("difference", STATEMENT, "b - a > 0 and a < b are the same inequality"),),
    twins=(Twin("the names of the printed sentence", iff(sam - sgd > 0, sam < sgd)),),
)

CLAIMS: tuple[Claim, ...] = (RHO, UP_TO, RHO_EXACT, RHO_SAME, LABELS, SWAPPED)
