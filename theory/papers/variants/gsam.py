r"""Zhuang and others 2022: descent along $p - \alpha g_\perp$, with the gradient's part across the perturbed one.

Here g is the gradient, p the perturbed one, $g_\perp$ the part of g across p. Constant radius; a saddle with the
eigenvalues L and $-\mu$, $k_L = 1+\rho L$, $k_\mu = 1-\rho\mu$, $p = H(1+\rho H)w$.

Key results
- $p\cdot(p - \alpha g_\perp) = |p|^2$. The gradient of the perturbed loss is $(1+\rho H)p$, though, which has a part
  along $g_\perp$.
- $w^TH(1+\rho H)w/2$ falls at the rate $|p|^2$ for every $\alpha$: the flow's threshold is $1/\mu$, as for SAM.
- Below the threshold the saddle may still attract a whole cone of starts, for
  $\alpha\mu\rho(L+\mu) > k_L(\mu k_\mu + Lk_L)$.
- The map: for $\eta\Lambda(1+\alpha^2/\kappa^2) < 2$ that function falls in every step.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, Matrix, gradient
from saddlecheck.theory.papers.kim.notation import composed_gradient, hessian, matrix, weight
from saddlecheck.theory.papers.ours.normalised import L
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.standard import SAM, SAM_COMPOSED
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import eta, mu, real, rho, x, y

alpha = real("alpha")


def _across(g: Matrix, p: Matrix) -> Matrix:
    return g - (g.dot(p) / p.dot(p)) * p


_GRADIENT, _RAISED, _ACROSS = (matrix(name, 2, 1) for name in ("g", "p", r"g_{\perp}"))  # for displays
_ALONG = real("c")
_g, _p = (sp.Matrix([real(f"{name}_1"), real(f"{name}_2")]) for name in "gp")
GSAM = Claim(
    id="gsam",
    title="The part of the gradient across the perturbed gradient leaves the descent along the latter unharmed",
    place=attributed("the orthogonal part"),
    says="Attributed to Zhuang and others: ascending along the part of g across the perturbed gradient p leaves the "
    "descent on the perturbed loss unharmed. The product of p with the direction p - alpha g_perp is |p|^2, for every "
    "alpha.",
    reading="p stands for the gradient of the perturbed loss, as SAM takes it; two weights, any two vectors.",
    statement=equal(_p.dot(_p - alpha * _across(_g, _p)), _p.dot(_p)),
    display=Display(
        equal(_RAISED.T * (_RAISED - alpha * _ACROSS), _RAISED.T * _RAISED),
        {
            _ACROSS: _GRADIENT - _ALONG * _RAISED,
            _ALONG: _g.dot(_p) / _p.dot(_p),
            _GRADIENT: sp.ImmutableMatrix(_g),
            _RAISED: sp.ImmutableMatrix(_p),
        },
    ),
    given=(sp.Ne(_p.dot(_p), 0),),
    steps=(Equal("product", STATEMENT, "g_perp has no part along p"),),
    twins=(Twin("along g itself", equal(_p.dot(_p - alpha * _g), _p.dot(_p))),),
    voice="paper",
    provenance="from memory",
    argument="g_perp is g without its component along p. Its product with p is 0. So to first order in the step the "
    "change of a loss with the gradient p is that of plain descent along p.",
    related=("gsam-composed", "gsam-flow", "gsam-basin", "gsam-map"),
)

_SADDLE = BareLoss((x, y), L * x**2 / 2 - mu * y**2 / 2)
_PERTURBED = SAM.direction(_SADDLE)
_G_PERP = _across(gradient(_SADDLE), _PERTURBED)
_FORCE = _PERTURBED - alpha * _G_PERP
_COMPOSED = SAM_COMPOSED.direction(_SADDLE)
_NOT_ZERO = sp.Ne(_PERTURBED.dot(_PERTURBED), 0)
COMPOSED = Claim(
    id="gsam-composed",
    title="The gradient of the perturbed loss itself has no part along the ascent",
    place=attributed("the orthogonal part, read literally"),
    says="Read literally: the gradient of l(w + rho grad l(w)), chain rule included, has the product 0 with g_perp.",
    statement=equal(_COMPOSED.dot(_G_PERP), 0),
    display=Display(
        equal(composed_gradient.T * _ACROSS, sp.ZeroMatrix(1, 1)),
        {
            composed_gradient: (sp.Identity(2) + rho * hessian) * _RAISED,
            _ACROSS: _GRADIENT - _ALONG * _RAISED,
            _ALONG: gradient(_SADDLE).dot(_PERTURBED) / _PERTURBED.dot(_PERTURBED),
            _RAISED: _GRADIENT + rho * hessian * _GRADIENT,
            _GRADIENT: hessian * weight,
            hessian: sp.ImmutableMatrix([[L, 0], [0, -mu]]),
            weight: sp.ImmutableMatrix([x, y]),
        },
    ),
    given=(L > 0, mu > 0, rho > 0, _NOT_ZERO),
    reading="On a quadratic saddle. SAM leaves the factor 1 + rho H of the chain rule out.",
    finding="So the ascent does change the perturbed loss to first order; it is harmless for the direction p, which "
    "is not that loss' gradient.",
    twins=(Twin("nor along its own direction p", equal(_COMPOSED.dot(_PERTURBED), 0)),),
    voice="reading",
    provenance="from memory",
    argument="The gradient of the composed loss is (1 + rho H) p. It is parallel to p only along an eigendirection. "
    "Elsewhere it has a component along g_perp, and the ascent changes the perturbed loss to first order.",
)
_identity = equal(
    _COMPOSED.dot(_G_PERP) * _PERTURBED.dot(_PERTURBED),
    -(rho**2) * (L + mu) ** 2 * (1 + rho * L) * (1 - rho * mu) * (L * mu * x * y) ** 2,
)
COMPOSED_SIGN = Claim(
    id="gsam-composed-sign",
    title="Below the threshold GSAM's ascent speeds up the descent of the perturbed loss, beyond it slows it down",
    place=attributed("the orthogonal part, repaired"),
    says="The product of the composed loss' gradient with g_perp is -rho^2 (L + mu)^2 k_L k_mu (L mu x y)^2/|p|^2 on "
    "the saddle.",
    statement=_identity,
    given=(L > 0, mu > 0, rho > 0, _NOT_ZERO),
    amends="gsam-composed",
    steps=(Equal("product", STATEMENT, "expand"),),
    twins=(Twin("the other sign", equal(_identity.lhs, -_identity.rhs)),),
    voice="ours",
    argument="Both vectors are explicit on a quadratic saddle. The product vanishes on the eigendirections and at rho "
    "mu = 1 only. Its sign is that of rho mu - 1: below the threshold the term -alpha g_perp in the direction makes "
    "the perturbed loss fall faster, beyond the threshold slower.",
)
_LYAPUNOV = (L * (1 + rho * L) * x**2 - mu * (1 - rho * mu) * y**2) / 2
FLOW = Claim(
    id="gsam-flow",
    title="GSAM's flow has SAM's threshold 1/mu for every alpha",
    place=attributed("threshold of the flow"),
    says="w'H(1 + rho H)w/2 falls along GSAM's flow at the rate |p|^2, whatever alpha, and it is positive definite at "
    "an index-one saddle if and only if rho mu > 1.",
    reading="Where it is positive definite it is a Lyapunov function and everything tends to the saddle; where it "
    "takes negative values, a start with a negative value never comes back. Two eigendirections; further ones add "
    "their terms.",
    given=(L > 0, mu > 0, rho > 0, _NOT_ZERO),
    **conjunction(
        "together",
        Equal(
            "falls",
            equal(-sp.diff(_LYAPUNOV, x) * _FORCE[0] - sp.diff(_LYAPUNOV, y) * _FORCE[1], -_PERTURBED.dot(_PERTURBED)),
            "its gradient is p, and g_perp is across p",
        ),
        Entails(
            "definite",
            iff(every(L * (1 + rho * L) > 0, -mu * (1 - rho * mu) > 0), rho * mu > 1),
            "the sign of each coefficient",
        ),
        because="both",
    ),
    twins=(Twin("the loss itself", equal(-gradient(_SADDLE).dot(_FORCE), -_PERTURBED.dot(_PERTURBED))),),
    voice="ours",
    argument="The gradient of w'H(1 + rho H)w/2 is p. Its product with the direction is |p|^2, since g_perp drops "
    "out. Along -mu its coefficient is mu (rho mu - 1)/2, positive exactly beyond 1/mu. So alpha does not enter the "
    "threshold.",
)
_RATE = mu * (1 - rho * mu - alpha * (1 + rho * L - (1 - rho * mu)) / (1 + rho * L))
BASIN = Claim(
    id="gsam-basin",
    title="Below the threshold GSAM's saddle may still attract a cone of starts",
    place=attributed("basin below the threshold"),
    says="Along the positive eigendirection x decays at the rate L k_L, and a small y has the rate mu (k_mu - alpha "
    "rho (L + mu)/k_L). So y/x decays to first order, and with it a whole cone tends to the saddle, if and only if "
    "alpha mu rho (L + mu) > k_L (mu k_mu + L k_L).",
    reading="k_L = 1 + rho L, k_mu = 1 - rho mu. The flow is homogeneous of degree 1, so that y/x has a dynamics of "
    "its own, with the linear rate given at 0. x is not 0.",
    given=(L > 0, mu > 0, rho > 0, alpha > 0, sp.Ne(x, 0)),
    **conjunction(
        "together",
        Equal("axis", every(equal(value(-_FORCE[0], y, 0), -L * (1 + rho * L) * x), equal(value(-_FORCE[1], y, 0), 0)),
              "there g and p are parallel"),
        Equal("across", equal(Coefficient(-_FORCE[1], y, 0, 1), _RATE), "linearise in y"),
        Entails("cone",
                iff(-L * (1 + rho * L) > _RATE,
                    alpha * mu * rho * (L + mu) > (1 + rho * L) * (mu * (1 - rho * mu) + L * (1 + rho * L))),
                "compare the rates"),
        because="all",
    ),
    finding="For SAM (alpha = 0) only the line y = 0 tends to the saddle below 1/mu. For L = mu and rho = 1/(2 mu) a "
    "cone does for alpha > 3: the threshold says nothing about all starts.",
    twins=(Twin("never below 1/mu", -L * (1 + rho * L) < _RATE, (L > 0, mu > 0, rho > 0, rho * mu < 1, alpha > 0)),),
    voice="ours",
    argument="On the axis of L the gradient and the perturbed gradient are parallel, so g_perp is 0. A small y turns "
    "g more than p, and -alpha g_perp turns the path back towards the axis. If that beats both the growth along y and "
    "the decay along x, the angle to the axis shrinks. The flow is homogeneous, so a cone of starts tends to 0.",
)  # fmt: skip
before, after = real("V"), real("V'")
square, turned, bend, largest, smallest = real("P"), real("D"), real("q"), real("Lambda"), real("kappa")
_GIVEN = (
    eta > 0, largest > 0, smallest > 0, square > 0,
    equal(after, before - eta * square + eta**2 * bend / 2),
    bend <= largest * (square + alpha**2 * turned), smallest**2 * turned <= square,
)  # fmt: skip
MAP = Claim(
    id="gsam-map",
    title="The map of GSAM descends for eta Lambda (1 + alpha^2/kappa^2) < 2",
    place=attributed("discrete condition"),
    says="Let V = w'H(1 + rho H)w/2, Lambda the largest eigenvalue of H(1 + rho H) and kappa the smallest |1 + rho "
    "lambda|. For eta Lambda (1 + alpha^2/kappa^2) < 2 every step of GSAM lowers V.",
    reading="V is quadratic, so the step's change is exact: P = |p|^2, D = |g_perp|^2 <= |g|^2 <= P/kappa^2, and q "
    "the value of H(1 + rho H) at the direction, at most Lambda (P + alpha^2 D). Any dimension. With rho mu > 1 for "
    "every negative eigenvalue V is positive definite and the saddle attracts all starts. On an eigendirection g_perp "
    "is 0, so that eta Lambda < 2 is necessary.",
    statement=after < before,
    given=(*_GIVEN, eta * largest * (smallest**2 + alpha**2) < 2 * smallest**2),
    steps=(Entails("lower", STATEMENT, "a quadratic function along a step"),),
    twins=(Twin("without the term in alpha", STATEMENT, (*_GIVEN, eta * largest < 2)),),
    voice="ours",
    argument="The gradient of V is p, so the first-order change is -eta |p|^2. The second-order change is at most "
    "eta^2 Lambda (|p|^2 + alpha^2 |g_perp|^2)/2. The gradient is p divided by 1 + rho H, so |g_perp| is at most "
    "|p|/kappa.",
)

PAPER = Paper(
    "gsam",
    "Surrogate Gap Minimization Improves Sharpness-Aware Training",
    ("Zhuang", "Gong", "Yuan", "Cui", "Adam", "Dvornek", "Tatikonda", "Duncan", "Liu"),
    2022,
    (GSAM, COMPOSED, COMPOSED_SIGN, FLOW, BASIN, MAP),
    link="https://arxiv.org/abs/2203.08065",
    sections=SECTIONS,
)
