r"""Normalised SAM on a quadratic with positive eigenvalues: where it ends, and for which steps.

With the alternating gradient $v_t = (-1)^t H w_t$ a step is descent on $J(v) = v^TCv/2 - |v|$,
$C = (2-\eta H)H^{-2}/(\eta\rho)$, preconditioned by $\eta\rho H^2$.

Key results
- J falls in every step, for every step size, by at least $d^TH^{-1}d/(2\rho)$, d the step of v.
- For $\eta l_1 < 2$ its only minima are $\pm e_1/c_1$: the 2-cycle along the top eigenvector, |w| of
  $\eta\rho l_1/(2-\eta l_1)$. The other critical points repel. So $\eta l_1 < 1$ is not needed.
- For $\eta l_1 \ge 2$ the iterates along $e_1$ grow without bound.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, quadratic
from saddlecheck.theory.papers.ours.normalised import MULTIPLIER, L
from saddlecheck.theory.symbols import Expr, eta, lam, real, rho, w, x, y

l_1, l_2 = real("l_1"), real("l_2")
v_1, v_2 = real("v_1"), real("v_2")  # the alternating gradient
NORM = sp.sqrt(v_1**2 + v_2**2)
_EIGEN, _V = (l_1, l_2), (v_1, v_2)
_ROW = Place("stated", "positive definite quadratic")


def _after(eigenvalue: Expr, v: Expr, norm: Expr = NORM) -> Expr:
    """The alternating gradient along an eigendirection, one step on."""
    return -(1 - eta * eigenvalue) * v + eta * rho * eigenvalue**2 * v / norm


def _weight(eigenvalue: Expr) -> Expr:
    """The entry of C."""
    return (2 - eta * eigenvalue) / (eta * rho * eigenvalue**2)


def _curved(at: tuple[Expr, ...]) -> Expr:
    """v'Cv/2."""
    return sum(_weight(k) * v**2 for k, v in zip(_EIGEN, at, strict=True)) / 2


_NEXT = tuple(_after(k, v) for k, v in zip(_EIGEN, _V, strict=True))
_NEXT_NORM = sp.sqrt(sum(v**2 for v in _NEXT))
_DROP = sum((after - v) ** 2 / k for after, v, k in zip(_NEXT, _V, _EIGEN, strict=True)) / (2 * rho)
_OBJECTIVE = _curved(_V) - NORM
_falls = at_least(_OBJECTIVE - _DROP, _curved(_NEXT) - _NEXT_NORM)
_EXCESS = (_weight(l_1) * NORM - 1) ** 2 / (2 * _weight(l_1)) + (_weight(l_2) - _weight(l_1)) * v_2**2 / 2
_split = equal(_OBJECTIVE + 1 / (2 * _weight(l_1)), _EXCESS)
_weights = every(_weight(l_2) > _weight(l_1), _weight(l_1) > 0)
_POSITIVE = (l_1 > l_2, l_2 > 0, eta > 0, rho > 0)
_MOVING = sp.Ne(v_1**2 + v_2**2, 0)

# For displays: J by its name, with the entries of C and the next v.
_J, _C_1, _C_2, _NEXT_1, _NEXT_2 = sp.Function("J"), *(real(n) for n in ("C_1", "C_2", "v_{1}'", "v_{2}'"))
_shown_falls = at_least(
    _J(v_1, v_2) - ((_NEXT_1 - v_1) ** 2 / l_1 + (_NEXT_2 - v_2) ** 2 / l_2) / (2 * rho), _J(_NEXT_1, _NEXT_2)
)
_MEANINGS = {
    _J(v_1, v_2): (_C_1 * v_1**2 + _C_2 * v_2**2) / 2 - NORM,
    _C_1: _weight(l_1),
    _C_2: _weight(l_2),
    _NEXT_1: _NEXT[0],
    _NEXT_2: _NEXT[1],
}
_SHOWN_FOUND = Display(
    (
        _shown_falls,
        equal(_J(v_1, v_2) + 1 / (2 * _C_1), (_C_1 * NORM - 1) ** 2 / (2 * _C_1) + (_C_2 - _C_1) * v_2**2 / 2),
        _C_2 > _C_1,
        _C_1 > 0,
    ),
    _MEANINGS,
)

_PLANE = BareLoss((x, y), l_1 * x**2 / 2 + l_2 * y**2 / 2)
_UPDATE = OPTIMISERS["sam_normalised"].update(_PLANE)
_LENGTH = sp.sqrt(l_1**2 * x**2 + l_2**2 * y**2)
_mapped = every(
    equal(-l_1 * _UPDATE[0], _after(l_1, l_1 * x, _LENGTH)), equal(-l_2 * _UPDATE[1], _after(l_2, l_2 * y, _LENGTH))
)
MAPPED = Claim(
    id="wen-quadratic-map",
    title="In the alternating gradient a step of normalised SAM is -(1 - eta H) v + eta rho H^2 v/|v|",
    place=_ROW,
    says="With v = H w before a step and v = -H w after it, normalised SAM on a quadratic is v' = -(1 - eta H) v + "
    "eta rho H^2 v/|v|.",
    statement=_mapped,
    given=(l_1 > 0, l_2 > 0, sp.Ne(l_1**2 * x**2 + l_2**2 * y**2, 0)),
    reading="Two eigendirections; further ones have the same form.",
    steps=(Equal("map", _mapped, "multiply the update by -H"),),
    twins=(Twin("without the change of sign", equal(l_1 * _UPDATE[0], _after(l_1, l_1 * x, _LENGTH))),),
    voice="ours",
    argument="The ascended point is w + rho v/|v|, so the step is w - eta v - eta rho H v/|v|. Multiply by -H. The "
    "sign that is taken out at every step turns the 2-cycle into a fixed point.",
)
# Lemmas on any numbers, read below at the norms and products of a step
u_1, u_2, q_1, q_2, r_1, r_2, inner, drop = (real(k) for k in ("u_1", "u_2", "q_1", "q_2", "r_1", "r_2", "b", "d"))
_U_NORM, _UV = sp.sqrt(u_1**2 + u_2**2), u_1 * v_1 + u_2 * v_2
_lagrange = at_least((v_1**2 + v_2**2) * (u_1**2 + u_2**2), _UV**2)
_roots = implies(every(r_1 > 0, r_2 >= 0, at_least(r_1**2 * r_2**2, inner**2)), at_least(r_2, inner / r_1))
_cauchy = at_least(_U_NORM, _UV / NORM)
_AT_NEXT = {u_1: _NEXT[0], u_2: _NEXT[1]}
_squares = at_least(u_1**2 + u_2**2)
_tangent = _cauchy.xreplace(_AT_NEXT)
_INNER = _UV.xreplace(_AT_NEXT)
_identity = equal(_curved(_NEXT) - _curved(_V) - (_INNER / NORM - NORM), -_DROP)
_combined = implies(every(r_2 >= inner, equal(q_2 - q_1 - (inner - r_1), -drop)), at_least(q_1 - r_1 - drop, q_2 - r_2))
_OF_STEP = {q_1: _curved(_V), q_2: _curved(_NEXT), r_1: NORM, r_2: _NEXT_NORM, inner: _INNER / NORM, drop: _DROP}
FALLS = Claim(
    id="wen-quadratic-descent",
    title="Normalised SAM lowers v'Cv/2 - |v| in every step, for every step size",
    place=_ROW,
    says="On a quadratic with positive eigenvalues each step of normalised SAM lowers J(v) = v'Cv/2 - |v| by at least "
    "d'H^-1 d/(2 rho), d the step of v, whatever eta > 0.",
    reading="Two eigendirections, v not 0. C has the entries (2 - eta l)/(eta rho l^2).",
    statement=_falls,
    display=Display(_shown_falls, _MEANINGS),
    given=(*_POSITIVE, _MOVING),
    rests=("wen-quadratic-map",),
    steps=(
        Entails("moving", NORM > 0, "v is not 0"),
        Entails("lagrange", _lagrange, "the difference is a square"),
        Entails("roots", _roots, "roots keep the order"),
        Instance(
            "cauchy",
            _cauchy,
            "the inequality of Cauchy and Schwarz",
            uses=("moving", "lagrange", "roots"),
            of=_roots,
            at={r_1: NORM, r_2: _U_NORM, inner: _UV},
        ),
        Entails("squares", _squares, "squares are not negative"),
        Instance(
            "next", _squares.xreplace(_AT_NEXT), "at the next v", uses=("moving", "squares"), of=_squares, at=_AT_NEXT
        ),
        Instance("tangent", _tangent, "at the next v", uses=("cauchy", "next"), of=_cauchy, at=_AT_NEXT),
        Equal("quadratic", _identity, "the step is minus eta rho H^2 times the gradient of J"),
        Entails("combined", _combined, "the quadratic part, and the norm's tangent"),
        Instance(
            "falls",
            _falls,
            "of this step",
            uses=("moving", "next", "tangent", "quadratic", "combined"),
            of=_combined,
            at=_OF_STEP,
        ),
    ),
    twins=(Twin("twice the decrease", at_least(_OBJECTIVE - 2 * _DROP, _curved(_NEXT) - _NEXT_NORM)),),
    voice="ours",
    argument="The step is d = -eta rho H^2 grad J. The norm is convex, so -|v| changes by at most its tangent. The "
    "quadratic part is exact, and what is left of both is -d'(1/(eta rho) H^-2 - C/2) d = -d'H^-1 d/(2 rho). No "
    "condition on eta is used.",
)
_FOUND = every(_falls, _split, *_weights.args)
RANGE = Claim(
    id="wen-quadratic-range",
    title="Normalised SAM ends on the top eigenvector's 2-cycle for every step with eta l_1 < 2",
    place=_ROW,
    says="For eta l_1 < 2 the function J that every step lowers is at least -1/(2 c_1), c_1 = (2 - eta l_1)/(eta rho "
    "l_1^2), and reaches that value exactly at v_2 = 0, |v| = 1/c_1: the 2-cycle along the top eigenvector with |w| = "
    "eta rho l_1/(2 - eta l_1).",
    reading="Two eigendirections, l_1 > l_2 > 0. J + 1/(2 c_1) is a sum of two squares with positive weights. J falls "
    "by a multiple of the squared step, so that v tends to a critical point of J; by wen-quadratic-others the one "
    "along l_2 repels, so that almost every start ends at the minimum. At v = 0, where J = 0, no start with J < 0 can "
    "arrive.",
    statement=_FOUND,
    display=_SHOWN_FOUND,
    given=(*_POSITIVE, _MOVING, eta * l_1 < 2),
    rests=("wen-quadratic-map",),
    steps=(
        cite("falls", FALLS),
        Entails("weights", _weights, "(2 - eta l)/l^2 falls with l"),
        Equal("split", _split, "complete the square", uses=("weights",)),
        Entails("together", _FOUND, "all", uses=("falls", "weights", "split")),
    ),
    finding="Twice the range that is stated, and no more: see wen-quadratic-edge.",
    twins=(Twin("for every step", _weight(l_1) > 0, _POSITIVE),),
    voice="ours",
    argument="J is bounded below exactly while c_1 is positive, that is for eta l_1 < 2, since c decreases with the "
    "eigenvalue. Completing the square shows its minimum: v along the top eigenvector with |v| = 1/c_1, in w the "
    "half-width eta rho l_1/(2 - eta l_1). Every step lowers J by a multiple of its own square, so the steps tend to "
    "0 and v to a critical point; all others repel.",
    related=("wen-quadratic", "wen-quadratic-others", "wen-quadratic-edge"),
)
QUADRATIC = Claim(
    id="wen-quadratic",
    title="For eta l_1 < 1 normalised SAM on a quadratic ends on the top eigenvector's 2-cycle",
    place=_ROW,
    says="On a positive definite quadratic with a simple top eigenvalue and eta l_1 < 1 the direction of normalised "
    "SAM's iterates tends to the top eigenvector and their length to eta rho l_1/(2 - eta l_1).",
    reading="The statement of wen-quadratic-range under the paper's condition: J falls in every step and its minimum "
    "is that cycle. Almost every start; two eigendirections.",
    statement=_FOUND,
    display=_SHOWN_FOUND,
    given=(*_POSITIVE, _MOVING, eta * l_1 < 1),
    rests=("wen-quadratic-map",),
    steps=(cite("range", RANGE),),
    twins=(Twin("half the length", equal(_OBJECTIVE + 1 / _weight(l_1), _EXCESS)),),
    voice="paper",
    provenance="seen",
    argument="In the alternating gradient v the iterates are those of a descent on J(v) = v'Cv/2 - |v|. J falls by a "
    "multiple of the squared step and is bounded below. Its minimum lies along the top eigenvector at |v| = 1/c_1, "
    "which is the length given. The paper's condition is half of what is needed.",
)
_ACROSS = MULTIPLIER.subs({L: l_2, lam: l_1}, simultaneous=True)
_repels = _ACROSS < -1
OTHERS = Claim(
    id="wen-quadratic-others",
    title="The 2-cycles along the other eigenvectors repel",
    place=_ROW,
    says="On the 2-cycle along l_2 < l_1 a displacement along l_1 is multiplied by 1 - eta l_1 - (l_1/l_2)^2 (2 - eta "
    "l_2), which is below -1.",
    reading="The multiplier of normalised SAM's cycle, as derived for Kim and others (normalised-cycle-multiplier).",
    statement=_repels,
    given=(*_POSITIVE, eta * l_1 < 2),
    steps=(Entails("below", _repels, "(l_1/l_2)^2 (2 - eta l_2) exceeds 2 - eta l_1"),),
    twins=(Twin("it attracts", _ACROSS > -1),),
    voice="ours",
    argument="The multiplier is below -1 exactly if (l_1/l_2)^2 (2 - eta l_2) > 2 - eta l_1. That is c_2 > c_1, which "
    "holds for l_2 < l_1. So only starts on a set of measure 0 stay near such a cycle.",
)
_STEP_1D = OPTIMISERS["sam_normalised"].update(quadratic(l_1))[0]
_grows = sp.Abs(_STEP_1D) >= sp.Abs(w) + eta * l_1 * rho
EDGE = Claim(
    id="wen-quadratic-edge",
    title="For eta l_1 >= 2 normalised SAM grows by at least eta l_1 rho a step along the top eigenvector",
    place=_ROW,
    says="Along the top eigenvector with eta l_1 >= 2 each step enlarges |w| by at least eta l_1 rho.",
    statement=_grows,
    given=(l_1 > 0, eta > 0, rho > 0, eta * l_1 >= 2, sp.Ne(w, 0)),
    steps=(Entails("grows", _grows, "a step leads to the other side, and further"),),
    twins=(Twin("already from 1 on", _grows, (l_1 > 0, eta > 0, rho > 0, eta * l_1 >= 1, sp.Ne(w, 0))),),
    voice="ours",
    argument="A step leads from w > 0 to (1 - eta l_1) w - eta l_1 rho. Its absolute value is (eta l_1 - 1) w + eta "
    "l_1 rho. For eta l_1 >= 2 the first term is at least w, so the range eta l_1 < 2 cannot be extended.",
)

CLAIMS: tuple[Claim, ...] = (QUADRATIC, RANGE, OTHERS, EDGE, FALLS, MAPPED)
