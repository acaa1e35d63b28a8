r"""Adaptive bases beside a critical point: Adam, AdamW and RMSprop, with SAM or any force of the rate p below them.

Key results
- Where |g| is below $\epsilon$ Adam is heavy ball at the rate $\eta(1-\beta_1)/\epsilon$ (adam-rest): SAM is trapped
  along $-\mu$ iff $\rho > 1/\mu$ and the step is below an edge proportional to $\epsilon$ (sam-adam-trapped).
- AdamW rests beside a critical point, and not at it, where the weights are not 0 (adamw-rest-point).
- A diagonal preconditioner that is held still moves no threshold of the radius (adaptive-inertia).
"""

from __future__ import annotations

import math

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every, iff, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.optimisers.bases import Adam
from saddlecheck.theory.optimisers.column import Column
from saddlecheck.theory.papers.ours.jury import jury
from saddlecheck.theory.symbols import Expr, eta, kappa, mu, real, rho, w

b1, b2, eps = real("beta_1"), real("beta_2"), real("epsilon")
m, v, g, p, s, G = (real(name) for name in ("m", "v", "g", "p", "s", "G"))
_DECAYS = (b1 >= 0, b1 < 1, b2 >= 0, b2 < 1)

_ADAM = Adam(betas=(b1, b2), eps=eps)
_stepped, _kept_by = _ADAM.step(Column.of([w]), (Column.of([m]), Column.of([v])), Column.of([g]), eta, math.inf)
_after, _m1, _v1 = (part[0] for part in (_stepped, *_kept_by))
_root = sp.sqrt(_v1)
_split = equal(_after, w - eta * _m1 / eps + eta * _m1 / eps * (_root / (_root + eps)))
_small = implies(every(v <= G**2, g**2 <= G**2), _v1 <= G**2)
_share = s / (s + eps) <= s / eps
REST = Claim(
    id="adam-rest",
    title="Where |g| is below epsilon Adam is heavy ball at the learning rate lr (1 - beta1)/epsilon",
    place=BEYOND,
    voice="ours",
    says="Adam's step is that of m/epsilon but for a relative part sqrt(v)/(sqrt(v) + epsilon), which is at most "
    "sqrt(v)/epsilon; and sqrt(v) never exceeds the largest |g| of the past.",
    reading="Without the bias correction, which tends to 1 geometrically. m/(1 - beta1) is heavy ball's buffer. In (w, "
    "m, sqrt(v)) the part is of second order, though sqrt(v) has no derivative at 0: the linear map decides.",
    statement=every(_split, _small, _share),
    given=(*_DECAYS, eps > 0, v >= 0, G >= 0, s >= 0),
    steps=(
        Equal("step", _split, "1/(r + e) = 1/e - (1/e) r/(r + e)"),
        Entails("past", _small, "v' is a mean of v and g^2"),
        Entails("share", _share, "s + epsilon is at least epsilon"),
        Entails("together", STATEMENT, "all three", uses=("step", "past", "share")),
    ),
    twins=(
        Twin("v' is below g^2 too", implies(every(v <= G**2, g**2 <= G**2), _v1 <= g**2)),
        Twin("the part has the other sign", equal(_after, w - eta * _m1 / eps - eta * _m1 / eps * _root)),
    ),
    argument="Adam divides m by r + epsilon, r = sqrt(v). The quotient is m/epsilon less the share r/(r + epsilon) of "
    "it. The new v is a mean of the old one and of g^2, so it stays below whatever bounds both. Where all gradients "
    "were below G the share is below G/epsilon, which is small beside a critical point.",
    related=("heavy-ball-edge",),
)


def _at_rest(rate: Expr) -> tuple[Expr, Expr]:
    """Coefficients b and c of z^2 + b z + c, the characteristic polynomial of (w, m) -> (w - eta m'/epsilon, m')."""
    after = b1 * m + (1 - b1) * rate * w
    step = sp.Matrix([w - eta / eps * after, after]).jacobian([w, m])
    return -step.trace(), sp.expand(step.det())


_RATE = OPTIMISERS["sam"].rate(-mu)
_trapped = iff(jury(*_at_rest(_RATE)), every(rho > 1 / mu, eta * (1 - b1) * _RATE < 2 * eps * (1 + b1)))
TRAPPED = Claim(
    id="sam-adam-trapped",
    title="SAM over Adam is trapped along -mu iff rho > 1/mu and lr (1 - beta1) p < 2 epsilon (1 + beta1)",
    place=BEYOND,
    voice="ours",
    says="With p = mu (rho mu - 1), SAM over Adam, or with beta1 = 0 over RMSprop, comes to rest at a critical point "
    "along an eigenvalue -mu if and only if rho > 1/mu and lr (1 - beta1) p < 2 epsilon (1 + beta1).",
    reading="Jury's conditions on the linear map of claim adam-rest.",
    statement=_trapped,
    given=(mu > 0, eta > 0, eps > 0, b1 >= 0, b1 < 1),
    steps=(Entails("both ways", STATEMENT, "heavy ball's edge at the learning rate lr (1 - beta1)/epsilon"),),
    finding="The base does not move SAM's threshold. With epsilon = 1e-8 and beta1 = 0.9 the edge is lr = 3.8e-7/p: at "
    "lr = 0.001 Adam comes to rest only where p < 3.8e-4.",
    twins=(
        Twin(
            "the edge of plain descent",
            iff(jury(*_at_rest(_RATE)), every(rho > 1 / mu, eta * (1 - b1) * _RATE < 2 * eps)),
        ),
        Twin("no edge", iff(jury(*_at_rest(_RATE)), rho > 1 / mu)),
    ),
    argument="At rest the base is heavy ball of momentum beta1. The root 1 of its polynomial moves inside the circle "
    "exactly if SAM's rate p along -mu is positive, which is rho mu > 1. The root -1 is reached where lr (1 - beta1) "
    "p/epsilon is 2 (1 + beta1). The product of the roots is beta1 < 1.",
    display=Display(
        iff(jury(real("b"), real("c")), every(rho > 1 / mu, eta * (1 - b1) * real("a") < 2 * eps * (1 + b1))),
        {real("b"): -1 - b1 + eta * (1 - b1) * real("a") / eps, real("c"): b1, real("a"): _RATE},
    ),
    rests=("adam-rest", "jury-degree-two"),
    related=("momentum-threshold",),
)

_d = (real("d_1"), real("d_2"))
_P = sp.Matrix([[real("p_11"), real("p_12")], [real("p_12"), real("p_22")]])
_MAP = sp.diag(1 / _d[0], 1 / _d[1]) * _P
_real_roots = at_least(_MAP.trace() ** 2 - 4 * _MAP.det())
_signs = iff(every(_MAP.trace() > 0, _MAP.det() > 0), every(_P[0, 0] > 0, _P[0, 0] * _P[1, 1] - _P[0, 1] ** 2 > 0))
INERTIA = Claim(
    id="adaptive-inertia",
    title="A diagonal preconditioner that is held still moves no threshold of the radius",
    place=BEYOND,
    voice="ours",
    says="For a symmetric P and positive numbers d_1, d_2 the eigenvalues of D^-1 P are real, and all positive if and "
    "only if P is positive definite.",
    reading="Two weights; D = diag(sqrt(v) + epsilon). P is the derivative of the direction, for SAM H (I + rho H): "
    "small steps w' = w - lr D^-1 P w attract exactly if those of w' = w - lr P w do.",
    statement=every(_real_roots, _signs),
    given=(_d[0] > 0, _d[1] > 0),
    steps=(
        Entails("real", _real_roots, "a square and 4 p_12^2/(d_1 d_2)"),
        Entails("signs", _signs, "trace and determinant of a matrix with real eigenvalues"),
        Entails("together", STATEMENT, "both", uses=("real", "signs")),
    ),
    twins=(
        Twin("whatever the signs of D", _signs, ()),
        Twin("the trace alone", iff(_MAP.trace() > 0, every(_P[0, 0] > 0, sp.expand(_P.det()) > 0))),
    ),
    argument="D^-1 P has the eigenvalues of D^-1/2 P D^-1/2, which is symmetric. That is a congruence, so it has as "
    "many positive eigenvalues as P (Sylvester's law of inertia). Small steps attract exactly if all are positive.",
    related=("asam-traps",),
)

_move = w - s  # a step of length |s| towards 0
_inside = implies(every(w * s >= 0, s**2 <= G**2, w**2 <= G**2), _move**2 <= G**2)
_alpha, _r = real("alpha"), real("r")  # RMSprop's decay; sqrt(v)
_toward = every(at_least(w * (eta * p * w / (_r + eps))), (eta * p * w / (_r + eps)) ** 2 * (1 - _alpha) <= eta**2)
BOUNDED = Claim(
    id="rmsprop-bounded",
    title="Along a coordinate with a positive rate RMSprop never leaves |w| <= lr/sqrt(1 - alpha)",
    place=BEYOND,
    voice="ours",
    says="A step of RMSprop goes towards 0 and its square is at most lr^2/(1 - alpha); a step towards 0 that is no "
    "longer than R does not lead out of |w| <= R.",
    reading="r = sqrt(v') with v' >= (1 - alpha) g^2, g = p w, p > 0.",
    statement=every(_toward, _inside),
    given=(p > 0, eta > 0, eps > 0, _alpha >= 0, _alpha < 1, _r >= 0, _r**2 >= (1 - _alpha) * (p * w) ** 2),
    steps=(
        Entails("sign", at_least(w * (eta * p * w / (_r + eps))), "a square times positive numbers"),
        Entails("length", (eta * p * w / (_r + eps)) ** 2 * (1 - _alpha) <= eta**2, "r + epsilon is above r"),
        Entails("inside", _inside, "either it falls short of 0, or the step is all that is left"),
        Entails("together", STATEMENT, "all of them", uses=("sign", "length", "inside")),
    ),
    twins=(Twin("half the step", implies(every(w * s >= 0, s**2 <= 4 * G**2, w**2 <= G**2), _move**2 <= G**2)),),
    argument="v' holds the share 1 - alpha of the new g^2, so sqrt(v') is at least sqrt(1 - alpha) |g|. The step is "
    "lr g/(sqrt(v') + epsilon), at most lr/sqrt(1 - alpha), and has the sign of w. From |w| <= R a step of at most R "
    "towards 0 ends in |w| <= R.",
)

_g = real("g")
_balance = kappa * w * (eps - _g)  # what the decay takes, times D = |g| + epsilon, for g <= 0 <= w
_rest = iff(equal(_balance, -_g), equal(_g * (1 - kappa * w) + kappa * eps * w, 0))
_none = implies(kappa * w >= 1, _balance > -_g)
ADAMW = Claim(
    id="adamw-rest-point",
    title="AdamW rests where g (1 - kappa |w|) + kappa epsilon w = 0, and nowhere with kappa |w| >= 1",
    place=BEYOND,
    voice="ours",
    says="AdamW's decay kappa w balances its step g/(|g| + epsilon) exactly where g (1 - kappa |w|) = -kappa epsilon "
    "w; with kappa |w| >= 1 the decay is always the larger.",
    reading="One coordinate at rest, m = g and v = g^2, for w >= 0, where g <= 0 (w < 0 by symmetry).",
    statement=every(_rest, _none),
    given=(kappa >= 0, eps > 0, w >= 0, _g <= 0),
    steps=(
        Entails("balance", _rest, "multiply out"),
        Entails("none", _none, "kappa w (epsilon - g) is at least epsilon - g"),
        Entails("together", STATEMENT, "both", uses=("balance", "none")),
    ),
    finding="A critical point is AdamW's rest point only where the weights are 0, or without decay; else it is epsilon "
    "kappa w/lambda away, and beyond |w| = 1/kappa there is none.",
    twins=(Twin("the decay of the loss", iff(equal(_balance, -_g), equal(_g + kappa * w, 0))),),
    argument="The weights stay where lr kappa w + lr g/(|g| + epsilon) is 0. So g has the sign opposite to w, and "
    "multiplying by |g| + epsilon gives the equation. If kappa |w| is 1 or more, the decay exceeds 1, which no "
    "quotient g/(|g| + epsilon) reaches.",
)

CLAIMS: tuple[Claim, ...] = (REST, TRAPPED, INERTIA, BOUNDED, ADAMW)
