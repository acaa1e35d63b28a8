"""Landscapes with known answers, as losses: the paper's own, and the standard test functions."""

from saddlecheck.theory.critical.loss import Loss

BEALE = Loss(
    "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
    name="Beale",
)
HYPERBOLIC = Loss("x**2 - y**2", name="hyperbolic paraboloid")
# One squared neuron w2 w1^2 on the input 1, with the labels -1 and 2 equally likely: the mean of the squared errors.
TOY_NEURON = Loss("((w2*w1**2 + 1)**2 + (w2*w1**2 - 2)**2)/2", name="toy neuron")
DOUBLE_WELL = Loss("(x**2 - 1)**2/4", name="double well")
FOUR_WELLS = Loss("(x**2 - 1)**2 + (y**2 - 1)**2", name="four wells")
HIMMELBLAU = Loss("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", name="Himmelblau")
ROSENBROCK = Loss("(1 - x)**2 + 100*(y - x**2)**2", name="Rosenbrock")
SIX_HUMP_CAMEL = Loss("(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (-4 + 4*y**2)*y**2", name="six-hump camel")
MONKEY_SADDLE = Loss("x**3 - 3*x*y**2", name="monkey saddle")

LANDSCAPES = {
    loss.name: loss
    for loss in (
        BEALE,
        HYPERBOLIC,
        TOY_NEURON,
        DOUBLE_WELL,
        FOUR_WELLS,
        HIMMELBLAU,
        ROSENBROCK,
        SIX_HUMP_CAMEL,
        MONKEY_SADDLE,
    )
}
