r"""Section 4.2 and the appendix: the hypothesis that no eigenvalue is zero.

Key results: it fails at every critical point of the paper's own toy neuron (hyperbolic-wlog, hyperbolic-toy), and holds
for almost every tilt of a smooth loss (hyperbolic-generic).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import differ, equal, every, implies
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Prop
from saddlecheck.theory.critical.landscapes import TOY_NEURON
from saddlecheck.theory.papers.kim.notation import loss
from saddlecheck.theory.symbols import real, w1, w2

_CRITICAL = tuple(equal(part, 0) for part in TOY_NEURON.gradient)
HYPERBOLIC_WLOG = Claim(
    id="hyperbolic-wlog",
    title="Appendix: no zero eigenvalues, without loss of generality",
    place=Place("appendix", "first paragraph"),
    voice="paper",
    provenance="seen",
    says="The Hessian may be taken to have no zero eigenvalue at any critical point, as typical losses are like that.",
    statement=sp.Ne(TOY_NEURON.hessian.det(), 0),
    display=Display(
        differ(real(r"\det\nabla^{2}\ell")),
        {
            real(r"\det\nabla^{2}\ell"): sp.Derivative(loss(w1, w2), (w1, 2)) * sp.Derivative(loss(w1, w2), (w2, 2))
            - sp.Derivative(loss(w1, w2), w1, w2) ** 2,
            loss(w1, w2): ((w2 * w1**2 + 1) ** 2 + (w2 * w1**2 - 2) ** 2) / 2,
        },
    ),
    given=_CRITICAL,
    reading="Tested on the paper's own toy neuron: the determinant of the Hessian at a critical point is not 0.",
    finding="It is 0 at every critical point of that loss, so this is a hypothesis that excludes the paper's own "
    "example, and no loss of generality. Generic losses are hyperbolic (hyperbolic-generic), but networks whose "
    "weights can be rescaled against each other are not generic: their critical points come in curves.",
    argument=(
        "The toy neuron's loss depends on its weights through f = w2 w1^2 alone. At the critical point (0, 0) all "
        "second derivatives vanish, so the determinant of the Hessian is 0. The same holds at every other critical "
        "point, because each lies on a curve of critical points (hyperbolic-toy). The assumption thus excludes the "
        "paper's own example and is a restriction, not a normalisation."
    ),
    related=("hyperbolic-toy", "hyperbolic-generic"),
    twins=(
        Twin("the minima only", sp.Ne(TOY_NEURON.hessian.det(), 0), (*_CRITICAL, sp.Ne(TOY_NEURON.variables[0], 0))),
    ),
)
GENERIC = Claim(
    id="hyperbolic-generic",
    title="Nonzero eigenvalues at every critical point are a generic property",
    place=HYPERBOLIC_WLOG.place,
    voice="reading",
    provenance="seen",
    says="That no eigenvalue is zero at any critical point is a generic property: almost every linear tilt of a "
    "smooth loss has it.",
    argument=(
        "Consider the loss plus a linear function a.w. Its critical points are the points where the gradient of the "
        "loss equals -a, and its Hessian is that of the loss. If -a is a regular value of the gradient map, the "
        "Hessian is invertible at all of them. By Sard's theorem almost every vector is a regular value of a smooth "
        "map. So almost every tilt has nondegenerate critical points alone; the theorem is accepted from its source."
    ),
    statement=Prop(
        "morse-generic",
        "For every smooth loss and almost every vector a, the loss plus a.w has no critical point with a singular "
        "Hessian.",
    ),
    steps=(
        Accept("sard", STATEMENT, "Sard's theorem applied to the gradient",
               source="V. Guillemin and A. Pollack, Differential Topology (1974), section 1.7"),
    ),
    related=("hyperbolic-wlog",),
    twins=(Twin("no tilt needed", HYPERBOLIC_WLOG.statement, _CRITICAL),),
)  # fmt: skip
TOY = Claim(
    id="hyperbolic-toy",
    title="Every critical point of the toy neuron is degenerate",
    place=BEYOND,
    voice="ours",
    says="Wherever the gradient of the toy neuron vanishes its Hessian is singular.",
    statement=implies(every(*_CRITICAL), equal(TOY_NEURON.hessian.det(), 0)),
    steps=(Entails("degenerate", STATEMENT, "the loss depends on w2 w1^2 only"),),
    twins=(Twin("everywhere", equal(TOY_NEURON.hessian.det(), 0)),),
)

CLAIMS: tuple[Claim, ...] = (HYPERBOLIC_WLOG, GENERIC, TOY)
