r"""USAM on a quadratic: the stationary loss in the SDE and in the algorithm, and which saddles attract.

Key results, along an eigendirection, with $k = 1 + \rho\lambda$, $a = \eta\lambda k$ and additive noise of deviation s
- The stationary loss is $\eta s^2 k/4$ in the SDE, $\eta s^2 k/(2(2-a))$ in the algorithm: larger by $2/(2-a)$.
- A saddle attracts the flow if and only if every negative eigenvalue is below $-1/\rho$, strictly; the map needs
  $\eta\lambda(1+\rho\lambda) < 2$ as well.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, between, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, quadratic
from saddlecheck.theory.papers.standard import SAM, k, line
from saddlecheck.theory.symbols import eta, lam, mu, real, rho, w, x, y

F, rho2, u, s, p, v, xi = (real(name) for name in ("F", "rho_2", "u", "s", "p", "v", "xi"))

SDE_FLOOR = eta * s**2 * k / 4
FLOOR = eta * s**2 * k / (2 * (2 - eta * lam * k))
# The second moment's balance, times lambda/2: what the drift removes is what the noise brings.
_sde_balance = equal(2 * lam * k * F, eta * k**2 * s**2 * lam / 2)
_map_balance = equal(F, (1 - eta * lam * k) ** 2 * F + eta**2 * k**2 * s**2 * lam / 2)
_K, _A = real("k"), real("a")  # for displays
IN_SDE = Claim(
    id="usam-loss",
    title="The stationary loss of USAM's SDE on a quadratic",
    place=Place("attributed", "the stationary loss"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: the stationary expected loss of USAM's SDE on a quadratic, with additive "
    "noise s a coordinate, is the sum of eta s^2 (1 + rho lambda)/4 over the eigenvalues.",
    statement=iff(_sde_balance, equal(F, SDE_FLOOR)),
    display=Display(iff(equal(2 * lam * _K * F, eta * _K**2 * s**2 * lam / 2), equal(F, eta * s**2 * _K / 4)), {_K: k}),
    given=(eta > 0, above(lam * k)),
    reading="Along one eigendirection: the SDE is dw = -lambda k w dt + sqrt(eta) k s dW with k = 1 + rho lambda, so "
    "that E w^2 changes at the rate -2 lambda k E w^2 + eta k^2 s^2; F is lambda E w^2/2. A stationary law needs "
    "lambda k > 0.",
    steps=(
        Entails("not 0", sp.Ne(k, 0), "lambda k is positive"),
        Entails("not flat", sp.Ne(lam, 0), "lambda k is positive"),
        Entails("balance", STATEMENT, "divide by 2 lambda k", uses=("not 0", "not flat")),
    ),
    argument="Ito's formula gives the rate of E w^2 as -2 lambda k E w^2 + eta k^2 s^2. In a stationary law it is 0, "
    "so E w^2 = eta k s^2/(2 lambda). Half the curvature times it is eta s^2 k/4; the curvature itself cancels but "
    "for k.",
    twins=(
        Twin(
            "the first order of the noise",
            iff(
                equal(2 * lam * k * F, eta * (1 + 2 * rho * lam) * s**2 * lam / 2),
                equal(F, SDE_FLOOR),
            ),
        ),
    ),
    related=("usam-loss-algorithm", "usam-loss-differ"),
)
IN_MAP = Claim(
    id="usam-loss-algorithm",
    title="The stationary loss of USAM itself on a quadratic",
    place=BEYOND,
    voice="ours",
    says="With the same mini-batch in both gradients the stationary expected loss of the algorithm is eta s^2 k/(2(2 "
    "- eta lambda k)), k = 1 + rho lambda, along an eigendirection.",
    given=(*IN_SDE.given, eta * lam * k < 2),
    display=Display(
        (
            equal(w - eta * (lam * (w + rho * (lam * w + xi)) + xi), (1 - _A) * w - eta * _K * xi),
            iff(
                equal(F, (1 - _A) ** 2 * F + eta**2 * _K**2 * s**2 * lam / 2),
                equal(F, eta * s**2 * _K / (2 * (2 - _A))),
            ),
        ),
        {_A: eta * lam * _K, _K: k},
    ),
    reading="xi is the error of the mini-batch's gradient, of mean 0 and variance s^2, independent of w; so E w^2 is "
    "multiplied by (1 - eta lambda k)^2 and gains eta^2 k^2 s^2. F is lambda E w^2/2.",
    **conjunction(
        "together",
        Equal("step",
              equal(SAM.update(BareLoss((w,), line.expr + xi * w))[0],
                    (1 - eta * lam * k) * w - eta * k * xi), "the error passes through both gradients"),
        Entails("not 0", sp.Ne(k, 0), "lambda k is positive"),
        Entails("not flat", sp.Ne(lam, 0), "lambda k is positive"),
        Equal("balance",
              equal(F - (1 - eta * lam * k) ** 2 * F - eta**2 * k**2 * s ** 2 * lam / 2,
                    eta * lam * k * (2 - eta * lam * k) * (F - FLOOR)), "a difference of squares"),
        Entails("factors", above(eta * (lam * k) * (2 - eta * lam * k)), "all are positive"),
        Entails("floor", iff(_map_balance, equal(F, FLOOR)), "divide by them", uses=("balance", "factors")),
        of=("step", "floor"),
        because="both",
    ),
    argument="A step is w' = (1 - a) w - eta k xi with a = eta lambda k. The second moment is stationary where it "
    "loses 1 - (1 - a)^2 = a (2 - a) of itself and gains eta^2 k^2 s^2. So E w^2 = eta k s^2/(lambda (2 - a)), and "
    "lambda/2 times it is the floor.",
    twins=(
        Twin("the SDE's floor", iff(_map_balance, equal(F, SDE_FLOOR))),
        Twin(
            "an independent mini-batch in the ascent",
            iff(
                equal(
                    F,
                    (1 - eta * lam * k) ** 2 * F + eta**2 * (1 + rho**2 * lam**2) * s ** 2 * lam / 2,
                ),
                equal(F, FLOOR),
            ),
        ),
    ),
)  # fmt: skip
SAME = Claim(
    id="usam-loss-same",
    title="SDE and algorithm have the same stationary loss",
    place=IN_SDE.place,
    voice="reading",
    provenance="from memory",
    says="The SDE's stationary loss, read as that of the algorithm.",
    statement=equal(FLOOR, SDE_FLOOR),
    given=(*IN_MAP.given, s > 0),
    argument="The algorithm's is larger by the factor 2/(2 - a) with a = eta lambda k > 0. So they differ at every "
    "step size. They agree in the limit of small steps alone.",
    twins=(Twin("half of it", equal(FLOOR, SDE_FLOOR / 2)),),
)
DIFFER = Claim(
    id="usam-loss-differ",
    title="The algorithm's stationary loss is the SDE's times 2/(2 - eta lambda k), which is larger",
    place=BEYOND,
    voice="ours",
    says="At a minimum the algorithm's stationary loss exceeds the SDE's by the factor 2/(2 - eta lambda (1 + rho "
    "lambda)), without bound as the step nears its limit.",
    given=(lam > 0, rho >= 0, eta > 0, s > 0, eta * lam * k < 2),
    amends="usam-loss-same",
    **conjunction(
        "together",
        Entails("margin", above(2 - eta * lam * k), "the step's bound"),
        Equal("factor", equal(FLOOR * (2 - eta * lam * k), 2 * SDE_FLOOR), "by their formulas", uses=("margin",)),
        Entails("positive", every(above(k), above(SDE_FLOOR), above(eta * lam * k)), "products of positive numbers"),
        Entails("larger", above(FLOOR, SDE_FLOOR), "2 - a is below 2", uses=("factor", "positive", "margin")),
        of=("factor", "larger"),
        because="both",
    ),
    argument="The two formulas have the same numerator and the denominators 4 and 2(2 - a). As a > 0 the second is "
    "smaller. At a = 2 it vanishes.",
    twins=(Twin("the other way round", above(SDE_FLOOR, FLOOR)),),
)
POSITIVE = Claim(
    id="usam-loss-sign",
    title="A quotient of positive numbers is positive",
    place=BEYOND,
    voice="ours",
    says="If u p = v with p and v positive then u is positive.",
    statement=above(u),
    given=(p > 0, v > 0, equal(u * p, v)),
    steps=(Entails("sign", STATEMENT, "p u would not be positive otherwise"),),
    argument="If u were not positive, its product with the positive number p would not be either. But that product "
    "is v. And v is positive by the condition.",
    twins=(Twin("any sign of p", above(u), (v > 0, equal(u * p, v))),),
)
_MARGINS = (2 - eta * lam * k, 2 - eta * lam * (1 + rho2 * lam))
_GROWTH = eta * s**2 * lam * (rho2 - rho)
RISES = Claim(
    id="usam-loss-radius",
    title="At a minimum a larger radius leaves a larger loss",
    place=BEYOND,
    voice="ours",
    says="For positive curvature the algorithm's stationary loss rises with rho: gradient descent leaves the least.",
    statement=above(FLOOR.subs(rho, rho2), FLOOR),
    given=(lam > 0, rho >= 0, rho < rho2, eta > 0, s > 0, _MARGINS[1] > 0),
    steps=(
        Entails("margin", above(_MARGINS[0]), "1 + rho lambda is larger with rho_2"),
        Entails("denominator", above(_MARGINS[0] * _MARGINS[1]), "both margins are positive", uses=("margin",)),
        Entails("numerator", above(_GROWTH), "a product of positive numbers"),
        Equal(
            "difference",
            equal((FLOOR.subs(rho, rho2) - FLOOR) * (_MARGINS[0] * _MARGINS[1]), _GROWTH),
            "over one denominator",
            uses=("margin",),
        ),
        cite(
            "sign",
            POSITIVE,
            {
                p: _MARGINS[0] * _MARGINS[1],
                u: FLOOR.subs(rho, rho2) - FLOOR,
                v: _GROWTH,
            },
            uses=("denominator", "numerator", "difference", "margin"),
        ),
        Entails("rises", STATEMENT, "move one term", uses=("sign",)),
    ),
    argument="The floor is eta s^2/2 times k/(2 - eta lambda k). This quotient rises with k, and k with rho where "
    "lambda is positive. So the smallest floor is that of rho = 0.",
    twins=(Twin("at a negative curvature too", STATEMENT, (lam < 0, rho >= 0, rho < rho2, eta > 0, s > 0)),),
)

_JACOBIAN = -SAM.flow_jacobian(BareLoss((x, y), lam * x**2 / 2 - mu * y**2 / 2), {x: sp.S.Zero, y: sp.S.Zero})
_rates = every(
    equal(_JACOBIAN[0, 0], lam + rho * lam**2),
    equal(_JACOBIAN[1, 1], -mu + rho * mu**2),
)
_RATES = (lam + rho * lam**2, -mu + rho * mu**2)
SADDLE = Claim(
    id="usam-saddle",
    title="USAM's flow is attracted to a saddle if and only if every lambda + rho lambda^2 is positive",
    place=Place("attributed", "USAM and saddles"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: USAM is attracted to a saddle if and only if lambda_i + rho lambda_i^2 > "
    "0 for all i. That is rho > 1/mu for every negative eigenvalue -mu.",
    statement=every(_rates, iff(every(above(_RATES[0]), above(_RATES[1])), rho * mu > 1)),
    given=(lam > 0, mu > 0, rho > 0),
    reading="On a quadratic, where the rates are the flow's: each coordinate decays exactly if its own rate is "
    "positive. One positive and one negative eigenvalue; further ones have the same two formulas.",
    steps=(
        Equal("rates", _rates, "the flow's Jacobian"),
        Entails("positive", above(_RATES[0]), "both terms are"),
        Entails("negative direction", iff(above(_RATES[1]), rho * mu > 1), "mu (rho mu - 1)"),
        Entails("together", STATEMENT, "both", uses=("rates", "positive", "negative direction")),
    ),
    argument="On a quadratic the flow is x' = -(H + rho H^2) x, so each coordinate moves with the rate lambda + rho "
    "lambda^2. It decays if and only if that is positive. For lambda = -mu the rate is mu (rho mu - 1).",
    finding="This is the strict form of the first paper's Theorem 1, which lets rho = 1/mu in; there the rate is 0 "
    "and a quadratic's saddle attracts nothing along -mu.",
    twins=(Twin("at rho mu = 1 as well", iff(every(above(_RATES[0]), above(_RATES[1])), rho * mu >= 1)),),
    related=("usam-saddle-map",),
)
_multiplier = equal(Coefficient(SAM.update(quadratic(-mu))[0], w, sp.S.Zero, sp.S.One), 1 - eta * _RATES[1])
_FACTOR = 1 - eta * _RATES[1]
SADDLE_MAP = Claim(
    id="usam-saddle-map",
    title="The map needs small steps as well",
    place=BEYOND,
    voice="ours",
    says="A step of USAM brings the weight nearer to the saddle along -mu if and only if rho mu > 1 and eta mu (rho "
    "mu - 1) < 2.",
    statement=every(
        _multiplier,
        iff(between(_FACTOR, -1, 1), every(rho * mu > 1, below(eta * mu * (rho * mu - 1), 2))),
    ),
    given=(mu > 0, rho > 0, eta > 0),
    steps=(
        Equal("multiplier", _multiplier, "a linear map"),
        Equal("factor", equal(_FACTOR, 1 - eta * mu * (rho * mu - 1)), "take out mu"),
        Entails("positive", above(eta * mu), "a product"),
        Entails("from above", iff(below(_FACTOR, 1), rho * mu > 1), "divide by eta mu", uses=("factor", "positive")),
        Entails("both", STATEMENT, "against 1 and against -1", uses=("multiplier", "factor", "from above")),
    ),
    argument="The step multiplies the weight by 1 - eta mu (rho mu - 1). That is below 1 exactly for rho mu > 1. It "
    "is above -1 exactly for eta mu (rho mu - 1) < 2, which fails for large radii.",
    twins=(Twin("without the second condition", iff(between(_FACTOR, -1, 1), rho * mu > 1)),),
)
CLAIMS: tuple[Claim, ...] = (IN_SDE, IN_MAP, SAME, DIFFER, RISES, POSITIVE, SADDLE, SADDLE_MAP)
