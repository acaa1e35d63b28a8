"""What training runs say beside Figures 8 and 9: momentum at equal rates, and whether Figure 8 shows a trap.

Key results: none before runs of the paper's own scale exist. At reduced scale momentum at equal lr/(1 - gamma) leaves
the final losses where they are (equal-rate), and the branch test finds a trap in its controls and none in the network
(fig8-trapped).
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.symbols import mu, real, rho

h, g = real("h"), real("g")

EQUAL_RATE = Claim(
    id="equal-rate",
    title="At equal lr/(1 - gamma) momentum does not change the final training loss",
    place=BEYOND,
    voice="ours",
    says="With momentum 0.9 and a tenth of the learning rate, SAM and SGD end at the training loss that they reach "
    "without momentum, up to a tenth of it.",
    statement=Prop(
        "equal-rate",
        "At equal lr/(1 - gamma) and equal epochs the final training losses with momentum 0.9 and without differ by "
        "less than a tenth of the latter, for normalised SAM at rho = 0.1 and for SGD, at B = 512.",
    ),
    reading="A claim about training runs, by an equivalence test with a margin of a tenth. What Figure 9 shows at "
    "equal learning rates is then the larger effective rate.",
    settles="saddlecheck sweep fig9",
    twins=(Twin("the effective rate does not depend on momentum", g * rho > rho, (rho > 0, g >= 1)),),
    related=("fig9", "momentum-equal-rate"),
)
TRAPPED = Claim(
    id="fig8-trapped",
    title="SAM without momentum in Figure 8 is held at a saddle",
    place=BEYOND,
    voice="ours",
    says="What keeps SAM at B = 512 above a training loss of 1 in Figure 8 is a saddle that attracts it.",
    statement=Prop(
        "fig8-trapped",
        "Halfway through the run of normalised SAM at rho = 0.1, gamma = 0 and B = 512, leaving the neighbourhood of "
        "the weights by 5 rho along the lowest eigenvector lowers the loss that SAM reaches, and three times the "
        "learning rate does not.",
    ),
    reading="By the branch test, whose contrasts and margin were declared before the runs. Its controls, two systems "
    "in which a saddle does hold SAM, have to be told apart by it.",
    settles="saddlecheck sweep fig8",
    twins=(Twin("a saddle holds SAM at any distance", rho * mu > h, (rho > 0, mu > 0, h > 0)),),
    related=("fig8", "normalised-saddle-traps"),
)
CLAIMS = (EQUAL_RATE, TRAPPED)
