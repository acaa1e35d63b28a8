r"""The branch test: is a run of SAM that makes no progress held at a saddle, or slow?

Declared before the runs that count; the settings of the two controls were chosen after one pilot run of each. A system
is trained by SAM until `middle`; from its weights there, with a constant learning rate, six branches go on for `after`
epochs: SGD; SAM; SAM with 3 and with 10 times the learning rate; SAM from weights moved by rho and by 5 rho along the
eigenvector of the Hessian's lowest eigenvalue, in the direction in which the loss falls. With L the training loss at a
branch's end, Student's 95 % intervals over seeds, and a margin of 10 % of the mean of L(SAM):

    a trap predicts     L(SAM) - L(moved by 5 rho) > 0    and    L(SAM) - L(3 times lr) < margin
    slowness predicts   L(SAM) - L(3 times lr) > 0        and    |L(SAM) - L(moved by 5 rho)| < margin

By the margin a gain below it counts as none. So the trap's prediction fails, and the claim with it, where moving by
5 rho gains less than the margin, or 3 times lr gains more than it (nets/branch_verdict.trap; written down when the
runs at reduced scale were there).

Two controls in which a saddle does hold SAM are put to the same test: a network that starts next to the saddle at
zero, and the toy neuron; and the first system with rho = 0.5, at which it learns nothing.
No torch here; saddlecheck.nets.mechanism runs it, saddlecheck.nets.branch_verdict judges.
"""

from __future__ import annotations

CONTROLS = ("zero", "neuron")  # a saddle holds them: the test speaks where it finds that
MARGIN = 0.1  # of the mean of L(SAM): differences below it count as none
BRANCHES: dict[str, tuple[str, float, float]] = {  # name -> rule, multiple of lr, displacement in rho
    "SGD": ("sgd", 1.0, 0.0),
    "SAM": ("sam", 1.0, 0.0),
    "SAM, 3 lr": ("sam", 3.0, 0.0),
    "SAM, 10 lr": ("sam", 10.0, 0.0),
    "SAM, moved by rho": ("sam", 1.0, 1.0),
    "SAM, moved by 5 rho": ("sam", 1.0, 5.0),
}
