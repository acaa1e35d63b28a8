"""The paper's alphabet.

Every symbol is real and carries no sign: a sign is a condition of a claim (`given`), so that a proof that
needs it has to ask for it, and a reader sees that it did.
"""

from __future__ import annotations

from typing import Any

from sympy import Symbol

# One name for "a SymPy expression": the library ships no types, so this is documentation for the reader.
Expr = Any
Formula = Any


def real(name: str) -> Symbol:
    """A real symbol without a sign."""
    return Symbol(name, real=True)


lam = real("lambda")  # an eigenvalue of the Hessian at the critical point
mu = real("mu")  # |lambda| of a negative eigenvalue
rho = real("rho")  # SAM's radius: weight per gradient when constant, weight when normalised
eta = real("eta")  # learning rate: weight per gradient
B = real("B")  # batch size: samples
D = real("D")  # diffusion coefficient: weight^2 per unit of t
t = real("t")  # continuous time, t = n eta
n = Symbol("n", integer=True, nonnegative=True)  # number of steps
gamma = real("gamma")  # momentum
tau = real("tau")  # dampening of the momentum buffer
kappa = real("kappa")  # weight decay
phi = real("phi")  # friction of the Langevin equation: 1 per unit of t
M = real("M")  # its mass
h = real("h")  # its curvature (any sign)
a = real("a")  # drift rate: dw = -a w dt + ...
w = real("w")  # a weight, or its displacement from the critical point
w1, w2 = real("w1"), real("w2")  # the toy neuron's weights
x, y = real("x"), real("y")  # the plane's coordinates

# The order in which the paper writes the letters of a product, and how each is set. Others come after these.
ALPHABET = {
    "eta": r"\eta",
    "rho": r"\rho",
    "gamma": r"\gamma",
    "tau": r"\tau",
    "kappa": r"\kappa",
    "mu": r"\mu",
    "lambda": r"\lambda",
    "lambda_1": r"\lambda_{1}",
    "lambda_j": r"\lambda_{j}",
    "h": "h",
    "a": "a",
    "k": "k",
    "B": "B",
    "D": "D",
    "M": "M",
    "phi": r"\phi",
    "C_1": "C_{1}",
    "C_2": "C_{2}",
    "C_3": "C_{3}",
    "C_4": "C_{4}",
    "sigma": r"\sigma",
    "t": "t",
    "n": "n",
    "w1": "w_{1}",
    "w2": "w_{2}",
    "w": "w",
    "x": "x",
    "y": "y",
    "epsilon": r"\varepsilon",
}
